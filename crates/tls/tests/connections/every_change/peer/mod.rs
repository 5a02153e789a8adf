//! A peer that implements both roles with the key schedule only, and changes one thing: it hashes, signs and
//! derives its keys from what it sends, so that nothing else fails.

mod client;
mod exchange;
mod hellos;
mod server;
mod transport;
mod wire;

use crate::{
    every_change::{
        change::{Change, Edit},
        flows::{Flow, Memory},
        shape::Shape,
    },
    support::{End, provider},
};
use cairn_crypto::EphemeralKey;
use cairn_schedule::{KeyBlock, MasterSecret, Randoms, Transcript, verify_data};
use cairn_tls::{
    Side, Tls12Suite,
    wire::{Alert, HandshakeType, KeyExchangeAlgorithm, Random},
};
pub(crate) use wire::Framing;
use wire::Keys;

/// Why a peer stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The side under test has failed.
    Dead,
    /// It waits for input although a message from it is due.
    Silent,
    /// Its records use other keys, because there is no common secret.
    OtherKeys,
}

/// The peer's deviations from the protocol.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// The change in the first message of this name.
    pub(crate) change: Option<(String, Change)>,
    /// The change in the record of the first message of this name.
    pub(crate) record: Option<(String, Change)>,
    pub(crate) framing: Framing,
}

/// A message of the peer, with its name in the tables.
pub(crate) struct Said {
    pub(crate) name: String,
    pub(crate) shape: Shape,
    /// The length of its header.
    pub(crate) header: usize,
    pub(crate) bytes: Vec<u8>,
    /// The record that contains it.
    pub(crate) record: Vec<u8>,
    /// How often the peer has waited for the other side before.
    pub(crate) turn: usize,
}

/// The negotiated parameters, as far as the peer knows them.
#[derive(Default)]
struct Agreed {
    suite: Option<&'static Tls12Suite>,
    extended_master_secret: bool,
    encrypt_then_mac: bool,
    ticket_promised: bool,
    client_random: [u8; 32],
    server_random: [u8; 32],
    /// The session ID that the client sent, and whether the server accepted it.
    offered: Vec<u8>,
    resumed: bool,
}

/// The state of the handshake in progress.
#[derive(Default)]
struct Heard {
    hello: bool,
    server_key_exchange: Vec<u8>,
    certificate_request: bool,
    server_hello_done: bool,
    client_key_exchange: bool,
    finished: bool,
}

pub(crate) struct Peer<'a> {
    pub(crate) flow: &'a Flow,
    /// The side under test.
    pub(crate) victim: End,
    /// All messages, without the change.
    pub(crate) said: Vec<Said>,
    /// The received alerts.
    pub(crate) alerts: Vec<Alert>,
    pub(crate) data: Vec<u8>,
    side: Side,
    plan: Plan,
    was_complete: bool,
    /// Whether the most recent certificate list is empty.
    shows_nothing: bool,
    /// A message to send after the next one.
    held: Option<(u8, Vec<u8>)>,
    turn: usize,
    /// The number of the handshake: 0, then 1.
    round: usize,
    agreed: Agreed,
    heard: Heard,
    transcript: Transcript,
    ephemeral: Option<Box<dyn EphemeralKey>>,
    premaster: Vec<u8>,
    master: Option<MasterSecret>,
    ticket: Vec<u8>,
    session_id: Vec<u8>,
    /// The verify_data of the last complete handshake: the client's, then the server's (RFC 5746 section
    /// 3.1).
    verify_data: [Vec<u8>; 2],
    wire: wire::Wire,
}

impl<'a> Peer<'a> {
    pub(crate) fn new(flow: &'a Flow, plan: Plan) -> Self {
        let (victim, side) = flow.victim();
        Self {
            flow,
            victim,
            said: Vec::new(),
            alerts: Vec::new(),
            data: Vec::new(),
            side,
            plan,
            was_complete: false,
            shows_nothing: false,
            held: None,
            turn: 0,
            round: 0,
            agreed: Agreed::default(),
            heard: Heard::default(),
            transcript: Transcript::new(),
            ephemeral: None,
            premaster: Vec::new(),
            master: None,
            ticket: Vec::new(),
            session_id: Vec::new(),
            verify_data: Default::default(),
            wire: wire::Wire::default(),
        }
    }

