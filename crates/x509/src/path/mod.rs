//! Builds a certification path from a peer's certificate to a trusted authority.
//!
//! The path grows upwards from the peer's certificate. The next issuer is a trusted authority or another
//! certificate from the peer, in any order, whose key verifies the signature of the certificate below it;
//! certificates that signed nothing drop out. [`check`] then validates a complete path (RFC 5280 section
//! 6.1). If a path is invalid, the search continues.
//!
//! The cost that a peer can cause is bounded:
//!
//! - At most [`search::MAX_SIGNATURES`] signatures are verified. A certificate is verified against a key
//!   once, even if several certificates hold that key.
//! - A certificate that cannot be an issuer (not a CA, expired, key too weak) costs no signature
//!   verification.
//! - A path is extended at most [`search::MAX_STEPS`] times.

mod candidate;
mod check;
mod constraints;
mod policies;
mod rules;
mod search;

pub(crate) use candidate::Candidate;
pub(crate) use check::end_entity;
pub(crate) use rules::{Purpose, Rules};
pub(crate) use search::{Builder, MAX_SIGNATURES, Path};

#[cfg(test)]
mod tests;
