//! External collections of certification paths: an example of `cairn-x509` validates them, and each result is
//! compared with the expected one.
//!
//! A table in `docs` explains each deliberate difference. A difference that is not in the table is a failure,
//! and so is an entry of the table that no longer applies.

use alloc::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;

use super::suite::{Context, Outcome, Row};

/// One case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Case {
    pub(super) id: String,
    /// The group, which becomes a row of the report.
    pub(super) group: String,
    pub(super) accepted: bool,
    /// The input of the example, without the id.
    pub(super) line: String,
    /// The reason why it is skipped, if it is.
    pub(super) not_judged: Option<String>,
}

/// A result: whether the path was accepted, and the reason if not.
type Verdicts = BTreeMap<String, (bool, String)>;

/// Validates cases, and makes one row per group.
pub(super) fn run(context: &Context, cases: &[Case], table: &str) -> Result<Vec<Row>, String> {
    let reasons = table_of(context, table)?;
    let verdicts = judge(context, cases)?;
    rows(cases, &reasons, &verdicts)
}

/// The same for cases that the example reads from a folder.
pub(super) fn run_folder(
    context: &Context,
    cases: &[Case],
    table: &str,
    folder: &Path,
) -> Result<Vec<Row>, String> {
    let reasons = table_of(context, table)?;
    let output = example(context)
        .arg(folder)
        .output()
        .map_err(|e| format!("the example could not be started: {e}"))?;
    let verdicts = verdicts(&output)?;
    rows(cases, &reasons, &verdicts)
}

fn table_of(context: &Context, table: &str) -> Result<BTreeMap<String, String>, String> {
    let path = context.root.join("docs").join(table);
    let text = fs::read_to_string(&path).map_err(|e| format!("{} cannot be read: {e}", path.display()))?;
    reasons(&text).map_err(|e| format!("{}: {e}", path.display()))
}

fn example(context: &Context) -> Command {
    let mut command = context.cargo();
    command.args(["run", "--quiet", "--package", "cairn-x509", "--example", "verdicts", "--"]);
    command.stderr(Stdio::inherit());
    command
}

fn verdicts(output: &Output) -> Result<Verdicts, String> {
    if !output.status.success() {
        return Err(format!("the example ended with {}", output.status));
    }
    String::from_utf8_lossy(&output.stdout).lines().map(verdict).collect()
}

/// The entries of a table, by case: the reason why the result differs from the expected one.
fn reasons(text: &str) -> Result<BTreeMap<String, String>, String> {
    let table: toml::Table = text.parse().map_err(|e: toml::de::Error| e.to_string())?;
    let mut reasons = BTreeMap::new();
    for (key, value) in &table {
        let entries = value.as_array().filter(|_| key == "difference");
        for entry in entries.ok_or_else(|| format!("unknown key {key}"))? {
            let reason = entry.get("reason").and_then(toml::Value::as_str).unwrap_or_default();
            let ids = entry.get("ids").and_then(toml::Value::as_array).ok_or("an entry has no ids")?;
            if reason.trim().is_empty() {
                return Err(format!("{ids:?} has no reason"));
            }
            for id in ids {
                let id = id.as_str().ok_or("an id is not a string")?;
                if reasons.insert(id.to_owned(), reason.to_owned()).is_some() {
                    return Err(format!("{id} occurs twice"));
                }
            }
        }
    }
    Ok(reasons)
}

fn judge(context: &Context, cases: &[Case]) -> Result<Verdicts, String> {
    let mut child = example(context)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| format!("the example could not be started: {e}"))?;
    let lines: String = cases
        .iter()
        .filter(|case| case.not_judged.is_none())
        .map(|case| format!("{}\t{}\n", case.id, case.line))
        .collect();
    let mut input = child.stdin.take().ok_or("the example has no standard input")?;
    let writer = thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output().map_err(|e| format!("the example could not be read: {e}"))?;
    let written = writer.join().map_err(|_| "the cases could not be written")?;
    let verdicts = verdicts(&output)?;
    written.map_err(|e| format!("the cases could not be written: {e}"))?;
    Ok(verdicts)
}

fn verdict(line: &str) -> Result<(String, (bool, String)), String> {
    match line.split('\t').collect::<Vec<_>>().as_slice() {
        [id, verdict @ ("accepted" | "refused"), why] => {
            Ok(((*id).to_owned(), (*verdict == "accepted", (*why).to_owned())))
        }
        _ => Err(format!("the example said {line:?}")),
    }
}

