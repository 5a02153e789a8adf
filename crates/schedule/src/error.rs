//! Errors of the key schedule.

use cairn_crypto::{CryptoError, HashAlgorithm};
use core::fmt;

/// An error of the key schedule. The peer causes none of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScheduleError {
    /// A primitive failed.
    Crypto(CryptoError),
    /// The transcript hash was requested before [`Transcript::choose_hash`](crate::Transcript::choose_hash).
    HashNotChosen,
    /// Another hash function has been chosen for the transcript.
    OtherHashChosen(HashAlgorithm),
    /// The provider does not support this hash function or its HMAC.
    HashNotOffered(HashAlgorithm),
    /// The handshake messages are needed, but the transcript discarded them.
    MessagesDiscarded,
    /// The exporter label is reserved for TLS itself (RFC 5705 section 6).
    LabelReserved,
    /// The exporter context is longer than 65535 bytes (RFC 5705 section 4).
    ContextTooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// A label of TLS 1.3 does not have 1 to 249 bytes, without its prefix (RFC 9846 section 7.1).
    LabelLength {
        /// Its length in bytes.
        length: usize,
    },
    /// A context of HKDF-Expand-Label, for example a ticket nonce, is longer than 255 bytes (RFC 9846 section
    /// 7.1).
    LabelContextLength {
        /// Its length in bytes.
        length: usize,
    },
    /// A PSK or a cipher suite of TLS 1.3 has another hash than the key schedule (RFC 9846 section 4.3.11).
    OtherHash {
        /// The hash of the key schedule.
        expected: HashAlgorithm,
        /// The hash of the PSK or of the suite.
        got: HashAlgorithm,
    },
    /// A pre-shared key is empty.
    EmptyPsk,
    /// The identity of a PSK does not have 1 to 65535 bytes (RFC 9258 section 5.1).
    PskIdentityLength {
        /// Its length in bytes.
        length: usize,
    },
    /// The ClientHello does not end with a list of binders of the given length (RFC 9846 section 4.3.11).
    NoBinders,
}

/// A row of the table of errors.
struct Row<'a> {
    /// The RFC section that the call violates, if it violates one.
    section: Option<&'static str>,
    /// The message, without the section.
    message: fmt::Arguments<'a>,
}

impl ScheduleError {
    /// The RFC section that the call violates, or `None` if the error is not a violation of an RFC.
    #[must_use]
    pub fn section(&self) -> Option<&'static str> {
        self.row(|row| row.section)
    }

    /// The message without the RFC section.
    pub fn message(&self) -> impl fmt::Display + '_ {
        struct Message<'a>(&'a ScheduleError);
        impl fmt::Display for Message<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.row(|row| f.write_fmt(row.message))
            }
        }
        Message(self)
    }

    /// The table. Each kind has one row, which is passed to `read`.
    #[rustfmt::skip]
    fn row<R>(&self, read: impl FnOnce(Row<'_>) -> R) -> R {
        let row = |section, message: fmt::Arguments<'_>| read(Row { section, message });
        match self {
            Self::Crypto(error) => row(None, format_args!("{error}")),
            Self::HashNotChosen => row(None,
                format_args!("the hash function of the transcript has not been chosen")),
            Self::OtherHashChosen(hash) => row(None,
                format_args!("the transcript already uses {hash}")),
            Self::HashNotOffered(hash) => row(None,
                format_args!("the provider does not support {hash}")),
            Self::MessagesDiscarded => row(None,
                format_args!("the transcript has already discarded the handshake messages")),
            Self::LabelReserved => row(Some("RFC 5705 section 6"),
                format_args!("the exporter label is reserved for TLS itself")),
            Self::ContextTooLong { length } => row(Some("RFC 5705 section 4"),
                format_args!("the exporter context has {length} bytes, expected at most 65535")),
            Self::LabelLength { length } => row(Some("RFC 9846 section 7.1"),
                format_args!("the label has {length} bytes, expected 1 to 249")),
            Self::LabelContextLength { length } => row(Some("RFC 9846 section 7.1"),
                format_args!("the context has {length} bytes, expected at most 255")),
            Self::OtherHash { expected, got } => row(Some("RFC 9846 section 4.3.11"),
                format_args!("the key schedule uses {expected}, but the PSK or cipher suite is for {got}")),
            Self::EmptyPsk => row(None,
                format_args!("the pre-shared key is empty")),
            Self::PskIdentityLength { length } => row(Some("RFC 9258 section 5.1"),
                format_args!("the PSK identity has {length} bytes, expected 1 to 65535")),
            Self::NoBinders => row(Some("RFC 9846 section 4.3.11"),
                format_args!("the ClientHello does not end with a list of binders of the given length")),
        }
    }
}

impl fmt::Display for ScheduleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message().fmt(f)?;
        match self.section() {
            Some(section) => write!(f, " ({section})"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for ScheduleError {}

impl From<CryptoError> for ScheduleError {
    fn from(error: CryptoError) -> Self {
        Self::Crypto(error)
    }
}
