//! Certificates and private keys in files: PEM (RFC 7468) or bare DER.
//!
//! The reader tolerates common variations: text around blocks, as `openssl s_client` and `openssl x509 -text`
//! print it; other blocks, such as `EC PARAMETERS`, before the wanted one; any line length and line ending;
//! byte order marks; and files that were concatenated without a line end. The contents of a block must be
//! valid. A damaged block is never skipped: the error states its line and what to do. Formats of other
//! programs are recognized ([`Content`]).
//!
//! `PemObject` of `rustls-pki-types` is not used: it reads the same blocks, but its errors name no line, it
//! does not accept these variations, and it cannot say what else a file contains.

mod block;
mod content;
mod encode;
mod error;
mod items;
mod key;
mod pkcs7;

use alloc::{vec, vec::Vec};
use block::{Block, Blocks};
use cairn_crypto::SecretBytes;
use der::{AnyRef, Decode, Reader, SliceReader, Tag};
use key::Form;

pub use content::{Content, Wanted};
pub use encode::{encode_certificate, encode_encrypted_private_key, encode_public_key, encode_request};
pub use error::PemError;
pub use items::{Item, items};
pub use key::PrivateKey;

/// The label of an encrypted private key (RFC 7468 section 11).
const ENCRYPTED_KEY: &[u8] = b"ENCRYPTED PRIVATE KEY";

/// The certificates of a file in their order; a chain has its leaf first (RFC 5246 section 7.4.2).
///
/// # Errors
/// [`PemError::NoCertificate`] if there is none, [`PemError::Instead`] if something else is recognized, or
/// the fault of a block.
pub fn certificates(file: &[u8]) -> Result<Vec<Vec<u8>>, PemError> {
    all(file, Wanted::Certificate)
}

/// The CRLs of a file in their order (RFC 7468 section 7).
///
/// # Errors
/// [`PemError::NoCrl`] if there is none, [`PemError::Instead`] if something else is recognized, or the fault
/// of a block.
pub fn crls(file: &[u8]) -> Result<Vec<Vec<u8>>, PemError> {
    all(file, Wanted::Crl)
}

/// The public keys of a file in their order, each a `SubjectPublicKeyInfo` in DER (RFC 7468 section 13).
///
/// # Errors
/// [`PemError::NoPublicKey`] if there is none, [`PemError::Instead`] if something else is recognized, or the
/// fault of a block.
pub fn public_keys(file: &[u8]) -> Result<Vec<Vec<u8>>, PemError> {
    all(file, Wanted::PublicKey)
}

/// The certificate requests of a file in their order (RFC 7468 section 7).
///
/// # Errors
/// [`PemError::NoCertificateRequest`] if there is none, [`PemError::Instead`] if something else is
/// recognized, or the fault of a block.
pub fn requests(file: &[u8]) -> Result<Vec<Vec<u8>>, PemError> {
    all(file, Wanted::CertificateRequest)
}

/// All certificates, public keys, CRLs or requests of a file.
fn all(file: &[u8], wanted: Wanted) -> Result<Vec<Vec<u8>>, PemError> {
    if is_der(file) {
        check_der(file, wanted)?;
        AnyRef::from_der(file).map_err(|_| PemError::BadDer)?;
        return Ok(vec![file.to_vec()]);
    }
    let mut others = Others::new(file, wanted)?;
    let mut found = Vec::new();
    for block in Blocks::new(file, wanted) {
        let block = block?;
        let is_wanted = match wanted {
            // The second label is the historical form of the first.
            Wanted::Certificate => matches!(block.label, b"CERTIFICATE" | b"X509 CERTIFICATE"),
            Wanted::PublicKey => block.label == b"PUBLIC KEY",
            Wanted::Crl => matches!(block.label, b"X509 CRL" | b"CRL"),
            Wanted::CertificateRequest => {
                matches!(block.label, b"CERTIFICATE REQUEST" | b"NEW CERTIFICATE REQUEST")
            }
            Wanted::PrivateKey => false,
        };
        if is_wanted {
            found.push(block.decode()?.expose().to_vec());
        } else {
            others.note(&block)?;
        }
    }
    if found.is_empty() { Err(others.why_nothing()) } else { Ok(found) }
}

