//! A certificate of the peer during the search for a path.

use crate::{certificate::Certificate, dn};
use alloc::vec::Vec;
use core::cell::OnceCell;

/// A certificate that a path may contain.
#[derive(Debug)]
pub(crate) struct Candidate<'c> {
    /// Its index in the peer's chain.
    pub(crate) place: usize,
    pub(crate) certificate: Certificate<'c>,
    /// The canonical forms of its subject and issuer, computed once and only if encodings differ: a search
    /// compares a certificate many times, and its names can be long.
    subject: OnceCell<Option<Vec<u8>>>,
    issuer: OnceCell<Option<Vec<u8>>>,
}

impl<'c> Candidate<'c> {
    pub(super) const fn new(place: usize, certificate: Certificate<'c>) -> Self {
        Self { place, certificate, subject: OnceCell::new(), issuer: OnceCell::new() }
    }

    /// The canonical form of the subject; `None` if it is malformed.
    fn subject(&self) -> Option<&[u8]> {
        self.subject.get_or_init(|| dn::canonical(self.certificate.raw.subject)).as_deref()
    }

    /// The canonical form of the issuer; `None` if it is malformed.
    pub(super) fn issuer(&self) -> Option<&[u8]> {
        self.issuer.get_or_init(|| dn::canonical(self.certificate.raw.issuer)).as_deref()
    }

    /// Whether the subject of `self` is the issuer of `below`. RFC 5280 section 6.1.3 (a) (4): "The
    /// certificate issuer name is the working_issuer_name", compared as in section 7.1.
    pub(super) fn is_named_by(&self, below: &Candidate<'_>) -> bool {
        self.certificate.raw.subject == below.certificate.raw.issuer
            || self.subject().is_some_and(|subject| below.issuer() == Some(subject))
    }

    /// Whether both have the same subject.
    pub(super) fn is_namesake_of(&self, other: &Candidate<'_>) -> bool {
        self.certificate.raw.subject == other.certificate.raw.subject
            || self.subject().is_some_and(|subject| other.subject() == Some(subject))
    }
}
