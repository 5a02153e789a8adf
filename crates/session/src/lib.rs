//! Keeps TLS sessions, so that a later connection is spared most of a handshake (RFC 5246 section 7.3): the store
//! traits for either side, a bounded cache in memory, the encoding of a session, and tickets (RFC 5077).
//!
//! ```
//! use cairn_handshake::{Session, UnixTime};
//! # #[cfg(feature = "std")]
//! use cairn_session::ServerCache;
//! use cairn_session::{ServerSessionStore, decode_session, encode_session};
//! use std::sync::Arc;
//! # use cairn_crypto::Secret;
//! # use cairn_schedule::{MasterSecret, SUITES};
//! # use cairn_wire::SessionId;
//! # fn saved_by_a_handshake(now: UnixTime) -> Session {
//! #     Session {
//! #         session_id: SessionId::new(&[7; 32]).unwrap(),
//! #         suite: &SUITES[0],
//! #         master_secret: MasterSecret::from(Secret::from(&[3; 48])),
//! #         extended_master_secret: true,
//! #         encrypt_then_mac: false,
//! #         psk_identity: None,
//! #         server_name: None,
//! #         alpn: None,
//! #         max_fragment_length: None,
//! #         peer_chain: None,
//! #         origin: Default::default(),
//! #         end_point: None,
//! #         authenticated_at: now,
//! #         not_after: None,
//! #         context: Default::default(),
//! #         judge: Default::default(),
//! #         endpoint: None,
//! #         ticket: None,
//! #     }
//! # }
//!
//! # fn main() -> Result<(), cairn_session::SessionError> {
//! let now = UnixTime(1_800_000_000);
//! let session: Arc<Session> = Arc::new(saved_by_a_handshake(now)); // Event::SaveSession brings it
//! let id = session.session_id;
//!
//! # #[cfg(feature = "std")] {
//! // One cache for all connections of a server: 10,000 sessions, 24 hours.
//! let cache = ServerCache::new(10_000);
//! cache.put(Arc::clone(&session), now);
//! assert_eq!(cache.get(&id, now), Some(Arc::clone(&session)));
//! assert_eq!(cache.get(&id, UnixTime(now.0 + 24 * 60 * 60)), None);
//! # }
//!
//! // For a store elsewhere. The bytes hold the master secret: seal them before they leave the process.
//! let bytes = encode_session(&session)?;
//! assert_eq!(decode_session(bytes.expose()).as_ref(), Ok(&*session));
//! # Ok(()) }
//! ```
//!
//! # What there is
//!
//! - [`ServerSessionStore`] and [`ClientSessionStore`], what layer 7 asks of a store; a client's sessions are found by
//!   a [`ClientKey`].
//! - `ServerCache` and `ClientCache` (feature `std`), in memory, shared between threads, bounded in number, bytes and
//!   age (`CacheLimits`).
//! - [`NoSessions`], a store that keeps none.
//! - [`encode_session`] and [`decode_session`], a session as bytes.
//! - [`Tickets`], with which a server has its clients keep its sessions (RFC 5077): sealed under keys that it asks of a
//!   [`TicketKeys`]. `RotatingKeys` (feature `std`) makes them itself, `SharedKeys` (feature `std`) has what several
//!   servers have. [`seal_ticket`], [`open_ticket`] and [`ticket_key_name`] are the parts, for keys that must be fetched.
//!
//! Nothing here reads a clock: the time comes with each call.
//!
//! # Tickets
//!
//! ```
//! # #[cfg(feature = "std")] {
//! use cairn_handshake::{Session, UnixTime};
//! use cairn_session::{RotatingKeys, Tickets};
//! # use cairn_crypto::Secret;
//! # use cairn_schedule::{MasterSecret, SUITES};
//! # use cairn_wire::SessionId;
//! use std::sync::Arc;
//!
//! # let now = UnixTime(1_800_000_000);
//! # let session = Session {
//! #     session_id: SessionId::EMPTY,
//! #     suite: &SUITES[0],
//! #     master_secret: MasterSecret::from(Secret::from(&[3; 48])),
//! #     extended_master_secret: true,
//! #     encrypt_then_mac: false,
//! #     psk_identity: None,
//! #     server_name: None,
//! #     alpn: None,
//! #     max_fragment_length: None,
//! #     peer_chain: None,
//! #     origin: Default::default(),
//! #     end_point: None,
//! #     authenticated_at: now,
//! #     not_after: None,
//! #     context: Default::default(),
//! #     judge: Default::default(),
//! #     endpoint: None,
//! #     ticket: None,
//! # };
//! let provider = Arc::new(cairn_provider_aws_lc::provider());
//! let tickets = Tickets::new(Arc::clone(&provider), Arc::new(RotatingKeys::new(provider)));
//!
//! let ticket = tickets.seal(&session, now).expect("there is a key");
//! assert_eq!(ticket.lifetime_hint, 24 * 60 * 60);
//! let opened = tickets.open(&ticket.ticket, now).expect("it is one of ours");
//! assert_eq!(*opened.session, session);
//! assert!(!opened.renew);
//!
//! // A ticket that is not ours, or has expired, is no error: a full handshake follows.
//! assert_eq!(tickets.open(b"something else", now), None);
//! assert_eq!(tickets.open(&ticket.ticket, UnixTime(now.0 + 24 * 60 * 60)), None);
//! # }
//! ```
//!
//! # What a reader of a store learns
//!
//! **Everything, for as long as it keeps its sessions.** A master secret opens each connection that was made with it:
//! the original one and every resumption, recorded ones too. It also lets its holder resume: as the client,
//! which may have proved by certificate who it is; or as the server, towards a client that offers the session again.
//! So a session that can be resumed has no forward secrecy until both ends have forgotten it. That is the price of
//! resumption in TLS 1.2, however the keys were agreed (RFC 5246 appendix F.1.4), and the lifetime bounds it. Besides
//! the secrets a store knows who talked to whom: server names, application protocols, clients' certificates. A session that
//! a pre-shared key authenticated holds a digest of the keys, which lets a reader guess keys that are not random (RFC
//! 4279 section 7.2).
//!
//! What is done about it:
//!
//! - Secrets are zeroized when the last holder of a session lets go of it, and never printed. Each has one place on the
//!   heap: a cache that grows moves pointers and leaves no copies behind.
//! - An expired session is never found. It goes when it is met or its place is needed; while there is room, some go with
//!   each new one. Call `purge` from a timer where none may stay until then.
//! - Whoever can write to a store can do more than read it: a session of his making, once resumed, is a connection
//!   that he reads, to a peer that he names. A store outside of the process must have its bytes sealed.
//! - A peer that fills a server's cache drives out other sessions and costs them full handshakes, no more. It can aim
//!   neither at a shard nor at a bucket, since the hash is keyed at random. Which IDs exist can be tried, but not
//!   usefully guessed: an ID is 32 random bytes, and worth nothing without its secret.
//! - Tickets are sealed so, with an AEAD under a key for each ticket. What a store knows, a ticket key opens: **who gets
//!   one reads every connection, recorded long ago or not, whose ticket was sealed with it**, for the ticket crosses the
//!   network in the clear (RFC 5077 section 3.3 sends it before ChangeCipherSpec). So keys change every few hours and
//!   are zeroized when their tickets have expired; keys in a file or a secret manager must end there too.
//! - A ticket shows which key sealed it, and its length: that is, whether a client's chain is in it, and how long server
//!   name and protocol are together. One that is presented twice shows that it is the same client (RFC 5077
//!   section 5.8).
//! - A ticket cannot be taken back alone: it opens until it expires or its key is gone. RFC 5077 section 5.1 says why
//!   that is no danger after a fatal alert. Whoever must end a session at once keeps it in a store, not in a ticket.
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "std")]
mod cache;
mod client_key;
mod encode;
mod error;
mod key_ring;
mod no_sessions;
mod store;
#[cfg(test)]
mod testing;
mod ticket;
mod ticket_key;
mod tickets;

#[cfg(feature = "std")]
pub use cache::{CacheLimits, ClientCache, ServerCache};
pub use client_key::ClientKey;
pub use encode::{ENCODING_VERSION, MAX_CHAIN_LEN, decode_session, encode_session};
pub use error::SessionError;
pub use key_ring::TicketKeys;
#[cfg(feature = "std")]
pub use key_ring::{RotatingKeys, SharedKeys};
pub use no_sessions::NoSessions;
pub use store::{ClientSessionStore, ServerSessionStore};
pub use ticket::{MAX_TICKET_LEN, open_ticket, seal_ticket, ticket_key_name};
pub use ticket_key::{TicketAead, TicketKey, TicketKeyName};
pub use tickets::{Opened, Tickets};

/// Tests the examples in `README.md`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
