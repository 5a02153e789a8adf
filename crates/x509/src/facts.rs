//! The contents of a certificate.
//!
//! The fields come from the verifier's own reader, so that people see the verified values, and no second
//! parser disagrees with it. The types of `x509-cert` are not used, because they reject certificates that
//! people must be shown: `Certificate` those with dates before 1970 (as in NIST's PKITS, test 4.2.3) or
//! serial numbers of more than 21 bytes, `Name` and `SubjectAltName` names that others accept.

mod extensions;
mod names;
mod print;

use crate::{
    algorithms,
    certificate::{Certificate, check_validity},
    dn,
    error::CertificateError,
    oid, raw_key, read,
    strength::check_strength,
    tlv::{self, Elements, OBJECT_IDENTIFIER},
};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use cairn_crypto::{CryptoError, Hash, HashOutput, Provider, PublicKey};
use cairn_wire::SignatureScheme;
use core::net::IpAddr;
use der::asn1::ObjectIdentifier;

pub use self::extensions::{CertificateExtension, extensions, general_name, general_names};
pub use self::print::shortened;
pub use crate::usage::{ExtendedKeyUsage, KeyUsage};

/// The contents of a certificate (RFC 5280 section 4.1), parsed and not verified. [`crate::verify`] verifies
/// them.
///
/// [`Display`](core::fmt::Display) prints a summary of several lines; of many or long names, and of a long
/// serial number, it has a part. Control characters and invisible ones in all strings here are escaped, so
/// that the strings are safe to print on a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CertificateFacts {
    /// The version, nearly always 3.
    pub version: u8,
    /// The serial number, big-endian as in the certificate.
    pub serial: Vec<u8>,
    /// The subject, as in `C=DE, O=Example, CN=example.com`.
    pub subject: String,
    /// The issuer, in the same form.
    pub issuer: String,
    /// Whether subject and issuer are equal. [`is_self_signed`] checks the signature too.
    pub self_issued: bool,
    /// The first second of its validity, since 1970.
    pub not_before: u64,
    /// The last second of its validity, since 1970.
    pub not_after: u64,
    /// The public key, or `None` if TLS cannot use its algorithm.
    pub public_key: Option<PublicKey>,
    /// The only scheme that the key may sign with, if it is an RSASSA-PSS key with parameters (RFC 4055
    /// section 3.1).
    pub only_scheme: Option<SignatureScheme>,
    /// The algorithm and size of the public key, as in `RSA, 2048 bits`.
    pub key_description: String,
    /// The whole `SubjectPublicKeyInfo` in DER.
    pub spki: Vec<u8>,
    /// The signature algorithm, as in `ecdsa-with-SHA256`.
    pub signature_algorithm: String,
    /// The scheme of the signature algorithm in the sense of TLS 1.2: for ECDSA it states the hash function
    /// only, and for RSASSA-PSS it is the `rsae` scheme. `None` if TLS has none.
    pub signature_scheme: Option<SignatureScheme>,
    /// The DNS names, wildcards included.
    pub dns_names: Vec<String>,
    /// The IP addresses.
    pub ip_addresses: Vec<IpAddr>,
    /// Whether the certificate is a certification authority's (RFC 5280 section 4.2.1.9).
    pub is_ca: bool,
    /// `pathLenConstraint`: the maximum number of intermediate certificates below this one.
    pub path_len: Option<u32>,
    /// The key usage (RFC 5280 section 4.2.1.3); everything if the extension is absent.
    pub key_usage: KeyUsage,
    /// The extended key usage (RFC 5280 section 4.2.1.12), if present.
    pub extended_key_usage: Option<ExtendedKeyUsage>,
    /// Whether the certificate has the TLS feature status_request (RFC 7633): its server always staples an
    /// OCSP response, and a client may reject a handshake without one.
    pub must_staple: bool,
    /// Whether the certificate permits delegated credentials: it has the DelegationUsage extension (RFC 9345
    /// section 4.2).
    pub delegation_usage: bool,
}

impl CertificateFacts {
    /// Parses a certificate in DER.
    ///
    /// # Errors
    /// [`CertificateError::BadEncoding`] if it is malformed.
    pub fn from_der(certificate: &[u8]) -> Result<Self, CertificateError> {
        read_facts(certificate).map_err(|_| CertificateError::BadEncoding)
    }

    /// Checks that `now`, in seconds since 1970, is within the validity period.
    ///
    /// # Errors
    /// [`CertificateError::NotYetValid`], [`CertificateError::Expired`] or [`CertificateError::BadValidity`].
    pub fn check_validity(&self, now: u64) -> Result<(), CertificateError> {
        check_validity(self.not_before, self.not_after, now)
    }

    /// The size of the key's RSA modulus in bits, or `None` for other keys.
    #[must_use]
    pub fn rsa_bits(&self) -> Option<usize> {
        self.public_key.as_ref().and_then(algorithms::rsa_bits)
    }
}

/// The fingerprint of a certificate: the hash of its DER. SHA-256 is the usual one.
///
/// # Errors
/// As [`Hash::hash`].
pub fn fingerprint(certificate: &[u8], hash: &dyn Hash) -> Result<HashOutput, CryptoError> {
    hash.hash(&[certificate])
}

