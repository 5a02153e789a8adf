//! tokio's traits for [`TlsStream`].

use super::TlsStream;
use core::{
    pin::Pin,
    task::{Context, Poll, ready},
};
use std::io::{self, BufRead, IoSlice, Read, Write};
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncRead for TlsStream<IO> {
    /// Reads application data of at most one record. No data is the orderly end: the peer's close_notify. An
    /// end of the transport without it is [`io::ErrorKind::UnexpectedEof`].
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let place = buf.initialize_unfilled();
        let length = ready!(self.get_mut().reading(cx, |stream| stream.read(place)))?;
        buf.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncBufRead for TlsStream<IO> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        ready!(this.reading(cx, |stream| stream.fill_buf().map(|_| ())))?;
        // The data is there, or the end has come.
        Poll::Ready(this.inner.fill_buf())
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        BufRead::consume(&mut self.get_mut().inner, amount);
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TlsStream<IO> {
    /// Encrypts at most 64 KiB, and sends as much as the transport accepts. It is pending only while earlier
    /// data is not sent, or during a renegotiation; it has then accepted nothing.
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().writing(cx, |stream| stream.write(buf))
    }

    /// As a write. Small slices share a record.
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().writing(cx, |stream| stream.write_vectored(slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// Sends everything, and flushes the transport.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().writing(cx, Write::flush)
    }

    /// Sends everything and close_notify, and shuts the transport down for writing. Reading can go on.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().writing(cx, |stream| {
            stream.close_write()?;
            stream.transport_mut().shutdown()
        })
    }
}
