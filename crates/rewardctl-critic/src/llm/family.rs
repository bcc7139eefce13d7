//! Families of models: a critic may favour what its own relatives wrote (self-preference, arXiv 2404.13076).

/// Names that models start with, and who trains them.
const FAMILIES: [(&str, &str); 27] = [
    ("gpt", "openai"),
    ("chatgpt", "openai"),
    ("o1", "openai"),
    ("o3", "openai"),
    ("o4", "openai"),
    ("davinci", "openai"),
    ("claude", "anthropic"),
    ("gemini", "google"),
    ("gemma", "google"),
    ("palm", "google"),
    ("llama", "meta"),
    ("codellama", "meta"),
    ("mistral", "mistral"),
    ("mixtral", "mistral"),
    ("ministral", "mistral"),
    ("codestral", "mistral"),
    ("devstral", "mistral"),
    ("magistral", "mistral"),
    ("pixtral", "mistral"),
    ("qwen", "qwen"),
    ("qwq", "qwen"),
    ("deepseek", "deepseek"),
    ("phi", "microsoft"),
    ("wizardlm", "microsoft"),
    ("grok", "xai"),
    ("command", "cohere"),
    ("aya", "cohere"),
];

/// Returns the family of a model by its name: `openai/gpt-4o-mini` and `o3` are both `openai`.
///
/// Providers and folders before the last `/` are left out, and so is what precedes the model's name, as in
/// `meta-llama-3` or `us.anthropic.claude-3`. A model that nobody lists is its own family, by the first word of its
/// name, or the whole name where it has no letters.
pub fn family(model: &str) -> String {
    let name = model.rsplit('/').map(str::trim).find(|part| !part.is_empty()).unwrap_or("").to_lowercase();
    // A fine-tuned model carries the name of its base: `ft:gpt-4o:acme::1`.
    let name = name.strip_prefix("ft:").unwrap_or(&name);
    let words = || name.split(|c: char| !c.is_alphanumeric());
    let first = || words().map(letters).find(|letters| !letters.is_empty());
    words().find_map(listed).or_else(first).unwrap_or(name).into()
}

fn listed(word: &str) -> Option<&'static str> {
    let letters = letters(word);
    let is_it = |(start, _): &&(&str, &str)| match start.ends_with(|c: char| c.is_ascii_digit()) {
        true => word == *start,
        false => letters == *start,
    };
    FAMILIES.iter().find(is_it).map(|(_, family)| *family)
}

/// Returns the letters that a word starts with: `qwen` of `qwen2`.
fn letters(word: &str) -> &str {
    let end = word.find(|c: char| !c.is_alphabetic()).unwrap_or(word.len());
    &word[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(model: &str, expected: &str) {
        assert_eq!(family(model), expected, "{model}");
    }

    #[test]
    fn names_lead_to_families() {
        for (model, expected) in [
            ("gpt-4o-mini-2024-07-18", "openai"),
            ("openai/gpt-4o", "openai"),
            ("ft:gpt-4o-mini:acme::7p4lURel", "openai"),
            ("o3-mini", "openai"),
            ("chatgpt-4o-latest", "openai"),
            ("claude-3-5-sonnet-20241022", "anthropic"),
            ("us.anthropic.claude-3-haiku", "anthropic"),
            ("models/gemini-1.5-pro", "google"),
            ("gemma2:9b", "google"),
            ("meta-llama/Meta-Llama-3-8B-Instruct", "meta"),
            ("llama3.1:8b", "meta"),
            ("mistralai/Mixtral-8x7B", "mistral"),
            ("Qwen/Qwen2.5-7B-Instruct", "qwen"),
            ("qwen3", "qwen"),
            ("deepseek-chat", "deepseek"),
            ("phi3", "microsoft"),
            ("grok-2", "xai"),
            ("command-r-plus", "cohere"),
        ] {
            check(model, expected);
        }
    }

    #[test]
    fn a_model_that_nobody_lists_is_its_own_family() {
        check("mock", "mock");
        check("acme/Zephyr-7b-beta", "zephyr");
        check("o30-fast", "o");
        check("7/", "7");
        check("", "");
    }
}
