//! The channel binding `tls-server-end-point`: the hash of a server's certificate (RFC 5929 section 4.1).

use crate::{oid, read};
use cairn_crypto::{CryptoError, HashAlgorithm, HashOutput, Provider};
use cairn_wire::SignatureScheme;
use core::fmt;
use der::{Decode, SliceReader, asn1::ObjectIdentifier};

/// The reason why a certificate has no `tls-server-end-point` binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndPointError {
    /// The certificate is malformed.
    BadEncoding,
    /// Its signature algorithm has no separate hash function (Ed25519, ML-DSA), and RFC 5929 defines no
    /// binding for it.
    NoHash,
    /// Its signature algorithm, and so the hash function, is unknown.
    UnknownAlgorithm,
    /// The provider lacks the hash function.
    HashNotOffered(HashAlgorithm),
    /// The provider failed.
    Crypto(CryptoError),
}

impl fmt::Display for EndPointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadEncoding => f.write_str("the certificate is not well-formed"),
            Self::NoHash => f.write_str(
                "the certificate's signature algorithm has no separate hash function, so \
                tls-server-end-point is not defined (RFC 5929 section 4.1)",
            ),
            Self::UnknownAlgorithm => {
                f.write_str("the hash function of the certificate's signature is unknown")
            }
            Self::HashNotOffered(hash) => write!(f, "the provider does not offer {hash}"),
            Self::Crypto(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for EndPointError {}

/// The hash of a certificate in DER by the hash function of its signature, with SHA-256 in place of MD5 and
/// SHA-1.
pub fn tls_server_end_point(certificate: &[u8], provider: &Provider) -> Result<HashOutput, EndPointError> {
    let raw = read::RawCertificate::parse(certificate).map_err(|_| EndPointError::BadEncoding)?;
    let algorithm = hash_of(raw.signature_algorithm)?;
    let hash = provider.hash(algorithm).ok_or(EndPointError::HashNotOffered(algorithm))?;
    hash.hash(&[certificate]).map_err(EndPointError::Crypto)
}

/// The hash function of the binding for a signature algorithm, given the contents of its identifier.
fn hash_of(identifier: &[u8]) -> Result<HashAlgorithm, EndPointError> {
    if let Some(scheme) = crate::algorithms::scheme_of(identifier) {
        return match scheme {
            SignatureScheme::RSA_PKCS1_SHA256
            | SignatureScheme::RSA_PSS_RSAE_SHA256
            | SignatureScheme::ECDSA_SECP256R1_SHA256
            | SignatureScheme::RSA_PKCS1_SHA1
            | SignatureScheme::ECDSA_SHA1 => Ok(HashAlgorithm::Sha256),
            SignatureScheme::RSA_PKCS1_SHA384
            | SignatureScheme::RSA_PSS_RSAE_SHA384
            | SignatureScheme::ECDSA_SECP384R1_SHA384 => Ok(HashAlgorithm::Sha384),
            SignatureScheme::RSA_PKCS1_SHA512
            | SignatureScheme::RSA_PSS_RSAE_SHA512
            | SignatureScheme::ECDSA_SECP521R1_SHA512 => Ok(HashAlgorithm::Sha512),
            SignatureScheme::ED25519
            | SignatureScheme::MLDSA44
            | SignatureScheme::MLDSA65
            | SignatureScheme::MLDSA87 => Err(EndPointError::NoHash),
            _ => Err(EndPointError::UnknownAlgorithm),
        };
    }
    // Algorithms without a scheme, some of them because of their parameters.
    let mut reader = SliceReader::new(identifier).map_err(|_| EndPointError::BadEncoding)?;
    match ObjectIdentifier::decode(&mut reader) {
        Ok(oid::MD5_WITH_RSA | oid::SHA1_WITH_RSA | oid::ECDSA_WITH_SHA1) => Ok(HashAlgorithm::Sha256),
        Ok(oid::ED448) => Err(EndPointError::NoHash),
        Ok(_) => Err(EndPointError::UnknownAlgorithm),
        Err(_) => Err(EndPointError::BadEncoding),
    }
}

#[cfg(test)]
mod tests;
