//! Results of public benchmarks, in the shapes that their own code writes.

use std::collections::BTreeMap;
use std::path::Path;

use rewardctl_core::benchmark::{judge_bench, reward_bench, reward_bench_2, rm_bench};
use rewardctl_core::label::Winner;
use serde_json::Value;

use crate::error::Error;
use crate::json::{Fields, get};
use crate::measured::Measured;
use crate::measured::cells::{
    answer, name, number, numbers, optional, optional_name, required, shown, unfit, wrong,
};
use crate::row_error::{Fault, RowProblem};

const CHOSEN: [&str; 2] = ["score_chosen", "scores_chosen"];
const REJECTED: [&str; 2] = ["score_rejected", "scores_rejected"];

/// One row of RewardBench.
#[derive(Debug, Clone, PartialEq)]
pub enum RewardBenchRow {
    /// `subset` with `score_chosen` and `score_rejected`, or with `results`.
    Pair {
        /// The subset.
        subset: String,
        /// 1, ½ or 0; None where a score or the result is null.
        result: Option<f64>,
    },
    /// Accuracies by subset, as the benchmark publishes them.
    Table(BTreeMap<String, f64>),
}

/// One row of LLMBar: `label` 1 or 2, with `results` as its code writes them, or with `winner` and `winner_swapped`;
/// optional `subset`.
#[derive(Debug, Clone, PartialEq)]
pub struct LlmbarRow {
    /// The subset, where the row says it; else the path of the file does.
    pub subset: Option<String>,
    /// The right response; not a tie.
    pub label: Winner,
    /// The verdicts in both orders, with a and b as in the label; None for one that is null.
    pub verdicts: [Option<Winner>; 2],
}

/// Opens results of RewardBench.
pub fn read_reward_bench(path: &Path, label: &str) -> Result<Measured<RewardBenchRow>, Error> {
    Measured::open(path, label, reward_bench_row)
}

/// Opens results of RewardBench 2: `subset`, `id`, and `scores` with `num_correct`, or `score_chosen` with
/// `score_rejected`; lists, right responses first.
pub fn read_reward_bench_2(path: &Path, label: &str) -> Result<Measured<reward_bench_2::Prompt>, Error> {
    Measured::open(path, label, reward_bench_2_row)
}

/// Opens results of RM-Bench: `domain` (or an `id` that starts with it), `score_chosen` and `score_rejected`, lists of
/// three.
pub fn read_rm_bench(path: &Path, label: &str) -> Result<Measured<rm_bench::Prompt>, Error> {
    Measured::open(path, label, rm_bench_row)
}

/// Opens results of JudgeBench: `label`, `judgments` with a `decision` each, and optional `source`.
pub fn read_judge_bench(path: &Path, label: &str) -> Result<Measured<judge_bench::Pair>, Error> {
    Measured::open(path, label, judge_bench_row)
}

/// Opens results of LLMBar.
pub fn read_llmbar(path: &Path, label: &str) -> Result<Measured<LlmbarRow>, Error> {
    Measured::open(path, label, llmbar_row)
}

fn reward_bench_row(fields: Fields) -> Result<RewardBenchRow, Fault> {
    if get(&fields, "subset").is_none() {
        let known = fields.iter().filter(|(key, _)| reward_bench::is_known(key));
        let table: Result<BTreeMap<String, f64>, Fault> =
            known.map(|(key, value)| Ok((key.clone(), accuracy(key, value)?))).collect();
        return match table? {
            table if table.is_empty() => Err(Fault::of_field("subset", RowProblem::Missing)),
            table => Ok(RewardBenchRow::Table(table)),
        };
    }
    let subset = known_name(&fields, "subset", reward_bench::is_known, "a subset of RewardBench")?;
    let result = match optional(&fields, "results") {
        Some(value) if CHOSEN.iter().all(|name| get(&fields, name).is_none()) => {
            Some(answer("results", value)?)
        }
        _ => match (score(&fields, &CHOSEN)?, score(&fields, &REJECTED)?) {
            (Some(chosen), Some(rejected)) => Some(reward_bench::result(chosen, rejected)),
            _ => None,
        },
    };
    Ok(RewardBenchRow::Pair { subset, result })
}

