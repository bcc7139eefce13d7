//! Results of public benchmarks as one report, whatever the protocol.

use std::collections::BTreeMap;

use rewardctl_core::benchmark::judge_bench::{self, judge_bench};
use rewardctl_core::benchmark::llmbar::{self, llmbar};
use rewardctl_core::benchmark::reward_bench::{self, reward_bench};
use rewardctl_core::benchmark::reward_bench_2::{self, reward_bench_2};
use rewardctl_core::benchmark::rm_bench::{self, rm_bench};
use rewardctl_data::measured::benchmark::{
    LlmbarRow, RewardBenchRow, read_judge_bench, read_llmbar, read_reward_bench, read_reward_bench_2,
    read_rm_bench,
};
use serde::Serialize;

use crate::error::Error;
use crate::ingest::{InputFile, OnBadRow};
use crate::measure::{Gathered, gather};

/// A benchmark's way to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// RewardBench.
    RewardBench,
    /// RewardBench 2.
    #[serde(rename = "reward-bench-2")]
    RewardBench2,
    /// RM-Bench.
    RmBench,
    /// JudgeBench.
    JudgeBench,
    /// LLMBar.
    Llmbar,
}

/// What results came to.
#[derive(Debug, Clone, Serialize)]
pub struct BenchmarkReport {
    /// The benchmark's way to count.
    pub protocol: Protocol,
    /// What a tie is worth.
    pub tie_rule: &'static str,
    /// The rows that were scored.
    pub rows: usize,
    /// The headline figures, by name; None where a part is missing.
    pub scores: BTreeMap<String, Option<f64>>,
    /// What the figures of the parts are called.
    pub columns: Vec<&'static str>,
    /// The parts.
    pub parts: Vec<Part>,
    /// What else there is to know.
    pub notes: Vec<String>,
}

/// A part of a benchmark: a subset, a section, a domain.
#[derive(Debug, Clone, Serialize)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: usize,
    /// Its figures, in the order of the report's columns.
    pub figures: Vec<Option<f64>>,
}

/// What a report was made of, with what could not be used.
#[derive(Debug)]
pub struct Scored {
    /// The report.
    pub report: BenchmarkReport,
    /// Rows left out, as [`gather`] lists them.
    pub skipped: Gathered<()>,
}

/// Reads and scores results.
pub fn benchmark(files: &[InputFile], on_bad_row: OnBadRow, protocol: Protocol) -> Result<Scored, Error> {
    match protocol {
        Protocol::RewardBench => scored(gather(files, on_bad_row, read_reward_bench)?, of_reward_bench),
        Protocol::RewardBench2 => scored(gather(files, on_bad_row, read_reward_bench_2)?, of_reward_bench_2),
        Protocol::RmBench => scored(gather(files, on_bad_row, read_rm_bench)?, of_rm_bench),
        Protocol::JudgeBench => scored(gather(files, on_bad_row, read_judge_bench)?, of_judge_bench),
        Protocol::Llmbar => scored(gather(files, on_bad_row, read_llmbar)?, |rows| of_llmbar(rows, files)),
    }
}

fn scored<T>(
    gathered: Gathered<T>,
    score: impl FnOnce(Vec<(usize, T)>) -> Result<BenchmarkReport, Error>,
) -> Result<Scored, Error> {
    let Gathered { rows, skipped, skipped_rows } = gathered;
    Ok(Scored { report: score(rows)?, skipped: Gathered { rows: vec![], skipped, skipped_rows } })
}

