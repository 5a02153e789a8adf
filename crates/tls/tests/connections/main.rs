//! Connections of both roles, against each other and against peers that misbehave.
#![cfg(all(feature = "aws-lc", feature = "std"))]

mod support;

mod closing;
mod configs;
mod faults;
mod handshakes;
mod hostile;
mod memory;
mod questions;
mod secrets;
mod sessions;
mod split;
mod streams;
mod tickets;
mod unblocked;
mod writing;
