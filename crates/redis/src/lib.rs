//! TLS sessions of a fleet of servers in Redis or Valkey: [`RedisSessions`].
//!
//! A client resumes its session on any server of the fleet. Tickets of TLS 1.3 are used once, and early
//! data is accepted once, whichever server it reaches. If the store is slow, dead, full or wrong, there is
//! a full handshake and a count in [`Metrics`], and no connection fails or hangs.
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
//! The configurations of the servers must be equal in what their sessions depend on: see `context_id` of
//! `ServerConfigBuilder`. Combine it with other answerers with `Answerer::or`.
//!
//! Instead of sessions, the servers can share the keys of tickets that contain the sessions:
//! [`RedisSessions::ticket_keys`]. Then the store is needed for the rotation of the keys and for early data
//! only.
//!
//! # The store
//!
//! One process of Redis or Valkey, or the address of the primary one of a group. It is not for a cluster
//! with slots. The account needs the commands `MGET`, `GET`, `SET`, `DEL`, `PING`, and for early data
//! `INFO` and `TIME`. Set `maxmemory`, and for early data `maxmemory-policy noeviction`. A session takes
//! some 300 bytes, and more with a client's certificates.
//!
//! | name | value | is deleted |
//! |---|---|---|
//! | `cairn:session:<MAC of the ID>` | a sealed session | with the session, or when a ticket is used |
//! | `cairn:binder:<MAC of the binder>` | a ClientHello with early data was seen | after `replay_window` |
//! | `cairn:salt:<rotation>:<epoch>` | a random value that gives a key | with the last session of the key |
//! | `cairn:early` | since when no record was lost | never |
//!
//! # Keys
//!
//! Time is divided into epochs of 12 hours (`rotation`), each with a key that seals sessions. It is derived
//! from the root key and a random salt in the store. The salt of the next epoch is published in the current
//! one, and each server looks every minute, so all servers know a key before one uses it. When the last
//! session of a key has expired, its salt leaves the store and the key the memory of the servers. Even with
//! the root key, its sessions are then lost for good, unless somebody has kept a copy of the store.
//!
//! If the store loses its data, the servers publish the salts that they know again when they next write a
//! session. A server that starts before that publishes one of its own, and the others take it over. Until
//! then, usually for a second, some sessions are not resumed.
//!
//! # Early data
//!
//! A ClientHello is accepted with early data if all of this holds:
//!
//! - its ticket is in the store, and this server deletes it (a ticket that contains its session is not
//!   stored);
//! - its binder is not in the store, and this server writes it;
//! - the store has not lost records for `replay_window`. A marker says so, which names the `run_id` of the
//!   process: after a restart, a takeover by a replica or a `FLUSHALL`, the window starts anew;
//! - the policy of the store is `noeviction`.
//!
//! If one of these cannot be found out, early data is refused.
//!
//! # Threats
//!
//! **An attacker who reads the store** learns how many sessions there are, how long they are, and when they
//! are written and expire. Records are sealed with an AEAD under keys that follow from the root key. Names
//! are MACs, so an ID that was seen on the network does not tell which record is its own. With the root key
//! and the salts, the attacker can read the sessions, and with them recorded connections of TLS 1.2 and
//! early data, and can make sessions up. Keep the root key as you keep the keys of certificates, and do not
//! let the store write snapshots.
//!
//! **An attacker who writes to the store** can delete records, which costs full handshakes. A changed
//! record does not open, nor does the record of another session, of another root key or of another prefix.
//! Expired sessions are refused by their own times. The attacker can put back a ticket that was used,
//! delete the record of a binder and write the marker, so **early data can then be replayed**. The client
//! can use a ticket twice then, and nobody else can, because it takes the secret that only the client has.
//!
//! **A program in the place of the store** can do the same. It can also send replies of any length, which
//! are read into memory. The connection to the store is not encrypted, unless it passes a tunnel; whoever
//! sees it also learns the password of the store.
//!
//! **A client** can cause lookups, one or two for each handshake, and fill the store with sessions. Set
//! `maxmemory`. A false binder uses up nothing.
//!
//! **Faults of the store.** Replicas get records late. If one takes over, it may have a ticket that was
//! used and lack the last records. The new `run_id` is noticed, and early data is refused until all
//! ClientHellos from before are too old to be accepted. This does not cover
//!
//! - two processes that are both taken for the primary one for longer than `replay_window`, by different
//!   servers: each accepts a ClientHello once;
//! - a proxy that sends commands of one connection to different processes, or hides their `run_id`;
//! - the clock of the store's machine, if it is set forward by more than the window after records were
//!   lost;
//! - a `replay_window` that is shorter than its documentation says.
//!
//! **Fatal alerts.** RFC 5246 section 7.2.2 wants a session of TLS 1.2 removed after a fatal alert. The
//! removal is queued like a write. If the store does not answer, it is dropped, and the session can be
//! resumed until it expires.
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

mod breaker;
mod builder;
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