    /// Runs the whole flow.
    pub(crate) fn play(&mut self) -> Result<(), Stop> {
        self.handshake()?;
        if self.flow.again {
            self.round = 1;
            if self.side == Side::Server {
                self.start_over();
                self.say("HelloRequest", &[0; 4])?;
                self.wait(|heard| heard.hello)?;
            }
            self.handshake()?;
        }
        if self.flow.renegotiation_is_refused {
            self.round = 1;
            match self.side {
                Side::Server => self.say("HelloRequest", &[0; 4])?,
                Side::Client => self.say("ClientHello", &self.client_hello())?,
            }
            self.wait_for_the_end()?;
        }
        if self.flow.warns {
            self.say_alert()?;
            self.wait_for_the_end()?;
        }
        Ok(())
    }

    fn handshake(&mut self) -> Result<(), Stop> {
        match self.side {
            Side::Client => {
                self.start_over();
                self.play_client()
            }
            Side::Server => self.play_server(),
        }
    }

    fn start_over(&mut self) {
        self.transcript = Transcript::new();
        self.heard = Heard::default();
        self.agreed = Agreed::default();
    }

    /// The parts of the handshake for its resumption.
    pub(crate) fn memory(&self) -> Memory {
        Memory {
            master: self.master.clone().unwrap(),
            session_id: self.session_id.clone(),
            ticket: self.ticket.clone(),
        }
    }

    /// Whether all planned changes have been applied.
    pub(crate) const fn has_done_its_deed(&self) -> bool {
        self.plan.change.is_none() && self.plan.record.is_none()
    }

    /// The secrets that no error may contain.
    pub(crate) fn secrets(&self) -> Vec<Vec<u8>> {
        let master = self.master.as_ref().map(|master| master.expose().to_vec());
        master.into_iter().chain((!self.premaster.is_empty()).then(|| self.premaster.clone())).collect()
    }

    /// Whether the side under test completed a handshake before the last message.
    pub(crate) const fn was_complete(&self) -> bool {
        self.was_complete
    }

