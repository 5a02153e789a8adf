//! Tests of the checks themselves: each provider here has one deliberate defect, and the report must name it.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core
)]

mod cipher;
mod digest_info;
mod hash;
mod header_protection;
mod keys;
mod post_quantum;
mod public_key;
mod suffix;
mod tables;
mod two_buffers;

use cairn_crypto::Provider;
use cairn_provider_check::{Outcome, Report, check};

/// A provider without any algorithm.
fn empty() -> Provider {
    Provider::empty(sound().random)
}

/// A provider without defects.
fn sound() -> Provider {
    cairn_provider_aws_lc::with_legacy_signatures(cairn_provider_aws_lc::provider())
}

/// Asserts that each of these checks of this algorithm fails, and that one of them describes `fault`.
fn found(provider: &Provider, algorithm: &str, checks: &[&str], fault: &str) {
    found_in(&check(provider), algorithm, checks, fault);
}

fn found_in(report: &Report, algorithm: &str, checks: &[&str], fault: &str) {
    assert!(!report.passed());
    let failed: Vec<_> = report.failures().filter(|row| row.algorithm == algorithm).collect();
    for check in checks {
        assert!(failed.iter().any(|row| row.check == *check), "{algorithm}, {check}: not found\n{report}");
    }
    let told = failed.iter().any(|row| match &row.outcome {
        Outcome::Failed { faults, .. } => faults.iter().any(|said| said.contains(fault)),
        _ => false,
    });
    assert!(told, "{algorithm}: {fault:?} is not reported\n{report}");
    // Nothing else is reported, and the table names the algorithm.
    assert!(
        report.failures().all(|row| row.algorithm == algorithm),
        "a sound algorithm is reported\n{report}"
    );
    let table = report.to_string();
    assert!(table.contains("FAILED: ") && table.contains(&format!("; {algorithm} FAILED in ")), "{table}");
}
