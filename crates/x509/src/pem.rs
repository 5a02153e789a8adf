//! Certificates and private keys in files: PEM (RFC 7468), or bare DER.
//!
//! Reading is tolerant of what such files hold in practice: text around the blocks, as `openssl s_client` and
//! `openssl x509 -text` print it, other blocks (`EC PARAMETERS`, say) before the one that is wanted, and any line
//! length and line ending. What stands inside of a block must be right.

mod block;

use alloc::{string::String, vec, vec::Vec};
use base64ct::{Base64, Encoding};
use block::{Block, Blocks};
use cairn_crypto::{PrivateKeyDer, SecretBytes};
use core::fmt;
use der::{AnyRef, Decode, Reader, SliceReader, Tag};
use zeroize::Zeroizing;

/// Why a file gave no certificate or no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PemError {
    /// It holds no certificate.
    NoCertificate,
    /// It holds no private key.
    NoPrivateKey,
    /// It holds no public key.
    NoPublicKey,
    /// It holds no list of revoked certificates.
    NoCrl,
    /// It holds more than one private key, and which one is meant cannot be told.
    SeveralPrivateKeys,
    /// Its private key is encrypted, which is not supported.
    EncryptedKey,
    /// A block has no end, or not the end that belongs to its beginning.
    Unterminated {
        /// The line that the block begins on, counted from 1.
        line: usize,
    },
    /// The inside of a block is not base64.
    BadBase64 {
        /// The line that the block begins on, counted from 1.
        line: usize,
    },
    /// It is DER, but nothing that is known, or there is something after it.
    BadDer,
}

impl fmt::Display for PemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCertificate => f.write_str("there is no certificate in it"),
            Self::NoPublicKey => f.write_str("there is no public key in it"),
            Self::NoCrl => f.write_str("there is no CRL in it"),
            Self::NoPrivateKey => f.write_str("there is no private key in it"),
            Self::SeveralPrivateKeys => f.write_str("there is more than one private key in it"),
            Self::EncryptedKey => f.write_str(
                "encrypted keys are not supported: decrypt it first, with `openssl pkey` for example",
            ),
            Self::Unterminated { line } => {
                write!(f, "the block that begins on line {line} has no proper end")
            }
            Self::BadBase64 { line } => write!(f, "the block that begins on line {line} is not base64"),
            Self::BadDer => f.write_str("it is DER, but not of a kind that is known"),
        }
    }
}

impl core::error::Error for PemError {}

/// A private key as a file holds it; its bytes are zeroized when it is dropped, and never printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateKey {
    form: Form,
    der: SecretBytes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Pkcs8,
    Pkcs1,
    Sec1,
}

impl Form {
    const fn label(self) -> &'static str {
        match self {
            Self::Pkcs8 => "PRIVATE KEY",
            Self::Pkcs1 => "RSA PRIVATE KEY",
            Self::Sec1 => "EC PRIVATE KEY",
        }
    }
}

impl PrivateKey {
    /// Takes over a key in PKCS #8, as [`cairn_crypto::KeyStore::generate`] gives it.
    #[must_use]
    pub const fn from_pkcs8(der: SecretBytes) -> Self {
        Self { form: Form::Pkcs8, der }
    }

    /// The key, ready for [`cairn_crypto::KeyStore::load`].
    #[must_use]
    pub fn as_der(&self) -> PrivateKeyDer<'_> {
        let der = self.der.expose();
        match self.form {
            Form::Pkcs8 => PrivateKeyDer::Pkcs8(der),
            Form::Pkcs1 => PrivateKeyDer::Pkcs1(der),
            Form::Sec1 => PrivateKeyDer::Sec1(der),
        }
    }

    /// The key as a PEM block. Whoever calls this answers for where it goes.
    #[must_use]
    pub fn to_pem(&self) -> Zeroizing<String> {
        Zeroizing::new(encode(self.form.label(), self.der.expose()))
    }
}

/// The certificates in a file, in its order: a chain is to have the leaf first (RFC 5246 section 7.4.2).
///
/// # Errors
/// [`PemError::NoCertificate`] when there is none, and what is wrong with a block otherwise.
pub fn certificates(file: &[u8]) -> Result<Vec<Vec<u8>>, PemError> {
    if is_der(file) {
        AnyRef::from_der(file).map_err(|_| PemError::BadDer)?;
        return Ok(vec![file.to_vec()]);
    }
    let mut found = Vec::new();
    for block in Blocks::new(file) {
        let block = block?;
        // The second label is how programs of the last century wrote the first.
        if matches!(block.label, b"CERTIFICATE" | b"X509 CERTIFICATE") {
            found.push(block.decode()?.expose().to_vec());
        }
    }
    if found.is_empty() { Err(PemError::NoCertificate) } else { Ok(found) }
}

