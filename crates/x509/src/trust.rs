//! Trusted roots.

mod anchor;

use crate::{dn, pem, place::ChainError};
use alloc::vec::Vec;
use core::fmt;

pub(crate) use anchor::Anchor;

/// The trusted certificates.
///
/// A certificate can be trusted in two ways:
///
/// - As an authority that issues other certificates. [`Roots::add_pem`] and [`Roots::add_der`] trust each
///   version 3 certificate that states it is a CA, as `openssl req -x509` makes them, within its own
///   restrictions (dates, path length, names, purposes).
/// - Exactly: a peer that presents this certificate is accepted without an issuer. Its name, dates and
///   purpose are still checked. All methods that add a certificate grant this, except
///   [`Roots::add_authority_der`]; [`Roots::add_exactly_pem`] and [`Roots::add_exactly_der`] grant this only,
///   so that certificates issued by it are not accepted.
#[derive(Clone, Default)]
pub struct Roots {
    anchors: Vec<Anchor>,
    exact: Vec<Vec<u8>>,
}

/// The reason why trusted certificates could not be added.
#[derive(Debug)]
#[non_exhaustive]
pub enum TrustError {
    /// The file is not valid PEM or holds something else.
    Pem(pem::PemError),
    /// None of its certificates can be used. This is the first of them.
    Certificate {
        /// The number of the certificate in the file, counted from 1.
        number: usize,
        /// The fault.
        error: ChainError,
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
    /// No trusted certificates, as a starting point.
    #[must_use]
    pub const fn new() -> Self {
        Self { anchors: Vec::new(), exact: Vec::new() }
    }

    /// Trusts a certificate in DER: exactly, and as an authority if it states that it is one.
    ///
    /// # Errors
    /// [`crate::CertificateError::BadEncoding`] if it is malformed; nothing is added then.
    pub fn add_der(&mut self, certificate: &[u8]) -> Result<(), ChainError> {
        self.add_anchor(certificate)?;
        self.add_exact(certificate);
        Ok(())
    }

    /// Trusts a certificate in DER as an authority, and not exactly. Returns whether it states that it is
    /// one.
    ///
    /// # Errors
    /// As [`Roots::add_der`].
    pub fn add_authority_der(&mut self, certificate: &[u8]) -> Result<bool, ChainError> {
        self.add_anchor(certificate)?;
        Ok(self.anchors.iter().any(|anchor| anchor.der == certificate))
    }

    /// Trusts a certificate in DER exactly, and not as an issuer.
    ///
    /// # Errors
    /// [`crate::CertificateError::BadEncoding`] if it is malformed.
    pub fn add_exactly_der(&mut self, certificate: &[u8]) -> Result<(), ChainError> {
        crate::certificate::Certificate::read(certificate)?;
        self.add_exact(certificate);
        Ok(())
    }

    /// Trusts all certificates of a PEM file, or one in DER, as [`Roots::add_der`] does. Certificates that
    /// cannot be used are skipped and reported, so that the others of a bundle remain usable.
    ///
    /// # Errors
    /// [`TrustError::Pem`] if the file is not valid PEM or holds something else, and
    /// [`TrustError::Certificate`] if none of its certificates can be used; nothing is added then.
    pub fn add_pem(&mut self, file: &[u8]) -> Result<Added, TrustError> {
        self.add_each(file, Self::add_der)
    }

    /// Trusts all certificates of a PEM file, or one in DER, as [`Roots::add_exactly_der`] does.
    ///
    /// # Errors
    /// As [`Roots::add_pem`].
    pub fn add_exactly_pem(&mut self, file: &[u8]) -> Result<Added, TrustError> {
        self.add_each(file, Self::add_exactly_der)
    }

    fn add_each(
        &mut self,
        file: &[u8],
        add: impl Fn(&mut Self, &[u8]) -> Result<(), ChainError>,
    ) -> Result<Added, TrustError> {
        let certificates = pem::certificates(file).map_err(TrustError::Pem)?;
        let mut added = Added { added: 0, skipped: Vec::new() };
        for (place, certificate) in certificates.into_iter().enumerate() {
            match add(self, &certificate) {
                Ok(()) => added.added = added.added.saturating_add(1),
                Err(error) => {
                    let number = place.saturating_add(1);
                    added.skipped.push(Skipped { number, error, certificate });
                }
            }
        }
        match added.skipped.first() {
            Some(Skipped { number, error, .. }) if added.added == 0 => {
                Err(TrustError::Certificate { number: *number, error: *error })
            }
            _ => Ok(added),
        }
    }

    /// Trusts all certificates of a file, as [`Roots::add_pem`] does.
    ///
    /// # Errors
    /// A [`TrustError`] if the file cannot be read or holds something else.
    #[cfg(feature = "std")]
    pub fn add_file(&mut self, path: impl AsRef<std::path::Path>) -> Result<Added, TrustError> {
        let file = std::fs::read(path).map_err(TrustError::Io)?;
        self.add_pem(&file)
    }

    /// Trusts the roots of the platform: the system's store, or the files that `SSL_CERT_FILE` and
    /// `SSL_CERT_DIR` name. Certificates that cannot be used are skipped and counted.
    #[cfg(feature = "platform-roots")]
    pub fn add_platform(&mut self) -> PlatformRoots {
        let found = rustls_native_certs::load_native_certs();
        let mut count = PlatformRoots { added: 0, skipped: 0, unreadable: found.errors.len() };
        for certificate in &found.certs {
            match self.add_anchor(certificate) {
                Ok(true) => count.added = count.added.saturating_add(1),
                Ok(false) | Err(_) => count.skipped = count.skipped.saturating_add(1),
            }
        }
        count
    }

    /// The number of trusted authorities.
    #[must_use]
    pub fn authorities(&self) -> usize {
        self.anchors.len()
    }

    /// The certificate of an authority in DER, counted from 0 in the order added, as in
    /// [`crate::Position::Authority`].
    #[must_use]
    pub fn authority(&self, number: usize) -> Option<&[u8]> {
        self.anchors.get(number).map(|anchor| anchor.der.as_slice())
    }

    /// Whether no certificate is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.anchors.is_empty() && self.exact.is_empty()
    }

