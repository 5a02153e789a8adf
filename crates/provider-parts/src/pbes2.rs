//! Private keys in PKCS #8 that are encrypted with a passphrase: PBES2 (RFC 8018 section 6.2).
//!
//! It supports PBKDF2 with HMAC and SHA-1 or SHA-2, scrypt (RFC 7914), and AES in CBC mode, which is what
//! OpenSSL and GnuTLS write by default. A file states how much work it is to derive its key; if that would
//! take more than some seconds or 256 MiB, the file is refused.

use alloc::vec::Vec;
use cairn_crypto::SecretBytes;
use core::fmt;
use pkcs8::{
    EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef,
    der::{Decode, Encode, asn1::OctetStringRef},
    pkcs5::{
        self, EncryptionScheme,
        pbes2::{Kdf, Parameters},
    },
};
use zeroize::Zeroizing;

/// The most work that a file may ask for: iterations of PBKDF2, and bytes and lanes of scrypt.
const MAX_ITERATIONS: u32 = 10_000_000;
const MAX_SCRYPT_BYTES: u64 = 1 << 28;
const MAX_SCRYPT_LANES: u16 = 16;

/// The iterations of PBKDF2 in keys that are written, as OWASP recommends them for HMAC-SHA-256.
const ITERATIONS: u32 = 600_000;

/// The reason why a key could not be decrypted or encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pbes2Error {
    /// It is malformed, or its encryption is not PBES2 with AES.
    Unsupported,
    /// Deriving the key would take too long or too much memory.
    TooMuchWork,
    /// The passphrase is wrong.
    WrongPassphrase,
    /// The key is too long to be encrypted.
    TooLong,
}

impl fmt::Display for Pbes2Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unsupported => {
                "it is malformed, or not encrypted with PBES2 and AES, which alone are supported"
            }
            Self::TooMuchWork => {
                "it asks for more than 10000000 iterations of PBKDF2, or 256 MiB or 16 lanes of scrypt"
            }
            Self::WrongPassphrase => "the passphrase is wrong",
            Self::TooLong => "it is too long to be encrypted",
        })
    }
}

impl core::error::Error for Pbes2Error {}

/// An encrypted private key: `EncryptedPrivateKeyInfo` (RFC 5958 section 3).
#[derive(Clone, Debug)]
pub struct EncryptedKey<'a>(EncryptedPrivateKeyInfoRef<'a>);

impl<'a> EncryptedKey<'a> {
    /// Reads an encrypted key in DER and checks that decrypting it takes a bounded time and memory.
    ///
    /// # Errors
    /// [`Pbes2Error::Unsupported`] or [`Pbes2Error::TooMuchWork`].
    pub fn from_der(der: &'a [u8]) -> Result<Self, Pbes2Error> {
        let info = EncryptedPrivateKeyInfoRef::from_der(der).map_err(|_| Pbes2Error::Unsupported)?;
        check_work(&info.encryption_algorithm)?;
        Ok(Self(info))
    }

    /// The decrypted key, a `PrivateKeyInfo` in DER (RFC 5958 section 2).
    ///
    /// # Errors
    /// [`Pbes2Error::WrongPassphrase`] or [`Pbes2Error::Unsupported`].
    pub fn decrypt(&self, passphrase: &[u8]) -> Result<SecretBytes, Pbes2Error> {
        let Self(info) = self;
        let key = info.encryption_algorithm.decrypt(passphrase, info.encrypted_data.as_bytes());
        let key = Zeroizing::new(key.map_err(|error| match error {
            pkcs5::Error::DecryptFailed | pkcs5::Error::EncryptFailed => Pbes2Error::WrongPassphrase,
            _ => Pbes2Error::Unsupported,
        })?);
        // One wrong passphrase in 256 yields padding that looks right, but no key.
        PrivateKeyInfoRef::try_from(key.as_slice()).map_err(|_| Pbes2Error::WrongPassphrase)?;
        Ok(SecretBytes::from(key.as_slice()))
    }
}

