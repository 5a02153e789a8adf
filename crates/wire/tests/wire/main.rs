//! Round trips of all types, and robustness against malformed input.
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
mod key_exchanges;
mod parts;
mod rfc8448;
mod round_trip;
mod strategies;
mod tls13;
mod tls13_extensions;
mod tls13_strategies;