/// The private key of a file. Certificates in the file are ignored.
///
/// # Errors
/// [`PemError::NoPrivateKey`] if there is none, [`PemError::SeveralPrivateKeys`] if there are several,
/// [`PemError::EncryptedKey`] if it is encrypted, [`PemError::Instead`] if something else is recognized, or
/// the fault of a block.
pub fn private_key(file: &[u8]) -> Result<PrivateKey, PemError> {
    if is_der(file) {
        check_der(file, Wanted::PrivateKey)?;
        return Ok(PrivateKey::new(form_of(file)?, SecretBytes::from(file)));
    }
    let mut others = Others::new(file, Wanted::PrivateKey)?;
    let Some(block) = only_key(file, |other| others.note(other))? else { return Err(others.why_nothing()) };
    match Form::of_label(block.label).filter(|_| !block.is_encrypted()) {
        Some(form) => Ok(PrivateKey::new(form, block.decode()?)),
        None => Err(PemError::EncryptedKey { line: Some(block.line) }),
    }
}

/// The encrypted private key of a file: an `EncryptedPrivateKeyInfo` in DER (RFC 5958 section 3). `None` if
/// the file has no such key; [`private_key`] then has the key, or the reason why there is none.
///
/// # Errors
/// [`PemError::SeveralPrivateKeys`] if there are several, encrypted or not, or the fault of a block.
pub fn encrypted_private_key(file: &[u8]) -> Result<Option<Vec<u8>>, PemError> {
    if is_der(file) {
        let is_encrypted = matches!(form_of(file), Err(PemError::EncryptedKey { .. }));
        return Ok(is_encrypted.then(|| file.to_vec()));
    }
    match only_key(file, |_| Ok(()))?.filter(|block| block.label == ENCRYPTED_KEY) {
        Some(block) => Ok(Some(block.decode()?.expose().to_vec())),
        None => Ok(None),
    }
}

/// The only block of a file with a private key, encrypted or not. The others are passed to `other`.
fn only_key<'a>(
    file: &'a [u8],
    mut other: impl FnMut(&Block<'a>) -> Result<(), PemError>,
) -> Result<Option<Block<'a>>, PemError> {
    let mut found: Option<Block<'a>> = None;
    for block in Blocks::new(file, Wanted::PrivateKey) {
        let block = block?;
        if Form::of_label(block.label).is_none() && block.label != ENCRYPTED_KEY {
            other(&block)?;
        } else if let Some(first) = &found {
            return Err(PemError::SeveralPrivateKeys { first: first.line, second: block.line });
        } else {
            found = Some(block);
        }
    }
    Ok(found)
}

/// The certificates of a PKCS #7 collection (`.p7b`, `.p7c`), in PEM or DER. It is a set: the order of its
/// certificates has no meaning, unlike that of a chain.
///
/// # Errors
/// [`PemError::NoCertificate`] if there is none, [`PemError::BadDer`] if it is no such collection, or the
/// fault of a block.
pub fn pkcs7_certificates(file: &[u8]) -> Result<Vec<Vec<u8>>, PemError> {
    let read = |der: &[u8]| pkcs7::certificates(der).map_err(|_| PemError::BadDer);
    let mut found = Vec::new();
    if is_der(file) {
        found = read(file)?;
    } else {
        for block in Blocks::new(file, Wanted::Certificate) {
            let block = block?;
            if Content::of_label(block.label) == Some(Content::Pkcs7) {
                found.extend(read(block.decode()?.expose())?);
            }
        }
    }
    if found.is_empty() { Err(PemError::NoCertificate) } else { Ok(found) }
}

/// The blocks of a file other than the wanted ones.
struct Others {
    wanted: Wanted,
    /// The block to report, with its line, if nothing wanted is found.
    first: Option<(Content, Option<usize>)>,
}

