//! Where ticket keys come from.

#[cfg(feature = "std")]
mod rotating;
#[cfg(feature = "std")]
mod shared;

#[cfg(feature = "std")]
pub use rotating::RotatingKeys;
#[cfg(feature = "std")]
pub use shared::SharedKeys;

use crate::{TicketKey, TicketKeyName};
use alloc::sync::Arc;
use cairn_handshake::UnixTime;
use core::fmt;

/// Answers which ticket key to use. Keys should change often (RFC 5077 section 5.5): the one that seals is the newest,
/// those before it still open.
///
/// This is for keys that are at hand. When one must be fetched, nobody has to wait in here: take the name from the
/// ticket with [`ticket_key_name`](crate::ticket_key_name), fetch the key as slowly as it takes, and open the ticket
/// with [`open_ticket`](crate::open_ticket). And a service that never gives its keys away does both, opening and
/// sealing, by itself: to the handshake a ticket is bytes.
pub trait TicketKeys: Send + Sync {
    /// The key to seal new tickets with; none when there shall be no new ticket now.
    fn sealing_key(&self, now: UnixTime) -> Option<Arc<TicketKey>>;

    /// The key of this name, if tickets that it sealed may still be opened.
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
