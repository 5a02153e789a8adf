//! Configurations of TLS connections, and how they answer the questions of the handshake.
//!
//! A [`ClientConfig`] or [`ServerConfig`] says what a connection offers and accepts, which credentials this
//! side has, whom it trusts, and where its sessions are stored. Builders create them and reject inconsistent
//! settings. A configuration knows nothing of records or sockets, so TLS over TCP, QUIC and DTLS can use the
//! same one.
//!
//! Applications use it through a transport, such as `cairn-tls`, which re-exports this crate's types. A
//! transport uses [`ConnectionConfig`]: it creates the handshake machine of a connection and answers the
//! machine's questions. It passes the questions that the configuration does not answer to its caller.
//!
//! # Example
//!
//! A handshake in memory, without records, shows how a transport uses a configuration.
//!
//! ```
//! # #[cfg(all(feature = "std", any(feature = "aws-lc", feature = "rustcrypto")))]
//! # mod example {
//! use cairn_config::{Answered, ClientConfig, ConnectionConfig, ServerConfig, default_provider};
//! use cairn_handshake::{Flight, Input, Item, Machine, Next, RawMessage};
//! use cairn_x509::{Roots, ServerName, issue::Template};
//! use std::{collections::VecDeque, error::Error};
//!
//! /// Takes a step, answers questions from the configuration, and queues the messages for the peer.
//! fn step(
//!     config: &ConnectionConfig,
//!     machine: &mut Machine,
//!     input: Input<'_>,
//!     queue: &mut VecDeque<Option<Vec<u8>>>,
//! ) -> Result<(), Box<dyn Error>> {
//!     let mut flight = Flight::new();
//!     let mut next = machine.step(input, &mut flight)?;
//!     while let Next::Ask(id) = next {
//!         let (_, question) = machine.question().ok_or("nothing is asked")?;
//!         let Answered { answer, .. } = config.answer(&question).ok_or("the caller must answer")?;
//!         next = machine.step(Input::Answer(id, answer), &mut flight)?;
//!     }
//!     let (bytes, items) = flight.drain();
//!     for item in items {
//!         match item {
//!             Item::Send { bytes: range, .. } => queue.push_back(Some(bytes[range].to_vec())),
//!             Item::SendChangeCipherSpec { .. } => queue.push_back(None),
//!             // Item::Keys would go to the record layer, Event::SaveSession to `save_session`, …
//!             _ => {}
//!         }
//!     }
//!     if let Next::Failed(error) = next { Err(error.into()) } else { Ok(()) }
//! }
//!
//! pub fn main() -> Result<(), Box<dyn Error>> {
//!     let template = Template::server("localhost").dns("localhost").valid(0, 4_000_000_000);
//!     let identity = template.self_signed(&default_provider(), cairn_crypto::KeySpec::EcP256)?;
//!     let mut roots = Roots::new();
//!     roots.add_der(identity.certificate())?;
//!     // Without records there is no middlebox to imitate TLS 1.2 for.
//!     let client = ClientConfig::builder().trust(roots).no_middlebox_compatibility().build()?;
//!     let chain: Vec<&[u8]> = identity.chain().collect();
//!     let server = ServerConfig::builder().credential(&chain, identity.signing_key().clone())?.build()?;
//!
//!     let configs = [
//!         ConnectionConfig::client(&client, ServerName::parse("localhost")?),
//!         ConnectionConfig::server(&server),
//!     ];
//!     let mut machines = configs.each_ref().map(ConnectionConfig::machine);
//!     let mut queues = [VecDeque::new(), VecDeque::new()];
//!     for end in [0, 1] {
//!         let start = Input::Start { now: configs[end].now() };
//!         step(&configs[end], &mut machines[end], start, &mut queues[end])?;
//!     }
//!     while !machines.iter().all(Machine::is_established) {
//!         let from = usize::from(queues[0].is_empty());
//!         let message = queues[from].pop_front().ok_or("both wait for the other")?;
//!         let end = 1 - from;
//!         let input = match &message {
//!             Some(bytes) => {
//!                 let message = RawMessage { msg_type: cairn_wire::HandshakeType(bytes[0]), bytes };
//!                 Input::Message { epoch: machines[end].read_epoch(), message }
//!             }
//!             // Part of TLS 1.2 alone.
//!             None => Input::ChangeCipherSpec,
//!         };
//!         step(&configs[end], &mut machines[end], input, &mut queues[end])?;
//!     }
//!     Ok(())
//! }
//! # }
//! # #[cfg(all(feature = "std", any(feature = "aws-lc", feature = "rustcrypto")))]
//! # example::main().unwrap();
//! ```
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `std` (default) | the system's clock, caches of sessions, key log files |
//! | `aws-lc` (default) | the default cryptography, AWS-LC; it needs a C compiler |
//! | `rustcrypto` | cryptography in Rust alone; it is the default where `aws-lc` is off |
//! | `legacy` (default) | suites with CBC, NULL, DHE or the RSA key exchange, and signatures with SHA-1 |
//! | `zlib`, `brotli`, `zstd` | algorithms that compress certificates: [`certificate_compressions`] |
//! | `platform-roots` | `ClientConfigBuilder::trust_platform`: the roots of the operating system |
//!
//! Without the feature of a provider, use [`ClientConfig::builder_with`] and a provider of your own. Without
//! `std`, a configuration needs a clock.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod answered;
mod asks;
mod binding;
mod certificate_compression;
mod client;
mod clock;
mod common;
mod connection;
mod credentials;
mod delegated;
mod error;
mod external_psks;
mod key_log;
#[cfg(feature = "std")]
mod key_log_file;
#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
mod provider;
mod psks;
mod quic;
mod raw_keys;
mod server;
mod server_endpoint;
mod sessions;
mod shared;
mod suites;
mod unwind;
mod versions;
mod withheld;

pub use self::{
    answered::{Answered, Refusal},
    certificate_compression::certificate_compressions,
    client::{ClientConfig, ClientConfigBuilder},
    clock::Clock,
    connection::ConnectionConfig,
    credentials::credential_elsewhere,
    error::ConfigError,
    key_log::KeyLog,
    server::{ServerConfig, ServerConfigBuilder},
    server_endpoint::ServerEndpoint,
    versions::Versions,
    withheld::CertificateWithheld,
};
#[cfg(feature = "std")]
pub use self::{clock::SystemClock, key_log_file::KeyLogFile};
#[cfg(feature = "brotli")]
pub use certificate_compression::Brotli;
#[cfg(feature = "zlib")]
pub use certificate_compression::Zlib;
#[cfg(feature = "zstd")]
pub use certificate_compression::Zstd;
#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
pub use provider::default_provider;
#[cfg(feature = "rustcrypto")]
pub use provider::rustcrypto_provider;
#[cfg(all(feature = "legacy", any(feature = "aws-lc", feature = "rustcrypto")))]
pub use provider::with_legacy_signatures;

/// Tests the examples in `README.md`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
