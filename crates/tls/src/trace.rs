//! Watching a connection's messages, for people to read.

use cairn_schedule::{Direction, Epoch};
use cairn_wire::{Alert, HandshakeType};
use core::fmt;

/// Sees each message of a connection in the clear, in order, as it is sent or taken. What happens in here delays the
/// connection.
///
/// Handshake messages hold no secrets, but they tell who talks to whom.
pub trait Trace: Send + Sync {
    /// One message.
    fn trace(&self, direction: Direction, epoch: Epoch, message: Traced<'_>);
}

/// What was sent or came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Traced<'a> {
    /// A handshake message, whole.
    Handshake {
        /// Its type.
        msg_type: HandshakeType,
        /// Header and body.
        message: &'a [u8],
    },
    /// ChangeCipherSpec.
    ChangeCipherSpec,
    /// An alert.
    Alert(Alert),
    /// So many bytes of application data.
    ApplicationData(usize),
}

impl fmt::Debug for dyn Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trace")
    }
}
