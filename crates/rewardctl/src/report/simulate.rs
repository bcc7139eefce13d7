//! What replays of active learning came to, as tables for people.

use rewardctl_core::replay::summary::{Figure, Mean, Saving, Step, Summary};
use rewardctl_pipeline::simulate::Simulation;

use crate::report::{counted, table};
use crate::show::printable;

/// Steps of the curve that the table shows.
const SHOWN: usize = 6;

/// What stands where there is no figure.
const NOTHING: &str = "–";

/// Returns the tables of all simulations.
pub fn simulations(simulations: &[Simulation]) -> String {
    let mut parts: Vec<String> = simulations.iter().map(simulation).collect();
    parts.push(
        "Intervals are 95 % over seeds; p is of Wilcoxon's signed-rank test of areas, seed by seed. `saves` is the share \
         of labels that a rule needs less than random asking for the same figure. This is about fitting a small \
         aggregator: for a policy trained on its rewards nothing follows."
            .into(),
    );
    parts.join("\n\n")
}

fn simulation(simulation: &Simulation) -> String {
    let Simulation { pool, test, start, batch, budget, .. } = simulation;
    let title = format!(
        "{}: {} to ask about, {test} to test on, {}, {}; {start} labels at the start, {batch} a batch, {budget} in the end",
        printable(&simulation.name, 60),
        counted(*pool as u64, "pair"),
        counted(simulation.critics as u64, "critic"),
        counted(simulation.seeds as u64, "seed"),
    );
    let mut parts = vec![title, curves(simulation), ends(simulation)];
    if simulation.rules.len() > 1 {
        parts.push(savings(simulation));
    }
    parts.join("\n\n")
}

/// Accuracy after some numbers of labels.
fn curves(simulation: &Simulation) -> String {
    let steps = &simulation.rules[0].steps;
    let last = steps.len() - 1;
    let mut shown: Vec<usize> = (0..SHOWN).map(|at| (at * last).div_ceil(SHOWN - 1)).collect();
    shown.dedup();
    let mut header = vec!["accuracy with".to_owned()];
    header.extend(shown.iter().map(|at| format!("{} labels", steps[*at].labels)));
    let row = |rule: &Summary| {
        let mut row = vec![rule.policy.to_owned()];
        row.extend(shown.iter().map(|at| format!("{:.3}", rule.steps[*at].accuracy.mean)));
        row
    };
    table(&header.iter().map(String::as_str).collect::<Vec<_>>(), simulation.rules.iter().map(row).collect())
}

/// The last step, and the whole curve.
fn ends(simulation: &Simulation) -> String {
    let header = ["in the end", "accuracy", "log loss", "ECE", "area", "more than random", "p"];
    let row = |rule: &Summary| {
        let last = rule.steps.last().map(|step: &Step| {
            [mean(step.accuracy), mean(step.log_loss), format!("{:.3}", step.calibration_error.mean)]
        });
        let [accuracy, loss, error] = last.unwrap_or_else(|| [NOTHING, NOTHING, NOTHING].map(String::from));
        let p = rule.test.map_or(NOTHING.into(), |test| probability(test.p));
        let difference = rule.difference.map_or(NOTHING.into(), signed);
        vec![rule.policy.into(), accuracy, loss, error, format!("{:.4}", rule.area.mean), difference, p]
    };
    table(&header, simulation.rules.iter().map(row).collect())
}

fn savings(simulation: &Simulation) -> String {
    let rows = simulation.rules.iter().flat_map(|rule| rule.savings.iter().map(move |saving| (rule, saving)));
    let header = ["to reach", "rule", "labels", "random", "saves", "95 % interval"];
    let mut rows: Vec<(&Summary, &Saving)> = rows.collect();
    // By target, so that rules stand below each other.
    rows.sort_by_key(|(_, saving)| (saving.figure == Figure::LogLoss, (saving.at * 100.0) as u32));
    let row = |(rule, saving): (&Summary, &Saving)| {
        let figure = match saving.figure {
            Figure::Accuracy => "accuracy",
            Figure::LogLoss => "log loss",
        };
        let never = || format!("over {}", simulation.budget);
        vec![
            format!("{figure} {:.3}", saving.target),
            rule.policy.into(),
            saving.needed.map_or_else(never, |needed| format!("{needed:.0}")),
            format!("{:.0}", saving.random),
            saving.share.map_or(NOTHING.into(), percent),
            interval(saving),
        ]
    };
    table(&header, rows.into_iter().map(row).collect())
}

fn interval(saving: &Saving) -> String {
    match (saving.low, saving.high) {
        (Some(low), Some(high)) => format!("{} to {}", percent(low), percent(high)),
        (None, Some(high)) => format!("up to {}, may not get there", percent(high)),
        _ => NOTHING.into(),
    }
}

fn percent(share: f64) -> String {
    let text = format!("{:.0} %", share * 100.0);
    if text == "-0 %" { "0 %".into() } else { text }
}

fn mean(mean: Mean) -> String {
    let interval = mean.interval.map_or(String::new(), |(low, high)| format!(" [{low:.3}, {high:.3}]"));
    format!("{:.3}{interval}", mean.mean)
}

fn signed(mean: Mean) -> String {
    let interval = mean.interval.map_or(String::new(), |(low, high)| format!(" [{low:+.4}, {high:+.4}]"));
    format!("{:+.4}{interval}", mean.mean)
}

fn probability(p: f64) -> String {
    if p < 0.0001 { "< 0.0001".into() } else { format!("{p:.4}") }
}
