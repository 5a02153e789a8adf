//! Storage of TLS sessions for resumption (RFC 5246 section 7.3, RFC 9846 section 2.2): store traits for
//! servers and clients, a bounded cache in memory, the encoding of a session, and tickets (RFC 5077).
//!
//! ```
//! use cairn_handshake::{Session, UnixTime};
//! # #[cfg(feature = "std")]
//! use cairn_session::ServerCache;
//! use cairn_session::{ServerSessionStore, decode_session, encode_session};
//! use std::sync::Arc;
//! # use cairn_crypto::Secret;
//! # use cairn_schedule::{MasterSecret, SUITES};
//! # use cairn_handshake::{SessionSide, SessionState, Tls12Reference, Tls12Session};
//! # use cairn_wire::SessionId;
//! # fn saved_by_a_handshake(now: UnixTime) -> Session {
//! #     Session {
//! #         psk_identity: None,
//! #         server_name: None,
//! #         alpn: None,
//! #         peer_chain: None,
//! #         evidence: Default::default(),
//! #         authenticated_at: now,
//! #         not_after: None,
//! #         context: Default::default(),
//! #         verified_with: Default::default(),
//! #         side: SessionSide::Server { tls_server_end_point: None },
//! #         state: SessionState::Tls12(Tls12Session {
//! #             reference: Tls12Reference::SessionId(SessionId::new(&[7; 32]).unwrap()),
//! #             suite: &SUITES[0],
//! #             protection: SUITES[0].protection,
//! #             master_secret: MasterSecret::from(Secret::from(&[3; 48])),
//! #             extended_master_secret: true,
//! #             max_fragment_length: None,
//! #         }),
//! #     }
//! # }
//!
//! # fn main() -> Result<(), cairn_session::SessionError> {
//! let now = UnixTime::from_secs(1_800_000_000);
//! let session: Arc<Session> = Arc::new(saved_by_a_handshake(now)); // Event::SaveSession brings it
//! let id = *session.tls12().unwrap().session_id();
//!
//! # #[cfg(feature = "std")] {
//! // One cache for all connections of a server: 10,000 sessions, 24 hours.
//! let cache = ServerCache::new(10_000);
//! cache.put(Arc::clone(&session), now);
//! assert_eq!(cache.get(&id, now), Some(Arc::clone(&session)));
//! assert_eq!(cache.get(&id, UnixTime::from_secs(now.as_secs() + 24 * 60 * 60)), None);
//! # }
//!
//! // For a store elsewhere. The bytes hold the master secret: seal them before they leave the process.
//! let bytes = encode_session(&session)?;
//! assert_eq!(decode_session(bytes.expose()).as_ref(), Ok(&*session));
//! # Ok(()) }
//! ```
//!
//! # Overview
//!
//! - [`ServerSessionStore`] and [`ClientSessionStore`] are the interface between layer 7 and a store. A
//!   client's sessions are found by a [`ClientKey`].
//! - `ServerCache` and `ClientCache` (feature `std`) keep sessions in memory, shared between threads, and
//!   bounded in number, bytes and age (`CacheLimits`).
//! - [`NoSessions`] disables session storage.
//! - [`encode_session`] and [`decode_session`] convert a session to bytes and back.
//! - [`Tickets`] let clients store the sessions of a server (RFC 5077), sealed under keys from a
//!   [`TicketKeys`]. `RotatingKeys` (feature `std`) generates keys; `SharedKeys` (feature `std`) holds keys
//!   that several servers share. For keys that must be fetched, use the underlying functions [`seal_ticket`],
//!   [`open_ticket`] and [`ticket_key_name`].
//!
//! No function reads a clock: each call receives the time.
//!
//! # Tickets
//!
//! ```
//! # #[cfg(feature = "std")] {
//! use cairn_handshake::{Session, UnixTime};
//! use cairn_session::{RotatingKeys, Tickets};
//! # use cairn_crypto::Secret;
//! # use cairn_schedule::{MasterSecret, SUITES};
//! # use cairn_handshake::{SessionSide, SessionState, Tls12Reference, Tls12Session};
//! use std::sync::Arc;
//!
//! # let now = UnixTime::from_secs(1_800_000_000);
//! # let session = Session {
//! #     psk_identity: None,
//! #     server_name: None,
//! #     alpn: None,
//! #     peer_chain: None,
//! #     evidence: Default::default(),
//! #     authenticated_at: now,
//! #     not_after: None,
//! #     context: Default::default(),
//! #     verified_with: Default::default(),
//! #     side: SessionSide::Server { tls_server_end_point: None },
//! #     state: SessionState::Tls12(Tls12Session {
//! #         reference: Tls12Reference::InTicket,
//! #         suite: &SUITES[0],
//! #         protection: SUITES[0].protection,
//! #         master_secret: MasterSecret::from(Secret::from(&[3; 48])),
//! #         extended_master_secret: true,
//! #         max_fragment_length: None,
//! #     }),
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
//! assert_eq!(tickets.open(&ticket.ticket, UnixTime::from_secs(now.as_secs() + 24 * 60 * 60)), None);
//! # }
//! ```
//!
//! # What a session store reveals
//!
//! **A session store can compromise every connection of the sessions in it.** A master secret suffices to
//! decrypt each connection that used it, the original one and all resumptions, including recorded ones. It
//! also permits its holder to resume the session, either as the client, which may have been authenticated by
//! certificate, or as the server, towards a client that offers the session. A resumable session therefore has
//! no forward secrecy until both ends have discarded it. This is inherent in the resumption of TLS 1.2,
//! however the keys were agreed (RFC 5246 appendix F.1.4), and is bounded by the lifetime. Besides secrets, a
//! store contains metadata: server names, application protocols, and client certificates. A session with a
//! pre-shared key contains a digest of the keys, which permits guessing keys that are not random (RFC 4279
//! section 7.2).
//!
//! The following measures limit the damage:
//!
//! - Secrets are zeroized when the last reference to a session is dropped, and are never printed. Each has
//!   one place on the heap: a growing cache moves pointers and leaves no copies behind.
//! - An expired session is never found. It is removed when it is looked up or its place is needed, and each
//!   insertion removes some expired sessions. Call `purge` from a timer if none may remain.
//! - Write access to a store is more powerful than read access: a resumed session that an attacker wrote is a
//!   connection that the attacker can read, with a peer identity of the attacker's choice. An external store
//!   must seal its contents.
//! - A peer that fills a server's cache evicts other sessions, which costs full handshakes and nothing more.
//!   It cannot make IDs collide, because the hash is randomly keyed. It can test whether an ID
//!   exists but cannot guess one: an ID is 32 random bytes, and is useless without its secret.
//! - Tickets are sealed with an AEAD under a separate key for each ticket. A ticket key reveals as much as a
//!   store: **its holder can decrypt every connection, recorded or not, whose ticket was sealed with it**,
//!   because tickets cross the network unprotected (RFC 5077 section 3.3 sends them before ChangeCipherSpec).
//!   Keys therefore change every few hours and are zeroized when their tickets have expired. Copies in a file
//!   or a secret manager must be destroyed at the same time.
//! - A ticket reveals the name of its key and its length. The length shows whether it contains a client's
//!   chain, and the total length of the server name and protocol. A ticket that is presented twice identifies
//!   the same client (RFC 5077 section 5.8).
//! - A single ticket cannot be revoked: it can be opened until it expires or its key is discarded. RFC 5077
//!   section 5.1 explains why this is not a risk after a fatal alert. If sessions must be revocable at once,
//!   use a store instead of tickets.
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
#[cfg(feature = "std")]
mod replay;
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
#[cfg(feature = "std")]
pub use replay::ReplayWindow;
pub use store::{ClientSessionStore, ServerSessionStore};
pub use ticket::{MAX_TICKET_LEN, open_ticket, seal_ticket, ticket_key_name};
pub use ticket_key::{TicketAead, TicketKey, TicketKeyName};
pub use tickets::{Opened, Tickets};

/// Tests the examples in `README.md`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
