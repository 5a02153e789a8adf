//! The output of the machine.

use crate::{
    certificate_chain::CertificateChain, error::HandshakeErrorKind,
    post_handshake_authentication::PostHandshakeAuthentication, record_sizes::MAX_PLAINTEXT,
    resumption::NotResumed, session::Session, summary::Summary, tls13::write_keys::WriteKeys,
};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_crypto::{HashOutput, SecretBytes};
use cairn_schedule::{Direction, Epoch, Gate, KeyChange, RecordPadding, ScheduleError, Transcript, tls13};
use cairn_wire::{
    Alert, EncodeError, HandshakeBody, HandshakeType, HelloRequest, KeyUpdateRequest, Random, SessionId,
    Writer, write_handshake,
};
use core::ops::Range;

/// The ordered output of a step. The caller empties it after each step and can reuse it.
#[derive(Debug, Default)]
pub struct Flight {
    bytes: Vec<u8>,
    items: Vec<Item>,
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

/// The epoch, the plaintext limit and the gate for application data of each direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Epochs {
    pub(crate) read: Epoch,
    pub(crate) write: Epoch,
    pub(crate) max_read: u16,
    pub(crate) max_write: u16,
    /// Whether the gate of reading is open, for the keys in use.
    pub(crate) read_gate: bool,
    /// As `read_gate`, of writing.
    pub(crate) write_gate: bool,
}

impl Default for Epochs {
    fn default() -> Self {
        Self {
            read: Epoch::Initial,
            write: Epoch::Initial,
            max_read: MAX_PLAINTEXT,
            max_write: MAX_PLAINTEXT,
            read_gate: false,
            write_gate: false,
        }
    }
}

/// The capacity to reserve for one more message, in bytes. A ClientHello with a ticket has about 500.
const ROOM: usize = 512;

/// No more is reserved if this many bytes are free. Most messages of a server fit, so the flight of a
/// resumption needs one allocation.
const SHORT: usize = 128;

/// Most flights have fewer items.
const ITEMS: usize = 8;

/// The place where a message that is sent is counted.
pub(crate) trait SentMessages {
    /// Adds a message with its header.
    fn add_sent(&mut self, message: &[u8]) -> Result<(), ScheduleError>;
}

impl SentMessages for Transcript {
    fn add_sent(&mut self, message: &[u8]) -> Result<(), ScheduleError> {
        self.add(message)
    }
}

impl SentMessages for tls13::Transcript {
    fn add_sent(&mut self, message: &[u8]) -> Result<(), ScheduleError> {
        self.add(message)
    }
}

/// For a message that belongs to no transcript.
pub(crate) struct NoTranscript;

impl SentMessages for NoTranscript {
    fn add_sent(&mut self, _message: &[u8]) -> Result<(), ScheduleError> {
        Ok(())
    }
}

/// The part of a [`Flight`] that states append to.
pub(crate) struct Out<'a> {
    pub(crate) flight: &'a mut Flight,
    pub(crate) epochs: &'a mut Epochs,
}

