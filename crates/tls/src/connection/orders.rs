//! Orders of the reading half for the writing half.

use alloc::sync::Arc;
use cairn_crypto::Provider;
use cairn_handshake::Flight;
use cairn_wire::{Alert, ProtocolVersion};
use core::mem;

/// The tasks of the [`crate::Writer`], in order: handshake messages, ChangeCipherSpec, new keys, alerts, and
/// whether application data may be sent. They come from [`crate::Reader::take_orders`], and
/// [`crate::Writer::obey`] executes them.
///
/// They belong to one connection: its writer alone accepts them. Pass all of them on, in their order.
#[derive(Debug)]
pub struct Orders {
    /// The connection that they belong to.
    pub(super) connection: ConnectionId,
    /// Messages, ChangeCipherSpec, warnings, and the keys, the limits and the gate for writing.
    pub(crate) flight: Flight,
    /// The record version from now on.
    pub(crate) version: Option<ProtocolVersion>,
    /// The provider from now on.
    pub(crate) provider: Option<Arc<Provider>>,
    /// After everything else, our side is closed.
    pub(crate) closing: Option<Closing>,
}

/// The identity of a connection, shared by its reader, its writer and their orders.
#[derive(Clone, Debug)]
pub(super) enum ConnectionId {
    /// The halves are in a [`crate::Connection`], which executes the orders itself. This costs no allocation.
    Whole,
    /// The halves are separate, and their orders are passed on by the caller.
    Halves(Arc<()>),
}

impl ConnectionId {
    pub(super) fn halves() -> Self {
        Self::Halves(Arc::new(()))
    }

    /// Whether orders of `self` may be passed to the writer of `other`.
    pub(super) fn is_same_halves(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Halves(one), Self::Halves(two)) if Arc::ptr_eq(one, two))
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

impl Orders {
    pub(super) const fn new(connection: ConnectionId) -> Self {
        Self { connection, flight: Flight::new(), version: None, provider: None, closing: None }
    }

    /// Removes and returns all orders, unless there are none.
    pub(super) fn take(&mut self) -> Option<Self> {
        let empty = || Self::new(self.connection.clone());
        (!self.is_empty()).then(empty).map(|empty| mem::replace(self, empty))
    }

    /// Removes all orders. The memory of the flight is kept for the next one if `keep_memory`.
    pub(super) fn clear(&mut self, keep_memory: bool) {
        if keep_memory {
            self.flight.clear();
        } else {
            self.flight = Flight::new();
        }
        (self.version, self.provider, self.closing) = (None, None, None);
    }

    /// Whether there are no orders.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.flight.is_empty() && self.version.is_none() && self.provider.is_none() && self.closing.is_none()
    }
}
