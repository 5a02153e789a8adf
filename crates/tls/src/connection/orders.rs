//! Orders of the reading half for the writing half.

use alloc::sync::Arc;
use cairn_crypto::Provider;
use cairn_handshake::Flight;
use cairn_wire::{Alert, ProtocolVersion};
use core::sync::atomic::{AtomicBool, Ordering};

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
pub(super) struct ConnectionId(Arc<Shared>);

/// The state that separate halves share.
#[derive(Debug, Default)]
struct Shared {
    /// Whether the peer has requested KeyUpdate since our last one. It is not an order, because any number of
    /// requests gets one answer, and a peer could otherwise fill the memory of a program that never writes.
    answer_is_due: AtomicBool,
}

impl ConnectionId {
    pub(super) fn new() -> Self {
        Self(Arc::new(Shared::default()))
    }

    /// The peer has requested KeyUpdate.
    pub(super) fn request_answer(&self) {
        self.0.answer_is_due.store(true, Ordering::Release);
    }

    /// Whether the peer has requested KeyUpdate since the last call of [`ConnectionId::take_answer`].
    pub(super) fn is_answer_due(&self) -> bool {
        self.0.answer_is_due.load(Ordering::Acquire)
    }

    /// As [`ConnectionId::is_answer_due`], and forgets the request, because the caller answers it now.
    pub(super) fn take_answer(&self) -> bool {
        self.0.answer_is_due.swap(false, Ordering::AcqRel)
    }
}

impl PartialEq for ConnectionId {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The contents of [`Orders`], which a reader collects.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    /// Messages, ChangeCipherSpec, warnings, and the keys, the limits and the gate for writing.
    pub(super) flight: Flight,
    /// The number of items at the start of the flight that the reader has left to the writer, or fewer. It is
    /// short because every connection has one.
    pub(super) for_writer: u16,
    /// The record version from now on.
    pub(super) version: Option<ProtocolVersion>,
    /// The provider from now on.
    pub(super) provider: Option<Arc<Provider>>,
    /// KeyUpdate must precede the next application data.
    pub(super) answer_is_due: bool,
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
        self.for_writer = 0;
        (self.version, self.provider, self.answer_is_due, self.closing) = (None, None, false, None);
    }

    pub(super) fn is_empty(&self) -> bool {
        let Self { flight, for_writer: _, version, provider, answer_is_due, closing } = self;
        flight.is_empty() && version.is_none() && provider.is_none() && !answer_is_due && closing.is_none()
    }
}

/// The way in which our side is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    /// With close_notify or a fatal alert.
    With(Alert),
    /// Without an alert, because the peer has sent a fatal one (RFC 5246 section 7.2.2).
    Silently,
}
