//! What went wrong on a connection.

use cairn_handshake::HandshakeError;
use cairn_record::RecordError;
use cairn_wire::{AlertDescription, ContentType, DecodeError};
use cairn_x509::{CertificateError, ChainError};
use core::fmt;

/// A fault of the connection. One that ends the connection is final: every later call gives it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Error {
    /// What went wrong: what was expected, and what came.
    pub kind: ErrorKind,
    /// The handshake state it happened in, by its name in the transition tables.
    pub state: &'static str,
    /// Who found the fault.
    pub said_by: SaidBy,
    /// The alert that goes with it, sent unless our side was closed before; none when the peer ended the connection, or
    /// no alert could be sent any more.
    pub alert: Option<AlertDescription>,
}

/// Who found a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SaidBy {
    /// We did.
    Us,
    /// The peer did, and told us with an alert.
    Peer,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The handshake.
    Handshake(HandshakeError),
    /// The peer's certificate is not accepted: why, and which certificate and field are at fault.
    Certificate(ChainError),
    /// A record.
    Record(RecordError),
    /// A ChangeCipherSpec that does not parse.
    BadChangeCipherSpec(DecodeError),
    /// Application data before the handshake is complete, or content of another type in the wrong place.
    UnexpectedContent(ContentType),
    /// A handshake message or an alert is cut by ChangeCipherSpec.
    SplitAcrossKeyChange,
    /// A handshake message begins in the record that ends the peer's turn, and is not whole in it: nobody honest knows
    /// yet what to say after our answer.
    SplitAcrossTurn,
    /// The transport ended without close_notify: data may be missing at the end (RFC 5246 section 7.2.1).
    Truncated,
    /// The connection is closed for writing.
    WriteAfterClose,
    /// Application data before the handshake is complete.
    WriteBeforeComplete,
    /// The connection was not started, or started twice.
    NotStartedOnce,
    /// The parts of the connection do not agree: a fault of our own.
    Internal,
}

impl ErrorKind {
    /// The alert to send.
    pub(crate) const fn alert(&self) -> Option<AlertDescription> {
        match self {
            Self::Handshake(error) => error.alert(),
            Self::Certificate(error) => Some(error.reason.alert()),
            Self::Record(error) => match error.alert() {
                Some(alert) => Some(alert),
                // A key at its limit asks for an orderly end; all else is our own fault.
                None if matches!(error, RecordError::KeyExhausted { .. }) => {
                    Some(AlertDescription::CLOSE_NOTIFY)
                }
                None => Some(AlertDescription::INTERNAL_ERROR),
            },
            Self::BadChangeCipherSpec(error) => Some(error.alert()),
            Self::UnexpectedContent(_) | Self::SplitAcrossKeyChange | Self::SplitAcrossTurn => {
                Some(AlertDescription::UNEXPECTED_MESSAGE)
            }
            Self::NotStartedOnce | Self::Internal => Some(AlertDescription::INTERNAL_ERROR),
            Self::Truncated | Self::WriteAfterClose | Self::WriteBeforeComplete => None,
        }
    }

    /// The section of the RFC that rules it.
    #[must_use]
    pub const fn section(&self) -> &'static str {
        match self {
            Self::Handshake(error) => error.section(),
            Self::Certificate(ChainError {
                reason: CertificateError::Ocsp(_) | CertificateError::Revoked { .. },
                ..
            }) => "RFC 6066 section 8",
            Self::Certificate(_) => "RFC 5246 section 7.4.2",
            Self::Record(error) => match error.section() {
                Some(section) => section,
                None => "RFC 5246 section 6",
            },
            Self::UnexpectedContent(_) => "RFC 5246 section 6.2.1",
            Self::BadChangeCipherSpec(_) | Self::SplitAcrossKeyChange => "RFC 5246 section 7.1",
            Self::Truncated | Self::WriteAfterClose => "RFC 5246 section 7.2.1",
            Self::WriteBeforeComplete | Self::SplitAcrossTurn => "RFC 5246 section 7.3",
            Self::NotStartedOnce | Self::Internal => "RFC 5246 section 7.2.2",
        }
    }

    pub(crate) const fn said_by(&self) -> SaidBy {
        match self {
            Self::Handshake(error) => match error.kind {
                cairn_handshake::ErrorKind::PeerAlert(_)
                | cairn_handshake::ErrorKind::ClosedDuringHandshake => SaidBy::Peer,
                _ => SaidBy::Us,
            },
            _ => SaidBy::Us,
        }
    }
}

impl Error {
    pub(crate) const fn new(kind: ErrorKind, state: &'static str) -> Self {
        Self { kind, state, said_by: kind.said_by(), alert: kind.alert() }
    }

    /// That the peer's chain was refused.
    pub(crate) const fn chain(error: ChainError, state: &'static str) -> Self {
        Self::new(ErrorKind::Certificate(error), state)
    }

    /// The section of the RFC that rules it.
    #[must_use]
    pub const fn section(&self) -> &'static str {
        self.kind.section()
    }

    /// Whether it is the end of the transport without close_notify.
    #[must_use]
    pub const fn is_truncation(&self) -> bool {
        matches!(self.kind, ErrorKind::Truncated)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handshake(error) => error.kind_with_expectation().fmt(f),
            Self::Certificate(error) => write!(f, "the peer's certificate is not accepted: {error}"),
            Self::Record(error) => error.fmt(f),
            Self::BadChangeCipherSpec(error) => error.fmt(f),
            Self::UnexpectedContent(content_type) => write!(f, "unexpected record of type {content_type}"),
            Self::SplitAcrossKeyChange => f.write_str("a message is cut by a change of keys"),
            Self::SplitAcrossTurn => f.write_str("a handshake message begins before it is the peer's turn"),
            Self::Truncated => f.write_str(
                "the peer ended the transport without close_notify: data may be missing at the end",
            ),
            Self::WriteAfterClose => f.write_str("the connection is closed for writing"),
            Self::WriteBeforeComplete => f.write_str("no application data before the handshake is complete"),
            Self::NotStartedOnce => f.write_str("a connection must be started, once"),
            Self::Internal => f.write_str("the parts of the connection do not agree: a fault of our own"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        write!(f, " (in state {}; {}", self.state, self.section())?;
        match self.alert {
            Some(alert) => write!(f, "; alert sent: {alert})"),
            None => f.write_str(")"),
        }
    }
}

impl core::error::Error for Error {}

#[cfg(feature = "std")]
impl From<Error> for std::io::Error {
    fn from(error: Error) -> Self {
        use std::io::ErrorKind as Io;
        let kind = match error.kind {
            ErrorKind::Truncated => Io::UnexpectedEof,
            ErrorKind::WriteAfterClose => Io::BrokenPipe,
            ErrorKind::WriteBeforeComplete => Io::NotConnected,
            // Never TimedOut or WouldBlock: callers try again after these, and a connection that has failed says the
            // same again at once.
            ErrorKind::Handshake(HandshakeError {
                kind:
                    cairn_handshake::ErrorKind::PeerAlert(_)
                    | cairn_handshake::ErrorKind::ClosedDuringHandshake
                    | cairn_handshake::ErrorKind::RenegotiationTimedOut { .. },
                ..
            }) => Io::ConnectionAborted,
            ErrorKind::Record(RecordError::KeyExhausted { .. })
            | ErrorKind::NotStartedOnce
            | ErrorKind::Internal => Io::Other,
            _ => Io::InvalidData,
        };
        Self::new(kind, error)
    }
}
