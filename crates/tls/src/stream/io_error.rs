//! The errors of a stream inside [`io::Error`].

use crate::error::Error;
use std::io;

/// The error of a call that meets a question which the configuration does not answer.
pub(super) fn unanswered() -> io::Error {
    io::Error::other("a question is pending that the configuration does not answer: see Stream::question")
}

/// The [`Error`] inside an [`io::Error`] that a stream returned.
#[must_use]
pub fn tls_error(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}
