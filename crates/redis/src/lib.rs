//! TLS sessions of a fleet of servers in Redis or Valkey: [`RedisSessions`].
//!
//! A client resumes its session on any server of the fleet. In the whole fleet, a ticket of TLS 1.3 is used
//! once, and early data is accepted once. If the store is slow, dead, full or wrong, the client gets a full
//! handshake, and [`Metrics`] counts it. No connection fails or hangs.
//!
//! # A server
//!
//! ```no_run
//! # #[cfg(feature = "aws-lc")]
//! use cairn_redis::{RedisSessions, RootKey, redis::Client};
//! use cairn_tokio::{TlsAcceptor, tls::ServerConfig};
//! use tokio::{io::AsyncWriteExt, net::TcpListener};
//!
//! # #[cfg(feature = "aws-lc")]
//! # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
//! // 32 random bytes, the same for all servers: openssl rand -out root.key 32
//! let root = RootKey::new(&std::fs::read("root.key")?)?;
//! let sessions = RedisSessions::builder(Client::open("redis://10.0.0.5/")?, root).build()?;
//! let config = ServerConfig::builder()
//!     .credential_pem(&std::fs::read("cert.pem")?, &std::fs::read("key.pem")?)?
//!     .ask_for_sessions()
//!     .build()?;
//! let acceptor = TlsAcceptor::new(config).answerer(sessions.clone());
//! let listener = TcpListener::bind("0.0.0.0:8443").await?;
//! loop {
//!     let (tcp, _) = listener.accept().await?;
//!     let acceptor = acceptor.clone();
//!     tokio::spawn(async move {
//!         match acceptor.accept(tcp).await {
//!             Ok(mut tls) => drop(tls.write_all(b"hello\n").await),
//!             Err(failed) => eprintln!("{failed}"),
//!         }
//!     });
//! }
//! # }
//! # fn main() {}
//! ```
//!
//! The servers need equal values for all settings on which sessions depend: see `context_id` of
//! `ServerConfigBuilder`. Their clocks must agree too, because a server refuses a session that was created
//! in its future. `Answerer::or` combines [`RedisSessions`] with other answerers.
//!
//! Instead of sessions, the servers can share the keys of tickets that contain the sessions:
//! [`RedisSessions::ticket_keys`]. Then only the rotation of the keys and early data need the store.
//!
//! # The store
//!
//! The store is one process of Redis or Valkey, or the primary of a group under a fixed address. A cluster
//! with slots is not supported. The account needs the commands `MGET`, `GET`, `SET`, `DEL`, `PING`, and for
//! early data `INFO` and `TIME`. Set `maxmemory`, and for early data `maxmemory-policy noeviction`. A session
//! takes about 300 bytes, and more with a client's certificates.
//!
//! | name | value | is deleted |
//! |---|---|---|
//! | `cairn:session:<MAC of the ID>` | a sealed session | when the session expires or its ticket is used |
//! | `cairn:binder:<MAC of the binder>` | 1: this ClientHello had early data | after `replay_window` |
//! | `cairn:salt:<rotation>:<epoch>` | a random value that gives a key | when the last session expires |
//! | `cairn:early` | the `run_id`, and the time since which no record was lost | never |
//!
//! # Keys
//!
//! Time is divided into epochs of 12 hours (`rotation`). In each epoch another key seals sessions. It is
//! derived from the root key and a random salt in the store. The salt of the next epoch is published in the
//! current one, and each server reads the salts every minute. So all servers know a key before one uses it.
//! When the last session of a key has expired, the store deletes the salt, and the servers delete the key.
//! From then on even the root key does not open these sessions, unless a copy of the store was kept.
//!
//! If the store loses its data, the servers publish their salts again when they next write a session. A
//! server that starts before that publishes a salt of its own, which the others adopt. Until then, usually
//! for a second, some sessions are not resumed.
//!
//! # Early data
//!
//! A ClientHello is accepted with early data if all of this holds:
//!
//! - its ticket is in the store, and this server deletes it (a ticket that contains its session is not
//!   stored);
//! - its binder is not in the store, and this server writes it;
//! - the store has not lost records for `replay_window`. This follows from a marker in the store with the
//!   `run_id` of the process. After a restart, a takeover by a replica or a `FLUSHALL`, the window starts
//!   anew;
//! - the policy of the store is `noeviction`.
//!
//! If the store does not answer one of these questions, early data is refused.
//!
//! # Threats
//!
//! **An attacker who reads the store** learns the number of sessions, their lengths, and the times at which
//! they are written and expire. Records are sealed with an AEAD under keys that follow from the root key.
//! Names are MACs, so an ID from the network does not lead to its record. With the root key and the salts,
//! the attacker can read the sessions and forge others. The sessions then open recorded connections of
//! TLS 1.2 and recorded early data. Protect the root key like the keys of certificates, and do not let the
//! store write snapshots.
//!
//! **An attacker who writes to the store** can delete records, which costs full handshakes. A changed
//! record does not open. Neither does the record of another session, of another root key or of another
//! prefix. Each session contains its times, so an expired one is refused. The attacker can restore a ticket
//! that was used, delete the record of a binder, and write the marker. So **early data can then be
//! replayed**. A ticket can then be used twice, but only by its client, which alone has the secret.
//!
//! **A program in the place of the store** can do the same. It can also send replies of any length, which
//! are read into memory. Without TLS ([`RedisSessionsBuilder::tls`]), an attacker on the network can take its
//! place, and an attacker that reads the connection learns the password of the store.
//!
//! **A client** can cause one or two lookups for each handshake, and fill the store with sessions. Set
//! `maxmemory`. A false binder uses up no ticket.
//!
//! **Faults of the store.** Replicas get records late. A replica that takes over may lack the last records,
//! and may still have a ticket that was used. The servers notice the new `run_id`. They refuse early data
//! until all earlier ClientHellos are too old to be accepted. These faults are not covered:
//!
//! - two processes that are taken for the primary by different servers, or in turn, for longer than
//!   `replay_window`, without the records of each other. Each accepts a ClientHello once;
//! - a proxy that sends commands of one connection to different processes, or hides their `run_id`;
//! - the clock of the store's machine, if it is set forward by more than the window after records were
//!   lost;
//! - an eviction policy that is set and reset before a server sees it. Each server looks every minute, and
//!   at each ClientHello with early data;
//! - a `replay_window` that is shorter than its documentation requires.
//!
//! **Fatal alerts.** After a fatal alert, RFC 5246 section 7.2.2 requires that a session of TLS 1.2 is
//! removed. The removal is queued like a write. If the store does not answer, the removal is dropped, and
//! the session can be resumed until it expires.
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

mod breaker;
mod builder;
mod connection;
mod error;
mod keys;
mod link;
mod metrics;
mod replay;
mod ring;
mod sessions;
mod store;
mod writer;

pub use self::{
    builder::RedisSessionsBuilder, error::SetupError, keys::RootKey, metrics::Metrics,
    sessions::RedisSessions,
};
pub use redis;

/// Tests the examples in `README.md`.
#[cfg(all(doctest, feature = "aws-lc"))]
#[doc = include_str!("../README.md")]
mod crate_readme {}
