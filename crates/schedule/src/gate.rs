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
/// opens on its own. In TLS 1.3 a gate may open before the handshake is complete: with early data, whose
/// epoch tells it, and on a server for data to a client that has proved nothing yet.
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
    /// A server may send application data under the keys of this epoch before the client's Finished: 0.5-RTT
    /// data. RFC 9846 section 2: "while the server may send Application Data prior to receiving the client's
    /// Authentication messages, any data sent at that point is, of course, being sent to an unauthenticated
    /// peer."
    HalfRtt {
        /// The epoch of the keys.
        epoch: Epoch,
    },
}

impl Gate {
    /// Whether application data may pass.
    #[must_use]
    #[inline]
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Closed)
    }
}
