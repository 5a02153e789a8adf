//! Public keys and the checking of signatures.

use crate::{Algorithm, CryptoError};
use alloc::{boxed::Box, vec::Vec};
use cairn_wire::SignatureScheme;
use core::fmt;

/// What kind of public key a certificate holds: the algorithm identifier of its `SubjectPublicKeyInfo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum KeyKind {
    /// `rsaEncryption` (RFC 3279 section 2.3.1).
    Rsa,
    /// `id-RSASSA-PSS` (RFC 4055 section 1.2): an RSA key that may sign with PSS only.
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
    /// Whether it is an elliptic-curve key in the sense of `id-ecPublicKey`.
    #[must_use]
    pub const fn is_ecdsa(self) -> bool {
        matches!(self, Self::EcP256 | Self::EcP384 | Self::EcP521)
    }

    /// Whether it is an RSA key of either kind.
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

/// A public key as a certificate holds it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PublicKey {
    /// The algorithm identifier.
    pub kind: KeyKind,
    /// The contents of the `subjectPublicKey` bit string: `RSAPublicKey` in DER, an uncompressed point, or 32 bytes
    /// of Ed25519.
    pub bits: Vec<u8>,
}

/// One way to check a signature: a kind of key and a scheme.
pub trait SignatureVerifier: Algorithm {
    /// The kind of key.
    fn key_kind(&self) -> KeyKind;

    /// The scheme. For ECDSA it stands for its hash alone; the curve is that of [`SignatureVerifier::key_kind`], as
    /// TLS 1.2 and certificates have it.
    fn scheme(&self) -> SignatureScheme;

    /// Checks `signature` over `message` (whole, not hashed) under a key given as [`PublicKey::bits`].
    ///
    /// # Errors
    /// [`CryptoError::BadSignature`] when it does not verify, whatever the reason.
    fn verify(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), CryptoError>;

    /// Reads and checks a key, given as [`PublicKey::bits`], once for many signatures: who has a key that comes again and
    /// again, such as that of a trusted authority, keeps what this gives.
    ///
    /// The default is `None`: there is nothing to be gained, and [`SignatureVerifier::verify`] is the way.
    ///
    /// # Errors
    /// [`CryptoError::BadSignature`] when [`SignatureVerifier::verify`] would refuse every signature for the key's sake.
    fn read_key(&self, public_key: &[u8]) -> Result<Option<Box<dyn VerifyingKey>>, CryptoError> {
        let _ = public_key;
        Ok(None)
    }
}

/// A public key that is read and checked, tied to one kind of key and one scheme: see [`SignatureVerifier::read_key`].
pub trait VerifyingKey: Send + Sync {
    /// As [`SignatureVerifier::verify`] under this key, with the same outcome for every message and signature.
    ///
    /// # Errors
    /// [`CryptoError::BadSignature`] when it does not verify, whatever the reason.
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
