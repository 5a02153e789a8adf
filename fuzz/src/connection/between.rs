//! An attacker between two endpoints who knows their secrets. It can modify records as anybody can, and also
//! decrypt them, change their content and encrypt them again.

use crate::end::End;
use crate::scenarios::transcripts;
use crate::script::Script;
use crate::streams::clear_messages;
use crate::world::{Scenario, provider, rewind, secret};
use cairn_crypto::Secret;
use cairn_record::RecordKeys;
use cairn_schedule::tls13::{self, HandshakeTrafficSecret, Kdf};
use cairn_schedule::{KeyBlock, Keys, MasterSecret, Randoms, suite};
use cairn_tls::Side;
use cairn_tls::wire::{
    CipherSuite, ContentType, ExtensionType, HandshakeMessage, HandshakeType, ProtocolVersion, Random, Reader,
};
use cairn_wire::{Decode, HandshakeHeader};

/// The actions, each identified by its byte. Any other byte forwards a record.
pub(super) const DEEDS: core::ops::RangeInclusive<u8> = 0x80..=0x9c;
/// The maximum number of forwarded records.
const MAX_RECORDS: usize = 200;

/// A record, decrypted if possible.
#[derive(Clone)]
struct Clear {
    content_type: u8,
    text: Vec<u8>,
    /// Sent without protection even if there are keys, as ChangeCipherSpec is in TLS 1.3.
    is_bare: bool,
}

/// The keys that follow a record.
#[derive(Clone, Copy)]
enum Next {
    /// Those of TLS 1.2, after ChangeCipherSpec.
    Tls12,
    /// Those of the handshake, in both directions: after ServerHello of TLS 1.3.
    Handshake,
    /// Those of application data, after Finished of TLS 1.3.
    Application,
}

/// One direction.
#[derive(Default)]
struct Way {
    keys: Option<RecordKeys>,
    /// Records are decrypted and encrypted again.
    opened: u64,
    sealed: u64,
    /// The keys are unknown: records are forwarded unchanged.
    lost: bool,
    /// Held back until the next record has been forwarded.
    held: Vec<u8>,
    /// Inserted before the next record.
    joined: Option<Clear>,
    /// The forwarded records, for replays.
    raw: Vec<Vec<u8>>,
    clear: Vec<Clear>,
}

/// The attacker: see the module documentation.
pub(super) struct Between<'s> {
    script: Script<'s>,
    ends: [End; 2],
    ways: [Way; 2],
    /// From the last hellos that were forwarded.
    randoms: [[u8; 32]; 2],
    agreed: Option<(CipherSuite, bool)>,
    /// Whether it has sent something that an endpoint did not send.
    forged: bool,
    records: usize,
}

impl<'s> Between<'s> {
    pub(super) fn new(scenario: &Scenario, script: Script<'s>) -> Self {
        Self {
            script,
            ends: [Side::Client, Side::Server].map(|side| End::new(scenario, side)),
            ways: [Way::default(), Way::default()],
            randoms: [[0; 32]; 2],
            agreed: None,
            forged: false,
            records: 0,
        }
    }

    /// Forwards records until both endpoints are idle and no action is left.
    pub(super) fn run(&mut self) {
        while self.records < MAX_RECORDS {
            let mut silent = true;
            for from in [0, 1] {
                for record in records(core::mem::take(&mut self.ends[from].outbox)) {
                    silent = false;
                    self.pass(from, record);
                }
            }
            if silent {
                // A record that was held back is not lost forever.
                for from in [0, 1] {
                    let held = core::mem::take(&mut self.ways[from].held);
                    self.ends[1 - from].take(&held);
                }
                if self.ends.iter().all(|end| end.outbox.is_empty()) {
                    let Some(deed) = self.script.step() else { return };
                    self.of_its_own(usize::from(deed & 1), deed >> 1);
                }
            }
        }
    }

    /// Lets an endpoint act on its own.
    fn of_its_own(&mut self, which: usize, deed: u8) {
        let amount = usize::from(deed >> 2) * 64;
        let end = &mut self.ends[which];
        match deed & 3 {
            0 | 1 => end.write(&[deed].repeat(amount)),
            2 => end.renegotiate(),
            _ => end.close(),
        }
    }

    /// A record in transit.
    fn pass(&mut self, from: usize, record: Vec<u8>) {
        self.records += 1;
        match self.open(from, &record) {
            Some(clear) => {
                let next = self.watch(&clear);
                self.do_to(from, clear);
                match next {
                    Some(Next::Handshake) => {
                        [0, 1].into_iter().for_each(|way| self.change_keys(way, Next::Handshake))
                    }
                    Some(next) => self.change_keys(from, next),
                    None => {}
                }
            }
            None => self.deliver(from, record),
        }
    }

