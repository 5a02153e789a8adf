//! The errors of a stream inside [`io::Error`].

use crate::connection::Reader;
use crate::error::Error;
use core::fmt;
use std::io;

/// A question is pending that the configuration does not answer. It is inside the [`io::Error`] of a call
/// that cannot continue without the answer.
///
/// Nothing is lost: answer the question ([`Stream::question`](crate::Stream::question)), and call again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuestionPending;

impl fmt::Display for QuestionPending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a question is pending that the configuration does not answer: see Stream::question")
    }
}

impl core::error::Error for QuestionPending {}

/// The error of a call that meets a question which the configuration does not answer.
pub(super) fn unanswered() -> io::Error {
    io::Error::other(QuestionPending)
}

/// Whether the error is [`QuestionPending`].
pub(super) fn is_unanswered(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<QuestionPending>())
}

/// The [`Error`] inside an [`io::Error`] that a stream returned.
#[must_use]
pub fn tls_error(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}

/// The client has authenticated after the handshake: data that is read from now on is from its new identity,
/// and earlier data is not.
///
/// A server that has called [`Stream::request_client_certificate`](crate::Stream::request_client_certificate)
/// gets it once, inside an [`io::Error`], from the read at that place, unless
/// [`Stream::handshake`](crate::Stream::handshake) has waited for the client. Nothing is lost: read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientIdentified;

impl fmt::Display for ClientIdentified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the client has authenticated: what follows is from its new identity")
    }
}

impl core::error::Error for ClientIdentified {}

/// Tells once that the client's identity has changed.
pub(super) fn check_identity(reader: &mut Reader) -> io::Result<()> {
    if reader.take_identified() { Err(io::Error::other(ClientIdentified)) } else { Ok(()) }
}
