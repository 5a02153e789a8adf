//! The records of a flow, with the messages in them.

mod incomplete;

use super::{
    before,
    conversation::{Conversation, Line},
    flows::{Content, Flow, Piece},
    keylog::{KeyLog, Label},
    open::{Opened, Tls12Opener, Tls12Parameters, Tls13Opener},
    records::{first_message, header_of, quoted},
    sides::{From, Sides},
};
use crate::show::event::{Event, Kind};
use cairn_record::LooksLike;
use cairn_schedule::Randoms;
use cairn_tls::{
    Direction, Epoch, Provider, TLS13_SUITES, Traced,
    wire::{
        Alert, AnyServerHello, ContentType, Decode, HandshakeHeader, HandshakeType, ProtocolVersion, Random,
        RecordHeader,
        tree::{HandshakeTree, Negotiated},
    },
};

/// The most lines of a flow. A person reads fewer, and each takes far more memory than its record.
pub(super) const MAX_LINES: usize = 10_000;

/// Reads the records of a flow. With a provider, records are opened with the secrets of the log.
pub(crate) fn read(flow: &Flow<'_>, provider: Option<&Provider>, log: &KeyLog) -> Conversation {
    let mut reader = Reader {
        provider,
        log,
        start: flow.start,
        conversation: Conversation::default(),
        sides: Sides::default(),
        negotiated: Negotiated::Unknown,
        tls12: None,
    };
    for from in From::BOTH {
        reader.skip_what_comes_before(from, &flow.pieces);
    }
    for piece in &flow.pieces {
        reader.piece(piece);
    }
    for from in From::BOTH {
        reader.end(from);
    }
    reader.conversation
}

/// One side of a connection.
#[derive(Default)]
struct Side<'p> {
    /// The position in the stream at which TLS begins, if other bytes come before.
    begins: u64,
    /// The beginning of a record.
    buffer: Vec<u8>,
    /// Whether bytes of the record in the buffer are missing.
    is_damaged: bool,
    /// The beginning of a handshake message.
    begun: Vec<u8>,
    /// The number of ChangeCipherSpec messages.
    changes: u16,
    tls12: Option<Tls12Opener>,
    tls13: Option<Tls13Opener<'p>>,
}

struct Reader<'p> {
    provider: Option<&'p Provider>,
    log: &'p KeyLog,
    /// The time of the first packet.
    start: u64,
    conversation: Conversation,
    sides: Sides<Side<'p>>,
    negotiated: Negotiated,
    tls12: Option<Tls12Parameters>,
}

/// The packet and the time of a message.
#[derive(Clone, Copy)]
struct Place {
    from: From,
    packet: usize,
    at: u64,
}

impl Place {
    /// The direction in the view of the client.
    const fn direction(self) -> Direction {
        match self.from {
            From::Client => Direction::Write,
            From::Server => Direction::Read,
        }
    }
}

