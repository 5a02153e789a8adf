//! The stream.

mod early;
mod io_traits;

pub use early::EarlyStream;

use crate::{
    bridge::Bridge,
    driver::Driver,
    split::{Halves, IntoSplit},
    tasks::Tasks,
};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_tls::{
    Connection, Error, Handshake, HandshakeWaits, Misuse, Notice, Parts, Reader, ServerConfig, Stream,
    Summary, Writer, wire::KeyUpdateRequest,
};
use core::{
    future::poll_fn,
    task::{Context, Poll, Waker, ready},
};
use std::io::{self, Read};
use tokio::io::{AsyncRead, AsyncWrite};

/// A TLS connection over an async transport.
///
/// It is cancel safe: a read or write that is dropped before it is complete has lost nothing and written
/// nothing. A write that has encrypted data always returns `Ok`, so data is never sent twice.
///
/// Written data is sent at once as far as the transport accepts it. The next call of any kind sends more, and
/// `flush` waits until everything is sent. Buffers are freed while nothing is received: see
/// [`cairn_tls::Stream`].
///
/// # The end
///
/// `shutdown` sends close_notify and shuts the transport down for writing. Call it at the end: otherwise the
/// peer reports a truncation. In TLS 1.3, data can be written after the peer has closed its side, as with a
/// TCP socket; [`TlsStream::set_half_close`] changes that. In TLS 1.2, the peer's close_notify is answered at
/// once, and closes our side too (RFC 5246 section 7.2.1).
///
/// # Two tasks
///
/// [`TlsStream::into_split`] returns two halves without a lock. With `tokio::io::split`, the tasks share a
/// lock, and each of its halves can do everything.
#[derive(Debug)]
pub struct TlsStream<IO> {
    inner: Stream<Bridge<IO>>,
    driver: Driver,
    tasks: Arc<Tasks>,
    /// Wakes both tasks.
    waker: Waker,
}

/// The maximum data that [`TlsStream::close_notify`] stores, in bytes.
const MAX_UNREAD: usize = 256 << 10;

impl<IO: AsyncRead + AsyncWrite + Unpin> TlsStream<IO> {
    /// A stream before its handshake.
    pub(crate) fn start(connection: Connection, io: IO, driver: Driver) -> Result<Self, (Error, IO)> {
        let tasks = Arc::new(Tasks::default());
        let waker = Waker::from(Arc::clone(&tasks));
        let bridge = Bridge::new(io, waker.clone());
        match Stream::try_new(connection, bridge) {
            Ok(mut inner) => {
                inner.set_half_close(true);
                Ok(Self { inner, driver, tasks, waker })
            }
            Err((error, bridge)) => Err((error, bridge.into_inner())),
        }
    }

    /// Runs a call of the task that reads.
    fn reading<T>(
        &mut self,
        cx: &Context<'_>,
        call: impl FnMut(&mut Stream<Bridge<IO>>) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        self.tasks.reading.register(cx.waker());
        let is_held = self.inner.reader().is_renegotiating();
        let polled = self.driver.run(&mut self.inner, &self.waker, call);
        if is_held && polled.is_ready() {
            // A write waits for the end of the renegotiation, or for room for received data.
            self.tasks.writing.wake();
        }
        polled
    }

    /// Runs a call of the task that writes.
    fn writing<T>(
        &mut self,
        cx: &Context<'_>,
        call: impl FnMut(&mut Stream<Bridge<IO>>) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        self.tasks.writing.register(cx.waker());
        self.driver.run(&mut self.inner, &self.waker, call)
    }

    fn poll_answer(&mut self, cx: &Context<'_>) -> Poll<()> {
        self.tasks.writing.register(cx.waker());
        self.driver.answer(&mut self.inner, &self.waker)
    }

    fn poll_handshake(&mut self, cx: &Context<'_>) -> Poll<io::Result<Handshake>> {
        loop {
            match ready!(self.writing(cx, |stream| stream.handshake().map_err(not_the_transport)))? {
                Handshake::Question(_) => ready!(self.driver.answer(&mut self.inner, &self.waker)),
                settled => return Poll::Ready(Ok(settled)),
            }
        }
    }

    /// Waits until the handshake in progress is complete: the renegotiation that
    /// [`TlsStream::renegotiate`] requested, or the authentication that
    /// [`TlsStream::request_client_certificate`] requested. [`Handshake`] is the result; it is never
    /// [`Handshake::Question`].
    ///
    /// # Errors
    /// As [`cairn_tls::Stream::handshake`]; [`Unanswered`](crate::Unanswered) if a question was not answered.
    pub async fn handshake(&mut self) -> io::Result<Handshake> {
        poll_fn(|cx| self.poll_handshake(cx)).await
    }

