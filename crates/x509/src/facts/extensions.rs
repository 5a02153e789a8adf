//! The extensions of a certificate, for display.

use super::names;
use crate::{
    certificate::Certificate,
    error::CertificateError,
    oid,
    tlv::{Elements, SEQUENCE},
};
use alloc::{string::String, vec::Vec};

/// An extension of a certificate (RFC 5280 section 4.2), with its value as encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CertificateExtension {
    /// The identifier in dotted form. Of a malformed or very long one it is `#` and the start of its encoding
    /// in hexadecimal.
    pub oid: String,
    /// Its registered name, as in `keyUsage`.
    pub name: Option<&'static str>,
    /// Whether a verifier that does not know the extension must reject the certificate.
    pub is_critical: bool,
    /// The contents of `extnValue`, in DER.
    pub value: Vec<u8>,
}

/// The extensions of a certificate, in its order.
///
/// # Errors
/// [`CertificateError::BadEncoding`] if the certificate is malformed.
pub fn extensions(certificate: &[u8]) -> Result<Vec<CertificateExtension>, CertificateError> {
    let certificate = Certificate::parse(certificate).map_err(|_| CertificateError::BadEncoding)?;
    let mut found = Vec::new();
    let each = certificate.raw.all_extensions().each(|extension| {
        found.push(CertificateExtension {
            oid: oid::dotted(extension.oid),
            name: oid::extension(extension.oid),
            is_critical: extension.is_critical,
            value: extension.value.to_vec(),
        });
        Ok(())
    });
    each.map(|()| found).map_err(|_| CertificateError::BadEncoding)
}

/// A `GeneralName` (RFC 5280 section 4.2.1.6) in DER as text: its kind and its value, as in
/// `DNS:example.com`. Control characters are escaped.
///
/// # Errors
/// [`CertificateError::BadEncoding`] if it is malformed.
pub fn general_name(der: &[u8]) -> Result<String, CertificateError> {
    let mut elements = Elements::of(der);
    let name = elements.any().and_then(|element| elements.finish().map(|()| element));
    name.and_then(names::general_name).map_err(|_| CertificateError::BadEncoding)
}

/// The names of `GeneralNames`, such as the value of the extension subjectAltName, each as in
/// [`general_name`].
///
/// # Errors
/// [`CertificateError::BadEncoding`] if one of them is malformed.
pub fn general_names(der: &[u8]) -> Result<Vec<String>, CertificateError> {
    let read = || {
        let mut elements = Elements::of(Elements::only(der, SEQUENCE)?);
        let mut found = Vec::new();
        while !elements.is_finished() {
            found.push(names::general_name(elements.any()?)?);
        }
        der::Result::Ok(found)
    };
    read().map_err(|_| CertificateError::BadEncoding)
}
