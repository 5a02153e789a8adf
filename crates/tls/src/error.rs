//! Errors of connections.

use cairn_handshake::HandshakeError;
use cairn_record::RecordError;
use cairn_wire::{AlertDescription, DecodeError};
use cairn_x509::ChainError;
use core::fmt;

/// An error of the connection. An error that ends the connection is final: every later call returns it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Error {
    /// The kind of error: what was expected, and what was received.
    pub kind: ErrorKind,
    /// The handshake state, as named in the transition tables.
    pub state: &'static str,
    /// The side that detected the error.
    pub said_by: SaidBy,
    /// The alert for the error. It was sent, unless our side had already closed. `None` if the peer ended the
    /// connection, or if an alert could not be sent.
    pub alert: Option<AlertDescription>,
}

/// The side that detected an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SaidBy {
    /// We detected it.
    Us,
    /// The peer detected it and sent an alert.
    Peer,
}

/// The kind of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An error of the handshake.
    Handshake(HandshakeError),
    /// The peer's certificate was rejected, with the reason, the certificate and the field.
    Certificate(ChainError),
    /// An error of a record.
    Record(RecordError),
    /// A malformed ChangeCipherSpec.
    BadChangeCipherSpec(DecodeError),
    /// A handshake message or an alert spans ChangeCipherSpec.
    SplitAcrossKeyChange,
    /// The record that ends the peer's turn contains the start of another handshake message. The peer cannot
    /// know that message before it has received our response.
    SplitAcrossTurn,
    /// The transport ended without close_notify, so data may be missing (RFC 5246 section 7.2.1).
    Truncated,
    /// Our side is closed, so nothing can be written.
    WriteAfterClose,
    /// Application data cannot be written before the handshake is complete.
    WriteBeforeComplete,
    /// The orders belong to another connection.
    ForeignOrders,
    /// The connection was not started, or started twice.
    NotStartedOnce,
    /// An internal error: the parts of the connection are inconsistent.
    Internal,
}

impl ErrorKind {
    /// The alert to send.
    pub(crate) fn alert(&self) -> Option<AlertDescription> {
        match self {
            Self::Handshake(error) => error.alert(),
            Self::Certificate(error) => Some(error.reason.alert()),
            Self::Record(error) => match error.alert() {
                Some(alert) => Some(alert),
                // If the usage limit of a key is reached, the connection is closed in the orderly way. Other
                // errors are our own.
                None if matches!(error, RecordError::KeyExhausted { .. }) => {
                    Some(AlertDescription::CLOSE_NOTIFY)
                }
                None => Some(AlertDescription::INTERNAL_ERROR),
            },
            Self::BadChangeCipherSpec(error) => Some(error.alert()),
            Self::SplitAcrossKeyChange | Self::SplitAcrossTurn => Some(AlertDescription::UNEXPECTED_MESSAGE),
            Self::NotStartedOnce | Self::Internal => Some(AlertDescription::INTERNAL_ERROR),
            Self::Truncated | Self::WriteAfterClose | Self::WriteBeforeComplete | Self::ForeignOrders => None,
        }
    }

    /// The RFC section that the error refers to.
    #[must_use]
    pub fn section(&self) -> &'static str {
        match self {
            Self::Handshake(error) => error.section(),
            Self::Certificate(error) => error.reason.section(),
            Self::Record(error) => match error.section() {
                Some(section) => section,
                None => "RFC 5246 section 6",
            },
            Self::BadChangeCipherSpec(_) | Self::SplitAcrossKeyChange => "RFC 5246 section 7.1",
            Self::Truncated | Self::WriteAfterClose => "RFC 5246 section 7.2.1",
            Self::WriteBeforeComplete | Self::SplitAcrossTurn => "RFC 5246 section 7.3",
            Self::NotStartedOnce | Self::ForeignOrders | Self::Internal => "RFC 5246 section 7.2.2",
        }
    }

    pub(crate) fn said_by(&self) -> SaidBy {
        match self {
            Self::Handshake(error) => match error.kind {
                cairn_handshake::HandshakeErrorKind::PeerAlert(_)
                | cairn_handshake::HandshakeErrorKind::ClosedDuringHandshake => SaidBy::Peer,
                _ => SaidBy::Us,
            },
            _ => SaidBy::Us,
        }
    }
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, state: &'static str) -> Self {
        Self { kind, state, said_by: kind.said_by(), alert: kind.alert() }
    }

    /// The error for a rejected chain.
    pub(crate) fn chain(error: ChainError, state: &'static str) -> Self {
        Self::new(ErrorKind::Certificate(error), state)
    }

    /// The RFC section that the error refers to.
    #[must_use]
    pub fn section(&self) -> &'static str {
        self.kind.section()
    }

    /// Whether the transport ended without close_notify.
    #[must_use]
    pub const fn is_truncation(&self) -> bool {
        matches!(self.kind, ErrorKind::Truncated)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handshake(error) => error.message().fmt(f),
            Self::Certificate(error) => write!(f, "the peer's certificate is not accepted: {error}"),
            Self::Record(error) => error.fmt(f),
            Self::BadChangeCipherSpec(error) => error.fmt(f),
            Self::SplitAcrossKeyChange => f.write_str("a message spans a change of keys"),
            Self::SplitAcrossTurn => f.write_str("a handshake message starts before the peer's turn"),
            Self::Truncated => f.write_str(
                "the peer ended the transport without close_notify: data may be missing at the end",
            ),
            Self::WriteAfterClose => f.write_str("the connection is closed for writing"),
            Self::WriteBeforeComplete => f.write_str("no application data before the handshake is complete"),
            Self::ForeignOrders => f.write_str("the orders belong to another connection"),
            Self::NotStartedOnce => f.write_str("the connection must be started first, and only once"),
            Self::Internal => f.write_str("internal error: the parts of the connection are inconsistent"),
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
            // Never TimedOut or WouldBlock, because callers retry after these, and a failed connection
            // returns the same error again at once.
            ErrorKind::Handshake(HandshakeError {
                kind:
                    cairn_handshake::HandshakeErrorKind::PeerAlert(_)
                    | cairn_handshake::HandshakeErrorKind::ClosedDuringHandshake
                    | cairn_handshake::HandshakeErrorKind::RenegotiationTimedOut { .. },
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
