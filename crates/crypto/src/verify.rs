//! Public keys and signature verification.

use crate::algorithm::Algorithm;
use crate::error::CryptoError;
use alloc::{boxed::Box, vec::Vec};
use cairn_wire::SignatureScheme;
use core::fmt;

/// The kind of a public key: the algorithm identifier of `SubjectPublicKeyInfo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum KeyKind {
    /// `rsaEncryption` (RFC 3279 section 2.3.1).
    Rsa,
    /// `id-RSASSA-PSS` (RFC 4055 section 1.2): an RSA key for PSS signatures only.
    RsaPss,
    /// `id-ecPublicKey` on secp256r1 (RFC 5480).
    EcP256,
    /// `id-ecPublicKey` on secp384r1 (RFC 5480).
    EcP384,
    /// `id-ecPublicKey` on secp521r1 (RFC 5480).
    EcP521,
    /// `id-Ed25519` (RFC 8410).
    Ed25519,
    /// `id-ml-dsa-44` (RFC 9881).
    MlDsa44,
    /// `id-ml-dsa-65` (RFC 9881).
    MlDsa65,
    /// `id-ml-dsa-87` (RFC 9881).
    MlDsa87,
}

impl KeyKind {
    /// Returns `true` for `id-ecPublicKey` on any curve.
    #[must_use]
    pub const fn is_ecdsa(self) -> bool {
        matches!(self, Self::EcP256 | Self::EcP384 | Self::EcP521)
    }

    /// Returns `true` for both kinds of RSA keys.
    #[must_use]
    pub const fn is_rsa(self) -> bool {
        matches!(self, Self::Rsa | Self::RsaPss)
    }

    /// Returns `true` for ML-DSA with any parameter set.
    #[must_use]
    pub const fn is_ml_dsa(self) -> bool {
        matches!(self, Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87)
    }

    /// The signature scheme of such keys, if there is only one: for Ed25519 and ML-DSA.
    #[must_use]
    pub const fn only_scheme(self) -> Option<SignatureScheme> {
        match self {
            Self::Ed25519 => Some(SignatureScheme::ED25519),
            Self::MlDsa44 => Some(SignatureScheme::MLDSA44),
            Self::MlDsa65 => Some(SignatureScheme::MLDSA65),
            Self::MlDsa87 => Some(SignatureScheme::MLDSA87),
            Self::Rsa | Self::RsaPss | Self::EcP256 | Self::EcP384 | Self::EcP521 => None,
        }
    }

    /// The only kind of key that may sign a CertificateVerify of TLS 1.3 with this scheme; `None` if the
    /// scheme must not be used there, or is unknown.
    ///
    /// RFC 9846 section 4.3.3: an ECDSA scheme implies the curve and the hash, and the key of an RSASSA-PSS
    /// scheme has the algorithm in the scheme's name. "RSASSA-PKCS1-v1_5 algorithms [...] refer solely to
    /// signatures which appear in certificates", and so do those with SHA-1. An ML-DSA scheme has a kind of
    /// key of its own (draft-ietf-tls-mldsa).
    #[must_use]
    pub const fn for_certificate_verify(scheme: SignatureScheme) -> Option<Self> {
        Some(match scheme {
            SignatureScheme::ECDSA_SECP256R1_SHA256 => Self::EcP256,
            SignatureScheme::ECDSA_SECP384R1_SHA384 => Self::EcP384,
            SignatureScheme::ECDSA_SECP521R1_SHA512 => Self::EcP521,
            SignatureScheme::ED25519 => Self::Ed25519,
            SignatureScheme::RSA_PSS_RSAE_SHA256
            | SignatureScheme::RSA_PSS_RSAE_SHA384
            | SignatureScheme::RSA_PSS_RSAE_SHA512 => Self::Rsa,
            SignatureScheme::RSA_PSS_PSS_SHA256
            | SignatureScheme::RSA_PSS_PSS_SHA384
            | SignatureScheme::RSA_PSS_PSS_SHA512 => Self::RsaPss,
            SignatureScheme::MLDSA44 => Self::MlDsa44,
            SignatureScheme::MLDSA65 => Self::MlDsa65,
            SignatureScheme::MLDSA87 => Self::MlDsa87,
            _ => return None,
        })
    }

