//! The ratios as a bar chart: each row has two bars, Cairn relative to rustls and relative to the floor.

use core::fmt::Write as _;

use serde_json::Value;

use super::row::{figure, name};

/// Width of the column of names, in units of the drawing.
const NAMES: f64 = 240.0;
/// Width of the bars, and of the text at their ends.
const BARS: f64 = 480.0;
const MARGIN: f64 = 60.0;
const TOP: f64 = 56.0;
const ROW: f64 = 30.0;
const BAR: f64 = 10.0;

/// The colors contrast with light and dark backgrounds. The style follows the reader's preference.
const STYLE: &str = "\
text{font:12px system-ui,sans-serif;fill:#24292f}.rustls{fill:#2f81f7}.floor{fill:#8c959f}\
.one{stroke:#cf222e;stroke-width:1.5}.grid{stroke:#8c959f;stroke-opacity:.35}\
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.floor{fill:#7d8590}.one{stroke:#ff7b72}}";

/// A row of the chart.
struct Bars<'r> {
    name: &'r str,
    /// The ratios, each with its CSS class.
    ratios: Vec<(&'static str, f64)>,
}

/// Draws the chart of all rows in which less is better and which have a value to compare with.
///
/// # Errors
///
/// If a row has no name.
pub(super) fn svg(rows: &[Value]) -> Result<String, String> {
    let mut all = Vec::new();
    for row in rows {
        let unit = if figure(row, "cairn", "allocations").is_some() { "allocations" } else { "bytes" };
        let unit = if figure(row, "cairn", "ns").is_some() { "ns" } else { unit };
        let ours = figure(row, "cairn", unit);
        let ratio =
            |stack: &'static str| Some((stack, ours? / figure(row, stack, unit).filter(|n| *n > 0.0)?));
        let ratios: Vec<_> = ["rustls", "floor"].into_iter().filter_map(ratio).collect();
        let bars = Bars { name: name(row)?, ratios };
        if !bars.ratios.is_empty() {
            all.push(bars);
        }
    }
    Ok(draw(&all))
}

fn draw(all: &[Bars<'_>]) -> String {
    let most = all.iter().flat_map(|bars| &bars.ratios).map(|(_, ratio)| *ratio).fold(1.5, f64::max).ceil();
    let x = |ratio: f64| NAMES + ratio * BARS / most;
    let (width, mut y) = (NAMES + BARS + MARGIN, TOP);
    let height = all.iter().fold(TOP, |height, _| height + ROW) + 10.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <title>Cairn beside rustls and beside the primitives alone</title>\n<style>{STYLE}</style>\n"
    );
    // Writing to a String cannot fail.
    let mut put = |line: String| _ = writeln!(svg, "{line}");
    for (at, class, text) in [(NAMES, "rustls", "Cairn / rustls"), (NAMES + 130.0, "floor", "Cairn / floor")]
    {
        put(format!("<rect class=\"{class}\" x=\"{at}\" y=\"10\" width=\"10\" height=\"10\"/>"));
        put(format!("<text x=\"{}\" y=\"19\">{text}</text>", at + 15.0));
    }
    put(format!("<text x=\"{}\" y=\"19\" text-anchor=\"end\">shorter is better</text>", NAMES - 20.0));
    let mut mark = 0.0;
    while mark <= most {
        let (class, at) = (if mark == 1.0 { "one" } else { "grid" }, x(mark));
        put(format!(
            "<line class=\"{class}\" x1=\"{at:.1}\" y1=\"{}\" x2=\"{at:.1}\" y2=\"{}\"/>",
            TOP - 8.0,
            height - 10.0
        ));
        put(format!("<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{mark}</text>", TOP - 12.0));
        mark += 0.5;
    }
    for bars in all {
        put(format!(
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            NAMES - 8.0,
            y + 16.0,
            escaped(bars.name)
        ));
        let mut top = y + 2.0;
        for (class, ratio) in &bars.ratios {
            let end = x(*ratio);
            put(format!(
                "<rect class=\"{class}\" x=\"{NAMES}\" y=\"{top}\" width=\"{:.1}\" height=\"{BAR}\"/>",
                end - NAMES
            ));
            put(format!("<text x=\"{:.1}\" y=\"{}\">{ratio:.2}</text>", end + 4.0, top + BAR));
            top += BAR + 2.0;
        }
        y += ROW;
    }
    svg + "</svg>\n"
}

/// Escapes text for XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::svg;
    use serde_json::json;

    #[test]
    fn row_has_one_bar_per_ratio() {
        let rows = [
            json!({ "name": "both", "cairn_ns": 150.0, "rustls_ns": 100.0, "floor_ns": 50.0 }),
            json!({ "name": "a<b", "cairn_bytes": 100.0, "rustls_bytes": 400.0 }),
            json!({ "name": "alone", "cairn_ns": 150.0 }),
            json!({ "name": "more is better", "cairn_per_second": 150.0, "rustls_per_second": 1.0 }),
        ];
        let text = svg(&rows).unwrap();
        let bars = |class: &str| {
            text.lines().filter(|l| l.starts_with(&format!("<rect class=\"{class}\" x=\"240\" y=\""))).count()
        };
        // One more for rustls in the legend.
        assert_eq!((bars("rustls"), bars("floor")), (3, 1));
        for part in [">both<", ">1.50<", ">3.00<", ">0.25<", ">a&lt;b<", "prefers-color-scheme:dark"] {
            assert!(text.contains(part), "{part}");
        }
        assert!(!text.contains(">alone<") && !text.contains("more is better"), "nothing to compare with");
    }

    #[test]
    fn longest_bar_ends_within_the_drawing() {
        let rows = [json!({ "name": "slow", "cairn_ns": 1000.0, "rustls_ns": 100.0 })];
        let text = svg(&rows).unwrap();
        assert!(text.contains("width=\"480.0\""), "{text}");
    }
}
