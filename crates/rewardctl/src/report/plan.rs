//! What calls would come to, and what they came to, for people.

use rewardctl_critic::llm::price::money::NanoDollars;
use rewardctl_pipeline::plan::count::Amount;
use rewardctl_pipeline::plan::habit::HabitReport;
use rewardctl_pipeline::plan::trade::Trade;
use rewardctl_pipeline::plan::{CallPlan, CriticPlan, TierPlan};

use crate::report::{counted, table};
use crate::show::printable;

/// Returns a plan: a table of the critics, the trade of the cascade, and what the figures leave open.
pub fn plan(plan: &CallPlan, panel: &str) -> String {
    if plan.tiers.is_empty() {
        return format!("Panel `{panel}` has no LLM critic: nothing is asked, and nothing is paid.");
    }
    let parts = [headline(plan), critics(plan), total(plan), trade(plan), notes(plan)];
    parts.join("\n\n")
}

/// Returns an amount of money, exact below a cent and rounded up to a hundredth of it above; `?` where it is not
/// known.
pub fn money(nano: Option<u64>) -> String {
    const PART: u64 = 100_000;
    match nano {
        None => "?".into(),
        Some(nano) if nano < 100 * PART => NanoDollars(nano).to_string(),
        Some(nano) => {
            let parts = nano.div_ceil(PART);
            format!("${}.{:04}", parts / 10_000, parts % 10_000)
        }
    }
}

fn headline(plan: &CallPlan) -> String {
    let all = counted(plan.responses, "response");
    let why = match plan.max_uncertainty {
        None => "the panel asks about every one".to_owned(),
        Some(limit) => format!("the panel asks where the reward so far is more uncertain than {limit}"),
    };
    let first = plan.tiers.first().map_or(0, |tier| tier.responses);
    format!("{all}; LLM critics would judge {first}: {why}.")
}

fn critics(plan: &CallPlan) -> String {
    let row = |tier: &TierPlan, critic: &CriticPlan| {
        let responses = match tier.is_exact {
            true => tier.responses.to_string(),
            false => format!("{} of at most {}", tier.likely_responses, tier.responses),
        };
        vec![
            tier.tier.to_string(),
            printable(&critic.critic, 40),
            format!("{} {}", printable(&critic.endpoint, 20), printable(&critic.model, 40)),
            responses,
            critic.answered.to_string(),
            critic.likely.calls.to_string(),
            critic.likely.input_tokens.to_string(),
            critic.likely.output_tokens.to_string(),
            money(critic.likely.cost_nano),
            money(critic.most.cost_nano),
        ]
    };
    let rows = plan.tiers.iter().flat_map(|tier| tier.critics.iter().map(move |critic| row(tier, critic)));
    let header =
        ["tier", "critic", "model", "responses", "known", "calls", "tokens in", "out", "cost", "at most"];
    table(&header, rows.collect())
}

fn total(plan: &CallPlan) -> String {
    let CallPlan { likely, most, .. } = plan;
    format!(
        "In all likely {} and {}; at most {} and {}. Prices of {}.",
        counted(likely.calls, "call"),
        money(likely.cost_nano),
        counted(most.calls, "call"),
        money(most.cost_nano),
        plan.prices
    )
}

fn trade(plan: &CallPlan) -> String {
    let row = |limit: &Trade| {
        let Amount { calls, cost_nano, .. } = limit.likely;
        let is_own = limit.max_uncertainty == plan.max_uncertainty;
        let own = if is_own { " (this panel)" } else { "" };
        vec![
            limit.max_uncertainty.map_or(format!("always{own}"), |limit| format!("{limit:.2}{own}")),
            limit.responses.to_string(),
            calls.to_string(),
            money(cost_nano),
        ]
    };
    let header = ["max-uncertainty", "responses", "calls", "cost"];
    table(&header, plan.trade.iter().map(row).collect())
}

fn notes(plan: &CallPlan) -> String {
    let mut notes = plan.notes.clone();
    let (guessed, learnt): (Vec<&HabitReport>, Vec<_>) =
        plan.habits.iter().partition(|habit| habit.calls == 0);
    let seen = |habit: &&HabitReport| {
        let ground = counted(habit.calls, "finished call");
        format!("{}: learnt from {ground}", taken(&format!("`{}`", printable(&habit.critic, 40)), habit))
    };
    notes.extend(learnt.iter().map(seen));
    for alike in guessed.chunk_by(|a, b| taken("", a) == taken("", b)) {
        let names: Vec<String> =
            alike.iter().map(|habit| format!("`{}`", printable(&habit.critic, 40))).collect();
        notes.push(format!(
            "{}: no call of theirs has finished yet, so this is a guess",
            taken(&names.join(", "), alike[0])
        ));
    }
    for endpoint in &plan.not_probed {
        notes.push(format!(
            "`{endpoint}` was never asked: it is taken to give token probabilities, several replies in a call and JSON held to a schema; up to 10 small calls find out first (`plan --probe` makes them now); where it gives no probabilities, each sample of a score may take a call of its own, which `at most` counts"
        ));
    }
    notes.iter().map(|note| format!("- {note}")).collect::<Vec<_>>().join("\n")
}

/// Says what is likely of the replies to `who`.
fn taken(who: &str, habit: &HabitReport) -> String {
    let HabitReport { reply_tokens, drawn_again, .. } = habit;
    format!(
        "a reply to {who} is taken to be {reply_tokens:.0} tokens, and {:.0} % of the questions to be drawn again",
        drawn_again * 100.0
    )
}
