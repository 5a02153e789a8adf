//! Connections of both roles, with each other and with misbehaving peers.
#![cfg(all(any(feature = "aws-lc", feature = "rustcrypto"), feature = "std"))]
#![cfg_attr(
    not(feature = "legacy"),
    allow(unused_imports, dead_code, reason = "some tests need legacy suites")
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test may panic, and has std"
)]

mod support;

#[cfg(any(feature = "zlib", feature = "brotli", feature = "zstd"))]
mod certificate_compression;
mod certificate_schemes;
mod certificate_with_psk;
mod choosing;
mod closing;
mod configs;
mod contracts;
mod delegated;
mod early_data;
mod ending;
#[cfg(all(feature = "aws-lc", feature = "legacy"))]
mod every_change;
mod external_psks;
mod failing_providers;
mod faults;
mod flights;
mod half_close;
mod half_rtt;
mod handshakes;
mod hostile;
mod key_exchanges;
mod key_updates;
mod later;
mod later_keys;
mod memory;
#[cfg(feature = "legacy")]
mod oracles;
mod orders;
mod providers;
mod questions;
mod raw_public_keys;
mod record_sizes;
mod renegotiation;
mod renegotiation_outcomes;
mod rfc8448;
mod secrets;
mod security;
mod session_binding;
mod sessions;
mod split;
mod stapling;
mod straight;
mod streams;
mod tickets;
mod tls13;
mod tls13_ending;
mod tls13_finished;
mod tls13_records;
mod unblocked;
mod upgrade;
mod writing;
mod zero_round_trips;
