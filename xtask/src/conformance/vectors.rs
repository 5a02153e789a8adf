//! The acceptance suite for providers, applied to the project's own: an example of `cairn-provider-check`
//! prints the results as JSON, one line per provider.

use alloc::collections::BTreeMap;
use std::process::Stdio;

use serde_json::Value;

use super::suite::{Context, Outcome, Row, Suite};

pub(super) const SUITE: Suite = Suite {
    name: "vectors",
    about: "each cryptographic provider with Wycheproof, known answers, edge cases and the other provider",
    case: "a test vector, or a call with other inputs and a known result",
    needs: &[],
    run,
};

fn run(context: &Context) -> Result<Vec<Row>, String> {
    let judge = ["run", "--quiet", "--package", "cairn-provider-check", "--example", "judge", "--", "--json"];
    let output = context
        .cargo()
        .args(judge)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("cargo could not be started: {e}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut rows = Vec::new();
    for line in text.lines() {
        rows.extend(rows_of(line)?);
    }
    // The exit code is 1 if a check failed; the output then contains it.
    if output.status.success() || rows.iter().any(|row| row.outcome == Outcome::Failed) {
        Ok(rows)
    } else {
        Err(format!("provider-check ended with {} but reported no failure", output.status))
    }
}

/// Converts one line: one row per algorithm, which combines its checks.
fn rows_of(line: &str) -> Result<Vec<Row>, String> {
    let value: Value =
        serde_json::from_str(line).map_err(|e| format!("the output of provider-check is not JSON: {e}"))?;
    let provider = text(&value, "provider")?;
    let checks =
        value.get("rows").and_then(Value::as_array).ok_or("the output of provider-check has no rows")?;
    let mut order: Vec<&str> = Vec::new();
    let mut algorithms: BTreeMap<&str, Algorithm<'_>> = BTreeMap::new();
    for check in checks {
        let name = text(check, "algorithm")?;
        if !algorithms.contains_key(name) {
            order.push(name);
        }
        algorithms.entry(name).or_default().add(check)?;
    }
    Ok(order
        .into_iter()
        .filter_map(|name| Some(algorithms.get(name)?.row(&format!("{provider}: {name}"))))
        .collect())
}

/// The checks of one algorithm.
#[derive(Debug, Default)]
struct Algorithm<'a> {
    by: &'a str,
    checks: Vec<String>,
    faults: Vec<String>,
    passed: u64,
    failed: u64,
    offered: bool,
}

impl<'a> Algorithm<'a> {
    fn add(&mut self, check: &'a Value) -> Result<(), String> {
        let (passed, failed) = (number(check, "passed")?, number(check, "failed")?);
        match text(check, "outcome")? {
            "not offered" => return Ok(()),
            "passed" if failed == 0 => {}
            "failed" => {
                let told = check.get("faults").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                let name = text(check, "check")?;
                let told = told.iter().filter_map(Value::as_str).map(|fault| format!("{name}: {fault}"));
                self.faults.extend(told);
                // A failure without a count is still a failure.
                self.failed += u64::from(failed == 0);
            }
            other => return Err(format!("unexpected outcome {other:?} with {failed} failures")),
        }
        self.offered = true;
        self.by = text(check, "by")?;
        self.checks.push(format!("{} {passed}", text(check, "check")?));
        self.passed += passed;
        self.failed += failed;
        Ok(())
    }

    fn row(&self, subject: &str) -> Row {
        if !self.offered {
            return Row::new(subject, Outcome::NotOffered);
        }
        let outcome = if self.failed == 0 { Outcome::Passed } else { Outcome::Failed };
        let mut lines = vec![format!("{}: {}", self.by, self.checks.join(", "))];
        lines.extend(self.faults.iter().cloned());
        Row::new(subject, outcome).counts(self.passed, self.failed).detail(lines.join("\n"))
    }
}

fn text<'a>(value: &'a Value, field: &str) -> Result<&'a str, String> {
    value
        .get(field)
        .and_then(Value::as_str)
        .ok_or_else(|| format!("the output of provider-check has no {field}"))
}

fn number(value: &Value, field: &str) -> Result<u64, String> {
    value
        .get(field)
        .and_then(Value::as_u64)
        .ok_or_else(|| format!("the output of provider-check has no number {field}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(algorithm: &str, check: &str, outcome: &str, passed: u64, failed: u64) -> Value {
        json!({
            "algorithm": algorithm, "by": "us", "check": check, "outcome": outcome,
            "passed": passed, "failed": failed, "skipped": 0, "faults": ["test 7"],
        })
    }

    fn rows(checks: &[Value]) -> Result<Vec<Row>, String> {
        rows_of(&json!({ "provider": "p", "rows": checks }).to_string())
    }

    #[test]
    fn checks_of_an_algorithm_become_one_row() {
        let rows = rows(&[
            check("A", "one", "passed", 3, 0),
            check("B", "one", "failed", 1, 2),
            check("A", "two", "passed", 4, 0),
            check("C", "", "not offered", 0, 0),
        ]);
        assert_eq!(
            rows.unwrap(),
            [
                Row::new("p: A", Outcome::Passed).counts(7, 0).detail("us: one 3, two 4"),
                Row::new("p: B", Outcome::Failed).counts(1, 2).detail("us: one 1\none: test 7"),
                Row::new("p: C", Outcome::NotOffered),
            ]
        );
    }

    #[test]
    fn malformed_output_is_not_a_success() {
        assert!(rows_of("Finished").is_err());
        assert!(rows_of("{}").is_err());
        assert!(rows(&[check("A", "one", "skipped", 0, 0)]).is_err());
        assert!(rows(&[check("A", "one", "passed", 1, 1)]).is_err());
        assert_eq!(rows(&[check("A", "one", "failed", 1, 0)]).unwrap()[0].outcome, Outcome::Failed);
    }
}
