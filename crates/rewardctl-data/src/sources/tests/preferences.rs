use super::*;

#[test]
fn ultrafeedback_ratings_are_texts_and_may_be_missing() {
    let completion = |model: &str, text: &str, rating: &str| {
        json!({"model": model, "custom_system_prompt": "Help.", "response": text, "overall_score": 10.0,
               "annotations": {"helpfulness": {"Rating": rating, "Rationale": "Why."}}})
    };
    let row = json!({"source": "demo", "instruction": "Name a prime.", "models": ["m", "n"],
        "completions": [completion("m", "Seven.", "5"), completion("n", "Nine.", "N/A")]});
    check(
        std::slice::from_ref(&row),
        &[
            "user=Name a prime. -> Seven. (m) | Nine. (n)",
            "machine: 0 helpfulness=5 of 1..5",
            "left: a rating is `N/A` or missing",
        ],
    );
    let (_, items) = scored(&[std::slice::from_ref(&row)]);
    assert!(items[0].metadata.contains(r#""Rating":"N/A""#), "{}", items[0].metadata);
    is_called(row, "UltraFeedback (instruction, completions)");
}

#[test]
fn pairs_of_models_are_no_labels_of_people() {
    let turns =
        |text: &str| json!([{"role": "user", "content": "p"}, {"role": "assistant", "content": text}]);
    let row = |good: &str, scores: [f64; 2]| {
        json!({"prompt": "p", "prompt_id": "7", "chosen": turns(good), "rejected": turns("s"), "messages": turns(good),
               "score_chosen": scores[0], "score_rejected": scores[1]})
    };
    check(
        &[row("r", [8.0, 4.0]), row("r", [4.0, 4.0]), row("s", [4.0, 4.0])],
        &[
            "7: user=p -> r | s",
            "machine: 0 > 1",
            "7: user=p -> r | s",
            "machine: 0 = 1",
            "7: user=p -> s | s",
            "left: both responses are the same text",
        ],
    );
    check(
        &[
            json!({"prompt": "p", "chosen": turns("r"), "chosen_model": "m", "chosen_rating": 5.0, "rejected": turns("s"), "rejected_model": "n", "rejected_rating": 2.0}),
        ],
        &["user=p -> r (m) | s (n)", "machine: 0 > 1"],
    );
}

#[test]
fn chosen_and_rejected_are_a_preference_of_the_file() {
    check(
        &[
            json!({"chosen": "\n\nHuman: Name a prime.\n\nAssistant: Seven.", "rejected": "\n\nHuman: Name a prime.\n\nAssistant: "}),
        ],
        &["user=Name a prime. -> Seven. | ", "the file: 0 > 1"],
    );
    check(
        &[
            json!({"prompt": "p", "chosen": "r", "rejected": "s", "chosen_model": "m", "rejected_model": "n", "subset": "x", "id": 3}),
        ],
        &["3: user=p -> r (m) | s (n)", "the file: 0 > 1"],
    );
    check(
        &[json!({"prompt": "p", "chosen": ["r", "t"], "rejected": ["s"], "subset": "Ties", "id": "4"})],
        &["4: user=p -> r | t | s", "the file: 0 > 2", "the file: 1 > 2"],
    );
}

#[test]
fn hh_sides_that_part_before_the_last_turn_are_refused() {
    let start = "\n\nHuman: p\n\nAssistant: ";
    let row = json!({"chosen": format!("{start}x\n\nHuman: q\n\nAssistant: r"), "rejected": format!("{start}y\n\nHuman: q\n\nAssistant: s")});
    let told = said(&[&[row]], Told::default());
    assert_eq!(told.len(), 1);
    assert!(
        told[0]
            .starts_with("1.jsonl:1: field `rejected`: the two conversations differ before their last turn"),
        "{told:?}"
    );
}

#[test]
fn helpsteer2_neighbours_are_one_item() {
    let row = |prompt: &str, text: &str, helpful: u8| json!({"prompt": prompt, "response": text, "helpfulness": helpful, "correctness": null, "verbosity": 2});
    let rows = [row("p", "r", 4), row("p", "s", 0), row("q", "t", 3)];
    check(
        &rows,
        &[
            "user=p -> r | s",
            "the file: 0 helpfulness=4 of 0..4",
            "the file: 0 verbosity=2 of 0..4",
            "the file: 1 helpfulness=0 of 0..4",
            "the file: 1 verbosity=2 of 0..4",
            "user=q -> t",
            "the file: 0 helpfulness=3 of 0..4",
            "the file: 0 verbosity=2 of 0..4",
        ],
    );
    let (told, items) = scored(&[&rows]);
    assert_eq!(told, ["1.jsonl: JSONL, HelpSteer2 (prompt, response, helpfulness)"]);
    assert_eq!(
        items[0].metadata,
        r#"{"responses":[{"helpfulness":4,"correctness":null,"verbosity":2},{"helpfulness":0,"correctness":null,"verbosity":2}]}"#
    );
    assert_eq!(items[1].metadata, r#"{"helpfulness":3,"correctness":null,"verbosity":2}"#);
}

#[test]
fn a_negative_helpsteer_preference_is_for_the_first() {
    let row = |strength: i64| json!({"prompt": "p", "response_1": "r", "response_2": "s", "preference_strength": strength});
    let item = "user=p -> r | s";
    check(
        &[row(-3), row(1), row(0)],
        &[item, "the file: 0 > 1 by 1.00", item, "the file: 0 < 1 by 0.33", item, "the file: 0 = 1"],
    );
    let third = json!({"domain": "general", "language": "english", "context": [{"role": "user", "content": "p"}], "response1": "r", "response2": "s",
        "overall_preference": -2, "individual_preference": [{"score": -3, "reasoning": "Nine is not prime."}]});
    check(&[third], &[item, "the file: 0 > 1 by 0.67"]);
}

#[test]
fn webgpt_scores_lean_to_the_higher() {
    let row = |first: f64| json!({"question": {"dataset": "demo", "id": "1", "full_text": "p"}, "answer_0": "r", "answer_1": "s", "score_0": first, "score_1": -first});
    let item = "user=p -> r | s";
    check(
        &[row(1.0), row(-0.5), row(0.0)],
        &[item, "the file: 0 > 1 by 1.00", item, "the file: 0 < 1 by 0.50", item, "the file: 0 = 1"],
    );
}

#[test]
fn alpaca_eval_judges_are_machines() {
    let row = |preference: Value| json!({"instruction": "p", "output_1": "r", "generator_1": "base", "output_2": "s", "generator_2": "m", "preference": preference, "annotator": "j"});
    let item = "user=p -> r (base) | s (m)";
    check(
        &[row(json!(2.0)), row(json!(1.25)), row(json!(1.5)), row(Value::Null)],
        &[
            item,
            "machine: 0 < 1 by 1.00",
            item,
            "machine: 0 > 1 by 0.50",
            item,
            "machine: 0 = 1",
            item,
            "left: the judge gave no preference",
        ],
    );
    is_called(
        json!({"instruction": "p", "output": "r", "generator": "m", "dataset": "d"}),
        "prompt + response (instruction, output, generator)",
    );
}

#[test]
fn an_arena_vote_on_a_turn_is_about_that_turn() {
    let turn = |role: &str, text: &str| json!({"role": role, "content": text});
    let conversation = |first: &str, second: &str| {
        json!([turn("user", "p"), turn("assistant", first), turn("user", "q"), turn("assistant", second)])
    };
    let row = |at: u8, first: &str, winner: &str| {
        json!({"question_id": "q1", "model_a": "m", "model_b": "n", "winner": winner, "judge": "ana", "turn": at,
               "conversation_a": conversation("r", "t"), "conversation_b": conversation(first, "u")})
    };
    let told = said(
        &[&[row(1, "s", "model_a"), row(2, "r", "tie (bothbad)"), row(2, "s", "model_b")]],
        Told::default(),
    );
    assert_eq!(
        told[..4],
        [
            "q1: user=p -> r (m) | s (n)",
            "ana: 0 > 1",
            "q1: user=p assistant=r user=q -> t (m) | u (n)",
            "ana: 0 = 1"
        ]
    );
    assert!(told[4].contains("the two conversations differ before their last turn"), "{told:?}");
}

#[test]
fn arena_texts_may_be_lists_in_json() {
    let row = |prompts: &str, second: &str| {
        json!({"id": 30192, "model_a": "m", "model_b": "n", "prompt": prompts, "response_a": "[\"r\"]", "response_b": second,
               "winner_model_a": 0, "winner_model_b": 1, "winner_tie": 0})
    };
    let told = said(
        &[&[row("[\"p\"]", "[\"s\"]"), row("[\"p\",\"q\"]", "[\"s\"]"), row("[\"p\"]", "[null]")]],
        Told::default(),
    );
    assert_eq!(told[..2], ["30192: user=p -> r (m) | s (n)", "the file: 0 < 1"]);
    assert!(told[2].starts_with("1.jsonl:2: field `prompt`: the two conversations differ"), "{told:?}");
    assert!(told[3].starts_with("1.jsonl:3: field `response_b[0]`: missing"), "{told:?}");
}

#[test]
fn oasst_ranks_become_comparisons() {
    let reply = |id: &str, text: &str, rank: Value| json!({"message_id": id, "parent_id": "t", "role": "assistant", "text": text, "rank": rank, "replies": []});
    let mut gone = reply("d", "gone", json!(2));
    gone["deleted"] = json!(true);
    let tree = json!({"message_tree_id": "t", "tree_state": "ready_for_export", "prompt": {"message_id": "t", "parent_id": null, "role": "prompter", "text": "p",
        "replies": [reply("b", "Nine.", json!(1)), reply("a", "Seven.", json!(0)), reply("c", "Two.", Value::Null), gone]}});
    let expected = ["t: user=p -> Nine. | Seven. | Two.", "the file: 0 < 1", "left: an answer has no rank"];
    check(std::slice::from_ref(&tree), &expected);
    // The same messages as flat rows.
    let root = json!({"message_id": "t", "parent_id": null, "role": "prompter", "text": "p"});
    let mut rows = vec![root];
    rows.extend(tree["prompt"]["replies"].as_array().unwrap().iter().cloned());
    let mut expected = expected.to_vec();
    expected.push("left: a message was deleted or failed its review");
    check(&rows, &expected);
    let orphan = json!({"message_id": "y", "parent_id": "x", "role": "prompter", "text": "p"});
    let told = said(
        &[&[orphan, json!({"message_id": "z", "parent_id": "y", "role": "assistant", "text": "r"})]],
        Told::default(),
    );
    assert!(
        told[0].starts_with("1.jsonl:1: field `parent_id`: no file has the OpenAssistant message `x`"),
        "{told:?}"
    );
}

#[test]
fn prm800k_steps_are_items() {
    let step = |texts: [(&str, Value); 2], chosen: Value| {
        let completions: Vec<Value> = texts
            .iter()
            .map(|(text, rating)| json!({"text": text, "rating": rating, "flagged": null}))
            .collect();
        json!({"completions": completions, "chosen_completion": chosen, "human_completion": null})
    };
    check(
        &[
            json!({"labeler": "ana", "question": {"problem": "p", "ground_truth_answer": "4"}, "label": {"finish_reason": "solution", "steps": [
            step([("1", json!(1)), ("2", json!(0))], json!(0)), step([("3", json!(-1)), ("4", Value::Null)], Value::Null)]}}),
        ],
        &[
            "user=p -> 1 | 2",
            "ana: 0 step=1 of -1..1",
            "ana: 1 step=0 of -1..1",
            "user=p assistant=1 -> 3 | 4",
            "ana: 0 step=-1 of -1..1",
            "left: a step was flagged or not rated",
        ],
    );
}
