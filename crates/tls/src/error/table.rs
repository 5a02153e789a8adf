//! The table of errors: the alert, the RFC section and the message of each kind.

#[cfg(doc)]
use super::Error;
use super::ErrorKind;
use cairn_record::RecordError;
use cairn_wire::AlertDescription as A;
use core::fmt;

/// A row of the table.
struct Row<'a> {
    /// The alert to send, if the peer is to be told.
    alert: Option<A>,
    /// The section that the error refers to, if there is one.
    section: Option<&'static str>,
    /// The message, without the section.
    message: fmt::Arguments<'a>,
}

impl ErrorKind {
    /// The alert to send.
    pub(crate) fn alert(&self) -> Option<A> {
        self.row(|row| row.alert)
    }

    /// The RFC section that the error refers to. `None` for limits and failures of our own, and if the caller
    /// has misused the connection. For a rule of both versions it is that of TLS 1.2; [`Error::section`] is
    /// for the version in use.
    #[must_use]
    pub fn section(&self) -> Option<&'static str> {
        self.row(|row| row.section)
    }

    /// The table. Each kind has one row, which is passed to `read`.
    #[rustfmt::skip]
    fn row<R>(&self, read: impl FnOnce(Row<'_>) -> R) -> R {
        let row = |alert, section, message: fmt::Arguments<'_>| read(Row { alert, section, message });
        match self {
            // Errors of lower layers have tables of their own.
            Self::Handshake(error) => row(error.alert(), error.section(),
                format_args!("{}", error.message())),
            Self::Record(error) => row(record_alert(error), error.section(),
                format_args!("{}", error.message())),
            Self::Certificate(error) => row(Some(error.reason.alert()), error.reason.section(),
                format_args!("the peer's certificate is not accepted: {error}")),

            // The contents of records.
            Self::BadChangeCipherSpec(error) =>
                row(Some(error.alert()), Some("RFC 5246 section 7.1"),
                format_args!("{error}")),
            Self::BadAlert(error) =>
                row(Some(error.alert()), Some("RFC 9846 section 5.1"),
                format_args!("{error}")),
            Self::DataWithinMessage =>
                row(Some(A::UNEXPECTED_MESSAGE), Some("RFC 9846 section 5.1"),
                format_args!("application data between the fragments of a handshake message")),
            Self::TooMuchEarlyData =>
                row(Some(A::UNEXPECTED_MESSAGE), Some("RFC 9846 section 4.7.1"),
                format_args!("the client sent more early data than its ticket permits")),
            Self::SplitAcrossKeyChange =>
                row(Some(A::UNEXPECTED_MESSAGE), Some("RFC 5246 section 7.1"),
                format_args!("a message spans a change of keys")),
            Self::SplitAcrossTurn =>
                row(Some(A::UNEXPECTED_MESSAGE), Some("RFC 5246 section 7.3"),
                format_args!("a handshake message starts before the peer's turn")),

            // The end of the connection.
            Self::Truncated => row(None, Some("RFC 5246 section 7.2.1"),
                format_args!("the peer ended the transport without close_notify: data may be \
                  missing at the end")),
            Self::WriteAfterClose => row(None, Some("RFC 5246 section 7.2.1"),
                format_args!("the connection is closed for writing")),

            // Misuse.
            Self::WriteBeforeComplete => row(None, Some("RFC 5246 section 7.4.9"),
                format_args!("no application data before the handshake is complete")),
            Self::KeyUpdateDue => row(None, Some("RFC 9846 section 4.7.3"),
                format_args!("KeyUpdate must be sent before application data: call `prepare`")),
            Self::ForeignOrders => row(None, None,
                format_args!("the orders belong to another connection: pass them to its writer")),
            Self::NotStartedOnce => row(Some(A::INTERNAL_ERROR), None,
                format_args!("the connection must be started first, and only once")),
            Self::Internal => row(Some(A::INTERNAL_ERROR), None,
                format_args!("internal error: the parts of the connection are inconsistent")),
        }
    }
}

/// If the usage limit of a key is reached, the connection is closed in the orderly way. Other errors without
/// an alert are our own.
fn record_alert(error: &RecordError) -> Option<A> {
    Some(error.alert().unwrap_or(match error {
        RecordError::KeyExhausted { .. } => A::CLOSE_NOTIFY,
        _ => A::INTERNAL_ERROR,
    }))
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.row(|row| f.write_fmt(row.message))
    }
}
