//! What this crate writes, it reads, byte for byte; and what it cannot read, it refuses without a panic.
#![cfg(feature = "alloc")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions
)]

mod captures;
mod decoders;
mod hostile;
mod round_trip;
mod strategies;
