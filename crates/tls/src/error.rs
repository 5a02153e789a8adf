//! Errors of connections. The alert, the section and the message of each kind are in `table`.

mod table;

use cairn_handshake::HandshakeError;
use cairn_record::RecordError;
use cairn_wire::{AlertDescription, DecodeError, ProtocolVersion, section_in};
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
    /// The version in use. `None` before it is chosen.
    pub version: Option<ProtocolVersion>,
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
    /// A record of TLS 1.3 that contains not exactly one alert.
    BadAlert(DecodeError),
    /// Application data of TLS 1.3 between the fragments of a handshake message.
    DataWithinMessage,
    /// More early data than the ticket permits (RFC 9846 section 4.7.1).
    TooMuchEarlyData,
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
    /// The peer has requested KeyUpdate (TLS 1.3), which must be sent before application data:
    /// [`Writer::prepare`](crate::Writer::prepare) does it.
    KeyUpdateDue,
    /// The orders belong to another connection.
    ForeignOrders,
    /// The connection was not started, or started twice.
    NotStartedOnce,
    /// An internal error: the parts of the connection are inconsistent.
    Internal,
}

impl ErrorKind {
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
    pub(crate) fn new(kind: ErrorKind, state: &'static str, version: Option<ProtocolVersion>) -> Self {
        Self { kind, state, version, said_by: kind.said_by(), alert: kind.alert() }
    }

    /// The error for a rejected chain.
    pub(crate) fn chain(error: ChainError, state: &'static str, version: Option<ProtocolVersion>) -> Self {
        Self::new(ErrorKind::Certificate(error), state, version)
    }

    /// The section that the error refers to, in the RFC of the version in use. `None` for limits and failures
    /// of our own, and if the caller has misused the connection.
    #[must_use]
    pub fn section(&self) -> Option<&'static str> {
        self.kind.section().map(|section| section_in(self.version, section))
    }

    /// Whether the transport ended without close_notify.
    #[must_use]
    pub const fn is_truncation(&self) -> bool {
        matches!(self.kind, ErrorKind::Truncated)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (in state {}", self.kind, self.state)?;
        if let Some(section) = self.section() {
            write!(f, "; {section}")?;
        }
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
            | ErrorKind::KeyUpdateDue
            | ErrorKind::NotStartedOnce
            | ErrorKind::Internal => Io::Other,
            _ => Io::InvalidData,
        };
        Self::new(kind, error)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use alloc::string::ToString;
    use cairn_schedule::{Direction, Epoch};
    use cairn_wire::{ChangeCipherSpec, Decode};
    use cairn_x509::CertificateError;

    #[test]
    fn messages_state_a_section_at_most_once() {
        let decode = ChangeCipherSpec::decode_exact(&[2]).unwrap_err();
        for kind in [
            ErrorKind::Record(RecordError::BadRecordMac),
            ErrorKind::Record(RecordError::UnexpectedApplicationData),
            ErrorKind::Record(RecordError::OutOfMemory),
            ErrorKind::Record(RecordError::KeyExhausted { limit: 1 }),
            ErrorKind::Record(RecordError::WrongDirection { got: Direction::Read }),
            ErrorKind::Record(RecordError::EpochNotAfter { current: Epoch::Initial, got: Epoch::Initial }),
            ErrorKind::Certificate(CertificateError::EmptyChain.into()),
            ErrorKind::BadChangeCipherSpec(decode),
            ErrorKind::BadAlert(decode),
            ErrorKind::DataWithinMessage,
            ErrorKind::TooMuchEarlyData,
            ErrorKind::SplitAcrossKeyChange,
            ErrorKind::SplitAcrossTurn,
            ErrorKind::Truncated,
            ErrorKind::WriteAfterClose,
            ErrorKind::WriteBeforeComplete,
            ErrorKind::KeyUpdateDue,
            ErrorKind::ForeignOrders,
            ErrorKind::NotStartedOnce,
            ErrorKind::Internal,
        ] {
            let message = Error::new(kind, "AwaitFinished", None).to_string();
            let sections = message.matches("RFC").count();
            assert_eq!(sections, usize::from(kind.section().is_some()), "{message}");
            assert!(!kind.to_string().contains("RFC"), "{message}");
            let in_tls13 = Error::new(kind, "AwaitFinished", Some(ProtocolVersion::TLS_1_3)).to_string();
            assert!(!in_tls13.contains("RFC 5246"), "{in_tls13}");
        }
    }
}
