//! What a certificate says.

pub(crate) mod names;
mod print;
pub(crate) mod usage;

use crate::{
    CertificateError, algorithms, dn, oid, read,
    terms::{Terms, check_validity},
    tlv,
    verify::check_strength,
};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use cairn_crypto::{CryptoError, Hash, HashOutput, Provider, PublicKey};
use cairn_wire::SignatureScheme;
use core::net::IpAddr;
use der::{Decode, Reader, SliceReader, asn1::ObjectIdentifier};

pub use usage::{ExtendedKeyUsage, KeyUsage};

/// What a certificate says (RFC 5280 section 4.1), read and not judged: whether any of it is true is for
/// [`crate::verify`] to find out.
///
/// Its [`Display`](core::fmt::Display) is a summary of several lines for people to read. Control characters in names
/// are escaped in all strings here, so that they can be shown on a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CertificateFacts {
    /// The version: 3 for all but very old ones.
    pub version: u8,
    /// The serial number, big-endian as in the certificate.
    pub serial: Vec<u8>,
    /// The name of its owner, as in `C=DE, O=Example, CN=example.com`.
    pub subject: String,
    /// The name of who issued it.
    pub issuer: String,
    /// Whether owner and issuer have the same name. Whether the signature is their own too is
    /// [`is_self_signed`].
    pub self_issued: bool,
    /// The first second that it is valid, since 1970.
    pub not_before: u64,
    /// The last second that it is valid, since 1970.
    pub not_after: u64,
    /// The public key; none when its algorithm is not one of TLS.
    pub public_key: Option<PublicKey>,
    /// The algorithm and size of the public key, as in `RSA, 2048 bits`.
    pub key_description: String,
    /// The whole `SubjectPublicKeyInfo` in DER.
    pub spki: Vec<u8>,
    /// The algorithm that it is signed with, as in `ecdsa-with-SHA256`.
    pub signature_algorithm: String,
    /// The same as a scheme, in the meaning of TLS 1.2: for ECDSA it stands for the hash alone, and for RSASSA-PSS it
    /// is the `rsae` one. None when TLS has none.
    pub signature_scheme: Option<SignatureScheme>,
    /// The DNS names that it is for, with wildcards as they stand.
    pub dns_names: Vec<String>,
    /// The IP addresses that it is for.
    pub ip_addresses: Vec<IpAddr>,
    /// Whether it is that of a certification authority (RFC 5280 section 4.2.1.9).
    pub is_ca: bool,
    /// How many authorities may follow below this one, if that is limited.
    pub path_len: Option<u32>,
    /// What its key may be used for (RFC 5280 section 4.2.1.3): all, if it does not say.
    pub key_usage: KeyUsage,
    /// What it is for (RFC 5280 section 4.2.1.12), if it says.
    pub extended_key_usage: Option<ExtendedKeyUsage>,
    /// Whether a server with it always staples an OCSP response, so that a client need not bear with one that does not:
    /// the TLS feature status_request (RFC 7633).
    pub must_staple: bool,
}

impl CertificateFacts {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// [`CertificateError::BadEncoding`] when it is not well-formed.
    pub fn from_der(certificate: &[u8]) -> Result<Self, CertificateError> {
        read_facts(certificate).map_err(|_| CertificateError::BadEncoding)
    }

    /// Whether `now`, in seconds since 1970, is in the time that it is valid.
    ///
    /// # Errors
    /// [`CertificateError::NotYetValid`], [`CertificateError::Expired`] or [`CertificateError::BadValidity`].
    pub fn check_validity(&self, now: u64) -> Result<(), CertificateError> {
        check_validity(self.not_before, self.not_after, now)
    }

