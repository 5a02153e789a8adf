//! Orders of the reading half for the writing half.

use alloc::sync::Arc;
use cairn_crypto::Provider;
use cairn_handshake::Flight;
use cairn_wire::{Alert, ProtocolVersion};

/// The tasks of the [`crate::Writer`], in order: handshake messages, ChangeCipherSpec, new keys, alerts, and
/// whether application data may be sent. They come from [`crate::Reader::take_orders`], and
/// [`crate::Writer::obey`] executes them.
///
/// They belong to one connection: its writer alone accepts them. Pass all of them on, in their order.
#[derive(Debug)]
pub struct Orders {
    /// The connection that they belong to.
    pub(super) connection: ConnectionId,
    pub(super) tasks: Tasks,
}

impl Orders {
    /// Whether there are no orders.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }
}

/// The identity of a connection whose halves are separate, shared by its reader, its writer and their orders.
/// A [`crate::Connection`] needs none, because its orders never leave it; this saves an allocation.
#[derive(Clone, Debug)]
pub(super) struct ConnectionId(Arc<()>);

impl ConnectionId {
    pub(super) fn new() -> Self {
        Self(Arc::new(()))
    }
}

impl PartialEq for ConnectionId {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The contents of [`Orders`], and what a reader collects for them.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    /// Messages, ChangeCipherSpec, warnings, and the keys, the limits and the gate for writing.
    pub(super) flight: Flight,
    /// The record version from now on.
    pub(super) version: Option<ProtocolVersion>,
    /// The provider from now on.
    pub(super) provider: Option<Arc<Provider>>,
    /// After everything else, our side is closed.
    pub(super) closing: Option<Closing>,
}

impl Tasks {
    /// Removes all tasks. The memory of the flight is kept for the next one if `keep_memory`.
    pub(super) fn clear(&mut self, keep_memory: bool) {
        if keep_memory {
            self.flight.clear();
        } else {
            self.flight = Flight::new();
        }
        (self.version, self.provider, self.closing) = (None, None, None);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.flight.is_empty() && self.version.is_none() && self.provider.is_none() && self.closing.is_none()
    }
}

/// How our side is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    /// With close_notify or a fatal alert.
    With(Alert),
    /// Without an alert, because the peer has sent a fatal one (RFC 5246 section 7.2.2).
    Silently,
}
