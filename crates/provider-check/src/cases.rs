//! Counts the cases of one check, and keeps the first faults.

use cairn_crypto::CryptoError;
use core::fmt::{Debug, Display};

/// Faults that are told in words; the others are counted.
const TOLD: usize = 4;
/// What is longer than so many characters, with long values in it, say, is cut off.
const LONGEST: usize = 300;

/// A case in words; made only when it fails.
pub(crate) trait What {
    fn say(self) -> String;
}

impl What for &str {
    fn say(self) -> String {
        self.to_owned()
    }
}

impl<F: FnOnce() -> String> What for F {
    fn say(self) -> String {
        self()
    }
}

/// The cases of one check, as they go by.
#[derive(Debug, Default)]
pub(crate) struct Cases {
    pub(crate) passed: usize,
    pub(crate) left_out: usize,
    pub(crate) failed: usize,
    pub(crate) faults: Vec<String>,
}

impl Cases {
    /// A case that holds or does not.
    pub(crate) fn expect(&mut self, holds: bool, what: impl What) {
        if holds {
            self.passed += 1;
        } else {
            self.fault(what.say());
        }
    }

    /// A case whose result is known.
    pub(crate) fn equal<T: PartialEq + Debug>(&mut self, got: &T, wanted: &T, what: impl What) {
        self.expect(got == wanted, || format!("{}: expected {wanted:?}, got {got:?}", what.say()));
    }

    /// A case that must succeed; gives what it gave.
    pub(crate) fn succeeds<T, E: Display>(&mut self, got: Result<T, E>, what: impl What) -> Option<T> {
        match got {
            Ok(value) => {
                self.passed += 1;
                Some(value)
            }
            Err(error) => {
                self.fault(format!("{}: {error}", what.say()));
                None
            }
        }
    }

    /// A case that must be refused with this very error.
    pub(crate) fn refused<T>(&mut self, got: Result<T, CryptoError>, wanted: CryptoError, what: impl What) {
        match got.err() {
            Some(error) if error == wanted => self.passed += 1,
            Some(error) => {
                self.fault(format!("{}: refused with {error:?} instead of {wanted:?}", what.say()));
            }
            None => self.fault(format!("{}: accepted", what.say())),
        }
    }

    pub(crate) fn leave_out(&mut self) {
        self.left_out += 1;
    }

    /// A case that failed.
    pub(crate) fn fault(&mut self, fault: String) {
        self.failed += 1;
        if self.faults.len() < TOLD {
            self.faults.push(match fault.char_indices().nth(LONGEST) {
                Some((end, _)) => format!("{}...", fault.get(..end).unwrap_or_default()),
                None => fault,
            });
        }
    }
}