    /// Applies the next action of the script to a record.
    fn do_to(&mut self, from: usize, mut clear: Clear) {
        if let Some(first) = self.ways[from].joined.take() {
            if first.content_type == clear.content_type {
                clear.text.splice(..0, first.text);
            } else {
                self.seal(from, &first);
            }
        }
        let protected = self.ways[from].keys.is_some() && !clear.is_bare;
        let to = 1 - from;
        let deed = self.script.byte();
        let forges = matches!(deed, 0x83..=0x89 | 0x8f | 0x97 | 0x98 | 0x9a);
        self.forged |= forges && protected;
        match deed {
            // Actions that anybody can perform.
            0x80 => drop(self.sealed(from, &clear)),
            0x81 => {
                let record = self.sealed(from, &clear);
                self.deliver(from, record.clone());
                self.deliver(from, record);
            }
            0x82 => {
                let record = self.sealed(from, &clear);
                self.ways[from].held.extend(record);
            }
            0x8a => {
                let (at, by) = (self.script.short(), self.script.byte() | 1);
                let mut record = self.sealed(from, &clear);
                let at = at % record.len();
                record[at] ^= by;
                self.deliver(from, record);
            }
            0x8b => {
                let length = self.script.short();
                let mut record = self.sealed(from, &clear);
                record.truncate(length % record.len());
                self.deliver(from, record);
            }
            0x8c => {
                let length = usize::from(self.script.byte());
                let mut bytes = self.script.take(length).to_vec();
                bytes.extend(self.sealed(from, &clear));
                self.deliver(from, bytes);
            }
            0x8d => {
                let before = usize::from(self.script.byte());
                let raw = &self.ways[from].raw;
                let again = raw.iter().nth_back(before).cloned().unwrap_or_default();
                self.deliver(from, again);
                self.seal(from, &clear);
            }
            0x8e => {
                let record = self.sealed(from, &clear);
                for piece in record.chunks(usize::from(self.script.byte()).max(1)) {
                    self.ends[to].take(piece);
                }
            }
            0x99 => {
                let record = self.sealed(from, &clear);
                self.ends[from].take(&record);
            }
            // Actions that need the keys.
            0x83 => {
                let (at, by) = (self.script.short(), self.script.byte() | 1);
                let length = clear.text.len();
                if let Some(byte) = clear.text.get_mut(at.checked_rem(length).unwrap_or_default()) {
                    *byte ^= by;
                }
                self.seal(from, &clear);
            }
            0x84 => {
                let length = self.script.short() % (clear.text.len() + 1);
                clear.text.truncate(length);
                self.seal(from, &clear);
            }
            0x85 => {
                let length = usize::from(self.script.byte());
                clear.text.extend_from_slice(self.script.take(length));
                self.seal(from, &clear);
            }
            0x86 => {
                clear.content_type = self.script.byte();
                self.seal(from, &clear);
            }
            0x87 => {
                let at = self.script.short() % (clear.text.len() + 1);
                let rest = Clear { text: clear.text.split_off(at), ..clear };
                self.seal(from, &clear);
                self.seal(from, &rest);
            }
            0x88 | 0x89 => {
                let (content_type, length) = (self.script.byte(), usize::from(self.script.byte()));
                let text = self.script.take(length).to_vec();
                let other = Clear { content_type, text, is_bare: clear.is_bare };
                let order = if deed == 0x88 { [&other, &clear] } else { [&clear, &other] };
                order.into_iter().for_each(|each| self.seal(from, each));
            }
            0x8f => {
                let before = usize::from(self.script.byte());
                let again = self.ways[from].clear.iter().nth_back(before).cloned();
                again.into_iter().chain([clear]).for_each(|each| self.seal(from, &each));
            }
            0x97 => self.ways[from].joined = Some(clear),
            0x98 => {
                let (transcript, message) = (self.script.byte(), self.script.byte());
                let transcripts = transcripts();
                let stream = &transcripts[usize::from(transcript) % transcripts.len()].sent[from];
                let messages = clear_messages(stream);
                clear.text = messages[usize::from(message) % messages.len()].clone();
                clear.content_type = ContentType::HANDSHAKE.0;
                self.seal(from, &clear);
            }
            0x9a => {
                // The header of a message, whose length is adjusted.
                let (at, length) = (self.script.short(), usize::from(self.script.byte()));
                let put = self.script.take(length);
                let at = 4 + at % (clear.text.len() + 1);
                if at <= clear.text.len() {
                    clear.text.splice(at..at, put.iter().copied());
                    let length = u32::try_from(clear.text.len() - 4).unwrap().to_be_bytes();
                    clear.text[1..4].copy_from_slice(&length[1..]);
                }
                self.seal(from, &clear);
            }
            // Actions of the endpoints meanwhile.
            0x90..=0x96 | 0x9b => {
                let (which, amount) = (usize::from(deed & 1), self.script.byte());
                self.of_its_own(which, amount);
                self.seal(from, &clear);
            }
            0x9c => {
                self.ends[to].transport_ended();
                self.seal(from, &clear);
            }
            _ => self.seal(from, &clear),
        }
    }

