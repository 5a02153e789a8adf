//! The value that permits or forbids application data.

use crate::key_change::Epoch;

/// Whether application data may pass in one direction, and under which keys.
///
/// The handshake states the gate of each direction, in order with its messages and keys, and the record layer
/// enforces it. Nothing else decides about application data: not the type of a message, and not the presence
/// of keys. A gate is closed at first. It opens for the epoch of the keys in use, and new keys close it.
///
/// In TLS 1.2 both gates open when the first handshake is complete (RFC 5246 section 7.4.9: "Once a side has
/// sent its Finished message and received and validated the Finished message from its peer, it may begin to
/// send and receive application data over the connection"). In a renegotiation each direction closes and
/// opens on its own. With early data a client's gate opens before the handshake is complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Gate {
    /// Application data must not be sent, or is `unexpected_message` if it is received.
    #[default]
    Closed,
    /// Application data may be sent or received under the keys of this epoch.
    Open {
        /// The epoch of the keys.
        epoch: Epoch,
    },
}

impl Gate {
    /// Whether application data may pass.
    #[must_use]
    #[inline]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open { .. })
    }
}
