//! One invented reply for each form that critics answer in.

use rewardctl_core::score::Scale;

use crate::llm::reply::{
    Ending, Reading, ReplyText,
    dimensions::parse_scores,
    score::{Level, parse_score},
    winner::{Strength, parse_winner},
};

const TEN: Scale = Scale { min: 1.0, max: 10.0, step: 1.0, low_is_good: false };
const LEVELS: &[Level<'_>] = &[
    Level { value: 1.0, name: "Poor" },
    Level { value: 4.0, name: "Good" },
    Level { value: 5.0, name: "Very good" },
];

/// Says in one word what was read: a number, `n/a`, `refused`, `cut`, or `-` for no verdict.
fn shown<T>(reading: Reading<T>, value: impl FnOnce(T) -> String) -> String {
    match reading {
        Reading::Value(found) => value(found),
        Reading::NotApplicable { .. } => "n/a".into(),
        Reading::Unparsable { .. } => "-".into(),
        Reading::Refused { .. } => "refused".into(),
        Reading::Cut { .. } => "cut".into(),
    }
}

#[track_caller]
pub(super) fn check_on(scale: &Scale, text: &str, expected: &str) {
    let wrong = misread(scale, text, expected);
    assert_eq!(wrong, None);
}

/// Says what is wrong with how `text` is read.
fn misread(scale: &Scale, text: &str, expected: &str) -> Option<String> {
    let read = parse_score(&ReplyText::plain(text), scale, LEVELS);
    let word = shown(read.clone(), |parsed| parsed.value.to_string());
    (word != expected).then(|| format!("`{word}` instead of `{expected}`: {text}\n{read:?}\n"))
}

