//! Keys in tokens of SoftHSM (Debian's package `softhsm2`).
//!
//! A process can initialize a module once only, with one folder of tokens. So each test runs in a process of
//! its own, with its own tokens: see [`hsm::with_softhsm`]. If SoftHSM is not installed, the tests check
//! nothing, and `xtask/tests/not_tested.rs` counts them as ignored. With `CAIRN_REQUIRE_PEERS=1` they fail.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test fails by panicking"
)]

mod handshakes;
mod hsm;
mod keys;
mod load;
mod pins;
mod sessions;
mod signatures;