    /// Closes the connection and returns the transport: sends everything and close_notify, and waits for the
    /// peer's close_notify. The transport is not shut down, and can be used for another protocol.
    ///
    /// [`Parts::unread`] has the data that the peer sent before its close_notify and that was not read, at
    /// most 256 KiB; [`Parts::unopened`] has the bytes after it. This waits as long as the peer does not
    /// close: set a time limit, for example with `tokio::time::timeout`.
    ///
    /// # Errors
    /// Errors of the transport; an [`Error`](cairn_tls::Error) inside an [`io::Error`] if the peer ends the
    /// connection in another way; [`io::ErrorKind::InvalidData`] if there is more unread data.
    pub async fn close_notify(mut self) -> io::Result<Parts<IO>> {
        poll_fn(|cx| self.writing(cx, Stream::close_write)).await?;
        let mut unread = Vec::new();
        let mut chunk = [0; 4096];
        loop {
            match poll_fn(|cx| self.reading(cx, |stream| stream.read(&mut chunk))).await? {
                0 => break,
                length if unread.len().saturating_add(length) > MAX_UNREAD => {
                    let words = "the peer has sent more than 256 KiB of data that was not read";
                    return Err(io::Error::new(io::ErrorKind::InvalidData, words));
                }
                length => unread.extend_from_slice(chunk.get(..length).unwrap_or_default()),
            }
        }
        let mut parts = self.into_parts();
        parts.unread = unread;
        Ok(parts)
    }

    /// Splits the stream into two halves for two tasks, without a lock.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] if there is early data that was not read.
    pub fn into_split(self) -> io::Result<Halves<IO>>
    where
        IO: IntoSplit,
    {
        crate::split::split(self.inner, self.driver)
    }

    /// Requests a renegotiation in TLS 1.2: see [`Reader::renegotiate`]. [`TlsStream::handshake`] completes
    /// it, and so do reading and writing.
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn renegotiate(&mut self) -> Result<(), Misuse> {
        self.inner.renegotiate()
    }

    /// Updates the keys for writing in TLS 1.3: see [`Reader::update_keys`]. KeyUpdate is sent with the next
    /// write or flush.
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn update_keys(&mut self, request_update: KeyUpdateRequest) -> Result<(), Misuse> {
        self.inner.update_keys(request_update)
    }

    /// Requests a certificate from the client, as a server of TLS 1.3: see
    /// [`cairn_tls::Stream::request_client_certificate`].
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn request_client_certificate(&mut self) -> Result<(), Misuse> {
        self.inner.request_client_certificate()
    }

    /// Sets the configuration for a server's later handshakes: see [`Reader::set_server_config`].
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn set_server_config(&mut self, config: &ServerConfig) -> Result<(), Misuse> {
        self.inner.set_server_config(config)
    }

    /// Sets whether our side stays open after the peer's close_notify, in TLS 1.3. It does by default; with
    /// `false`, close_notify is answered at once, and a program that has read everything may drop the stream.
    pub const fn set_half_close(&mut self, permitted: bool) {
        self.inner.reader_mut().set_half_close(permitted);
    }

    /// The negotiated parameters.
    #[must_use]
    pub fn summary(&self) -> Option<&Summary> {
        self.inner.summary()
    }

    /// Takes the negotiated parameters, which frees their memory: several hundred bytes, and the peer's
    /// chain.
    pub fn take_summary(&mut self) -> Option<Box<Summary>> {
        self.inner.reader_mut().take_summary()
    }

    /// The next notice, for example a session to be saved. If the connection has an
    /// [`Answerer`](crate::Answerer), it gets the notices instead.
    pub fn next_notice(&mut self) -> Option<Notice> {
        self.inner.reader_mut().next_notice()
    }

    /// The reading half, with the state and the exporters.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        self.inner.reader()
    }

    /// The writing half, with the usage of its key.
    #[must_use]
    pub const fn writer(&self) -> &Writer {
        self.inner.writer()
    }

    /// The transport.
    #[must_use]
    pub const fn get_ref(&self) -> &IO {
        self.inner.transport().get_ref()
    }

    /// The transport. Reading from it or writing to it breaks the connection.
    #[must_use]
    pub const fn get_mut(&mut self) -> &mut IO {
        self.inner.transport_mut().get_mut()
    }

    /// Returns the transport and drops the connection with its buffers: see
    /// [`cairn_tls::Stream::into_inner`].
    #[must_use]
    pub fn into_inner(self) -> IO {
        self.inner.into_inner().into_inner()
    }

    /// Splits the stream into its parts without losing data.
    #[must_use]
    pub fn into_parts(self) -> Parts<IO> {
        self.inner.into_parts().map_transport(Bridge::into_inner)
    }
}

/// A handshake waits for the transport, which wakes the task. If it cannot go on before received data is
/// read, the task would never be woken: that is an error.
fn not_the_transport(error: io::Error) -> io::Error {
    let is_other = error.get_ref().is_some_and(|inner| !inner.is::<HandshakeWaits>());
    if error.kind() == io::ErrorKind::WouldBlock && is_other { io::Error::other(error) } else { error }
}
