//! rustls with AWS-LC, with one version only.

use crate::measure::Sides;
use crate::setup::{
    Bulk, Channel, EARLY_DATA, End, Group, Key, Material, Psk, Resume, Setup, Shaken, Stack, Suite, Wire,
    Work, wire_buffer,
};
use rustls::{
    ClientConfig, ClientConnection, HandshakeKind, NamedGroup, RootCertStore, ServerConfig, ServerConnection,
    SignatureScheme, SupportedProtocolVersion,
    client::Resumption,
    crypto::{
        CryptoProvider, SupportedKxGroup, WebPkiSupportedAlgorithms,
        aws_lc_rs::{self, cipher_suite, kx_group},
    },
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    server::{NoServerSessionStorage, ServerSessionMemoryCache, WebPkiClientVerifier},
    version::{TLS12, TLS13},
};
use std::{
    any::Any,
    io::{Read, Write},
    sync::Arc,
};

pub(crate) struct Rustls {
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    name: ServerName<'static>,
    setup: Setup,
    kind: HandshakeKind,
    group: NamedGroup,
    early_data: Vec<u8>,
}

/// The groups of the client, which sends a share of the first, and of the server.
fn groups(setup: &Setup) -> [Vec<&'static dyn SupportedKxGroup>; 2] {
    match setup.group() {
        Group::Hybrid => [vec![kx_group::X25519MLKEM768], vec![kx_group::X25519MLKEM768]],
        Group::X25519 if setup.retry() => {
            [vec![kx_group::SECP256R1, kx_group::X25519], vec![kx_group::X25519]]
        }
        Group::X25519 => [(); 2].map(|()| {
            let groups: Vec<&'static dyn SupportedKxGroup> = vec![kx_group::X25519, kx_group::SECP256R1];
            groups
        }),
    }
}

fn provider(setup: &Setup, groups: Vec<&'static dyn SupportedKxGroup>) -> CryptoProvider {
    let suite = match (setup.suite, setup.key) {
        (Suite::Aes128, _) if setup.tls13.is_some() => cipher_suite::TLS13_AES_128_GCM_SHA256,
        (Suite::Aes256, _) if setup.tls13.is_some() => cipher_suite::TLS13_AES_256_GCM_SHA384,
        (Suite::Chacha, _) if setup.tls13.is_some() => cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
        (Suite::Aes128, Key::Ecdsa) => cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        (Suite::Aes256, Key::Ecdsa) => cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        (Suite::Chacha, Key::Ecdsa) => cipher_suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        (Suite::Aes128, Key::Rsa) => cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        (Suite::Aes256, Key::Rsa) => cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        (Suite::Chacha, Key::Rsa) => cipher_suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    };
    let provider = aws_lc_rs::default_provider();
    let schemes = [SignatureScheme::ECDSA_NISTP256_SHA256, SignatureScheme::RSA_PSS_SHA256];
    let all = provider.signature_verification_algorithms;
    let mapping: Vec<_> =
        all.mapping.iter().copied().filter(|(scheme, _)| schemes.contains(scheme)).collect();
    CryptoProvider {
        cipher_suites: vec![suite],
        kx_groups: groups,
        signature_verification_algorithms: WebPkiSupportedAlgorithms {
            all: all.all,
            mapping: mapping.leak(),
        },
        ..provider
    }
}

fn chain(pem: &str) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().expect("chain")
}

fn key(pem: &str) -> PrivateKeyDer<'static> {
    PrivateKeyDer::from_pem_slice(pem.as_bytes()).expect("key")
}

