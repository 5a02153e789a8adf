//! A stream as the standard library's traits have it: [`Read`], [`BufRead`] and [`Write`].

use super::{Stream, seal};
use std::io::{self, BufRead, Read, Write};

impl<S: Read + Write> Read for Stream<S> {
    /// Reads application data, of one record at most. A record that comes to a buffer with room for all of it is decrypted
    /// straight into that: with 16 KiB any that is protected by an AEAD. `Ok(0)` is an orderly end; a transport that ends without close_notify is
    /// [`io::ErrorKind::UnexpectedEof`].
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        self.complete()?;
        while self.wants_data() {
            match self.receive_data(buf)? {
                // Data of no bytes is not the end.
                Some(0) => {}
                Some(read) => return Ok(read),
                None => self.pump_answered()?,
            }
        }
        let read = self.incoming.data().read(buf)?;
        self.consume(read);
        Ok(read)
    }
}

impl<S: Read + Write> BufRead for Stream<S> {
    /// Application data where it was decrypted: no copy.
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.complete()?;
        while self.wants_data() {
            self.pump_answered()?;
        }
        Ok(self.incoming.data())
    }

    fn consume(&mut self, amount: usize) {
        self.incoming.consume_data(amount);
    }
}

impl<S: Read + Write> Write for Stream<S> {
    /// Seals data, 64 KiB at most, and sends it as far as the transport takes it; what it does not take goes with the
    /// next call. Encrypted data counts as written even if the transport fails then; its error comes with the next call.
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        self.open()?;
        // Nothing new while the old is not out: the buffer stays bounded.
        self.outgoing.send(&mut self.transport)?;
        let sealed = seal(self.connection.writer_mut(), buf, &mut self.outgoing);
        self.outgoing.send_quietly(&mut self.transport);
        Ok(sealed?)
    }

    /// Sends all that was written, to the transport's own buffers and beyond.
    fn flush(&mut self) -> io::Result<()> {
        self.complete()?;
        self.outgoing.flush(&mut self.transport)
    }
}
