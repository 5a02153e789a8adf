//! Private keys in files, encrypted or not.

use super::{
    passphrase::{Passphrase, Passphrases},
    read::{about, read},
};
use crate::failure::{Code, Failure};
use cairn_tls::{
    Provider,
    crypto::SecretBytes,
    x509::{PrivateKey, pem},
};
use pkcs8::{
    EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef,
    der::{Decode, Encode, asn1::OctetStringRef},
    pkcs5::{
        self, EncryptionScheme,
        pbes2::{Kdf, Parameters},
    },
};
use std::path::Path;
use zeroize::Zeroizing;

/// The most work that a file may ask for: iterations of PBKDF2, and bytes and lanes of scrypt. It is far
/// above what programs write, and some seconds.
const MAX_ITERATIONS: u32 = 10_000_000;
const MAX_SCRYPT_BYTES: u64 = 1 << 28;
const MAX_SCRYPT_LANES: u16 = 16;

/// The iterations of PBKDF2 in keys that we write, as OWASP recommends them for HMAC-SHA-256.
const ITERATIONS: u32 = 600_000;

/// The private key in a file, decrypted if it is encrypted.
pub(crate) fn private_key(path: &Path, passphrases: &Passphrases) -> Result<PrivateKey, Failure> {
    let file = Zeroizing::new(read(path)?);
    match decrypted(path, &file, passphrases)? {
        Some(key) => Ok(key),
        None => pem::private_key(&file).map_err(|error| about(path, error)),
    }
}

/// The contents of a key file. An encrypted key comes as a decrypted PEM block.
pub(crate) fn key_file(path: &Path, passphrases: &Passphrases) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let file = Zeroizing::new(read(path)?);
    Ok(match decrypted(path, &file, passphrases)? {
        Some(key) => Zeroizing::new(key.to_pem().as_bytes().to_vec()),
        None => file,
    })
}

/// The encrypted key of a file; `None` if there is none.
fn decrypted(path: &Path, file: &[u8], passphrases: &Passphrases) -> Result<Option<PrivateKey>, Failure> {
    let encrypted = pem::encrypted_private_key(file).map_err(|error| about(path, error))?;
    let Some(der) = encrypted else { return Ok(None) };
    let failed = |words: &str| about(path, format_args!("encrypted private key: {words}"));
    let info = EncryptedPrivateKeyInfoRef::from_der(&der).map_err(|_| unreadable(path))?;
    check_work(&info.encryption_algorithm).map_err(failed)?;
    let passphrase = passphrases.existing(path)?;
    let wrong = || failed("the passphrase is wrong");
    let key = info.encryption_algorithm.decrypt(&*passphrase, info.encrypted_data.as_bytes());
    let key = Zeroizing::new(key.map_err(|error| match error {
        pkcs5::Error::DecryptFailed | pkcs5::Error::EncryptFailed => wrong(),
        _ => unreadable(path),
    })?);
    // One wrong passphrase in 256 yields padding that looks right, but no key.
    PrivateKeyInfoRef::try_from(key.as_slice()).map_err(|_| wrong())?;
    Ok(Some(PrivateKey::from_pkcs8(SecretBytes::from(key.as_slice()))))
}

/// The failure for an encryption that is not PBES2 with AES.
fn unreadable(path: &Path) -> Failure {
    let words =
        "encrypted private key: it is malformed, or not encrypted with PBES2 and AES, which alone are read";
    about(path, words).hint("Convert it with `openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out NEW`.")
}

/// Checks that deriving the key takes a bounded time and memory.
fn check_work(scheme: &EncryptionScheme) -> Result<(), &'static str> {
    let EncryptionScheme::Pbes2(parameters) = scheme else { return Ok(()) };
    match &parameters.kdf {
        Kdf::Pbkdf2(kdf) if kdf.iteration_count > MAX_ITERATIONS => {
            Err("it asks for more than 10000000 iterations of PBKDF2")
        }
        Kdf::Scrypt(kdf) => {
            let bytes = u64::from(kdf.block_size).saturating_mul(kdf.cost_parameter).saturating_mul(128);
            if bytes > MAX_SCRYPT_BYTES || kdf.parallelization > MAX_SCRYPT_LANES {
                return Err("it asks for more than 256 MiB or 16 lanes of scrypt");
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// A private key in PKCS #8, encrypted with a passphrase (PBES2 with PBKDF2, HMAC-SHA-256 and AES-256-CBC,
/// which other programs read too), in DER.
pub(crate) fn encrypt(
    pkcs8: &[u8],
    passphrase: &Passphrase,
    provider: &Provider,
) -> Result<Vec<u8>, Failure> {
    let failed =
        |error: &dyn core::fmt::Display| Failure::new(Code::Local, format!("no encryption: {error}"));
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    for bytes in [&mut salt, &mut iv] {
        provider.random.fill(bytes).map_err(|error| failed(&error))?;
    }
    let parameters = Parameters::generate_pbkdf2_sha256_aes256cbc(ITERATIONS, &salt, iv);
    let parameters = parameters.map_err(|error| failed(&error))?;
    let data = parameters.encrypt(&**passphrase, pkcs8).map_err(|error| failed(&error))?;
    let encrypted_data = OctetStringRef::new(&data).map_err(|error| failed(&error))?;
    EncryptedPrivateKeyInfoRef { encryption_algorithm: parameters.into(), encrypted_data }
        .to_der()
        .map_err(|error| failed(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pkcs8::pkcs5::pbes2::{Pbkdf2Params, ScryptParams};

    #[test]
    fn work_that_a_file_asks_for_is_bounded() {
        let salt = [7; 16];
        let parameters = Parameters::generate_pbkdf2_sha256_aes256cbc(1, &salt, [0; 16]).unwrap();
        let check = |kdf: Kdf| check_work(&Parameters { kdf, ..parameters.clone() }.into());
        let pbkdf2 = |iterations| Kdf::Pbkdf2(Pbkdf2Params::hmac_sha256(iterations, &salt).unwrap());
        assert_eq!(check(pbkdf2(MAX_ITERATIONS)), Ok(()));
        assert!(check(pbkdf2(MAX_ITERATIONS + 1)).is_err());
        let Kdf::Pbkdf2(of_salt) = pbkdf2(1) else { panic!("another function") };
        let scrypt = |cost_parameter, block_size, parallelization| {
            let salt = of_salt.salt;
            Kdf::Scrypt(ScryptParams { salt, cost_parameter, block_size, parallelization, key_length: None })
        };
        // The values of OpenSSL, and one above each limit.
        assert_eq!(check(scrypt(1 << 14, 8, 1)), Ok(()));
        assert_eq!(check(scrypt(1 << 18, 8, 16)), Ok(()));
        assert!(check(scrypt(1 << 19, 8, 1)).is_err());
        assert!(check(scrypt(1 << 18, 9, 1)).is_err());
        assert!(check(scrypt(1 << 14, 8, 17)).is_err());
        assert!(check(scrypt(u64::MAX, u16::MAX, 1)).is_err());
    }
}