impl Out<'_> {
    /// Sends a message and adds it to the transcript.
    pub(crate) fn send<M: HandshakeBody>(
        &mut self,
        transcript: &mut impl SentMessages,
        message: &M,
    ) -> Result<(), HandshakeErrorKind> {
        self.send_with(transcript, M::TYPE, |w| message.encode(w))
    }

    /// Sends a message if its length in bytes, header included, is acceptable. `finish` completes its bytes
    /// before they enter the transcript. Returns whether it was sent.
    pub(crate) fn send_if<M: HandshakeBody>(
        &mut self,
        transcript: &mut impl SentMessages,
        message: &M,
        should_go: impl FnOnce(usize) -> bool,
        finish: impl FnOnce(&mut [u8]) -> Result<(), HandshakeErrorKind>,
    ) -> Result<bool, HandshakeErrorKind> {
        let start = self.flight.bytes.len();
        let written = self.write(M::TYPE, |w| message.encode(w)).inspect_err(|_| {
            // If encoding fails, no part of the message remains.
            self.flight.bytes.truncate(start);
        })?;
        if should_go(written.len()) {
            finish(self.flight.bytes.get_mut(written.clone()).unwrap_or_default())?;
            self.send_written(transcript, M::TYPE, written)?;
            Ok(true)
        } else {
            self.flight.bytes.truncate(written.start);
            Ok(false)
        }
    }

    /// Sends Certificate (RFC 5246 section 7.4.2).
    pub(crate) fn send_certificate(
        &mut self,
        transcript: &mut impl SentMessages,
        chain: &CertificateChain,
    ) -> Result<(), HandshakeErrorKind> {
        self.send_with(transcript, HandshakeType::CERTIFICATE, |w| chain.encode_tls12(w))
    }

    pub(crate) fn send_with(
        &mut self,
        transcript: &mut impl SentMessages,
        msg_type: HandshakeType,
        body: impl FnOnce(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), HandshakeErrorKind> {
        let written = self.write(msg_type, body)?;
        self.send_written(transcript, msg_type, written)
    }

    /// Appends a message to the flight's bytes and returns its position.
    fn write(
        &mut self,
        msg_type: HandshakeType,
        body: impl FnOnce(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<Range<usize>, HandshakeErrorKind> {
        let start = self.flight.bytes.len();
        // Enough capacity for every message except a long Certificate, which reserves its own.
        if self.flight.bytes.capacity().saturating_sub(start) < SHORT {
            self.flight.bytes.reserve(ROOM);
        }
        write_handshake(&mut Writer::vec(&mut self.flight.bytes), msg_type, body)?;
        Ok(start..self.flight.bytes.len())
    }

    fn send_written(
        &mut self,
        transcript: &mut impl SentMessages,
        msg_type: HandshakeType,
        bytes: Range<usize>,
    ) -> Result<(), HandshakeErrorKind> {
        transcript.add_sent(self.flight.bytes.get(bytes.clone()).unwrap_or_default())?;
        self.push(Item::Send { epoch: self.epochs.write, msg_type, bytes });
        Ok(())
    }

    fn push(&mut self, item: Item) {
        if self.flight.items.capacity() == 0 {
            self.flight.items.reserve(ITEMS);
        }
        self.flight.items.push(item);
    }

    /// Sends the messages of a flight that was prepared before, under the keys in use now. Nothing comes in
    /// between.
    pub(crate) fn send_prepared(&mut self, mut prepared: Flight) {
        let offset = self.flight.bytes.len();
        let (bytes, items) = prepared.drain();
        self.flight.bytes.extend_from_slice(bytes);
        for item in items {
            self.push(match item {
                Item::Send { msg_type, bytes, .. } => {
                    let bytes = bytes.start.saturating_add(offset)..bytes.end.saturating_add(offset);
                    Item::Send { epoch: self.epochs.write, msg_type, bytes }
                }
                other => other,
            });
        }
    }

    /// HelloRequest is not part of the transcript (RFC 5246 section 7.4.1.1).
    pub(crate) fn send_hello_request(&mut self) -> Result<(), HandshakeErrorKind> {
        self.send(&mut NoTranscript, &HelloRequest)
    }

    pub(crate) fn send_change_cipher_spec(&mut self) {
        self.push(Item::SendChangeCipherSpec { epoch: self.epochs.write });
    }

    /// Sends ChangeCipherSpec if the client is in compatibility mode, which legacy_session_id tells (RFC 9846
    /// appendix E.4).
    pub(crate) fn send_compatible_change_cipher_spec(&mut self, session_id: &SessionId) {
        if !session_id.is_empty() {
            self.send_change_cipher_spec();
        }
    }

    pub(crate) fn peer_change_cipher_spec(&mut self, meaning: PeerChangeCipherSpec) {
        self.push(Item::PeerChangeCipherSpec(meaning));
    }

    pub(crate) fn write_keys(&mut self, keys: WriteKeys) {
        self.push(Item::WriteKeys(Box::new(keys)));
    }

    pub(crate) fn update_keys(&mut self, request_update: KeyUpdateRequest) {
        self.push(Item::UpdateKeys(request_update));
    }

    pub(crate) fn send_finished(&mut self, transcript_hash: HashOutput) {
        self.push(Item::SendFinished { transcript_hash });
    }

    pub(crate) fn answer_key_update(&mut self) {
        self.push(Item::AnswerKeyUpdate);
    }

    /// Pads application data that we send, if the policy wants it.
    pub(crate) fn pad_records(&mut self, padding: RecordPadding) {
        if padding != RecordPadding::NONE {
            self.push(Item::PadRecords(padding));
        }
    }

    /// Uses the keys of early data, and permits it up to this number of bytes.
    pub(crate) fn start_early_data(&mut self, change: KeyChange, max_bytes: u32) {
        let direction = change.direction;
        self.change_keys(change);
        self.push(Item::LimitEarlyData { direction, max_bytes });
        self.open_gate(direction);
    }

    /// Sends without keys again.
    pub(crate) fn drop_early_keys(&mut self) {
        (self.epochs.write, self.epochs.write_gate) = (Epoch::Initial, false);
        self.push(Item::DropEarlyKeys);
    }

    pub(crate) fn skip_early_data(&mut self, max_bytes: u32) {
        self.push(Item::SkipEarlyData { max_bytes });
    }

    pub(crate) fn send_alert(&mut self, alert: Alert) {
        self.push(Item::SendAlert { epoch: self.epochs.write, alert });
    }

    /// Uses new keys, which close the gate.
    pub(crate) fn change_keys(&mut self, change: KeyChange) {
        let (epoch, gate) = self.direction(change.direction);
        *epoch = change.epoch;
        *gate = false;
        self.push(Item::Keys(change));
    }

    /// The epoch of a direction, and whether its gate is open.
    const fn direction(&mut self, direction: Direction) -> (&mut Epoch, &mut bool) {
        match direction {
            Direction::Read => (&mut self.epochs.read, &mut self.epochs.read_gate),
            Direction::Write => (&mut self.epochs.write, &mut self.epochs.write_gate),
        }
    }

    /// Limits the records of a direction, unless the limit is already in force.
    pub(crate) fn limit_records(&mut self, direction: Direction, max_plaintext: u16) {
        let current = match direction {
            Direction::Read => &mut self.epochs.max_read,
            Direction::Write => &mut self.epochs.max_write,
        };
        if *current != max_plaintext {
            *current = max_plaintext;
            self.push(Item::LimitRecords { direction, max_plaintext });
        }
    }

    /// Permits application data in this direction under the keys in use.
    pub(crate) fn open_gate(&mut self, direction: Direction) {
        let (epoch, gate) = self.direction(direction);
        if !core::mem::replace(gate, true) {
            let gate = Gate::Open { epoch: *epoch };
            self.push(Item::ApplicationData { direction, gate });
        }
    }

    /// Permits application data to a client that has proved nothing yet, under the keys in use.
    pub(crate) fn open_half_rtt_gate(&mut self) {
        let gate = Gate::HalfRtt { epoch: self.epochs.write };
        self.push(Item::ApplicationData { direction: Direction::Write, gate });
    }

    /// Forbids application data in this direction.
    pub(crate) fn close_gate(&mut self, direction: Direction) {
        if core::mem::replace(self.direction(direction).1, false) {
            self.push(Item::ApplicationData { direction, gate: Gate::Closed });
        }
    }

    pub(crate) fn event(&mut self, event: Event) {
        self.push(Item::Event(event));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_limit(item: &Item) -> bool {
        matches!(item, Item::LimitRecords { .. })
    }

    #[test]
    fn extract_takes_selected_items_in_order_and_examines_each_once() {
        let (mut flight, mut epochs) = (Flight::new(), Epochs::default());
        let mut add = |flight: &mut Flight, limits: &[u16]| {
            let mut out = Out { flight, epochs: &mut epochs };
            for limit in limits {
                out.send_change_cipher_spec();
                out.limit_records(Direction::Read, *limit);
            }
        };
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