fn accuracy(key: &str, value: &Value) -> Result<f64, Fault> {
    let accuracy = number(key, value)?;
    let is_share = (0.0..=1.0).contains(&accuracy);
    is_share.then_some(accuracy).ok_or_else(|| unfit(key, &shown(value), "an accuracy from 0 to 1"))
}

fn score(fields: &Fields, names: &[&'static str]) -> Result<Option<f64>, Fault> {
    let (name, value) = required(fields, names)?;
    let Some(value) = value else { return Ok(None) };
    match numbers(name, value)?.as_slice() {
        [score] => Ok(Some(*score)),
        _ => Err(wrong(name, "one number", value)),
    }
}

fn reward_bench_2_row(fields: Fields) -> Result<reward_bench_2::Prompt, Fault> {
    let is_known = |name: &str| reward_bench_2::named(name).is_some();
    let subset = known_name(&fields, "subset", is_known, "a subset of RewardBench 2")?;
    let id = present_name(&fields, "id")?;
    let (right, wrong_ones) = if get(&fields, "scores").is_some() {
        let mut right = present_numbers(&fields, &["scores"])?;
        let correct = match optional(&fields, "num_correct") {
            None => 1,
            Some(value) => number("num_correct", value)? as usize,
        };
        if correct == 0 || correct > right.len() {
            return Err(unfit("num_correct", &correct.to_string(), "a number from 1 to that of the scores"));
        }
        let wrong_ones = right.split_off(correct);
        (right, wrong_ones)
    } else {
        (present_numbers(&fields, &CHOSEN)?, present_numbers(&fields, &REJECTED)?)
    };
    if right.is_empty() || wrong_ones.is_empty() {
        let field = if right.is_empty() { CHOSEN[0] } else { REJECTED[0] };
        return Err(Fault::of_field(field, RowProblem::Empty));
    }
    Ok(reward_bench_2::Prompt { subset, id, right, wrong: wrong_ones })
}

fn rm_bench_row(fields: Fields) -> Result<rm_bench::Prompt, Fault> {
    let is_known = |name: &str| rm_bench::named(name).is_some();
    let by_id = get(&fields, "domain").is_none() && get(&fields, "id").is_some();
    let field = if by_id { "id" } else { "domain" };
    let domain = known_name(&fields, field, is_known, "a domain: `chat`, `code`, `math` or `safety-…`")?;
    let three = |names: &[&'static str]| {
        let scores = present_numbers(&fields, names)?;
        let count = scores.len().to_string();
        <[f64; 3]>::try_from(scores)
            .map_err(|_| unfit(names[0], &count, "the number of scores: 3, one for each style"))
    };
    Ok(rm_bench::Prompt { domain, chosen: three(&CHOSEN)?, rejected: three(&REJECTED)? })
}

fn judge_bench_row(fields: Fields) -> Result<judge_bench::Pair, Fault> {
    let label = match required(&fields, &["label"])? {
        (field, None) => return Err(Fault::of_field(field, RowProblem::Empty)),
        (field, Some(value)) => decision(field, value)?,
    };
    if label == Winner::Tie {
        return Err(unfit("label", "A=B", "`A>B` or `B>A`"));
    }
    let (field, value) = required(&fields, &["judgments"])?;
    let Some(Value::Array(judgments)) = value else {
        return Err(value.map_or_else(
            || Fault::of_field(field, RowProblem::Empty),
            |value| wrong(field, "a list of one or two judgments", value),
        ));
    };
    if judgments.is_empty() || judgments.len() > 2 {
        return Err(unfit(
            field,
            &judgments.len().to_string(),
            "the number of judgments: one, or one for each order",
        ));
    }
    let mut verdicts = vec![];
    for (at, judgment) in judgments.iter().enumerate() {
        let field = format!("judgments[{at}].decision");
        let said = match judgment {
            Value::Null => None,
            Value::Object(judgment) => judgment.get("decision").filter(|value| !value.is_null()),
            other => return Err(wrong(&format!("judgments[{at}]"), "an object", other)),
        };
        let verdict = said.map(|said| decision(&field, said)).transpose()?;
        // The second one saw the responses the other way round.
        verdicts.push(if at == 1 { verdict.map(turned) } else { verdict });
    }
    let source = optional_name(&fields, "source")?.unwrap_or_default();
    Ok(judge_bench::Pair { source, label, verdicts })
}

fn llmbar_row(fields: Fields) -> Result<LlmbarRow, Fault> {
    let label = match required(&fields, &["label"])? {
        (field, None) => return Err(Fault::of_field(field, RowProblem::Empty)),
        (field, Some(value)) => output(field, value)?,
    };
    let verdicts = match optional(&fields, "results") {
        Some(Value::Array(steps)) => {
            let last = steps.last().ok_or_else(|| Fault::of_field("results", RowProblem::Empty))?;
            let verdict = |order: &str| {
                let field = format!("results[{}].{order}.winner", steps.len() - 1);
                let said = last.get(order).and_then(|order| order.get("winner"));
                let said = said.ok_or_else(|| Fault::of_field(field.clone(), RowProblem::Missing))?;
                Some(said).filter(|said| !said.is_null()).map(|said| output(&field, said)).transpose()
            };
            [verdict("swap = False")?, verdict("swap = True")?]
        }
        _ => {
            let verdict = |field: &'static str| {
                let (field, said) = required(&fields, &[field])?;
                said.map(|said| output(field, said)).transpose()
            };
            [verdict("winner")?, verdict("winner_swapped")?]
        }
    };
    Ok(LlmbarRow { subset: optional_name(&fields, "subset")?, label, verdicts })
}

