//! Puts the figures of a report into words, tables and plots, in the order in which a reader asks.

mod critics;
mod people;

use crate::report::document::{Block, Cell, NOTHING, Section, cell};
use crate::report::figures::{Case, CriticFigures, Run, ScoreReport};
use crate::report::files::MIXED;
use crate::report::plots;
use crate::report::words::{counted, doubt, share, shortened, spent, table, thousands};
use crate::summary::Line;

/// A correlation within prompts that is surely greater than this is warned of.
const LENGTH_BIAS: f64 = 0.2;

/// Returns the sections that have something to say.
pub(super) fn sections(report: &ScoreReport) -> Vec<Section> {
    let all = [
        rewards(report),
        models(report),
        critics::critics(report),
        uncertainty(report),
        people::people(report),
        people::agreement(report),
        length(report),
        trend(report),
        cases("worst", "Lowest rewards", &report.worst, WORST),
        cases("disputed", "Most disputed", &report.disputed, DISPUTED),
        made_by(report),
    ];
    all.into_iter().flatten().collect()
}

/// Returns what was scored, in a sentence.
pub(super) fn lead(report: &ScoreReport) -> String {
    let from = match report.inputs.as_slice() {
        [] => "the store".to_owned(),
        inputs => inputs.join(", "),
    };
    let generators = match report.generators.len() {
        0 => String::new(),
        n => format!(" by {}", counted(n as u64, "model")),
    };
    let (responses, items) = (counted(report.responses, "response"), counted(report.items, "prompt"));
    format!("{responses} to {items}{generators}, from {from}.")
}

/// Returns the figures that come first: a name, the figure, what it means.
pub(super) fn headline(report: &ScoreReport) -> Vec<(String, String, String)> {
    let tile = |name: &str, value: String, says: String| (name.to_owned(), value, says);
    let interval = report
        .reward
        .interval
        .map_or(String::new(), |(low, high)| format!("95 % interval {low:.3} to {high:.3}"));
    let mean = report.reward.mean.map_or(NOTHING.into(), |mean| format!("{mean:.3}"));
    let missing = report.responses - report.reward.scored;
    let failed: u64 = report.critics.iter().map(|critic| critic.failed + critic.missing).sum();
    let wanted = |critic: &CriticFigures| critic.scored + critic.abstained + critic.failed + critic.missing;
    let verdicts: u64 = report.critics.iter().map(wanted).sum();
    let mut tiles = vec![
        tile("mean reward", mean, interval),
        tile(
            "to people",
            share(report.reward.routed, report.responses),
            counted(report.reward.routed, "response"),
        ),
        tile("without a reward", thousands(missing), "never counted as a number".into()),
        tile(
            "verdicts failed or missing",
            share(failed, verdicts),
            format!("{} of {}", thousands(failed), thousands(verdicts)),
        ),
    ];
    if report.people.labels > 0 {
        let by = counted(report.people.annotators, "person").replace("persons", "people");
        tiles.push(tile("labels", thousands(report.people.labels), format!("by {by}")));
    }
    if report.cost.calls > 0 {
        tiles.push(tile("spent on verdicts", spent(&report.cost), counted(report.cost.calls, "call")));
    }
    tiles
}

const WORST: &str = "Read a few: is the response bad, or are the critics wrong about it?";
const DISPUTED: &str =
    "Where critics contradict each other, one of them is wrong: a label here teaches most.";

