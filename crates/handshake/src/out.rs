//! The end of a flight that states append to. It knows the keys, the limits and the gates that the items so
//! far have set, so that each message gets the epoch of the keys in use.

use crate::{
    certificate_chain::CertificateChain,
    error::HandshakeErrorKind,
    flight::{Event, Flight, Item, PeerChangeCipherSpec},
    record_sizes::MAX_PLAINTEXT,
    tls13::write_keys::WriteKeys,
};
use alloc::boxed::Box;
use cairn_crypto::HashOutput;
use cairn_schedule::{Direction, Epoch, Gate, KeyChange, RecordPadding, ScheduleError, Transcript, tls13};
use cairn_wire::{
    Alert, EncodeError, HandshakeBody, HandshakeType, HelloRequest, KeyUpdateRequest, SessionId, Writer,
    write_handshake,
};
use core::ops::Range;

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
        self.use_given_keys(change.direction, change.epoch);
        self.give_keys(change);
    }

    /// Gives the transport keys that are not in use yet.
    pub(crate) fn give_keys(&mut self, change: KeyChange) {
        self.push(Item::Keys(change));
    }

    /// Uses keys that the transport has.
    pub(crate) const fn use_given_keys(&mut self, direction: Direction, epoch: Epoch) {
        let (current, gate) = self.direction(direction);
        *current = epoch;
        *gate = false;
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
