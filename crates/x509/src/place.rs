//! The place of a fault in a chain.

use crate::{error::CertificateError, ocsp::error::OcspError};
use core::fmt;

/// The reason why a chain was rejected, and the place of the fault.
///
/// The type is `Copy` and identifies a certificate by its position. [`crate::CertificateFacts`] has the
/// contents of the certificate at that position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ChainError {
    /// The fault.
    pub reason: CertificateError,
    /// The certificate with the fault, unless the fault concerns the whole chain. If an issuer is missing, it
    /// is the last available certificate.
    pub certificate: Option<Position>,
    /// The field with the fault, if there is one.
    pub field: Option<Field>,
}

/// The position of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Position {
    /// In the peer's chain, counted from 0 in the order sent.
    Chain(u16),
    /// A trusted authority, counted from 0: see [`crate::Roots::authority`].
    Authority(u16),
}

/// A field of a certificate (RFC 5280 section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Field {
    /// The outermost structure.
    Certificate,
    /// `version`.
    Version,
    /// `serialNumber`.
    SerialNumber,
    /// `signatureAlgorithm`, or its copy `signature` in `tbsCertificate`.
    SignatureAlgorithm,
    /// `signatureValue`.
    Signature,
    /// `issuer`.
    Issuer,
    /// `validity`.
    Validity,
    /// `subject`.
    Subject,
    /// `subjectPublicKeyInfo`.
    PublicKey,
    /// `issuerUniqueID` or `subjectUniqueID`.
    UniqueIdentifier,
    /// `extensions` as a whole.
    Extensions,
    /// One extension.
    Extension(Oid),
}

/// An object identifier in an error: the first 12 bytes of its encoding, which contain nearly every
/// identifier in use.
///
/// [`Display`](fmt::Display) prints it in dotted form.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Oid {
    bytes: [u8; Self::MAX],
    len: u8,
}

impl Oid {
    const MAX: usize = 12;

    /// An identifier with these encoded contents.
    pub(crate) fn new(contents: &[u8]) -> Self {
        let mut bytes = [0; Self::MAX];
        for (place, byte) in bytes.iter_mut().zip(contents) {
            *place = *byte;
        }
        Self { bytes, len: u8::try_from(contents.len()).unwrap_or(u8::MAX) }
    }

    /// A known identifier.
    pub(crate) fn of(oid: &der::asn1::ObjectIdentifier) -> Self {
        Self::new(oid.as_bytes())
    }

    /// Its name in RFC 5280, if it is an extension defined there.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        let known = usize::from(self.len);
        let contents = self.bytes.get(..known)?;
        crate::oid::extension(contents)
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_whole = usize::from(self.len) <= Self::MAX;
        let mut arc = 0_u64;
        let mut is_first = true;
        for byte in self.bytes.iter().take(usize::from(self.len)) {
            arc = arc.wrapping_shl(7) | u64::from(byte & 0x7f);
            if byte & 0x80 != 0 {
                continue;
            }
            if is_first {
                let first = (arc / 40).min(2);
                write!(f, "{first}.{}", arc.wrapping_sub(first.wrapping_mul(40)))?;
                is_first = false;
            } else {
                write!(f, ".{arc}")?;
            }
            arc = 0;
        }
        if is_whole { Ok(()) } else { f.write_str("...") }
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate => "Certificate",
            Self::Version => "version",
            Self::SerialNumber => "serialNumber",
            Self::SignatureAlgorithm => "signatureAlgorithm",
            Self::Signature => "signatureValue",
            Self::Issuer => "issuer",
            Self::Validity => "validity",
            Self::Subject => "subject",
            Self::PublicKey => "subjectPublicKeyInfo",
            Self::UniqueIdentifier => "issuerUniqueID or subjectUniqueID",
            Self::Extensions => "extensions",
            Self::Extension(oid) => {
                return match oid.name() {
                    Some(name) => write!(f, "extension {name} ({oid})"),
                    None => write!(f, "extension {oid}"),
                };
            }
        })
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chain(0) => f.write_str("certificate 1, the peer's own"),
            Self::Chain(place) => write!(f, "certificate {}", place.saturating_add(1)),
            Self::Authority(_) => f.write_str("the certificate of a trusted authority"),
        }
    }
}

impl Position {
    /// A certificate of the peer's chain, by its index.
    pub(crate) fn chain(place: usize) -> Self {
        Self::Chain(u16::try_from(place).unwrap_or(u16::MAX))
    }

    /// A trusted authority, by its index.
    pub(crate) fn authority(number: usize) -> Self {
        Self::Authority(u16::try_from(number).unwrap_or(u16::MAX))
    }
}

impl ChainError {
    /// A fault of the whole chain.
    #[must_use]
    pub const fn new(reason: CertificateError) -> Self {
        Self { reason, certificate: None, field: None }
    }

    /// Sets the certificate of the fault.
    #[must_use]
    pub const fn at(mut self, certificate: Position) -> Self {
        self.certificate = Some(certificate);
        self
    }

    /// Sets the field of the fault.
    #[must_use]
    pub const fn of(mut self, field: Field) -> Self {
        self.field = Some(field);
        self
    }

    /// A malformed field.
    pub(crate) const fn malformed(field: Field) -> Self {
        Self::new(CertificateError::BadEncoding).of(field)
    }
}

impl From<CertificateError> for ChainError {
    fn from(reason: CertificateError) -> Self {
        Self::new(reason)
    }
}

impl From<OcspError> for ChainError {
    fn from(error: OcspError) -> Self {
        Self::new(error.into())
    }
}

impl From<ChainError> for CertificateError {
    fn from(error: ChainError) -> Self {
        error.reason
    }
}

/// Prints the reason, then the place.
impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)?;
        match (self.certificate, self.field) {
            (Some(certificate), Some(field)) => write!(f, " ({certificate}: {field})"),
            (Some(certificate), None) => write!(f, " ({certificate})"),
            (None, Some(field)) => write!(f, " ({field})"),
            (None, None) => Ok(()),
        }
    }
}

impl core::error::Error for ChainError {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn object_identifier_is_displayed_in_dotted_form() {
        for (contents, shown) in [
            (&[0x55, 0x1d, 0x20][..], "2.5.29.32"),
            (&[0x2b, 6, 1, 4, 1, 0x82, 0x37], "1.3.6.1.4.1.311"),
            (&[0x09, 0x92, 0x26], "0.9.2342"),
            (&[0x88, 0x37], "2.999"),
            (&[], ""),
        ] {
            assert_eq!(Oid::new(contents).to_string(), shown);
        }
        assert!(Oid::new(&[0x2b; 40]).to_string().ends_with("43..."));
    }

    #[test]
    fn chain_error_displays_reason_and_place() {
        let error = ChainError::new(CertificateError::UnknownCriticalExtension);
        let error = error.at(Position::Chain(1)).of(Field::Extension(Oid::new(&[0x55, 0x1d, 0x36])));
        assert!(
            error.to_string().ends_with("(certificate 2: extension inhibitAnyPolicy (2.5.29.54))"),
            "{error}"
        );
    }
}
