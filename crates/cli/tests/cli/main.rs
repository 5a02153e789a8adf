//! Tests of the built program: real peers on loopback, hostile peers, and wrong command lines.
//!
//! Each test starts its peers on ports that the system chooses, ends them, and has a time limit. A test whose
//! peer is not installed checks nothing: it reports that, and `xtask/tests/not_tested.rs` counts it as
//! ignored. With `CAIRN_REQUIRE_PEERS=1` it fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

extern crate alloc;

mod ask_later;
mod captures;
mod cases;
mod cert;
mod cert_openssl;
mod colours;
mod completions;
mod connect_files;
mod connect_gnutls;
mod connect_openssl;
mod connect_proxy;
mod crls;
mod decode;
mod demo;
mod early_data;
mod every_suite_openssl;
mod failures_client;
mod failures_server;
mod hellos;
#[cfg(feature = "http3")]
mod http3;
mod many;
#[cfg(all(unix, feature = "proxy"))]
mod proxy;
#[cfg(all(unix, feature = "proxy"))]
mod proxy_crls;
#[cfg(all(unix, feature = "redis"))]
mod proxy_sessions;
#[cfg(all(unix, feature = "pkcs11"))]
mod proxy_tokens;
mod psks13;
mod raw_public_keys;
mod record_sizes;
mod renegotiation;
mod scan;
mod scan_bare;
mod serve_curl;
mod serve_gnutls;
mod serve_log;
mod serve_openssl;
mod stapling;
mod starttls;
mod support;
#[cfg(unix)]
mod tasks;
mod tls13;
mod transfers;
mod usage;
