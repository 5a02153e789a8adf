//! The checks besides the test vectors, one file for each kind of primitive.

mod aead;
mod agreement;
mod cbc;
mod finite_field;
mod hash;
mod keys;
mod mac;
mod premaster;
mod random;
mod rsa_encryption;
mod second;
mod tables;
mod threads;
mod two_buffers;
mod verify;

use crate::runner::Runner;
use cairn_crypto::Provider;

/// Names of checks in the report.
pub(crate) mod name {
    pub(crate) const KNOWN: &str = "known answers";
    pub(crate) const LENGTHS: &str = "lengths";
    pub(crate) const TAMPERING: &str = "tampering";
    pub(crate) const TWO_BUFFERS: &str = "two buffers";
    pub(crate) const INVALID: &str = "invalid values";
    pub(crate) const REPETITION: &str = "repetition";
    pub(crate) const PARTS: &str = "parts and forks";
    pub(crate) const COMPRESSION: &str = "compression function";
    pub(crate) const PRF: &str = "TLS PRF over it";
    pub(crate) const OWN_PRF: &str = "TLS PRF of its own";
    pub(crate) const TWO_SIDES: &str = "two sides";
    pub(crate) const ASSOCIATED: &str = "associated data";
    pub(crate) const HIDING: &str = "hiding failure";
    pub(crate) const ENCODINGS: &str = "encodings";
    pub(crate) const SIGNING: &str = "signing";
    pub(crate) const MAKING: &str = "making keys";
    pub(crate) const TABLE: &str = "each thing once";
    pub(crate) const THREADS: &str = "threads";
    pub(crate) const SECOND: &str = "agreement with the other";
}

/// Runs all checks.
pub(crate) fn run(runner: &mut Runner<'_>, other: Option<&Provider>) {
    tables::run(runner);
    random::run(runner);
    hash::run(runner);
    mac::run(runner);
    aead::run(runner);
    two_buffers::run(runner);
    cbc::run(runner);
    agreement::run(runner);
    finite_field::run(runner);
    verify::run(runner);
    keys::run(runner, other);
    rsa_encryption::run(runner);
    premaster::run(runner);
    threads::run(runner);
    if let Some(other) = other {
        second::run(runner, other);
    }
}
