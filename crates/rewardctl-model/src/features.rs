//! Surface features of a response: what the text heads see beside the embeddings.
//!
//! They say how a response is written (lists, refusals, repetition), which an embedding of its topic hardly does.
//! Every feature is a plain count or share, of the same text the same on every machine.

use std::collections::HashSet;

/// Names the features below; heads fitted on other features refuse to run.
pub const FEATURE_VERSION: u32 = 1;
/// The number of surface features.
pub const SURFACE: usize = 29;
/// What the features are, in their order.
pub const SURFACE_NAMES: [&str; SURFACE] = [
    "words",
    "paragraphs",
    "word length",
    "list items",
    "bold",
    "headers",
    "code",
    "exclamation marks",
    "question marks",
    "digits",
    "response words in prompt",
    "prompt words in response",
    "refusal at start",
    "refusal",
    "repeated trigrams",
    "distinct words",
    "capitals",
    "beyond ASCII",
    "finished",
    "hedges",
    "caution",
    "violence and insults",
    "first person",
    "second person",
    "links",
    "quotes",
    "colons",
    "repeats prompt",
    "nearly empty",
];

/// How many bytes of a response may hold a refusal that counts as its start.
const START: usize = 200;
/// How many bytes of the prompt a response must repeat to count as an echo.
const ECHO: usize = 60;
/// A response of fewer words is nearly empty.
const FEW_WORDS: usize = 3;

/// Returns the surface features of `response` to `prompt`; all are finite.
pub fn surface(prompt: &str, response: &str) -> [f32; SURFACE] {
    let (low_prompt, low) = (plain(prompt), plain(response));
    let (asked, words) = (words(&low_prompt), words(&low));
    let share = |list: &[&str]| ratio(words.iter().filter(|word| list.contains(word)).count(), words.len());
    let count = |of: char| log(response.matches(of).count());
    let [of_response, of_prompt] = overlap(&asked, &words);
    let characters = response.chars().count();
    let character_share =
        |is: fn(char) -> bool| ratio(response.chars().filter(|c| is(*c)).count(), characters);
    let start = &low[..low.floor_char_boundary(START)];
    let features = [
        log(words.len()),
        log(response.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()).count()),
        ratio(words.iter().map(|word| word.len()).sum(), words.len()) / 10.0,
        log(response.lines().filter(|line| is_list_item(line)).count()),
        log(response.matches("**").count() / 2),
        log(response.lines().filter(|line| is_header(line)).count()),
        flag(response.contains("```")),
        count('!'),
        count('?'),
        character_share(|c| c.is_ascii_digit()),
        of_response,
        of_prompt,
        flag(REFUSALS.iter().any(|refusal| start.contains(refusal))),
        flag(REFUSALS.iter().any(|refusal| low.contains(refusal))),
        repeated_trigrams(&words),
        ratio(words.iter().collect::<HashSet<_>>().len(), words.len()),
        character_share(char::is_uppercase),
        character_share(|c| !c.is_ascii()),
        flag(response.trim_end().ends_with(ENDINGS)),
        share(HEDGES),
        share(CAUTION),
        share(VIOLENCE),
        share(FIRST_PERSON),
        share(SECOND_PERSON),
        flag(low.contains("http") || low.contains("www.")),
        count('"'),
        count(':'),
        flag(repeats(&low_prompt, &low)),
        flag(words.len() < FEW_WORDS),
    ];
    features.map(|feature| feature as f32)
}

/// Returns the number of words of `text`, as the heads' features count them.
pub fn word_count(text: &str) -> usize {
    words(&plain(text)).len()
}

fn plain(text: &str) -> String {
    text.to_lowercase().replace('’', "'")
}

fn words(text: &str) -> Vec<&str> {
    let pieces = text.split(|c: char| !c.is_alphanumeric() && c != '\'');
    pieces.map(|piece| piece.trim_matches('\'')).filter(|piece| !piece.is_empty()).collect()
}

fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

fn log(count: usize) -> f64 {
    (count as f64).ln_1p()
}