    fn seal(&mut self, from: usize, clear: &Clear) {
        let record = self.sealed(from, clear);
        self.deliver(from, record);
    }

    /// Creates a record with this content and the keys of this direction.
    fn sealed(&mut self, from: usize, clear: &Clear) -> Vec<u8> {
        let is_tls13 = self.is_tls13();
        let way = &mut self.ways[from];
        way.clear.push(clear.clone());
        let text = &clear.text[..clear.text.len().min(1 << 14)];
        let mut content_type = clear.content_type;
        let mut body = text.to_vec();
        if let Some(keys) = way.keys.as_ref().filter(|_| !clear.is_bare) {
            let overhead = keys.overhead();
            body.splice(..0, vec![0; overhead.prefix()]);
            body.resize(overhead.body_len(text.len()), 0);
            let (kind, version) = (ContentType(content_type), ProtocolVersion::TLS_1_2);
            keys.seal(way.sealed, kind, version, &mut body, text.len()).unwrap();
            way.sealed += 1;
            if is_tls13 {
                content_type = ContentType::APPLICATION_DATA.0;
            }
        }
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&[content_type, 3, 3, length[0], length[1]], body.as_slice()].concat()
    }

    fn deliver(&mut self, from: usize, record: Vec<u8>) {
        let way = &mut self.ways[from];
        let held = core::mem::take(&mut way.held);
        let to = &mut self.ends[1 - from];
        to.take(&record);
        to.take(&held);
        way.raw.push(record);
    }

    /// The content of a record, if it can be decrypted.
    fn open(&mut self, from: usize, record: &[u8]) -> Option<Clear> {
        let is_tls13 = self.is_tls13();
        let way = &mut self.ways[from];
        if way.lost {
            return None;
        }
        let mut text = record[5..].to_vec();
        let mut kind = ContentType(record[0]);
        let is_bare = is_tls13 && kind != ContentType::APPLICATION_DATA;
        if let Some(keys) = way.keys.as_ref().filter(|_| !is_bare) {
            match keys.open(way.opened, kind, ProtocolVersion::TLS_1_2, &mut text) {
                Ok((content_type, range)) => (kind, text) = (content_type, text[range].to_vec()),
                Err(_) => {
                    way.lost = true;
                    return None;
                }
            }
            way.opened += 1;
        }
        Some(Clear { content_type: kind.0, text, is_bare })
    }

    /// Whether the last ServerHello has chosen TLS 1.3.
    fn is_tls13(&self) -> bool {
        self.agreed.is_some_and(|(suite, _)| tls13::suite(suite).is_some())
    }

    /// Reads the negotiated parameters.
    fn watch(&mut self, clear: &Clear) -> Option<Next> {
        if clear.content_type == ContentType::CHANGE_CIPHER_SPEC.0 {
            // In TLS 1.3 it means nothing, and may precede ServerHello.
            return (self.agreed.is_some() && !self.is_tls13()).then_some(Next::Tls12);
        }
        if clear.content_type != ContentType::HANDSHAKE.0 {
            return None;
        }
        let mut next = None;
        let mut r = Reader::new(&clear.text);
        while let Ok(header) = HandshakeHeader::decode(&mut r.clone())
            && let Ok(message) = r.bytes(4 + usize::try_from(header.length).unwrap(), "message")
        {
            match HandshakeMessage::read_message(&mut Reader::new(message)) {
                Ok(HandshakeMessage::ClientHello(hello)) => self.randoms[0] = hello.random.0,
                Ok(HandshakeMessage::ServerHello(hello)) => {
                    self.randoms[1] = hello.random.0;
                    let encrypt_then_mac =
                        hello.extensions.is_some_and(|block| block.contains(ExtensionType::ENCRYPT_THEN_MAC));
                    self.agreed = Some((hello.cipher_suite, encrypt_then_mac));
                    let retries = hello.random == Random::HELLO_RETRY_REQUEST;
                    next = (self.is_tls13() && !retries).then_some(Next::Handshake);
                }
                _ if header.msg_type == HandshakeType::FINISHED && self.is_tls13() => {
                    next = Some(Next::Application);
                }
                _ => {}
            }
        }
        next
    }

    fn change_keys(&mut self, from: usize, next: Next) {
        let keys = match next {
            Next::Tls12 => self.derive(from),
            Next::Handshake => {
                let labels = ["CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET"];
                self.derive_tls13(labels[from])
            }
            Next::Application => {
                self.derive_tls13(["CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"][from])
            }
        };
        let way = &mut self.ways[from];
        way.lost |= keys.is_none();
        (way.keys, way.opened, way.sealed) = (keys, 0, 0);
    }

    fn derive(&self, from: usize) -> Option<RecordKeys> {
        let (id, encrypt_then_mac) = self.agreed?;
        let suite = suite(id)?;
        let provider = provider(Side::Client);
        let secret = secret("CLIENT_RANDOM", &self.randoms[0])?;
        let master = MasterSecret::from(Secret::<48>::from(secret.expose().first_chunk()?));
        let randoms = Randoms { client: Random(self.randoms[0]), server: Random(self.randoms[1]) };
        let prf = master.prf(provider.hmac(suite.prf_hash)?).ok()?;
        let plain = suite.protection;
        let protection = plain.with_encrypt_then_mac().filter(|_| encrypt_then_mac).unwrap_or(plain);
        let (client, server) = KeyBlock::derive(&prf, protection, &randoms).ok()?.into_directions();
        let keys = if from == 0 { client } else { server };
        RecordKeys::new(provider, &Keys::Tls12(keys)).ok()
    }

    /// The keys of any traffic secret.
    fn derive_tls13(&self, label: &str) -> Option<RecordKeys> {
        let suite = tls13::suite(self.agreed?.0)?;
        let provider = provider(Side::Client);
        let kdf = Kdf::new(provider, suite.hash).ok()?;
        let secret = HandshakeTrafficSecret::new(&kdf, secret(label, &self.randoms[0])?).ok()?;
        RecordKeys::new(provider, &Keys::Tls13(secret.for_suite(suite).ok()?)).ok()
    }

    /// Checks the invariants at the end.
    pub(super) fn judge(&self) {
        let [client, server] = &self.ends;
        if client.conn.is_complete()
            && server.conn.is_complete()
            && self.ends.iter().all(|end| end.conn.reader().renegotiations() == 0)
        {
            let exported = [client, server].map(|end| {
                let mut out = [0; 32];
                end.conn.reader().export_keying_material(b"EXPERIMENTAL fuzz", None, &mut out).unwrap();
                out
            });
            assert_eq!(exported[0], exported[1], "two truths");
            let [ours, theirs] = [client, server].map(|end| end.conn.summary().unwrap());
            assert_eq!(ours.parameters, theirs.parameters);
            assert_eq!((ours.is_resumed(), &ours.alpn), (theirs.is_resumed(), &theirs.alpn));
            assert_eq!(ours.server_name, theirs.server_name);
        }
        for (from, to) in [(client, server), (server, client)] {
            if !self.forged {
                assert!(from.written.starts_with(&to.data), "received data differs from the sent data");
                if to.closed {
                    assert_eq!(from.written, to.data, "closed, and not all came");
                }
            }
            assert!(to.sent() <= (1 << 15) + 256 * self.records, "{} bytes sent", to.sent());
        }
    }
}

/// Splits a stream of complete records.
fn records(mut stream: Vec<u8>) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    while !stream.is_empty() {
        let length = 5 + usize::from(u16::from_be_bytes([stream[3], stream[4]]));
        let rest = stream.split_off(length);
        records.push(stream);
        stream = rest;
    }
    records
}

/// After the handshake the client writes 64 bytes, one of which is changed.
pub(super) fn check(scenario: &Scenario) {
    rewind();
    let mut undisturbed = Between::new(scenario, Script(&[]));
    undisturbed.run();
    rewind();
    let script = [&vec![0; undisturbed.records][..], &[8, 0x83, 0, 5, 0xff]].concat();
    let mut between = Between::new(scenario, Script(&script));
    between.run();
    between.judge();
    assert!(between.ways.iter().all(|way| !way.lost && way.keys.is_some()), "{scenario:?}");
    let [client, server] = &between.ends;
    assert!(between.forged && server.error.is_none());
    let differing = client.written.iter().zip(&server.data).filter(|(sent, came)| sent != came).count();
    assert_eq!((client.written.len(), server.data.len(), differing), (64, 64, 1), "{scenario:?}");
}