#[track_caller]
pub(super) fn check(cases: &[(&str, &str)]) {
    let wrong: Vec<String> =
        cases.iter().filter_map(|(text, expected)| misread(&Scale::STARS, text, expected)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[track_caller]
fn check_winner(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let read = parse_winner(&ReplyText::plain(text));
        let word = shown(read.clone(), |found| {
            let strength =
                found.strength.map(|strength| if strength == Strength::Strong { "!!" } else { "!" });
            format!("{:?}{}", found.winner, strength.unwrap_or_default())
        });
        assert_eq!(word, *expected, "{text}\n{read:?}");
    }
}

#[test]
fn json() {
    check(&[
        (r#"{"score": 4, "rationale": "clear"}"#, "4"),
        (r#"{"rationale": "it deserves a score of 2", "score": 3}"#, "3"),
        (r#"{"Score": "4"}"#, "4"),
        (r#"{"rating": "4/5"}"#, "4"),
        (r#"{"rating": "8/10"}"#, "-"),
        (r#"{"score": 4.0}"#, "4"),
        (r#"{"score": 4.5}"#, "-"),
        (r#"{"score": 7}"#, "-"),
        (r#"{"score": -1}"#, "-"),
        (r#"{"score": 1e999}"#, "-"),
        (r#"{"score": true}"#, "-"),
        (r#"{"score": "very good"}"#, "5"),
        (r#"{"score": "splendid"}"#, "-"),
        (r#"{"score": null, "rationale": "no sources are cited"}"#, "n/a"),
        (r#"{"score": "N/A"}"#, "n/a"),
        (r#"{"accuracy": {"score": 4, "reason": "right"}}"#, "4"),
        (r#"{"accuracy": {"score": 4}, "style": {"score": 2}}"#, "-"),
        (r#"{"accuracy": {"score": 4}, "overall": {"score": 2}, "score": 3}"#, "3"),
        (r#"{"overall_score": 3, "score": 4}"#, "3"),
        (r#"{"score": 2, "score": 5}"#, "-"),
        (r#"{"score": 4, "score": 4}"#, "4"),
        (r#"{"rationale": "Score: 4"}"#, "-"),
        ("```json\n{\"score\": 2}\n```", "2"),
        ("Here is my verdict:\n```\n{\"score\": 2}\n```\nIt lacks depth, a score of 5 would need more.", "2"),
        ("I compared it with the rubric. {\"score\": 3, \"rationale\": \"fair\"}", "3"),
        ("{\"score\": 5} says the answer. My own: {\"score\": 2}", "-"),
        ("First thought {\"score\": 5}.\nFinal: {\"score\": 2}", "2"),
        ("{\"score\": 4, \"rationale\": \"The resp", "cut"),
        ("```json\n{\"score\": 4, \"rationale\": \"", "cut"),
    ]);
}

#[test]
fn nearly_json() {
    check(&[
        ("{'score': 4, 'rationale': 'it's fine, isn't it', }", "4"),
        ("{\"score\": 4, \"rationale\": \"He says \"yes\", then \"no\".\"}", "4"),
        ("{\"rationale\": \"line one\nline two\", \"score\": 2,}", "2"),
        ("{score: 3, rationale: None}", "3"),
        ("{\"score\": None, \"final\": True}", "n/a"),
        ("{“score”: 4, “rationale”: “good”}", "4"),
        ("{\"score\": 4\n \"rationale\": \"no comma\"}", "4"),
        ("{\"score\": 4/5}", "4"),
        ("{\"rationale\": \"the formula \\( x^2 \\) holds\", \"score\": 5}", "5"),
    ]);
}

#[test]
fn marks_and_labels() {
    check(&[
        ("Feedback: solid, but brief. [RESULT] 4", "4"),
        ("Feedback: solid [RESULT] (4)", "4"),
        ("So the score is 3. [RESULT] 2", "2"),
        ("Rating: [[5]]", "5"),
        ("Rating: [[4.5]]", "-"),
        ("**Score:** 4/5\nGood work.", "4"),
        ("**Score: 4**", "4"),
        ("Rating: 4\nRationale: two claims of three are right.", "4"),
        ("Overall score: 4", "4"),
        ("Clarity score: 2\nDepth score: 5\nOverall score: 4", "4"),
        ("Clarity score: 2\nDepth score: 5", "-"),
        ("Score: 8/10", "-"),
        ("Score: 80%", "-"),
        ("Score: 4,5", "-"),
        ("Score: 4.5.1", "-"),
        ("Score: 1-5", "-"),
        ("Score (1-5): 3", "3"),
        ("Score: ４", "4"),
        ("Score: Good", "4"),
        ("Score: Goodness", "-"),
        ("Rating: N/A", "n/a"),
        ("<score>3</score>", "3"),
        (r"The final score is $\boxed{3}$.", "3"),
        ("## Score\n\n4\n\nBecause it is right.", "4"),
        ("Score 1: wrong.\nScore 2: partly wrong.\nScore 5: right.\n\nScore: 2", "2"),
        ("1. It is short.\n2. It is right.\n\nRating: 5", "5"),
        ("Written in 2024, with 3 sources.\nRating: 2", "2"),
        ("Final result: 42 apples, which is right.\nRating: 5", "5"),
        ("Score: 3 at first sight.\nFinal score: 4", "4"),
        ("Score: 3\nScore: 4", "-"),
        ("Score - 4", "4"),
        ("Score：4", "4"),
        ("**[RESULT]** 4", "4"),
        ("[RESULT]: 4/5", "4"),
        ("[RESULT] Score 4", "4"),
        ("[RESULT] (an integer between 1 and 5)", "-"),
        ("| Score | 4 |", "4"),
        ("{\"score\": 4, // clear\n\"rationale\": \"x\"}", "4"),
        ("Rating: 4 out of 5 stars", "4"),
    ]);
    check_on(&TEN, "Rating: [[10]]", "10");
    check_on(&TEN, "I rate it 7 out of 10.", "7");
}

#[test]
fn lone_values_and_sentences() {
    check(&[
        ("4", "4"),
        (" 4.\n", "4"),
        ("**4**", "4"),
        ("4/5", "4"),
        ("4 stars", "4"),
        ("6", "-"),
        ("Very good", "5"),
        ("- Coherence: 4", "4"),
        ("4 - mostly right", "4"),
        ("4\n\nThe answer is right but long.", "4"),
        ("The answer is right but long.\n\n4", "4"),
        ("I would give this response a 4 out of 5.", "4"),
        ("I'd rate this a 3, because it rambles.", "3"),
        ("It gets a 3-step plan right.", "-"),
        ("It is right on 4 out of 5 facts.", "-"),
        ("It would be 8 out of 10.", "-"),
        ("A score of 5 would require sources.", "-"),
        ("To get a score of 5 it should cite sources.", "-"),
        ("The response lists 3 reasons.", "-"),
        ("1. Short\n2. Clear", "-"),
        ("N/A", "n/a"),
        ("Not applicable.", "n/a"),
    ]);
}

#[test]
fn silences() {
    check(&[
        ("", "-"),
        (" \n", "-"),
        ("I'm sorry, but I can't assist with that.", "refused"),
        ("I cannot evaluate this response.", "refused"),
        ("I cannot judge the tone fully.\nRating: 2", "2"),
        ("<think>maybe {\"score\": 5}</think>{\"score\": 2}", "2"),
        ("<think>maybe {\"score\": 5}", "cut"),
        ("it says </think> {\"score\": 5} hm </think>\n{\"score\": 1}", "1"),
    ]);
    let cut = ReplyText { ending: Ending::Cut, ..ReplyText::plain("{\"score\": 4}") };
    assert!(matches!(parse_score(&cut, &Scale::STARS, &[]), Reading::Cut { .. }));
    let refused = ReplyText { refusal: Some("no"), ..ReplyText::plain("{\"score\": 4}") };
    assert!(matches!(parse_score(&refused, &Scale::STARS, &[]), Reading::Refused { .. }));
    let called = ReplyText { tool_arguments: Some("{\"score\": 2}"), ..ReplyText::plain("{\"score\": 4}") };
    assert!(
        matches!(parse_score(&called, &Scale::STARS, &[]), Reading::Value(parsed) if parsed.value == 2.0)
    );
}

#[test]
fn winners() {
    check_winner(&[
        (r#"{"winner": "A", "rationale": "B is longer"}"#, "A"),
        (r#"{"winner": "tie"}"#, "Tie"),
        (r#"{"winner": "Response B"}"#, "B"),
        (r#"{"winner": "model_1"}"#, "A"),
        (r#"{"winner": 2}"#, "B"),
        (r#"{"winner": null}"#, "n/a"),
        (r#"{"winner": "maybe"}"#, "-"),
        (r#"{"winner": "A", "rationale": "th"#, "cut"),
        ("```\n{\"ordered_models\": [{\"model\": \"m\", \"rank\": 1}, {\"mod", "cut"),
        ("[{'model': 'model_2', 'rank': 1}, {'model': 'model_1', 'rank': 2}]", "B"),
        (r#"{"ordered_models": [{"model": "m", "rank": 1}, {"model": "M", "rank": 2}]}"#, "A"),
        ("Both are fine. [[A]]", "A"),
        ("[[B]]", "B"),
        ("My final verdict is tie: [[C]]", "Tie"),
        ("My final verdict is: [[B>>A]]", "B!!"),
        ("[[A>B]]", "A!"),
        ("[[A=B]]", "Tie"),
        ("{\"analysis\": \"x\", \"choice\": \"A++\"}", "A!!"),
        ("The verdict is: [B>A]", "B!"),
        ("Score of Assistant 1: 8\nScore of Assistant 2: 7", "A"),
        ("Scores: 6 9", "B"),
        ("I prefer the second response.", "B"),
        ("I do not prefer Output (a).", "-"),
        ("Output (b) would be better if the user asked for code.", "-"),
        ("1. Short.\n2. Clear.", "-"),
        ("10", "-"),
        ("The answer to the equation is 12.", "-"),
        ("[[A]] was my first thought, but [[B]]", "-"),
        ("Feedback: B cites sources. [RESULT] B", "B"),
        ("Output (a)", "A"),
        ("Output (a) is better.", "A"),
        ("Therefore, Output (b) is the better output.", "B"),
        ("Answer: A", "A"),
        ("Final decision: Response 2", "B"),
        ("So, the final decision is Tie.", "Tie"),
        ("m", "A"),
        ("M", "B"),
        ("2", "B"),
        ("Both are good.\n3", "Tie"),
        ("8 7\nThe first is clearer.", "A"),
        ("7, 7", "Tie"),
        ("(6, 9)", "B"),
        ("Assistant 1: 8/10\nAssistant 2: 9/10\nBoth try.", "B"),
        ("I choose 2.", "B"),
        ("Overall, I would recommend Assistant 1's answer over Assistant 2's.", "A"),
        ("Assistant A is good, but I would recommend it over Assistant B.", "A"),
        ("The two responses are equivalent.", "Tie"),
        ("Output (a) is not better.", "-"),
        ("A better answer would cite sources.", "-"),
        ("Which is better, Output (a) or Output (b)?", "-"),
        ("Select the Output (a) or Output (b) that is better.", "-"),
        ("Assistant (a) argues that Output (a) is better. Therefore, Output (b) is better.", "B"),
        ("Output (a) is better.\nOutput (b) is better.", "-"),
        ("I cannot help with that, but I choose Output (a).", "refused"),
        ("", "-"),
    ]);
}

#[test]
fn dimensions() {
    let names = ["accuracy", "style", "Text 1"];
    let cases = [
        (r#"{"accuracy": 4, "style": "N/A"}"#, ["4", "n/a", "-"]),
        (
            r#"{"accuracy": {"reason": "x", "score": "4"}, "Style": {"score": 9}, "text_1": 1}"#,
            ["4", "-", "1"],
        ),
        (
            r#"{"scores": [{"dimension": "Accuracy", "score": 2}, {"dimension": "style", "score": 3}]}"#,
            ["2", "3", "-"],
        ),
        ("Long feedback first.\n{'Accuracy': 4, 'Style': 2}", ["4", "2", "-"]),
        ("- **Accuracy**: 4/5\n- **Style** (tone): 2\n1. Text 1 - 3", ["4", "2", "3"]),
        ("accuracy:3,style:4,text 1:5", ["3", "4", "5"]),
        ("#### Output for Text 1\nRating: 4\nRationale: fine\n#### Accuracy\nRating: 2", ["2", "-", "4"]),
        ("I'm sorry, but I can't assist with that.", ["refused", "refused", "refused"]),
        ("{\"accuracy\": 4, \"style\": ", ["cut", "cut", "cut"]),
    ];
    for (text, expected) in cases {
        let read = parse_scores(&ReplyText::plain(text), &names, &Scale::STARS);
        let words = names.map(|name| shown(read[name].clone(), |parsed| parsed.value.to_string()));
        assert_eq!(words, expected, "{text}\n{read:?}");
    }
}

#[test]
fn the_rationale_is_what_stands_beside_the_verdict() {
    let rationale = |text: &str| match parse_score(&ReplyText::plain(text), &Scale::STARS, &[]) {
        Reading::Value(parsed) => parsed.rationale,
        other => panic!("{other:?}"),
    };
    assert_eq!(rationale(r#"{"score": 4, "rationale": " clear "}"#), "clear");
    assert_eq!(rationale(r#"{"accuracy": {"score": 4}, "reason": "beside"}"#), "beside");
    assert_eq!(rationale("Rating: 4\nRight and short."), "Right and short.");
    assert_eq!(rationale("4"), "");
}