/// The results of each group.
fn rows(cases: &[Case], reasons: &BTreeMap<String, String>, verdicts: &Verdicts) -> Result<Vec<Row>, String> {
    let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
    for case in cases {
        let group = groups.entry(&case.group).or_default();
        if let Some(why) = &case.not_judged {
            group.not_judged += 1;
            group.notes.push(format!("{} is skipped: {why}", case.id));
            continue;
        }
        let (accepted, why) = verdicts.get(&case.id).ok_or_else(|| format!("{} has no result", case.id))?;
        match (*accepted == case.accepted, reasons.get(&case.id)) {
            (true, None) => group.passed += 1,
            (false, Some(reason)) => {
                group.passed += 1;
                group.notes.push(format!("{} differs: {}", case.id, reason.trim()));
            }
            (true, Some(_)) => {
                group.failed += 1;
                group.faults.push(format!("{} no longer differs; remove it from the table", case.id));
            }
            (false, None) => {
                group.failed += 1;
                let expected = if case.accepted { "accepted" } else { "refused" };
                let got = if *accepted { "accepted".to_owned() } else { format!("refused: {why}") };
                group.faults.push(format!("{}: expected {expected}, {got}", case.id));
            }
        }
    }
    for id in reasons.keys() {
        if !cases.iter().any(|case| case.id == *id) {
            let group = groups.entry("the table of differences").or_default();
            group.failed += 1;
            group.faults.push(format!("there is no case {id}"));
        }
    }
    Ok(groups.into_iter().map(|(name, group)| group.row(name)).collect())
}

/// The totals of a group.
#[derive(Debug, Default)]
struct Group {
    passed: u64,
    failed: u64,
    not_judged: u64,
    notes: Vec<String>,
    faults: Vec<String>,
}

impl Group {
    fn row(self, name: &str) -> Row {
        let outcome = match (self.failed, self.passed) {
            (0, 0) => Outcome::NotOffered,
            (0, _) => Outcome::Passed,
            _ => Outcome::Failed,
        };
        let detail = [self.faults, self.notes].concat().join("\n");
        Row::new(name, outcome).counts(self.passed, self.failed).detail(detail)
    }
}

/// The row of a suite without cases.
pub(super) fn without_cases(what: &str) -> Vec<Row> {
    let row = Row::new("cases", Outcome::NotRun);
    vec![row.detail(format!("{what} is not part of this repository; specify it with --cases PATH"))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(id: &str, accepted: bool) -> Case {
        Case { id: id.to_owned(), group: "all".to_owned(), accepted, line: String::new(), not_judged: None }
    }

    fn row(cases: &[Case], table: &str, verdict: bool) -> Row {
        let verdicts = cases.iter().map(|case| (case.id.clone(), (verdict, "why".to_owned()))).collect();
        let mut rows = rows(cases, &reasons(table).unwrap(), &verdicts).unwrap();
        rows.remove(0)
    }

    #[test]
    fn every_difference_has_an_entry_and_every_entry_a_difference() {
        let known = "[[difference]]\nids = [\"a\"]\nreason = \"b\"";
        assert_eq!(row(&[case("a", true)], "", true).outcome, Outcome::Passed);
        assert_eq!(row(&[case("a", true)], "", false).outcome, Outcome::Failed);
        assert_eq!(row(&[case("a", true)], known, false).outcome, Outcome::Passed);
        let stale = row(&[case("a", true)], known, true);
        assert!(stale.outcome == Outcome::Failed && stale.detail.contains("no longer"), "{stale:?}");
        let unknown = rows(&[], &reasons(known).unwrap(), &Verdicts::new()).unwrap();
        assert!(unknown[0].outcome == Outcome::Failed && unknown[0].detail.contains("no case a"));
        assert!(reasons("[[difference]]\nids = [\"a\"]\nreason = \" \"").is_err());
        assert!(reasons(&[known, known].join("\n")).unwrap_err().contains("twice"));
    }

    #[test]
    fn skipped_case_is_neither_passed_nor_failed() {
        let mut case = case("a", true);
        case.not_judged = Some("it has no bytes".to_owned());
        let row = row(&[case], "", false);
        assert_eq!((row.outcome, row.passed, row.failed), (Outcome::NotOffered, 0, 0));
    }

    #[test]
    fn line_of_the_example_is_parsed() {
        assert_eq!(verdict("a\taccepted\t"), Ok(("a".to_owned(), (true, String::new()))));
        assert_eq!(verdict("a\trefused\tb"), Ok(("a".to_owned(), (false, "b".to_owned()))));
        assert!(verdict("a\tperhaps\tb").is_err());
    }
}
