//! MT-bench: questions, answers and judgments, each in a file of its own.

use rewardctl_core::item::Message;
use rewardctl_core::label::Winner;
use serde_json::{Map, Value};

use crate::chat::content;
use crate::json::Fields;
use crate::row_error::Fault;
use crate::sources::companions::{Companions, name};
use crate::sources::field::{
    as_object, assistant, has, inside, list, missing, plain, required_number, response, text, unfit,
};
use crate::sources::found::{one, several};
use crate::sources::said::{comparison, opinion, rating, scale};
use crate::sources::{Aid, By, Family, Found, RowsMean, Yields};

const QUESTION: &str = "MT-bench question";
const ANSWER: &str = "MT-bench answer";
const UNPARSED: f64 = -1.0;

pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "mt-bench-answers",
        title: "MT-bench answers",
        fields: &["question_id", "choices"],
        signature: |row| {
            has(row, &["question_id", "model_id"])
                && row
                    .get("choices")
                    .and_then(|list| list.get(0))
                    .is_some_and(|first| first.get("turns").is_some())
        },
        read: answers,
        yields: Yields::Items,
        rows: RowsMean::Alone,
        lookup: Some(|row| {
            let ids = plain(row, "question_id").zip(plain(row, "model_id"));
            ids.map(|(id, model)| name(ANSWER, &format!("{id} of {model}"))).into_iter().collect()
        }),
    },
    Family {
        name: "mt-bench-questions",
        title: "MT-bench questions",
        fields: &["question_id", "turns"],
        signature: |row| has(row, &["question_id", "turns"]) && !row.contains_key("choices"),
        read: |_, _| Ok(vec![]),
        yields: Yields::Nothing("name the file of answers beside the questions"),
        rows: RowsMean::Alone,
        lookup: Some(|row| plain(row, "question_id").map(|id| name(QUESTION, &id)).into_iter().collect()),
    },
    Family {
        name: "mt-bench-scores",
        title: "MT-bench judgments",
        fields: &["question_id", "model", "score"],
        signature: |row| has(row, &["question_id", "model", "judge", "score", "turn"]),
        read: score,
        yields: Yields::Labels,
        rows: RowsMean::Alone,
        lookup: None,
    },
    Family {
        name: "mt-bench-pairs",
        title: "MT-bench pairwise judgments",
        fields: &["question_id", "model_1", "model_2"],
        signature: |row| has(row, &["question_id", "model_1", "model_2", "g1_winner", "g2_winner"]),
        read: pair,
        yields: Yields::Labels,
        rows: RowsMean::Alone,
        lookup: None,
    },
];

fn answers(row: Fields, aid: &Aid) -> Result<Vec<Found>, Fault> {
    let (id, model) =
        (plain(&row, "question_id").ok_or_else(|| missing("question_id"))?, plain(&row, "model_id"));
    let question = aid.others.need(QUESTION, &id, "question_id")?;
    let mut items = vec![];
    for (at, choice) in list(&row, "choices")?.iter().enumerate() {
        let place = format!("choices[{at}]");
        let turns = texts(as_object(choice, &place)?, "turns").map_err(|fault| inside(&place, fault))?;
        for turn in 0..turns.len() {
            let prompt = conversation(question, &turns, turn)?;
            let reference = question.get("reference").and_then(|list| list.get(turn)).and_then(Value::as_str);
            let found = one(prompt, response(turns[turn].clone(), model.clone()), Map::new());
            // Two turns of a choice are two items, and one name may stand for one of them only.
            let name = if turn == 0 { id.clone() } else { format!("{id}-turn-{}", turn + 1) };
            items.push(found.named(Some(name)).with_reference(reference.map(String::from)));
        }
    }
    Ok(items)
}

/// Returns what the answer of this turn answers.
fn conversation(question: &Fields, answers: &[String], turn: usize) -> Result<Vec<Message>, Fault> {
    let questions = texts(question, "turns").map_err(|fault| inside("question", fault))?;
    let mut prompt = vec![];
    let asked = |at: usize| questions.get(at).ok_or_else(|| missing(&format!("question.turns[{at}]")));
    for (at, answer) in answers.iter().enumerate().take(turn) {
        prompt.extend([Message::user(asked(at)?), assistant(answer.clone())]);
    }
    prompt.push(Message::user(asked(turn)?));
    Ok(prompt)
}

