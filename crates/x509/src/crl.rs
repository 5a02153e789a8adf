//! Certificate revocation lists (CRLs, RFC 5280 section 5).
//!
//! Nothing is fetched: the application supplies CRLs from files that it keeps up to date. A CRL applies to
//! certificates of the authority that signed it (section 6.3.3). Indirect CRLs, delta CRLs and CRLs for some
//! revocation reasons only are rejected when they are added.

pub(crate) mod error;
mod read;

use crate::{certificate::Certificate, dn, error::CertificateError, ocsp::Tools, pem};
use alloc::{sync::Arc, vec::Vec};

pub use error::CrlError;
use read::Crl;
pub use read::TOLERANCE;

/// A collection of CRLs. A clone shares them.
#[derive(Clone, Debug, Default)]
pub struct Crls {
    lists: Vec<Arc<Crl>>,
}

/// The treatment of stale CRLs, and of certificates without a CRL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CrlPolicy {
    /// The treatment of a CRL whose `nextUpdate` has passed.
    pub stale: StaleCrl,
    /// The treatment of a certificate that no CRL covers.
    pub unknown: UnknownStatus,
}

/// The treatment of a CRL whose `nextUpdate` has passed. It lacks certificates that were revoked since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum StaleCrl {
    /// A certificate that such a CRL covers is rejected ([`CrlError::Outdated`]).
    #[default]
    Refuse,
    /// The CRL is used as if it were current.
    Accept,
}

/// The treatment of a certificate that no CRL covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UnknownStatus {
    /// The end-entity certificate is rejected ([`CrlError::Missing`]); intermediate certificates are
    /// accepted.
    #[default]
    RefuseEndEntity,
    /// Every certificate below the root is rejected.
    RefuseAny,
    /// The certificate is accepted.
    Accept,
}

impl CrlPolicy {
    /// Sets how stale CRLs are treated.
    #[must_use]
    pub const fn stale(mut self, stale: StaleCrl) -> Self {
        self.stale = stale;
        self
    }

    /// Sets how certificates that no CRL covers are treated.
    #[must_use]
    pub const fn unknown(mut self, unknown: UnknownStatus) -> Self {
        self.unknown = unknown;
        self
    }
}

impl Crls {
    /// An empty collection.
    #[must_use]
    pub const fn new() -> Self {
        Self { lists: Vec::new() }
    }

    /// Adds a CRL in DER. Its signature is checked when a certificate of its issuer is verified.
    ///
    /// # Errors
    /// [`CrlError::BadEncoding`], [`CrlError::UnknownCriticalExtension`], [`CrlError::UnsupportedScope`].
    pub fn add_der(&mut self, crl: &[u8]) -> Result<(), CrlError> {
        if !self.lists.iter().any(|known| known.der == crl) {
            self.lists.push(Arc::new(Crl::read(crl)?));
        }
        Ok(())
    }

    /// Adds all CRLs of a PEM file (`X509 CRL`), or one CRL in DER, and returns their number. If one of them
    /// cannot be used, none is added: otherwise the certificates that it revokes would be accepted.
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

    /// The number of CRLs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lists.len()
    }

    /// Whether the collection is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// The earliest `nextUpdate` (RFC 5280 section 5.1.2.5) of the CRLs, in seconds since 1970. `None` if
    /// none of them states one. Replace them before that time: see [`StaleCrl`].
    #[must_use]
    pub fn next_update(&self) -> Option<u64> {
        self.lists.iter().filter_map(|list| list.next_update).min()
    }

    /// The CRLs in DER.
    pub(crate) fn encoded(&self) -> impl Iterator<Item = &[u8]> {
        self.lists.iter().map(|list| list.der.as_slice())
    }

    /// Checks a certificate and returns the time until which the result holds, in seconds since 1970.
    ///
    /// `issuers` are the certificates higher in the path whose subject is the certificate's issuer. After a
    /// key change, an authority may sign its CRL with the new key or the old one.
    pub(crate) fn check(
        &self,
        policy: CrlPolicy,
        certificate: &Certificate<'_>,
        issuers: &[CrlIssuer<'_>],
        is_end_entity: bool,
        tools: &Tools<'_>,
        now: u64,
    ) -> Result<u64, CertificateError> {
        let mut until = None;
        let mut fault = None;
        for list in &self.lists {
            // (b) (1): "verify that the CRL issuer matches the certificate issuer."
            if !dn::same(&list.issuer, certificate.raw.issuer) || !list.covers(certificate) {
                continue;
            }
            // Section 6.3.3 (f): "If a key usage extension is present in the CRL issuer's certificate, verify
            // that the cRLSign bit is set." (g): "Validate the signature on the complete CRL using the public
            // key validated in step (f)."
            let signed =
                |issuer: &CrlIssuer<'_>| issuer.may_sign_crls && list.is_signed_with(issuer.spki, tools);
            if !issuers.iter().any(signed) {
                fault = fault.or(Some(CrlError::BadSignature));
                continue;
            }
            // (j): "search for the certificate on the complete CRL".
            if let Some(since) = list.revoked_since(certificate.raw.serial) {
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
            // A stale CRL still covers the certificate, whatever other CRLs say.
            (None, Some(stale @ (CrlError::Outdated { .. } | CrlError::NotYetValid { .. }))) => {
                Err(stale.into())
            }
            (None, Some(fault)) if is_needed => Err(fault.into()),
            (None, None) if is_needed => Err(CrlError::Missing.into()),
            (None, _) => Ok(u64::MAX),
        }
    }
}

/// A possible signer of a CRL: a certificate whose subject is the CRL's issuer.
pub(crate) struct CrlIssuer<'a> {
    /// The `SubjectPublicKeyInfo` in DER.
    pub(crate) spki: &'a [u8],
    pub(crate) may_sign_crls: bool,
}

#[cfg(test)]
mod tests;
