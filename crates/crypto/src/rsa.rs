//! RSA encryption, for the RSA key exchange.

use crate::algorithm::Algorithm;
use crate::error::CryptoError;
use crate::secret::Secret;
use crate::verify::PublicKey;
use alloc::vec::Vec;
use core::fmt;
use rand_core::TryCryptoRng;

/// RSA encryption with PKCS #1 v1.5 padding (RFC 8017 section 7.2.1), as EncryptedPreMasterSecret requires
/// (RFC 5246 section 7.4.7.1).
pub trait RsaEncryption: Algorithm {
    /// Encrypts `message` with `public_key`, which is encoded as [`PublicKey::bits`]. The ciphertext is as
    /// long as the modulus.
    ///
    /// # Errors
    /// [`CryptoError::BadPeerShare`] if the key is invalid or not supported; [`CryptoError::InputTooLong`] if
    /// the message is too long for the modulus; [`CryptoError::RandomFailed`]; [`CryptoError::Failed`].
    fn encrypt(
        &self,
        public_key: &[u8],
        message: &[u8],
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Vec<u8>, CryptoError>;
}

/// An RSA private key that decrypts premaster secrets without revealing whether decryption succeeded.
pub trait DecryptingKey: Send + Sync {
    /// The public half.
    fn public_key(&self) -> &PublicKey;

    /// Returns the premaster secret in `ciphertext` if it has valid padding and the right length and starts
    /// with `client_version`, and `fallback` otherwise. Neither the type of the result nor timing nor memory
    /// accesses may reveal which of the two was returned. RFC 5246 section 7.4.7.1 requires "treating
    /// incorrectly formatted message blocks and/or mismatched version numbers in a manner indistinguishable
    /// from correctly formatted RSA blocks".
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] if the ciphertext is not as long as the modulus, which is public;
    /// [`CryptoError::RandomFailed`] and [`CryptoError::Failed`] for failures that do not depend on the
    /// ciphertext.
    fn decrypt_premaster(
        &self,
        ciphertext: &[u8],
        client_version: [u8; 2],
        fallback: &Secret<48>,
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Secret<48>, CryptoError>;
}

impl fmt::Debug for dyn RsaEncryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaEncryption by {}", self.implementation())
    }
}

impl fmt::Debug for dyn DecryptingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecryptingKey({:?})", self.public_key().kind)
    }
}
