//! Lists of revoked certificates (CRLs, RFC 5280 section 5).
//!
//! Nothing is fetched: lists are given by who configures a verifier, from files that something else keeps fresh. A list
//! counts for the certificates of the authority that signed it (section 6.3.3), so lists of other authorities on its
//! behalf (indirect ones), those that hold differences only (delta CRLs) and those for some reasons only are refused when
//! they are added.

mod error;
mod read;

use crate::{CertificateError, dn, ocsp::Tools, pem, terms::Terms};
use alloc::{sync::Arc, vec::Vec};

pub use error::CrlError;
use read::Crl;

/// How far the clock of an issuer may be ahead of ours, in seconds: five minutes.
pub const TOLERANCE: u64 = 300;

/// Lists of revoked certificates to check with. A clone shares them.
#[derive(Clone, Debug, Default)]
pub struct Crls {
    lists: Vec<Arc<Crl>>,
}

/// What to make of what lists do not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CrlPolicy {
    /// What to make of a list that should have been replaced by a newer one.
    pub stale: StaleCrl,
    /// What to make of a certificate that no list is about.
    pub unknown: UnknownStatus,
}

/// What to make of a list whose `nextUpdate` has passed: what was revoked since is not in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum StaleCrl {
    /// A certificate that such a list is about is refused ([`CrlError::Outdated`]).
    #[default]
    Refuse,
    /// The list counts as if it were new.
    Accept,
}

/// What to make of a certificate that no list is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UnknownStatus {
    /// The peer's own certificate is refused ([`CrlError::Missing`]); those of authorities between it and the root are not.
    #[default]
    RefuseEndEntity,
    /// It is refused wherever it is in the chain below the root.
    RefuseAny,
    /// It is accepted.
    Accept,
}

impl CrlPolicy {
    /// The same with another answer to lists that are stale.
    #[must_use]
    pub const fn stale(mut self, stale: StaleCrl) -> Self {
        self.stale = stale;
        self
    }

    /// The same with another answer to certificates that no list is about.
    #[must_use]
    pub const fn unknown(mut self, unknown: UnknownStatus) -> Self {
        self.unknown = unknown;
        self
    }
}

impl Crls {
    /// No list, to build on.
    #[must_use]
    pub const fn new() -> Self {
        Self { lists: Vec::new() }
    }

    /// Adds a list in DER. Its signature is checked when its issuer's certificate is met.
    ///
    /// # Errors
    /// [`CrlError::BadEncoding`], [`CrlError::UnknownCriticalExtension`], [`CrlError::UnsupportedScope`].
    pub fn add_der(&mut self, crl: &[u8]) -> Result<(), CrlError> {
        if !self.lists.iter().any(|known| known.der == crl) {
            self.lists.push(Arc::new(Crl::read(crl)?));
        }
        Ok(())
    }

    /// Adds all lists of a file in PEM (`X509 CRL`), or one in DER, and returns how many there were. When one cannot be
    /// used, none is added: certificates that it revokes must not get in for it.
    ///
    /// # Errors
    /// [`CrlError::Pem`], and as [`Crls::add_der`].
    pub fn add_pem(&mut self, file: &[u8]) -> Result<usize, CrlError> {
        let mut added = self.clone();
        let lists = pem::crls(file).map_err(CrlError::Pem)?;
        lists.iter().try_for_each(|list| added.add_der(list))?;
        *self = added;
        Ok(lists.len())
    }

    /// How many lists there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lists.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// The lists in DER.
    pub(crate) fn encoded(&self) -> impl Iterator<Item = &[u8]> {
        self.lists.iter().map(|list| list.der.as_slice())
    }

    /// Checks a certificate whose issuer is known, and gives until when the verdict holds, in seconds since 1970.
    pub(crate) fn check(
        &self,
        policy: CrlPolicy,
        certificate: &Terms<'_>,
        issuer: &CrlIssuer<'_>,
        is_end_entity: bool,
        tools: &Tools<'_>,
        now: u64,
    ) -> Result<u64, CertificateError> {
        let mut until = None;
        let mut fault = None;
        for list in &self.lists {
            if !dn::same(&list.issuer, certificate.layout.issuer) || !list.covers(certificate) {
                continue;
            }
            // Section 6.3.3 (f): "If a key usage extension is present ..., verify that the cRLSign bit is set."
            if !issuer.may_sign_crls || !list.is_signed_with(issuer.spki, tools) {
                fault = fault.or(Some(CrlError::BadSignature));
                continue;
            }
            if let Some(since) = list.revoked_since(certificate.layout.serial) {
                return Err(CertificateError::Revoked { since });
            }
            match list.check_dates(now) {
                Err(stale) if policy.stale == StaleCrl::Refuse => fault = Some(stale),
                _ => {
                    let next = match policy.stale {
                        StaleCrl::Refuse => list.next_update.unwrap_or(u64::MAX),
                        StaleCrl::Accept => u64::MAX,
                    };
                    until = Some(until.unwrap_or(0).max(next));
                }
            }
        }
        let is_needed = match policy.unknown {
            UnknownStatus::Accept => false,
            UnknownStatus::RefuseEndEntity => is_end_entity,
            UnknownStatus::RefuseAny => true,
        };
        match (until, fault) {
            (Some(until), _) => Ok(until),
            // One that is stale is about the certificate, whatever is to be made of others.
            (None, Some(stale @ (CrlError::Outdated { .. } | CrlError::NotYetValid { .. }))) => {
                Err(stale.into())
            }
            (None, Some(fault)) if is_needed => Err(fault.into()),
            (None, None) if is_needed => Err(CrlError::Missing.into()),
            (None, _) => Ok(u64::MAX),
        }
    }
}

/// The issuer of a certificate, as far as its lists are concerned.
pub(crate) struct CrlIssuer<'a> {
    /// The `SubjectPublicKeyInfo` in DER.
    pub(crate) spki: &'a [u8],
    pub(crate) may_sign_crls: bool,
}

#[cfg(test)]
mod tests;
