//! The orderly end of a stream (RFC 5246 section 7.2.1, RFC 9846 section 6.1).

use super::{Stream, buffer::is_pause, io_error::tls_error};
use crate::connection::Connection;
use core::time::Duration;
use std::{
    io::{self, Read, Write},
    time::Instant,
};

/// The maximum application data that [`Stream::close`] stores, in bytes.
const MAX_KEPT: usize = 16 << 14;

/// The time for which [`Stream::close`] waits for a peer that keeps sending.
const MAX_TIME: Duration = Duration::from_secs(30);

impl<S: Read + Write> Stream<S> {
    /// Closes the connection: sends everything pending and close_notify, and waits for the peer's
    /// close_notify. The stream may then be dropped.
    ///
    /// The wait is important. If a TCP socket is closed with unread data, the system sends a reset, and the
    /// peer can lose the last data that we sent. Up to 256 KiB that the peer sends meanwhile are stored and
    /// can be read afterwards. If the peer sends more, this returns before the end: read the rest, for
    /// example into [`io::sink`], before you drop the stream.
    ///
    /// The time-out of the transport limits the wait for a silent peer. Set a read time-out, because a
    /// blocking transport otherwise waits without limit. The wait for a peer that keeps sending is limited to
    /// 30 seconds. On a non-blocking transport this does not wait; read to the end there. A peer that does
    /// not respond or is gone is no error, because close_notify needs no response. To close only our own
    /// side, use [`Stream::close_write`].
    ///
    /// # Errors
    /// As [`Stream::close_write`]; and an [`Error`](crate::Error) inside an [`io::Error`] if the peer ends
    /// the connection with an alert or violates the protocol. After [`io::ErrorKind::WouldBlock`] and
    /// [`io::ErrorKind::TimedOut`], pending bytes could not be sent: call this again.
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
                // The peer is silent or gone. Our close_notify was sent.
                Err(_) => break,
            }
        }
        Ok(())
    }

    /// Closes our side: sends everything pending and close_notify. Reading continues until the peer's
    /// close_notify; this does not wait for it, but [`Stream::close`] does. A TLS 1.2 peer responds with its
    /// own close_notify at once and sends no more data (RFC 5246 section 7.2.1), so read any expected
    /// response first. In TLS 1.3 a peer may send its response afterwards (RFC 9846 section 6.1), but many
    /// answer at once there too, as a stream does by default.
    ///
    /// A new stream performs its handshake first, so that both sides see an orderly empty connection. A
    /// stream whose handshake has failed or is incomplete is closed as it is.
    ///
    /// A failing transport is no error if the peer has sent close_notify, because the peer may be gone by
    /// then. Data that could not be sent is an error nevertheless if [`Stream::set_half_close`] permits to
    /// write after that, in TLS 1.3. The peer's close_notify may be among received records that were not
    /// read: up to 256 KiB of data before it are stored and can be read afterwards.
    ///
    /// # Errors
    /// Other errors of the transport. After [`io::ErrorKind::WouldBlock`] and [`io::ErrorKind::TimedOut`],
    /// call this again.
    pub fn close_write(&mut self) -> io::Result<()> {
        if !self.used {
            self.run_answered(Connection::is_complete)?;
        }
        self.connection.close(self.outgoing.end())?;
        match self.outgoing.flush(&mut self.transport) {
            Ok(()) => Ok(()),
            Err(error) if is_pause(&error) => Err(error),
            Err(_) if self.is_closed_by_peer() => {
                self.outgoing.drop_unsent();
                Ok(())
            }
            Err(error) => self.judge(error),
        }
    }

    /// Determines whether a failing transport is an orderly end or an error: the peer's close_notify may be
    /// among the received records.
    fn judge(&mut self, error: io::Error) -> io::Result<()> {
        while self.incoming.hold_data(MAX_KEPT) {
            match self.pump() {
                Ok(None) if self.connection.reader().is_closed() => break,
                Ok(None) => {}
                Err(fault) if is_fault(&fault) => return Err(fault),
                Ok(Some(_)) | Err(_) => return Err(error),
            }
        }
        // There is more data than is stored here, so reading tells the caller how the connection ended. Data
        // that could not be sent is an error in any case.
        if !self.is_closed_by_peer() && self.outgoing.has_data() {
            return Err(error);
        }
        self.outgoing.drop_unsent();
        Ok(())
    }
}

/// Whether it is an error of the connection and not its orderly end.
fn is_fault(error: &io::Error) -> bool {
    tls_error(error).is_some_and(|error| !error.is_truncation())
}
