//! Judges the project's own providers and prints what it found: as tables for people, or with `--json` for
//! `cargo xtask conformance vectors`.

use cairn_crypto::Provider;
use cairn_provider_check::{Outcome, Report, Row, check};
use serde_json::{Value, json};
use std::process::ExitCode;

fn main() -> ExitCode {
    let as_json = std::env::args().any(|argument| argument == "--json");
    let mut passed = true;
    for (name, provider) in providers() {
        let report = check(&provider);
        passed &= report.passed();
        if as_json {
            // One line each, so that who reads sees the first while the second is judged.
            println!("{}", json!({ "provider": name, "rows": rows(&report) }));
        } else {
            println!("{name}\n\n{report}\n");
        }
    }
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn providers() -> Vec<(&'static str, Provider)> {
    use cairn_provider_aws_lc::{provider, with_sha1_signatures};
    vec![("cairn-provider-aws-lc", with_sha1_signatures(provider()))]
}

fn rows(report: &Report) -> Vec<Value> {
    report.rows.iter().map(row).collect()
}

fn row(row: &Row) -> Value {
    let (outcome, failed, faults) = match &row.outcome {
        Outcome::Passed => ("passed", 0, &[][..]),
        Outcome::Failed { cases, faults } => ("failed", *cases, faults.as_slice()),
        _ => ("not offered", 0, &[][..]),
    };
    json!({
        "algorithm": row.algorithm,
        "by": row.implementation,
        "check": row.check,
        "passed": row.passed,
        "failed": failed,
        "left_out": row.left_out,
        "outcome": outcome,
        "faults": faults,
    })
}