fn rewards(report: &ScoreReport) -> Option<Section> {
    let row = |line: &Line| {
        let missing = line.responses - line.scored;
        vec![
            Cell::Text(line.name.clone()),
            cell(line.mean, |mean| format!("{mean:.3}")),
            cell(line.interval, |(low, high)| format!("{low:.3} to {high:.3}")),
            cell(line.spread, |spread| format!("{spread:.3}")),
            Cell::Number(thousands(line.scored)),
            doubt(missing),
            doubt(line.failed),
        ]
    };
    let header =
        ["", "mean", "95 % interval", "spread", "scored", "without a score", "with a failed verdict"];
    let rows = std::iter::once(&report.reward).chain(&report.dimensions).map(row).collect();
    let mut blocks = vec![table(&header, rows)];
    blocks.extend(
        plots::spread(&report.spread).into_iter().filter(|plots| !plots.is_empty()).map(Block::Plots),
    );
    if report.scattered > 0 {
        blocks.push(Block::Warning(format!(
            "{} after others: responses to one prompt should stand together. Intervals count what comes back as a prompt of \
             its own, and are too narrow, and what is said within prompts is said of parts of them.",
            counted(report.scattered, "time a prompt comes back").replace("time a prompt comes backs", "times a prompt comes back")
        )));
    }
    if report.left_out > 0 {
        blocks.push(Block::Warning(format!(
            "{} of more dimensions or critics than are told apart are left out.",
            counted(report.left_out, "score")
        )));
    }
    let reasons: Vec<String> =
        report.no_reward.iter().map(|(reason, count)| format!("{reason} ({})", thousands(*count))).collect();
    if !reasons.is_empty() {
        blocks.push(Block::Warning(format!("Responses without a reward: {}.", reasons.join("; "))));
    }
    let look_for = "A reward lies between 0 and 1, higher is better; two humps mean two kinds of responses, a heap at one \
                    end means that critics hardly tell responses apart.";
    Some(Section { anchor: "rewards", title: "Rewards", look_for: look_for.into(), blocks })
}

fn models(report: &ScoreReport) -> Option<Section> {
    if report.generators.is_empty() {
        return None;
    }
    let heat = |value: Option<f64>| value.map_or(Cell::Number(NOTHING.into()), Cell::Heat);
    let rows = report.generators.iter().map(|one| {
        let line = &one.reward;
        let mut cells = vec![Cell::Text(line.name.clone()), heat(line.mean)];
        cells.push(cell(line.interval, |(low, high)| format!("{low:.2} to {high:.2}")));
        cells.extend(one.dimensions.iter().map(|mean| heat(*mean)));
        cells.extend([
            Cell::Number(thousands(line.scored)),
            doubt(line.responses - line.scored),
            doubt(line.failed),
        ]);
        cells.push(Cell::Number(share(line.routed, line.responses)));
        cells
    });
    let mut header = vec!["model", "reward", "95 % interval"];
    header.extend(report.dimensions.iter().map(|line| line.name.as_str()));
    header.extend(["scored", "without a reward", "with a failed verdict", "to people"]);
    let look_for = "A stronger shade is higher; models whose intervals overlap may differ by chance alone, and a model that is pale in \
                    one column alone has one weakness.";
    let blocks = vec![table(&header, rows.collect())];
    Some(Section { anchor: "models", title: "Models and dimensions", look_for: look_for.into(), blocks })
}

fn uncertainty(report: &ScoreReport) -> Option<Section> {
    let found = &report.uncertainty;
    if found.count == 0 {
        return None;
    }
    let highest = found.parts.iter().map(|(_, mean)| *mean).fold(f64::MIN_POSITIVE, f64::max);
    let shown = found.parts.iter().filter(|(_, mean)| *mean > 0.0);
    let rows = shown
        .map(|(part, mean)| vec![Cell::Text(part.clone()), Cell::Bar(mean / highest, format!("{mean:.3}"))]);
    let blocks = vec![
        Block::Plots(vec![plots::uncertainty(found)]),
        table(&["where it comes from", "mean standard deviation"], rows.collect()),
        Block::Note(
            "Between critics: they contradict each other. Within critics: one critic is unsure of its own score. Missing \
             critics: some failed. Fitted weights: too few labels to know whom to believe."
                .into(),
        ),
    ];
    let look_for = "How far a reward may be off; the longest bar names what to mend first.";
    Some(Section {
        anchor: "uncertainty",
        title: "Disagreement and uncertainty",
        look_for: look_for.into(),
        blocks,
    })
}

