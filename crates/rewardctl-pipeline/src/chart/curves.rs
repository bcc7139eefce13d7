//! Panels of curves, as an SVG that stands alone: it brings its own style, and has neither script nor font.

use plotters::element::{PathElement, Polygon, Text};
use plotters::series::LineSeries;
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, FontStyle, RGBColor, WHITE};

use crate::chart::{Area, Axis, Drawn, FAINT, FINE, INK, Point, picture, plane, short, text, whole};
use crate::markup::{escaped, shown};

/// The colours of dark, and the dashes.
const STYLE: &str = include_str!("curves.css");

/// The colours of curves in light, each used for nothing else: `curves.css` tells curves apart by them.
const HUES: [u32; 6] = [0x6a7178, 0xb86e00, 0x0072b2, 0x00805f, 0xa8508c, 0xc43e00];

/// Pixels.
const PANEL: (u32, u32) = (498, 302);
const TITLE: u32 = 36;
const LEGEND: u32 = 64;
/// From the left edge to titles and the legend.
const LEFT: i32 = 74 * FINE as i32;

/// A curve, with a band where each of its points has an interval.
#[derive(Debug, Clone)]
pub(crate) struct Curve {
    pub name: &'static str,
    /// Its place among the colours.
    pub hue: usize,
    pub points: Vec<Point>,
}

/// Two views of one thing, each with its name.
#[derive(Debug, Clone)]
pub(crate) struct Row<'a> {
    pub name: &'a str,
    /// What is counted.
    pub across: &'static str,
    pub panels: [(&'static str, Vec<Curve>); 2],
}

/// Draws rows with the same curves; `title` is what those hear who cannot see, `note` stands below the legend.
pub(crate) fn curves(title: &str, rows: &[Row<'_>], note: &str) -> String {
    let size @ (width, height) = (2 * PANEL.0, rows.len() as u32 * (TITLE + PANEL.1) + LEGEND);
    let drawn = picture(size, title, |area| draw(area, rows, note));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n{drawn}</svg>\n",
        escaped(title)
    )
}

fn draw(area: &Area<'_>, rows: &[Row<'_>], note: &str) -> Drawn {
    area.fill(&WHITE)?;
    let mut below = area.clone();
    for row in rows {
        let (this, rest) = below.split_vertically((TITLE + PANEL.1) * FINE);
        draw_row(&this, row)?;
        below = rest;
    }
    draw_legend(&below, rows.first().map_or(&[], |row| &row.panels[0].1[..]), note)
}

fn draw_row(area: &Area<'_>, row: &Row<'_>) -> Drawn {
    let (title, panels) = area.split_vertically(TITLE * FINE);
    let mut bold = text(&INK, HPos::Left, VPos::Center);
    bold.font = bold.font.style(FontStyle::Bold);
    let name: String = row.name.chars().map(shown).collect();
    title.draw(&Text::new(name, (LEFT, (TITLE * FINE / 2) as i32), bold))?;
    for (area, (up, curves)) in panels.split_evenly((1, 2)).iter().zip(&row.panels) {
        draw_panel(&area.margin(0, 0, 4 * FINE, 0), (row.across, up), curves)?;
    }
    Ok(())
}

/// The curves decide how high a panel is: the wide intervals of first steps would flatten them.
fn draw_panel(area: &Area<'_>, (across, up): (&str, &str), curves: &[Curve]) -> Drawn {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let (low, high) = span(points().map(|point| point.y));
    // Curves that never change still need a height.
    let room = ((high - low) * 0.06).max(0.002);
    let up = Axis { span: (low - room, high + room), name: up, ticks: short };
    let across = Axis { span: span(points().map(|point| point.x)), name: across, ticks: whole };
    let mut plane = plane(area, &across, &up)?;
    plane.draw_series(curves.iter().filter_map(|curve| band(curve, up.span)))?;
    for curve in curves {
        let points = curve.points.iter().map(|point| (point.x, point.y));
        plane.draw_series(LineSeries::new(points, hue(curve).stroke_width(2 * FINE)))?;
    }
    Ok(())
}

fn band(curve: &Curve, (low, high): (f64, f64)) -> Option<Polygon<(f64, f64)>> {
    let ends = |point: &Point| {
        let (from, to) = point.interval?;
        Some(((point.x, from.clamp(low, high)), (point.x, to.clamp(low, high))))
    };
    let (mut outline, back): (Vec<_>, Vec<_>) =
        curve.points.iter().map(ends).collect::<Option<Vec<_>>>()?.into_iter().unzip();
    outline.extend(back.into_iter().rev());
    Some(Polygon::new(outline, hue(curve).mix(0.15)))
}

fn draw_legend(area: &Area<'_>, curves: &[Curve], note: &str) -> Drawn {
    let (fine, beside) = (FINE as i32, |color| text(color, HPos::Left, VPos::Center));
    for (at, curve) in curves.iter().enumerate() {
        let (left, middle) = (LEFT + 140 * fine * at as i32, 22 * fine);
        let line = [(left, middle), (left + 30 * fine, middle)];
        area.draw(&PathElement::new(line, hue(curve).stroke_width(2 * FINE)))?;
        area.draw(&Text::new(curve.name, (left + 37 * fine, middle), beside(&INK)))?;
    }
    area.draw(&Text::new(note, (LEFT, 46 * fine), beside(&FAINT)))
}

fn hue(curve: &Curve) -> RGBColor {
    let [_, red, green, blue] = HUES[curve.hue % HUES.len()].to_be_bytes();
    RGBColor(red, green, blue)
}

fn span(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let wider = |(low, high): (f64, f64), (from, to): (f64, f64)| (low.min(from), high.max(to));
    values.map(|value| (value, value)).reduce(wider).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(name: &str, points: Vec<Point>) -> String {
        let panel = ("up", vec![Curve { name: "one", hue: 0, points }]);
        curves("<b>", &[Row { name, across: "labels", panels: [panel.clone(), panel] }], "note")
    }

    #[test]
    fn bands_are_drawn_where_every_point_has_an_interval() {
        let point = |x, interval| Point { x, y: 0.5, interval };
        let (with, without) = (point(1.0, Some((0.0, 1.0))), point(2.0, None));
        let bands = |points| drawn("", points).matches("<polygon").count();
        assert_eq!((bands(vec![with.clone(), with.clone()]), bands(vec![with, without])), (2, 0));
    }

    #[test]
    fn a_name_cannot_leave_its_drawing_and_nothing_can_be_drawn() {
        let svg = drawn("<script>&\u{202e}\n", vec![]);
        assert!(svg.contains("<title>&lt;b&gt;</title>") && svg.contains("&lt;script&gt;&amp;··"), "{svg}");
        assert!(curves("", &[], "note").ends_with("</svg>\n"));
    }

    #[test]
    fn every_colour_has_one_of_dark() {
        let dark = STYLE.split_once("@media").unwrap().1;
        for hue in HUES {
            assert_eq!(dark.matches(&format!("=\"#{hue:06X}\"] {{")).count(), 2, "{hue:x}: bands, curves");
        }
    }
}