    /// Whether this certificate is trusted exactly.
    #[must_use]
    pub fn trusts_exactly(&self, certificate: &[u8]) -> bool {
        self.exact.iter().any(|trusted| trusted == certificate)
    }

    /// The distinguished names of the authorities in DER, as a server lists them in CertificateRequest (RFC
    /// 5246 section 7.4.4).
    #[must_use]
    pub fn authority_names(&self) -> Vec<Vec<u8>> {
        let mut names: Vec<Vec<u8>> = Vec::with_capacity(self.anchors.len());
        for anchor in &self.anchors {
            if !names.contains(&anchor.subject) {
                names.push(anchor.subject.clone());
            }
        }
        names
    }

    pub(crate) fn anchors(&self) -> &[Anchor] {
        &self.anchors
    }

    /// The authorities with this name (RFC 5280 section 7.1), with their indexes. Identical encodings come
    /// first, since other spellings are rare.
    pub(crate) fn named<'a>(&'a self, name: &'a [u8]) -> impl Iterator<Item = (usize, &'a Anchor)> {
        self.named_as(name, move || dn::canonical(name))
    }

    /// Like [`Roots::named`], with the canonical form of the name. `form` is called only if an authority's
    /// name is encoded differently.
    pub(crate) fn named_as<'a, F: AsRef<[u8]>>(
        &'a self,
        name: &'a [u8],
        form: impl FnOnce() -> Option<F>,
    ) -> impl Iterator<Item = (usize, &'a Anchor)> {
        let spelt_alike = self.anchors.iter().enumerate().filter(move |(_, anchor)| anchor.subject == name);
        let (mut make, mut made) = (Some(form), None);
        let otherwise = self.anchors.iter().enumerate().filter(move |(_, anchor)| {
            if anchor.subject == name {
                return false;
            }
            if let Some(form) = make.take() {
                made = form();
            }
            made.as_ref().is_some_and(|form| anchor.canonical.as_deref() == Some(form.as_ref()))
        });
        spelt_alike.chain(otherwise)
    }

    /// The exactly trusted certificates, in DER.
    pub(crate) fn exact(&self) -> &[Vec<u8>] {
        &self.exact
    }

    /// Adds a certificate as an authority if it is a CA's. Returns whether the authority is new.
    fn add_anchor(&mut self, certificate: &[u8]) -> Result<bool, ChainError> {
        let Some(anchor) = Anchor::read(certificate)? else { return Ok(false) };
        let is_new = !self.anchors.iter().any(|known| known.der == anchor.der);
        if is_new {
            self.anchors.push(anchor);
        }
        Ok(is_new)
    }

    fn add_exact(&mut self, certificate: &[u8]) {
        if !self.trusts_exactly(certificate) {
            self.exact.push(certificate.to_vec());
        }
    }
}

/// The result of adding the certificates of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Added {
    /// The number of certificates that are trusted now.
    pub added: usize,
    /// The certificates that were skipped.
    pub skipped: Vec<Skipped>,
}

/// A certificate that was skipped, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    /// Its number in the file, counted from 1.
    pub number: usize,
    /// The reason.
    pub error: ChainError,
    /// The certificate. [`crate::CertificateFacts`] may still be able to parse it.
    pub certificate: Vec<u8>,
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Roots")
            .field("authorities", &self.anchors.len())
            .field("exact", &self.exact.len())
            .finish()
    }
}

/// The result of [`Roots::add_platform`].
#[cfg(feature = "platform-roots")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlatformRoots {
    /// The number of certificates that are trusted now.
    pub added: usize,
    /// The number of certificates that could not be used or were present before.
    pub skipped: usize,
    /// The number of files or stores that could not be read.
    pub unreadable: usize,
}

#[cfg(test)]
mod tests;
