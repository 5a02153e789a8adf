//! What the reading half wants of the writing half.

use alloc::sync::Arc;
use cairn_crypto::Provider;
use cairn_handshake::Flight;
use cairn_wire::{Alert, ProtocolVersion};

/// Things for the [`crate::Writer`] to do, in order: handshake messages, ChangeCipherSpec, new keys, alerts, and leave
/// to send application data. The [`crate::Reader`] fills it, [`crate::Writer::obey`] empties it.
#[derive(Debug, Default)]
pub struct Orders {
    /// Messages, ChangeCipherSpec, warnings, writing keys and limits on what is written.
    pub(crate) flight: Flight,
    /// The version that records say from now on.
    pub(crate) version: Option<ProtocolVersion>,
    /// The cryptography from now on.
    pub(crate) provider: Option<Arc<Provider>>,
    /// After the flight: application data may go. It is held back by itself, from our own hello of a later handshake on.
    pub(crate) release: bool,
    /// Last of all: our side closes.
    pub(crate) closing: Option<Closing>,
}

/// How our side closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    /// With close_notify or a fatal alert.
    With(Alert),
    /// Without a word: the peer has ended it with a fatal alert (RFC 5246 section 7.2.2).
    Silently,
}

impl Orders {
    /// No orders.
    #[must_use]
    pub const fn new() -> Self {
        Self { flight: Flight::new(), version: None, provider: None, release: false, closing: None }
    }

    /// Empties them, and keeps the memory for the next.
    pub(crate) fn clear(&mut self) {
        self.flight.clear();
        *self = Self { flight: core::mem::take(&mut self.flight), ..Self::new() };
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.flight.is_empty()
            && self.version.is_none()
            && self.provider.is_none()
            && !self.release
            && self.closing.is_none()
    }
}
