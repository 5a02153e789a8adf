//! Sources of ticket keys.

#[cfg(feature = "std")]
mod rotating;
#[cfg(feature = "std")]
mod shared;

#[cfg(feature = "std")]
pub use rotating::RotatingKeys;
#[cfg(feature = "std")]
pub use shared::SharedKeys;

use crate::ticket_key::{TicketKey, TicketKeyName};
use alloc::sync::Arc;
use cairn_handshake::UnixTime;
use core::fmt;

/// Provides ticket keys. Keys should change often (RFC 5077 section 5.5): the newest one seals, and previous
/// ones still open.
///
/// This trait is for keys that are in memory. If a key must be fetched, implementations need not block: get
/// the name from the ticket with [`ticket_key_name`](crate::ticket_key_name), fetch the key asynchronously,
/// and open the ticket with [`open_ticket`](crate::open_ticket). A service that never reveals its keys can
/// also open and seal tickets itself: the handshake treats a ticket as opaque bytes.
pub trait TicketKeys: Send + Sync {
    /// Returns the key for new tickets, or `None` if no tickets should be issued now.
    fn sealing_key(&self, now: UnixTime) -> Option<Arc<TicketKey>>;

    /// Returns the key with this name, if its tickets may still be opened.
    fn opening_key(&self, name: &TicketKeyName, now: UnixTime) -> Option<Arc<TicketKey>>;
}

impl<K: TicketKeys + ?Sized> TicketKeys for Arc<K> {
    fn sealing_key(&self, now: UnixTime) -> Option<Arc<TicketKey>> {
        (**self).sealing_key(now)
    }

    fn opening_key(&self, name: &TicketKeyName, now: UnixTime) -> Option<Arc<TicketKey>> {
        (**self).opening_key(name, now)
    }
}

impl fmt::Debug for dyn TicketKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TicketKeys")
    }
}
