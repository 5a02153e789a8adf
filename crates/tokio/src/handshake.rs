//! The time limit and the failure of a handshake.

use alloc::format;
use core::{fmt, future::Future, time::Duration};
use std::io;
use tokio::time::{Instant, timeout_at};

/// The time at which a handshake must be complete, and the time limit that led to it. `None` for no limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<(Instant, Duration)>);

/// A deadline has passed: the time limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Late(Duration);

impl Deadline {
    /// The time limit begins now. A time that cannot be represented is no limit.
    pub(crate) fn after(limit: Option<Duration>) -> Self {
        Self(limit.and_then(|limit| Some((Instant::now().checked_add(limit)?, limit))))
    }

    /// Runs a part of the handshake until the deadline.
    pub(crate) async fn limit<F: Future>(self, part: F) -> Result<F::Output, Late> {
        match self.0 {
            Some((at, limit)) => timeout_at(at, part).await.map_err(|_| Late(limit)),
            None => Ok(part.await),
        }
    }
}

impl Late {
    /// The error. `waits` names the event that the handshake waits for.
    pub(crate) fn error(self, waits: fmt::Arguments<'_>) -> io::Error {
        let words = format!("the handshake was not complete within {:?}: it waits for {waits}", self.0);
        io::Error::new(io::ErrorKind::TimedOut, words)
    }
}

/// A handshake failed. The transport can be used for something else, for example a response without TLS.
#[derive(Debug)]
#[non_exhaustive]
pub struct HandshakeFailed<IO> {
    /// The error: of the transport, [`cairn_tls::Error`] (see [`cairn_tls::tls_error`]),
    /// [`Unanswered`](crate::Unanswered), or [`io::ErrorKind::TimedOut`].
    pub error: io::Error,
    /// The transport. An alert for the peer, or close_notify, was written to it, as far as it was accepted.
    pub transport: IO,
}

impl<IO> HandshakeFailed<IO> {
    pub(crate) const fn new(error: io::Error, transport: IO) -> Self {
        Self { error, transport }
    }
}

impl<IO> fmt::Display for HandshakeFailed<IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<IO: fmt::Debug> core::error::Error for HandshakeFailed<IO> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.error.source()
    }
}

impl<IO> From<HandshakeFailed<IO>> for io::Error {
    fn from(failed: HandshakeFailed<IO>) -> Self {
        failed.error
    }
}
