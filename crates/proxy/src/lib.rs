//! A TLS proxy: it terminates TLS for services that speak TCP, originates TLS for clients that do not, and
//! forwards TLS by server name. `cairn proxy` runs it.
//!
//! # Settings
//!
//! ```toml
//! admin = "127.0.0.1:9100"          # /metrics and /health
//!
//! [[listener]]
//! name = "web"
//! listen = "0.0.0.0:443"
//!
//! [listener.tls]
//! alpn = ["h2", "http/1.1"]
//! [[listener.tls.certificate]]
//! chain = "a.example.pem"
//! key = "a.example.key"
//!
//! [[listener.route]]                # its TLS is not terminated here
//! names = ["*.elsewhere.example"]
//! upstream = "192.0.2.7:443"
//! pass = true
//!
//! [[listener.route]]                # everything else
//! upstream = "unix:/run/web.sock"
//! send_proxy = "v2"
//! ```
//!
//! [`Settings`] describes every field. Unknown fields are errors. Relative paths are relative to the folder
//! of the file.
//!
//! # Behavior
//!
//! - Early data of clients is not accepted, unless a listener has `early_data = true`.
//! - A connection has one time limit for the PROXY header, the handshakes and the connection to the upstream,
//!   and another one for idleness.
//! - A side that closes only its own direction is forwarded as such, in TLS 1.3 and TCP.
//! - [`Proxy::reload`] keeps sockets, open connections, ticket keys and sessions. If a file is broken, the
//!   old settings stay in use.
//! - [`Proxy::changed`] returns when one of these files has changed.
//! - [`Proxy::stop`] waits for open connections.
//! - A new connection ends the oldest unfinished handshake if there are too many.
//! - Text from peers is quoted in log lines, so it cannot forge one. No secret is logged.
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `redis` | sessions that several proxies share in Redis or Valkey |
//! | `pkcs11` | keys in PKCS #11 tokens |
//! | `aws-lc` (default) | the default cryptography, AWS-LC; it needs a C compiler |
//! | `rustcrypto` | cryptography in Rust alone; it is the default where `aws-lc` is off |
//! | `legacy` (default) | support for old peers: see the feature of `cairn-tls` |
//!
//! Settings for a feature that is not compiled are errors.

extern crate alloc;

mod admin;
mod clients;
mod connection;
mod handshakes;
mod hello;
mod kept;
mod load;
mod log;
mod metrics;
mod names;
mod provider;
mod proxy;
mod proxy_protocol;
mod rates;
mod relay;
mod service;
mod settings;
mod store;
mod tokens;
mod transport;

pub use proxy::Proxy;
pub use settings::{
    LogForm, Settings,
    listener::Listener,
    route::{ProxyVersion, Route},
    sessions::Sessions,
    tls::{CertificateFiles, ClientTls, KeySource, ServerTls, StaleList, VersionRange},
};

/// Tests the examples in `README.md`.
#[cfg(all(doctest, feature = "aws-lc"))]
#[doc = include_str!("../README.md")]
mod crate_readme {}