impl Reader<'_> {
    /// Finds the hello of a side that speaks another protocol first, as after STARTTLS.
    fn skip_what_comes_before(&mut self, from: From, pieces: &[Piece<'_>]) {
        let Some((begins, first)) = before::tls_of(from, pieces) else { return };
        self.sides.of_mut(from).begins = begins;
        self.conversation.notes.push(format!(
            "{begins} bytes of the {} come before its TLS, beginning with {}",
            from.name(),
            quoted(&first)
        ));
    }

    fn piece(&mut self, piece: &Piece<'_>) {
        let from = piece.from;
        if self.conversation.stops.of(from).is_some() {
            return;
        }
        let before = self.sides.of(from).begins.saturating_sub(piece.offset);
        let place = Place { from, packet: piece.packet, at: piece.at.saturating_sub(self.start) };
        match piece.content {
            Content::Bytes(bytes) => {
                let before = usize::try_from(before).unwrap_or(usize::MAX);
                let Some(bytes) = bytes.get(before..).filter(|bytes| !bytes.is_empty()) else { return };
                self.sides.of_mut(from).buffer.extend_from_slice(bytes);
                self.records(place);
            }
            Content::Missing(_) if before > 0 => {}
            Content::Missing(length) => self.gap(place, piece.offset, length),
        }
    }

    fn note(&mut self, note: String) {
        /// More of them would only repeat themselves.
        const MOST: usize = 20;
        let notes = &mut self.conversation.notes;
        if notes.len() < MOST && !notes.contains(&note) {
            notes.push(note);
        }
    }

    fn stop(&mut self, from: From, why: String) {
        *self.conversation.stops.of_mut(from) = Some(why);
        *self.sides.of_mut(from) = Side::default();
    }

    /// Reads the complete records in the buffer.
    fn records(&mut self, place: Place) {
        let side = self.sides.of_mut(place.from);
        let missing = header_of(&side.buffer)
            .is_some_and(|header| side.buffer.len() < RecordHeader::LEN.saturating_add(header.length.into()));
        if missing {
            return;
        }
        let buffer = core::mem::take(&mut side.buffer);
        let mut rest = buffer.as_slice();
        while rest.len() >= RecordHeader::LEN {
            let Some(header) = header_of(rest) else { return self.not_tls(place.from, rest) };
            let end = RecordHeader::LEN.saturating_add(header.length.into());
            let (Some(body), Some(after)) = (rest.get(RecordHeader::LEN..end), rest.get(end..)) else {
                break;
            };
            *self.conversation.has_tls.of_mut(place.from) = true;
            rest = after;
            if core::mem::take(&mut self.sides.of_mut(place.from).is_damaged) {
                self.lost(place, header);
            } else {
                self.record(place, header, body);
            }
            if self.conversation.stops.of(place.from).is_some() {
                return;
            }
        }
        self.sides.of_mut(place.from).buffer = rest.to_vec();
    }

    fn not_tls(&mut self, from: From, rest: &[u8]) {
        let name = from.name();
        let is_first = !*self.conversation.has_tls.of(from);
        let why = match rest.first_chunk() {
            Some(first) if is_first => {
                format!(
                    "the {name} does not begin with TLS but with {}: {}",
                    LooksLike::sniff(first),
                    quoted(rest)
                )
            }
            _ => format!("no record of TLS follows in the bytes of the {name} but {}", quoted(rest)),
        };
        self.stop(from, why);
    }

    fn record(&mut self, place: Place, header: RecordHeader, body: &[u8]) {
        let is_tls13 = self.negotiated == Negotiated::Tls13;
        let side = self.sides.of_mut(place.from);
        let is_protected = if is_tls13 || side.changes == 0 {
            // In TLS 1.3 every protected record has this type (RFC 9846 section 5.2). Without a ServerHello
            // it is early data, or the capture begins within a connection.
            header.content_type == ContentType::APPLICATION_DATA
        } else {
            true
        };
        // The client of TLS 1.3 may send ChangeCipherSpec before it knows the version (appendix E.4).
        let is_protected = if self.negotiated == Negotiated::Unknown {
            header.content_type == ContentType::APPLICATION_DATA
        } else {
            is_protected
        };
        if !is_protected {
            return self.content(place, header.content_type, body, Epoch::Initial);
        }
        match self.open(place, header, body) {
            Some(Opened { content_type, text, epoch }) => self.content(place, content_type, &text, epoch),
            None => {
                let closed = self.conversation.closed.of_mut(place.from);
                *closed = closed.saturating_add(1);
                self.closed_line(place, header, "encrypted record");
            }
        }
    }

    fn open(&mut self, place: Place, header: RecordHeader, body: &[u8]) -> Option<Opened> {
        let random = self.conversation.facts.client_random;
        let Some(random) = random else {
            self.note(
                "the capture begins within the connection: without its hellos, nothing can be opened".into(),
            );
            return None;
        };
        let side = self.sides.of_mut(place.from);
        if self.negotiated == Negotiated::Unknown && side.tls13.is_none() && place.from == From::Client {
            let provider = self.provider?;
            let opened = Tls13Opener::of_early_data(provider, self.log, &random, header, body);
            let Some((opener, opened)) = opened else {
                self.conversation.missing.insert(Label::ClientEarly.name());
                return None;
            };
            side.tls13 = Some(opener);
            return Some(opened);
        }
        let opened = match (&mut side.tls12, &mut side.tls13) {
            (Some(opener), _) => opener.open(header, body),
            (None, Some(opener)) => opener.open(header, body),
            (None, None) => None,
        };
        if opened.is_none() {
            self.name_missing(place.from, &random);
        }
        opened
    }

    /// Names the secrets that the log has not.
    fn name_missing(&mut self, from: From, random: &[u8; 32]) {
        let labels: &[Label] = match (self.negotiated, from) {
            (Negotiated::Tls13, From::Client) => &[Label::ClientHandshake, Label::ClientTraffic],
            (Negotiated::Tls13, From::Server) => &[Label::ServerHandshake, Label::ServerTraffic],
            _ => &[Label::Master],
        };
        let absent: Vec<Label> =
            labels.iter().copied().filter(|label| self.log.get(random, *label).is_none()).collect();
        if absent.is_empty() && self.provider.is_some() {
            let from = from.name();
            self.note(format!("the secrets of the key log do not open all records of the {from}"));
        }
        self.conversation.missing.extend(absent.iter().map(|label| label.name()));
    }

    /// Handles the content of a record.
    fn content(&mut self, place: Place, content_type: ContentType, text: &[u8], epoch: Epoch) {
        match content_type {
            ContentType::HANDSHAKE => self.handshake(place, text, epoch),
            ContentType::ALERT => match Alert::decode_exact(text) {
                Ok(alert) => self.line(place, epoch, Traced::Alert(alert), None),
                Err(_) => self.note(format!("malformed alert in packet {}", place.packet)),
            },
            ContentType::CHANGE_CIPHER_SPEC => {
                self.line(place, epoch, Traced::ChangeCipherSpec, None);
                self.change_cipher_spec(place.from);
            }
            ContentType::APPLICATION_DATA => {
                self.line(place, epoch, Traced::ApplicationData(text.len()), None);
                let data = &mut self.conversation.data;
                match data.last_mut() {
                    Some((from, data)) if *from == place.from => data.extend_from_slice(text),
                    _ if text.is_empty() => {}
                    _ => data.push((place.from, text.to_vec())),
                }
            }
            other => self.note(format!("record of type {other} in packet {}", place.packet)),
        }
    }

    /// The keys of one side of TLS 1.2 change.
    fn change_cipher_spec(&mut self, from: From) {
        // In TLS 1.3 it has no meaning, and there it may come before the ServerHello.
        if !matches!(self.negotiated, Negotiated::Tls12(_)) {
            return;
        }
        let side = self.sides.of_mut(from);
        side.changes = side.changes.saturating_add(1);
        let epoch = Epoch::tls12(side.changes);
        side.tls12 = None;
        let (Some(parameters), Some(provider)) = (&self.tls12, self.provider) else { return };
        let Some(master) = self.log.get(&parameters.randoms.client.0, Label::Master) else { return };
        side.tls12 = Tls12Opener::new(provider, master, parameters, from, epoch);
        if side.tls12.is_none() {
            self.note(format!("the suite {} cannot be opened by this build", parameters.suite.id));
        }
    }

    /// Puts fragments together and reads complete messages.
    fn handshake(&mut self, place: Place, text: &[u8], epoch: Epoch) {
        let begun = &mut self.sides.of_mut(place.from).begun;
        begun.extend_from_slice(text);
        if first_message(begun).is_none() {
            return;
        }
        let all = core::mem::take(begun);
        let mut rest = all.as_slice();
        while let Some((message, after)) = first_message(rest) {
            rest = after;
            self.message(place, message, epoch);
        }
        self.sides.of_mut(place.from).begun = rest.to_vec();
    }

    fn message(&mut self, place: Place, message: &[u8], epoch: Epoch) {
        let Some(msg_type) = message.first().map(|first| HandshakeType(*first)) else { return };
        let before = self.negotiated;
        match msg_type {
            HandshakeType::CLIENT_HELLO => self.conversation.facts.client_hello(message),
            HandshakeType::SERVER_HELLO => self.server_hello(message),
            _ => self.conversation.facts.other(place.from, msg_type, message, before),
        }
        let traced = Traced::Handshake { msg_type, message };
        self.line(place, epoch, traced, Some((message.to_vec(), before)));
        let Some(opener) = &mut self.sides.of_mut(place.from).tls13 else { return };
        match msg_type {
            HandshakeType::FINISHED if epoch == Epoch::Handshake => opener.change_to(Epoch::Application(0)),
            HandshakeType::END_OF_EARLY_DATA if epoch == Epoch::EarlyData => {
                opener.change_to(Epoch::Handshake);
            }
            HandshakeType::KEY_UPDATE if matches!(epoch, Epoch::Application(_)) => opener.update(),
            _ => {}
        }
    }

    fn server_hello(&mut self, message: &[u8]) {
        let body = message.get(HandshakeHeader::LEN..).unwrap_or_default();
        let Ok(hello) = AnyServerHello::decode_exact(body) else {
            return self.note("the ServerHello is malformed, so nothing after it can be opened".into());
        };
        self.negotiated = HandshakeTree::new(message).negotiated();
        self.conversation.facts.server_hello(message, &hello);
        let Some(random) = self.conversation.facts.client_random else { return };
        match hello {
            AnyServerHello::HelloRetryRequest(_) => {}
            AnyServerHello::Tls13(hello) => {
                let suite = TLS13_SUITES.iter().find(|suite| suite.id == hello.cipher_suite);
                let Some(suite) = suite else {
                    return self.note(format!("the suite {} is not known here", hello.cipher_suite));
                };
                let Some(provider) = self.provider else { return };
                for from in From::BOTH {
                    let opener = Tls13Opener::new(provider, self.log, &random, suite, from);
                    let side = self.sides.of_mut(from);
                    side.tls13 = Some(match side.tls13.take() {
                        Some(early) => opener.after_early_data(early),
                        None => opener,
                    });
                }
            }
            AnyServerHello::Tls12(hello) => {
                if hello.server_version != ProtocolVersion::TLS_1_2 {
                    return self.note(format!("records of {} are not opened", hello.server_version));
                }
                let Some(suite) = cairn_tls::suite(hello.cipher_suite) else {
                    return self.note(format!("the suite {} is not known here", hello.cipher_suite));
                };
                let facts = &self.conversation.facts;
                let etm = suite.protection.with_encrypt_then_mac().filter(|_| facts.encrypt_then_mac);
                self.tls12 = Some(Tls12Parameters {
                    suite,
                    protection: etm.unwrap_or(suite.protection),
                    randoms: Randoms { client: Random(random), server: hello.random },
                });
            }
        }
    }

    /// Adds a line, or counts the record for the last line if both are application data or equal alerts of
    /// the same side.
    fn line(
        &mut self,
        place: Place,
        epoch: Epoch,
        traced: Traced<'_>,
        message: Option<(Vec<u8>, Negotiated)>,
    ) {
        let event = Event::new(place.at, place.direction(), epoch, traced, self.negotiated);
        self.add(Line { from: place.from, packet: place.packet, event, records: 1, message });
    }

    /// A line for a record whose content is not known.
    fn closed_line(&mut self, place: Place, header: RecordHeader, name: &str) {
        let event = Event {
            at: place.at,
            sent: place.from == From::Client,
            protected: true,
            kind: Kind::ApplicationData,
            name: name.into(),
            size: header.length.into(),
            gist: String::new(),
            tree: String::new(),
        };
        self.add(Line { from: place.from, packet: place.packet, event, records: 1, message: None });
    }

    fn add(&mut self, line: Line) {
        let is_complete = self.conversation.left_out == 0;
        let lines = &mut self.conversation.lines;
        if let Some(last) = lines.last_mut().filter(|last| {
            let (old, new) = (&last.event, &line.event);
            let same = (last.from, &old.name, old.protected) == (line.from, &new.name, new.protected);
            is_complete
                && same
                && match new.kind {
                    Kind::ApplicationData => true,
                    Kind::Alert => old.gist == new.gist,
                    _ => false,
                }
        }) {
            last.records = last.records.saturating_add(1);
            last.event.size = last.event.size.saturating_add(line.event.size);
            if last.event.kind == Kind::ApplicationData {
                last.event.gist = format!("{} records", last.records);
            }
        } else if lines.len() < MAX_LINES {
            lines.push(line);
        } else {
            let left_out = &mut self.conversation.left_out;
            *left_out = left_out.saturating_add(1);
        }
    }
}
