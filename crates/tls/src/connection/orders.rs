//! Orders of the reading half for the writing half.

use alloc::sync::Arc;
use cairn_crypto::Provider;
use cairn_handshake::Flight;
use cairn_wire::{Alert, ProtocolVersion};

/// The tasks of the [`crate::Writer`], in order: handshake messages, ChangeCipherSpec, new keys, alerts, and
/// whether application data may be sent. The [`crate::Reader`] fills them, and [`crate::Writer::obey`]
/// executes them.
#[derive(Debug, Default)]
pub struct Orders {
    /// Messages, ChangeCipherSpec, warnings, and the keys, the limits and the gate for writing.
    pub(crate) flight: Flight,
    /// The record version from now on.
    pub(crate) version: Option<ProtocolVersion>,
    /// The provider from now on.
    pub(crate) provider: Option<Arc<Provider>>,
    /// After everything else, our side is closed.
    pub(crate) closing: Option<Closing>,
}

/// How our side is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    /// With close_notify or a fatal alert.
    With(Alert),
    /// Without an alert, because the peer has sent a fatal one (RFC 5246 section 7.2.2).
    Silently,
}

impl Orders {
    /// Creates empty orders.
    #[must_use]
    pub const fn new() -> Self {
        Self { flight: Flight::new(), version: None, provider: None, closing: None }
    }

    /// Removes all orders and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.flight.clear();
        *self = Self { flight: core::mem::take(&mut self.flight), ..Self::new() };
    }

    /// Whether there are no orders.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.flight.is_empty() && self.version.is_none() && self.provider.is_none() && self.closing.is_none()
    }
}
