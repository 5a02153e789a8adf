//! Handshakes of TLS 1.3 between our own client and server (RFC 9846).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod flows;
mod pair;
mod refusals;
