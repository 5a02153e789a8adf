//! A test suite for cryptographic providers. A single call reports what is correct, what is not supported,
//! and what is wrong.
//!
//! The author of a [`Provider`] writes this test:
//!
//! ```no_run
//! # use cairn_provider_aws_lc::provider;
//! #[test]
//! fn the_provider_conforms() {
//!     cairn_provider_check::check(&provider()).assert_passed();
//! }
//! ```
//!
//! If something is wrong, it prints a table of the results. A provider that supports a single algorithm is
//! checked for that one only. Algorithms that it does not support are listed in the [`Report`] and are not
//! faults.
//!
//! # Checks
//!
//! | check | what it shows |
//! |---|---|
//! | Wycheproof | every vector of Project Wycheproof that can occur in TLS, for every supported algorithm |
//! | known answers | examples of the standards where Wycheproof has none; the TLS PRF and HKDF |
//! | lengths | empty and very long inputs are accepted; wrong lengths give the right error |
//! | tampering | modified data is neither opened nor verified, and leaves no plaintext behind |
//! | associated data | all of it is authenticated, at every length, in place and between two buffers |
//! | two buffers | AEAD operations between two buffers equal those in place, and leave nothing behind |
//! | suffix | sealing with a suffix equals sealing the concatenation, for every length |
//! | invalid values | invalid points, groups, shares, keys, signatures and encodings are rejected |
//! | implicit rejection | what fails to decrypt (RSA, ML-KEM) gives a secret without a visible difference |
//! | composition | a hybrid group concatenates the shares and secrets of its parts in the right order |
//! | repetition | deterministic primitives repeat their results, and randomized ones never do |
//! | threads | several threads can use one value at once |
//! | second provider | a second provider gives or accepts the same results: see [`Check::against`] |
//!
//! Shares that the provider generates must have the encoding that every peer accepts: canonical coordinates,
//! uncompressed points, numbers as wide as the prime, and coefficients below the modulus of ML-KEM.
//!
//! A panic fails its check, and the other checks continue. A failure shows the input that caused it.
//!
//! The suite cannot detect whether time and memory accesses depend on secrets, whether secrets are erased, or
//! whether randomness is good: it only finds constant or repeating bytes.
//!
//! `docs/providers.md` explains how to write a provider.
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

mod both;
mod cases;
mod check;
mod checks;
mod der;
mod fixtures;
mod generators;
mod names;
mod not_offered;
mod number;
mod report;
mod runner;
mod vectors;

pub use check::Check;
pub use report::{Outcome, Report, Row};

use cairn_crypto::Provider;

/// Checks a provider on its own, without a second one.
#[must_use]
pub fn check(provider: &Provider) -> Report {
    Check::new(provider).run()
}

/// Tests the examples of the guide.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/providers.md")]
mod guide {}

/// Tests the examples in `README.md`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
