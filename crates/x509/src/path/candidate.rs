//! A certificate of the peer during the search for a path.

use crate::{dn, terms::Terms};
use alloc::vec::Vec;
use core::cell::OnceCell;

/// A certificate that a path may contain.
#[derive(Debug)]
pub(crate) struct Candidate<'c> {
    /// Its index in the peer's chain.
    pub(crate) place: usize,
    pub(crate) terms: Terms<'c>,
    /// The canonical forms of its subject and issuer, computed once and only if encodings differ: a search
    /// compares a certificate many times, and its names can be long.
    subject: OnceCell<Option<Vec<u8>>>,
    issuer: OnceCell<Option<Vec<u8>>>,
}

impl<'c> Candidate<'c> {
    pub(super) const fn new(place: usize, terms: Terms<'c>) -> Self {
        Self { place, terms, subject: OnceCell::new(), issuer: OnceCell::new() }
    }

    /// The canonical form of the subject; `None` if it is malformed.
    fn subject(&self) -> Option<&[u8]> {
        self.subject.get_or_init(|| dn::canonical(self.terms.layout.subject)).as_deref()
    }

    /// The canonical form of the issuer; `None` if it is malformed.
    pub(super) fn issuer(&self) -> Option<&[u8]> {
        self.issuer.get_or_init(|| dn::canonical(self.terms.layout.issuer)).as_deref()
    }

    /// Whether the subject of `self` is the issuer of `below` (RFC 5280 section 7.1).
    pub(super) fn is_named_by(&self, below: &Candidate<'_>) -> bool {
        self.terms.layout.subject == below.terms.layout.issuer
            || self.subject().is_some_and(|subject| below.issuer() == Some(subject))
    }

    /// Whether both have the same subject.
    pub(super) fn is_namesake_of(&self, other: &Candidate<'_>) -> bool {
        self.terms.layout.subject == other.terms.layout.subject
            || self.subject().is_some_and(|subject| other.subject() == Some(subject))
    }
}
