//! What comes out of the machine.

use crate::{ErrorKind, Session, Summary, record_sizes::MAX_PLAINTEXT};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_crypto::Secret;
use cairn_schedule::{Direction, Epoch, KeyChange, Suite, TrafficKeys, Transcript};
use cairn_wire::{
    Alert, EncodeError, HandshakeBody, HandshakeType, HelloRequest, Random, SessionId, Writer,
    write_handshake,
};
use core::ops::Range;

/// Things to do, in order. The caller empties it after each step and may use it again.
#[derive(Debug, Default)]
pub struct Flight {
    bytes: Vec<u8>,
    items: Vec<Item>,
}

/// One thing to do. Each must be done, so that who matches on it should hear of a new kind from the compiler.
#[derive(Debug)]
pub enum Item {
    /// Send a handshake message.
    Send {
        /// Under these keys.
        epoch: Epoch,
        /// What kind it is, for a trace.
        msg_type: HandshakeType,
        /// Where it lies in [`Flight::bytes`], header included. Messages that follow each other lie side by side.
        bytes: Range<usize>,
    },
    /// Send ChangeCipherSpec, still under the old keys (RFC 5246 section 7.1).
    SendChangeCipherSpec {
        /// The old keys.
        epoch: Epoch,
    },
    /// Send an alert that does not end the connection.
    SendAlert {
        /// Under these keys.
        epoch: Epoch,
        /// The alert.
        alert: Alert,
    },
    /// Use new keys from here on. A change of the reading keys is a barrier: it must be applied before the next
    /// record is opened, and no half message may be pending.
    Keys(KeyChange),
    /// From the next record of this direction on, hold so much plaintext at most in one (RFC 6066 section 4, RFC 8449). A limit on
    /// what is read is a barrier, as keys are: what comes then and is bigger is `record_overflow`. Before any limit it is
    /// 2^14 bytes.
    LimitRecords {
        /// The direction.
        direction: Direction,
        /// The greatest length of a record's plaintext, in bytes; at most 2^14.
        max_plaintext: u16,
    },
    /// Something the outside may want to know.
    Event(Event),
}

/// Something the outside may want to know.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// The handshake is complete, the first or a later one: application data may flow.
    Complete(Box<Summary>),
    /// This session can be resumed: keep it. It comes before [`Event::Complete`].
    SaveSession(Arc<Session>),
    /// This session must not be resumed again (RFC 5246 section 7.2.2).
    ForgetSession(SessionId),
    /// A secret for a key log, if the policy asked for them.
    KeyLog(KeyLogLine),
    /// The peer does not want the handshake that we asked for (RFC 5246 section 7.2.2): the connection goes on as it
    /// was.
    RenegotiationRefused,
    /// The peer sent `close_notify`: it will send no more.
    PeerClosed,
}

/// One line of a key log in the format that NSS began and Wireshark reads.
#[derive(Debug)]
pub struct KeyLogLine {
    /// What the secret is: `CLIENT_RANDOM` for a TLS 1.2 master secret.
    pub label: &'static str,
    /// ClientHello.random, by which the connection is found.
    pub client_random: Random,
    /// The secret.
    pub secret: Secret<48>,
}

impl Flight {
    /// An empty flight.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), items: Vec::new() }
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The things to do, in order.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The bytes that [`Item::Send`] points to.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Takes the things to do out, in order, beside the bytes they point to. What is not taken is dropped.
    pub fn drain(&mut self) -> (&[u8], impl Iterator<Item = Item> + '_) {
        (&self.bytes, self.items.drain(..))
    }

    /// Takes out the things that `take` picks, in order; the others stay, in order.
    pub fn extract<'a>(
        &'a mut self,
        take: impl FnMut(&mut Item) -> bool + 'a,
    ) -> impl Iterator<Item = Item> + 'a {
        self.items.extract_if(.., take)
    }

    /// Forgets everything, and keeps the memory for the next step.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.items.clear();
    }
}

/// The epochs in force, one for each direction, and the most plaintext that records may hold now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Epochs {
    pub(crate) read: Epoch,
    pub(crate) write: Epoch,
    pub(crate) max_read: u16,
    pub(crate) max_write: u16,
}

impl Default for Epochs {
    fn default() -> Self {
        Self {
            read: Epoch::INITIAL,
            write: Epoch::INITIAL,
            max_read: MAX_PLAINTEXT,
            max_write: MAX_PLAINTEXT,
        }
    }
}

/// Bytes of room for one more message: a ClientHello with a ticket is some 500.
const ROOM: usize = 512;

