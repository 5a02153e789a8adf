//! Renegotiation (RFC 5246 section 7.4.1.1, RFC 5746).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod again;
mod encrypt_then_mac;
mod limits;
mod performed;
mod refused;
mod required;
#[path = "../support/mod.rs"]
mod support;
