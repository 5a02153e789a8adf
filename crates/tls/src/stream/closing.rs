//! The end of a stream (RFC 5246 section 7.2.1), so that it is an orderly one for both sides.

use super::{Stream, buffer::is_pause};
use crate::{Connection, tls_error};
use core::time::Duration;
use std::{
    io::{self, Read, Write},
    time::Instant,
};

/// The most application data that [`Stream::close`] keeps for the caller, in bytes.
const MAX_KEPT: usize = 16 << 14;

/// How long [`Stream::close`] waits for a peer that keeps sending.
const MAX_TIME: Duration = Duration::from_secs(30);

impl<S: Read + Write> Stream<S> {
    /// Ends the connection in an orderly way: sends all that is pending and close_notify, and waits for the peer's
    /// close_notify. Then the stream may be dropped.
    ///
    /// Waiting matters. When a TCP socket is closed before all that came has been read, the system sends a reset, and
    /// the reset can destroy at the peer what was sent last. What the peer sends meanwhile is kept, up to 256 KiB, and
    /// can be read afterwards. When more comes, this returns without having seen the end: read the rest, into
    /// [`io::sink`] for example, before dropping the stream.
    ///
    /// How long this waits for a silent peer is for the transport to say: set a read time-out, for without one a
    /// blocking transport waits for ever. For a peer that keeps sending it waits 30 seconds. On a non-blocking
    /// transport it does not wait; read to the end there. A peer that does not answer, or is gone, is no error,
    /// because close_notify needs no answer. To say only that we send no more, use [`Stream::close_write`].
    ///
    /// # Errors
    /// As [`Stream::close_write`]; and an [`Error`](crate::Error) inside an [`io::Error`] when the peer ends the
    /// connection with an alert or violates the protocol. [`io::ErrorKind::WouldBlock`] and
    /// [`io::ErrorKind::TimedOut`] when what is pending cannot be sent: call it again.
    pub fn close(&mut self) -> io::Result<()> {
        self.close_write()?;
        let begun = Instant::now();
        while self.connection.is_complete()
            && !self.connection.reader().is_closed()
            && begun.elapsed() < MAX_TIME
            && self.incoming.hold_data(MAX_KEPT)
        {
            match self.pump() {
                Ok(None) => {}
                Ok(Some(_)) => break,
                Err(error) if is_fault(&error) => return Err(error),
                // The peer is silent, or gone: it has been told.
                Err(_) => break,
            }
        }
        Ok(())
    }

    /// Sends all that is pending, and close_notify to say that we send no more. Reading goes on to the peer's own
    /// close_notify; this does not wait for it, [`Stream::close`] does. In TLS 1.2 a peer answers with its own
    /// close_notify at once and sends no more (RFC 5246 section 7.2.1), so read an answer that you expect before you
    /// call this.
    ///
    /// A stream that was not used yet runs its handshake first, so that both sides have an orderly end of an empty
    /// connection. A stream whose handshake was tried and is not complete is ended where it stands.
    ///
    /// When the transport takes nothing any more, that is no error if the peer has said close_notify, because the
    /// peer may be gone by then. The close_notify may be among records that came and were not read yet: up to 256 KiB
    /// of data in front of it are kept, and can be read afterwards.
    ///
    /// # Errors
    /// Those of the transport otherwise. [`io::ErrorKind::WouldBlock`] and [`io::ErrorKind::TimedOut`]: call it again.
    pub fn close_write(&mut self) -> io::Result<()> {
        if !self.used {
            self.run_answered(Connection::is_complete)?;
        }
        self.connection.close(self.outgoing.end())?;
        match self.outgoing.flush(&mut self.transport) {
            Ok(()) => Ok(()),
            Err(error) if is_pause(&error) => Err(error),
            Err(_) if self.connection.reader().is_closed() => {
                self.outgoing.drop_unsent();
                Ok(())
            }
            Err(error) => self.judge(error),
        }
    }

    /// Decides whether a transport that takes no more is an orderly end or an error: the peer's close_notify may be
    /// among the records that it sent before.
    fn judge(&mut self, error: io::Error) -> io::Result<()> {
        while self.incoming.hold_data(MAX_KEPT) {
            match self.pump() {
                Ok(None) if self.connection.reader().is_closed() => break,
                Ok(None) => {}
                Err(fault) if is_fault(&fault) => return Err(fault),
                Ok(Some(_)) | Err(_) => return Err(error),
            }
        }
        // More has come than is kept here, so the caller learns from reading how the connection ends. Data that could
        // not be sent is an error all the same.
        if !self.connection.reader().is_closed() && self.outgoing.has_data() {
            return Err(error);
        }
        self.outgoing.drop_unsent();
        Ok(())
    }
}

/// Whether it is a fault of the connection, and not only its end.
fn is_fault(error: &io::Error) -> bool {
    tls_error(error).is_some_and(|error| !error.is_truncation())
}
