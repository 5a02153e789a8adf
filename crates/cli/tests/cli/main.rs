//! The built program against the world: real peers on loopback, hostile ones, and people who mistype.
//!
//! Each test starts what it needs on ports that the system picks, ends it, and is bounded in time. A test whose peer is
//! not installed tests nothing: it says so, and `xtask/tests/not_tested.rs` counts it as ignored. With
//! `CAIRN_REQUIRE_PEERS=1` it fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

extern crate alloc;

mod cases;
mod connect_gnutls;
mod connect_openssl;
mod decode;
mod demo;
mod every_suite_openssl;
mod failures_client;
mod failures_server;
mod hellos;
mod many;
mod raw_public_keys;
mod record_sizes;
mod renegotiation;
mod serve_curl;
mod serve_gnutls;
mod serve_openssl;
mod stapling;
mod support;
mod transfers;
mod usage;
