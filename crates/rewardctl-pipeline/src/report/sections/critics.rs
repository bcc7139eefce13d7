//! The critics: what each said, failed to say, and cost.

use crate::report::document::{Block, Cell, Section, cell};
use crate::report::figures::{CriticFigures, ScoreReport};
use crate::report::words::{doubt, share, spent, table, thousands};

/// Returns what each critic said; None without critics.
pub(super) fn critics(report: &ScoreReport) -> Option<Section> {
    if report.critics.is_empty() {
        return None;
    }
    let paid = report.cost.calls > 0;
    let row = |critic: &CriticFigures| {
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
            cells.push(cell((critic.cost.calls > 0).then_some(()), |()| thousands(critic.cost.calls)));
            cells.push(cell((critic.cost.calls > 0).then_some(()), |()| spent(&critic.cost)));
        }
        cells
    };
    let mut header = vec![
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
    if paid {
        header.extend(["calls", "spent"]);
    }
    let mut blocks = vec![table(&header, report.critics.iter().map(row).collect())];
    blocks.push(Block::Note(
        "Weight is what a score counts in the reward, on average; apart is how far a critic's scores lie from the score of \
         its dimension."
            .into(),
    ));
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
