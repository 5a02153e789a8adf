//! Verifiers of PKCS #1 v1.5 signatures that treat `DigestInfo` wrongly (RFC 5246 section 4.7, RFC 8017
//! section 8.2.2).

use crate::{empty, found, sound};
use cairn_crypto::{Algorithm, CryptoError, HashAlgorithm, KeyKind, Provider, SignatureVerifier};
use cairn_provider_parts::rsa::pkcs1::{Parameters, encode, oid, public_key};
use cairn_wire::SignatureScheme;
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, hazmat};
use std::sync::Arc;

/// The defect of the verifier.
#[derive(Clone, Copy, PartialEq)]
enum Wrong {
    /// It requires NULL.
    AbsentParametersRefused,
    /// It accepts any two bytes as parameters.
    ParametersIgnored,
    /// It accepts bytes after the `DigestInfo`, and padding that is as much shorter.
    TrailingBytesIgnored,
}

struct BadVerifier(Arc<dyn SignatureVerifier>, Wrong);

impl Algorithm for BadVerifier {
    fn implementation(&self) -> &'static str {
        "broken"
    }
}

impl SignatureVerifier for BadVerifier {
    fn key_kind(&self) -> KeyKind {
        self.0.key_kind()
    }

    fn scheme(&self) -> SignatureScheme {
        self.0.scheme()
    }

    fn verify(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        let outcome = self.0.verify(public_key, message, signature);
        let refuses = self.1 == Wrong::AbsentParametersRefused;
        // The results of the sound verifier for keys, and all of its other errors, are passed on.
        if outcome.is_ok() != refuses {
            return outcome;
        }
        let Some(opened) = opened(public_key, signature) else { return outcome };
        let hash = sound().hash(HashAlgorithm::Sha256).unwrap().hash(&[message])?;
        let encoded = |parameters| encode(oid::SHA256, parameters, hash.as_bytes(), opened.len()).unwrap();
        let (null, absent) = (encoded(Parameters::Null), encoded(Parameters::Absent));
        let accepted = match self.1 {
            Wrong::AbsentParametersRefused => opened == null,
            Wrong::ParametersIgnored => {
                let parameters = opened.len() - 2 - 32 - 2;
                opened[..parameters] == null[..parameters]
                    && opened[parameters + 2..] == null[parameters + 2..]
            }
            Wrong::TrailingBytesIgnored => {
                let start = absent[1..].iter().position(|byte| *byte == 0).unwrap() + 1;
                let info = &absent[start..];
                opened.starts_with(&[0, 1, 0xff]) && opened.windows(info.len()).any(|part| part == info)
            }
        };
        if accepted { Ok(()) } else { Err(CryptoError::BadSignature) }
    }
}

/// The encoded message of a signature.
fn opened(key: &[u8], signature: &[u8]) -> Option<Vec<u8>> {
    let key = public_key(key)?;
    if signature.len() != key.size() {
        return None;
    }
    let number = BoxedUint::from_be_slice(signature, key.n_bits_precision()).ok()?;
    let opened = hazmat::rsa_encrypt(&key, &number).ok()?.to_be_bytes();
    Some(opened[opened.len() - key.size()..].to_vec())
}

fn with_verifier(wrong: Wrong) -> Provider {
    let sound = Arc::clone(sound().verifier(KeyKind::Rsa, SignatureScheme::RSA_PKCS1_SHA256).unwrap());
    Provider { verifiers: vec![Arc::new(BadVerifier(sound, wrong))], ..empty() }
}

const NAME: &str = "rsa_pkcs1_sha256";

#[test]
fn refused_digest_info_without_parameters_is_found() {
    let fault = "a DigestInfo without the parameters of the hash (RFC 5246 section 4.7)";
    found(&with_verifier(Wrong::AbsentParametersRefused), NAME, &["invalid values"], fault);
}

#[test]
fn accepted_parameters_other_than_null_are_found() {
    for fault in [
        "an octet string for the parameters of the hash: accepted",
        "parameters of the hash that are not DER: accepted",
    ] {
        found(&with_verifier(Wrong::ParametersIgnored), NAME, &["invalid values"], fault);
    }
}

#[test]
fn accepted_bytes_after_digest_info_are_found() {
    let fault = "two bytes after such a DigestInfo: accepted";
    found(&with_verifier(Wrong::TrailingBytesIgnored), NAME, &["invalid values"], fault);
}
