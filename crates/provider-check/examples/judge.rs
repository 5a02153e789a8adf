//! Checks the project's own providers and prints the results: as tables, or with `--json` for `cargo xtask
//! conformance vectors`.

use cairn_crypto::Provider;
use cairn_provider_check::{Check, Outcome, Report, Row};
use serde_json::{Value, json};
use std::process::ExitCode;

fn main() -> ExitCode {
    let as_json = std::env::args().any(|argument| argument == "--json");
    let mut passed = true;
    let [one, two] = providers();
    for ((name, provider), (_, other)) in [(&one, &two), (&two, &one)] {
        let report = Check::new(provider).against(other).run();
        passed &= report.passed();
        if as_json {
            // One line per row, so that the first results can be read while the second provider is checked.
            println!("{}", json!({ "provider": name, "rows": rows(&report) }));
        } else {
            println!("{name}\n\n{report}\n");
        }
    }
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Each with all of its features, on its own and against the other.
fn providers() -> [(&'static str, Provider); 2] {
    use cairn_provider_aws_lc as aws_lc;
    use cairn_provider_rustcrypto as rustcrypto;
    [
        ("cairn-provider-aws-lc", aws_lc::with_legacy_signatures(aws_lc::provider())),
        ("cairn-provider-rustcrypto", rustcrypto::with_legacy_signatures(rustcrypto::provider())),
    ]
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
        "skipped": row.skipped,
        "outcome": outcome,
        "faults": faults,
    })
}