/// The lists of revoked certificates in a file, in its order (RFC 7468 section 7).
///
/// # Errors
/// [`PemError::NoCrl`] when there is none, and what is wrong with a block otherwise.
pub fn crls(file: &[u8]) -> Result<Vec<Vec<u8>>, PemError> {
    if is_der(file) {
        AnyRef::from_der(file).map_err(|_| PemError::BadDer)?;
        return Ok(vec![file.to_vec()]);
    }
    let mut found = Vec::new();
    for block in Blocks::new(file) {
        let block = block?;
        if block.label == b"X509 CRL" {
            found.push(block.decode()?.expose().to_vec());
        }
    }
    if found.is_empty() { Err(PemError::NoCrl) } else { Ok(found) }
}

/// The public keys in a file, in its order, each a `SubjectPublicKeyInfo` in DER (RFC 7468 section 13).
///
/// # Errors
/// [`PemError::NoPublicKey`] when there is none, and what is wrong with a block otherwise.
pub fn public_keys(file: &[u8]) -> Result<Vec<Vec<u8>>, PemError> {
    if is_der(file) {
        AnyRef::from_der(file).map_err(|_| PemError::BadDer)?;
        return Ok(vec![file.to_vec()]);
    }
    let mut found = Vec::new();
    for block in Blocks::new(file) {
        let block = block?;
        if block.label == b"PUBLIC KEY" {
            found.push(block.decode()?.expose().to_vec());
        }
    }
    if found.is_empty() { Err(PemError::NoPublicKey) } else { Ok(found) }
}

/// The private key in a file. Certificates beside it do not matter.
///
/// # Errors
/// [`PemError::NoPrivateKey`] when there is none, [`PemError::SeveralPrivateKeys`] when there are several,
/// [`PemError::EncryptedKey`] when it is encrypted, and what is wrong with a block otherwise.
pub fn private_key(file: &[u8]) -> Result<PrivateKey, PemError> {
    if is_der(file) {
        return Ok(PrivateKey { form: form_of(file)?, der: SecretBytes::from(file) });
    }
    let mut found = None;
    for block in Blocks::new(file) {
        let block = block?;
        let form = match block.label {
            b"PRIVATE KEY" => Form::Pkcs8,
            b"RSA PRIVATE KEY" => Form::Pkcs1,
            b"EC PRIVATE KEY" => Form::Sec1,
            b"ENCRYPTED PRIVATE KEY" => return Err(PemError::EncryptedKey),
            _ => continue,
        };
        if block.is_encrypted() {
            return Err(PemError::EncryptedKey);
        }
        if found.is_some() {
            return Err(PemError::SeveralPrivateKeys);
        }
        found = Some(PrivateKey { form, der: block.decode()? });
    }
    found.ok_or(PemError::NoPrivateKey)
}

/// A certificate as a PEM block.
#[must_use]
pub fn encode_certificate(der: &[u8]) -> String {
    encode("CERTIFICATE", der)
}

/// A public key, a `SubjectPublicKeyInfo` in DER, as a PEM block.
#[must_use]
pub fn encode_public_key(spki: &[u8]) -> String {
    encode("PUBLIC KEY", spki)
}

fn encode(label: &str, der: &[u8]) -> String {
    /// Characters on a line (RFC 7468 section 2).
    const LINE: usize = 64;
    let body = Zeroizing::new(Base64::encode_string(der));
    // Room for all of it at once, so that no copy of a key is left behind when a string grows.
    let room = body.len().saturating_add(body.len() / LINE).saturating_add(label.len() * 2 + 40);
    let mut pem = String::with_capacity(room);
    pem.push_str("-----BEGIN ");
    pem.push_str(label);
    pem.push_str("-----\n");
    let mut rest: &str = &body;
    while !rest.is_empty() {
        let (line, after) = rest.split_at_checked(LINE).unwrap_or((rest, ""));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem.push_str("-----END ");
    pem.push_str(label);
    pem.push_str("-----\n");
    pem
}

/// Whether this is DER and not text. Both may begin with the byte 0x30, the digit 0 in text; but only a SEQUENCE goes on
/// with a long length, or with a short one that fits.
fn is_der(file: &[u8]) -> bool {
    match file {
        [0x30, 0x80..=0xff, ..] => true,
        [0x30, ..] => AnyRef::from_der(file).is_ok(),
        _ => false,
    }
}

/// Which kind of private key this is, by the element after the version.
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
        (Tag::Sequence, Some(Tag::OctetString)) => Err(PemError::EncryptedKey),
        _ => Err(PemError::BadDer),
    }
}

impl Block<'_> {
    /// The bytes that the block holds, in one place that is zeroized.
    fn decode(&self) -> Result<SecretBytes, PemError> {
        let bad = PemError::BadBase64 { line: self.line };
        let text = self.base64();
        let len = text.len() / 4 * 3;
        let mut der = Zeroizing::new(vec![0; len]);
        let decoded = Base64::decode(text.as_slice(), &mut der).map_err(|_| bad)?;
        if decoded.is_empty() { Err(bad) } else { Ok(SecretBytes::from(decoded)) }
    }
}

#[cfg(test)]
mod tests;