fn flag(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

fn overlap(asked: &[&str], answered: &[&str]) -> [f64; 2] {
    let content = |words: &[&str]| -> HashSet<String> {
        words.iter().filter(|word| !STOP_WORDS.contains(word)).map(|word| word.to_string()).collect()
    };
    let (asked, answered) = (content(asked), content(answered));
    let common = asked.intersection(&answered).count();
    [ratio(common, answered.len()), ratio(common, asked.len())]
}

fn repeated_trigrams(words: &[&str]) -> f64 {
    let distinct: HashSet<&[&str]> = words.windows(3).collect();
    let all = words.len().saturating_sub(2);
    ratio(all - distinct.len(), all)
}

fn is_list_item(line: &str) -> bool {
    let line = line.trim_start();
    let after_number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_numbered = after_number.len() < line.len() && after_number.starts_with(['.', ')']);
    let marked = if is_numbered { after_number } else { line };
    let rest = marked.strip_prefix(['-', '*', '•', '+', '.', ')']);
    let is_marked = is_numbered || line.starts_with(['-', '*', '•', '+']);
    is_marked && rest.is_some_and(|rest| rest.starts_with(' ') && !rest.trim().is_empty())
}

fn is_header(line: &str) -> bool {
    let rest = line.trim_start_matches('#');
    (1..=6).contains(&(line.len() - rest.len())) && rest.starts_with(' ')
}

fn repeats(prompt: &str, response: &str) -> bool {
    let prompt = prompt.trim();
    let opening = &prompt[..prompt.floor_char_boundary(ECHO)];
    !opening.is_empty() && response.contains(opening)
}

const ENDINGS: [char; 12] = ['.', '!', '?', '"', '\'', ')', '`', ':', ';', '»', '”', '。'];

const REFUSALS: [&str; 38] = [
    "i can't",
    "i cannot",
    "i can not",
    "i'm sorry",
    "i am sorry",
    "i'm not able",
    "i am not able",
    "i'm unable",
    "i am unable",
    "i won't",
    "i will not",
    "i don't think i can",
    "i don't think it's appropriate",
    "i shouldn't",
    "i should not",
    "i'm afraid",
    "i must clarify",
    "as an ai",
    "i am an ai",
    "i'm just an ai",
    "as a language model",
    "as a responsible",
    "do not condone",
    "don't condone",
    "not appropriate",
    "not accurate or",
    "i do not have personal",
    "i apologize",
    "not comfortable",
    "cannot provide",
    "can't provide",
    "cannot fulfill",
    "can't help",
    "cannot assist",
    "can't assist",
    "illegal and unethical",
    "is illegal",
    "against the law",
];

const HEDGES: &[&str] = &[
    "maybe",
    "perhaps",
    "might",
    "may",
    "could",
    "possibly",
    "probably",
    "likely",
    "seems",
    "generally",
    "usually",
    "sure",
    "think",
    "guess",
];

const CAUTION: &[&str] = &[
    "however",
    "important",
    "illegal",
    "dangerous",
    "harmful",
    "unethical",
    "risk",
    "risks",
    "safe",
    "safety",
    "consult",
    "professional",
    "respect",
    "respectful",
    "careful",
    "legal",
    "law",
    "consequences",
    "advice",
    "support",
];

const VIOLENCE: &[&str] = &[
    "kill", "killing", "killed", "hurt", "hit", "punch", "stab", "shoot", "poison", "bomb", "gun", "knife",
    "steal", "stealing", "rob", "hate", "stupid", "idiot", "dumb", "ugly", "fat", "fuck", "fucking", "shit",
    "ass", "bitch", "damn", "crap", "hell", "drug", "drugs", "revenge", "bully", "weapon", "weapons",
];

const FIRST_PERSON: &[&str] = &["i", "i'm", "my", "me", "i'd", "i've", "i'll"];

const SECOND_PERSON: &[&str] = &["you", "your", "you're"];

const STOP_WORDS: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "can", "could", "did", "do", "does", "for",
    "from", "had", "has", "have", "he", "her", "his", "how", "i", "if", "in", "into", "is", "it", "its",
    "me", "my", "no", "not", "of", "on", "or", "our", "she", "so", "some", "than", "that", "the", "their",
    "them", "then", "there", "these", "they", "this", "to", "too", "up", "us", "was", "we", "were", "what",
    "when", "where", "which", "who", "why", "will", "with", "would", "you", "your",
];

#[cfg(test)]
mod tests;
