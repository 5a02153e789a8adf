//! Sessions in a real `redis-server`, which each test starts for itself.
//!
//! Without `redis-server`, and for some of them without network namespaces, these tests check nothing: they
//! report it, and `xtask/tests/not_tested.rs` counts them as ignored. With `CAIRN_REQUIRE_PEERS=1` they fail.
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
#![cfg(unix)]

mod early;
mod failover;
mod faults;
mod fleet;
mod forwarder;
mod hub;
mod load;
mod network;
mod partition;
mod process;
mod resumption;
mod rotation;
mod server;
mod tls;
