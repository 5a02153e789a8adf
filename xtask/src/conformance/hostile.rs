//! A misbehaving peer: a test of `cairn-tls` modifies each field of each message in each way and compares the
//! outcome with tables. It prints its figures, one line for each role and message.

use super::figures::{self, Figures, Tests};
use super::suite::{Outcome, Row, Suite};

pub(super) const SUITE: Suite = Suite {
    name: "hostile",
    about: "each field of each message and record modified in each way; tables list the expected answers",
    case: "a handshake with one modification; it fails if the answer differs from the table",
    needs: &[],
    run: |context| figures::rows(context, &TESTS, row),
};

const TESTS: Tests =
    Tests { package: "cairn-tls", target: "connections", module: "every_change::", suite: "hostile" };

/// Converts one line of figures to a row.
fn row(figures: &Figures<'_>) -> Option<Row> {
    let (cases, differences) = (figures.number("cases")?, figures.number("differences")?);
    let outcome = if differences == 0 && cases > 0 { Outcome::Passed } else { Outcome::Failed };
    let message = figures.text("message")?.replace('+', " ");
    Some(
        Row::new(format!("to a {}: {message}", figures.text("to")?), outcome)
            .counts(cases.saturating_sub(differences), differences)
            .detail(figures.detail(&["refused", "accepted"])),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_of_figures_becomes_a_row() {
        let line =
            "hostile-figures to=server message=record+of+Finished cases=9 accepted=1 refused=7 differences=1";
        let row = row(&figures::read(line, "hostile").unwrap()).unwrap();
        assert_eq!((row.outcome, row.passed, row.failed), (Outcome::Failed, 8, 1));
        assert_eq!(row.subject, "to a server: record of Finished");
        assert_eq!(row.detail, "refused 7, accepted 1");
    }
}
