//! The judge of providers, over all that there is here.
#![cfg(all(feature = "getrandom", feature = "legacy"))]

use cairn_provider_check::check;
use cairn_provider_rustcrypto::{provider, with_legacy_signatures};

/// What is there without SHA-1 is there with it too, so the judge runs once.
#[test]
fn the_provider_conforms_and_offers_all_that_the_judge_knows() {
    let report = check(&with_legacy_signatures(provider()));
    report.assert_passed();
    assert_eq!(report.not_offered().collect::<Vec<_>>(), [""; 0]);
}
