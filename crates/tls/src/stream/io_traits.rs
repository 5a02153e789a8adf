//! [`Read`], [`BufRead`] and [`Write`] for streams.

use super::{Stream, io_error::check_identity, seal::seal};
use std::io::{self, BufRead, IoSlice, Read, Write};

impl<S: Read + Write> Read for Stream<S> {
    /// Reads application data of at most one record. If the buffer has room for the complete record, it is
    /// decrypted directly into the buffer; 16 KiB and a byte suffice for every AEAD record. `Ok(0)` is an
    /// orderly end; the end of the transport without close_notify is [`io::ErrorKind::UnexpectedEof`].
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        self.complete()?;
        while self.wants_data() {
            check_identity(self.connection.reader_mut())?;
            match self.receive_data(buf)? {
                // An empty record is not the end.
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
    /// Decrypted application data, without a copy.
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.complete()?;
        while self.wants_data() {
            check_identity(self.connection.reader_mut())?;
            self.pump_answered()?;
        }
        Ok(self.incoming.data())
    }

    fn consume(&mut self, amount: usize) {
        self.incoming.consume_data(amount);
    }
}

impl<S: Read + Write> Write for Stream<S> {
    /// Encrypts at most 64 KiB of data and sends as much as the transport accepts; the next call sends the
    /// rest. Encrypted data counts as written even if the transport then fails; the next call returns that
    /// error.
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(buf)])
    }

    /// As [`Stream::write`](Write::write). Small slices share a record; their data is copied once for that.
    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        if slices.iter().all(|slice| slice.is_empty()) {
            return Ok(0);
        }
        self.open()?;
        // New data waits until the old data is sent, so that the buffer stays bounded.
        self.outgoing.send(&mut self.transport)?;
        let sealed = seal(self.connection.writer_mut(), slices, &mut self.outgoing);
        self.outgoing.send_quietly(&mut self.transport);
        Ok(sealed?)
    }

    /// Sends everything that was written and flushes the transport.
    fn flush(&mut self) -> io::Result<()> {
        self.complete()?;
        self.outgoing.flush(&mut self.transport)
    }
}