/// Reads `A>B`, `B>A` or `A=B`.
fn decision(field: &str, value: &Value) -> Result<Winner, Fault> {
    match shown(value).trim() {
        "A>B" | "A>>B" => Ok(Winner::A),
        "B>A" | "B>>A" => Ok(Winner::B),
        "A=B" => Ok(Winner::Tie),
        other => Err(unfit(field, other, "`A>B`, `B>A` or `A=B`")),
    }
}

/// Reads the number of an output.
fn output(field: &str, value: &Value) -> Result<Winner, Fault> {
    match shown(value).trim() {
        "1" => Ok(Winner::A),
        "2" => Ok(Winner::B),
        other => Err(unfit(field, other, "`1` or `2`")),
    }
}

fn turned(winner: Winner) -> Winner {
    match winner {
        Winner::A => Winner::B,
        Winner::B => Winner::A,
        Winner::Tie => Winner::Tie,
    }
}

fn present_name(fields: &Fields, field: &'static str) -> Result<String, Fault> {
    match required(fields, &[field])? {
        (field, Some(value)) => name(field, value),
        (field, None) => Err(Fault::of_field(field, RowProblem::Empty)),
    }
}

fn known_name(
    fields: &Fields,
    field: &'static str,
    is_known: impl Fn(&str) -> bool,
    expected: &'static str,
) -> Result<String, Fault> {
    let found = present_name(fields, field)?;
    if is_known(&found) { Ok(found) } else { Err(unfit(field, &found, expected)) }
}

fn present_numbers(fields: &Fields, names: &[&'static str]) -> Result<Vec<f64>, Fault> {
    match required(fields, names)? {
        (name, Some(value)) => numbers(name, value),
        (name, None) => Err(Fault::of_field(name, RowProblem::Empty)),
    }
}