fn of_reward_bench(rows: Vec<(usize, RewardBenchRow)>) -> Result<BenchmarkReport, Error> {
    let (mut table, mut results) = (BTreeMap::new(), BTreeMap::<String, Vec<f64>>::new());
    let (count, mut missing) = (rows.len(), 0);
    for (_, row) in rows {
        match row {
            RewardBenchRow::Table(accuracies) => table.extend(accuracies),
            RewardBenchRow::Pair { subset, result: Some(result) } => {
                results.entry(subset).or_default().push(result);
            }
            // A verdict that is missing is no verdict; what it counts is the protocol's to say.
            RewardBenchRow::Pair { subset, result: None } => {
                missing += 1;
                results.entry(subset).or_default().push(0.0);
            }
        }
    }
    let counts: BTreeMap<&String, usize> = results.iter().map(|(subset, all)| (subset, all.len())).collect();
    for (subset, all) in &results {
        table.insert(subset.clone(), all.iter().sum::<f64>() / all.len() as f64);
    }
    let found = reward_bench(&table)?;
    let mut notes = vec![];
    for section in found.sections.iter().filter(|section| !section.missing.is_empty()) {
        notes.push(format!("{} lacks {}", section.name, section.missing.join(", ")));
    }
    if missing > 0 {
        notes.push(format!("{missing} rows have no score, and count as wrong"));
    }
    let sections = found.sections.iter().map(|section| {
        let subsets = reward_bench::SECTIONS.iter().find(|(name, _)| *name == section.name);
        let subsets = subsets.map_or(&[][..], |(_, subsets)| *subsets);
        let rows = subsets.iter().filter_map(|(name, _)| counts.get(&(*name).to_owned())).sum();
        Part { name: section.name.into(), rows, figures: vec![section.score] }
    });
    let mut parts: Vec<Part> = sections.collect();
    parts.extend(table.iter().map(|(subset, accuracy)| Part {
        name: format!("  {subset}"),
        rows: counts.get(subset).copied().unwrap_or(0),
        figures: vec![Some(*accuracy)],
    }));
    let mut scores = BTreeMap::from([("score".to_owned(), found.score)]);
    if found.prior_sets.is_some() {
        scores.insert("prior sets".into(), found.prior_sets);
        scores.insert("score with prior sets".into(), found.score_with_prior_sets);
    }
    let columns = vec!["accuracy"];
    Ok(BenchmarkReport {
        protocol: Protocol::RewardBench,
        tie_rule: reward_bench::TIE_RULE,
        rows: count,
        scores,
        columns,
        parts,
        notes,
    })
}

fn of_reward_bench_2(rows: Vec<(usize, reward_bench_2::Prompt)>) -> Result<BenchmarkReport, Error> {
    let prompts: Vec<reward_bench_2::Prompt> = rows.into_iter().map(|(_, prompt)| prompt).collect();
    let found = reward_bench_2(&prompts)?;
    let part = |subset: &reward_bench_2::Subset| Part {
        name: subset.name.into(),
        rows: subset.prompts,
        figures: vec![subset.score],
    };
    let missing: Vec<&str> =
        found.subsets.iter().filter(|subset| subset.score.is_none()).map(|subset| subset.name).collect();
    let mut notes = vec![];
    if !missing.is_empty() {
        notes.push(format!("there is no score without {}", missing.join(", ")));
    }
    if let Some(ties) = found.ties {
        notes.push(format!(
            "Ties = 0.3 × {:.4} (tied accuracy) + 0.3 × {:.4} (ref accuracy) + 0.2 × {:.4} (preferred) + 0.2 × {:.4} \
             (preferred, hard) + 0.01 × {:.4} (margin)",
            ties.tied_accuracy, ties.ref_accuracy, ties.preferred, ties.preferred_hard, ties.margin
        ));
    }
    Ok(BenchmarkReport {
        protocol: Protocol::RewardBench2,
        tie_rule: reward_bench_2::TIE_RULE,
        rows: prompts.len(),
        scores: BTreeMap::from([("score".to_owned(), found.score)]),
        columns: vec!["score"],
        parts: found.subsets.iter().map(part).collect(),
        notes,
    })
}

