//! Plots of a dataset as SVG, to stand in its page: no script, no font of their own.

use std::fmt::Write;

use crate::dataset::figures::Histogram;

/// Pixels.
const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 160.0;
const BELOW: f64 = 40.0;
const LEFT: f64 = 10.0;
/// Of a bar of shares.
const ROW: f64 = 26.0;
const NAMES: f64 = 180.0;

/// Draws the counts of a histogram; `axis` says what is counted, as text of a page already.
pub(super) fn histogram(histogram: &Histogram, axis: &str) -> String {
    let most = histogram.counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let bar = WIDTH / histogram.counts.len().max(1) as f64;
    let (width, height) = (WIDTH + 2.0 * LEFT, HEIGHT + BELOW);
    let mut svg = opened(width, height, axis);
    for (at, count) in histogram.counts.iter().enumerate() {
        let tall = *count as f64 / most * (HEIGHT - 10.0);
        let (x, y) = (LEFT + at as f64 * bar, HEIGHT - tall);
        let _ =
            write!(svg, "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{tall:.1}\"/>", bar - 2.0);
    }
    let end = LEFT + WIDTH;
    let _ = write!(svg, "<line class=\"axis\" x1=\"{LEFT}\" x2=\"{end}\" y1=\"{HEIGHT}\" y2=\"{HEIGHT}\"/>");
    let middle = f64::midpoint(histogram.low, histogram.high);
    let ticks = [
        (LEFT, histogram.low, "start"),
        (LEFT + WIDTH / 2.0, middle, "middle"),
        (end, histogram.high, "end"),
    ];
    for (x, value, anchor) in ticks {
        let y = HEIGHT + 16.0;
        let _ = write!(svg, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{}</text>", short(value));
    }
    let (x, y) = (LEFT + WIDTH / 2.0, HEIGHT + 34.0);
    let _ = write!(svg, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{axis}</text></svg>");
    svg
}

/// Draws shares as bars from 0 to 1, each with its name, which is text of a page already.
pub(super) fn shares(shares: &[(&str, f64)], title: &str) -> String {
    let (width, height) = (WIDTH + 2.0 * LEFT, ROW * shares.len() as f64 + 4.0);
    let mut svg = opened(width, height, title);
    for (at, (name, share)) in shares.iter().enumerate() {
        let y = at as f64 * ROW;
        let long = share.clamp(0.0, 1.0) * (WIDTH - NAMES - 60.0);
        let _ = write!(svg, "<text x=\"{LEFT}\" y=\"{}\">{name}</text>", y + 16.0);
        let _ = write!(svg, "<rect x=\"{NAMES}\" y=\"{}\" width=\"{long:.1}\" height=\"14\"/>", y + 5.0);
        let x = NAMES + long + 8.0;
        let _ = write!(svg, "<text x=\"{x:.1}\" y=\"{}\">{:.1} %</text>", y + 16.0, share * 100.0);
    }
    svg + "</svg>"
}

fn opened(width: f64, height: f64, title: &str) -> String {
    format!(
        "<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\"><title>{title}</title>"
    )
}

/// Returns two digits, and no minus before a zero.
fn short(value: f64) -> String {
    let text = format!("{value:.2}");
    if text == "-0.00" { "0.00".into() } else { text }
}
