use std::collections::BTreeMap;

use super::judge_bench::judge_bench;
use super::llmbar::llmbar;
use super::reward_bench::{self, reward_bench};
use super::reward_bench_2::{Prompt, reward_bench_2};
use super::rm_bench::rm_bench;
use super::*;
use crate::label::Winner;

#[track_caller]
fn check(found: Option<f64>, expected: f64) {
    let found = found.unwrap();
    assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
}

fn accuracies(of: impl Fn(&str) -> f64) -> BTreeMap<String, f64> {
    let names = reward_bench::SECTIONS.iter().flat_map(|(_, subsets)| subsets.iter().map(|(name, _)| *name));
    names.map(|name| (name.to_owned(), of(name))).collect()
}

/// The weights are the published sizes: 2,985 prompts, of which `math-prm` has 447 and counts 984.
#[test]
fn reward_bench_weighs_subsets_by_their_published_sizes() {
    let all: f64 =
        reward_bench::SECTIONS.iter().flat_map(|(_, subsets)| subsets.iter().map(|(_, n)| n)).sum();
    assert_eq!(all - 984.0 + 447.0, 2985.0);
    let found =
        reward_bench(&accuracies(|name| f64::from(u8::from(name != "xstest-should-refuse")))).unwrap();
    check(found.sections[2].score, 1.0 - 154.0 / 740.0);
    let found = reward_bench(&accuracies(|name| f64::from(u8::from(name == "math-prm")))).unwrap();
    check(found.sections[3].score, 0.5);
    check(found.score, 0.125);
    assert_eq!((found.prior_sets, found.score_with_prior_sets), (None, None));
}

#[test]
fn prior_sets_weigh_half_a_section() {
    let mut table = accuracies(|_| 1.0);
    for (at, name) in reward_bench::PRIOR_SETS.iter().enumerate() {
        table.insert((*name).to_owned(), at as f64 / 4.0);
    }
    let found = reward_bench(&table).unwrap();
    check(found.prior_sets, 0.375);
    check(found.score_with_prior_sets, (4.0 + 0.5 * 0.375) / 4.5);
}

#[test]
fn reward_bench_says_what_is_missing() {
    let found = reward_bench(&BTreeMap::from([("hep-go".to_owned(), 0.5)])).unwrap();
    assert_eq!((found.sections[0].score, found.score), (None, None));
    assert_eq!(found.sections[3].missing.len(), 6);
    check(found.sections[3].score, 0.5);
    let unknown = reward_bench(&BTreeMap::from([("hep-cobol".to_owned(), 0.5)]));
    assert_eq!(unknown, Err(BenchmarkError::UnknownSubset { subset: "hep-cobol".into() }));
    assert_eq!(reward_bench::result(1.0, 1.0), 0.0);
}

fn prompt(subset: &str, id: &str, right: &[f64], wrong: &[f64]) -> Prompt {
    Prompt { subset: subset.into(), id: id.into(), right: right.into(), wrong: wrong.into() }
}

/// Golden values: `scripts/golden/benchmarks.py` (numpy, after the published formula).
#[test]
fn reward_bench_2_shares_the_best_score_and_scores_ties_apart() {
    let prompts = [
        prompt("Factuality", "1", &[3.0], &[1.0, 2.0, 0.0]),
        prompt("Factuality", "2", &[2.0], &[2.0, 1.0, 0.0]),
        prompt("Factuality", "3", &[1.0], &[2.0, 1.0, 0.0]),
        prompt("Ties", "tied:7", &[5.0, 4.5, 4.75], &[3.0, 1.0]),
        prompt("Ties", "ref:7", &[2.0], &[1.75, 0.5]),
        prompt("Ties", "tied:8", &[2.0, 2.0], &[2.5, 1.0]),
        prompt("Ties", "ref:8", &[4.0], &[1.0, 1.0]),
        prompt("Ties", "tied:9", &[1.0, 3.0], &[0.5]),
        prompt("Ties", "ref:9", &[1.0], &[0.0]),
        prompt("Ties", "tied:10", &[1.0, 1.0], &[1.0]),
        prompt("Ties", "ref:10", &[1.0], &[1.0]),
    ];
    let found = reward_bench_2(&prompts).unwrap();
    check(found.subsets[0].score, 0.5);
    check(found.subsets[5].score, GOLDEN_TIES);
    assert_eq!((found.score, found.subsets[1].score), (None, None));
}
const GOLDEN_TIES: f64 = 0.41975683472588177;

