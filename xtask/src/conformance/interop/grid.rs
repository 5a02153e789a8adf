//! A matrix: named rows and columns, with squares colored by outcome.

use core::fmt::Write as _;

use crate::conformance::suite::Outcome;
use crate::conformance::tables::escape;

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
    /// Renders the matrix as an HTML table.
    pub(super) fn html(&self) -> String {
        let mut out = format!("<table class=\"grid\">\n<caption>{}\n<thead>\n", escape(self.title));
        out += "<tr><th>";
        for (name, columns) in &self.parts {
            // Writing to a String cannot fail, here and below.
            let _ = write!(out, "<th colspan=\"{}\">{}", columns.len(), escape(name));
        }
        out += "\n<tr><th>";
        for column in self.parts.iter().flat_map(|(_, columns)| columns) {
            let _ = write!(out, "<th>{}", escape(column));
        }
        let mut part = None;
        for row in &self.rows {
            if part != Some(&row.part) {
                out += "\n<tbody>";
                part = Some(&row.part);
            }
            let _ = write!(out, "\n<tr><th>{}", escape(&row.name));
            for square in &row.squares {
                match square {
                    Some(square) => square.write(&mut out),
                    None => out += "<td>",
                }
            }
        }
        out += "\n<tfoot>";
        let width: usize = self.parts.iter().map(|(_, columns)| columns.len()).sum();
        for (outcome, meaning) in self.legend {
            let _ = write!(
                out,
                "\n<tr><th class=\"{}\">{}<td colspan=\"{width}\">",
                class(outcome),
                escape(meaning)
            );
        }
        for note in &self.notes {
            let _ = write!(out, "\n<tr><th>{}<td colspan=\"{width}\">", escape(note));
        }
        out + "\n</table>\n"
    }
}

impl Square {
    fn write(&self, out: &mut String) {
        let (class, tip, good) = (class(self.outcome), escape(&self.tip), escape(&self.good));
        let _ = write!(out, "<td class=\"{class}\" title=\"{tip}\">{good}");
        if !self.bad.is_empty() {
            let _ = write!(out, "<b>{}</b>", escape(&self.bad));
        }
    }
}

const fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::NotOffered | Outcome::NotRun => "not-offered",
        Outcome::Failed => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_colored_named_and_escaped_and_cells_without_a_case_are_empty() {
        let square = |outcome| {
            Some(Square { outcome, good: "G<".to_owned(), bad: "N".to_owned(), tip: "a & b".to_owned() })
        };
        let line = |part: &str, squares| Line { part: part.to_owned(), name: "R&D".to_owned(), squares };
        let grid = Grid {
            title: "a < b",
            parts: vec![("our client".to_owned(), vec!["full".to_owned(), "ID".to_owned()])],
            rows: vec![
                line("p", vec![square(Outcome::Failed), None]),
                line("p", vec![square(Outcome::Passed); 2]),
                line("q", vec![None, None]),
            ],
            legend: [(Outcome::Passed, "x"), (Outcome::NotOffered, "y"), (Outcome::Failed, "z")],
            notes: vec!["G = GnuTLS".to_owned()],
        };
        let html = grid.html();
        assert!(html.contains("<caption>a &lt; b\n") && html.contains("<th colspan=\"2\">our client"));
        let square = |class: &str| format!("<td class=\"{class}\" title=\"a &amp; b\">G&lt;<b>N</b>");
        assert!(html.contains(&format!("\n<tr><th>R&amp;D{}<td>\n", square("failed"))), "{html}");
        assert!(html.contains(&format!("\n<tr><th>R&amp;D{}\n", square("passed").repeat(2))), "{html}");
        assert_eq!(html.matches("<tbody>").count(), 2, "one for each part");
        assert!(html.contains("<th class=\"failed\">z<td") && html.contains("<th>G = GnuTLS<td"));
    }
}
