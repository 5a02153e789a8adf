//! How a QUIC transport uses this crate: packets with CRYPTO frames, protected at each level, and a question
//! that is answered late.
//!
//! Both sides are in memory. What a transport has besides is left out: acknowledgments, retransmission, flow
//! control, connection IDs, streams in order.
//!
//! ```sh
//! cargo run -p cairn-quic --example transport
//! ```
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::std_instead_of_core,
    clippy::std_instead_of_alloc,
    reason = "an example is short"
)]

use cairn_quic::{
    ClientConfig, Connection, CryptoStream, Event, Keys, Level, OneRttKeys, OpenError, Parameters,
    ServerConfig, ServerName, Side, Time, Version,
    crypto::KeySpec,
    default_provider,
    handshake::{Answer, Question},
    initial_keys,
    x509::{Roots, issue::Template},
};
use std::{collections::VecDeque, error::Error};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The same for both sides and all packets. A real client chooses a random one of at least 8 bytes.
const CONNECTION_ID: [u8; 8] = *b"8 bytes!";

/// Packet numbers have 4 bytes here.
const NUMBER_LEN: usize = 4;

const TAG_LEN: usize = 16;

/// The time never passes in this example.
const TIME: Time = Time { now: 0, pto: 100 };

/// One side of a connection.
struct Endpoint {
    tls: Connection,
    initial: Keys,
    handshake: Option<Keys>,
    one_rtt: Option<OneRttKeys>,
    /// The CRYPTO stream of each level: what is received, and the offset of what is sent next.
    streams: [(CryptoStream, u64); 4],
    /// The next packet number of each level. (0-RTT and 1-RTT have one number space; this example has no
    /// 0-RTT packets.)
    numbers: [u32; 4],
    /// Packets to send.
    out: VecDeque<Vec<u8>>,
    /// Packets that came before their keys.
    early: Vec<Vec<u8>>,
    /// The data of the peer's stream.
    received: Vec<u8>,
}

const fn index(level: Level) -> usize {
    match level {
        Level::Initial => 0,
        Level::EarlyData => 1,
        Level::Handshake => 2,
        Level::OneRtt => 3,
    }
}

/// A variable-length integer of 2 bytes (RFC 9000 section 16).
fn varint(value: usize) -> Result<[u8; 2]> {
    let value =
        u16::try_from(value).ok().filter(|value| *value < 0x4000).ok_or("a longer integer is needed")?;
    Ok((0x4000 | value).to_be_bytes())
}

impl Endpoint {
    fn new(tls: Connection) -> Result<Self> {
        let initial = initial_keys(&default_provider(), Version::V1, &CONNECTION_ID, tls.side())?;
        Ok(Self {
            tls,
            initial,
            handshake: None,
            one_rtt: None,
            streams: Default::default(),
            numbers: [0; 4],
            out: VecDeque::new(),
            early: Vec::new(),
            received: Vec::new(),
        })
    }

    /// Executes the events of the handshake, in order.
    fn take_events(&mut self) -> Result<()> {
        while let Some(event) = self.tls.poll_event() {
            match event {
                Event::Crypto { level, bytes } => {
                    // A packet has room for about 1,100 bytes.
                    for piece in bytes.chunks(1100) {
                        let offset = self.streams[index(level)].1;
                        self.streams[index(level)].1 += u64::try_from(piece.len())?;
                        let frame =
                            [&[0x06][..], &varint(usize::try_from(offset)?)?, &varint(piece.len())?, piece];
                        self.send(level, &frame.concat())?;
                    }
                }
                Event::HandshakeKeys(keys) => self.handshake = Some(*keys),
                Event::OneRtt(secrets) => self.one_rtt = Some(secrets.keys()?),
                Event::Complete => {
                    println!("{:?}: complete", self.tls.side());
                    // In a server the handshake is confirmed now; a client learns it by HANDSHAKE_DONE.
                    match (self.tls.side(), &mut self.one_rtt) {
                        (Side::Server, Some(keys)) => keys.confirm_handshake(),
                        (Side::Client, Some(keys)) => keys.complete_handshake(),
                        (_, None) => return Err("there are no keys of 1-RTT packets".into()),
                    }
                }
                Event::TransportParameters(parameters) => {
                    println!("{:?}: the peer's transport parameters are {parameters:02x?}", self.tls.side());
                }
                _ => {}
            }
        }
        // The keys of earlier packets may be there now. 1-RTT packets wait for the end of the handshake.
        for packet in std::mem::take(&mut self.early) {
            self.receive(packet)?;
        }
        Ok(())
    }

