//! Certificates and private keys in files: PEM (RFC 7468) or bare DER.
//!
//! The reader tolerates common variations: text around blocks, as `openssl s_client` and `openssl x509 -text`
//! print it; other blocks, such as `EC PARAMETERS`, before the wanted one; any line length and line ending;
//! byte order marks; and files that were concatenated without a line end. The contents of a block must be
//! valid. A damaged block is never skipped: the error states its line and what to do. Formats of other
//! programs are recognized ([`Content`]).

mod block;
mod content;

use alloc::{string::String, vec, vec::Vec};
use base64ct::{Base64, Encoding};
use block::{Block, Blocks};
use cairn_crypto::{PrivateKeyDer, SecretBytes};
use core::fmt;
use der::{AnyRef, Decode, Reader, SliceReader, Tag};
use zeroize::Zeroizing;

pub use content::{Content, Wanted};

/// Why a file yielded no certificate or no key. Lines are counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PemError {
    /// The file contains no certificate.
    NoCertificate,
    /// The file contains no private key.
    NoPrivateKey,
    /// The file contains no public key.
    NoPublicKey,
    /// The file contains no CRL.
    NoCrl,
    /// The file contains more than one private key.
    SeveralPrivateKeys {
        /// The first line of the first key.
        first: usize,
        /// The first line of the second key.
        second: usize,
    },
    /// The private key is encrypted, which is not supported.
    EncryptedKey {
        /// The first line of the key; `None` in DER.
        line: Option<usize>,
    },
    /// The file contains something else, or the wanted thing in a format that is not supported.
    Instead {
        /// What was wanted.
        wanted: Wanted,
        /// What was found.
        found: Content,
        /// The line where it starts; `None` if the file has no lines.
        line: Option<usize>,
    },
    /// A block has no END line, or its END line has another label.
    Unterminated {
        /// The first line of the block.
        line: usize,
    },
    /// A line resembles a BEGIN or END line but is malformed.
    BadBoundary {
        /// The line.
        line: usize,
    },
    /// The contents of a block are not base64.
    BadBase64 {
        /// The first line of the block.
        line: usize,
    },
    /// The line ends of a block are written as a backslash and the letter n.
    EscapedLineEnds {
        /// The first line of the block.
        line: usize,
    },
    /// The file is DER of an unknown type, or has trailing data.
    BadDer,
}

impl fmt::Display for PemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NoCertificate => f.write_str("there is no certificate in it"),
            Self::NoPublicKey => f.write_str("there is no public key in it"),
            Self::NoCrl => f.write_str("there is no CRL in it"),
            Self::NoPrivateKey => f.write_str("there is no private key in it"),
            Self::SeveralPrivateKeys { first, second } => {
                write!(f, "there is more than one private key in it, on lines {first} and {second}")
            }
            Self::EncryptedKey { line } => {
                if let Some(line) = line {
                    write!(f, "line {line}: ")?;
                }
                f.write_str(
                    "encrypted keys are not supported: decrypt it with `openssl pkey -in FILE -out NEW`",
                )
            }
            Self::Instead { wanted, found, line } => {
                match line {
                    Some(line) => write!(f, "line {line} begins {found}")?,
                    None => write!(f, "it is {found}")?,
                }
                if found.may_hold(wanted) {
                    f.write_str(", which is not read")?;
                } else {
                    write!(f, ", and a {wanted} is wanted")?;
                }
                write!(f, ": {}", found.advice(wanted))
            }
            Self::Unterminated { line } => {
                write!(f, "the block that begins on line {line} has no proper end")
            }
            Self::BadBoundary { line } => write!(
                f,
                "line {line} looks like the beginning or the end of a block, but is neither: there are five \
                hyphens before and behind the words, as in `-----BEGIN CERTIFICATE-----`, and each END has \
                its BEGIN"
            ),
            Self::BadBase64 { line } => write!(f, "the block that begins on line {line} is not base64"),
            Self::EscapedLineEnds { line } => write!(
                f,
                "the block that begins on line {line} has `\\n` where it should have line ends: expand them \
                with `printf '%b'`, say"
            ),
            Self::BadDer => f.write_str("it is DER, but of an unknown kind, or there is data after it"),
        }
    }
}

impl core::error::Error for PemError {}

/// A private key in the form of a key file. Its bytes are zeroized on drop and never printed.
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
    /// A key in PKCS #8, as [`cairn_crypto::KeyStore::generate`] returns it.
    #[must_use]
    pub const fn from_pkcs8(der: SecretBytes) -> Self {
        Self { form: Form::Pkcs8, der }
    }

    /// The key in the form that [`cairn_crypto::KeyStore::load`] takes.
    #[must_use]
    pub fn as_der(&self) -> PrivateKeyDer<'_> {
        let der = self.der.expose();
        match self.form {
            Form::Pkcs8 => PrivateKeyDer::Pkcs8(der),
            Form::Pkcs1 => PrivateKeyDer::Pkcs1(der),
            Form::Sec1 => PrivateKeyDer::Sec1(der),
        }
    }

    /// The key as a PEM block. The caller must keep the result secret.
    #[must_use]
    pub fn to_pem(&self) -> Zeroizing<String> {
        Zeroizing::new(encode(self.form.label(), self.der.expose()))
    }
}

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

/// All certificates, public keys or CRLs of a file.
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
        return Ok(PrivateKey { form: form_of(file)?, der: SecretBytes::from(file) });
    }
    let mut others = Others::new(file, Wanted::PrivateKey)?;
    let mut found: Option<(usize, PrivateKey)> = None;
    for block in Blocks::new(file, Wanted::PrivateKey) {
        let block = block?;
        let encrypted = PemError::EncryptedKey { line: Some(block.line) };
        let form = match block.label {
            b"PRIVATE KEY" => Form::Pkcs8,
            b"RSA PRIVATE KEY" => Form::Pkcs1,
            b"EC PRIVATE KEY" => Form::Sec1,
            b"ENCRYPTED PRIVATE KEY" => return Err(encrypted),
            _ => {
                others.note(&block)?;
                continue;
            }
        };
        if block.is_encrypted() {
            return Err(encrypted);
        }
        if let Some((first, _)) = found {
            return Err(PemError::SeveralPrivateKeys { first, second: block.line });
        }
        found = Some((block.line, PrivateKey { form, der: block.decode()? }));
    }
    found.map(|(_, key)| key).ok_or_else(|| others.why_nothing())
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
        )
    };
    match Content::of_der(file).filter(|content| !fits(*content)) {
        Some(found) => Err(PemError::Instead { wanted, found, line: None }),
        None => Ok(()),
    }
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
    // Full capacity from the start: a growing string would leave copies of a key behind.
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

impl Block<'_> {
    /// Decodes the contents of the block into one buffer that is zeroized.
    fn decode(&self) -> Result<SecretBytes, PemError> {
        let line = self.line;
        let bad = if self.has_escaped_line_ends() {
            PemError::EscapedLineEnds { line }
        } else {
            PemError::BadBase64 { line }
        };
        let text = self.base64();
        let len = text.len() / 4 * 3;
        let mut der = Zeroizing::new(vec![0; len]);
        let decoded = Base64::decode(text.as_slice(), &mut der).map_err(|_| bad)?;
        if decoded.is_empty() { Err(bad) } else { Ok(SecretBytes::from(decoded)) }
    }
}

#[cfg(test)]
mod tests;