    fn suite(&self) -> &'static Tls12Suite {
        self.agreed.suite.expect("a suite is chosen")
    }

    fn kx(&self) -> KeyExchangeAlgorithm {
        self.suite().key_exchange
    }

    /// Sends a handshake message, by its name in the tables.
    fn say(&mut self, name: &str, message: &[u8]) -> Result<(), Stop> {
        self.say_content(name, 22, message)
    }

    fn say_content(&mut self, name: &str, content_type: u8, message: &[u8]) -> Result<(), Stop> {
        let name = self.flow.name_of(name, self.round);
        let mut bytes = message.to_vec();
        let mut times = 1;
        let change = self.plan.change.take_if(|(of, _)| *of == name);
        let mut keep = false;
        if let Some((_, change)) = &change {
            change.edit.apply(&mut bytes);
            match change.edit {
                Edit::MessageMissing => times = 0,
                Edit::MessageTwice => times = 2,
                Edit::MessageSwapped => keep = true,
                _ => {}
            }
            if message[0] == HandshakeType::SERVER_KEY_EXCHANGE.0 && change.field.starts_with("params") {
                self.sign_anew(&mut bytes);
            }
        } else {
            let header = if content_type == 22 { 4 } else { 0 };
            let shape = self.shape_of(content_type, message);
            let (bytes, record, turn) = (message.to_vec(), Vec::new(), self.turn);
            self.said.push(Said { name, shape, header, bytes, record, turn });
        }
        if content_type == 22 {
            self.understand(message);
            if change.is_some() {
                self.understand(&bytes);
            }
        }
        if keep {
            self.held = Some((content_type, bytes));
            return Ok(());
        }
        for _ in 0..times {
            self.deliver(content_type, &bytes)?;
        }
        match self.held.take() {
            Some((content_type, late)) => self.deliver(content_type, &late),
            None => Ok(()),
        }
    }

    fn deliver(&mut self, content_type: u8, bytes: &[u8]) -> Result<(), Stop> {
        match content_type {
            // HelloRequest is not part of the transcript (RFC 5246 section 7.4.1.1).
            22 if bytes[0] == 0 && bytes.len() >= 4 => {}
            22 => self.transcript.add(bytes).unwrap(),
            _ => {}
        }
        if content_type == 22 && bytes.first() == Some(&HandshakeType::SERVER_HELLO.0) {
            self.choose_hash();
        }
        self.send(content_type, bytes)?;
        if content_type == 20 {
            self.wire.begin_to_write();
        }
        Ok(())
    }

    fn say_change_cipher_spec(&mut self) -> Result<(), Stop> {
        self.say_content("ChangeCipherSpec", 20, &[1])
    }

    fn say_alert(&mut self) -> Result<(), Stop> {
        self.say_content("Alert", 21, &wire::WARNING)
    }

    fn say_finished(&mut self) -> Result<(), Stop> {
        let mut message = vec![HandshakeType::FINISHED.0, 0, 0, 12];
        let data = self.finished_of(self.side);
        message.extend_from_slice(&data);
        self.verify_data[usize::from(self.side == Side::Server)] = data;
        self.say("Finished", &message)
    }

    /// RFC 5246 section 7.4.9.
    fn finished_of(&self, side: Side) -> Vec<u8> {
        let hmac = provider().hmac(self.suite().prf_hash).unwrap();
        let prf = self.master.as_ref().expect("a master secret").prf(hmac).unwrap();
        verify_data(&prf, side, self.transcript.hash().unwrap().as_bytes()).unwrap().as_bytes().to_vec()
    }

    fn choose_hash(&mut self) {
        if let Some(suite) = self.agreed.suite {
            let hash = provider().hash(suite.prf_hash).unwrap();
            // In a second hello it has been chosen already.
            let _chosen = self.transcript.choose_hash(&**hash);
        }
    }

    /// Derives the pending keys of both directions, which ChangeCipherSpec puts into use.
    fn set_keys(&mut self) {
        let suite = self.suite();
        let randoms =
            Randoms { client: Random(self.agreed.client_random), server: Random(self.agreed.server_random) };
        let hmac = provider().hmac(suite.prf_hash).unwrap();
        if !self.agreed.resumed {
            let master = if self.agreed.extended_master_secret {
                let hash = self.transcript.hash().unwrap();
                MasterSecret::derive_extended(hmac, &self.premaster, hash.as_bytes())
            } else {
                MasterSecret::derive(hmac, &self.premaster, &randoms)
            };
            self.master = Some(master.unwrap());
        }
        let prf = self.master.as_ref().unwrap().prf(hmac).unwrap();
        let (plain, agreed) = (suite.protection, self.agreed.encrypt_then_mac);
        let protection = plain.with_encrypt_then_mac().filter(|_| agreed).unwrap_or(plain);
        let (client, server) = KeyBlock::derive(&prf, protection, &randoms).unwrap().into_directions();
        let (write, read) = if self.side == Side::Client { (client, server) } else { (server, client) };
        self.wire.next_keys(Keys::new(write), Keys::new(read));
    }

    /// Processes a complete message of the other side, which is correct.
    fn hear(&mut self, message: &[u8]) -> Result<(), Stop> {
        match HandshakeType(message[0]) {
            HandshakeType::HELLO_REQUEST => return Ok(()),
            HandshakeType::FINISHED => {
                let theirs = self.finished_of(self.side.peer());
                if message[4..] != theirs {
                    return Err(Stop::OtherKeys);
                }
                self.verify_data[usize::from(self.side == Side::Client)] = theirs;
                self.heard.finished = true;
            }
            HandshakeType::CLIENT_HELLO => {
                self.start_over();
                self.understand(message);
                self.heard.hello = true;
            }
            HandshakeType::SERVER_HELLO => {
                self.understand(message);
                self.heard.hello = true;
            }
            HandshakeType::SERVER_KEY_EXCHANGE => self.heard.server_key_exchange = message[4..].to_vec(),
            HandshakeType::CERTIFICATE_REQUEST => self.heard.certificate_request = true,
            HandshakeType::SERVER_HELLO_DONE => self.heard.server_hello_done = true,
            HandshakeType::NEW_SESSION_TICKET => self.ticket = message[10..].to_vec(),
            _ => {}
        }
        self.transcript.add(message).unwrap();
        match HandshakeType(message[0]) {
            HandshakeType::SERVER_HELLO => {
                self.choose_hash();
                if self.agreed.resumed {
                    self.set_keys();
                }
            }
            HandshakeType::CLIENT_KEY_EXCHANGE => {
                self.heard.client_key_exchange = true;
                self.take_client_key_exchange(&message[4..]);
                self.set_keys();
            }
            _ => {}
        }
        Ok(())
    }

    /// Runs the other side until it has sent this message.
    fn wait(&mut self, until: fn(&Heard) -> bool) -> Result<(), Stop> {
        self.turn += 1;
        self.flush()?;
        self.release()?;
        if until(&self.heard) { Ok(()) } else { Err(Stop::Silent) }
    }

    /// The same, until its handshake is complete.
    fn wait_for_the_end(&mut self) -> Result<(), Stop> {
        self.wait(|heard| heard.finished)?;
        let reader = self.victim.conn.reader();
        if reader.is_complete() && !reader.is_renegotiating() { Ok(()) } else { Err(Stop::Silent) }
    }
}
