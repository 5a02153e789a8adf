//! The certificates and keys in a file, whatever kinds they are.

use crate::{
    failure::Failure,
    files::{self, Archive, Passphrases, about},
};
use cairn_tls::x509::{
    CertificateFacts, PrivateKey,
    pem::{self, Content, PemError},
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
    /// Reads a file. The passphrase is for an archive of PKCS #12.
    pub(super) fn read(path: &Path, passphrases: &Passphrases) -> Result<Self, Failure> {
        let file = Zeroizing::new(files::read(path)?);
        if let Some(archive) = files::archive(path, &file, passphrases)? {
            return Self::of_archive(path, archive);
        }
        let certificates = certificates_of(&file);
        // The reason why a file in which nothing is found cannot be used.
        let unusable = certificates.as_ref().err().copied();
        let mut fault = None;
        let mut sound = |found: Result<Vec<Vec<u8>>, PemError>| {
            found.unwrap_or_else(|error| {
                fault = fault.or(Some(error).filter(|error| is_fault(*error)));
                Vec::new()
            })
        };
        let mut contents = Self {
            certificates: sound(certificates),
            requests: sound(pem::requests(&file)),
            public_keys: sound(pem::public_keys(&file)),
            crls: sound(pem::crls(&file)),
            key: Key::None,
        };
        match pem::private_key(&file) {
            Ok(key) => contents.key = Key::Plain(key),
            Err(PemError::EncryptedKey { .. }) => contents.key = Key::Encrypted,
            Err(error) => fault = fault.or(Some(error).filter(|error| is_fault(*error))),
        }
        // A damaged block is not passed over silently because something else is there.
        match fault.or(unusable.filter(|_| contents.is_empty())) {
            Some(error) => Err(about(path, error)),
            None => Ok(contents),
        }
    }

    /// The contents of an archive of PKCS #12.
    fn of_archive(path: &Path, archive: Archive) -> Result<Self, Failure> {
        let mut keys = archive.keys.into_iter();
        let key = keys.next().map_or(Key::None, Key::Plain);
        if keys.len() > 0 {
            let words = format!("there are {} private keys in it, and one is expected", keys.len() + 1);
            return Err(about(path, words).hint(
                "`keytool -importkeystore -srckeystore FILE -srcalias ALIAS -destkeystore NEW.p12 \
                -deststoretype pkcs12` takes one entry out.",
            ));
        }
        let certificates = as_chain(archive.certificates);
        Ok(Self { certificates, requests: Vec::new(), public_keys: Vec::new(), crls: Vec::new(), key })
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

/// The certificates of a file, those of a PKCS #7 collection too.
pub(super) fn certificates(path: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    certificates_of(&files::read(path)?).map_err(|error| about(path, error))
}

fn certificates_of(file: &[u8]) -> Result<Vec<Vec<u8>>, PemError> {
    match pem::certificates(file) {
        Err(PemError::Instead { found: Content::Pkcs7, .. }) => pem::pkcs7_certificates(file).map(as_chain),
        other => other,
    }
}

/// Puts the certificates of a set into the order of a chain: one that has issued no other comes first, and is
/// followed by its issuers. The remaining ones keep their order.
fn as_chain(set: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    /// The largest set that may be a chain with further certificates.
    const LARGEST: usize = 64;
    let facts: Vec<_> = set.iter().map_while(|der| CertificateFacts::from_der(der).ok()).collect();
    if set.len() > LARGEST || facts.len() < set.len() {
        return set;
    }
    let mut rest: Vec<_> = set.into_iter().zip(facts).collect();
    let is_issuer = |of: &CertificateFacts| {
        rest.iter().any(|(_, facts)| facts.issuer == of.subject && facts.subject != of.subject)
    };
    let Some(leaf) = rest.iter().position(|(_, facts)| !is_issuer(facts)) else {
        return rest.into_iter().map(|(der, _)| der).collect();
    };
    let mut chain = Vec::new();
    let mut next = Some(leaf);
    while let Some(place) = next {
        let (der, facts) = rest.remove(place);
        chain.push(der);
        next = rest.iter().position(|(_, other)| other.subject == facts.issuer);
    }
    chain.extend(rest.into_iter().map(|(der, _)| der));
    chain
}

/// Whether the error is a fault of the file, and not the absence of what is looked for.
const fn is_fault(error: PemError) -> bool {
    matches!(
        error,
        PemError::Unterminated { .. }
            | PemError::BadBoundary { .. }
            | PemError::BadBase64 { .. }
            | PemError::EscapedLineEnds { .. }
            | PemError::SeveralPrivateKeys { .. }
    )
}
