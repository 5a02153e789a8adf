//! Tests that print figures: one line `<suite>-figures key=value ..` for each group of cases.

use std::collections::HashMap;
use std::process::Stdio;

use super::suite::{Context, Outcome, Row};

/// The figures of one line.
#[derive(Debug)]
pub(super) struct Figures<'a>(HashMap<&'a str, &'a str>);

impl Figures<'_> {
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).copied()
    }

    pub(super) fn number(&self, key: &str) -> Option<u64> {
        self.text(key)?.parse().ok()
    }

    /// The values of these keys, as far as present.
    pub(super) fn detail(&self, keys: &[&str]) -> String {
        let told =
            keys.iter().filter_map(|key| Some(format!("{} {}", key.replace('_', " "), self.text(key)?)));
        told.collect::<Vec<_>>().join(", ")
    }
}

/// The tests that print the figures of a suite.
pub(super) struct Tests {
    pub(super) package: &'static str,
    pub(super) target: &'static str,
    /// The module of the tests in their target, empty for all tests.
    pub(super) module: &'static str,
    /// The name of the suite in the lines.
    pub(super) suite: &'static str,
}

/// Runs tests. Each line of figures becomes a row, and a failure becomes another row with the output.
pub(super) fn rows(
    context: &Context,
    tests: &Tests,
    row: fn(&Figures<'_>) -> Option<Row>,
) -> Result<Vec<Row>, String> {
    let Tests { package, target, module, suite } = tests;
    let output = context
        .cargo()
        .args(["test", "--quiet", "--package", package, "--test", target, "--", module, "--nocapture"])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("cargo could not be started: {e}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut rows: Vec<Row> =
        text.lines().filter_map(|line| read(line, suite)).filter_map(|line| row(&line)).collect();
    if !output.status.success() {
        let rest = text.lines().filter(|line| !line.is_empty() && read(line, suite).is_none());
        let told: String = rest.take(40).map(|line| format!("{line}\n")).collect();
        rows.push(Row::new("the test", Outcome::Failed).detail(told));
    }
    if rows.is_empty() { Err("the test printed no figures".into()) } else { Ok(rows) }
}

/// Parses the figures on a line, if it has any of this suite.
pub(super) fn read<'a>(line: &'a str, suite: &str) -> Option<Figures<'a>> {
    // The progress output of the test may precede them on the line.
    let figures = line.split_once(&format!("{suite}-figures "))?.1;
    Some(Figures(figures.split(' ').filter_map(|pair| pair.split_once('=')).collect()))
}
