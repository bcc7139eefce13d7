//! The curves of replays, drawn.

use rewardctl_core::replay::POLICIES;
use rewardctl_core::replay::summary::{Mean, Step, Summary};

use crate::chart::Point;
use crate::chart::curves::{Curve, Row, curves};
use crate::simulate::Simulation;

/// Rules with a band for their interval: with all of them nothing could be told apart.
const BANDS: [&str; 2] = ["random", "shipped"];
const NOTE: &str = "bands: 95 % intervals over seeds, of random and shipped";

/// Draws accuracy and log loss of each simulation, as an SVG that stands alone.
pub fn plot(simulations: &[Simulation]) -> String {
    curves("Active learning, replayed", &simulations.iter().map(row).collect::<Vec<_>>(), NOTE)
}

fn row(simulation: &Simulation) -> Row<'_> {
    let curves = |figure| simulation.rules.iter().map(|rule| curve(rule, figure)).collect();
    let accuracy = ("accuracy", curves(|step| step.accuracy));
    let log_loss = ("log loss (lower is better)", curves(|step| step.log_loss));
    Row { name: &simulation.name, across: "labels", panels: [accuracy, log_loss] }
}

fn curve(rule: &Summary, figure: fn(&Step) -> Mean) -> Curve {
    let point = |step: &Step| {
        let Mean { mean, interval } = figure(step);
        let interval = interval.filter(|_| BANDS.contains(&rule.policy));
        Point { x: step.labels as f64, y: mean, interval }
    };
    // A rule has its colour whichever others take part.
    let hue = POLICIES.iter().position(|policy| policy.name() == rule.policy).unwrap_or_default();
    Curve { name: rule.policy, hue, points: rule.steps.iter().map(point).collect() }
}
