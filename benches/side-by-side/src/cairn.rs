//! Cairn.

use crate::measure::Sides;
use crate::setup::{
    Bulk, Channel, End, Key, Material, Resume, Setup, Shaken, Stack, Suite, Wire, Work, wire_buffer,
};
use cairn_tls::{
    ClientConfig, Connection, Progress, Provider, ServerConfig, ServerName,
    session::NoSessions,
    wire::{CipherSuite, NamedGroup, SignatureScheme},
    x509::Roots,
};
use std::{any::Any, sync::Arc};

/// The second is the curve of the certificates' keys, which must be listed too (RFC 8422 section 5.1).
const GROUPS: [NamedGroup; 2] = [NamedGroup::X25519, NamedGroup::SECP256R1];

/// The size of a stream's receive buffer: room for the largest possible record.
const STREAM_BUFFER: usize = 5 + (1 << 14) + 2048;

pub(crate) struct Cairn {
    client: ClientConfig,
    server: ServerConfig,
    resumed: bool,
}

impl Cairn {
    pub(crate) fn new(setup: &Setup, material: &Material, provider: Provider) -> Self {
        let suite = match (setup.suite, setup.key) {
            (Suite::Aes128, Key::Ecdsa) => CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            (Suite::Aes256, Key::Ecdsa) => CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            (Suite::Chacha, Key::Ecdsa) => CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
            (Suite::Aes128, Key::Rsa) => CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            (Suite::Aes256, Key::Rsa) => CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            (Suite::Chacha, Key::Rsa) => CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        };
        let schemes = [SignatureScheme::ECDSA_SECP256R1_SHA256, SignatureScheme::RSA_PSS_RSAE_SHA256];
        let mut client = ClientConfig::builder_with(provider.clone())
            .trust_pem(material.authority.certificate_pem().as_bytes())
            .and_then(|builder| builder.suites(&[suite]))
            .expect("client configuration")
            .groups(&GROUPS)
            .signature_schemes(&schemes);
        let mut server = ServerConfig::builder_with(provider)
            .credential_pem(material.server.chain_pem().as_bytes(), material.server.key().to_pem().as_bytes())
            .and_then(|builder| builder.suites(&[suite]))
            .expect("server configuration")
            .groups(&GROUPS)
            .signature_schemes(&schemes);
        match setup.resume {
            Resume::No => {
                client = client.no_resumption();
                server = server.no_resumption();
            }
            Resume::Id => {}
            Resume::Ticket => server = server.sessions(Arc::new(NoSessions)).own_tickets(),
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
            resumed: false,
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
        let mut client = times.client(|| {
            let mut client = Connection::client(&self.client, name);
            client.start(&mut to_server).expect("start");
            client
        });
        let mut server = times.server(|| {
            let mut server = Connection::server(&self.server);
            server.start(&mut to_client).expect("start");
            server
        });
        while !(to_server.is_empty() && to_client.is_empty()) {
            wire.from_client.extend_from_slice(&to_server);
            times.server(|| take(&mut server, &mut to_server, &mut to_client));
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
            assert_eq!(group, (!self.resumed).then_some(NamedGroup::X25519), "as configured");
        }
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
}

/// Passes all available bytes to one end.
fn take(end: &mut Connection, came: &mut Vec<u8>, out: &mut Vec<u8>) {
    let mut rest = came.as_mut_slice();
    while !rest.is_empty() {
        let received = end.receive(rest, out).expect("receive");
        assert!(!matches!(received.progress, Progress::NeedMore { .. }), "whole records only");
        rest = &mut rest[received.consumed..];
    }
    came.clear();
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
                let one = client.writer().sealed_len(work.length);
                wire.resize(one * work.count, 0);
                times.client(|| {
                    for room in wire.chunks_mut(one) {
                        let sealed = client.write_slice(data, room).expect("write");
                        assert_eq!((sealed.read, sealed.written), (work.length, one), "all sealed");
                    }
                });
                came.resize(work.length, 0);
                // Whole records, as many as fit into the buffer of a stream.
                let at_once = STREAM_BUFFER / one * one;
                times.server(|| {
                    for part in wire.chunks(at_once) {
                        // As if read from a socket.
                        input.clear();
                        input.extend_from_slice(part);
                        let mut rest = input.as_mut_slice();
                        while !rest.is_empty() {
                            let data = server.receive_data(rest, came, out).expect("receive").expect("data");
                            opened += data.length;
                            rest = &mut rest[data.consumed..];
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
