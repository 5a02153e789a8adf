//! The state machine against a model of the RFCs' figures: a test of `cairn-handshake` explores both roles and tells its
//! figures, one line for each side and method.

use super::figures::{self, Figures};
use super::suite::{Outcome, Row, Suite};

pub(super) const SUITE: Suite = Suite {
    name: "states",
    about: "every message in every state of client and server, against a model of the figures of RFC 5246",
    needs: &[],
    run: |context| figures::rows(context, "cairn-handshake", "states", row),
};

/// What one line of figures says: the sequences tried are the cases, the differences the failures.
fn row(figures: &Figures<'_>) -> Option<Row> {
    let (sequences, differences) = (figures.number("sequences")?, figures.number("differences")?);
    let outcome = if differences == 0 { Outcome::Passed } else { Outcome::Failed };
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
    fn a_line_of_figures_makes_a_row() {
        let line = "..states-figures side=client how=exhaustive depth=0 places=3 sequences=10 differences=2";
        let row = row(&figures::read(line, "states").unwrap()).unwrap();
        assert_eq!((row.outcome, row.passed, row.failed), (Outcome::Failed, 8, 2));
        assert_eq!((row.subject.as_str(), row.detail.as_str()), ("client, exhaustive", "depth 0, places 3"));
        assert!(figures::read("test result: ok", "states").is_none());
    }
}