fn length(report: &ScoreReport) -> Option<Section> {
    let look_for = "A line that climbs means that longer responses get higher rewards; what counts is whether that holds \
                    within prompts, where nothing but the response differs.";
    let Some(found) = &report.length else {
        let note = "The rows carry no texts: `rewardctl score --with-text` writes them.";
        let blocks = vec![Block::Note(note.into())];
        return Some(Section { anchor: "length", title: "Length", look_for: look_for.into(), blocks });
    };
    let within = match found.within {
        Some((value, Some((low, high)))) => {
            format!("Correlation of reward and log-length within prompts: {value:.2} (95 % interval {low:.2} to {high:.2}).")
        }
        Some((value, None)) => format!("Correlation of reward and log-length within prompts: {value:.2}, of too few to tell."),
        None => "No prompt has two responses that differ in length and reward, so that nothing can be said within prompts.".into(),
    };
    let across = found.across.map_or(String::new(), |value| format!(" Over all responses: {value:.2}."));
    let is_biased = matches!(found.within, Some((_, Some((low, _)))) if low > LENGTH_BIAS);
    let warning = is_biased
        .then(|| Block::Warning("Within prompts, longer responses get clearly higher rewards.".into()));
    let caption = "Mean reward of responses of about one length, with 95 % intervals".to_owned();
    let mut blocks = vec![Block::Note(within + &across)];
    blocks.extend(warning);
    blocks.push(Block::Plots(vec![(caption, plots::length(found))]));
    Some(Section { anchor: "length", title: "Length", look_for: look_for.into(), blocks })
}

fn trend(report: &ScoreReport) -> Option<Section> {
    if report.trend.len() < 2 {
        return None;
    }
    let rows = report.trend.iter().enumerate().map(|(at, run)| {
        vec![
            Cell::Text(format!("{}. {}", at + 1, run.name)),
            Cell::Text(shortened(&run.version)),
            cell(run.mean, |mean| format!("{mean:.3}")),
            cell(run.interval, |(low, high)| format!("{low:.3} to {high:.3}")),
            Cell::Number(thousands(run.responses)),
            doubt(run.responses - run.scored),
            Cell::Number(share(run.routed, run.responses)),
        ]
    });
    let header =
        ["run", "version", "mean reward", "95 % interval", "responses", "without a reward", "to people"];
    let mut blocks = vec![
        Block::Plots(vec![(
            "Mean reward of each run, with 95 % intervals".into(),
            plots::trend(&report.trend),
        )]),
        table(&header, rows.collect()),
    ];
    let is_told =
        |run: &Run| run.version == report.trend[0].version && !["", MIXED].contains(&run.version.as_str());
    if !report.trend.iter().all(is_told) {
        blocks.push(Block::Warning(
            "The versions differ, are mixed or not said: another panel, critic or model judged, so that a step may be theirs and not the responses'."
                .into(),
        ));
    }
    let look_for = "A step that is larger than the lines through the points; a run of the store holds the responses that were \
                    new in it or judged otherwise than before.";
    Some(Section { anchor: "trend", title: "Over time", look_for: look_for.into(), blocks })
}

fn cases(anchor: &'static str, title: &'static str, cases: &[Case], look_for: &str) -> Option<Section> {
    (!cases.is_empty()).then(|| Section {
        anchor,
        title,
        look_for: look_for.into(),
        blocks: vec![Block::Cases(cases.to_vec())],
    })
}

fn made_by(report: &ScoreReport) -> Option<Section> {
    let mut blocks = vec![];
    if report.made_by.len() > 1 {
        blocks.push(Block::Warning(format!(
            "Rewards of {} versions are mixed here; means over them compare what cannot be compared.",
            report.made_by.len()
        )));
    }
    let rows = report.made_by.iter().map(|made| {
        let parts = made.parts.iter().filter(|(_, version)| !version.is_empty());
        let said: Vec<String> =
            parts.map(|(part, version)| format!("{part} {}", shortened(version))).collect();
        let said = if said.is_empty() { "not said".into() } else { said.join(", ") };
        vec![Cell::Text(said), Cell::Number(thousands(made.responses))]
    });
    blocks.push(table(&["versions", "responses"], rows.collect()));
    let look_for = "One line: rewards of different versions are not comparable. The same versions and rows give the same rewards.";
    Some(Section { anchor: "made", title: "What made the rewards", look_for: look_for.into(), blocks })
}
