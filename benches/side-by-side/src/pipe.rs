//! Two in-memory channels between two ends.

use crate::setup::wire_buffer;
use std::{
    cell::RefCell,
    io::{self, Read, Write},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes in transit, and how many of them have been read.
pub(crate) struct Transit {
    pub(crate) bytes: Vec<u8>,
    read: usize,
}

impl Default for Transit {
    fn default() -> Self {
        Self { bytes: wire_buffer(), read: 0 }
    }
}

pub(crate) type Way = Rc<RefCell<Transit>>;

/// An end as a reader and writer, for stacks that need one.
pub(crate) struct Pipe {
    read: Way,
    write: Way,
}

impl Pipe {
    pub(crate) fn new(read: &Way, write: &Way) -> Self {
        Self { read: Rc::clone(read), write: Rc::clone(write) }
    }

    /// Empties both channels and frees their memory.
    pub(crate) fn give_back(&self) {
        for way in [&self.read, &self.write] {
            way.borrow_mut().bytes = Vec::new();
        }
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut way = self.read.borrow_mut();
        let waiting = &way.bytes[way.read..];
        if waiting.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let length = waiting.len().min(buffer.len());
        buffer[..length].copy_from_slice(&waiting[..length]);
        way.read += length;
        if way.read == way.bytes.len() {
            way.bytes.clear();
            way.read = 0;
        }
        Ok(length)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write.borrow_mut().bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// No waker is called: a pending task is polled again.
impl AsyncRead for Pipe {
    fn poll_read(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut().read(buffer.initialize_unfilled()) {
            Ok(length) => {
                buffer.advance(length);
                Poll::Ready(Ok(()))
            }
            Err(_) => Poll::Pending,
        }
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(self: Pin<&mut Self>, _context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(self.get_mut().write(bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
