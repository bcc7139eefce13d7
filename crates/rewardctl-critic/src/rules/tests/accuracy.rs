use super::Expected::{Abstain, Score};
use super::*;

fn against(critic: &str, reference: &str, response: &str, expected: Expected) {
    check(critic, Case { prompt: "Well?", reference, response, ..Case::default() }, expected);
}

#[test]
fn without_a_reference_there_is_nothing_to_compare() {
    for critic in ["rule.exact_match", "rule.number_match", "rule.token_f1", "rule.rouge_l", "rule.grounding"]
    {
        check_response(critic, "Paris", Abstain);
        against(critic, "  ", "Paris", Abstain);
    }
}

#[test]
fn a_short_reference_is_met_as_an_answer() {
    let exact = |reference, response, expected| against("rule.exact_match", reference, response, expected);
    exact("Paris", "paris.", Score(1.0));
    exact("Paris", "The capital of France is **Paris**.", Score(1.0));
    exact("Paris", "Paris. It lies on the Seine.", Score(1.0));
    exact("42", "6 × 7:\n\n#### 42", Score(1.0));
    exact("3.5", "The answer is 35.", Score(0.0));
    exact("1,000", "It is 1000.", Score(1.0));
    exact("x = 2", "Thus $\\boxed{x = 2}$ holds.", Score(1.0));
    exact("Paris", "It is not Paris.", Abstain);
    exact("Paris", "Lyon.", Score(0.0));
    exact("one two three four five six seven eight nine", "one", Abstain);
}

#[test]
fn numbers_match_by_value_and_unit() {
    let numbers = |reference, response, expected| against("rule.number_match", reference, response, expected);
    numbers("1,234.5", "It is 1234.5 in all.", Score(1.0));
    numbers("2.5M", "About 2,500,000 people", Score(1.0));
    numbers("20 %", "A fifth, so 20%.", Score(1.0));
    numbers("0.2", "That is 20 %.", Score(1.0));
    numbers("3/4", "0.75", Score(1.0));
    numbers("5 km", "It is 5000 m away.", Score(1.0));
    numbers("5 km", "It is 5 miles away.", Score(0.0));
    numbers("24 km/h", "18 / 0.75 is 24, so 24 m/s.", Score(0.0));
    numbers("$5", "It costs €5.", Score(0.0));
    numbers("37 °C", "98.6 °F", Score(1.0));
    numbers("3.14159", "about 3.14", Score(1.0));
    numbers("3", "There are three.", Score(1.0));
    numbers("02:25", "It arrives at 02:15, 25 minutes late.", Score(0.0));
    numbers("8 minutes and 20 seconds", "8 min, 30 s", Score(0.5));
    numbers("Paris", "5", Abstain);
}

#[test]
fn overlap_is_not_measured_across_lengths() {
    against("rule.token_f1", "42", "The answer to it all is 42.", Abstain);
    against("rule.token_f1", "", "", Abstain);
    against("rule.rouge_l", "the cat sat", "a cat sat", Score(0.67));
}

#[test]
fn json_is_checked_where_it_is_asked_for() {
    let json = |response, expected| {
        check("rule.json_valid", Case { prompt: "Answer in JSON.", response, ..Case::default() }, expected);
    };
    json("{\"a\": [1, 2]}", Score(1.0));
    json("Here:\n```json\n{\"a\": 1}\n```", Score(1.0));
    json("{'a': 1}", Score(0.0));
    json("{\"a\": 1} and more", Score(0.0));
    check_response("rule.json_valid", "{'a': 1}", Abstain);
    let mut settings = RuleSettings::default();
    settings.json_valid.required = true;
    check_with(&settings, "rule.json_valid", Case { response: "no", ..Case::default() }, Score(0.0));
}

#[test]
fn code_blocks_are_checked_as_far_as_it_goes() {
    check_response("rule.code_parses", "```json\n{\"a\": 1}\n```\n```python\nprint((1)\n```", Score(0.5));
    check_response("rule.code_parses", "```\nplain {\n```", Abstain);
    check_response("rule.code_parses", "No code.", Abstain);
}

#[test]
fn grounding_finds_words_and_numbers() {
    let document = "The library opens on Sundays from 1 September, which costs 38,000 euros a year.";
    let grounded = |response| Case { prompt: "When?", document, response, ..Case::default() };
    check(
        "rule.grounding",
        grounded("The library opens Sunday, from September, which costs 38,000 euros."),
        Score(1.0),
    );
    check("rule.grounding", grounded("Museums close Mondays, in October, saving 12 dollars."), Score(0.0));
    check("rule.grounding", grounded("Yes."), Abstain);
}
