//! Handshakes between our own client and server, with the keys of their packets.
#![cfg(all(feature = "std", any(feature = "aws-lc", feature = "rustcrypto")))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test may panic, and has std"
)]

mod errors;
mod flows;
mod frames;
mod pair;
mod questions;
