//! Compares the state machine with a model of the figures in the RFCs: a test of `cairn-handshake` explores
//! both roles and prints its figures, one line for each side and method. The same test compares the diagrams
//! of `docs/states.md` with the transition tables. They are drawn for the report.

mod draw;
mod layout;
mod mermaid;
mod order;

use std::fs;
use std::path::Path;

use super::figures::{self, Figures};
use super::pictures;
use super::suite::{Context, Outcome, Row, Suite};

pub(super) const SUITE: Suite = Suite {
    name: "states",
    about: "every message in every state of client and server, compared with \
            a model of the figures of RFC 5246",
    case: "a sequence of messages; it fails if the state machine and the model differ",
    needs: &[],
    run,
};

/// The page with the diagrams.
const PAGE: &str = "docs/states.md";

fn run(context: &Context) -> Result<Vec<Row>, String> {
    let mut rows = figures::rows(context, "cairn-handshake", "states", row)?;
    if let Err(why) = draw_all(&context.root.join(PAGE), &context.folder) {
        rows.push(Row::new(PAGE, Outcome::Failed).detail(why));
    }
    Ok(rows)
}

/// Saves a picture of each diagram.
fn draw_all(page: &Path, folder: &Path) -> Result<(), String> {
    let text = fs::read_to_string(page).map_err(|e| format!("{} cannot be read: {e}", page.display()))?;
    for (number, diagram) in mermaid::read(&text)?.iter().enumerate() {
        pictures::keep(folder, &format!("{}", number + 1), &draw::svg(diagram))?;
    }
    Ok(())
}

/// Converts one line of figures to a row: the sequences are the cases, the differences the failures.
fn row(figures: &Figures<'_>) -> Option<Row> {
    let (sequences, differences) = (figures.number("sequences")?, figures.number("differences")?);
    let outcome = if differences == 0 && sequences > 0 { Outcome::Passed } else { Outcome::Failed };
    Some(
        Row::new(format!("{}, {}", figures.text("side")?, figures.text("how")?), outcome)
            .counts(sequences.saturating_sub(differences), differences)
            .detail(figures.detail(&[
                "configurations",
                "depth",
                "machine_states",
                "places",
                "refused",
                "taken",
            ])),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_of_figures_becomes_a_row() {
        let line = "..states-figures side=client how=exhaustive depth=0 places=3 sequences=10 differences=2";
        let row = row(&figures::read(line, "states").unwrap()).unwrap();
        assert_eq!((row.outcome, row.passed, row.failed), (Outcome::Failed, 8, 2));
        assert_eq!((row.subject.as_str(), row.detail.as_str()), ("client, exhaustive", "depth 0, places 3"));
        assert!(figures::read("test result: ok", "states").is_none());
    }

    #[test]
    fn every_diagram_becomes_a_picture() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/states.md");
        let folder = std::env::temp_dir().join(format!("cairn-states-{}", std::process::id()));
        draw_all(Path::new(page), &folder).unwrap();
        let drawn = pictures::gather(&folder).unwrap();
        let titles: Vec<&str> = drawn.iter().map(|svg| pictures::title(svg)).collect();
        assert_eq!(titles, ["client, hello", "client, TLS 1.2", "server, hello", "server, TLS 1.2"]);
        let lines = fs::read_to_string(page).unwrap();
        let arrows = lines.lines().filter(|line| line.contains(" --> ") && line.contains(": ")).count();
        let ways: usize = drawn.iter().map(|svg| svg.matches("class=\"way\"").count()).sum();
        assert_eq!(ways, arrows);
        fs::remove_dir_all(&folder).unwrap();
    }
}
