//! The curves of replays as an SVG: no script, no font of its own, readable in light and dark.

use std::fmt::Write;

use rewardctl_core::replay::summary::{Mean, Step, Summary};

use crate::simulate::Simulation;

const STYLE: &str = include_str!("plot.css");

/// Pixels.
const PANEL: (f64, f64) = (400.0, 250.0);
const LEFT: f64 = 66.0;
const TOP: f64 = 44.0;
/// Below a panel: ticks and the label of the axis.
const BELOW: f64 = 62.0;
const LEGEND: f64 = 34.0;

/// One figure of a curve.
struct Figure {
    title: &'static str,
    of: fn(&Step) -> Mean,
}

const FIGURES: [Figure; 2] = [
    Figure { title: "accuracy", of: |step| step.accuracy },
    Figure { title: "log loss (lower is better)", of: |step| step.log_loss },
];

/// Rules with a band for their interval: with all of them nothing could be told apart.
const BANDS: [&str; 2] = ["random", "shipped"];

/// Draws a row of panels for each simulation.
pub fn plot(simulations: &[Simulation]) -> String {
    let row = TOP + PANEL.1 + BELOW;
    let (width, height) = (2.0 * (LEFT + PANEL.0) + 40.0, row * simulations.len() as f64 + LEGEND);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\">\n<title>Active learning, replayed</title>\n<style>{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n"
    );
    for (at, simulation) in simulations.iter().enumerate() {
        for (column, figure) in FIGURES.iter().enumerate() {
            let (x, y) = (LEFT + column as f64 * (LEFT + PANEL.0 + 10.0), at as f64 * row + TOP);
            let _ = writeln!(svg, "<g transform=\"translate({x} {y})\">");
            panel(&mut svg, simulation, figure);
            svg += "</g>\n";
        }
    }
    legend(&mut svg, simulations, height - LEGEND);
    svg + "</svg>\n"
}

fn panel(svg: &mut String, simulation: &Simulation, figure: &Figure) {
    let scale = Scale::of(simulation, figure);
    let (width, height) = PANEL;
    let name = escaped(&simulation.name);
    let _ = writeln!(svg, "<text class=\"title\" x=\"0\" y=\"-14\">{name}: {}</text>", figure.title);
    for value in ticks(scale.low, scale.high) {
        let y = scale.y(value);
        let _ = writeln!(svg, "<line class=\"grid\" x1=\"0\" x2=\"{width}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>");
        let _ = writeln!(svg, "<text class=\"end\" x=\"-8\" y=\"{:.1}\">{}</text>", y + 4.0, short(value));
    }
    for value in ticks(scale.first, scale.last) {
        let x = scale.x(value);
        let _ = writeln!(
            svg,
            "<line class=\"axis\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{height}\" y2=\"{}\"/>",
            height + 5.0
        );
        let _ = writeln!(svg, "<text class=\"middle\" x=\"{x:.1}\" y=\"{}\">{value}</text>", height + 19.0);
    }
    let _ = writeln!(svg, "<path class=\"axis\" d=\"M0 0V{height}H{width}\"/>");
    let _ =
        writeln!(svg, "<text class=\"middle\" x=\"{}\" y=\"{}\">labels</text>", width / 2.0, height + 38.0);
    let what = figure.title.split(" (").next().unwrap_or(figure.title);
    let _ = writeln!(
        svg,
        "<text class=\"middle\" transform=\"translate(-50 {}) rotate(-90)\">{what}</text>",
        height / 2.0
    );
    for rule in simulation.rules.iter().filter(|rule| BANDS.contains(&rule.policy)) {
        band(svg, rule, figure, &scale);
    }
    for rule in &simulation.rules {
        let points: Vec<(f64, f64)> =
            rule.steps.iter().map(|step| (step.labels as f64, (figure.of)(step).mean)).collect();
        let _ = writeln!(svg, "<path class=\"curve {}\" d=\"{}\"/>", rule.policy, path(&points, &scale));
    }
}