    /// The only kind of key that may sign a CertificateVerify under a delegated credential with this scheme;
    /// `None` if the scheme is not allowed for them.
    ///
    /// RFC 9345 section 4: "Only signature algorithms allowed for use in CertificateVerify messages are
    /// allowed [...]. When using RSA, the public key MUST NOT use the rsaEncryption OID. As a result, the
    /// following algorithms are not allowed for use with delegated credentials: rsa_pss_rsae_sha256,
    /// rsa_pss_rsae_sha384, rsa_pss_rsae_sha512."
    #[must_use]
    pub const fn for_delegated_credential(scheme: SignatureScheme) -> Option<Self> {
        match Self::for_certificate_verify(scheme) {
            Some(Self::Rsa) => None,
            kind => kind,
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rsa => "RSA",
            Self::RsaPss => "RSASSA-PSS",
            Self::EcP256 => "EC P-256",
            Self::EcP384 => "EC P-384",
            Self::EcP521 => "EC P-521",
            Self::Ed25519 => "Ed25519",
            Self::MlDsa44 => "ML-DSA-44",
            Self::MlDsa65 => "ML-DSA-65",
            Self::MlDsa87 => "ML-DSA-87",
        })
    }
}

/// A public key as in a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PublicKey {
    /// The algorithm identifier.
    pub kind: KeyKind,
    /// The content of the `subjectPublicKey` bit string: `RSAPublicKey` in DER, an uncompressed point, the
    /// 32 bytes of an Ed25519 key, or the encoding of FIPS 204 for ML-DSA.
    pub bits: Vec<u8>,
}

/// Verifies signatures with one scheme under one kind of key.
pub trait SignatureVerifier: Algorithm {
    /// The kind of key.
    fn key_kind(&self) -> KeyKind;

    /// The signature scheme. For ECDSA it determines the hash only, as in TLS 1.2 and certificates;
    /// [`SignatureVerifier::key_kind`] determines the curve.
    fn scheme(&self) -> SignatureScheme;

    /// Verifies `signature` over `message`, which is not hashed yet, under `public_key`, which is encoded as
    /// [`PublicKey::bits`].
    ///
    /// # Errors
    /// [`CryptoError::BadSignature`] if it does not verify, for any reason.
    fn verify(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), CryptoError>;

    /// Parses and validates a key, encoded as [`PublicKey::bits`], for verifying many signatures. Use it for
    /// keys that occur repeatedly, such as those of trust anchors.
    ///
    /// The default returns `None`: parsing in advance saves nothing, and callers use
    /// [`SignatureVerifier::verify`].
    ///
    /// # Errors
    /// [`CryptoError::BadSignature`] if the key is invalid, so that [`SignatureVerifier::verify`] would
    /// refuse every signature.
    fn read_key(&self, public_key: &[u8]) -> Result<Option<Box<dyn VerifyingKey>>, CryptoError> {
        let _ = public_key;
        Ok(None)
    }
}

/// A parsed public key for one scheme. See [`SignatureVerifier::read_key`].
pub trait VerifyingKey: Send + Sync {
    /// Verifies a signature, with the same result as [`SignatureVerifier::verify`] under this key.
    ///
    /// # Errors
    /// [`CryptoError::BadSignature`] if it does not verify, for any reason.
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), CryptoError>;
}

impl fmt::Debug for dyn SignatureVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} under {} by {}", self.scheme(), self.key_kind(), self.implementation())
    }
}

impl fmt::Debug for dyn VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifyingKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificate_verify_ties_each_scheme_to_one_kind_of_key() {
        use SignatureScheme as S;
        let allowed: Vec<_> = S::KNOWN
            .iter()
            .filter_map(|scheme| Some((*scheme, KeyKind::for_certificate_verify(*scheme)?)))
            .collect();
        assert_eq!(
            allowed,
            [
                (S::ECDSA_SECP256R1_SHA256, KeyKind::EcP256),
                (S::ECDSA_SECP384R1_SHA384, KeyKind::EcP384),
                (S::ECDSA_SECP521R1_SHA512, KeyKind::EcP521),
                (S::RSA_PSS_RSAE_SHA256, KeyKind::Rsa),
                (S::RSA_PSS_RSAE_SHA384, KeyKind::Rsa),
                (S::RSA_PSS_RSAE_SHA512, KeyKind::Rsa),
                (S::ED25519, KeyKind::Ed25519),
                (S::RSA_PSS_PSS_SHA256, KeyKind::RsaPss),
                (S::RSA_PSS_PSS_SHA384, KeyKind::RsaPss),
                (S::RSA_PSS_PSS_SHA512, KeyKind::RsaPss),
                (S::MLDSA44, KeyKind::MlDsa44),
                (S::MLDSA65, KeyKind::MlDsa65),
                (S::MLDSA87, KeyKind::MlDsa87),
            ]
        );
        assert_eq!(KeyKind::for_certificate_verify(S(0x0a0a)), None);
        // The key of a delegated credential never uses rsaEncryption.
        let delegated = S::KNOWN.iter().filter_map(|scheme| KeyKind::for_delegated_credential(*scheme));
        let others = allowed.iter().map(|(_, kind)| *kind).filter(|kind| *kind != KeyKind::Rsa);
        assert!(delegated.eq(others));
    }
}
