//! Async streams over real sockets and over a transport that is rarely ready.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    missing_docs,
    reason = "a test fails by panicking"
)]
#![cfg(all(feature = "aws-lc", feature = "net"))]

mod answers;
mod cancellation;
mod early;
mod ends;
mod halves;
mod handshakes;
mod observing;
mod other_runtimes;
mod renegotiations;
mod support;