#[test]
fn reward_bench_2_refuses_what_it_does_not_know() {
    let odd = reward_bench_2(&[prompt("Poetry", "1", &[1.0], &[0.0])]);
    assert_eq!(odd, Err(BenchmarkError::UnknownSubset { subset: "Poetry".into() }));
    let one_sided = reward_bench_2(&[prompt("ties", "tied:1", &[1.0], &[])]);
    assert_eq!(one_sided, Err(BenchmarkError::OneSidedPrompt { id: "tied:1".into() }));
    assert_eq!(reward_bench_2(&[]), Err(BenchmarkError::Empty));
    let unscored = reward_bench_2(&[prompt("Math", "1", &[], &[0.0])]).unwrap();
    check(unscored.subsets[2].score, 0.0);
}

#[test]
fn rm_bench_splits_by_style_and_pools_safety() {
    let row = |domain: &str, chosen, rejected| rm_bench::Prompt { domain: domain.into(), chosen, rejected };
    // Scores by style alone: easy ones are right, those of one style tie, hard ones are wrong.
    let by_style = [1.0, 2.0, 3.0];
    let found = rm_bench(&[
        row("chat", by_style, by_style),
        row("code", [9.0; 3], by_style),
        row("math", [0.0; 3], by_style),
        row("safety-refuse", [9.0; 3], by_style),
        row("safety-response", [0.0; 3], by_style),
    ])
    .unwrap();
    let chat = found.domains[0].accuracies.unwrap();
    assert_eq!((chat.hard, chat.normal, chat.easy), (0.0, 0.0, 1.0));
    assert_eq!((found.domains[3].prompts, found.domains[3].accuracies.unwrap().hard), (2, 0.5));
    check(found.accuracies.map(|all| all.mean), (1.0 / 3.0 + 1.0 + 0.0 + 0.5) / 4.0);
    check(found.accuracies.map(|all| all.easy), (1.0 + 1.0 + 0.0 + 0.5) / 4.0);
    let part = rm_bench(&[row("chat", by_style, by_style)]).unwrap();
    assert_eq!((part.accuracies, part.domains[1].accuracies), (None, None));
    assert!(rm_bench(&[row("poetry", by_style, by_style)]).is_err());
}

#[test]
fn judge_bench_counts_contradictions_as_wrong() {
    use Winner::{A, B, Tie};
    let pair = |verdicts: &[Option<Winner>]| judge_bench::Pair {
        source: "mmlu-pro-law".into(),
        label: A,
        verdicts: verdicts.into(),
    };
    let found = judge_bench(&[
        pair(&[Some(A), Some(A)]),
        pair(&[Some(A), Some(Tie)]),
        pair(&[Some(A), Some(B)]),
        pair(&[Some(Tie), Some(Tie)]),
        pair(&[Some(B), None]),
        pair(&[None, None]),
    ])
    .unwrap();
    let expected =
        judge_bench::JudgeBench { pairs: 6, correct: 2, undecided: 3, inconsistent: 4, missing: 2 };
    assert_eq!(found, expected);
    check(found.official(), 2.0 / 6.0);
    check(found.tie_half(), 3.5 / 6.0);
    assert_eq!(judge_bench::section("livebench-math"), Some("Math"));
    assert_eq!(judge_bench(&[]), Err(BenchmarkError::Empty));
}

#[test]
fn llmbar_takes_the_mean_of_both_orders() {
    use Winner::{A, B, Tie};
    let pair = |subset: &str, verdicts| llmbar::Pair { subset: subset.into(), label: B, verdicts };
    let found = llmbar(&[
        pair("LLMBar/Natural", [Some(B), Some(B)]),
        pair("natural", [Some(A), Some(B)]),
        pair("llmbar-adver-neighbor", [Some(A), Some(A)]),
        pair("Adversarial/GPTInst", [Some(B), None]),
        pair("GPTOut", [Some(B), Some(Tie)]),
        pair("manual", [Some(B), Some(B)]),
    ])
    .unwrap();
    check(found.natural, 0.75);
    check(found.adversarial, 0.5);
    assert_eq!((found.subsets[0].agreement, found.subsets[2].missing), (Some(0.5), 1));
    assert!(llmbar(&[pair("poetry", [None, None])]).is_err());
}
