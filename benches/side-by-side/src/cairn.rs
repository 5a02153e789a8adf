//! Cairn.

use crate::measure::Sides;
use crate::setup::{
    Bulk, Channel, EARLY_DATA, End, Group, Key, Material, Psk, Resume, Setup, Shaken, Stack, Suite, Wire,
    Work, wire_buffer,
};
use cairn_tls::{
    ClientConfig, ClientConfigBuilder, Connection, EarlyData, Progress, Provider, PskModes, ServerConfig,
    ServerConfigBuilder, ServerName, Versions,
    session::NoSessions,
    wire::{CipherSuite, KeyUpdateRequest, NamedGroup, SignatureScheme},
    x509::Roots,
};
use std::{any::Any, sync::Arc};

/// In TLS 1.2 the second is the curve of the certificates' keys, which must be listed too (RFC 8422 section
/// 5.1).
const GROUPS: [NamedGroup; 2] = [NamedGroup::X25519, NamedGroup::SECP256R1];

/// The groups of the client, which sends a share of the first, and of the server.
fn groups(setup: &Setup) -> [&'static [NamedGroup]; 2] {
    match (setup.tls13, setup.group()) {
        (None, _) => [&GROUPS, &GROUPS],
        (Some(tls13), _) if tls13.retry => {
            [&[NamedGroup::SECP256R1, NamedGroup::X25519], &[NamedGroup::X25519]]
        }
        (Some(_), Group::X25519) => [&[NamedGroup::X25519], &[NamedGroup::X25519]],
        (Some(_), Group::Hybrid) => [&[NamedGroup::X25519MLKEM768], &[NamedGroup::X25519MLKEM768]],
    }
}

/// Restricts both ends to the version and the suite.
fn restrict(
    setup: &Setup,
    client: ClientConfigBuilder,
    server: ServerConfigBuilder,
) -> (ClientConfigBuilder, ServerConfigBuilder) {
    let suite = match (setup.suite, setup.key, setup.tls13) {
        (Suite::Aes128, _, Some(_)) => CipherSuite::TLS_AES_128_GCM_SHA256,
        (Suite::Aes256, _, Some(_)) => CipherSuite::TLS_AES_256_GCM_SHA384,
        (Suite::Chacha, _, Some(_)) => CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
        (Suite::Aes128, Key::Ecdsa, None) => CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        (Suite::Aes256, Key::Ecdsa, None) => CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        (Suite::Chacha, Key::Ecdsa, None) => CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        (Suite::Aes128, Key::Rsa, None) => CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        (Suite::Aes256, Key::Rsa, None) => CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        (Suite::Chacha, Key::Rsa, None) => CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    };
    let versions = if setup.tls13.is_some() { Versions::Tls13 } else { Versions::Tls12 };
    let client = client.versions(versions).suites(&[suite]).expect("suite");
    (client, server.versions(versions).suites(&[suite]).expect("suite"))
}

/// The size of a stream's receive buffer: room for the largest possible record.
const STREAM_BUFFER: usize = 5 + (1 << 14) + 2048;

pub(crate) struct Cairn {
    client: ClientConfig,
    server: ServerConfig,
    group: NamedGroup,
    setup: Setup,
    resumed: bool,
    early_data: Vec<u8>,
}

impl Cairn {
    pub(crate) fn new(setup: &Setup, material: &Material, provider: Provider) -> Self {
        let [client_groups, server_groups] = groups(setup);
        let schemes = [SignatureScheme::ECDSA_SECP256R1_SHA256, SignatureScheme::RSA_PSS_RSAE_SHA256];
        let mut client = ClientConfig::builder_with(provider.clone())
            .trust_pem(material.authority.certificate_pem().as_bytes())
            .expect("client configuration")
            .groups(client_groups)
            .signature_schemes(&schemes);
        let mut server = ServerConfig::builder_with(provider)
            .credential_pem(material.server.chain_pem().as_bytes(), material.server.key().to_pem().as_bytes())
            .expect("server configuration")
            .groups(server_groups)
            .signature_schemes(&schemes);
        (client, server) = restrict(setup, client, server);
        match setup.resume {
            Resume::No => {
                client = client.no_resumption();
                server = server.no_resumption();
            }
            Resume::Id => {}
            Resume::Ticket | Resume::Psk(Psk::KeyExchange) => {
                server = server.sessions(Arc::new(NoSessions)).own_tickets();
            }
            Resume::Psk(Psk::Alone) => {
                client = client.psk_modes(PskModes::PskAlone);
                server = server.allow_psk_ke().sessions(Arc::new(NoSessions)).own_tickets();
            }
            Resume::Psk(Psk::EarlyData) => {
                client = client.early_data();
                server = server.early_data(u32::try_from(EARLY_DATA).expect("length"));
            }
        }
        if setup.mutual {
            let mut roots = Roots::new();
            roots.add_der(material.authority.certificate()).expect("roots");
            server = server.require_client_certificates(roots);
            client = client
                .credential_pem(
                    material.client.chain_pem().as_bytes(),
                    material.client.key().to_pem().as_bytes(),
                )
                .expect("client credential");
        }
        let mut stack = Self {
            client: client.build().expect("client configuration"),
            server: server.build().expect("server configuration"),
            group: server_groups[0],
            setup: *setup,
            resumed: false,
            early_data: vec![7; EARLY_DATA],
        };
        if setup.resume != Resume::No {
            // The first handshake establishes the session.
            stack.shake();
            stack.resumed = true;
        }
        stack
    }

