//! The checks besides the test vectors, one file for each kind of primitive.

mod aead;
mod agreement;
mod cbc;
mod finite_field;
mod hash;
mod header_protection;
mod hybrid;
mod keys;
mod mac;
mod ml_kem;
mod name;
mod premaster;
mod random;
mod rsa_encryption;
mod sealing;
mod second;
mod shares;
mod suffix;
mod tables;
mod threads;
mod two_buffers;
mod verify;

use crate::runner::Runner;
use cairn_crypto::Provider;

/// Runs all checks.
pub(crate) fn run(runner: &mut Runner<'_>, other: Option<&Provider>) {
    tables::run(runner);
    random::run(runner);
    hash::run(runner);
    mac::run(runner);
    aead::run(runner);
    two_buffers::run(runner);
    suffix::run(runner);
    cbc::run(runner);
    header_protection::run(runner);
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
