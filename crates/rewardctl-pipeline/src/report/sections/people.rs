//! People: what waits for them, what they said, and whether the rewards agree with it.

use rewardctl_critic::llm::price::money::NanoDollars;
use rewardctl_store::ledger::lookup::CallTotal;

use crate::report::document::{Block, Cell, NOTHING, Section};
use crate::report::figures::{Agreement, ScoreReport};
use crate::report::plots;
use crate::report::words::{counted, doubt, number, table, thousands};

/// Returns where responses go, what waits for people, and what was paid.
pub(super) fn people(report: &ScoreReport) -> Option<Section> {
    let all = report.responses.max(1) as f64;
    let route = |(route, count): (&String, &u64)| {
        let part = *count as f64 / all;
        vec![
            Cell::Text(route.clone()),
            Cell::Bar(part, format!("{:.1} %", part * 100.0)),
            Cell::Number(thousands(*count)),
        ]
    };
    let mut blocks = vec![table(&["route", "share", "responses"], report.routes.iter().map(route).collect())];
    let people = &report.people;
    let mut rows = vec![];
    let mut add = |name: &str, value: String| rows.push(vec![Cell::Text(name.into()), Cell::Number(value)]);
    if let Some(counts) = &people.counts {
        add("responses sent to people", thousands(counts.routed.unsigned_abs()));
        add("of these not yet labelled", thousands(counts.queued.unsigned_abs()));
    }
    if people.labels + people.elsewhere > 0 {
        add("labels on these responses", thousands(people.labels));
        add("labels on others", thousands(people.elsewhere));
        add("people who gave them", thousands(people.annotators));
    }
    if !rows.is_empty() {
        blocks.push(table(&["queue and labels", ""], rows));
    }
    if !people.ledger.is_empty() {
        blocks.push(ledger(report));
    }
    let look_for = "What is not accepted waits for a person; a long queue without labels means that nobody checks the critics.";
    Some(Section { anchor: "people", title: "Queue, labels and money", look_for: look_for.into(), blocks })
}

fn ledger(report: &ScoreReport) -> Block {
    let row = |total: &CallTotal| {
        vec![
            Cell::Text(total.purpose.clone()),
            Cell::Text(total.model.clone()),
            Cell::Number(thousands(total.done)),
            doubt(total.failed + total.unknown),
            Cell::Number(thousands(total.input_tokens)),
            Cell::Number(thousands(total.output_tokens)),
            Cell::Number(NanoDollars(total.spent_nano).to_string()),
            doubt(total.unpriced_attempts),
        ]
    };
    let header = [
        "paid calls",
        "model",
        "answered",
        "failed",
        "tokens read",
        "tokens written",
        "spent",
        "without a price",
    ];
    table(&header, report.people.ledger.iter().map(row).collect())
}

/// Returns how well the rewards agree with labels.
pub(super) fn agreement(report: &ScoreReport) -> Option<Section> {
    let people = &report.people;
    let mut blocks = vec![];
    let said = |value: f64, interval: Option<(f64, f64)>| {
        let interval =
            interval.map_or(String::new(), |(low, high)| format!(" (95 % interval {low:.3} to {high:.3})"));
        format!("{value:.3}{interval}")
    };
    let mut plotted = vec![];
    if let Some(pairs) = &people.pairs {
        let share = pairs.value.map_or(NOTHING.into(), |value| said(value, pairs.interval));
        let (error, chance) = (number(pairs.error), number(pairs.error_by_chance));
        blocks.push(Block::Note(format!(
            "Of {} that people decided, the rewards decide {share} the same way; 0.5 is chance. {} of people are left out.",
            counted(pairs.count, "pair"),
            counted(pairs.ties, "tie"),
        )));
        if pairs.bins.is_empty() {
            blocks.push(Block::Note(
                "The rewards do not say how sure they are, so that nothing is said of that.".into(),
            ));
        } else {
            blocks.push(Block::Note(format!(
                "Said and found probability differ by {error} on average, where true probabilities would show {chance}."
            )));
            let drawn = plots::agreement(pairs, "probability said", "share that people agree with");
            plotted.push((
                "Pairs: how sure the rewards are, and how often people agree, with 95 % intervals".to_owned(),
                drawn,
            ));
        }
    }
    if let Some(ratings) = &people.ratings {
        blocks.push(Block::Note(format!(
            "On {}, the rank correlation of reward and rating is {}, and they differ by {} on average in bins of like reward.",
            counted(ratings.count, "rated response"),
            number(ratings.value),
            number(ratings.error),
        )));
        let drawn = plots::agreement(ratings, "mean reward", "mean rating of people");
        plotted
            .push(("Ratings: what rewards say, and what people say, with 95 % intervals".to_owned(), drawn));
    }
    if people.pairs.is_none() && people.ratings.is_none() {
        blocks.push(Block::Warning(
            "There are no labels on these responses: nothing says whether the rewards are right. `rewardctl queue list` \
             names what to label first."
                .into(),
        ));
    } else {
        if !plotted.is_empty() {
            blocks.push(Block::Plots(plotted));
        }
        blocks.extend(few(people.pairs.as_ref().or(people.ratings.as_ref())));
    }
    let look_for = "Points on the diagonal: what the rewards say is what people find; points below it: the rewards are too sure.";
    Some(Section { anchor: "calibration", title: "Do people agree?", look_for: look_for.into(), blocks })
}

/// Says that there are few labels.
fn few(found: Option<&Agreement>) -> Option<Block> {
    let count = found?.count;
    (count < 50).then(|| {
        Block::Warning(format!("{count} is few: the lines through the points show how little that says."))
    })
}
