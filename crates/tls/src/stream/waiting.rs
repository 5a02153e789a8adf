//! Explains a read time-out during a handshake.

use super::buffer::is_pause;
use super::io_error::tls_error;
use crate::connection::Connection;
use alloc::vec::Vec;
use cairn_schedule::Side;
use core::fmt;
use std::io;

/// A read timed out while a handshake was waiting for the peer.
///
/// It is inside an [`io::Error`] of the kind that the transport returned: [`io::ErrorKind::TimedOut`] or
/// [`io::ErrorKind::WouldBlock`], depending on the operating system. Nothing is lost; the same call can be
/// repeated.
///
/// ```
/// # fn explain(error: &std::io::Error) -> Option<&'static str> {
/// use cairn_tls::HandshakeWaits;
/// let waits: &HandshakeWaits = error.get_ref()?.downcast_ref()?;
/// Some(waits.state)
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct HandshakeWaits {
    /// The role of our side, which waits.
    pub side: Side,
    /// The handshake state, as named in the transition tables.
    pub state: &'static str,
    /// The messages of the peer that the state accepts, as named in the transition tables.
    pub expected: Vec<&'static str>,
    source: io::Error,
}

impl HandshakeWaits {
    /// Adds what the handshake waits for, if `error` is only a time-out.
    pub(super) fn explain(error: io::Error, connection: &Connection) -> io::Error {
        if !is_pause(&error) || tls_error(&error).is_some() {
            return error;
        }
        let reader = connection.reader();
        // These inputs are actions of our own side, and do not come from the peer.
        let own = ["Renegotiate", "NoRenegotiation", "UpdateKeys", "RequestCertificate"];
        let of_peer = |input: &&str| !own.contains(input);
        let expected = reader.expected().filter(of_peer).collect();
        let (side, state) = (reader.side(), reader.state());
        io::Error::new(error.kind(), Self { side, state, expected, source: error })
    }
}

impl fmt::Display for HandshakeWaits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let peer = match self.side {
            Side::Client => "server",
            Side::Server => "client",
        };
        write!(f, "nothing was received from the {peer} in time: the handshake waits for ")?;
        for (i, input) in self.expected.iter().enumerate() {
            f.write_str(if i == 0 { "" } else { " or " })?;
            f.write_str(input)?;
        }
        write!(f, " (in state {}): {}", self.state, self.source)
    }
}

impl core::error::Error for HandshakeWaits {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&self.source)
    }
}