fn of_rm_bench(rows: Vec<(usize, rm_bench::Prompt)>) -> Result<BenchmarkReport, Error> {
    let prompts: Vec<rm_bench::Prompt> = rows.into_iter().map(|(_, prompt)| prompt).collect();
    let found = rm_bench(&prompts)?;
    let figures = |all: Option<rm_bench::Accuracies>| {
        vec![all.map(|a| a.hard), all.map(|a| a.normal), all.map(|a| a.easy), all.map(|a| a.mean)]
    };
    let part = |domain: &rm_bench::Domain| Part {
        name: domain.name.into(),
        rows: domain.prompts,
        figures: figures(domain.accuracies),
    };
    let missing: Vec<&str> =
        found.domains.iter().filter(|domain| domain.prompts == 0).map(|domain| domain.name).collect();
    let mut notes = vec![];
    if !missing.is_empty() {
        notes.push(format!("there is no score without {}", missing.join(", ")));
    }
    let columns = vec!["hard", "normal", "easy", "mean"];
    let all = figures(found.accuracies);
    let names = ["hard", "normal", "easy", "score"].map(str::to_owned);
    Ok(BenchmarkReport {
        protocol: Protocol::RmBench,
        tie_rule: rm_bench::TIE_RULE,
        rows: prompts.len(),
        scores: names.into_iter().zip(all).collect(),
        columns,
        parts: found.domains.iter().map(part).collect(),
        notes,
    })
}

fn of_judge_bench(rows: Vec<(usize, judge_bench::Pair)>) -> Result<BenchmarkReport, Error> {
    let pairs: Vec<judge_bench::Pair> = rows.into_iter().map(|(_, pair)| pair).collect();
    let all = judge_bench(&pairs)?;
    let mut sections: BTreeMap<&str, Vec<judge_bench::Pair>> = BTreeMap::new();
    for pair in &pairs {
        sections.entry(judge_bench::section(&pair.source).unwrap_or("other")).or_default().push(pair.clone());
    }
    let mut parts = vec![];
    for (name, pairs) in sections {
        let found = judge_bench(&pairs)?;
        parts.push(Part {
            name: name.into(),
            rows: pairs.len(),
            figures: vec![found.official(), found.tie_half()],
        });
    }
    let mut notes = vec![format!(
        "{} of {} pairs are undecided, {} have verdicts that differ, {} lack a verdict",
        all.undecided, all.pairs, all.inconsistent, all.missing
    )];
    if pairs.iter().any(|pair| pair.verdicts.len() == 1) {
        notes.push("some pairs were judged in one order only".into());
    }
    let scores = [("official".to_owned(), all.official()), ("tie-half".to_owned(), all.tie_half())];
    Ok(BenchmarkReport {
        protocol: Protocol::JudgeBench,
        tie_rule: judge_bench::TIE_RULE,
        rows: pairs.len(),
        scores: scores.into(),
        columns: vec!["official", "tie-half"],
        parts,
        notes,
    })
}

fn of_llmbar(rows: Vec<(usize, LlmbarRow)>, files: &[InputFile]) -> Result<BenchmarkReport, Error> {
    let mut pairs = vec![];
    for (file, row) in rows {
        let file = &files[file].label;
        let subset = row.subset.as_deref().and_then(llmbar::named);
        let subset = subset.or_else(|| file.rsplit(['/', '\\', '.']).find_map(llmbar::named));
        let Some(subset) = subset else { return Err(Error::NoSubset { file: file.clone() }) };
        pairs.push(llmbar::Pair { subset: subset.into(), label: row.label, verdicts: row.verdicts });
    }
    let found = llmbar(&pairs)?;
    let part = |subset: &llmbar::Subset| Part {
        name: subset.name.into(),
        rows: subset.pairs,
        figures: vec![subset.accuracy, subset.agreement],
    };
    let missing: usize = found.subsets.iter().map(|subset| subset.missing).sum();
    let mut notes = vec![];
    if missing > 0 {
        notes.push(format!("{missing} verdicts are missing, and count as wrong"));
    }
    let scores = [("natural".to_owned(), found.natural), ("adversarial".to_owned(), found.adversarial)];
    Ok(BenchmarkReport {
        protocol: Protocol::Llmbar,
        tie_rule: llmbar::TIE_RULE,
        rows: pairs.len(),
        scores: scores.into(),
        columns: vec!["accuracy", "agreement"],
        parts: found.subsets.iter().map(part).collect(),
        notes,
    })
}
