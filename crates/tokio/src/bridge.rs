//! An async transport behind the traits of a non-blocking one.

use core::{
    pin::Pin,
    task::{Context, Poll, Waker},
};
use std::io::{self, IoSlice, Read, Write};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Gives an async transport the interface of a non-blocking one. If the transport is not ready, the result is
/// [`io::ErrorKind::WouldBlock`], and the transport calls the waker later.
#[derive(Debug)]
pub(crate) struct Bridge<IO> {
    io: IO,
    waker: Waker,
}

impl<IO> Bridge<IO> {
    pub(crate) const fn new(io: IO, waker: Waker) -> Self {
        Self { io, waker }
    }

    /// Sets the waker of the calls from now on.
    pub(crate) fn set_waker(&mut self, waker: &Waker) {
        self.waker.clone_from(waker);
    }

    pub(crate) const fn get_ref(&self) -> &IO {
        &self.io
    }

    pub(crate) const fn get_mut(&mut self) -> &mut IO {
        &mut self.io
    }

    pub(crate) fn into_inner(self) -> IO {
        self.io
    }

    /// Splits the transport.
    pub(crate) fn split<R, W>(self, split: impl FnOnce(IO) -> (R, W)) -> (Bridge<R>, Bridge<W>) {
        let (read, write) = split(self.io);
        (Bridge::new(read, self.waker.clone()), Bridge::new(write, self.waker))
    }
}

impl<IO: Unpin> Bridge<IO> {
    fn call<T>(
        &mut self,
        poll: impl FnOnce(Pin<&mut IO>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> io::Result<T> {
        match poll(Pin::new(&mut self.io), &mut Context::from_waker(&self.waker)) {
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
            // `Pending` is how an async transport says that it is not ready. It has registered no waker if
            // it returns this error, so waiting would never end.
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                Err(io::Error::other(error))
            }
            Poll::Ready(result) => result,
        }
    }
}

impl<IO: AsyncRead + Unpin> Read for Bridge<IO> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut buf = ReadBuf::new(buf);
        self.call(|io, cx| io.poll_read(cx, &mut buf))?;
        Ok(buf.filled().len())
    }
}

impl<IO: AsyncWrite + Unpin> Write for Bridge<IO> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.call(|io, cx| io.poll_write(cx, buf))
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.call(|io, cx| io.poll_write_vectored(cx, slices))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.call(|io, cx| io.poll_flush(cx))
    }
}

impl<IO: AsyncWrite + Unpin> Bridge<IO> {
    /// Shuts the transport down for writing.
    pub(crate) fn shutdown(&mut self) -> io::Result<()> {
        self.call(|io, cx| io.poll_shutdown(cx))
    }
}
