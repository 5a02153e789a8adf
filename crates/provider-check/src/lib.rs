//! Judges a provider of cryptography: one call, and it says what is right, what is not offered, and what is wrong.
//!
//! Who writes a [`Provider`] puts this into a test:
//!
//! ```no_run
//! # fn provider() -> cairn_crypto::Provider { unimplemented!() }
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
//!
//! A call that panics is a failure of its check, and the others go on.
//!
//! What it cannot see: whether time and memory accesses depend on secrets, whether secrets are erased, and whether
//! randomness is good.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![allow(dead_code, reason = "the checks beside the vectors follow")]

extern crate alloc;

mod cases;
mod generators;
mod judge;
mod names;
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
