//! The output of the machine.

use crate::{
    post_handshake_authentication::PostHandshakeAuthentication, resumption::NotResumed, session::Session,
    summary::Summary, tls13::write_keys::WriteKeys,
};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_crypto::{HashOutput, SecretBytes};
use cairn_schedule::{Direction, Epoch, Gate, KeyChange, RecordPadding};
use cairn_wire::{Alert, HandshakeType, KeyUpdateRequest, Random, SessionId};
use core::ops::Range;

/// The ordered output of a step. The caller empties it after each step and can reuse it.
#[derive(Debug, Default)]
pub struct Flight {
    pub(crate) bytes: Vec<u8>,
    pub(crate) items: Vec<Item>,
}

/// One item of output. The caller must handle every variant, so the enum is exhaustive.
#[derive(Debug)]
pub enum Item {
    /// Send a handshake message.
    Send {
        /// The epoch of the keys that protect it.
        epoch: Epoch,
        /// The type of the message, for traces.
        msg_type: HandshakeType,
        /// The position in [`Flight::bytes`], header included. Consecutive messages are adjacent.
        bytes: Range<usize>,
    },
    /// Send ChangeCipherSpec with the old keys (RFC 5246 section 7.1).
    SendChangeCipherSpec {
        /// The epoch of the old keys.
        epoch: Epoch,
    },
    /// Send an alert that does not end the connection.
    SendAlert {
        /// The epoch of the keys that protect it.
        epoch: Epoch,
        /// The alert.
        alert: Alert,
    },
    /// Use new keys from now on. For reading keys this is a barrier: apply it before you open the next
    /// record. No partial message may be pending.
    Keys(KeyChange),
    /// Keep the keys for writing from now on: the handshake of TLS 1.3 is complete. Send KeyUpdate as the
    /// next two items demand, and whenever you need new keys. Later [`Item::Send`] items are for the epoch
    /// of these keys, whatever epoch they state.
    WriteKeys(Box<WriteKeys>),
    /// Send KeyUpdate now, with this request_update, and use the next keys: [`WriteKeys::update`].
    UpdateKeys(KeyUpdateRequest),
    /// The peer has requested KeyUpdate. Before the next application data, send one that requests none (RFC
    /// 9846 section 4.7.3). One answers any number of requests that have come before it.
    AnswerKeyUpdate,
    /// Send Finished now: [`WriteKeys::finished`]. It ends an authentication of the client after the
    /// handshake (RFC 9846 section 4.7.2), after the [`Item::Send`] items of its other messages, which come
    /// directly before it. "All of the client's messages for a given response MUST appear consecutively on
    /// the wire with no intervening messages of other type or from other responses": send no KeyUpdate of
    /// your own between them.
    SendFinished {
        /// The hash of the handshake and of the authentication up to the message before Finished.
        transcript_hash: HashOutput,
    },
    /// Limit the plaintext of records in this direction from the next record on (RFC 6066 section 4, RFC
    /// 8449). For reading this is a barrier, like new keys: a longer record is `record_overflow`. The initial
    /// limit is 2^14 bytes.
    LimitRecords {
        /// The direction.
        direction: Direction,
        /// The maximum plaintext of a record in bytes; at most 2^14.
        max_plaintext: u16,
    },
    /// Limit the early data in this direction: the application data under the epoch of early data (RFC 9846
    /// section 4.3.10). It comes with the keys. A client must not send more, and in a server more is
    /// `unexpected_message`.
    LimitEarlyData {
        /// The direction.
        direction: Direction,
        /// The maximum length of all of it in bytes, without padding.
        max_bytes: u32,
    },
    /// Send without keys again: HelloRetryRequest rejects our early data, and the second ClientHello is not
    /// encrypted. The gate for writing closes.
    DropEarlyKeys,
    /// Pad the application data that we send from the next record on (RFC 9846 section 5.4). At first there
    /// is no padding.
    PadRecords(RecordPadding),
    /// Permit or forbid application data in this direction from the next record on. For reading this is a
    /// barrier, like new keys. Both gates are closed at first.
    ///
    /// Nothing else decides about application data. An open gate is for the keys in use; when they change,
    /// the gate closes until another item opens it.
    ///
    /// Under the epoch of early data it must not be mistaken for other application data: an attacker can
    /// replay it, and it has no forward secrecy (RFC 9846 section 2.3). [`Gate::HalfRtt`] permits a server to
    /// send data to a client that has proved nothing, which must not happen unnoticed either.
    ApplicationData {
        /// The direction.
        direction: Direction,
        /// Whether application data may pass, and under which epoch.
        gate: Gate,
    },
    /// Ignore ChangeCipherSpec records of the peer from now on, or no longer (RFC 9846 section 5). For
    /// reading this is a barrier, like new keys. At first they are not ignored.
    PeerChangeCipherSpec(PeerChangeCipherSpec),
    /// Skip the client's early data, which the server does not accept, up to a limit (RFC 9846 section
    /// 4.3.10). For reading this is a barrier, like new keys.
    ///
    /// With keys for reading, the records that they do not open are early data. Without keys, after
    /// HelloRetryRequest, those of the type application_data are. Skipping ends by itself with the first
    /// record of the client's next flight, and with new keys. More early data than the limit is
    /// `unexpected_message`. A server that accepts early data gives this item not at all.
    SkipEarlyData {
        /// The maximum length of the skipped records in bytes, with padding and tag and without headers.
        max_bytes: u32,
    },
    /// An event for the caller.
    Event(Event),
}

