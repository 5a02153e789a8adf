//! The extensions of a certificate as they are, for display.

use crate::{error::CertificateError, oid, read::RawCertificate};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use der::asn1::ObjectIdentifier;

/// An extension of a certificate (RFC 5280 section 4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExtensionFacts {
    /// Its identifier, as in `2.5.29.15`.
    pub oid: String,
    /// Its registered name, as in `keyUsage`.
    pub name: Option<&'static str>,
    /// Whether a verifier that does not know the extension must reject the certificate.
    pub is_critical: bool,
    /// Its value in DER: the contents of `extnValue`.
    pub value: Vec<u8>,
}

/// The extensions of a certificate in DER, in their order, whether known here or not.
///
/// # Errors
/// [`CertificateError::BadEncoding`] if it is malformed.
pub fn extensions(certificate: &[u8]) -> Result<Vec<ExtensionFacts>, CertificateError> {
    let raw = RawCertificate::parse(certificate).map_err(|_| CertificateError::BadEncoding)?;
    let mut found = Vec::new();
    let read = raw.all_extensions().each(|extension| {
        let oid = ObjectIdentifier::from_bytes(extension.oid).map_err(|_| extension.field())?;
        found.push(ExtensionFacts {
            oid: oid.to_string(),
            name: oid::extension(extension.oid),
            is_critical: extension.is_critical,
            value: extension.value.to_vec(),
        });
        Ok(())
    });
    read.map(|()| found).map_err(|_| CertificateError::BadEncoding)
}
