//! Compares the state machine with models of the figures in the RFCs: a test of `cairn-handshake` explores
//! both roles in both versions and prints its figures, one line for each version, side and method. The same
//! test compares the diagrams of `docs/states.md` with the transition tables.

use super::figures::{self, Figures, Tests};
use super::suite::{Outcome, Row, Suite};

pub(super) const SUITE: Suite = Suite {
    name: "states",
    about: "every message in every state of client and server, compared with \
            models of the figures of RFC 5246 and RFC 9846",
    case: "a sequence of messages; it fails if the state machine and the model differ",
    needs: &[],
    run: |context| figures::rows(context, &TESTS, row),
};

const TESTS: Tests = Tests { package: "cairn-handshake", target: "states", module: "", suite: "states" };

/// Converts one line of figures to a row: the sequences are the cases, the differences the failures.
fn row(figures: &Figures<'_>) -> Option<Row> {
    let (sequences, differences) = (figures.number("sequences")?, figures.number("differences")?);
    let version = figures.text("version")?.replace('+', " ");
    let outcome = if differences == 0 && sequences > 0 { Outcome::Passed } else { Outcome::Failed };
    Some(
        Row::new(format!("{}, {}, {}", version, figures.text("side")?, figures.text("how")?), outcome)
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
        let line = "..states-figures version=TLS+1.3 side=client how=exhaustive depth=0 places=3 \
                    sequences=10 differences=2";
        let row = row(&figures::read(line, "states").unwrap()).unwrap();
        assert_eq!((row.outcome, row.passed, row.failed), (Outcome::Failed, 8, 2));
        assert_eq!(row.subject, "TLS 1.3, client, exhaustive");
        assert_eq!(row.detail, "depth 0, places 3");
        assert!(figures::read("test result: ok", "states").is_none());
    }
}
