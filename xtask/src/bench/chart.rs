//! The ratios as a bar chart: each row has two bars, Cairn relative to rustls and relative to the floor.

use core::error::Error;

use plotters::prelude::{
    ChartBuilder, EmptyElement, IntoDrawingArea, IntoSegmentedCoord, LabelAreaPosition, PathElement,
    RGBColor, Rectangle, SVGBackend, SegmentValue, SeriesLabelPosition, Text,
};
use plotters::style::{Color, IntoFont, TextStyle};
use serde_json::Value;

use super::row::{figure, name};

/// The bars of a row: the stack to compare with, its name, and the color.
const STACKS: [(&str, &str, RGBColor); 2] = [
    ("rustls", "Cairn / rustls", RGBColor(0x2f, 0x81, 0xf7)),
    ("floor", "Cairn / floor", RGBColor(0x8c, 0x95, 0x9f)),
];
/// The colors of text and of the line of equality. They contrast with light and dark backgrounds.
const TEXT: RGBColor = RGBColor(0x7d, 0x85, 0x90);
const EQUAL: RGBColor = RGBColor(0xcf, 0x22, 0x2e);

/// Sizes in pixels: the width of the picture, of the names and of the text at the ends of the longest bars;
/// the heights of the axis, of the margin above it and of a row.
const WIDTH: u32 = 800;
const NAMES: u32 = 240;
const VALUES: u32 = 60;
const AXIS: u32 = 42;
const TOP: u32 = 6;
const ROW: u32 = 30;
/// The height of a bar, and its distance from the edge of its row.
const BAR: u32 = 11;
const APART: u32 = 3;
/// The size of text in the unit of the library, which makes it 12 pixels.
const FONT: f64 = 14.9;

/// A row of the chart.
struct Bars<'r> {
    name: &'r str,
    /// The ratios, each with its stack.
    ratios: Vec<(&'static str, f64)>,
}

/// Draws the chart of all rows in which less is better and which have a value to compare with.
///
/// # Errors
///
/// If a row has no name, or there is no row to draw.
pub(super) fn svg(rows: &[Value]) -> Result<String, String> {
    let mut all = Vec::new();
    for row in rows {
        let unit = if figure(row, "cairn", "allocations").is_some() { "allocations" } else { "bytes" };
        let unit = if figure(row, "cairn", "ns").is_some() { "ns" } else { unit };
        let ours = figure(row, "cairn", unit);
        let ratio =
            |stack: &'static str| Some((stack, ours? / figure(row, stack, unit).filter(|n| *n > 0.0)?));
        let ratios: Vec<_> = STACKS.map(|(stack, ..)| stack).into_iter().filter_map(ratio).collect();
        let bars = Bars { name: name(row)?, ratios };
        if !bars.ratios.is_empty() {
            all.push(bars);
        }
    }
    draw(&all).map_err(|error| format!("the chart cannot be drawn: {error}"))
}

fn draw(all: &[Bars<'_>]) -> Result<String, Box<dyn Error>> {
    let most = all.iter().flat_map(|bars| &bars.ratios).map(|(_, ratio)| *ratio).fold(1.5, f64::max);
    let rows = u32::try_from(all.len())?;
    // The library includes the end of a range.
    let last = all.len().checked_sub(1).ok_or("there is nothing to compare with")?;
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (WIDTH, rows * ROW + AXIS + TOP)).into_drawing_area();
        let style = |size: f64| TextStyle::from(("sans-serif", size).into_font()).color(&TEXT);
        let name_of = |place: &SegmentValue<usize>| match place {
            SegmentValue::CenterOf(row) => all.iter().nth_back(*row).map_or("", |bars| bars.name).to_owned(),
            _ => String::new(),
        };
        let mut chart = ChartBuilder::on(&root)
            .margin_top(TOP)
            .margin_right(VALUES)
            .y_label_area_size(NAMES)
            .set_label_area_size(LabelAreaPosition::Top, AXIS)
            .build_cartesian_2d(0.0..most, (0..last).into_segmented())?;

        chart
            .configure_mesh()
            .disable_y_mesh()
            .light_line_style(TEXT.mix(0.0))
            .bold_line_style(TEXT.mix(0.3))
            .axis_style(TEXT)
            .label_style(style(FONT))
            .x_desc("shorter is better")
            .y_labels(all.len())
            .y_label_formatter(&name_of)
            .draw()?;
        for (number, (stack, label, color)) in STACKS.into_iter().enumerate() {
            let above = u32::try_from(number)? * BAR + APART;
            let below = ROW - above - BAR;
            // The text is below its anchor, which is the middle of the row.
            let shift = i32::try_from(above)? - i32::try_from(ROW / 2)?;
            let bars: Vec<(usize, f64)> = all
                .iter()
                .rev()
                .enumerate()
                .flat_map(|(row, bars)| bars.ratios.iter().map(move |bar| (row, bar)))
                .filter(|(_, (of, _))| *of == stack)
                .map(|(row, (_, ratio))| (row, *ratio))
                .collect();
            let shapes = bars.iter().map(|(row, ratio)| {
                let corners = [(0.0, SegmentValue::Exact(*row)), (*ratio, SegmentValue::Exact(row + 1))];
                let mut bar = Rectangle::new(corners, color.filled());
                bar.set_margin(above, below, 0, 0);
                bar
            });
            chart
                .draw_series(shapes)?
                .label(label)
                .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 10, y + 5)], color.filled()));
            let values = bars.iter().map(|(row, ratio)| {
                let at = (*ratio, SegmentValue::CenterOf(*row));
                EmptyElement::at(at) + Text::new(format!("{ratio:.2}"), (4, shift), style(FONT))
            });
            chart.draw_series(values)?;
        }
        let ends = [(1.0, SegmentValue::Exact(0)), (1.0, SegmentValue::Exact(all.len()))];
        chart.draw_series([PathElement::new(ends, EQUAL)])?;
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerRight)
            .label_font(style(FONT))
            .draw()?;
        root.present()?;
    }
    Ok(svg)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn row_has_one_bar_per_ratio() {
        let rows = [
            json!({ "name": "both", "cairn_ns": 150.0, "rustls_ns": 100.0, "floor_ns": 50.0 }),
            json!({ "name": "a<b", "cairn_bytes": 100.0, "rustls_bytes": 400.0 }),
            json!({ "name": "alone", "cairn_ns": 150.0 }),
            json!({ "name": "more is better", "cairn_per_second": 150.0, "rustls_per_second": 1.0 }),
        ];
        let svg = svg(&rows).unwrap();
        let bars = |color: &str| svg.lines().filter(|l| l.contains("<rect") && l.contains(color)).count();
        // One more of each in the legend.
        assert_eq!((bars("#2F81F7"), bars("#8C959F")), (2 + 1, 1 + 1));
        for text in ["both", "1.50", "3.00", "a&lt;b", "0.25"] {
            assert!(svg.lines().any(|line| line == text), "{text}");
        }
        assert!(!svg.contains("alone") && !svg.contains("more is better"), "nothing to compare with");
    }

    #[test]
    fn longest_bar_spans_the_chart() {
        let rows = [json!({ "name": "slow", "cairn_ns": 1000.0, "rustls_ns": 100.0 })];
        assert!(svg(&rows).unwrap().contains(&format!("width=\"{}\"", WIDTH - NAMES - VALUES - 1)));
        assert!(svg(&[]).is_err());
    }
}
