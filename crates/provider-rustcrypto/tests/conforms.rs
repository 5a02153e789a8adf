//! Runs the acceptance suite for providers.
#![cfg(all(feature = "getrandom", feature = "legacy"))]

use cairn_provider_check::check;
use cairn_provider_rustcrypto::{provider, with_legacy_signatures};

/// The provider with legacy signatures includes all other algorithms, so one run suffices.
#[test]
fn provider_passes_the_acceptance_suite_completely() {
    let report = check(&with_legacy_signatures(provider()));
    report.assert_passed();
    assert_eq!(report.not_offered().collect::<Vec<_>>(), [""; 0]);
}
