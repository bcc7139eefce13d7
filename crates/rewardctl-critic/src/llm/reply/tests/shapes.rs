//! Further shapes that models answer in: tables, tags, thoughts, words for numbers, other languages. And what looks like
//! a score and is none.

use rewardctl_core::score::Scale;

use super::forms::{check, check_on};

const TEN: Scale = Scale { min: 1.0, max: 10.0, step: 1.0, low_is_good: false };
const HALVES: Scale = Scale { min: 1.0, max: 5.0, step: 0.5, low_is_good: false };

#[test]
fn thoughts_of_other_models_are_not_read() {
    check(&[
        ("<think>\nMaybe Score: 5?\n</think>\n\n{\"score\": 3}", "3"),
        ("<THINK>Score: 5</THINK>\nScore: 2", "2"),
        ("<thinking>Score: 5</thinking><answer>2</answer>", "2"),
        ("[THINK]Score: 5[/THINK]{\"score\": 2}", "2"),
        ("[THINK]Score: 5", "cut"),
        ("◁think▷Score: 5◁/think▷\n{\"score\": 2}", "2"),
        ("◁think▷Score: 5", "cut"),
        ("<seed:think>Score: 5</seed:think>{\"score\": 2}", "2"),
        (
            "<|channel|>analysis<|message|>Score: 5<|end|><|start|>assistant<|channel|>final<|message|>{\"score\": 2}",
            "2",
        ),
        ("<|channel|>analysis<|message|>Score: 5", "cut"),
        ("<scratchpad>Score: 5</scratchpad>\nScore: 2", "2"),
        ("<reflection>Score: 5</reflection>\nScore: 2", "2"),
        ("<score>2</score>\n<reasoning>A score of 5 would need sources.</reasoning>", "2"),
    ]);
}

#[test]
fn tags() {
    check(&[
        ("<evaluation><rationale>fine</rationale><score>4</score></evaluation>", "4"),
        ("<final_score>4</final_score>", "4"),
        ("<overall-rating> 4 / 5 </overall-rating>", "4"),
        ("<score value=\"4\"/>", "4"),
        ("<SCORE>4</SCORE>", "4"),
        ("<output>{\"score\": 4}</output>", "4"),
        ("<score>1-5</score>", "-"),
        ("<score></score>", "-"),
        ("<score>3</score>\n<score>4</score>", "-"),
    ]);
}

#[test]
fn tables() {
    check(&[
        ("| Criterion | Score |\n|---|---|\n| Accuracy | 4 |", "4"),
        ("| Criterion | Score | Why |\n|:--|:-:|---|\n| Accuracy | **4**/5 | right |", "4"),
        ("| Criterion | Score |\n|---|---|\n| Accuracy | 4 |\n| Style | 2 |", "-"),
        ("| Criterion | Score |\n|---|---|\n| Accuracy | 4 |\n| Style | 2 |\n| **Overall** | 3 |", "3"),
        ("| Score | Rationale |\n|---|---|\n| 4 | It is right. |", "4"),
        ("| Score | Meaning |\n|---|---|\n| 1 | wrong |\n| 5 | right |\n\nScore: 2", "2"),
        ("| Score | Meaning |\n|---|---|\n| 1 | wrong |\n| 5 | right |", "-"),
        ("| Rating | 4/5 |\n|---|---|\n| Why | right |", "4"),
        ("| Criterion | Score |\n|---|---|\n| Accuracy | 3-4 |", "-"),
    ]);
}

#[test]
fn numbers_in_words() {
    check(&[
        ("Score: four", "4"),
        ("Rating: Four out of five", "4"),
        ("{\"score\": \"four\"}", "4"),
        ("{\"score\": \"Four out of five\"}", "4"),
        ("I would give it a four.", "4"),
        ("four", "4"),
        ("I give it four stars.", "4"),
        ("Score: fourteen", "-"),
        ("Score: four point five", "-"),
        ("Score: three and a half", "-"),
        ("Score: three or four", "-"),
        ("Score: three to four", "-"),
        ("Score: between three and four", "-"),
        ("It names four reasons.", "-"),
        ("One reason is that it is short.", "-"),
        ("Score: seven", "-"),
        ("Score: one of the best answers", "-"),
        ("Score: Two facts are wrong.", "-"),
    ]);
    check_on(&TEN, "Score: ten", "10");
    check_on(&TEN, "Rating: seven out of ten", "7");
    check_on(&TEN, "Rating: four out of five", "-");
}