/// The meaning of a ChangeCipherSpec record of the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PeerChangeCipherSpec {
    /// The message of TLS 1.2: [`crate::Input::ChangeCipherSpec`].
    Message,
    /// Nothing: TLS 1.3 sends it for middleboxes only.
    Ignored,
    /// It is unexpected, as any record after the peer's Finished that is not protected.
    Unexpected,
}

/// An event for the caller.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// A handshake is complete. [`Item::ApplicationData`] has opened both directions before.
    Complete(Box<Summary>),
    /// The client has answered a request for its certificate after the handshake (RFC 9846 section 4.7.2).
    /// On a server, data that the client sends from here on is from
    /// [`PostHandshakeAuthentication::identity`], and earlier data is not.
    ClientAuthentication(Box<PostHandshakeAuthentication>),
    /// Save this session: it can be resumed. Comes before [`Event::Complete`].
    SaveSession(Arc<Session>),
    /// Remove this session: it must not be resumed (RFC 5246 section 7.2.2).
    ForgetSession(SessionId),
    /// A secret for the key log, if the policy enables it.
    KeyLog(KeyLogLine),
    /// The peer refused the renegotiation that we requested (RFC 5246 section 7.2.2). The connection
    /// continues unchanged.
    RenegotiationRefused,
    /// An available session is not resumed, for this reason. Comes as soon as that is decided, so also in a
    /// handshake that fails later: on a client before ClientHello or at ServerHello, on a server before
    /// ServerHello. [`Summary::resumption`] repeats the reason.
    NotResumed(NotResumed),
    /// The transport parameters of the peer, if the transport is QUIC (RFC 9001 section 8.2). A server gets
    /// them with ClientHello, a client with EncryptedExtensions. They are authentic once the handshake is
    /// complete.
    TransportParameters(Arc<[u8]>),
    /// The peer sent `close_notify`, so it will send no more data.
    PeerClosed,
}

/// One line of a key log in the NSS format, which Wireshark can read.
#[derive(Debug)]
pub struct KeyLogLine {
    /// The label of the secret: `CLIENT_RANDOM` for a TLS 1.2 master secret.
    pub label: &'static str,
    /// ClientHello.random, which identifies the connection.
    pub client_random: Random,
    /// The secret: 48 bytes for a TLS 1.2 master secret.
    pub secret: SecretBytes,
}

impl Flight {
    /// Creates an empty flight.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), items: Vec::new() }
    }

    /// Whether the flight has no items.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The items, in order.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The bytes that [`Item::Send`] refers to.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Removes the items, in order, and returns them with the bytes that they refer to. Items that are not
    /// consumed are dropped.
    pub fn drain(&mut self) -> (&[u8], impl Iterator<Item = Item> + '_) {
        (&self.bytes, self.items.drain(..))
    }

    /// Removes and returns the first item from `index` on that `take` selects, and moves `index` to its
    /// place. Without such an item, `index` becomes the number of items.
    pub fn extract(&mut self, index: &mut usize, take: impl Fn(&Item) -> bool) -> Option<Item> {
        while let Some(item) = self.items.get(*index) {
            if take(item) {
                return Some(self.items.remove(*index));
            }
            *index = index.saturating_add(1);
        }
        None
    }

    /// Removes all items and keeps the memory for the next step.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.items.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_limit(item: &Item) -> bool {
        matches!(item, Item::LimitRecords { .. })
    }

    /// Adds a ChangeCipherSpec before each of these limits.
    fn add(flight: &mut Flight, limits: &[u16]) {
        for max_plaintext in limits.iter().copied() {
            flight.items.push(Item::SendChangeCipherSpec { epoch: Epoch::Initial });
            flight.items.push(Item::LimitRecords { direction: Direction::Read, max_plaintext });
        }
    }

    #[test]
    fn extract_takes_selected_items_in_order_and_examines_each_once() {
        let mut flight = Flight::new();
        add(&mut flight, &[512, 1024]);
        let mut index = 0;
        for expected in [512, 1024] {
            let item = flight.extract(&mut index, is_limit);
            let Some(Item::LimitRecords { max_plaintext, .. }) = item else { panic!("{item:?}") };
            assert_eq!(max_plaintext, expected);
        }
        assert!(flight.extract(&mut index, is_limit).is_none());
        assert_eq!((index, flight.items().len()), (2, 2));

        // The items of the next step follow those that stay.
        add(&mut flight, &[2048]);
        let examined = core::cell::Cell::new(0);
        let taken = flight.extract(&mut index, |item| {
            examined.set(examined.get() + 1);
            is_limit(item)
        });
        assert_eq!(examined.get(), 2, "the new ones");
        assert!(matches!(taken, Some(Item::LimitRecords { max_plaintext: 2048, .. })), "{taken:?}");
        assert_eq!((index, flight.items().len()), (3, 3));
        assert!(flight.items().iter().all(|item| matches!(item, Item::SendChangeCipherSpec { .. })));
    }
}
