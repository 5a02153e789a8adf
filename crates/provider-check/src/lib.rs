//! Judges a provider of cryptography: one call, and it says what is right, what is not offered, and what is wrong.
//!
//! Who writes a [`Provider`] puts this into a test:
//!
//! ```no_run
//! # use cairn_provider_aws_lc::provider;
//! #[test]
//! fn the_provider_conforms() {
//!     cairn_provider_check::check(&provider()).assert_passed();
//! }
//! ```
//!
//! and reads the table that it prints when something fails. A provider that offers one algorithm only is judged by that
//! one; what it does not offer is named in the [`Report`] and is no fault.
//!
//! # What is judged
//!
//! | check | what |
//! |---|---|
//! | Wycheproof | every vector of Project Wycheproof that TLS could ever meet, for every algorithm offered |
//! | known answers | examples of the standards, where Wycheproof has none; the TLS PRF and HKDF over the provider's HMAC |
//! | lengths | empty and largest inputs; keys, nonces, tags and buffers of a wrong length, and that the error names them |
//! | tampering | nothing that was changed opens or verifies, and no plaintext is left behind |
//! | associated data | all of it counts, at every length, in place and between two buffers |
//! | two buffers | an AEAD from one buffer into another does what it does in place, and leaves no more behind |
//! | invalid values | low-order points, points off the curve, group parameters and shares out of range, keys and signatures in another encoding |
//! | premaster secrets | decryption that cannot be seen to fail |
//! | repetition | the same twice where the primitive is deterministic, never where it is random |
//! | threads | one value, used by several threads at once |
//! | agreement | the same as a second provider, or what the other takes, on random inputs: see [`Check::against`] |
//!
//! Key agreement gives shares of its own in the one encoding that every peer takes: canonical coordinates, uncompressed
//! points, numbers as wide as the prime.
//!
//! A call that panics is a failure of its check, and the others go on. A failure shows the input that caused it.
//!
//! What it cannot see: whether time and memory accesses depend on secrets, whether secrets are erased, and whether
//! randomness is good (it finds constant or repeating bytes, no more).
//!
//! `docs/providers.md` is the guide to writing a provider.
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

mod both;
mod cases;
mod checks;
mod der;
mod fixtures;
mod generators;
mod judge;
mod names;
mod number;
mod report;
mod vectors;

pub use judge::Check;
pub use report::{Outcome, Report, Row};

use cairn_crypto::Provider;

/// Judges a provider by itself, without a second one.
#[must_use]
pub fn check(provider: &Provider) -> Report {
    Check::new(provider).run()
}

/// The guide's examples, so that they go on to compile, and to pass.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/providers.md")]
mod guide {}
