//! The key log: a test of `cairn-tls` records connections of both versions, and `tshark` decrypts them with
//! the key log of RFC 9850. It prints its figures, one line for each connection.

use super::figures::{self, Figures, Tests};
use super::suite::{Outcome, Row, Suite, Tool};

pub(super) const SUITE: Suite = Suite {
    name: "keylog",
    about: "recorded connections of TLS 1.2 and 1.3, decrypted by Wireshark with the key log of RFC 9850",
    case: "a connection; it fails if tshark shows other handshake messages, data or alerts than were sent",
    needs: &[Tool { program: "tshark", package: "tshark" }],
    run: |context| figures::rows(context, &TESTS, row),
};

const TESTS: Tests = Tests { package: "cairn-tls", target: "keylog", module: "", suite: "keylog" };

/// Converts one line of figures to a row.
fn row(figures: &Figures<'_>) -> Option<Row> {
    let (messages, differences) = (figures.number("messages")?, figures.number("differences")?);
    let passed = differences == 0 && messages > 0;
    let outcome = if passed { Outcome::Passed } else { Outcome::Failed };
    let subject = figures.text("connection")?.replace('+', " ");
    let row = Row::new(subject, outcome).counts(u64::from(passed), u64::from(!passed));
    Some(row.detail(figures.detail(&["messages", "bytes"])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_of_figures_becomes_a_row() {
        let row_of = |line| row(&figures::read(line, "keylog").unwrap()).unwrap();
        let good = row_of("keylog-figures connection=TLS+1.3 messages=7 bytes=22 differences=0");
        assert_eq!((good.outcome, good.passed, good.failed), (Outcome::Passed, 1, 0));
        assert_eq!((good.subject.as_str(), good.detail.as_str()), ("TLS 1.3", "messages 7, bytes 22"));
        let bad = row_of("keylog-figures connection=TLS+1.3 messages=7 bytes=22 differences=1");
        assert_eq!((bad.outcome, bad.passed, bad.failed), (Outcome::Failed, 0, 1));
    }
}
