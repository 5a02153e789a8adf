//! The vectors of Project Wycheproof, which cover known mistakes of implementations.
//!
//! A vector with a size that TLS never uses (nonces of other than 12 bytes, truncated tags) is counted as
//! skipped, after a check that the size is rejected.

mod aead;
mod agreement;
mod cbc;
mod mac;
mod ml_dsa;
mod ml_kem;
mod premaster;
mod signatures;
mod verdict;

use crate::runner::Runner;

/// Runs all vectors.
pub(crate) fn run(runner: &mut Runner<'_>) {
    mac::run(runner);
    aead::run(runner);
    cbc::run(runner);
    agreement::run(runner);
    ml_kem::run(runner);
    signatures::run(runner);
    ml_dsa::run(runner);
    premaster::run(runner);
}
