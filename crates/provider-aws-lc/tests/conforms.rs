//! The judge of providers, over all that there is here.
#![cfg(feature = "legacy")]

use cairn_provider_aws_lc::{provider, with_legacy_signatures};
use cairn_provider_check::check;

#[test]
fn the_provider_conforms_and_offers_all_that_the_judge_knows() {
    let report = check(&with_legacy_signatures(provider()));
    report.assert_passed();
    assert_eq!(report.not_offered().collect::<Vec<_>>(), [""; 0]);
}
