use super::Expected::{Abstain, Score};
use super::*;

fn length(prompt: &str, response: &str, expected: Expected) {
    check("rule.length", Case { prompt, response, ..Case::default() }, expected);
}

#[test]
fn length_is_what_the_prompt_asks_for() {
    length("Explain tides in one sentence.", "The moon pulls the sea.", Score(1.0));
    length("Explain tides in one sentence.", "The moon pulls. The sea follows.", Score(0.52));
    length("Answer in at most 5 words.", "One two three four five six seven eight nine ten.", Score(0.23));
    length("Give me three bullet points.", "- a\n- b\n- c", Score(1.0));
    length("Give me three bullet points.", "- a", Score(0.15));
    length("Write at least 100 words.", &"word ".repeat(120), Score(1.0));
}

#[test]
fn length_without_a_wish_is_broad() {
    length("Is it raining?", "Yes.", Score(1.0));
    length("Is it raining?", &"drop ".repeat(300), Score(1.0));
    length("Is it raining?", &"drop ".repeat(3000), Score(0.02));
    let reference = "Water boils at a lower temperature because the pressure is lower up there.";
    let case = Case { prompt: "Why?", reference, response: &"air ".repeat(300), ..Case::default() };
    check("rule.length", case, Score(0.18));
}

#[test]
fn length_keeps_to_what_it_can_count() {
    length("Answer in at most 5 words.", "東京は日本の首都です。大きい町です。", Abstain);
    length("Answer in one sentence.", "東京は日本の首都です。", Score(1.0));
    length("Show me.", "```\nls\n```", Abstain);
}

#[test]
fn settings_bound_the_length_too() {
    let mut settings = RuleSettings::default();
    settings.length.max_words = Some(2);
    let case = Case { prompt: "Hi", response: "Hello there, friend.", ..Case::default() };
    check_with(&settings, "rule.length", case, Score(0.72));
}

#[test]
fn repetition_goes_in_circles() {
    check_response("rule.repetition", &"I do not know what to say. ".repeat(9), Score(0.0));
    check_response("rule.repetition", &"b".repeat(60), Score(0.0));
    check_response(
        "rule.repetition",
        "Tides follow the moon, which pulls at the water on its side of the earth.",
        Score(1.0),
    );
    check_response("rule.repetition", "Yes, yes.", Abstain);
    let song = Case { prompt: "Write a song.", response: &"La la la la. ".repeat(9), ..Case::default() };
    check("rule.repetition", song, Abstain);
    let table = format!(
        "{} and then some more words that are all of them different",
        "| a b c | d e f |\n".repeat(20)
    );
    check_response("rule.repetition", &table, Abstain);
}

#[test]
fn readability_is_lix() {
    let plain = "The moon pulls at the sea. So the water rises on that side. ".repeat(4);
    check_response("rule.readability", &plain, Score(1.0));
    let dense = format!(
        "{}.",
        "Institutional considerations notwithstanding, multidimensional organisational ".repeat(12)
    );
    check_response("rule.readability", &dense, Score(0.0));
    check_response("rule.readability", "Too short.", Abstain);
    check_response("rule.readability", &"海は月に引かれる。".repeat(20), Abstain);
    check_response("rule.readability", &"مد وجزر البحر بسبب القمر ".repeat(20), Abstain);
}

#[test]
fn formatting_counts_decoration() {
    check_response("rule.formatting", "Tides follow the moon. **Twice** a day.", Score(1.0));
    check_response(
        "rule.formatting",
        "# 🌊 **Tides** 🌊\n\n## 🌙 **Moon** 🌙\n- **Pull** 🚀\n- **Sea** 🎉",
        Score(0.26),
    );
    check_response("rule.formatting", "Look:\n```\nls", Score(0.5));
    let list = Case { prompt: "List ten colours.", response: &"- **red**\n".repeat(30), ..Case::default() };
    check("rule.formatting", list, Score(1.0));
}

#[test]
fn shouting_is_more_than_an_acronym() {
    check_response(
        "rule.shouting",
        "NASA, CERN, ESA and the EU use SQL and `SELECT`; see MAX_LENGTH and #FFFFFF.",
        Score(1.0),
    );
    check_response("rule.shouting", "YOU MUST NEVER DO THIS!!! Really???", Score(0.0));
    check_response(
        "rule.shouting",
        "Never, under any circumstances at all, open it, because it is DANGEROUS and hot.",
        Score(0.71),
    );
    check_response("rule.shouting", "東京は日本の首都です。", Abstain);
    let named =
        Case { prompt: "What is UNICODE?", response: "UNICODE is a standard for text.", ..Case::default() };
    check("rule.shouting", named, Score(1.0));
}

#[test]
fn hedging_counts_phrases() {
    check_response("rule.hedging", "The moon pulls the sea.", Score(1.0));
    check_response(
        "rule.hedging",
        "As an AI language model, I think it depends. I hope this helps!",
        Score(0.17),
    );
    check_response("rule.hedging", "🎉", Abstain);
}

#[test]
fn civility_is_for_the_reader() {
    check_response("rule.civility", "That is a good start.", Score(1.0));
    check_response("rule.civility", "You’re stupid.", Score(0.3));
    check_response("rule.civility", "Shut up, you idiot! Your stupid question again.", Score(0.0));
    let quoted = Case { prompt: "Translate: you idiot", response: "Du Idiot: you idiot", ..Case::default() };
    check("rule.civility", quoted, Score(1.0));
}
