//! Plots as SVG, to stand in pages: no script, no font of their own. With [`curves`], the one place that names `plotters`.
//!
//! Colours are written as constants, and [`STYLE`] turns them into the page's own, so that one drawing serves light, dark
//! and print. What a colour says, a shape or a place says too.

use std::ops::Range;

use plotters::backend::SVGBackend;
use plotters::chart::{ChartBuilder, ChartContext, LabelAreaPosition};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::types::RangedCoordf64;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Rectangle, Text};
use plotters::series::LineSeries;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontTransform, IntoFont, RGBColor, TRANSPARENT, TextStyle};

use crate::markup::{escaped, shown};

pub(crate) mod curves;

/// What a page that shows plots has in its style sheet; it needs `--ink`, `--faint`, `--line`, `--bar` and `--mark`.
pub(crate) const STYLE: &str = include_str!("chart.css");

/// The colours that `chart.css` knows.
const INK: RGBColor = RGBColor(0x1c, 0x1f, 0x23);
const FAINT: RGBColor = RGBColor(0x5b, 0x62, 0x69);
const LINE: RGBColor = RGBColor(0xd9, 0xdd, 0xe1);
const BAR: RGBColor = RGBColor(0x2f, 0x6d, 0xa8);
const MARK: RGBColor = RGBColor(0xb8, 0x4a, 0x00);

/// Units of a drawing for each pixel shown: `plotters` draws at whole numbers.
const FINE: u32 = 4;
/// The size of a text; `plotters` divides it by this number.
const TEXT: f64 = 12.0 * 1.24 * FINE as f64;
const TICKS: usize = 5;
/// Characters of a name that have room.
const NAME: usize = 48;

/// Counts in bars of equal width.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bars<'a> {
    /// Where the first bar starts and the last one ends.
    pub span: (f64, f64),
    pub counts: &'a [u64],
    /// What is counted.
    pub axis: &'a str,
}

/// A point with its interval.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Point {
    pub x: f64,
    pub y: f64,
    pub interval: Option<(f64, f64)>,
}

/// Points in a plane.
#[derive(Debug, Clone)]
pub(crate) struct Points<'a> {
    pub points: &'a [Point],
    pub across: Axis<'a>,
    pub up: Axis<'a>,
    /// Whether the points follow each other, or the line is where both axes agree.
    pub line: Line,
}

/// What joins points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// They follow each other.
    Through,
    /// They should lie where both axes agree.
    Diagonal,
}

/// An axis.
#[derive(Debug, Clone)]
pub(crate) struct Axis<'a> {
    pub span: (f64, f64),
    pub name: &'a str,
    /// What stands at its ticks.
    pub ticks: fn(f64) -> String,
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Plane<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// Draws counts; `title` is what those hear who cannot see.
pub(crate) fn bars(size: (u32, u32), title: &str, bars: &Bars<'_>) -> String {
    picture(size, title, |area| draw_bars(area, bars))
}

/// Draws points with their intervals.
pub(crate) fn points(size: (u32, u32), title: &str, points: &Points<'_>) -> String {
    picture(size, title, |area| draw_points(area, points))
}

/// Draws shares from 0 to 1, each with its name.
pub(crate) fn shares(width: u32, title: &str, shares: &[(String, f64)]) -> String {
    picture((width, 28 * shares.len() as u32 + 4), title, |area| draw_shares(area, shares))
}

/// Returns a number as an axis shows it: two digits, a third where it says something, and no minus before a zero.
pub(crate) fn short(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.strip_suffix('0').unwrap_or(&text);
    if text == "-0.00" { "0.00".into() } else { text.into() }
}

/// Returns a whole number as an axis of counts shows it, and nothing for others.
pub(crate) fn whole(value: f64) -> String {
    if (value - value.round()).abs() < 1e-9 { grouped(value) } else { String::new() }
}