impl Others {
    /// Examines the file as a whole.
    ///
    /// # Errors
    /// [`PemError::Instead`] if it is text in UTF-16, in which no block would be found.
    fn new(file: &[u8], wanted: Wanted) -> Result<Self, PemError> {
        let content = Content::of_file(file);
        if content == Some(Content::Utf16) {
            return Err(PemError::Instead { wanted, found: Content::Utf16, line: None });
        }
        Ok(Self { wanted, first: content.map(|content| (content, None)) })
    }

    /// Records a block of another kind.
    ///
    /// # Errors
    /// [`PemError::Instead`] if it holds the wanted thing in an unsupported form, which must not be skipped
    /// silently.
    fn note(&mut self, block: &Block<'_>) -> Result<(), PemError> {
        let Some(found) = Content::of_label(block.label) else {
            return Ok(());
        };
        let (wanted, line) = (self.wanted, Some(block.line));
        if found.may_hold(wanted) {
            return Err(PemError::Instead { wanted, found, line });
        }
        // Parameters accompany a key, so they are reported only if there is nothing else.
        let is_better = self.first.is_none_or(|(first, _)| first == Content::Parameters);
        if is_better {
            self.first = Some((found, line));
        }
        Ok(())
    }

    fn why_nothing(&self) -> PemError {
        match (self.first, self.wanted) {
            (Some((found, line)), wanted) => PemError::Instead { wanted, found, line },
            (None, Wanted::Certificate) => PemError::NoCertificate,
            (None, Wanted::PrivateKey) => PemError::NoPrivateKey,
            (None, Wanted::PublicKey) => PemError::NoPublicKey,
            (None, Wanted::Crl) => PemError::NoCrl,
            (None, Wanted::CertificateRequest) => PemError::NoCertificateRequest,
        }
    }
}

/// Rejects a DER file that recognizably holds something else. Unrecognized contents are left to the parser.
fn check_der(file: &[u8], wanted: Wanted) -> Result<(), PemError> {
    let fits = |content| {
        matches!(
            (content, wanted),
            (Content::Certificate, Wanted::Certificate)
                | (Content::PrivateKey, Wanted::PrivateKey)
                | (Content::PublicKey, Wanted::PublicKey)
                | (Content::RevocationList, Wanted::Crl)
                | (Content::CertificateRequest, Wanted::CertificateRequest)
        )
    };
    match Content::of_der(file).filter(|content| !fits(*content)) {
        Some(found) => Err(PemError::Instead { wanted, found, line: None }),
        None => Ok(()),
    }
}

/// Whether this is DER rather than text. Both may start with the byte 0x30, which is the digit 0 in text, but
/// only a SEQUENCE continues with a long length or with a short one that fits.
fn is_der(file: &[u8]) -> bool {
    match file {
        [0x30, 0x80..=0xff, ..] => true,
        [0x30, ..] => AnyRef::from_der(file).is_ok(),
        _ => false,
    }
}

/// The form of a private key, by the element after the version.
fn form_of(der: &[u8]) -> Result<Form, PemError> {
    let read = || -> der::Result<(Tag, Option<Tag>)> {
        let mut reader = SliceReader::new(der)?;
        let tags = reader.sequence(|reader| {
            let first = AnyRef::decode(reader)?.header().tag();
            let second = if reader.is_finished() { None } else { Some(Tag::peek(reader)?) };
            while !reader.is_finished() {
                AnyRef::decode(reader)?;
            }
            der::Result::Ok((first, second))
        })?;
        reader.finish()?;
        Ok(tags)
    };
    match read().map_err(|_| PemError::BadDer)? {
        (Tag::Integer, Some(Tag::Sequence)) => Ok(Form::Pkcs8),
        (Tag::Integer, Some(Tag::Integer)) => Ok(Form::Pkcs1),
        (Tag::Integer, Some(Tag::OctetString)) => Ok(Form::Sec1),
        // EncryptedPrivateKeyInfo (RFC 5958 section 3).
        (Tag::Sequence, Some(Tag::OctetString)) => Err(PemError::EncryptedKey { line: None }),
        _ => Err(PemError::BadDer),
    }
}

#[cfg(test)]
mod tests;
