//! Negotiation in the hellos: extensions, versions, sessions (RFC 5246, 5746, 6066, 7301, 7627, 8422).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod hello_extensions;
mod hellos;
mod responses;
mod sessions;
#[path = "../support/mod.rs"]
mod support;
