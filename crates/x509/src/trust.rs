//! Whom we trust.

mod anchor;

use crate::{dn, pem, place::ChainError};
use alloc::vec::Vec;
use core::fmt;

pub(crate) use anchor::Anchor;

/// The certificates that are trusted.
///
/// There are two ways to be trusted:
///
/// - As an authority: to issue certificates for others. [`Roots::add_pem`] and [`Roots::add_der`] grant that to each
///   certificate of version 3 that says it is a certification authority's, as `openssl req -x509` makes them, within the
///   limits that it states (dates, path length, names, purposes).
/// - Exactly: a peer that shows this very certificate is the one that was meant, and needs no issuer. Its name, dates and
///   purpose are checked all the same. Both of the ways to add a certificate grant this; [`Roots::add_exactly_pem`] and
///   [`Roots::add_exactly_der`] grant this alone, so that the certificate's owner can vouch for nobody else.
#[derive(Clone, Default)]
pub struct Roots {
    anchors: Vec<Anchor>,
    exact: Vec<Vec<u8>>,
}

/// Why trusted certificates could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum TrustError {
    /// The file is not in the form it should have.
    Pem(pem::PemError),
    /// None of the certificates in it can be used; of several it is the first.
    Certificate {
        /// Which one in the file, counted from 1.
        number: usize,
        /// What is wrong with it.
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
    /// Nobody, to build on.
    #[must_use]
    pub const fn new() -> Self {
        Self { anchors: Vec::new(), exact: Vec::new() }
    }

    /// Trusts one certificate in DER: as an authority if it says that it is one, and exactly.
    ///
    /// # Errors
    /// [`crate::CertificateError::BadEncoding`] when it is not well-formed; nothing is added then.
    pub fn add_der(&mut self, certificate: &[u8]) -> Result<(), ChainError> {
        self.add_anchor(certificate)?;
        self.add_exact(certificate);
        Ok(())
    }

    /// Trusts one certificate in DER as an authority, and not exactly; returns whether it says that it is one.
    ///
    /// # Errors
    /// As [`Roots::add_der`].
    pub fn add_authority_der(&mut self, certificate: &[u8]) -> Result<bool, ChainError> {
        self.add_anchor(certificate)?;
        Ok(self.anchors.iter().any(|anchor| anchor.der == certificate))
    }

    /// Trusts one certificate in DER exactly, and as nobody's issuer.
    ///
    /// # Errors
    /// [`crate::CertificateError::BadEncoding`] when it is not well-formed.
    pub fn add_exactly_der(&mut self, certificate: &[u8]) -> Result<(), ChainError> {
        crate::terms::Terms::read(certificate)?;
        self.add_exact(certificate);
        Ok(())
    }

    /// Trusts all certificates of a file in PEM, or one in DER, as [`Roots::add_der`]. One that cannot be used is passed
    /// over and told of: the others of a bundle are not to suffer for it.
    ///
    /// # Errors
    /// [`TrustError::Pem`] when the file is not in the form it should have, and [`TrustError::Certificate`] when none of
    /// its certificates can be used; nothing is added then.
    pub fn add_pem(&mut self, file: &[u8]) -> Result<Added, TrustError> {
        self.add_each(file, Self::add_der)
    }

    /// Trusts all certificates of a file in PEM, or one in DER, as [`Roots::add_exactly_der`].
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

    /// Trusts all certificates of a file, as [`Roots::add_pem`].
    ///
    /// # Errors
    /// A [`TrustError`] when the file cannot be read or has something else in it.
    #[cfg(feature = "std")]
    pub fn add_file(&mut self, path: impl AsRef<std::path::Path>) -> Result<Added, TrustError> {
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
            match self.add_anchor(certificate) {
                Ok(true) => count.added = count.added.saturating_add(1),
                Ok(false) | Err(_) => count.skipped = count.skipped.saturating_add(1),
            }
        }
        count
    }

    /// How many certificates are trusted to issue others.
    #[must_use]
    pub fn authorities(&self) -> usize {
        self.anchors.len()
    }

    /// The certificate of an authority in DER, counted from 0 in the order in which they were added: the one that
    /// [`crate::Position::Authority`] names.
    #[must_use]
    pub fn authority(&self, number: usize) -> Option<&[u8]> {
        self.anchors.get(number).map(|anchor| anchor.der.as_slice())
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

    /// The authorities with this name (RFC 5280 section 7.1), each with its number: those first that spell it as it is
    /// spelt here, for they are nearly always all there are.
    pub(crate) fn named<'a>(&'a self, name: &'a [u8]) -> impl Iterator<Item = (usize, &'a Anchor)> {
        self.named_as(name, move || dn::canonical(name))
    }

    /// As [`Roots::named`], where `form` is the name in the form that is compared. It is asked for only where authorities
    /// spell their names otherwise.
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

    /// The certificates that are trusted exactly, in DER.
    pub(crate) fn exact(&self) -> &[Vec<u8>] {
        &self.exact
    }

    /// Adds a certificate as an issuer of others, if it may be one, and says whether it is one now that was none before.
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

/// What came of adding the certificates of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Added {
    /// How many are trusted now.
    pub added: usize,
    /// Those that were passed over.
    pub skipped: Vec<Skipped>,
}

/// A certificate that was passed over, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    /// Which one in the file, counted from 1.
    pub number: usize,
    /// Why.
    pub error: ChainError,
    /// Its bytes. [`crate::CertificateFacts`] may still tell whose it is.
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