/// Returns a whole number with a narrow space between thousands.
pub(crate) fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::from(if value <= -0.5 { "−" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

fn picture(size: (u32, u32), title: &str, draw: impl Fn(&Area<'_>) -> Drawn) -> String {
    let mut svg = String::new();
    let area = SVGBackend::with_string(&mut svg, (size.0 * FINE, size.1 * FINE)).into_drawing_area();
    let drawn = draw(&area).and_then(|()| area.present());
    drop(area);
    drawn.expect("an SVG in memory takes everything, and spans are not empty");
    let body = svg.split_once('>').map_or("", |(_, body)| body);
    let (width, height, title) = (size.0 * FINE, size.1 * FINE, escaped(title));
    format!(
        "<svg class=\"chart\" viewBox=\"0 0 {width} {height}\" style=\"max-width:{}px\" role=\"img\" \
         aria-label=\"{title}\">{body}",
        size.0
    )
}

fn draw_bars(area: &Area<'_>, bars: &Bars<'_>) -> Drawn {
    let most = bars.counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let up = Axis { span: (0.0, most * 1.08), name: "", ticks: whole };
    let mut plane = plane(area, &Axis { span: bars.span, name: bars.axis, ticks: short }, &up)?;
    let wide = (bars.span.1 - bars.span.0) / bars.counts.len().max(1) as f64;
    plane.draw_series(bars.counts.iter().enumerate().filter(|(_, count)| **count > 0).map(
        |(at, count)| {
            let left = bars.span.0 + at as f64 * wide;
            let corners = [(left + 0.06 * wide, 0.0), (left + 0.94 * wide, *count as f64)];
            Rectangle::new(corners, BAR.filled())
        },
    ))?;
    Ok(())
}

fn draw_points(area: &Area<'_>, drawn: &Points<'_>) -> Drawn {
    let mut plane = plane(area, &drawn.across, &drawn.up)?;
    let stroke = BAR.stroke_width(2 * FINE);
    match drawn.line {
        Line::Through => {
            plane
                .draw_series(LineSeries::new(drawn.points.iter().map(|point| (point.x, point.y)), stroke))?;
        }
        Line::Diagonal => {
            let ends = drawn.across.span;
            let agree = [(ends.0, ends.0), (ends.1, ends.1)];
            plane.draw_series(LineSeries::new(agree, FAINT.stroke_width(FINE)))?;
        }
    }
    let (low, high) = drawn.up.span;
    let whisker = |point: &Point| {
        let (from, to) = point.interval?;
        let ends = [(point.x, from.clamp(low, high)), (point.x, to.clamp(low, high))];
        Some(PathElement::new(ends.to_vec(), MARK.stroke_width(2 * FINE)))
    };
    plane.draw_series(drawn.points.iter().filter_map(whisker))?;
    let dot = |point: &Point| Circle::new((point.x, point.y.clamp(low, high)), 4 * FINE, BAR.filled());
    plane.draw_series(drawn.points.iter().map(dot))?;
    Ok(())
}

fn draw_shares(area: &Area<'_>, shares: &[(String, f64)]) -> Drawn {
    let (width, _) = area.dim_in_pixel();
    let (names, row, fine) = (150 * FINE as i32, 28 * FINE as i32, FINE as i32);
    let room = width as i32 - names - 56 * fine;
    for (at, (name, share)) in shares.iter().enumerate() {
        let top = at as i32 * row;
        let end = names + (share.clamp(0.0, 1.0) * f64::from(room)) as i32;
        let middle = top + row / 2;
        area.draw(&Text::new(
            named(name),
            (names - 10 * fine, middle),
            text(&INK, HPos::Right, VPos::Center),
        ))?;
        let corners = [(names, top + 5 * fine), (end.max(names + fine), top + row - 5 * fine)];
        area.draw(&Rectangle::new(corners, BAR.filled()))?;
        let said = format!("{:.1} %", share * 100.0);
        area.draw(&Text::new(said, (end + 8 * fine, middle), text(&INK, HPos::Left, VPos::Center)))?;
    }
    Ok(())
}

fn plane<'a, 'b>(
    area: &'a Area<'b>,
    across: &Axis<'_>,
    up: &Axis<'_>,
) -> Result<Plane<'a, 'b>, DrawingAreaErrorKind<std::io::Error>> {
    let longest = (up.ticks)(up.span.1.round()).chars().count().max(3) as u32;
    let left = 14 + 8 * longest + if up.name.is_empty() { 0 } else { 24 };
    let below = if across.name.is_empty() { 24 } else { 44 };
    let mut plane = ChartBuilder::on(area)
        .margin_top(8 * FINE)
        .margin_right(24 * FINE)
        .set_label_area_size(LabelAreaPosition::Left, left * FINE)
        .set_label_area_size(LabelAreaPosition::Bottom, below * FINE)
        .build_cartesian_2d(range(across.span), range(up.span))?;
    plane
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(LINE.stroke_width(FINE))
        .axis_style(FAINT.stroke_width(FINE))
        .label_style(text(&FAINT, HPos::Left, VPos::Top))
        .axis_desc_style(text(&INK, HPos::Left, VPos::Top))
        .x_labels(TICKS + 1)
        .y_labels(TICKS + 1)
        .x_desc(named(across.name))
        .y_desc(named(up.name))
        .x_label_formatter(&|value| (across.ticks)(*value))
        .y_label_formatter(&|value| (up.ticks)(*value))
        .set_all_tick_mark_size(5 * FINE)
        .draw()?;
    Ok(plane)
}

/// Returns a name as a drawing shows it, which escapes it: short, and nothing that turns text.
fn named(name: &str) -> String {
    name.chars().take(NAME).map(shown).collect()
}

/// A span that is never empty: `plotters` divides by its length.
fn range((low, high): (f64, f64)) -> Range<f64> {
    if low < high { low..high } else { low - 0.5..low + 0.5 }
}

fn text(color: &RGBColor, across: HPos, up: VPos) -> TextStyle<'static> {
    let style: TextStyle<'static> =
        ("sans-serif", TEXT).into_font().transform(FontTransform::None).color(color);
    style.pos(Pos::new(across, up))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_plot() {
        let svg = shares(300, "<b>\"who\"", &[("<script>\u{202e}".into(), 2.0), ("b".into(), f64::NAN)]);
        assert!(
            svg.contains("&lt;script&gt;") && !svg.contains("<script") && !svg.contains('\u{202e}'),
            "{svg}"
        );
        assert!(svg.contains("aria-label=\"&lt;b&gt;&quot;who&quot;\""), "{svg}");
    }

    #[test]
    fn nothing_to_draw_is_an_empty_plot() {
        let empty = bars((200, 100), "nothing", &Bars { span: (0.0, 0.0), counts: &[], axis: "reward" });
        assert!(empty.ends_with("</svg>\n") && empty.contains("reward"), "{empty}");
        let axis = || Axis { span: (0.0, 1.0), name: "x", ticks: short };
        let points = Points { points: &[], across: axis(), up: axis(), line: Line::Diagonal };
        assert!(super::points((200, 200), "none", &points).contains("</svg>"));
    }

    #[test]
    fn a_page_knows_every_colour() {
        for RGBColor(red, green, blue) in [INK, FAINT, LINE, BAR, MARK] {
            let colour = format!("\"#{red:02X}{green:02X}{blue:02X}\"");
            assert_eq!(STYLE.matches(&colour).count(), 2, "{colour}, for fills and strokes");
        }
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(grouped(1_234_567.0), "1\u{202f}234\u{202f}567");
        assert_eq!((grouped(0.0).as_str(), whole(0.5).as_str(), whole(2.0).as_str()), ("0", "", "2"));
        assert_eq!([-0.0001, 0.9, 0.125].map(short), ["0.00", "0.90", "0.125"]);
    }
}