/// Encrypts a private key in PKCS #8 with a passphrase: PBKDF2 with HMAC-SHA-256, and AES-256 in CBC mode,
/// which other programs read too. The result is an `EncryptedPrivateKeyInfo` in DER. The salt and the
/// initialization vector must be random and new for each key.
///
/// # Errors
/// [`Pbes2Error::TooLong`].
pub fn encrypt(
    pkcs8: &[u8],
    passphrase: &[u8],
    salt: &[u8; 16],
    iv: [u8; 16],
) -> Result<Vec<u8>, Pbes2Error> {
    let encrypted = || -> pkcs5::Result<Vec<u8>> {
        let parameters = Parameters::generate_pbkdf2_sha256_aes256cbc(ITERATIONS, salt, iv)?;
        let data = parameters.encrypt(passphrase, pkcs8)?;
        let encrypted_data = OctetStringRef::new(&data).map_err(|_| pkcs5::Error::EncryptFailed)?;
        EncryptedPrivateKeyInfoRef { encryption_algorithm: parameters.into(), encrypted_data }
            .to_der()
            .map_err(|_| pkcs5::Error::EncryptFailed)
    };
    encrypted().map_err(|_| Pbes2Error::TooLong)
}

fn check_work(scheme: &EncryptionScheme) -> Result<(), Pbes2Error> {
    let EncryptionScheme::Pbes2(parameters) = scheme else { return Err(Pbes2Error::Unsupported) };
    let is_bounded = match &parameters.kdf {
        Kdf::Pbkdf2(kdf) => kdf.iteration_count <= MAX_ITERATIONS,
        Kdf::Scrypt(kdf) => {
            let bytes = u64::from(kdf.block_size).saturating_mul(kdf.cost_parameter).saturating_mul(128);
            bytes <= MAX_SCRYPT_BYTES && kdf.parallelization <= MAX_SCRYPT_LANES
        }
        _ => return Err(Pbes2Error::Unsupported),
    };
    if is_bounded { Ok(()) } else { Err(Pbes2Error::TooMuchWork) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pkcs8::pkcs5::pbes2::{Pbkdf2Params, ScryptParams};

    /// `PrivateKeyInfo` of an Ed25519 key (RFC 8410 section 7).
    fn key() -> Vec<u8> {
        let start = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
        [&start[..], &[7; 32]].concat()
    }

    #[test]
    fn encrypted_key_is_decrypted_with_its_passphrase_only() {
        let plain = key();
        let der = encrypt(&plain, b"one", &[1; 16], [2; 16]).unwrap();
        let key = EncryptedKey::from_der(&der).unwrap();
        assert_eq!(key.decrypt(b"one").unwrap().expose(), plain);
        assert_eq!(key.decrypt(b"two").unwrap_err(), Pbes2Error::WrongPassphrase);
        assert_eq!(EncryptedKey::from_der(&plain).unwrap_err(), Pbes2Error::Unsupported);
        assert_eq!(EncryptedKey::from_der(&der[..der.len() - 1]).unwrap_err(), Pbes2Error::Unsupported);
    }

    #[test]
    fn work_that_a_file_asks_for_is_bounded() {
        let salt = [7; 16];
        let parameters = Parameters::generate_pbkdf2_sha256_aes256cbc(1, &salt, [0; 16]).unwrap();
        let check = |kdf: Kdf| check_work(&Parameters { kdf, ..parameters.clone() }.into());
        let pbkdf2 = |iterations| Kdf::Pbkdf2(Pbkdf2Params::hmac_sha256(iterations, &salt).unwrap());
        assert_eq!(check(pbkdf2(MAX_ITERATIONS)), Ok(()));
        assert_eq!(check(pbkdf2(MAX_ITERATIONS + 1)), Err(Pbes2Error::TooMuchWork));
        let Kdf::Pbkdf2(of_salt) = pbkdf2(1) else { panic!("another function") };
        let scrypt = |cost_parameter, block_size, parallelization| {
            let salt = of_salt.salt;
            Kdf::Scrypt(ScryptParams { salt, cost_parameter, block_size, parallelization, key_length: None })
        };
        // The values of OpenSSL, and one above each limit.
        assert_eq!(check(scrypt(1 << 14, 8, 1)), Ok(()));
        assert_eq!(check(scrypt(1 << 18, 8, 16)), Ok(()));
        for too_much in [
            scrypt(1 << 19, 8, 1),
            scrypt(1 << 18, 9, 1),
            scrypt(1 << 14, 8, 17),
            scrypt(u64::MAX, u16::MAX, 1),
        ] {
            assert_eq!(check(too_much), Err(Pbes2Error::TooMuchWork));
        }
    }
}
