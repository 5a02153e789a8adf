//! Runs the acceptance suite for providers.
#![cfg(feature = "legacy")]

use cairn_provider_aws_lc::{provider, with_legacy_signatures};
use cairn_provider_check::check;

#[test]
fn provider_passes_the_acceptance_suite_completely() {
    let report = check(&with_legacy_signatures(provider()));
    report.assert_passed();
    assert_eq!(report.not_offered().collect::<Vec<_>>(), [""; 0]);
}
