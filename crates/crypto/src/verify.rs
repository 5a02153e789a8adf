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
        })
    }
}

/// A public key as in a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PublicKey {
    /// The algorithm identifier.
    pub kind: KeyKind,
    /// The content of the `subjectPublicKey` bit string: `RSAPublicKey` in DER, an uncompressed point, or the
    /// 32 bytes of an Ed25519 key.
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
