//! Private keys that sign.

use crate::{Algorithm, CryptoError, DecryptingKey, PublicKey, SecretBytes};
use alloc::{sync::Arc, vec::Vec};
use cairn_wire::SignatureScheme;
use core::fmt;
use rand_core::TryCryptoRng;

/// A private key that signs. Opaque: it may be in memory, in a token, or in another process.
pub trait SigningKey: Send + Sync {
    /// The public half.
    fn public_key(&self) -> &PublicKey;

    /// The schemes this key can sign with, most preferred first. In TLS 1.2 an `ecdsa_secp256r1_sha256` names ECDSA
    /// with SHA-256 on whatever curve the key has (RFC 8446 section 4.2.3).
    fn schemes(&self) -> &[SignatureScheme];

    /// Signs `message` (whole, not hashed) in the encoding that TLS sends: DER for ECDSA, the bare string for RSA
    /// and EdDSA.
    ///
    /// # Errors
    /// [`CryptoError::Unsupported`] for a scheme outside [`SigningKey::schemes`]; [`CryptoError::RandomFailed`] or
    /// [`CryptoError::Failed`] when the module cannot.
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Vec<u8>, CryptoError>;
}

/// An encoded private key, in DER.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PrivateKeyDer<'a> {
    /// `PrivateKeyInfo` or `OneAsymmetricKey` (RFC 5958): PEM label `PRIVATE KEY`.
    Pkcs8(&'a [u8]),
    /// `RSAPrivateKey` (RFC 8017 appendix A.1.2): PEM label `RSA PRIVATE KEY`.
    Pkcs1(&'a [u8]),
    /// `ECPrivateKey` (RFC 5915): PEM label `EC PRIVATE KEY`.
    Sec1(&'a [u8]),
}

impl PrivateKeyDer<'_> {
    /// The DER bytes, whichever form they have.
    #[must_use]
    pub const fn der(&self) -> &[u8] {
        match self {
            Self::Pkcs8(der) | Self::Pkcs1(der) | Self::Sec1(der) => der,
        }
    }
}

impl fmt::Debug for PrivateKeyDer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = match self {
            Self::Pkcs8(_) => "Pkcs8",
            Self::Pkcs1(_) => "Pkcs1",
            Self::Sec1(_) => "Sec1",
        };
        write!(f, "{form}([{} bytes])", self.der().len())
    }
}

/// Which key to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeySpec {
    /// RSA with a modulus of so many bits: 2048, 3072 or 4096.
    Rsa {
        /// Size of the modulus in bits.
        bits: u16,
    },
    /// ECDSA on P-256.
    EcP256,
    /// ECDSA on P-384.
    EcP384,
    /// ECDSA on P-521.
    EcP521,
    /// Ed25519 (RFC 8032).
    Ed25519,
}

/// Reads and makes private keys.
pub trait KeyStore: Algorithm {
    /// Reads a private key.
    ///
    /// # Errors
    /// [`CryptoError::BadPrivateKey`] when it is not a key that this provider can sign with.
    fn load(&self, key: PrivateKeyDer<'_>) -> Result<Arc<dyn SigningKey>, CryptoError>;

    /// Reads a private key that decrypts premaster secrets: an RSA key.
    ///
    /// # Errors
    /// [`CryptoError::Unsupported`] when this provider does not do that; [`CryptoError::BadPrivateKey`] when it is not
    /// such a key.
    fn load_decrypting(&self, key: PrivateKeyDer<'_>) -> Result<Arc<dyn DecryptingKey>, CryptoError> {
        let _ = key;
        Err(CryptoError::Unsupported)
    }

    /// Makes a new key and returns it as PKCS#8 (RFC 5958) in DER.
    ///
    /// # Errors
    /// [`CryptoError::Unsupported`] for a kind or size that is not offered; [`CryptoError::RandomFailed`] or
    /// [`CryptoError::Failed`] when the module cannot.
    fn generate(
        &self,
        spec: KeySpec,
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<SecretBytes, CryptoError>;
}

impl fmt::Debug for dyn SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({:?})", self.public_key().kind)
    }
}

impl fmt::Debug for dyn KeyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyStore by {}", self.implementation())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn an_encoded_private_key_is_never_printed() {
        let shown = format!("{:?}", PrivateKeyDer::Pkcs8(&[0xab, 0xcd]));
        assert_eq!(shown, "Pkcs8([2 bytes])");
    }
}
