//! The plots of a report.

use crate::chart::{Axis, Bars, Line, Point, Points, bars, points, short, whole};
use crate::report::figures::{Agreement, LengthFigures, Run, UncertaintyFigures};

/// Pixels.
const WIDE: (u32, u32) = (520, 230);
const SMALL: (u32, u32) = (340, 180);
const SQUARE: (u32, u32) = (360, 340);

/// Draws how rewards, and the scores of each dimension, spread: the rewards apart.
pub(super) fn spread(all: &[(String, Vec<u64>)]) -> [Vec<(String, String)>; 2] {
    let drawn = |size, (name, counts): &(String, Vec<u64>)| {
        let drawn = Bars { span: (0.0, 1.0), counts, axis: name };
        (format!("How many responses have which {name}"), bars(size, name, &drawn))
    };
    let (rewards, dimensions) = all.split_at(all.len().min(1));
    let speaks = |(_, counts): &&(String, Vec<u64>)| counts.iter().any(|count| *count > 0);
    let each =
        |size, all: &[(String, Vec<u64>)]| all.iter().filter(speaks).map(|one| drawn(size, one)).collect();
    [each(WIDE, rewards), each(SMALL, dimensions)]
}

/// Draws how far rewards may be off.
pub(super) fn uncertainty(figures: &UncertaintyFigures) -> (String, String) {
    let drawn =
        Bars { span: (0.0, figures.high), counts: &figures.counts, axis: "uncertainty (standard deviation)" };
    ("How many rewards may be how far off".into(), bars(WIDE, "uncertainty", &drawn))
}

/// Draws what was said beside what people say.
pub(super) fn agreement(found: &Agreement, across: &str, up: &str) -> String {
    let point =
        |bin: &crate::report::figures::Bin| Point { x: bin.said, y: bin.found, interval: bin.interval };
    let all: Vec<Point> = found.bins.iter().map(point).collect();
    // The likelier side of a pair is never said to be less likely than one half.
    let low = if all.iter().all(|point| point.x >= 0.5) { 0.5 } else { 0.0 };
    let lowest = all.iter().filter_map(|point| point.interval.map_or(Some(point.y), |(from, _)| Some(from)));
    let floor = if lowest.fold(1.0, f64::min) < low { 0.0 } else { low };
    let drawn = Points {
        points: &all,
        across: Axis { span: (low, 1.0), name: across, ticks: short },
        up: Axis { span: (floor, 1.0), name: up, ticks: short },
        line: Line::Diagonal,
    };
    points(SQUARE, &format!("{up} beside {across}"), &drawn)
}

/// Draws mean rewards by length.
pub(super) fn length(figures: &LengthFigures) -> String {
    // At the middle of each bin, on a scale of doublings.
    let point = |bin: &crate::report::figures::LengthBin| Point {
        x: (bin.from as f64).log2() + 0.5,
        y: bin.mean,
        interval: bin.interval,
    };
    let all: Vec<Point> = figures.bins.iter().map(point).collect();
    let (first, last) = ends(all.iter().map(|point| point.x));
    let drawn = Points {
        points: &all,
        across: Axis { span: (first - 0.5, last + 0.5), name: "characters", ticks: doubled },
        up: Axis { span: room(&all), name: "mean reward", ticks: short },
        line: Line::Through,
    };
    points(WIDE, "mean reward by length", &drawn)
}

/// Draws mean rewards over runs.
pub(super) fn trend(runs: &[Run]) -> String {
    let number =
        |(at, run): (usize, &Run)| Some(Point { x: at as f64 + 1.0, y: run.mean?, interval: run.interval });
    let all: Vec<Point> = runs.iter().enumerate().filter_map(number).collect();
    let drawn = Points {
        points: &all,
        across: Axis {
            span: (0.5, runs.len() as f64 + 0.5),
            name: "run, by its number in the table",
            ticks: whole,
        },
        up: Axis { span: room(&all), name: "mean reward", ticks: short },
        line: Line::Through,
    };
    points(WIDE, "mean reward over runs", &drawn)
}

fn doubled(power: f64) -> String {
    crate::chart::grouped(power.exp2())
}

fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}

/// A span that holds all points with their intervals, a tenth of the scale at least: small differences look small.
fn room(points: &[Point]) -> (f64, f64) {
    let values = points.iter().flat_map(|point| match point.interval {
        Some((low, high)) => [low, high],
        None => [point.y, point.y],
    });
    let (low, high) = ends(values);
    if low > high {
        return (0.0, 1.0);
    }
    let wide = ((high - low) * 1.2).max(0.1);
    let middle = f64::midpoint(low, high);
    let low = (middle - wide / 2.0).clamp(0.0, (1.0 - wide).max(0.0));
    (low, (low + wide).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_differences_look_small() {
        let point = |y| Point { x: 0.0, y, interval: None };
        let (low, high) = room(&[point(0.5), point(0.501)]);
        assert!(high - low >= 0.1 - 1e-12 && low < 0.5 && high > 0.501, "{low} {high}");
        assert_eq!(room(&[]), (0.0, 1.0));
        let (low, high) = room(&[point(0.999)]);
        assert!(high <= 1.0 && low < 0.999);
    }
}
