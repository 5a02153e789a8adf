//! The key exchanges: each suite completes and is resumed, each exchange sends exactly its messages, groups
//! are chosen as RFC 7919 requires, and failures to decrypt a premaster secret are not observable.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod encrypt_then_mac;
mod ephemeral;
mod finite_fields;
mod pairs;
mod premaster;
mod suites;
#[path = "../support/mod.rs"]
mod support;
