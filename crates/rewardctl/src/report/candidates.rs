//! What drawing candidates would take, for people.

use rewardctl_pipeline::plan::candidates::{CandidatePlan, EndpointPlan};

use crate::report::plan::money;
use crate::report::{counted, table};
use crate::show::printable;

/// Returns a plan of candidates: a table of the endpoints, the sum, and what the figures leave open.
pub fn candidates(plan: &CandidatePlan, has_revisions: bool) -> String {
    let header = ["endpoint", "model", "known", "calls", "tokens in", "out", "cost", "at most"];
    let endpoints = table(&header, plan.endpoints.iter().map(row).collect());
    let sum = format!(
        "{}: in all likely {} and {}; at most {}. Prices of {}.",
        counted(plan.prompts, "prompt"),
        counted(plan.likely.calls, "call"),
        money(plan.likely.cost_nano),
        money(plan.most.cost_nano),
        plan.prices
    );
    [endpoints, sum, notes(plan, has_revisions)].join("\n\n")
}

fn row(plan: &EndpointPlan) -> Vec<String> {
    vec![
        printable(&plan.endpoint, 20),
        printable(&plan.model, 40),
        plan.answered.to_string(),
        plan.likely.calls.to_string(),
        plan.likely.input_tokens.to_string(),
        plan.likely.output_tokens.to_string(),
        money(plan.likely.cost_nano),
        money(plan.most.cost_nano),
    ]
}

fn notes(plan: &CandidatePlan, has_revisions: bool) -> String {
    let mut notes = vec!["- retries of failed calls come on top".to_owned()];
    if has_revisions {
        notes.push(
            "- judging and revising come on top; they depend on what is drawn, so that `rewardctl plan` tells of the judging once the candidates are there".into(),
        );
    }
    for endpoint in &plan.endpoints {
        let ground = match endpoint.learnt_from {
            0 => "a guess, since it has drawn none yet".to_owned(),
            calls => format!("learnt from {}", counted(calls, "finished call")),
        };
        let name = printable(&endpoint.endpoint, 20);
        notes.push(format!(
            "- a candidate of `{name}` is taken to be {:.0} tokens: {ground}",
            endpoint.reply_tokens
        ));
        if !endpoint.is_known {
            notes.push(format!(
                "- `{name}` was never asked: it is taken to give several candidates in one call, and up to 10 small calls find out first"
            ));
        }
    }
    notes.join("\n")
}
