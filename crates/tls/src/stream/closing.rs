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

/// How long [`Stream::close`] goes on while the peer sends, at most.
const MAX_TIME: Duration = Duration::from_secs(30);

impl<S: Read + Write> Stream<S> {
    /// Ends the connection in an orderly way: says close_notify, sends all that is pending, and waits until the peer has
    /// said close_notify too. Then the stream may be dropped.
    ///
    /// Waiting matters. A TCP socket that is closed with data in it that nobody has read makes the system send a reset,
    /// and that can destroy at the peer what was sent last. What the peer still sends is kept, up to 256 KiB, and can be
    /// read afterwards; when more comes, this returns, and who does not want the rest reads it into [`io::sink`] before
    /// dropping the stream.
    ///
    /// The wait is no longer than the transport's own (set a read time-out) and 30 seconds in all, and on a transport that
    /// does not block there is none: read to the end there. That the peer does not answer, or is gone, is no error, for
    /// close_notify needs no answer. To say only that we send no more, use [`Stream::close_write`].
    ///
    /// # Errors
    /// As [`Stream::close_write`]; and an [`Error`](crate::Error) inside an [`io::Error`] when the peer ends the connection
    /// with an alert, or what it sends is at fault. [`io::ErrorKind::WouldBlock`] and [`io::ErrorKind::TimedOut`] when
    /// what is pending cannot be sent: call it again.
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

    /// Says close_notify: that we send no more. All that is pending is sent, and reading goes on to the peer's own
    /// close_notify. There is no waiting for that here: see [`Stream::close`]. In TLS 1.2 a peer answers with its own
    /// close_notify at once and sends no more (RFC 5246 section 7.2.1): read the whole answer first, if there is to be one.
    ///
    /// A stream that was not used yet runs its handshake first, so that both sides have an orderly end of an empty
    /// connection. One whose handshake was tried and is not complete is ended where it stands.
    ///
    /// A transport that takes nothing any more is no error if the peer has said close_notify, before or in what it has
    /// sent and is not read yet (which is kept, and can be read afterwards): it may be gone then, and needs no answer (RFC
    /// 5246 section 7.2.1).
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

    /// The transport takes no more. What the peer has sent before tells whether that is an orderly end.
    fn judge(&mut self, error: io::Error) -> io::Result<()> {
        while self.incoming.hold_data(MAX_KEPT) {
            match self.pump() {
                Ok(None) if self.connection.reader().is_closed() => break,
                Ok(None) => {}
                Err(fault) if is_fault(&fault) => return Err(fault),
                Ok(Some(_)) | Err(_) => return Err(error),
            }
        }
        // Where more has come than is kept, reading it tells how it ends.
        self.outgoing.drop_unsent();
        Ok(())
    }
}

/// Whether it is a fault of the connection, and not only its end.
fn is_fault(error: &io::Error) -> bool {
    tls_error(error).is_some_and(|error| !error.is_truncation())
}