fn texts(row: &Fields, field: &str) -> Result<Vec<String>, Fault> {
    let each = list(row, field)?.iter().enumerate();
    each.map(|(at, value)| content(value.clone(), &format!("{field}[{at}]"))).collect()
}

/// Returns what the answer of `model` to the turn answers, and its text.
fn answered(
    others: &Companions,
    (id, model, turn): (&str, &str, usize),
    field: &str,
) -> Result<(Vec<Message>, String, Option<String>), Fault> {
    let question = others.need(QUESTION, id, "question_id")?;
    let answer = others.need(ANSWER, &format!("{id} of {model}"), field)?;
    let choice =
        list(answer, "choices")?.first().and_then(Value::as_object).ok_or_else(|| missing("choices[0]"))?;
    let turns = texts(choice, "turns")?;
    let text = turns.get(turn).cloned().ok_or_else(|| missing(&format!("choices[0].turns[{turn}]")))?;
    let reference = question.get("reference").and_then(|list| list.get(turn)).and_then(Value::as_str);
    Ok((conversation(question, &turns, turn)?, text, reference.map(String::from)))
}

fn turn_of(row: &Fields) -> Result<usize, Fault> {
    let turn = required_number(row, "turn")?;
    if turn < 1.0 { Err(unfit("turn", &turn.to_string(), "a turn, from 1")) } else { Ok(turn as usize - 1) }
}

fn score(row: Fields, aid: &Aid) -> Result<Vec<Found>, Fault> {
    let value = required_number(&row, "score")?;
    if value == UNPARSED {
        return Ok(Found::passed("the judge's score could not be parsed (-1)"));
    }
    let id = plain(&row, "question_id").ok_or_else(|| missing("question_id"))?;
    let model = text(&row, "model")?;
    let (prompt, text, reference) = answered(&aid.others, (&id, &model, turn_of(&row)?), "model")?;
    let said = rating(0, value, scale(1.0, 10.0, 0.0), None, "score")?;
    let found = one(prompt, response(text, Some(model)), Map::new()).with_reference(reference);
    Ok(vec![found.saying(vec![opinion(said, By::Machine)])])
}

/// The judge saw the pair in both orders: only what it said twice counts.
fn pair(row: Fields, aid: &Aid) -> Result<Vec<Found>, Fault> {
    let winners = [text(&row, "g1_winner")?, text(&row, "g2_winner")?];
    let winner = match [winners[0].as_str(), winners[1].as_str()] {
        ["error", _] | [_, "error"] => {
            return Ok(Found::passed("the judge's verdict could not be parsed (error)"));
        }
        [first, second] if first != second => {
            return Ok(Found::passed("the judge changed its verdict with the order of the answers"));
        }
        ["model_1", _] => Winner::A,
        ["model_2", _] => Winner::B,
        ["tie", _] => Winner::Tie,
        [other, _] => return Err(unfit("g1_winner", other, "`model_1`, `model_2`, `tie` or `error`")),
    };
    let id = plain(&row, "question_id").ok_or_else(|| missing("question_id"))?;
    let turn = turn_of(&row)?;
    let (mut prompts, mut responses, mut reference) = (vec![], vec![], None);
    for field in ["model_1", "model_2"] {
        let model = text(&row, field)?;
        let (prompt, text, known) = answered(&aid.others, (&id, &model, turn), field)?;
        prompts.push(prompt);
        responses.push(response(text, Some(model)));
        reference = known;
    }
    if prompts[0] != prompts[1] {
        return Ok(Found::passed("the conversations differ before the turn that was judged"));
    }
    let found = several(prompts.remove(0), responses, Map::new()).with_reference(reference);
    Ok(vec![found.saying(vec![opinion(comparison(0, 1, winner, None), By::Machine)])])
}
