//! Raw public keys: a `SubjectPublicKeyInfo` in DER in place of a certificate (RFC 7250).
//!
//! No issuer vouches for such a key. It is authenticated by other means and compared with the trusted keys.

use crate::{algorithms, error::CertificateError, strength::check_strength};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use cairn_crypto::PublicKey;
use cairn_wire::SignatureScheme;
use der::{Encode, asn1::BitStringRef};
use x509_cert::spki::SubjectPublicKeyInfoRef;

/// The key in a `SubjectPublicKeyInfo`.
///
/// # Errors
/// [`CertificateError::BadEncoding`], [`CertificateError::UnsupportedAlgorithm`] if TLS cannot use it,
/// [`CertificateError::KeyTooWeak`] or [`CertificateError::KeyTooLarge`].
pub fn decode(spki: &[u8]) -> Result<PublicKey, CertificateError> {
    Ok(decode_restricted(spki)?.0)
}

/// The key in a `SubjectPublicKeyInfo`, and the only scheme that it may sign with, if it is an RSASSA-PSS key
/// with parameters (RFC 4055 section 3.1).
///
/// # Errors
/// As [`decode`].
pub fn decode_restricted(spki: &[u8]) -> Result<(PublicKey, Option<SignatureScheme>), CertificateError> {
    let key = algorithms::key(spki).map_err(|_| CertificateError::BadEncoding)?;
    let key = key.ok_or(CertificateError::UnsupportedAlgorithm)?;
    check_strength(&key.public)?;
    let only_scheme = key.only_scheme();
    Ok((key.public, only_scheme))
}

/// The `SubjectPublicKeyInfo` of a key, or `None` if X.509 has no identifier for its kind.
#[must_use]
pub fn encode(key: &PublicKey) -> Option<Vec<u8>> {
    let algorithm = algorithms::of_key(key.kind)?;
    let spki = SubjectPublicKeyInfoRef {
        algorithm: algorithms::identifier(&algorithm).ok()?,
        subject_public_key: BitStringRef::from_bytes(&key.bits).ok()?,
    };
    spki.to_der().ok()
}

/// The kind of a key, with the size of an RSA modulus: `EC P-256`, `RSA, 2048 bits`.
#[must_use]
pub fn describe(key: &PublicKey) -> String {
    match algorithms::rsa_bits(key) {
        Some(bits) => alloc::format!("{}, {bits} bits", key.kind),
        None => key.kind.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{facts::CertificateFacts, issue::Template, pem, testing::provider};
    use alloc::vec;
    use cairn_crypto::KeySpec;

    #[test]
    fn encoded_key_equals_that_of_the_certificate() {
        for spec in [KeySpec::EcP256, KeySpec::EcP384, KeySpec::Ed25519, KeySpec::Rsa { bits: 2048 }] {
            let made = Template::server("a").valid(0, 9).self_signed(&provider(), spec).unwrap();
            let facts = CertificateFacts::from_der(made.certificate()).unwrap();
            let key = made.signing_key().public_key();
            assert_eq!(encode(key).unwrap(), facts.spki, "{spec:?}");
            assert_eq!(decode(&facts.spki).as_ref(), Ok(key));
            let file = pem::encode_public_key(&facts.spki);
            assert_eq!(pem::public_keys(file.as_bytes()), Ok(vec![facts.spki.clone()]));
            assert_eq!(pem::public_keys(&facts.spki), Ok(vec![facts.spki]));
        }
    }

    #[test]
    fn unsupported_and_malformed_raw_keys_are_rejected() {
        assert_eq!(decode(b"no DER"), Err(CertificateError::BadEncoding));
        let x25519 = [0x30, 9, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 3, 0];
        assert_eq!(decode(&x25519), Err(CertificateError::BadEncoding));
        let x25519 = [0x30, 10, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 3, 1, 0];
        assert_eq!(decode(&x25519), Err(CertificateError::UnsupportedAlgorithm));
        assert_eq!(pem::public_keys(b"nothing"), Err(pem::PemError::NoPublicKey));
    }
}
