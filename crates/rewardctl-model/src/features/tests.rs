use proptest::prelude::*;

use super::*;

fn check(prompt: &str, response: &str, expected: &str) {
    let found = surface(prompt, response);
    let named = SURFACE_NAMES.iter().zip(found).filter(|(_, value)| *value != 0.0);
    let text: Vec<String> = named.map(|(name, value)| format!("{name} {value:.3}")).collect();
    assert_eq!(text.join(", "), expected);
}

#[test]
fn what_is_counted() {
    check("Why?", "", "nearly empty 1.000");
    check(
        "How can I kill a Python process?",
        "I’m sorry, but I can't help with that.",
        "words 2.197, paragraphs 0.693, word length 0.363, refusal at start 1.000, refusal 1.000, distinct words \
         1.000, capitals 0.053, beyond ASCII 0.026, finished 1.000, first person 0.250",
    );
    check(
        "Name three colours",
        "# Colours\n\n1. **Red**!\n2. Blue\n- Green",
        "words 1.946, paragraphs 1.099, word length 0.350, list items 1.386, bold 0.693, headers 0.693, exclamation marks 0.693, digits 0.053, response words in prompt 0.167, prompt words in response 0.333, distinct words 1.000, capitals 0.105",
    );
    check(
        "x",
        "the cat sat the cat sat the cat",
        "words 2.197, paragraphs 0.693, word length 0.300, repeated trigrams 0.500, distinct words 0.375",
    );
    check(
        "Tell me about the moon",
        "Tell me about the moon: see https://moon.example \"now\"",
        "words 2.398, paragraphs 0.693, word length 0.400, response words in prompt 0.429, prompt words in response 1.000, distinct words 0.900, capitals 0.019, finished 1.000, first person 0.100, links 1.000, quotes 1.099, colons 1.099, repeats prompt 1.000",
    );
}

#[test]
fn list_items_and_headers() {
    for line in ["- a", "* a", "  • a", "1. a", "12) a"] {
        assert!(is_list_item(line), "{line}");
    }
    for line in ["-a", "1.5 a", "a - b", "- ", "1 a", "*a*", ""] {
        assert!(!is_list_item(line), "{line}");
    }
    assert!(is_header("## a") && !is_header("#a") && !is_header("####### a"));
}

proptest! {
    #[test]
    fn any_text_has_finite_features(prompt in ".{0,200}", response in any::<String>()) {
        let found = surface(&prompt, &response);
        prop_assert!(found.iter().all(|value| value.is_finite() && *value >= 0.0), "{found:?}");
        prop_assert_eq!(found, surface(&prompt, &response));
    }

    #[test]
    fn shares_are_shares(prompt in "[a-c ]{0,40}", response in "[a-c !]{0,40}") {
        let found = surface(&prompt, &response);
        for at in [9, 10, 11, 14, 15, 16] {
            prop_assert!((0.0..=1.0).contains(&found[at]), "{}: {}", SURFACE_NAMES[at], found[at]);
        }
    }
}
