//! The time limit and the failure of a handshake.

use alloc::format;
use core::{fmt, future::Future, time::Duration};
use std::io;
use tokio::time::{Instant, timeout_at};

/// When a handshake must be complete.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    limit: Duration,
    at: Instant,
}

impl Deadline {
    /// The time limit begins now. A time that cannot be represented is no limit.
    pub(crate) fn after(limit: Duration) -> Option<Self> {
        Some(Self { limit, at: Instant::now().checked_add(limit)? })
    }

    /// Runs a part of the handshake until the deadline. `None`: it has passed.
    pub(crate) async fn limit<F: Future>(this: Option<Self>, part: F) -> Option<F::Output> {
        match this {
            Some(deadline) => timeout_at(deadline.at, part).await.ok(),
            None => Some(part.await),
        }
    }

    /// The error of a handshake that was not complete in time.
    pub(crate) fn passed(this: Option<Self>, waits: fmt::Arguments<'_>) -> io::Error {
        let limit = this.map(|deadline| deadline.limit).unwrap_or_default();
        let words = format!("the handshake was not complete within {limit:?}: it waits for {waits}");
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
    /// The transport. An alert for the peer was written to it, as far as it was accepted.
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
