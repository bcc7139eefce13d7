//! The critics: what each said, failed to say, and cost.

use crate::report::document::{Block, Cell, Section, cell};
use crate::report::figures::{CriticFigures, ScoreReport};
use crate::report::words::{counted, doubt, share, spent, table, thousands};

/// The columns that every report has.
const HEADER: [&str; 10] = [
    "critic",
    "dimension",
    "scored",
    "nothing to judge",
    "failed",
    "missing",
    "flagged",
    "mean",
    "weight",
    "apart",
];

/// Returns what each critic said; None without critics.
pub(super) fn critics(report: &ScoreReport) -> Option<Section> {
    if report.critics.is_empty() {
        return None;
    }
    let paid = report.cost.calls > 0;
    let costs: &[&str] = if paid { &["calls", "spent"] } else { &[] };
    let rows = report.critics.iter().map(|critic| cells(critic, paid));
    let explained = "Weight is what a score counts in the reward, on average; apart is how far a critic's scores lie from the \
                     score of its dimension.";
    let mut blocks = vec![table(&[&HEADER, costs].concat(), rows.collect()), Block::Note(explained.into())];
    blocks.extend(unclear(report.unclear));
    blocks.extend(failures(&report.critics));
    if paid && report.cost.known < report.cost.calls {
        blocks.push(Block::Note(format!(
            "The ledger at hand knows {} of {} calls; what the others cost is not in these sums.",
            thousands(report.cost.known),
            thousands(report.cost.calls)
        )));
    }
    let look_for = "A critic that failed or is missing said nothing, and nothing is made up for it; many failures make the \
                    reward rest on the critics that are left.";
    Some(Section { anchor: "critics", title: "Critics", look_for: look_for.into(), blocks })
}

fn cells(critic: &CriticFigures, paid: bool) -> Vec<Cell> {
    let all = critic.scored + critic.abstained + critic.failed + critic.missing;
    let part = critic.scored as f64 / all.max(1) as f64;
    let mut cells = vec![
        Cell::Text(critic.critic.clone()),
        Cell::Text(critic.dimension.clone()),
        Cell::Bar(part, share(critic.scored, all)),
        Cell::Number(thousands(critic.abstained)),
        doubt(critic.failed),
        doubt(critic.missing),
        Cell::Number(thousands(critic.flagged)),
        cell(critic.mean, |mean| format!("{mean:.2}")),
        cell(critic.weight, |weight| format!("{weight:.3}")),
        cell(critic.apart, |apart| format!("{apart:.2}")),
    ];
    if paid {
        let of_calls = (critic.cost.calls > 0).then_some(&critic.cost);
        cells.push(cell(of_calls, |cost| thousands(cost.calls)));
        cells.push(cell(of_calls, spent));
    }
    cells
}

/// Warns of responses whose verdicts cannot be told apart.
fn unclear(responses: u64) -> Option<Block> {
    (responses > 0).then(|| {
        Block::Warning(format!(
            "Of {} some verdicts are left out: critics changed between runs, and the store does not know which of their words \
             made the reward. `rewardctl score` again makes it clear.",
            counted(responses, "response")
        ))
    })
}

/// Returns why verdicts failed.
fn failures(critics: &[CriticFigures]) -> Option<Block> {
    let of_critic = |critic: &CriticFigures| {
        let row = |(reason, count): &(String, u64)| {
            vec![
                Cell::Text(critic.critic.clone()),
                Cell::Text(reason.clone()),
                Cell::Number(thousands(*count)),
            ]
        };
        critic.failures.iter().map(row).collect::<Vec<_>>()
    };
    let rows: Vec<_> = critics.iter().flat_map(of_critic).collect();
    (!rows.is_empty()).then(|| table(&["failed verdicts of", "the most frequent reasons", "verdicts"], rows))
}