/// Whether a certificate is signed with its own key.
///
/// # Errors
/// As [`certifies`].
pub fn is_self_signed(certificate: &[u8], provider: &Provider) -> Result<bool, CertificateError> {
    certifies(certificate, certificate, provider)
}

/// Whether one certificate directly certifies another (RFC 5246 section 7.4.2): its subject is the other's
/// issuer, and its key made the other's signature. Whether it is permitted to do so is checked by
/// [`crate::verify`].
///
/// # Errors
/// [`CertificateError::BadEncoding`] if one of them is malformed; [`CertificateError::UnsupportedAlgorithm`],
/// [`CertificateError::KeyTooWeak`] or [`CertificateError::KeyTooLarge`] if the provider cannot check the
/// signature.
pub fn certifies(issuer: &[u8], certificate: &[u8], provider: &Provider) -> Result<bool, CertificateError> {
    let parse = |der| read::RawCertificate::parse(der).map_err(|_| CertificateError::BadEncoding);
    let (issuer, raw) = (parse(issuer)?, parse(certificate)?);
    if !dn::same(issuer.subject, raw.issuer) {
        return Ok(false);
    }
    let key = algorithms::key(issuer.spki).map_err(|_| CertificateError::BadEncoding)?;
    let key = key.ok_or(CertificateError::UnsupportedAlgorithm)?;
    check_strength(&key.public)?;
    let scheme = algorithms::scheme_with(raw.signature_algorithm, key.public.kind);
    let scheme = scheme.filter(|scheme| key.allows(*scheme)).ok_or(CertificateError::UnsupportedAlgorithm)?;
    let verifier =
        provider.verifier(key.public.kind, scheme).ok_or(CertificateError::UnsupportedAlgorithm)?;
    Ok(verifier.verify(&key.public.bits, raw.tbs, raw.signature).is_ok())
}

/// The issuer of a certificate in DER, as CertificateRequest lists it (RFC 5246 section 7.4.4).
///
/// # Errors
/// [`CertificateError::BadEncoding`].
pub fn issuer_name(certificate: &[u8]) -> Result<&[u8], CertificateError> {
    read::RawCertificate::parse(certificate).map(|raw| raw.issuer).map_err(|_| CertificateError::BadEncoding)
}

/// A distinguished name in printable form.
#[cfg(any(feature = "issue", test))]
pub(crate) fn printed_name(name: &[u8]) -> der::Result<String> {
    names::distinguished_name(name)
}

fn read_facts(certificate: &[u8]) -> der::Result<CertificateFacts> {
    let certificate = Certificate::parse(certificate).map_err(|_| tlv::malformed())?;
    let raw = &certificate.raw;
    let (not_before, not_after) = raw.validity().map_err(|_| tlv::malformed())?;
    let (dns_names, ip_addresses) = match certificate.alternative_names {
        Some(encoded) => names::alternative_names(encoded)?,
        None => (Vec::new(), Vec::new()),
    };
    Ok(CertificateFacts {
        version: raw.version,
        serial: raw.serial.to_vec(),
        subject: names::distinguished_name(raw.subject)?,
        issuer: names::distinguished_name(raw.issuer)?,
        self_issued: certificate.is_self_issued(),
        not_before,
        not_after,
        key_description: describe_key(raw.spki, certificate.key.as_ref().map(|key| &key.public))?,
        spki: raw.spki.to_vec(),
        signature_algorithm: describe_signature(raw.signature_algorithm)?,
        signature_scheme: algorithms::scheme_of(raw.signature_algorithm),
        dns_names,
        ip_addresses,
        is_ca: certificate.is_ca,
        path_len: certificate.path_len,
        key_usage: certificate.key_usage,
        extended_key_usage: certificate.extended_key_usage,
        must_staple: certificate.must_staple,
        delegation_usage: certificate.delegation_usage,
        only_scheme: certificate.key.as_ref().and_then(algorithms::Key::only_scheme),
        public_key: certificate.key.map(|key| key.public),
    })
}

fn describe_key(spki: &[u8], key: Option<&PublicKey>) -> der::Result<String> {
    if let Some(key) = key {
        return Ok(raw_key::describe(key));
    }
    let (algorithm, _) = read::spki_parts(spki)?;
    describe_algorithm(algorithm, oid::key)
}

fn describe_signature(algorithm: &[u8]) -> der::Result<String> {
    describe_algorithm(algorithm, oid::signature)
}

/// The name of an algorithm, or its identifier. Its parameters do not matter for display.
fn describe_algorithm(
    algorithm: &[u8],
    name: fn(&ObjectIdentifier) -> Option<&'static str>,
) -> der::Result<String> {
    let oid = Elements::of(algorithm).one(OBJECT_IDENTIFIER)?.contents;
    let name = ObjectIdentifier::from_bytes(oid).ok().and_then(|oid| name(&oid));
    Ok(name.map_or_else(|| oid::dotted(oid), ToString::to_string))
}

#[cfg(test)]
mod tests;