    /// Protects a packet with these frames.
    fn send(&mut self, level: Level, frames: &[u8]) -> Result<()> {
        let number = self.numbers[index(level)];
        self.numbers[index(level)] += 1;
        let mut packet = Vec::new();
        let last = NUMBER_LEN - 1;
        match level {
            Level::OneRtt => packet.push(0x40 | u8::try_from(last)?),
            _ => {
                let kind = u8::try_from(index(level))?;
                packet.push(0xc0 | kind << 4 | u8::try_from(last)?);
                packet.extend_from_slice(&Version::V1.code().to_be_bytes());
                packet.push(u8::try_from(CONNECTION_ID.len())?);
            }
        }
        packet.extend_from_slice(&CONNECTION_ID);
        if level != Level::OneRtt {
            // An empty source connection ID, in Initial packets an empty token, and the length of the rest.
            packet.push(0);
            if level == Level::Initial {
                packet.push(0);
            }
            packet.extend_from_slice(&varint(NUMBER_LEN + frames.len() + TAG_LEN)?);
        }
        let number_offset = packet.len();
        packet.extend_from_slice(&number.to_be_bytes());
        let payload_offset = packet.len();
        packet.extend_from_slice(frames);
        packet.extend_from_slice(&[0; TAG_LEN]);
        match (level, &mut self.one_rtt) {
            (Level::OneRtt, Some(keys)) => keys.seal(TIME, number.into(), number_offset, &mut packet)?,
            (Level::OneRtt, None) => return Err("there are no keys of 1-RTT packets yet".into()),
            (level, _) => {
                let keys = &self.long(level).ok_or("there are no keys of this level")?.local;
                let (header, payload) = packet.split_at_mut(payload_offset);
                keys.packet.seal(number.into(), header, payload)?;
                keys.header.protect(&mut packet, number_offset)?;
            }
        }
        self.out.push_back(packet);
        Ok(())
    }

    /// The keys of a level with long headers.
    fn long(&self, level: Level) -> Option<&Keys> {
        match level {
            Level::Initial => Some(&self.initial),
            Level::Handshake => self.handshake.as_ref(),
            _ => None,
        }
    }