/// Where there are so many left, no room is made: most messages of a server are no longer, and a resumption's flight is
/// then in one piece of memory.
const SHORT: usize = 128;

/// A flight that resumes a session has some six things to do.
const ITEMS: usize = 8;

/// The end of a [`Flight`] that the states write to.
pub(crate) struct Out<'a> {
    pub(crate) flight: &'a mut Flight,
    pub(crate) epochs: &'a mut Epochs,
}

impl Out<'_> {
    /// Sends a message and adds it to the transcript.
    pub(crate) fn send<M: HandshakeBody>(
        &mut self,
        transcript: &mut Transcript,
        message: &M,
    ) -> Result<(), ErrorKind> {
        self.send_with(transcript, M::TYPE, |w| message.encode(w))
    }

    /// Sends a message if it should go at this length in bytes, its header and all; says whether it went.
    pub(crate) fn send_if<M: HandshakeBody>(
        &mut self,
        transcript: &mut Transcript,
        message: &M,
        should_go: impl FnOnce(usize) -> bool,
    ) -> Result<bool, ErrorKind> {
        let start = self.flight.bytes.len();
        let written = self.write(M::TYPE, |w| message.encode(w)).inspect_err(|_| {
            // Nothing is left of a message that cannot be encoded.
            self.flight.bytes.truncate(start);
        })?;
        if should_go(written.len()) {
            self.send_written(transcript, M::TYPE, written)?;
            Ok(true)
        } else {
            self.flight.bytes.truncate(written.start);
            Ok(false)
        }
    }

    /// Sends a message whose body is encoded already.
    pub(crate) fn send_encoded(
        &mut self,
        transcript: &mut Transcript,
        msg_type: HandshakeType,
        body: &[u8],
    ) -> Result<(), ErrorKind> {
        self.send_with(transcript, msg_type, |w| w.bytes(body))
    }

    fn send_with(
        &mut self,
        transcript: &mut Transcript,
        msg_type: HandshakeType,
        body: impl FnOnce(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), ErrorKind> {
        let written = self.write(msg_type, body)?;
        self.send_written(transcript, msg_type, written)
    }

    /// Writes a message at the end of the flight's bytes, and says where.
    fn write(
        &mut self,
        msg_type: HandshakeType,
        body: impl FnOnce(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<Range<usize>, ErrorKind> {
        let start = self.flight.bytes.len();
        // Room at once for any message but a long Certificate, which knows its own length.
        if self.flight.bytes.capacity().saturating_sub(start) < SHORT {
            self.flight.bytes.reserve(ROOM);
        }
        write_handshake(&mut Writer::vec(&mut self.flight.bytes), msg_type, body)?;
        Ok(start..self.flight.bytes.len())
    }

    fn send_written(
        &mut self,
        transcript: &mut Transcript,
        msg_type: HandshakeType,
        bytes: Range<usize>,
    ) -> Result<(), ErrorKind> {
        transcript.add(self.flight.bytes.get(bytes.clone()).unwrap_or_default())?;
        self.push(Item::Send { epoch: self.epochs.write, msg_type, bytes });
        Ok(())
    }

    fn push(&mut self, item: Item) {
        if self.flight.items.capacity() == 0 {
            self.flight.items.reserve(ITEMS);
        }
        self.flight.items.push(item);
    }

    /// HelloRequest is in no transcript (RFC 5246 section 7.4.1.1).
    pub(crate) fn send_hello_request(&mut self) -> Result<(), ErrorKind> {
        self.send(&mut Transcript::new(), &HelloRequest)
    }

    pub(crate) fn send_change_cipher_spec(&mut self) {
        self.push(Item::SendChangeCipherSpec { epoch: self.epochs.write });
    }

    pub(crate) fn send_alert(&mut self, alert: Alert) {
        self.push(Item::SendAlert { epoch: self.epochs.write, alert });
    }

    pub(crate) fn change_keys(
        &mut self,
        direction: Direction,
        suite: &'static Suite,
        keys: TrafficKeys,
        encrypt_then_mac: bool,
    ) -> Result<(), ErrorKind> {
        let epoch = match direction {
            Direction::Read => &mut self.epochs.read,
            Direction::Write => &mut self.epochs.write,
        };
        *epoch = epoch.next().ok_or(ErrorKind::TooManyHandshakes)?;
        let change = KeyChange { epoch: *epoch, direction, suite, keys, encrypt_then_mac };
        self.push(Item::Keys(change));
        Ok(())
    }

    /// Limits the records of a direction, where they are not limited so already.
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

    pub(crate) fn event(&mut self, event: Event) {
        self.push(Item::Event(event));
    }
}