    fn pair(&self) -> (Connection, Connection, Shaken) {
        let (mut times, mut wire) = (Sides { times: 1, ..Sides::default() }, Wire::default());
        let name = ServerName::parse("localhost").expect("name");
        let (mut to_client, mut to_server) = (wire_buffer(), wire_buffer());
        let is_early = self.resumed && self.setup.early_data();
        let mut early = 0;
        let mut client = times.client(|| {
            let mut client = Connection::client(&self.client, name);
            client.start(&mut to_server).expect("start");
            if is_early {
                let sent = client.write_early(&self.early_data, &mut to_server).expect("early data");
                assert_eq!(sent, EARLY_DATA, "as configured");
            }
            client
        });
        let mut server = times.server(|| {
            let mut server = Connection::server(&self.server);
            server.start(&mut to_client).expect("start");
            server
        });
        while !(to_server.is_empty() && to_client.is_empty()) {
            wire.from_client.extend_from_slice(&to_server);
            early += times.server(|| take(&mut server, &mut to_server, &mut to_client));
            wire.from_server.extend_from_slice(&to_client);
            times.client(|| take(&mut client, &mut to_client, &mut to_server));
        }
        for end in [&client, &server] {
            assert!(end.is_complete(), "the handshake is complete");
            assert_eq!(
                end.summary().map(|summary| summary.is_resumed()),
                Some(self.resumed),
                "as configured"
            );
            let group = end.summary().and_then(|summary| summary.group());
            let without = match self.setup.resume {
                Resume::Psk(Psk::Alone) | Resume::Id | Resume::Ticket => self.resumed,
                Resume::Psk(Psk::KeyExchange | Psk::EarlyData) | Resume::No => false,
            };
            assert_eq!(group, (!without).then_some(self.group), "as configured");
            let tls13 = end.summary().and_then(|summary| summary.tls13());
            assert_eq!(tls13.is_some_and(|tls13| tls13.retried), self.setup.retry(), "as configured");
            let accepted = tls13.is_some_and(|tls13| tls13.early_data == EarlyData::Accepted);
            assert_eq!(accepted, is_early, "as configured");
        }
        assert_eq!(early, if is_early { EARLY_DATA } else { 0 }, "all early data has arrived");
        (client, server, Shaken { times, wire })
    }
}

impl Stack for Cairn {
    fn shake(&mut self) -> Shaken {
        let (client, server, mut shaken) = self.pair();
        shaken.times.client(|| drop(client));
        shaken.times.server(|| drop(server));
        shaken
    }

    fn keep(&mut self, end: End, chain: bool) -> Box<dyn Any> {
        let (mut client, mut server, _) = self.pair();
        for one in [&mut client, &mut server] {
            if !chain {
                one.reader_mut().take_summary();
            }
        }
        end.of(client, server)
    }

    fn channel(&mut self, work: Work) -> Option<Box<dyn Channel>> {
        let (client, server, _) = self.pair();
        Some(Box::new(Data {
            client,
            server,
            work,
            data: vec![7; work.length],
            wire: Vec::new(),
            input: Vec::new(),
            came: Vec::new(),
            out: Vec::new(),
        }))
    }

    fn key_updates(&mut self, count: usize) -> Option<Box<dyn Channel>> {
        let (client, server, _) = self.pair();
        Some(Box::new(KeyUpdates { client, server, count, wire: wire_buffer(), out: Vec::new() }))
    }
}

/// Opens a record into `place`, or else in the input, and copies it, as a stream does. Returns the lengths of
/// the data and of the record.
fn receive(end: &mut Connection, input: &mut [u8], place: &mut [u8], out: &mut Vec<u8>) -> (usize, usize) {
    if let Some(data) = end.receive_data(input, place, out).expect("receive") {
        return (data.length, data.consumed);
    }
    let received = end.receive(input, out).expect("receive");
    match received.progress {
        Progress::Data(range) => {
            place[..range.len()].copy_from_slice(&input[range.clone()]);
            (range.len(), received.consumed)
        }
        // The sender has updated its keys.
        Progress::Handled => (0, received.consumed),
        other => panic!("{other:?}"),
    }
}

