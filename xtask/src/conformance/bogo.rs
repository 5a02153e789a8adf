//! BoringSSL's test runner ("BoGo") with `crates/bogo-shim`. The user builds the runner:
//! `docs/conformance.md` says where to get it.

use alloc::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::suite::{Context, Outcome, Row, Suite};

pub(super) const SUITE: Suite = Suite {
    name: "bogo",
    about: "BoringSSL's test runner, a peer that misbehaves on purpose, with bogo-shim",
    case: "a test of the runner that the shim completed; unimplemented tests are listed separately",
    needs: &[],
    run,
};

/// The configuration of the runner: names of errors, and disabled tests.
const CONFIG: &str = "crates/bogo-shim/config.json";

fn run(context: &Context) -> Result<Vec<Row>, String> {
    let Some(runner) = &context.runner else {
        let row = Row::new("runner", Outcome::NotRun);
        return Ok(vec![
            row.detail("specify BoringSSL's test runner with --runner PATH (see docs/conformance.md)"),
        ]);
    };
    let shim = build_shim(context)?;
    let config = context.root.join(CONFIG);
    let (log, results) = (context.folder.join("runner.log"), context.folder.join("results.json"));
    fs::create_dir_all(&context.folder).map_err(|e| said(&context.folder, &e))?;
    // Results of a previous run would be misleading if this one writes none.
    let _may_not_be_there = fs::remove_file(&results);
    let status = runner_command(runner, &shim, &config, &results)
        .stdout(File::create(&log).map_err(|e| said(&log, &e))?)
        .stderr(Stdio::inherit())
        .status()
        .map_err(|e| said(runner, &e))?;
    let told =
        read(&results).map_err(|why| format!("{why}; the runner ended with {status}: {}", log.display()))?;
    let mut rows = rows(&told)?;
    rows.extend(left_out(&read(&config)?)?);
    // The exit code is 1 if a test failed; the results then contain it.
    if status.success() || rows.iter().any(|row| row.outcome == Outcome::Failed) {
        Ok(rows)
    } else {
        Err(format!("the runner ended with {status} but reported no failure: {}", log.display()))
    }
}

fn runner_command(runner: &Path, shim: &Path, config: &Path, results: &Path) -> Command {
    let mut command = Command::new(runner);
    command.arg("-shim-path").arg(shim).arg("-shim-config").arg(config).arg("-json-output").arg(results);
    // Unimplemented tests are counted and are not failures.
    command.arg("-allow-unimplemented");
    command
}

/// Builds the shim and returns its path.
fn build_shim(context: &Context) -> Result<PathBuf, String> {
    let output = context
        .cargo()
        .args([
            "build",
            "--quiet",
            "--package",
            "cairn-bogo-shim",
            "--message-format=json-render-diagnostics",
        ])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("the shim could not be built: {e}"))?;
    let executable = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        message.get("executable")?.as_str().map(PathBuf::from)
    };
    let shim = String::from_utf8_lossy(&output.stdout).lines().rev().find_map(executable);
    shim.filter(|_| output.status.success()).ok_or_else(|| "the shim could not be built".to_owned())
}

fn read(path: &Path) -> Result<Value, String> {
    let text = fs::read_to_string(path).map_err(|e| said(path, &e))?;
    serde_json::from_str(&text).map_err(|e| said(path, &e))
}

fn said(path: &Path, what: &dyn core::fmt::Display) -> String {
    format!("{}: {what}", path.display())
}

/// Groups the tests by name, as the runner counts them, followed by each failed test.
fn rows(told: &Value) -> Result<Vec<Row>, String> {
    let tests = told.get("tests").and_then(Value::as_object).ok_or("the runner gave no tests")?;
    let [mut tls13, mut tls12, mut quic, mut others] = [const { Counts::NONE }; 4];
    let mut failures = Vec::new();
    for (name, test) in tests {
        let counts = match kind_of(name) {
            Some("QUIC") => &mut quic,
            Some("TLS13") => &mut tls13,
            Some(_) => &mut tls12,
            None => &mut others,
        };
        match test.get("actual").and_then(Value::as_str) {
            Some("PASS") => counts.passed += 1,
            Some("SKIP") => counts.unimplemented += 1,
            _ => {
                counts.failed += 1;
                let error = test.get("error").and_then(Value::as_str).unwrap_or("the runner gives no reason");
                failures.push(Row::new(name, Outcome::Failed).counts(0, 1).detail(error));
            }
        }
    }
    let mut rows = vec![
        tls13.row("tests of TLS 1.3"),
        tls12.row("tests of TLS 1.2"),
        quic.row("tests of QUIC"),
        others.row("tests that name no version"),
    ];
    rows.append(&mut failures);
    Ok(rows)
}

/// What the name of a test refers to: QUIC, or the version over a stream; the later one of two.
fn kind_of(name: &str) -> Option<&'static str> {
    let is_stream = !name.contains("DTLS");
    ["QUIC", "TLS13", "TLS12"].into_iter().find(|kind| is_stream && name.contains(kind))
}

#[derive(Debug)]
struct Counts {
    passed: u64,
    failed: u64,
    unimplemented: u64,
}

impl Counts {
    const NONE: Self = Self { passed: 0, failed: 0, unimplemented: 0 };

