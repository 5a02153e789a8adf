//! A matrix as a picture: named rows and columns, with squares colored by outcome.

use core::fmt::Write as _;

use crate::conformance::pictures::{escape, length};
use crate::conformance::suite::Outcome;

/// The width of a letter in the widest of the usual fonts, in pixels.
const LETTER: f64 = 6.7;
const LINE: f64 = 18.0;
const MARGIN: f64 = 24.0;
/// Gaps between groups of columns and groups of rows.
const APART: f64 = 14.0;
/// The gap between a sample in the legend and its meaning.
const LEGEND_TEXT: f64 = 34.0;

const STYLE: &str = "\
svg.grid { background: #fff; color-scheme: light dark; }
svg.grid text { font: 11px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #1c2330; }
svg.grid .part { font-size: 13px; font-weight: 600; }
svg.grid .passed rect { fill: #bfe5c8; }
svg.grid .not-offered rect { fill: #e9ecf1; }
svg.grid .not-offered text { fill: #7b8698; }
svg.grid .failed rect { fill: #f6bcbc; }
svg.grid .bad { fill: #a30f1e; font-weight: 700; }
svg.grid .square:hover rect { stroke: #d1236b; stroke-width: 2; }
svg.grid .row:hover .label { font-weight: 700; }
@media (prefers-color-scheme: dark) {
svg.grid { background: #12161d; }
svg.grid text { fill: #e4e8ef; }
svg.grid .passed rect { fill: #1f5a33; }
svg.grid .not-offered rect { fill: #232a35; }
svg.grid .not-offered text { fill: #8592a6; }
svg.grid .failed rect { fill: #6e1f27; }
svg.grid .bad { fill: #ffb0b6; }
svg.grid .square:hover rect { stroke: #ff6ea8; }
}
";

/// The matrix.
#[derive(Debug)]
pub(super) struct Grid {
    pub(super) title: &'static str,
    /// The columns in groups, each with its name.
    pub(super) parts: Vec<(String, Vec<String>)>,
    pub(super) rows: Vec<Line>,
    /// The meaning of the outcomes in this matrix.
    pub(super) legend: [(Outcome, &'static str); 3],
    /// Additional notes beside the legend.
    pub(super) notes: Vec<String>,
}

/// A row of the matrix.
#[derive(Debug)]
pub(super) struct Line {
    /// Consecutive rows with the same value form a group.
    pub(super) part: String,
    pub(super) name: String,
    /// One square per column, over all groups.
    pub(super) squares: Vec<Option<Square>>,
}

/// The outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Square {
    pub(super) outcome: Outcome,
    /// Letters of the peers that passed.
    pub(super) good: String,
    /// Letters of the peers that failed.
    pub(super) bad: String,
    /// The tooltip.
    pub(super) tip: String,
}

impl Grid {
    /// Renders the matrix as SVG.
    pub(super) fn svg(&self) -> String {
        let letters = |text: &str| length(text.chars().count()) * LETTER;
        let names = self.rows.iter().map(|row| letters(&row.name));
        let meanings = self.legend.iter().map(|(_, meaning)| LEGEND_TEXT + letters(meaning));
        let names = names.chain(meanings).fold(0.0, f64::max);
        let in_squares = self.rows.iter().flat_map(|row| row.squares.iter().flatten());
        let in_squares = in_squares.map(|square| letters(&square.good) + letters(&square.bad));
        let heads = self.parts.iter().flat_map(|(_, columns)| columns).map(|name| letters(name));
        let wide = in_squares.chain(heads).fold(LINE - 10.0, f64::max) + 10.0;
        let step = wide + 2.0;

        let mut out = String::new();
        let (mut x, mut y) = (MARGIN + names, MARGIN);
        for (number, (outcome, meaning)) in self.legend.into_iter().enumerate() {
            let sample = Square { outcome, good: String::new(), bad: String::new(), tip: String::new() };
            let y = y + length(number) * (LINE + 2.0);
            sample.draw(&mut out, (MARGIN, y), 24.0);
            text(&mut out, MARGIN + LEGEND_TEXT, y + 12.5, false, meaning);
        }
        for (number, note) in self.notes.iter().enumerate() {
            text(&mut out, x + APART, y + 12.5 + length(number) * LINE, false, note);
        }
        let notes = self.notes.iter().map(|note| x + APART + letters(note)).fold(0.0, f64::max);
        y += length(self.notes.len().max(self.legend.len() + 1)) * LINE + 32.0;

        // The left edge of each column.
        let mut lefts = Vec::new();
        for (name, columns) in &self.parts {
            x += APART;
            // Writing to a String cannot fail, here and below.
            let _ = writeln!(out, "<text class=\"part\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escape(name));
            for column in columns {
                text(&mut out, x + wide / 2.0, y + LINE + 2.0, true, column);
                lefts.push(x);
                x += step;
            }
        }
        y += LINE + 10.0;
        let mut part = "";
        for row in &self.rows {
            if row.part != part && !part.is_empty() {
                y += APART / 2.0;
            }
            part = &row.part;
            out += "<g class=\"row\">";
            let _ = write!(
                out,
                "<text class=\"label\" x=\"{MARGIN}\" y=\"{:.1}\">{}</text>",
                y + 12.5,
                escape(&row.name)
            );
            for (left, square) in lefts.iter().zip(&row.squares) {
                if let Some(square) = square {
                    square.draw(&mut out, (*left, y), wide);
                }
            }
            out += "</g>\n";
            y += LINE;
        }
        let (width, height) = (x.max(notes) + MARGIN, y + MARGIN);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"grid\" role=\"img\" width=\"{width:.0}\" \
             height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n<title>{}</title>\n<style>\n\
             {STYLE}</style>\n{out}</svg>\n",
            escape(self.title)
        )
    }
}

impl Square {
    fn draw(&self, out: &mut String, (x, y): (f64, f64), width: f64) {
        let class = match self.outcome {
            Outcome::Passed => "passed",
            Outcome::NotOffered | Outcome::NotRun => "not-offered",
            Outcome::Failed => "failed",
        };
        let _ = write!(
            out,
            "<g class=\"square {class}\"><title>{}</title><rect x=\"{x:.1}\" y=\"{y:.1}\" \
             width=\"{width:.1}\" height=\"{:.1}\" rx=\"3\"/><text x=\"{:.1}\" y=\"{:.1}\" \
             text-anchor=\"middle\">{}",
            escape(&self.tip),
            LINE - 2.0,
            x + width / 2.0,
            y + 12.0,
            escape(&self.good)
        );
        if !self.bad.is_empty() {
            let _ = write!(out, "<tspan class=\"bad\">{}</tspan>", escape(&self.bad));
        }
        *out += "</text></g>";
    }
}

fn text(out: &mut String, x: f64, y: f64, middle: bool, text: &str) {
    let anchor = if middle { " text-anchor=\"middle\"" } else { "" };
    let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\"{anchor}>{}</text>", escape(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_colored_named_and_escaped_and_cells_without_a_case_are_empty() {
        let square = |outcome| {
            Some(Square { outcome, good: "G<".to_owned(), bad: "N".to_owned(), tip: "a & b".to_owned() })
        };
        let line = |squares| Line { part: "p".to_owned(), name: "R&D".to_owned(), squares };
        let grid = Grid {
            title: "a < b",
            parts: vec![("our client".to_owned(), vec!["full".to_owned(), "ID".to_owned()])],
            rows: vec![line(vec![square(Outcome::Failed), None]), line(vec![square(Outcome::Passed); 2])],
            legend: [(Outcome::Passed, "x"), (Outcome::NotOffered, "y"), (Outcome::Failed, "z")],
            notes: vec!["G = GnuTLS".to_owned()],
        };
        let svg = grid.svg();
        assert!(svg.contains("<title>a &lt; b</title>"));
        // One of each belongs to the legend.
        assert_eq!(svg.matches("<g class=\"square failed\">").count(), 2);
        assert_eq!(svg.matches("<g class=\"square passed\">").count(), 3);
        assert_eq!(svg.matches("G&lt;<tspan class=\"bad\">N</tspan>").count(), 3);
        assert_eq!(svg.matches("<title>a &amp; b</title>").count(), 3);
        assert!(svg.contains(">R&amp;D<") && svg.contains(">G = GnuTLS<") && svg.contains(">our client<"));
        assert!(!svg.contains("href") && !svg.contains("url(") && !svg.contains(" id="));
    }
}