#[test]
fn sentences_and_stars() {
    check(&[
        ("I rate this response 4.", "4"),
        ("I'd rate it **4**, since it is right.", "4"),
        ("I give it 4/5.", "4"),
        ("Overall, I'd say this is a solid 4/5.", "4"),
        ("4/5 - mostly right", "4"),
        ("**4/5** — mostly right", "4"),
        ("Score 4/5", "4"),
        ("Score (out of 5): 4", "4"),
        ("Score [1-5]: 4", "4"),
        ("score = 4", "4"),
        ("score: 4\nrationale: fine", "4"),
        ("score:\n  4\nrationale: fine", "4"),
        ("Final Answer: 4", "4"),
        ("**Final Score**\n\n**4**", "4"),
        ("The score I would assign is 4.", "4"),
        ("Rating: ★★★★☆", "4"),
        ("Rating: ⭐⭐⭐⭐", "4"),
        ("⭐⭐⭐", "3"),
        ("Rating: ⭐⭐⭐⭐ (4/5)", "4"),
        ("★★★☆", "-"),
        ("⭐ It is right.\n⭐ It is short.", "-"),
        ("评分：4", "4"),
        ("最终得分: 4/5", "4"),
        ("Bewertung: 4", "4"),
        ("Puntuación: 4", "4"),
        ("スコア：4", "4"),
        ("Оценка: 4", "4"),
    ]);
    check_on(&TEN, "★★★★☆", "-");
    check_on(&TEN, "8/10", "8");
    check_on(&TEN, "Rating: [[7]]", "7");
    check_on(&TEN, "Rating: [[7]]/10", "7");
    check_on(&HALVES, "Score: 3.5", "3.5");
    check_on(&HALVES, "Score: 3½", "-");
}

#[test]
fn nearly_json_with_comments() {
    check(&[
        ("{\"score\": 4, // clear\n\"rationale\": \"x\"}", "4"),
        ("{\n  // the score\n  \"score\": 4 /* of 5 */,\n  \"rationale\": \"x\"\n}", "4"),
        ("{\"score\": 4 // out of 5\n}", "4"),
        ("{\"score\": 4, # clear\n\"rationale\": \"x\"}", "4"),
        ("{'score': 4, 'rationale': 'x',}", "4"),
        ("{\n// \"score\": 5,\n\"score\": 2}", "2"),
        ("{\"score\": 2 /* \"score\": 5 */}", "2"),
        ("{\"rationale\": \"see https://x.org // twice\", \"score\": 2}", "2"),
        (
            "The form is {\"score\": <1-5>, \"rationale\": \"<why>\"}.\n{\"score\": 4, \"rationale\": \"fine\"}",
            "4",
        ),
        ("{\"score\": 4}\n\nAgain: {\"score\": 4}", "4"),
        ("{\"score\": 4}\n\nAgain: {\"score\": 3}", "-"),
        ("{\"score\": [4]}", "-"),
        ("[{\"score\": 4, \"rationale\": \"x\"}]", "4"),
        ("{\"score\": \"4 (good)\"}", "4"),
        ("{\"score\": \"4 - good\"}", "4"),
        ("{\"score\": \"3-4\"}", "-"),
        ("{\"score\": \"3 or 4\"}", "-"),
        ("{\"score\": {\"value\": 4}}", "4"),
        ("json\n{\"score\": 4}", "4"),
        ("```json\n{\"score\": 4\n}", "4"),
        ("{{\"score\": 4}}", "4"),
        ("\"{\\\"score\\\": 4, \\\"rationale\\\": \\\"x\\\"}\"", "4"),
        ("{\"score\": 4} {\"score\": 4, \"rat", "cut"),
    ]);
}

#[test]
fn no_score_is_made_of_a_range_a_doubt_or_a_denial() {
    check(&[
        ("Score: between 3 and 4", "-"),
        ("I would give it between a 3 and a 4.", "-"),
        ("Somewhere between 3 and 4.", "-"),
        ("Score: 3 to 4", "-"),
        ("Score: 3–4", "-"),
        ("Score: 3~4", "-"),
        ("Score: 3 or 4", "-"),
        ("Score: 3 or higher", "-"),
        ("Score: 3+", "-"),
        ("Score: 3 and up", "-"),
        ("Score: 3, maybe 4", "-"),
        ("Score: 3 (or 4)", "-"),
        ("Score: 3/4", "-"),
        ("Score: at least 4", "-"),
        ("Score: less than 3", "-"),
        ("Score: > 3", "-"),
        ("Score: >3", "-"),
        ("Score: <3", "-"),
        ("Score: ≥ 3", "-"),
        ("Score: 3 and a half", "-"),
        ("Score: 3½", "-"),
        ("Score: not a 5", "-"),
        ("This is not a 5.", "-"),
        ("This is not 5/5.", "-"),
        ("I would not call it 5/5.", "-"),
        ("It falls short of 5/5.", "-"),
        ("It is no 5/5.", "-"),
        ("It could have been a 5/5.", "-"),
        ("Not a 5", "-"),
        ("I cannot give it a 5.", "-"),
        ("I would have given it a 5 with sources.", "-"),
        ("I was going to give it a 5, but it has errors.", "-"),
        ("I hesitate to give it a 4.", "-"),
        ("Anything but a 5.", "-"),
        ("Does it deserve a 5?", "-"),
        ("Should I give it a 4?", "-"),
        ("Score: 5?", "-"),
        ("The user asks for a score of 5.", "-"),
        ("The response claims a score of 5.", "-"),
        ("The response says \"Score: 5\".", "-"),
        ("It gives 4 examples.", "-"),
        ("I give it 4 reasons to fail.", "-"),
        ("Score: Poor (4)", "-"),
        ("Score: 4 (Poor)", "-"),
        ("4 of 5 claims are right.", "-"),
        ("Page 4/5", "-"),
        ("4/5 claims are right.", "-"),
        ("Score: 4e1", "-"),
        ("Score: 4 000", "-"),
        ("Score: 0x4", "-"),
        ("Score: #4", "4"),
        ("Score: 4th", "-"),
        ("Score: -4", "-"),
    ]);
}