impl Rustls {
    /// `None` for `psk_ke`, which rustls does not have.
    pub(crate) fn new(setup: &Setup, material: &Material) -> Option<Self> {
        if setup.psk() == Some(Psk::Alone) {
            return None;
        }
        let [client_groups, server_groups] = groups(setup);
        let client_provider = Arc::new(provider(setup, client_groups));
        let provider = Arc::new(provider(setup, server_groups));
        let version: &[&SupportedProtocolVersion] = if setup.tls13.is_some() { &[&TLS13] } else { &[&TLS12] };
        let mut roots = RootCertStore::empty();
        roots.add(material.authority.certificate().to_vec().into()).expect("root");
        let roots = Arc::new(roots);

        let client = ClientConfig::builder_with_provider(client_provider)
            .with_protocol_versions(version)
            .expect("version")
            .with_root_certificates(Arc::clone(&roots));
        let mut client = if setup.mutual {
            client
                .with_client_auth_cert(
                    chain(&material.client.chain_pem()),
                    key(&material.client.key().to_pem()),
                )
                .expect("client certificate")
        } else {
            client.with_no_client_auth()
        };

        let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(version)
            .expect("version");
        let server = if setup.mutual {
            let verifier =
                WebPkiClientVerifier::builder_with_provider(roots, provider).build().expect("verifier");
            server.with_client_cert_verifier(verifier)
        } else {
            server.with_no_client_auth()
        };
        let mut server = server
            .with_single_cert(chain(&material.server.chain_pem()), key(&material.server.key().to_pem()))
            .expect("server certificate");

        match setup.resume {
            Resume::No => {
                client.resumption = Resumption::disabled();
                server.session_storage = Arc::new(NoServerSessionStorage {});
                server.send_tls13_tickets = 0;
            }
            // The same capacity as Cairn's cache.
            Resume::Id => server.session_storage = ServerSessionMemoryCache::new(4096),
            Resume::Ticket | Resume::Psk(Psk::KeyExchange | Psk::Alone) => {
                server.session_storage = Arc::new(NoServerSessionStorage {});
                server.ticketer = aws_lc_rs::Ticketer::new().expect("ticketer");
                server.send_tls13_tickets = 1;
            }
            Resume::Psk(Psk::EarlyData) => {
                server.session_storage = ServerSessionMemoryCache::new(4096);
                server.send_tls13_tickets = 1;
                server.max_early_data_size = u32::try_from(EARLY_DATA).expect("length");
                client.enable_early_data = true;
            }
        }
        let name = ServerName::try_from("localhost").expect("name");
        let kind = if setup.retry() { HandshakeKind::FullWithHelloRetryRequest } else { HandshakeKind::Full };
        let group = match setup.group() {
            Group::X25519 => NamedGroup::X25519,
            Group::Hybrid => NamedGroup::X25519MLKEM768,
        };
        let mut stack = Self {
            client: Arc::new(client),
            server: Arc::new(server),
            name,
            setup: *setup,
            kind,
            group,
            early_data: vec![7; EARLY_DATA],
        };
        if setup.resume != Resume::No {
            // The first handshake establishes the session.
            stack.shake();
            stack.kind = HandshakeKind::Resumed;
        }
        Some(stack)
    }

    fn pair(&self) -> (ClientConnection, ServerConnection, Shaken) {
        let (mut times, mut wire) = (Sides { times: 1, ..Sides::default() }, Wire::default());
        let name = self.name.clone();
        let (mut to_client, mut to_server) = (wire_buffer(), wire_buffer());
        let is_early = self.kind == HandshakeKind::Resumed && self.setup.early_data();
        let (mut early, mut early_data) = (0, if is_early { vec![0; EARLY_DATA] } else { Vec::new() });
        let mut client = times.client(|| {
            let mut client = ClientConnection::new(Arc::clone(&self.client), name).expect("client");
            if is_early {
                let sent = client.early_data().expect("early data").write(&self.early_data);
                assert_eq!(sent.expect("write"), EARLY_DATA, "as configured");
            }
            while client.wants_write() {
                client.write_tls(&mut to_server).expect("write");
            }
            client
        });
        let mut server = times.server(|| ServerConnection::new(Arc::clone(&self.server)).expect("server"));
        while !(to_server.is_empty() && to_client.is_empty()) {
            wire.from_client.extend_from_slice(&to_server);
            times.server(|| {
                let mut came = to_server.as_slice();
                while !came.is_empty() {
                    server.read_tls(&mut came).expect("read");
                    server.process_new_packets().expect("process");
                }
                if let Some(mut data) = server.early_data() {
                    early += data.read(&mut early_data[early..]).expect("read");
                }
                to_server.clear();
                while server.wants_write() {
                    server.write_tls(&mut to_client).expect("write");
                }
            });
            wire.from_server.extend_from_slice(&to_client);
            times.client(|| {
                let mut came = to_client.as_slice();
                while !came.is_empty() {
                    client.read_tls(&mut came).expect("read");
                    client.process_new_packets().expect("process");
                }
                to_client.clear();
                while client.wants_write() {
                    client.write_tls(&mut to_server).expect("write");
                }
            });
        }
        assert!(!client.is_handshaking() && !server.is_handshaking(), "the handshake is complete");
        assert_eq!(client.handshake_kind(), Some(self.kind), "as configured");
        assert_eq!(server.handshake_kind(), Some(self.kind), "as configured");
        assert_eq!(early, early_data.len(), "all early data has arrived");
        assert_eq!(client.is_early_data_accepted(), is_early, "as configured");
        if self.kind != HandshakeKind::Resumed || self.setup.tls13.is_some() {
            let group = client.negotiated_key_exchange_group().map(|group| group.name());
            assert_eq!(group, Some(self.group), "as configured");
        }
        (client, server, Shaken { times, wire })
    }
}