fn band(svg: &mut String, rule: &Summary, figure: &Figure, scale: &Scale) {
    let ends = |step: &Step| (figure.of)(step).interval.map(|(low, high)| (step.labels as f64, low, high));
    let Some(ends) = rule.steps.iter().map(ends).collect::<Option<Vec<_>>>() else { return };
    let up = ends.iter().map(|(labels, _, high)| (*labels, *high));
    let down = ends.iter().rev().map(|(labels, low, _)| (*labels, *low));
    let outline: Vec<(f64, f64)> = up.chain(down).collect();
    let _ = writeln!(svg, "<path class=\"band {}\" d=\"{}Z\"/>", rule.policy, path(&outline, scale));
}

fn path(points: &[(f64, f64)], scale: &Scale) -> String {
    let mut path = String::new();
    for (at, (labels, value)) in points.iter().enumerate() {
        let _ =
            write!(path, "{}{:.1} {:.1}", if at == 0 { 'M' } else { 'L' }, scale.x(*labels), scale.y(*value));
    }
    path
}

fn legend(svg: &mut String, simulations: &[Simulation], top: f64) {
    let Some(simulation) = simulations.first() else { return };
    for (at, rule) in simulation.rules.iter().enumerate() {
        let (x, name) = (LEFT + 140.0 * at as f64, rule.policy);
        let _ = writeln!(svg, "<path class=\"curve {name}\" d=\"M{x} {top}h30\"/>");
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{}\">{name}</text>", x + 37.0, top + 4.0);
    }
    let note = "bands: 95 % intervals over seeds, of random and shipped";
    let _ = writeln!(svg, "<text class=\"faint\" x=\"{LEFT}\" y=\"{}\">{note}</text>", top + 24.0);
}

/// What the axes of a panel span.
struct Scale {
    first: f64,
    last: f64,
    low: f64,
    high: f64,
}

impl Scale {
    fn of(simulation: &Simulation, figure: &Figure) -> Self {
        let steps = || simulation.rules.iter().flat_map(|rule| &rule.steps);
        let labels = || steps().map(|step| step.labels as f64);
        let values = || steps().map(|step| (figure.of)(step).mean);
        let (least, most) = (labels().fold(f64::INFINITY, f64::min), labels().fold(0.0, f64::max));
        let (low, high) =
            (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        // Curves that never change still need a height.
        let room = ((high - low) * 0.06).max(0.002);
        Self {
            first: least,
            last: if most > least { most } else { least + 1.0 },
            low: low - room,
            high: high + room,
        }
    }

    fn x(&self, labels: f64) -> f64 {
        (labels - self.first) / (self.last - self.first) * PANEL.0
    }

    fn y(&self, value: f64) -> f64 {
        (self.high - value.clamp(self.low, self.high)) / (self.high - self.low) * PANEL.1
    }
}

/// Returns some round numbers, seven at most, in `low..=high`.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let raw = (high - low) / 6.0;
    let power = 10f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|times| times * power).into_iter().find(|step| *step >= raw);
    let step = step.unwrap_or(raw);
    let (from, to) = ((low / step).ceil() as i64, (high / step).floor() as i64);
    // Through a short decimal, so that 3 · 0.1 is 0.3.
    (from..=to).filter_map(|at| format!("{:.6}", at as f64 * step).parse().ok()).collect()
}

fn short(value: f64) -> String {
    let text = format!("{value:.3}");
    text.strip_suffix('0').unwrap_or(&text).into()
}

/// Returns the name of a file as text of a drawing.
fn escaped(text: &str) -> String {
    let safe = |letter: char| match letter {
        '&' => "&amp;".into(),
        '<' => "&lt;".into(),
        '>' => "&gt;".into(),
        letter if letter.is_control() => "·".into(),
        letter => letter.to_string(),
    };
    text.chars().map(safe).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(ticks(20.0, 300.0), [50.0, 100.0, 150.0, 200.0, 250.0, 300.0]);
        assert_eq!(ticks(0.81, 0.9), [0.82, 0.84, 0.86, 0.88, 0.9]);
        assert!(ticks(0.5, 0.504).len() < 8);
    }

    #[test]
    fn names_cannot_become_markup() {
        assert_eq!(escaped("<a>&\n"), "&lt;a&gt;&amp;·");
    }
}
