//! The conditions of resumption: a session is resumed only if a full handshake would have the same result, as
//! far as this can be determined without one. Each rule is tested for both roles, and for session IDs and
//! tickets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

extern crate alloc;

mod attempt;
mod binding;
mod parameters;
mod peer;
mod reports;
#[path = "../support/mod.rs"]
mod support;
mod tickets;
