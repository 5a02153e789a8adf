//! The records of a flow, with the messages in them.

mod incomplete;
mod lines;

use super::{
    before,
    conversation::{Conversation, End},
    flows::{Content, Flow, Piece},
    keylog::{KeyLog, Label},
    open::{Opened, Tls12Opener, Tls12Parameters, Tls13Opener},
    records::{first_message, header_of, is_client_hello, quoted},
    sides::{From, Sides},
};
use cairn_record::LooksLike;
use cairn_schedule::Randoms;
use cairn_tls::{
    Direction, Epoch, Provider, TLS13_SUITES, Traced,
    wire::{
        Alert, AlertDescription, AlertLevel, AnyServerHello, ContentType, Decode, HandshakeHeader,
        HandshakeType, ProtocolVersion, Random, RecordHeader,
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

/// The bytes of an alert (RFC 5246 section 7.2).
const ALERT_LEN: usize = 2;

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
    /// Whether there was an encrypted record.
    is_encrypted: bool,
    tls12: Option<Tls12Opener>,
    tls13: Option<Tls13Opener<'p>>,
    /// Whether there was a record of early data. If the first could not be opened, no later one can: keys
    /// are tried with the first number alone.
    has_early_data: bool,
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

    fn stop(&mut self, from: From, why: String) {
        *self.conversation.stops.of_mut(from) = Some(why);
        *self.conversation.ends.of_mut(from) = End::Unread;
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
        if !self.is_protected(place.from, header.content_type, body) {
            return self.content(place, header.content_type, body, Epoch::Initial);
        }
        self.sides.of_mut(place.from).is_encrypted = true;
        match self.open(place, header, body) {
            Some(Opened { content_type, text, epoch }) => self.content(place, content_type, &text, epoch),
            None => {
                let closed = self.conversation.closed.of_mut(place.from);
                *closed = closed.saturating_add(1);
                self.ends_with(place.from, End::Closed);
                self.closed_line(place, header, "encrypted record");
            }
        }
    }

    /// Whether a record is encrypted.
    fn is_protected(&self, from: From, content_type: ContentType, body: &[u8]) -> bool {
        let has_changed = self.sides.of(from).changes > 0;
        match (content_type, self.negotiated) {
            // In TLS 1.3 every protected record has this type (RFC 9846 section 5.2). Without a ServerHello
            // it is early data, or the capture begins within a connection.
            (ContentType::APPLICATION_DATA, _) => true,
            (_, Negotiated::Tls13) => false,
            (_, Negotiated::Tls12(_)) => has_changed,
            // The capture lacks the ServerHello. A client of TLS 1.3 sends ChangeCipherSpec before another
            // ClientHello (appendix E.4).
            (ContentType::HANDSHAKE, Negotiated::Unknown) => has_changed && !is_client_hello(body),
            (ContentType::ALERT, Negotiated::Unknown) => has_changed && body.len() != ALERT_LEN,
            (_, Negotiated::Unknown) => false,
        }
    }

    /// Remembers how a side ends so far. Nothing counts after an alert that ends the connection.
    fn ends_with(&mut self, from: From, end: End) {
        let known = self.conversation.ends.of_mut(from);
        if !matches!(known, End::CloseNotify | End::ErrorAlert) {
            *known = end;
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
        if self.negotiated == Negotiated::Unknown && side.tls13.is_none() {
            return self.open_before_server_hello(place.from, &random, header, body);
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

    /// Opens the first record of early data. The suite is not known yet.
    fn open_before_server_hello(
        &mut self,
        from: From,
        random: &[u8; 32],
        header: RecordHeader,
        body: &[u8],
    ) -> Option<Opened> {
        let is_early = from == From::Client
            && header.content_type == ContentType::APPLICATION_DATA
            && self.conversation.facts.offers_early_data;
        if !is_early {
            self.note("without the ServerHello, nothing encrypted can be opened".into());
            return None;
        }
        let provider = self.provider?;
        let side = self.sides.of_mut(from);
        if core::mem::replace(&mut side.has_early_data, true) {
            return None;
        }
        let opened = Tls13Opener::of_early_data(provider, self.log, random, header, body);
        let Some((opener, opened)) = opened else {
            self.conversation.missing.insert(Label::ClientEarly.name());
            return None;
        };
        side.tls13 = Some(opener);
        Some(opened)
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
        self.ends_with(place.from, End::WithoutAlert);
        match content_type {
            ContentType::HANDSHAKE => self.handshake(place, text, epoch),
            ContentType::ALERT => self.alerts(place, text, epoch),
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

    /// The alerts of a record. In TLS 1.2 there may be several (RFC 5246 section 6.2.1).
    fn alerts(&mut self, place: Place, text: &[u8], epoch: Epoch) {
        if text.is_empty() || !text.len().is_multiple_of(ALERT_LEN) {
            return self.note(format!("malformed alert in packet {}", place.packet));
        }
        // Anyone can send an alert in the clear, so it does not end what is encrypted.
        let counts = epoch != Epoch::Initial || !self.sides.of(place.from).is_encrypted;
        for alert in text.chunks(ALERT_LEN).flat_map(Alert::decode_exact) {
            if counts && alert.description == AlertDescription::CLOSE_NOTIFY {
                self.ends_with(place.from, End::CloseNotify);
            } else if counts && self.is_error(alert) {
                self.ends_with(place.from, End::ErrorAlert);
            }
            self.line(place, epoch, Traced::Alert(alert), None);
        }
    }

    /// Whether an alert ends the connection by an error. In TLS 1.3 the level does not matter (RFC 9846
    /// section 6).
    fn is_error(&self, alert: Alert) -> bool {
        let is_tls13 = self.negotiated == Negotiated::Tls13;
        alert.level == AlertLevel::FATAL || (is_tls13 && alert.description != AlertDescription::USER_CANCELED)
    }

    /// The keys of one side of TLS 1.2 change.
    fn change_cipher_spec(&mut self, from: From) {
        // In TLS 1.3 it has no meaning, and there it may come before the ServerHello.
        if self.negotiated == Negotiated::Tls13 {
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
}