/// The length of a record with one byte of data.
const ONE_BYTE: usize = 5 + 1 + 1 + 16;

/// Updates of keys, of both sides at the client's request.
struct KeyUpdates {
    client: Connection,
    server: Connection,
    count: usize,
    wire: Vec<u8>,
    out: Vec<u8>,
}

impl Channel for KeyUpdates {
    fn transfer(&mut self) -> Sides {
        let mut times = Sides { times: u32::try_from(self.count).expect("count"), ..Sides::default() };
        let Self { client, server, count, wire, out } = self;
        for _ in 0..*count {
            times.client(|| client.update_keys(KeyUpdateRequest::UpdateRequested, wire).expect("update"));
            // The answer goes out with the next data, here a record of one byte.
            times.server(|| {
                take(server, wire, out);
                server.write(b"x", out).expect("write");
            });
            assert!(out.len() > 2 * ONE_BYTE, "the request is answered");
            take(client, out, wire);
            // Data of the client too, because the number of updates in a row is limited.
            client.write(b"x", wire).expect("write");
            take(server, wire, out);
        }
        times
    }
}

/// Passes all available bytes to one end. Returns the number of bytes of early data.
fn take(end: &mut Connection, came: &mut Vec<u8>, out: &mut Vec<u8>) -> usize {
    let mut rest = came.as_mut_slice();
    let mut early = 0;
    while !rest.is_empty() {
        let received = end.receive(rest, out).expect("receive");
        match received.progress {
            Progress::NeedMore { .. } => panic!("whole records only"),
            Progress::EarlyData(range) => early += range.len(),
            _ => {}
        }
        rest = &mut rest[received.consumed..];
    }
    came.clear();
    early
}

struct Data {
    client: Connection,
    server: Connection,
    work: Work,
    data: Vec<u8>,
    wire: Vec<u8>,
    input: Vec<u8>,
    came: Vec<u8>,
    out: Vec<u8>,
}

impl Channel for Data {
    fn transfer(&mut self) -> Sides {
        let mut times = Sides { times: u32::try_from(self.work.count).expect("count"), ..Sides::default() };
        let Self { client, server, work, data, wire, input, came, out } = self;
        let mut opened = 0;
        match work.bulk {
            Bulk::Copied => {
                // Cleared once and reused, like the buffer of a stream.
                let room = client.writer().sealed_len(work.length);
                wire.resize(room * work.count, 0);
                let mut ends = Vec::with_capacity(work.count);
                times.client(|| {
                    let mut end = 0;
                    for _ in 0..work.count {
                        let sealed = client.write_slice(data, &mut wire[end..]).expect("write");
                        assert_eq!(sealed.read, work.length, "all sealed");
                        end += sealed.written;
                        ends.push(end);
                    }
                });
                // In TLS 1.3 the content type follows the text, and is decrypted with it.
                came.resize(work.length + 1, 0);
                // Whole records, as many as fit into the buffer of a stream.
                let mut parts = Vec::with_capacity(work.count);
                let mut start = 0;
                for (end, next) in ends.iter().zip(ends.iter().skip(1).chain([&usize::MAX])) {
                    if next - start > STREAM_BUFFER {
                        parts.push(start..*end);
                        start = *end;
                    }
                }
                times.server(|| {
                    for part in parts {
                        // As if read from a socket.
                        input.clear();
                        input.extend_from_slice(&wire[part]);
                        let mut rest = input.as_mut_slice();
                        while !rest.is_empty() {
                            let (length, consumed) = receive(server, rest, came, out);
                            opened += length;
                            rest = &mut rest[consumed..];
                        }
                    }
                });
            }
            Bulk::InPlace => {
                let writer = client.writer_mut();
                let one = writer.payload_offset() + work.length + writer.suffix_len();
                wire.resize(one * work.count, 7);
                times.client(|| {
                    for record in wire.chunks_mut(one) {
                        writer.seal_in_place(record).expect("seal");
                    }
                });
                times.server(|| {
                    let mut rest = wire.as_mut_slice();
                    while !rest.is_empty() {
                        let received = server.receive(rest, out).expect("receive");
                        let Progress::Data(range) = received.progress else { panic!("data") };
                        opened += range.len();
                        rest = &mut rest[received.consumed..];
                    }
                });
            }
        }
        assert_eq!(opened, work.length * work.count, "everything was received");
        times
    }
}
