//! The errors of PEM and DER files.

use super::content::{Content, Wanted};
use core::fmt;

/// The reason why a file yielded no certificate or no key. Lines are counted from 1.
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
    /// The file contains no certificate request.
    NoCertificateRequest,
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
        /// The expected content.
        wanted: Wanted,
        /// The actual content.
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
            Self::NoCertificateRequest => f.write_str("there is no certificate request in it"),
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
