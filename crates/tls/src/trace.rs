//! Traces of a connection: its messages, and why a session was not resumed.

use cairn_handshake::NotResumed;
use cairn_schedule::{Direction, Epoch};
use cairn_wire::{Alert, HandshakeType};
use core::fmt;

/// Receives each message of a connection in plaintext, in order, when it is sent or processed. The connection
/// waits for each call.
///
/// Handshake messages contain no secrets, but they identify the two sides.
pub trait Trace: Send + Sync {
    /// One message.
    fn trace(&self, direction: Direction, epoch: Epoch, message: Traced<'_>);

    /// An available session is not resumed, for this reason. It is passed as soon as it is known: before
    /// ClientHello if a client does not offer its session, before ServerHello if a server does not accept the
    /// one that the client offers, and after ServerHello on a client whose offer was declined.
    fn not_resumed(&self, _reason: NotResumed) {}
}

/// The content of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Traced<'a> {
    /// A complete handshake message.
    Handshake {
        /// Its type.
        msg_type: HandshakeType,
        /// Header and body.
        message: &'a [u8],
    },
    /// ChangeCipherSpec. In TLS 1.3 it has no meaning (RFC 9846 section 5).
    ChangeCipherSpec,
    /// An alert.
    Alert(Alert),
    /// Application data, with its length in bytes.
    ApplicationData(usize),
}

impl fmt::Debug for dyn Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trace")
    }
}
