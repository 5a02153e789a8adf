//! Whom we trust.

use crate::{CertificateError, CertificateFacts, pem};
use alloc::vec::Vec;
use core::fmt;
use pki_types::{CertificateDer, TrustAnchor};

/// The certificates that are trusted.
///
/// One that says it is a certification authority's is trusted to issue others (its own dates are not looked at, as is
/// the custom for roots). Each certificate that was added by hand is also trusted for itself: a server that shows
/// exactly that certificate is the one that was meant. So a self-signed certificate, as `openssl req -x509` makes it,
/// just works, and one that does not say it is an authority's can vouch for nobody else.
#[derive(Clone, Default)]
pub struct Roots {
    anchors: Vec<TrustAnchor<'static>>,
    exact: Vec<Vec<u8>>,
}

/// Why trusted certificates could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum TrustError {
    /// The file is not in the form it should have.
    Pem(pem::PemError),
    /// A certificate in it is not acceptable.
    Certificate {
        /// Which one in the file, counted from 1.
        number: usize,
        /// What is wrong with it.
        error: CertificateError,
    },
    /// The file could not be read.
    #[cfg(feature = "std")]
    Io(std::io::Error),
}

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pem(error) => error.fmt(f),
            Self::Certificate { number, error } => write!(f, "certificate number {number}: {error}"),
            #[cfg(feature = "std")]
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for TrustError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Pem(error) => Some(error),
            Self::Certificate { error, .. } => Some(error),
            #[cfg(feature = "std")]
            Self::Io(error) => Some(error),
        }
    }
}

impl Roots {
    /// Nobody, to build on.
    #[must_use]
    pub const fn new() -> Self {
        Self { anchors: Vec::new(), exact: Vec::new() }
    }

    /// Trusts one certificate in DER.
    ///
    /// # Errors
    /// [`CertificateError::BadEncoding`] when it is not well-formed.
    pub fn add_der(&mut self, certificate: &[u8]) -> Result<(), CertificateError> {
        self.add_anchor(certificate)?;
        if !self.trusts_exactly(certificate) {
            self.exact.push(certificate.to_vec());
        }
        Ok(())
    }

    /// Trusts all certificates of a file in PEM, or one in DER, and returns how many there were. When one is not
    /// acceptable, none is added.
    ///
    /// # Errors
    /// A [`TrustError`] that says which one is not acceptable.
    pub fn add_pem(&mut self, file: &[u8]) -> Result<usize, TrustError> {
        let mut added = Self::new();
        let certificates = pem::certificates(file).map_err(TrustError::Pem)?;
        for (place, certificate) in certificates.iter().enumerate() {
            let number = place.saturating_add(1);
            added.add_der(certificate).map_err(|error| TrustError::Certificate { number, error })?;
        }
        self.anchors.append(&mut added.anchors);
        self.exact.append(&mut added.exact);
        Ok(certificates.len())
    }

    /// Trusts all certificates of a file, as [`Roots::add_pem`].
    ///
    /// # Errors
    /// A [`TrustError`] when the file cannot be read or has something else in it.
    #[cfg(feature = "std")]
    pub fn add_file(&mut self, path: impl AsRef<std::path::Path>) -> Result<usize, TrustError> {
        let file = std::fs::read(path).map_err(TrustError::Io)?;
        self.add_pem(&file)
    }

    /// Trusts the roots of the platform: the system's store, or what `SSL_CERT_FILE` and `SSL_CERT_DIR` name. A store
    /// may hold things that cannot be used, so those are skipped, and counted.
    #[cfg(feature = "platform-roots")]
    pub fn add_platform(&mut self) -> PlatformRoots {
        let found = rustls_native_certs::load_native_certs();
        let mut count = PlatformRoots { added: 0, skipped: 0, unreadable: found.errors.len() };
        for certificate in &found.certs {
            let before = self.anchors.len();
            let _ = self.add_anchor(certificate);
            if self.anchors.len() > before {
                count.added = count.added.saturating_add(1);
            } else {
                count.skipped = count.skipped.saturating_add(1);
            }
        }
        count
    }

    /// How many certificates are trusted to issue others.
    #[must_use]
    pub fn authorities(&self) -> usize {
        self.anchors.len()
    }

    /// Whether nobody is trusted at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.anchors.is_empty() && self.exact.is_empty()
    }

    /// Whether this very certificate was added by hand.
    #[must_use]
    pub fn trusts_exactly(&self, certificate: &[u8]) -> bool {
        self.exact.iter().any(|trusted| trusted == certificate)
    }

    /// The distinguished names of the authorities in DER, as a server lists them in its CertificateRequest (RFC 5246
    /// section 7.4.4).
    #[must_use]
    pub fn authority_names(&self) -> Vec<Vec<u8>> {
        let name = |anchor: &TrustAnchor<'_>| crate::der_out::sequence(&[&anchor.subject]);
        self.anchors.iter().map(name).collect()
    }

    pub(crate) fn anchors(&self) -> &[TrustAnchor<'static>] {
        &self.anchors
    }

    /// The certificates that are trusted themselves, in DER.
    pub(crate) fn exact(&self) -> &[Vec<u8>] {
        &self.exact
    }

    /// All that counts of each authority, in a form of our own.
    pub(crate) fn encoded_anchors(&self) -> Vec<Vec<u8>> {
        let encoded = |anchor: &TrustAnchor<'_>| {
            crate::der_out::sequence(&[
                &crate::der_out::sequence(&[&anchor.subject]),
                &crate::der_out::sequence(&[&anchor.subject_public_key_info]),
                &crate::der_out::sequence(&[anchor.name_constraints.as_deref().unwrap_or_default()]),
            ])
        };
        self.anchors.iter().map(encoded).collect()
    }

    /// Adds a certificate as an issuer of others, if it may be one.
    fn add_anchor(&mut self, certificate: &[u8]) -> Result<(), CertificateError> {
        let facts = CertificateFacts::from_der(certificate)?;
        // Version 1 has no way to say it; roots of that time are authorities (RFC 5280 section 6.1 leaves to us how an
        // anchor came about).
        let may_issue = facts.version == 1 || (facts.is_ca && facts.key_usage.key_cert_sign);
        if may_issue {
            let certificate = CertificateDer::from(certificate);
            let anchor = webpki::anchor_from_trusted_cert(&certificate).map_err(CertificateError::from)?;
            let anchor = anchor.to_owned();
            if !self.anchors.contains(&anchor) {
                self.anchors.push(anchor);
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Roots")
            .field("authorities", &self.anchors.len())
            .field("exact", &self.exact.len())
            .finish()
    }
}

/// What [`Roots::add_platform`] found.
#[cfg(feature = "platform-roots")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlatformRoots {
    /// Certificates that are trusted now.
    pub added: usize,
    /// Certificates that could not be used, or were there before.
    pub skipped: usize,
    /// Files or stores that could not be read.
    pub unreadable: usize,
}

#[cfg(test)]
mod tests;
