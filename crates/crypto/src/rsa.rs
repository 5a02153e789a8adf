//! RSA encryption, for the key exchange of that name.

use crate::{Algorithm, CryptoError, PublicKey, Secret};
use alloc::vec::Vec;
use core::fmt;
use rand_core::TryCryptoRng;

/// Encrypts under an RSA public key with the padding of PKCS #1 v1.5 (RFC 8017 section 7.2.1), as
/// EncryptedPreMasterSecret wants it (RFC 5246 section 7.4.7.1).
pub trait RsaEncryption: Algorithm {
    /// Encrypts `message` under a key given as [`PublicKey::bits`]. The ciphertext is as long as the modulus.
    ///
    /// # Errors
    /// [`CryptoError::BadPeerShare`] when the key cannot be used; [`CryptoError::InputTooLong`] when the message does
    /// not fit; [`CryptoError::RandomFailed`]; [`CryptoError::Failed`].
    fn encrypt(
        &self,
        public_key: &[u8],
        message: &[u8],
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Vec<u8>, CryptoError>;
}

/// An RSA private key that decrypts premaster secrets, and in a way that nobody can see whether it went well.
pub trait DecryptingKey: Send + Sync {
    /// The public half.
    fn public_key(&self) -> &PublicKey;

    /// The premaster secret in `ciphertext`, if it has the right padding, the right length and begins with
    /// `client_version`; else `fallback`. Which of the two must not be visible: not in the result, not in time, not in
    /// which memory is touched (RFC 5246 section 7.4.7.1).
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] when the ciphertext is not as long as the modulus, which everybody can see anyway;
    /// [`CryptoError::RandomFailed`] and [`CryptoError::Failed`] when the module cannot, for reasons that have nothing
    /// to do with the ciphertext.
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