    fn row(&self, subject: &str) -> Row {
        let outcome = match (self.failed, self.passed) {
            (0, 0) => Outcome::NotRun,
            (0, _) => Outcome::Passed,
            _ => Outcome::Failed,
        };
        let detail = format!("{} need unimplemented features (exit code 89 of the shim)", self.unimplemented);
        Row::new(subject, outcome).counts(self.passed, self.failed).detail(detail)
    }
}

/// The patterns of disabled tests, by reason.
fn left_out(config: &Value) -> Result<Vec<Row>, String> {
    let disabled = config.get("DisabledTests").and_then(Value::as_object).ok_or("no DisabledTests")?;
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (pattern, reason) in disabled {
        let reason = reason.as_str().filter(|reason| !reason.is_empty());
        reasons
            .entry(reason.ok_or_else(|| format!("{pattern} is disabled without a reason"))?)
            .or_default()
            .push(pattern);
    }
    let row = |(reason, patterns): (&str, Vec<&str>)| {
        Row::new(format!("disabled: {reason}"), Outcome::NotOffered).detail(patterns.join("\n"))
    };
    Ok(reasons.into_iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tests_are_grouped_by_name_and_failures_are_listed() {
        let told = json!({ "tests": {
            "A-TLS12": { "actual": "PASS" },
            "B-TLS12-Sync": { "actual": "SKIP" },
            "C-DTLS12": { "actual": "PASS" },
            "D-TLS12": { "actual": "FAIL", "error": "unexpected success" },
            "E": { "actual": "PASS" },
            "F-TLS12-TLS13": { "actual": "PASS" },
            "G-DTLS13": { "actual": "SKIP" },
            "H-QUIC-TLS13": { "actual": "PASS" },
        }});
        let rows = rows(&told).unwrap();
        let counts: Vec<_> = rows.iter().map(|row| (row.outcome, row.passed, row.failed)).collect();
        let (passed, failed) = (Outcome::Passed, Outcome::Failed);
        assert_eq!(counts, [(passed, 1, 0), (failed, 1, 1), (passed, 1, 0), (passed, 2, 0), (failed, 0, 1)]);
        assert!(rows[1].detail.starts_with("1 need") && rows[3].detail.starts_with("1 need"));
        assert_eq!((rows[4].subject.as_str(), rows[4].detail.as_str()), ("D-TLS12", "unexpected success"));
    }

    #[test]
    fn malformed_results_are_not_a_success() {
        assert!(rows(&json!({})).is_err());
        assert!(left_out(&json!({ "DisabledTests": { "*": "" } })).is_err());
        let odd = rows(&json!({ "tests": { "A": { "actual": "MAYBE" } } })).unwrap();
        assert!(odd.iter().any(|row| row.outcome == Outcome::Failed));
        // If no test of a version ran, that is not a success.
        let none = rows(&json!({ "tests": {} })).unwrap();
        assert!(none.iter().take(2).all(|row| row.outcome == Outcome::NotRun));
    }

    #[test]
    fn every_disabled_test_has_a_reason() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(CONFIG);
        let rows = left_out(&read(&path).unwrap()).unwrap();
        assert!(rows.iter().all(|row| row.outcome == Outcome::NotOffered && !row.detail.is_empty()));
    }

    /// The enums of errors whose variants the shim names, and the word for each before the colon.
    const KINDS: [(&str, &str, &str); 7] = [
        ("handshake", "crates/handshake/src/error.rs", "HandshakeErrorKind"),
        ("certificate", "crates/x509/src/error.rs", "CertificateError"),
        ("record", "crates/record/src/error.rs", "RecordError"),
        ("connection", "crates/tls/src/error.rs", "ErrorKind"),
        ("config", "crates/config/src/error.rs", "ConfigError"),
        ("misuse", "crates/handshake/src/error/misuse.rs", "Misuse"),
        ("quic", "crates/quic/src/connection/error.rs", "ErrorKind"),
    ];

    #[test]
    fn every_error_named_in_the_configuration_exists() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let variants: Vec<_> = KINDS.iter().flat_map(|kind| variants(&root, kind)).collect();
        let config = read(&root.join(CONFIG)).unwrap();
        let named = config["ErrorMap"].as_object().unwrap().values();
        let named: Vec<_> = named.flat_map(|names| names.as_array().unwrap()).collect();
        assert!(!named.is_empty());
        // A name may continue with the fields: `handshake:UnexpectedMessage { got: "Finished" }`.
        let unknown: Vec<_> = named
            .iter()
            .map(|name| name.as_str().unwrap())
            .filter(|name| {
                let end = name.find(|c: char| c != ':' && !c.is_ascii_alphanumeric()).unwrap_or(name.len());
                !variants.iter().any(|variant| *variant == name[..end])
            })
            .collect();
        assert!(unknown.is_empty(), "{CONFIG} names errors that do not exist: {unknown:?}");
    }

    /// The variants of an enum, as the shim names them.
    fn variants(root: &Path, (word, path, name): &(&str, &str, &str)) -> Vec<String> {
        let file = syn::parse_file(&fs::read_to_string(root.join(path)).unwrap()).unwrap();
        let found = file.items.iter().find_map(|item| match item {
            syn::Item::Enum(item) if item.ident == name => Some(item),
            _ => None,
        });
        let found = found.unwrap_or_else(|| panic!("{path} has no enum {name}"));
        found.variants.iter().map(|variant| format!("{word}:{}", variant.ident)).collect()
    }
}
