//! Counts the cases of one check, and records the first faults.

use cairn_crypto::CryptoError;
use core::fmt::{self, Debug, Display};

/// The maximum number of faults that are described; the others are only counted.
const TOLD: usize = 4;
/// The maximum length of the description of a fault, in characters. Its inputs have a separate limit.
const LONGEST: usize = 300;
/// The maximum number of bytes of an input that are shown. Its length is always shown.
const SHOWN: usize = 512;

/// The description of a case, created only if the case fails.
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

/// The bytes of an input in hexadecimal.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Hex {
    shown: Vec<u8>,
    len: usize,
}

impl Hex {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Self { shown: bytes.get(..SHOWN).unwrap_or(bytes).to_vec(), len: bytes.len() }
    }
}

impl Debug for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.len == 0 {
            return f.write_str("(empty)");
        }
        self.shown.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        if self.len > self.shown.len() { write!(f, "... ({} bytes)", self.len) } else { Ok(()) }
    }
}

/// The state of one check.
#[derive(Debug, Default)]
pub(crate) struct Cases {
    pub(crate) passed: usize,
    pub(crate) skipped: usize,
    pub(crate) failed: usize,
    pub(crate) faults: Vec<String>,
    /// The inputs of the current case, by name.
    inputs: Vec<(&'static str, Hex)>,
}

impl Cases {
    /// Sets the inputs of the following cases, for the description of a fault.
    pub(crate) fn given(&mut self, inputs: &[(&'static str, &[u8])]) {
        self.inputs.clear();
        self.inputs.extend(inputs.iter().map(|(name, bytes)| (*name, Hex::new(bytes))));
    }

    /// Checks a condition.
    pub(crate) fn expect(&mut self, holds: bool, what: impl What) {
        if holds {
            self.passed += 1;
        } else {
            self.fault(what.say());
        }
    }

    /// Checks a result against the expected one.
    pub(crate) fn equal<T: PartialEq + Debug>(&mut self, got: &T, wanted: &T, what: impl What) {
        self.expect(got == wanted, || format!("{}: expected {wanted:?}, got {got:?}", what.say()));
    }

    /// Checks that a case succeeds, and returns its result.
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

    /// Checks that a case fails with exactly this error.
    pub(crate) fn refused<T>(&mut self, got: Result<T, CryptoError>, wanted: CryptoError, what: impl What) {
        match got.err() {
            Some(error) if error == wanted => self.passed += 1,
            Some(error) => {
                self.fault(format!("{}: refused with {error:?} instead of {wanted:?}", what.say()));
            }
            None => self.fault(format!("{}: accepted", what.say())),
        }
    }

    /// Records a failure whose input is already part of the description.
    pub(crate) fn fault_for(&mut self, why: &str, input: &str) {
        self.given(&[]);
        self.fault(why.to_owned());
        if let Some(told) = self.faults.last_mut().filter(|_| self.failed <= TOLD) {
            *told += &format!("; with {input}");
        }
    }

    pub(crate) fn skip(&mut self) {
        self.skipped += 1;
    }

    /// Records a failure.
    pub(crate) fn fault(&mut self, fault: String) {
        self.failed += 1;
        if self.faults.len() < TOLD {
            let mut told = match fault.char_indices().nth(LONGEST) {
                Some((end, _)) => format!("{}...", fault.get(..end).unwrap_or_default()),
                None => fault,
            };
            for (place, (name, bytes)) in self.inputs.iter().enumerate() {
                told += if place == 0 { "; with " } else { ", " };
                told += &format!("{name} {bytes:?}");
            }
            self.faults.push(told);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_shows_only_the_inputs_of_its_case() {
        let mut cases = Cases::default();
        cases.given(&[("key", &[1, 0xab]), ("text", &[])]);
        cases.expect(false, "one");
        cases.given(&[("share", &[7; SHOWN + 1])]);
        cases.expect(false, "two");
        cases.given(&[]);
        cases.expect(false, "three");
        let long = format!("two; with share {}... (513 bytes)", "07".repeat(SHOWN));
        assert_eq!(cases.faults, ["one; with key 01ab, text (empty)", &long, "three"]);
        assert_eq!(cases.failed, 3);
    }
}
