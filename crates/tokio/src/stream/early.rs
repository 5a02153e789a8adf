//! A connection before its handshake is complete.

use super::TlsStream;
use crate::{
    handshake::{Deadline, HandshakeFailed, Late},
    observe::{ObservedHandshake, Observer},
};
use alloc::sync::Arc;
use cairn_tls::{Handshake, Summary};
use core::{
    fmt,
    future::{Future, pending, poll_fn},
    pin::pin,
    task::Poll,
};
use std::{io, time::Instant};
use tokio::io::{AsyncRead, AsyncWrite};

/// A server's connection whose handshake is not complete: it may receive early data (RFC 9846 section 2.3)
/// and send 0.5-RTT data. [`TlsAcceptor::accept_early`](crate::TlsAcceptor::accept_early) returns it, and
/// [`EarlyStream::complete`] makes a [`TlsStream`] of it. So early data cannot be mistaken for other data.
///
/// The time limit of the handshake begins with the first, and includes the time between the calls.
pub struct EarlyStream<IO> {
    pub(crate) stream: TlsStream<IO>,
    pub(crate) deadline: Deadline,
    /// The observer, and the start of the handshake.
    pub(crate) observed: Option<(Arc<dyn Observer>, Instant)>,
}

impl<IO: fmt::Debug> fmt::Debug for EarlyStream<IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EarlyStream")
            .field("stream", &self.stream)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> EarlyStream<IO> {
    /// Reads early data of the client. `Ok(0)` is its end: the client has sent none, or the handshake is
    /// complete.
    ///
    /// **It can be replayed and has no forward secrecy**: see [`cairn_tls::Stream::read_early`].
    ///
    /// # Errors
    /// Those of the handshake: see [`EarlyStream::complete`].
    pub async fn read_early(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let Self { stream, deadline, .. } = self;
        let read = poll_fn(|cx| stream.reading(cx, |stream| stream.read_early(buf)));
        deadline.limit(read).await.unwrap_or_else(|late| Err(self.is_late(late)))
    }

    /// Sends 0.5-RTT data, at most 64 KiB in one call. `Ok(0)`: it cannot be sent, so write after
    /// [`EarlyStream::complete`].
    ///
    /// **The client is not authenticated yet**: see [`cairn_tls::Stream::write_half_rtt`].
    ///
    /// # Errors
    /// Those of the handshake: see [`EarlyStream::complete`].
    pub async fn write_half_rtt(&mut self, data: &[u8]) -> io::Result<usize> {
        let Self { stream, deadline, .. } = self;
        let written = poll_fn(|cx| stream.writing(cx, |stream| stream.write_half_rtt(data)));
        deadline.limit(written).await.unwrap_or_else(|late| Err(self.is_late(late)))
    }

    /// Completes the handshake.
    ///
    /// # Errors
    /// [`HandshakeFailed`], with the transport. [`io::ErrorKind::InvalidInput`] in it if early data was not
    /// read to its end.
    pub async fn complete(self) -> Result<TlsStream<IO>, HandshakeFailed<IO>> {
        self.complete_before(pending::<()>()).await
    }

    /// Completes the handshake, unless `end` is ready before.
    pub(crate) async fn complete_before<T>(
        mut self,
        end: impl Future<Output = T>,
    ) -> Result<TlsStream<IO>, HandshakeFailed<IO>> {
        let (mut end, stream) = (pin!(end), &mut self.stream);
        let handshake = poll_fn(|cx| match stream.poll_handshake(cx) {
            Poll::Ready(settled) => Poll::Ready(Some(settled)),
            Poll::Pending => end.as_mut().poll(cx).map(|_| None),
        });
        let error = match self.deadline.limit(handshake).await {
            Err(late) => self.is_late(late),
            Ok(None) => {
                let words = "the handshake was the oldest unfinished one, and there were too many";
                io::Error::new(io::ErrorKind::TimedOut, words)
            }
            Ok(Some(Err(error))) => error,
            Ok(Some(Ok(Handshake::Complete))) if self.stream.inner.unread_early().is_empty() => {
                if let Some(summary) = self.stream.summary() {
                    self.observe(Ok(summary));
                }
                return Ok(self.stream);
            }
            Ok(Some(Ok(Handshake::Complete))) => {
                let words = "the client has sent early data that was not read: see TlsAcceptor::accept_early";
                io::Error::new(io::ErrorKind::InvalidInput, words)
            }
            Ok(Some(Ok(_))) => {
                let words = "the peer closed the connection during the handshake";
                io::Error::new(io::ErrorKind::UnexpectedEof, words)
            }
        };
        Err(self.fail(error))
    }

    /// Sends early data of a client, after the questions that come before it.
    pub(crate) async fn send_early(&mut self, data: &[u8]) -> io::Result<usize> {
        if data.is_empty() {
            return Ok(0);
        }
        let Self { stream, deadline, .. } = self;
        let sent = async {
            while stream.inner.question().is_some() {
                poll_fn(|cx| stream.poll_answer(cx)).await;
            }
            poll_fn(|cx| stream.writing(cx, |stream| stream.write_early(data))).await
        };
        deadline.limit(sent).await.unwrap_or_else(|late| Err(self.is_late(late)))
    }

    fn observe(&self, result: Result<&Summary, &io::Error>) {
        if let Some((observer, begun)) = &self.observed {
            let side = self.stream.reader().side();
            observer.handshake(&ObservedHandshake { side, time: begun.elapsed(), result });
        }
    }

    pub(crate) fn fail(mut self, error: io::Error) -> HandshakeFailed<IO> {
        // Unless an alert has said so, the peer learns that nothing will follow (RFC 9846 section 6.1). This
        // does not wait for the transport.
        let _not_sent = self.stream.inner.close_write();
        self.observe(Err(&error));
        HandshakeFailed::new(error, self.stream.into_inner())
    }

    /// The error if the deadline has passed.
    fn is_late(&self, late: Late) -> io::Error {
        match self.stream.driver.pending() {
            Some(question) => late.error(format_args!("an answer to the question {question}")),
            None => late.error(format_args!("the peer, in state {}", self.stream.reader().state())),
        }
    }
}