impl Stack for Rustls {
    fn shake(&mut self) -> Shaken {
        let (client, server, mut shaken) = self.pair();
        shaken.times.client(|| drop(client));
        shaken.times.server(|| drop(server));
        shaken
    }

    /// The interface cannot discard the chain.
    fn keep(&mut self, end: End, _chain: bool) -> Box<dyn Any> {
        let (client, server, _) = self.pair();
        end.of(client, server)
    }

    fn channel(&mut self, work: Work) -> Option<Box<dyn Channel>> {
        if work.bulk == Bulk::InPlace {
            return None;
        }
        let (client, server, _) = self.pair();
        let (data, came) = (vec![7; work.length], vec![0; work.length]);
        Some(Box::new(Data { client, server, work, data, wire: Vec::new(), came }))
    }

    fn key_updates(&mut self, count: usize) -> Option<Box<dyn Channel>> {
        let (client, server, _) = self.pair();
        Some(Box::new(KeyUpdates { client, server, count, wire: wire_buffer() }))
    }
}

/// Updates of keys, of both sides at the client's request.
struct KeyUpdates {
    client: ClientConnection,
    server: ServerConnection,
    count: usize,
    wire: Vec<u8>,
}

impl Channel for KeyUpdates {
    fn transfer(&mut self) -> Sides {
        let mut times = Sides { times: u32::try_from(self.count).expect("count"), ..Sides::default() };
        let Self { client, server, count, wire } = self;
        for _ in 0..*count {
            times.client(|| {
                client.refresh_traffic_keys().expect("update");
                while client.wants_write() {
                    client.write_tls(wire).expect("write");
                }
            });
            times.server(|| {
                let mut rest = wire.as_slice();
                while !rest.is_empty() {
                    server.read_tls(&mut rest).expect("read");
                    server.process_new_packets().expect("process");
                }
            });
            wire.clear();
            client.writer().write_all(b"x").expect("write");
            while client.wants_write() {
                client.write_tls(wire).expect("write");
            }
            server.read_tls(&mut wire.as_slice()).expect("read");
            server.process_new_packets().expect("process");
            server.reader().read_exact(&mut [0]).expect("read");
            wire.clear();
            server.writer().write_all(b"x").expect("write");
            while server.wants_write() {
                server.write_tls(wire).expect("write");
            }
            let mut rest = wire.as_slice();
            while !rest.is_empty() {
                client.read_tls(&mut rest).expect("read");
                client.process_new_packets().expect("process");
            }
            client.reader().read_exact(&mut [0]).expect("read");
            wire.clear();
        }
        times
    }
}

struct Data {
    client: ClientConnection,
    server: ServerConnection,
    work: Work,
    data: Vec<u8>,
    wire: Vec<u8>,
    came: Vec<u8>,
}

impl Channel for Data {
    fn transfer(&mut self) -> Sides {
        let mut times = Sides { times: u32::try_from(self.work.count).expect("count"), ..Sides::default() };
        let Self { client, server, work, data, wire, came } = self;
        wire.clear();
        times.client(|| {
            for _ in 0..work.count {
                client.writer().write_all(data).expect("write");
                while client.wants_write() {
                    client.write_tls(wire).expect("write");
                }
            }
        });
        let mut opened = 0;
        times.server(|| {
            let mut rest = wire.as_slice();
            while !rest.is_empty() {
                server.read_tls(&mut rest).expect("read");
                let mut waiting = server.process_new_packets().expect("process").plaintext_bytes_to_read();
                while waiting > 0 {
                    let read = server.reader().read(came).expect("read");
                    waiting -= read;
                    opened += read;
                }
            }
        });
        assert_eq!(opened, work.length * work.count, "everything was received");
        times
    }
}
