//! The two halves of a stream.

use crate::{bridge::Bridge, driver::Driver, writer_task::WriterTask};
#[cfg(doc)]
use cairn_tls::RenegotiationLimits;
use cairn_tls::{Misuse, Notice, Reader, Stream, Summary, Writer, wire::KeyUpdateRequest};
use core::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
};
use std::io::{self, BufRead, IoSlice, Read, Write};
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};

/// A transport that has a half for reading and a half for writing, which two tasks use without a lock.
pub trait IntoSplit {
    /// The half for reading.
    type Read: AsyncRead + Unpin;
    /// The half for writing.
    type Write: AsyncWrite + Unpin;

    /// Splits the transport.
    fn into_split(self) -> (Self::Read, Self::Write);
}

#[cfg(feature = "net")]
impl IntoSplit for tokio::net::TcpStream {
    type Read = tokio::net::tcp::OwnedReadHalf;
    type Write = tokio::net::tcp::OwnedWriteHalf;

    fn into_split(self) -> (Self::Read, Self::Write) {
        Self::into_split(self)
    }
}

#[cfg(all(feature = "net", unix))]
impl IntoSplit for tokio::net::UnixStream {
    type Read = tokio::net::unix::OwnedReadHalf;
    type Write = tokio::net::unix::OwnedWriteHalf;

    fn into_split(self) -> (Self::Read, Self::Write) {
        Self::into_split(self)
    }
}

/// The two halves of a stream.
pub type Halves<IO> = (ReadHalf<<IO as IntoSplit>::Read>, WriteHalf<<IO as IntoSplit>::Write>);

/// The half that reads. Dropping it ends the handshakes of the connection: the other half can still write and
/// close.
#[derive(Debug)]
pub struct ReadHalf<R> {
    inner: cairn_tls::ReadHalf<Bridge<R>>,
    driver: Driver,
}

/// The half that writes.
///
/// The reading half orders all messages besides data: the messages of a renegotiation, alerts, and in
/// TLS 1.2 the answer to the peer's close_notify. They are sent by the next write, flush or shutdown. A task
/// that writes nothing for a long time waits in [`WriteHalf::send_orders`], for example in
/// `tokio::select!` with its own work.
///
/// During a renegotiation, which only TLS 1.2 has and which is off by default, writes wait for the peer, at
/// most for [`RenegotiationLimits::max_duration`]. This needs a task that reads meanwhile: without one, the
/// renegotiation does not go on, and its time limit is not checked.
#[derive(Debug)]
pub struct WriteHalf<W> {
    inner: cairn_tls::WriteHalf<Bridge<W>>,
    /// The task of this half, which the other half wakes.
    task: WriterTask,
}

pub(crate) fn split<IO>(stream: Stream<Bridge<IO>>, driver: Driver) -> io::Result<Halves<IO>>
where
    IO: IntoSplit + AsyncRead + AsyncWrite + Unpin,
{
    let (mut read, mut write) = stream.split_into(|bridge| Ok(bridge.split(IO::into_split)))?;
    let task = WriterTask::new();
    read.on_order(task.wake());
    write.set_nonblocking(true);
    Ok((ReadHalf { inner: read, driver }, WriteHalf { inner: write, task }))
}

impl<R: AsyncRead + Unpin> ReadHalf<R> {
    fn run<T>(
        &mut self,
        cx: &Context<'_>,
        call: impl FnMut(&mut cairn_tls::ReadHalf<Bridge<R>>) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        self.inner.transport_mut().set_waker(cx.waker());
        self.driver.run(&mut self.inner, cx.waker(), call)
    }

    /// Requests a renegotiation in TLS 1.2: see [`Reader::renegotiate`].
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn renegotiate(&mut self) -> Result<(), Misuse> {
        self.inner.renegotiate()
    }

    /// Updates the keys of the writing half in TLS 1.3: see [`Reader::update_keys`].
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn update_keys(&mut self, request_update: KeyUpdateRequest) -> Result<(), Misuse> {
        self.inner.update_keys(request_update)
    }

    /// Requests a certificate from the client, as a server of TLS 1.3: see
    /// [`cairn_tls::ReadHalf::request_client_certificate`].
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn request_client_certificate(&mut self) -> Result<(), Misuse> {
        self.inner.request_client_certificate()
    }

    /// The negotiated parameters.
    #[must_use]
    pub fn summary(&self) -> Option<&Summary> {
        self.inner.summary()
    }

    /// The next notice: see [`TlsStream::next_notice`](crate::TlsStream::next_notice).
    pub fn next_notice(&mut self) -> Option<Notice> {
        self.inner.reader_mut().next_notice()
    }

    /// The reader, with the state and the exporters.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        self.inner.reader()
    }

    /// The transport.
    #[must_use]
    pub const fn get_ref(&self) -> &R {
        self.inner.transport().get_ref()
    }
}

impl<W: AsyncWrite + Unpin> WriteHalf<W> {
    fn run<T>(
        &mut self,
        cx: &Context<'_>,
        call: impl FnOnce(&mut cairn_tls::WriteHalf<Bridge<W>>) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        self.task.run(cx, || {
            self.inner.transport_mut().set_waker(cx.waker());
            crate::driver::poll(call(&mut self.inner))
        })
    }

    /// Sends the messages that the reading half orders, until our side is closed. This is cancel safe.
    ///
    /// # Errors
    /// Those of the transport.
    pub async fn send_orders(&mut self) -> io::Result<()> {
        poll_fn(|cx| {
            ready!(self.run(cx, Write::flush))?;
            if self.inner.is_over() { Poll::Ready(Ok(())) } else { Poll::Pending }
        })
        .await
    }

    /// The writer, with the usage of its key.
    #[must_use]
    pub const fn writer(&self) -> &Writer {
        self.inner.writer()
    }

    /// The transport.
    #[must_use]
    pub const fn get_ref(&self) -> &W {
        self.inner.transport().get_ref()
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for ReadHalf<R> {
    /// As for a [`TlsStream`](crate::TlsStream).
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let place = buf.initialize_unfilled();
        let length = ready!(self.get_mut().run(cx, |half| half.read(place)))?;
        buf.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl<R: AsyncRead + Unpin> AsyncBufRead for ReadHalf<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        ready!(this.run(cx, |half| half.fill_buf().map(|_| ())))?;
        // The data is there, or the end has come.
        Poll::Ready(this.inner.fill_buf())
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        BufRead::consume(&mut self.get_mut().inner, amount);
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for WriteHalf<W> {
    /// As for a [`TlsStream`](crate::TlsStream).
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().run(cx, |half| half.write(buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().run(cx, |half| half.write_vectored(slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().run(cx, Write::flush)
    }

    /// Sends everything and close_notify, and shuts the transport down for writing.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().run(cx, |half| {
            half.close()?;
            half.transport_mut().shutdown()
        })
    }
}
