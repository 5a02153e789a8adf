//! Keeps TLS sessions: the store traits, a bounded cache in memory, the encoding of a session.
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "std")]
mod cache;
mod client_key;
mod no_sessions;
mod store;

#[cfg(feature = "std")]
pub use cache::{CacheLimits, ClientCache, ServerCache};
pub use client_key::ClientKey;
pub use no_sessions::NoSessions;
pub use store::{ClientSessionStore, ServerSessionStore};