    /// The size of the key's RSA modulus in bits; none for other keys.
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

/// Whether a certificate is signed with the key that it holds.
///
/// # Errors
/// As [`certifies`].
pub fn is_self_signed(certificate: &[u8], provider: &Provider) -> Result<bool, CertificateError> {
    certifies(certificate, certificate, provider)
}

/// Whether one certificate directly certifies another (RFC 5246 section 7.4.2): its subject is the other's issuer, and its
/// key has signed the other. Whether it may do so is for [`crate::verify`] to find out.
///
/// # Errors
/// [`CertificateError::BadEncoding`] when one of them is not well-formed; [`CertificateError::UnsupportedAlgorithm`] and
/// [`CertificateError::KeyTooWeak`] or [`CertificateError::KeyTooLarge`] when the provider cannot check the signature.
pub fn certifies(issuer: &[u8], certificate: &[u8], provider: &Provider) -> Result<bool, CertificateError> {
    let parse = |der| read::Layout::parse(der).map_err(|_| CertificateError::BadEncoding);
    let (issuer, layout) = (parse(issuer)?, parse(certificate)?);
    if !dn::same(issuer.subject, layout.issuer) {
        return Ok(false);
    }
    let key = algorithms::key(issuer.spki).map_err(|_| CertificateError::BadEncoding)?;
    let key = key.ok_or(CertificateError::UnsupportedAlgorithm)?;
    check_strength(&key.public)?;
    let scheme = algorithms::scheme_with(layout.signature_algorithm, key.public.kind);
    let scheme = scheme.filter(|scheme| key.allows(*scheme)).ok_or(CertificateError::UnsupportedAlgorithm)?;
    let verifier =
        provider.verifier(key.public.kind, scheme).ok_or(CertificateError::UnsupportedAlgorithm)?;
    Ok(verifier.verify(&key.public.bits, layout.tbs, layout.signature).is_ok())
}

/// The name of who issued a certificate in DER, as CertificateRequest has it for an authority (RFC 5246 section 7.4.4).
///
/// # Errors
/// [`CertificateError::BadEncoding`].
pub fn issuer_name(certificate: &[u8]) -> Result<&[u8], CertificateError> {
    read::Layout::parse(certificate).map(|layout| layout.issuer).map_err(|_| CertificateError::BadEncoding)
}

fn read_facts(certificate: &[u8]) -> der::Result<CertificateFacts> {
    let terms = Terms::parse(certificate).map_err(|_| tlv::malformed())?;
    let layout = &terms.layout;
    let (not_before, not_after) = layout.validity().map_err(|_| tlv::malformed())?;
    let (mut dns_names, mut ip_addresses) = (Vec::new(), Vec::new());
    if let Some(encoded) = terms.alternative_names {
        names::alternative_names(encoded, &mut dns_names, &mut ip_addresses)?;
    }
    Ok(CertificateFacts {
        version: layout.version,
        serial: layout.serial.to_vec(),
        subject: names::distinguished_name(layout.subject)?,
        issuer: names::distinguished_name(layout.issuer)?,
        self_issued: terms.is_self_issued(),
        not_before,
        not_after,
        key_description: describe_key(layout.spki, terms.key.as_ref().map(|key| &key.public))?,
        spki: layout.spki.to_vec(),
        signature_algorithm: describe_signature(layout.signature_algorithm)?,
        signature_scheme: algorithms::scheme_of(layout.signature_algorithm),
        dns_names,
        ip_addresses,
        is_ca: terms.is_ca,
        path_len: terms.path_len,
        key_usage: terms.key_usage,
        extended_key_usage: terms.extended_key_usage,
        must_staple: terms.must_staple,
        public_key: terms.key.map(|key| key.public),
    })
}

fn describe_key(spki: &[u8], key: Option<&PublicKey>) -> der::Result<String> {
    if let Some(key) = key {
        return Ok(match algorithms::rsa_bits(key) {
            Some(bits) => alloc::format!("{}, {bits} bits", key.kind),
            None => key.kind.to_string(),
        });
    }
    let (algorithm, _) = read::spki_parts(spki)?;
    let oid = first_oid(algorithm)?;
    Ok(oid::key(&oid).map_or_else(|| oid.to_string(), ToString::to_string))
}

fn describe_signature(algorithm: &[u8]) -> der::Result<String> {
    let oid = first_oid(algorithm)?;
    Ok(oid::signature(&oid).map_or_else(|| oid.to_string(), ToString::to_string))
}

fn first_oid(algorithm: &[u8]) -> der::Result<ObjectIdentifier> {
    let mut reader = SliceReader::new(algorithm)?;
    let oid = ObjectIdentifier::decode(&mut reader)?;
    while !reader.is_finished() {
        der::AnyRef::decode(&mut reader)?;
    }
    Ok(oid)
}

#[cfg(test)]
mod tests;
