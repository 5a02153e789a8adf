//! Private keys in files, encrypted or not.

use super::{
    passphrase::{Passphrase, Passphrases},
    read::{about, read},
};
use crate::failure::{Code, Failure};
use cairn_provider_parts::pbes2::{self, EncryptedKey, Pbes2Error};
use cairn_tls::{
    Provider,
    x509::{PrivateKey, pem},
};
use std::path::Path;
use zeroize::Zeroizing;

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
    let failed = |error: Pbes2Error| {
        let failure = about(path, format_args!("encrypted private key: {error}"));
        match error {
            Pbes2Error::Unsupported => {
                failure.hint("Convert it with `openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out NEW`.")
            }
            _ => failure,
        }
    };
    // Before anybody is asked for a passphrase.
    let key = EncryptedKey::from_der(&der).map_err(failed)?;
    let passphrase = passphrases.existing(path)?;
    let key = key.decrypt(&passphrase).map_err(failed)?;
    Ok(Some(PrivateKey::from_pkcs8(key)))
}

/// A private key in PKCS #8, encrypted with a passphrase, in DER.
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
    pbes2::encrypt(pkcs8, passphrase, &salt, iv).map_err(|error| failed(&error))
}
