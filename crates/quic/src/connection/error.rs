//! The errors of connections, with the codes that end them.

use crate::crypto_stream::{CRYPTO_BUFFER_EXCEEDED, CryptoBufferExceeded, Reason};
use crate::error::{INTERNAL_ERROR, ProtectionError};
use crate::level::Level;
use cairn_config::ConfigError;
use cairn_handshake::{HandshakeError, HandshakeErrorKind, Misuse};
use cairn_wire::{AlertDescription, ProtocolVersion, section_in};
use cairn_x509::ChainError;
use core::fmt;

/// The transport error code PROTOCOL_VIOLATION (RFC 9000 section 20.1).
const PROTOCOL_VIOLATION: u64 = 0x0a;
/// The first of the transport error codes CRYPTO_ERROR (RFC 9000 section 20.1), to which an alert is added.
const CRYPTO_ERROR: u64 = 0x0100;

/// An error that ends a connection. Every later call returns it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Error {
    /// The kind of error: what was expected, and what was received.
    pub kind: ErrorKind,
    /// The handshake state, as named in the transition tables.
    pub state: &'static str,
}

/// The kind of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An error of the handshake.
    Handshake(HandshakeError),
    /// The peer's certificate was rejected, with the reason, the certificate and the field.
    Certificate(ChainError),
    /// The keys of a level could not be derived.
    Protection(ProtectionError),
    /// A CRYPTO frame in a 0-RTT packet.
    CryptoInEarlyData,
    /// Handshake bytes of a level that is not in use, or no longer.
    WrongLevel {
        /// The level in use.
        expected: Level,
        /// The level of the bytes.
        got: Level,
    },
    /// Bytes of a level are left when the next level begins, or come later.
    NotConsumed {
        /// The level of the bytes.
        level: Level,
    },
    /// More bytes than the limit came while a question was pending.
    BufferExceeded {
        /// The limit in bytes.
        limit: usize,
    },
    /// The frames of a CRYPTO stream are too far ahead, or in too many pieces.
    StreamExceeded(CryptoBufferExceeded),
    /// The server requested a certificate after the handshake.
    CertificateRequestAfterHandshake,
    /// The connection was not started, or started twice.
    NotStartedOnce,
    /// An internal error: the parts of the connection are inconsistent.
    Internal,
}

/// A row of the table of errors.
struct Row<'a> {
    /// The code that ends the connection.
    code: u64,
    /// The RFC section that the peer violated or that requires the error, if there is one.
    section: Option<&'static str>,
    /// The message, without the section.
    message: fmt::Arguments<'a>,
}

/// The code of an alert. RFC 9001 section 4.8: "a TLS alert is converted into a QUIC connection error. The
/// AlertDescription value is added to 0x0100".
fn of_alert(alert: AlertDescription) -> u64 {
    CRYPTO_ERROR.saturating_add(alert.0.into())
}

impl ErrorKind {
    /// The table. Each kind has one row, which is passed to `read`.
    #[rustfmt::skip]
    fn row<R>(&self, read: impl FnOnce(Row<'_>) -> R) -> R {
        let row = |code, section, message: fmt::Arguments<'_>| read(Row { code, section, message });
        match self {
            Self::Handshake(error) => {
                let in_tls13 = |section| section_in(Some(ProtocolVersion::TLS_1_3), section);
                let section = error.section().map(in_tls13);
                let code = match error.kind {
                    HandshakeErrorKind::SessionIdInQuic
                    | HandshakeErrorKind::EarlyDataSizeInQuic(_)
                    | HandshakeErrorKind::WrongEpoch { .. }
                    | HandshakeErrorKind::SplitAcrossKeyChange => PROTOCOL_VIOLATION,
                    _ => error.alert().map_or(INTERNAL_ERROR, of_alert),
                };
                row(code, section, format_args!("{}", error.message()))
            }
            Self::Certificate(error) => row(of_alert(error.reason.alert()), error.reason.section(),
                format_args!("{error}")),
            Self::Protection(error) => row(error.connection_error().unwrap_or(INTERNAL_ERROR),
                None, format_args!("{error}")),
            Self::CryptoInEarlyData => row(PROTOCOL_VIOLATION, Some("RFC 9001 section 8.3"),
                format_args!("a CRYPTO frame in a 0-RTT packet")),
            Self::WrongLevel { expected, got } => row(PROTOCOL_VIOLATION, Some("RFC 9001 section 4.1.3"),
                format_args!("handshake bytes in {got} packets, expected {expected} packets")),
            Self::NotConsumed { level } => row(PROTOCOL_VIOLATION, Some("RFC 9001 section 4.1.3"),
                format_args!("bytes of the {level} level are left when the next level begins")),
            Self::BufferExceeded { limit } => row(CRYPTO_BUFFER_EXCEEDED, Some("RFC 9000 section 7.5"),
                format_args!("more than {limit} bytes in CRYPTO frames cannot be processed yet")),
            Self::StreamExceeded(exceeded) => row(CRYPTO_BUFFER_EXCEEDED, Some("RFC 9000 section 7.5"),
                format_args!("{}", Reason(exceeded))),
            Self::CertificateRequestAfterHandshake => row(PROTOCOL_VIOLATION, Some("RFC 9001 section 4.4"),
                format_args!("CertificateRequest after the handshake")),
            Self::NotStartedOnce => row(INTERNAL_ERROR, None,
                format_args!("the connection must be started first, and only once")),
            Self::Internal => row(INTERNAL_ERROR, None,
                format_args!("the parts of the connection are inconsistent")),
        }
    }
}

impl Error {
    /// The transport error code for CONNECTION_CLOSE (RFC 9000 section 20.1): CRYPTO_ERROR with an alert, or
    /// another one.
    #[must_use]
    pub fn code(&self) -> u64 {
        self.kind.row(|row| row.code)
    }

    /// The alert in the code, if it is one of CRYPTO_ERROR.
    #[must_use]
    pub fn alert(&self) -> Option<AlertDescription> {
        let alert = self.code().checked_sub(CRYPTO_ERROR)?;
        u8::try_from(alert).ok().map(AlertDescription)
    }

    /// The RFC section that the peer violated or that requires the error. `None` for failures of our own.
    #[must_use]
    pub fn section(&self) -> Option<&'static str> {
        self.kind.row(|row| row.section)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.row(|row| {
            write!(f, "{} (in state {}", row.message, self.state)?;
            if let Some(section) = row.section {
                write!(f, "; {section}")?;
            }
            match self.alert() {
                Some(alert) => write!(f, "; CRYPTO_ERROR with {alert})"),
                None => write!(f, "; transport error {:#04x})", row.code),
            }
        })
    }
}

impl core::error::Error for Error {}

/// The reason why a server's configuration was not set.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConfigNotSet {
    /// The connection does not ask for a configuration.
    Misuse(Misuse),
    /// The configuration cannot be used with QUIC.
    Config(ConfigError),
}

impl fmt::Display for ConfigNotSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Misuse(misuse) => misuse.fmt(f),
            Self::Config(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ConfigNotSet {}
