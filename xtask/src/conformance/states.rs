//! The state machine against a model of the RFCs' figures: a test of `cairn-handshake` explores both roles and tells its
//! figures, one line for each side and method.

use std::collections::HashMap;
use std::process::Stdio;

use super::suite::{Context, Outcome, Row, Suite};

pub(super) const SUITE: Suite = Suite {
    name: "states",
    about: "every message in every state of client and server, against a model of the figures of RFC 5246",
    needs: &[],
    run,
};

fn run(context: &Context) -> Result<Vec<Row>, String> {
    let output = context
        .cargo()
        .args(["test", "--quiet", "--package", "cairn-handshake", "--test", "states", "--", "--nocapture"])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("cargo could not be started: {e}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut rows: Vec<Row> = text.lines().filter_map(row).collect();
    if !output.status.success() {
        let told: String =
            text.lines().filter(|line| !line.is_empty()).take(40).map(|l| format!("{l}\n")).collect();
        rows.push(Row::new("the test", Outcome::Failed).detail(told));
    }
    if rows.is_empty() { Err("the test has told no figures".into()) } else { Ok(rows) }
}

/// What one line of figures says: the sequences tried are the cases, the differences the failures.
fn row(line: &str) -> Option<Row> {
    // The test's own progress may stand before it on the line.
    let figures = line.split_once("states-figures ")?.1;
    let figures: HashMap<&str, &str> = figures.split(' ').filter_map(|pair| pair.split_once('=')).collect();
    let number = |key: &str| figures.get(key)?.parse::<u64>().ok();
    let (sequences, differences) = (number("sequences")?, number("differences")?);
    let outcome = if differences == 0 { Outcome::Passed } else { Outcome::Failed };
    let mut detail: Vec<String> = ["configurations", "depth", "places", "machine_states", "taken", "refused"]
        .into_iter()
        .filter_map(|key| Some(format!("{} {}", key.replace('_', " "), figures.get(key)?)))
        .collect();
    detail.sort();
    Some(
        Row::new(format!("{}, {}", figures.get("side")?, figures.get("how")?), outcome)
            .counts(sequences.saturating_sub(differences), differences)
            .detail(detail.join(", ")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_figures_makes_a_row() {
        let line = "..states-figures side=client how=exhaustive depth=0 places=3 sequences=10 differences=2";
        let row = row(line).unwrap();
        assert_eq!((row.outcome, row.passed, row.failed), (Outcome::Failed, 8, 2));
        assert_eq!((row.subject.as_str(), row.detail.as_str()), ("client, exhaustive", "depth 0, places 3"));
        assert!(super::row("test result: ok").is_none());
    }
}
