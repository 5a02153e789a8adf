//! The certificates and keys in a file, whatever kinds they are.

use crate::{
    failure::Failure,
    files::{self, Passphrases, about},
};
use cairn_tls::x509::{
    PrivateKey,
    pem::{self, PemError},
};
use std::path::Path;
use zeroize::Zeroizing;

/// The contents of a file that are understood.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) certificates: Vec<Vec<u8>>,
    pub(super) requests: Vec<Vec<u8>>,
    /// Public keys, each a `SubjectPublicKeyInfo`.
    pub(super) public_keys: Vec<Vec<u8>>,
    pub(super) crls: Vec<Vec<u8>>,
    pub(super) key: Key,
}

/// The private key of a file.
#[derive(Debug)]
pub(super) enum Key {
    None,
    Plain(PrivateKey),
    Encrypted,
}

impl Contents {
    /// Reads a file.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let file = Zeroizing::new(files::read(path)?);
        let certificates = pem::certificates(&file);
        let key = match pem::private_key(&file) {
            Ok(key) => Key::Plain(key),
            Err(PemError::EncryptedKey { .. }) => Key::Encrypted,
            Err(error @ PemError::SeveralPrivateKeys { .. }) => return Err(about(path, error)),
            Err(_) => Key::None,
        };
        let error = certificates.as_ref().err().copied();
        let contents = Self {
            certificates: certificates.unwrap_or_default(),
            requests: pem::requests(&file).unwrap_or_default(),
            public_keys: pem::public_keys(&file).unwrap_or_default(),
            crls: pem::crls(&file).unwrap_or_default(),
            key,
        };
        // Damaged or unsupported certificates are not passed over silently because something else is there.
        match error {
            Some(error) if contents.is_empty() || is_fault(error) => Err(about(path, error)),
            _ => Ok(contents),
        }
    }

    const fn is_empty(&self) -> bool {
        self.certificates.is_empty()
            && self.requests.is_empty()
            && self.public_keys.is_empty()
            && self.crls.is_empty()
            && matches!(self.key, Key::None)
    }

    /// The private key, decrypted.
    pub(super) fn private_key(
        &self,
        path: &Path,
        passphrases: &Passphrases,
    ) -> Result<Option<PrivateKey>, Failure> {
        match &self.key {
            Key::None => Ok(None),
            Key::Plain(key) => Ok(Some(key.clone())),
            Key::Encrypted => files::private_key(path, passphrases).map(Some),
        }
    }
}

/// Whether the error is a fault of the file, and not the absence of certificates.
const fn is_fault(error: PemError) -> bool {
    matches!(
        error,
        PemError::Unterminated { .. }
            | PemError::BadBoundary { .. }
            | PemError::BadBase64 { .. }
            | PemError::EscapedLineEnds { .. }
    )
}
