//! The reliability diagram and the risk-coverage curve as one SVG picture: no script, no network, readable in light and
//! dark, and without colour.

use std::fmt::Write;

use crate::measure::probabilities::{ProbabilitiesReport, ReliabilityBin, RiskPoint};

const STYLE: &str = include_str!("plot.css");

/// Pixels of a panel's inner square.
const SIDE: f64 = 300.0;
const LEFT: f64 = 64.0;
const TOP: f64 = 56.0;
/// From the left edge of one panel to that of the next.
const STRIDE: f64 = 440.0;
const WIDTH: f64 = 2.0 * STRIDE;
const HEIGHT: f64 = 452.0;
/// The least whisker that can be seen beside its point.
const CAP: f64 = 4.0;
/// Where the text under the panels starts.
const FOOT: f64 = TOP + SIDE + 72.0;

/// A panel: where it stands, and how far its vertical axis goes.
struct Panel {
    x: f64,
    top: f64,
}

/// Returns the picture.
pub fn plot(report: &ProbabilitiesReport) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" \
         height=\"{HEIGHT}\" role=\"img\" aria-labelledby=\"title description\">\n"
    );
    let rows = report.rows;
    svg += "<title id=\"title\">Reliability diagram and risk-coverage curve</title>\n";
    let _ = writeln!(svg, "<desc id=\"description\">{}</desc>", description(report));
    let _ = writeln!(svg, "<style>\n{STYLE}</style>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>");
    svg += &reliability(&report.reliability, rows as f64);
    svg += &risk_coverage(&report.risk_coverage);
    let ece = report.figures.ece.value.map_or("–".into(), |value| format!("{value:.3}"));
    let chance = report.figures.ece_by_chance.map_or("–".into(), |value| format!("{value:.3}"));
    let foot = format!("{rows} rows · ECE {ece} (true probabilities would show {chance})");
    svg += &text(LEFT, FOOT, "faint", &foot);
    let aurc = report.figures.aurc.value.map_or("–".into(), |value| format!("{value:.3}"));
    svg += &text(STRIDE + LEFT, FOOT, "faint", &format!("area {aurc} · dashed: the error of all rows"));
    svg + "</svg>\n"
}

fn description(report: &ProbabilitiesReport) -> String {
    let bin = |bin: &ReliabilityBin| {
        format!("{:.2} said, {:.2} happened ({} rows)", bin.probability, bin.share, bin.rows)
    };
    report.reliability.iter().map(bin).collect::<Vec<_>>().join("; ")
}

fn reliability(bins: &[ReliabilityBin], rows: f64) -> String {
    let panel = Panel { x: LEFT, top: 1.0 };
    let mut svg = panel.frame("Reliability", "probability said", "share that happened");
    // How many rows each bin has, as bars behind the points; the tallest is a fifth of the panel.
    let most = bins.iter().map(|bin| bin.rows).max().unwrap_or(0) as f64;
    for bin in bins {
        let (left, right) = (panel.across(bin.low), panel.across(bin.high));
        let height = bin.rows as f64 / most * SIDE / 5.0;
        let (y, width) = (TOP + SIDE - height, right - left - 2.0);
        let share = 100.0 * bin.rows as f64 / rows;
        let _ = writeln!(
            svg,
            "<rect class=\"bar\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\">\
             <title>{} rows, {share:.1} %</title></rect>",
            left + 1.0,
            bin.rows
        );
    }
    svg += &panel.line("diagonal", (0.0, 0.0), (1.0, 1.0));
    for bin in bins {
        if let Some((low, high)) = bin.interval {
            svg += &panel.line("whisker", (bin.probability, low), (bin.probability, high));
            for end in [low, high] {
                let (x, y) = (panel.across(bin.probability), panel.up(end));
                svg += &line("whisker", (x - CAP, y), (x + CAP, y));
            }
        }
    }
    let points = bins.iter().map(|bin| (bin.probability, bin.share));
    svg += &panel.path("thin", points);
    for bin in bins {
        let (x, y) = (panel.across(bin.probability), panel.up(bin.share));
        let _ = writeln!(
            svg,
            "<circle class=\"point\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\"><title>{:.3} said, {:.3} happened, {} \
             rows</title></circle>",
            bin.probability, bin.share, bin.rows
        );
    }
    svg
}

fn risk_coverage(points: &[RiskPoint]) -> String {
    let highest = points.iter().map(|point| point.risk).fold(0.0, f64::max);
    let panel = Panel { x: STRIDE + LEFT, top: axis_end(highest) };
    let mut svg = panel.frame("Risk and coverage", "share kept, most confident first", "share wrong");
    if let Some(all) = points.last() {
        svg += &panel.line("diagonal", (0.0, all.risk), (1.0, all.risk));
    }
    svg += &panel.path("curve", points.iter().map(|point| (point.coverage, point.risk)));
    if let [only] = points {
        let (x, y) = (panel.across(only.coverage), panel.up(only.risk));
        let _ = writeln!(svg, "<circle class=\"point\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\"/>");
    }
    svg
}

/// Returns a round end of an axis that reaches `highest`.
fn axis_end(highest: f64) -> f64 {
    [0.05, 0.1, 0.2, 0.5].into_iter().find(|end| highest <= *end).unwrap_or(1.0)
}

impl Panel {
    fn across(&self, value: f64) -> f64 {
        self.x + value * SIDE
    }

    fn up(&self, value: f64) -> f64 {
        TOP + SIDE - value / self.top * SIDE
    }

    /// Draws the title, the axes, their ticks and names.
    fn frame(&self, title: &str, across: &str, up: &str) -> String {
        let mut svg = text(self.x, TOP - 20.0, "title", title);
        for n in 0..=5 {
            let share = f64::from(n) / 5.0;
            let (x, y) = (self.across(share), self.up(share * self.top));
            svg += &line("grid", (self.x, y), (self.x + SIDE, y));
            svg += &line("grid", (x, TOP), (x, TOP + SIDE));
            svg += &text(x, TOP + SIDE + 18.0, "tick middle", &format!("{share:.1}"));
            let digits = if self.top < 0.5 { 2 } else { 1 };
            svg += &text(self.x - 8.0, y + 4.0, "tick end", &format!("{:.digits$}", share * self.top));
        }
        let (middle, bottom) = (self.x + SIDE / 2.0, TOP + SIDE);
        svg += &text(middle, bottom + 40.0, "name middle", across);
        let (x, y) = (self.x - 44.0, TOP + SIDE / 2.0);
        let _ = writeln!(
            svg,
            "<text class=\"name middle\" x=\"{x:.1}\" y=\"{y:.1}\" transform=\"rotate(-90 {x:.1} {y:.1})\">{up}</text>"
        );
        svg
    }

    fn line(&self, class: &str, from: (f64, f64), to: (f64, f64)) -> String {
        line(class, (self.across(from.0), self.up(from.1)), (self.across(to.0), self.up(to.1)))
    }

    fn path(&self, class: &str, points: impl Iterator<Item = (f64, f64)>) -> String {
        let points: Vec<String> =
            points.map(|(x, y)| format!("{:.1},{:.1}", self.across(x), self.up(y))).collect();
        format!("<polyline class=\"{class}\" points=\"{}\"/>\n", points.join(" "))
    }
}

fn line(class: &str, from: (f64, f64), to: (f64, f64)) -> String {
    format!(
        "<line class=\"{class}\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>\n",
        from.0, from.1, to.0, to.1
    )
}

fn text(x: f64, y: f64, class: &str, text: &str) -> String {
    format!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>\n")
}