    /// Opens a packet and processes its frames. One whose keys are not there yet is stored.
    fn receive(&mut self, mut packet: Vec<u8>) -> Result<()> {
        let (level, number_offset) = match packet[0] {
            first if first & 0x80 == 0 => (Level::OneRtt, 1 + CONNECTION_ID.len()),
            first if first & 0x30 == 0 => (Level::Initial, 6 + CONNECTION_ID.len() + 4),
            _ => (Level::Handshake, 6 + CONNECTION_ID.len() + 3),
        };
        let payload = match (level, &mut self.one_rtt) {
            (Level::OneRtt, Some(keys)) => match keys.open(TIME, number_offset, &mut packet) {
                Ok(opened) => opened.payload,
                // RFC 9001 section 5.7.
                Err(OpenError::HandshakeNotComplete) => {
                    self.early.push(packet);
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            },
            (level, _) => {
                // There are none yet, of 1-RTT packets neither.
                let Some(keys) = self.long(level) else {
                    self.early.push(packet);
                    return Ok(());
                };
                let number = keys.remote.header.unprotect(&mut packet, number_offset)?.decode(None);
                let (header, payload) = packet.split_at_mut(number_offset + NUMBER_LEN);
                let length = keys.remote.packet.open(number, header, payload)?;
                let start = number_offset + NUMBER_LEN;
                start..start + length
            }
        };
        self.frames(level, &packet[payload])
    }

    /// Processes frames: CRYPTO, and STREAM frames of one stream.
    fn frames(&mut self, level: Level, mut frames: &[u8]) -> Result<()> {
        while let [kind, a, b, c, d, rest @ ..] = frames {
            let first = u64::from(u16::from_be_bytes([*a, *b]) & 0x3fff);
            let length = usize::from(u16::from_be_bytes([*c, *d]) & 0x3fff);
            let (data, rest) = rest.split_at_checked(length).ok_or("a frame is cut off")?;
            match kind {
                0x06 => {
                    // An error ends the connection: a transport sends CONNECTION_CLOSE with its code.
                    self.tls.read_frame(level, &mut self.streams[index(level)].0, first, data)?;
                }
                0x0a => self.received.extend_from_slice(data),
                other => return Err(format!("a frame of type {other:#x}").into()),
            }
            frames = rest;
        }
        self.take_events()
    }

    /// Sends data in a STREAM frame of stream 0.
    fn write(&mut self, data: &[u8]) -> Result<()> {
        let frame = [&[0x0a][..], &varint(0)?, &varint(data.len())?, data].concat();
        self.send(Level::OneRtt, &frame)
    }
}

/// Passes packets until both sides wait.
fn run(client: &mut Endpoint, server: &mut Endpoint) -> Result<()> {
    loop {
        if let Some(packet) = client.out.pop_front() {
            server.receive(packet)?;
        } else if let Some(packet) = server.out.pop_front() {
            client.receive(packet)?;
        } else {
            return Ok(());
        }
    }
}

fn main() -> Result<()> {
    let provider = default_provider();
    let template = Template::server("localhost").dns("localhost").valid(0, 4_000_000_000);
    let identity = template.self_signed(&provider, KeySpec::EcP256)?;
    let mut roots = Roots::new();
    roots.add_der(identity.certificate())?;
    let client = ClientConfig::builder().trust(roots).alpn(["example"]).build()?;
    // The key of the server is elsewhere, so the handshake asks for a signature.
    let chain: Vec<&[u8]> = identity.chain().collect();
    let server = ServerConfig::builder().credential_elsewhere(&chain)?.alpn(["example"]).build()?;

    // initial_max_data, for example.
    let parameters = Parameters::new(Version::V1, &[0x04, 0x01, 0x3f]);
    let mut client =
        Endpoint::new(Connection::client(&client, ServerName::parse("localhost")?, parameters)?)?;
    let mut server = Endpoint::new(Connection::server(&server, parameters)?)?;
    for end in [&mut client, &mut server] {
        end.tls.start()?;
        end.take_events()?;
    }
    run(&mut client, &mut server)?;

    // The handshake waits. The answer may come much later, while the transport goes on with its timers.
    let (id, question) = server.tls.question().ok_or("nothing is asked")?;
    let Question::Sign(sign) = question else { return Err("another question".into()) };
    println!("Server: waits for a signature");
    let signature = identity.signing_key().sign(sign.scheme, sign.message, &mut provider.rng())?;
    server.tls.answer(id, Answer::Signature(signature))?;
    server.take_events()?;
    // The server can send before the client's Finished has come.
    server.write(b"hello, ")?;
    run(&mut client, &mut server)?;
    client.write(b"question?")?;
    server.write(b"client")?;
    run(&mut client, &mut server)?;

    assert!(client.tls.is_complete() && server.tls.is_complete());
    assert_eq!((&*client.received, &*server.received), (&b"hello, client"[..], &b"question?"[..]));
    println!("Client: {:?}", String::from_utf8_lossy(&client.received));
    Ok(())
}

#[test]
fn handshake_completes_and_data_passes() {
    main().unwrap();
}
