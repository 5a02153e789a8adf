//! The results of the reader's calls.

#[cfg(doc)]
use crate::connection::Reader;
use alloc::{boxed::Box, sync::Arc};
use cairn_handshake::{PostHandshakeAuthentication, QuestionId, Session};
use cairn_wire::SessionId;
use core::ops::Range;

/// The result of [`Reader::receive`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The number of bytes consumed at the front of the input. The data of [`Progress::Data`] lies in them.
    pub consumed: usize,
    /// The kind of progress.
    pub progress: Progress,
}

/// The result of processing one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The record is incomplete: call again when the input has this many bytes.
    NeedMore {
        /// The total number of bytes.
        needed: usize,
    },
    /// A record without application data was processed.
    Handled,
    /// Decrypted application data at this position in the input. It may be empty.
    Data(Range<usize>),
    /// Decrypted early data of a client at this position in the input, before the handshake is complete (RFC
    /// 9846 section 2.3). It may be empty.
    ///
    /// **It can be replayed and has no forward secrecy.** An attacker can record early data and send it to
    /// the server again. Execute a request before the end of the handshake only if it is safe to execute it
    /// more than once.
    EarlyData(Range<usize>),
    /// A question is pending that the configuration does not answer. Nothing is read until [`Reader::answer`]
    /// is called.
    Question(QuestionId),
    /// The client has answered a request for its certificate after the handshake. The next [`Notice`] has the
    /// answer. On a server, data up to here is not from the new identity, and data from here on is.
    ClientAuthentication,
    /// The peer sent close_notify. Anything after it is ignored. In TLS 1.2 our close_notify is the response.
    /// In TLS 1.3 our side stays open until the caller closes it ([`Reader::set_half_close`]).
    Closed,
}

/// An event for callers that store sessions, request renegotiations, or use authentication after the
/// handshake.
#[derive(Debug)]
#[non_exhaustive]
pub enum Notice {
    /// Save this session: it can be resumed.
    SaveSession(Arc<Session>),
    /// Remove this session: it must not be resumed (RFC 5246 section 7.2.2).
    ForgetSession(SessionId),
    /// The peer refused the handshake that [`Reader::renegotiate`] requested. The connection continues
    /// unchanged.
    RenegotiationRefused,
    /// The client has answered a request for its certificate after the handshake, in either role
    /// ([`Reader::request_client_certificate`]).
    ClientAuthentication(Box<PostHandshakeAuthentication>),
}
