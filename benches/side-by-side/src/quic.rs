//! QUIC: the handshake alone, and packets alone.

use crate::measure::{Contender, Effort, Row, Sides, in_turn};
use crate::setup::{Key, Material};
use aws_lc_rs::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey, quic};
use cairn_quinn::quic::{self as cairn, Event, Parameters, Version};
use cairn_tls::wire::{CipherSuite, NamedGroup};
use rustls::{
    RootCertStore,
    crypto::{
        CryptoProvider,
        aws_lc_rs::{cipher_suite, default_provider, kx_group},
    },
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    quic as theirs,
    server::NoServerSessionStorage,
    version::TLS13,
};
use std::sync::Arc;

/// The payload of a packet in bytes, without its tag.
const PAYLOAD: usize = 1200;

/// The number of packets in a sample.
const PACKETS: u32 = 64;

/// The length of a short header with a connection ID of 8 bytes and a packet number of 4.
const HEADER: usize = 13;

const NUMBER_OFFSET: usize = 9;

const TAG: usize = 16;

const PROTOCOL: &str = "bench";

#[derive(Clone, Copy)]
pub(crate) struct Case {
    name: &'static str,
    suite: CipherSuite,
    hybrid: bool,
}

pub(crate) const AES: Case =
    Case { name: "aes128", suite: CipherSuite::TLS_AES_128_GCM_SHA256, hybrid: false };
const CHACHA: Case = Case { name: "chacha", suite: CipherSuite::TLS_CHACHA20_POLY1305_SHA256, hybrid: false };
const HYBRID: Case = Case { hybrid: true, ..AES };

/// Measures the rows that are wanted.
pub(crate) fn rows(effort: Effort, wanted: &impl Fn(&str) -> bool, rows: &mut Vec<Row>) {
    let material = Material::new(Key::Ecdsa);
    for (name, case) in [("quic-full-ecdsa-x25519", AES), ("quic-full-ecdsa-mlkem", HYBRID)] {
        if wanted(name) {
            let (ours, theirs) = (Cairn::new(case, &material), Rustls::new(case, &material));
            let mut contenders = [
                Contender::new(Row::CAIRN, || ours.shake().0),
                Contender::new(Row::RUSTLS, || theirs.shake().0),
            ];
            let results = in_turn(effort, &mut contenders);
            rows.extend(Row::both(&format!("{name}-client"), &format!("{name}-server"), &results));
        }
    }
    for case in [AES, CHACHA] {
        let names = ["seal", "open"].map(|way| format!("quic-{way}-{}", case.name));
        if names.iter().any(|name| wanted(name)) {
            let (mut ours, mut theirs) =
                (Cairn::new(case, &material).shake().1, Rustls::new(case, &material).shake().1);
            let mut floor = Floor::new(case);
            let mut contenders = [
                Contender::new(Row::CAIRN, || ours.transfer()),
                Contender::new(Row::RUSTLS, || theirs.transfer()),
                Contender::new(Row::FLOOR, || floor.transfer()),
            ];
            let results = in_turn(effort, &mut contenders);
            rows.extend(Row::both(&names[0], &names[1], &results));
        }
    }
}

/// Cairn.
struct Cairn {
    client: cairn::ClientConfig,
    server: cairn::ServerConfig,
}

/// The keys of 1-RTT packets: of the client for sealing, and of the server for opening.
struct CairnKeys {
    seal: cairn::DirectionKeys,
    open: cairn::DirectionKeys,
    number: u64,
}

pub(crate) fn cairn_configs(case: Case, material: &Material) -> (cairn::ClientConfig, cairn::ServerConfig) {
    let group = if case.hybrid { NamedGroup::X25519MLKEM768 } else { NamedGroup::X25519 };
    let client = cairn::ClientConfig::builder()
        .trust_pem(material.authority.certificate_pem().as_bytes())
        .expect("roots")
        .groups(&[group])
        .suites(&[case.suite])
        .expect("suite")
        .alpn([PROTOCOL])
        .no_resumption();
    let (chain, key) = (material.server.chain_pem(), material.server.key().to_pem());
    let server = cairn::ServerConfig::builder()
        .credential_pem(chain.as_bytes(), key.as_bytes())
        .expect("credential")
        .groups(&[group])
        .suites(&[case.suite])
        .expect("suite")
        .alpn([PROTOCOL])
        .no_resumption();
    (client.build().expect("client"), server.build().expect("server"))
}

impl Cairn {
    fn new(case: Case, material: &Material) -> Self {
        let (client, server) = cairn_configs(case, material);
        Self { client, server }
    }

    /// A handshake, with all keys that a transport needs.
    fn shake(&self) -> (Sides, CairnKeys) {
        let mut sides = Sides { times: 1, ..Sides::default() };
        let name = cairn::ServerName::parse("localhost").expect("name");
        let parameters = Parameters::new(Version::V1, &[4, 1, 9]);
        let mut keys = [None, None];
        let mut wires = [Vec::new(), Vec::new()];
        let mut client = sides.client(|| {
            let mut client = cairn::Connection::client(&self.client, name, parameters).expect("client");
            client.start().expect("start");
            take(&mut client, &mut keys[0], &mut wires[0]);
            client
        });
        let mut server = sides.server(|| {
            let mut server = cairn::Connection::server(&self.server, parameters).expect("server");
            server.start().expect("start");
            server
        });
        while !(client.is_complete() && server.is_complete()) {
            let [from_client, from_server] = &mut wires;
            sides.server(|| {
                for (level, bytes) in from_client.drain(..) {
                    server.read_crypto(level, &bytes).expect("server");
                }
                take(&mut server, &mut keys[1], from_server);
            });
            sides.client(|| {
                for (level, bytes) in from_server.drain(..) {
                    client.read_crypto(level, &bytes).expect("client");
                }
                take(&mut client, &mut keys[0], from_client);
            });
        }
        let [client, server] = keys.map(|keys| keys.expect("keys"));
        (sides, CairnKeys { seal: client.local, open: server.remote, number: 0 })
    }
}

/// Takes the events of a connection.
fn take(
    connection: &mut cairn::Connection,
    keys: &mut Option<cairn::Keys>,
    wire: &mut Vec<(cairn::Level, Vec<u8>)>,
) {
    while let Some(event) = connection.poll_event() {
        match event {
            Event::Crypto { level, bytes } => wire.push((level, bytes)),
            Event::OneRtt(secrets) => *keys = Some(secrets.secrets().expect("keys").0),
            _ => {}
        }
    }
}

/// A packet with a short header, a payload, and room for the tag.
fn packet() -> Vec<u8> {
    let mut packet = vec![0x43; HEADER];
    packet.resize(HEADER + PAYLOAD + TAG, 7);
    packet
}

impl CairnKeys {
    fn transfer(&mut self) -> Sides {
        let mut sides = Sides { times: PACKETS, ..Sides::default() };
        let mut packets: Vec<_> = (0..PACKETS).map(|_| packet()).collect();
        let first = self.number;
        self.number += u64::from(PACKETS);
        sides.client(|| {
            for (number, packet) in (first..).zip(&mut packets) {
                let (header, payload) = packet.split_at_mut(HEADER);
                self.seal.packet.seal(number, header, payload).expect("seal");
                self.seal.header.protect(packet, NUMBER_OFFSET).expect("protect");
            }
        });
        sides.server(|| {
            for (number, packet) in (first..).zip(&mut packets) {
                self.open.header.unprotect(packet, NUMBER_OFFSET).expect("unprotect");
                let (header, payload) = packet.split_at_mut(HEADER);
                self.open.packet.open(number, header, payload).expect("open");
            }
        });
        sides
    }
}

/// rustls with AWS-LC.
struct Rustls {
    client: Arc<rustls::ClientConfig>,
    server: Arc<rustls::ServerConfig>,
}

struct RustlsKeys {
    seal: theirs::DirectionalKeys,
    open: theirs::DirectionalKeys,
    number: u64,
}

pub(crate) fn rustls_configs(
    case: Case,
    material: &Material,
) -> (rustls::ClientConfig, rustls::ServerConfig) {
    let suite = if case.suite == AES.suite {
        cipher_suite::TLS13_AES_128_GCM_SHA256
    } else {
        cipher_suite::TLS13_CHACHA20_POLY1305_SHA256
    };
    let group = if case.hybrid { kx_group::X25519MLKEM768 } else { kx_group::X25519 };
    let provider =
        CryptoProvider { cipher_suites: vec![suite], kx_groups: vec![group], ..default_provider() };
    let provider = Arc::new(provider);
    let mut roots = RootCertStore::empty();
    roots.add(material.authority.certificate().to_vec().into()).expect("root");
    let mut client = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&TLS13])
        .expect("version")
        .with_root_certificates(roots)
        .with_no_client_auth();
    client.resumption = rustls::client::Resumption::disabled();
    client.alpn_protocols = vec![PROTOCOL.into()];
    let chain = CertificateDer::pem_slice_iter(material.server.chain_pem().as_bytes())
        .collect::<Result<_, _>>()
        .expect("chain");
    let key = PrivateKeyDer::from_pem_slice(material.server.key().to_pem().as_bytes()).expect("key");
    let mut server = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])
        .expect("version")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("credential");
    server.session_storage = Arc::new(NoServerSessionStorage {});
    server.send_tls13_tickets = 0;
    server.alpn_protocols = vec![PROTOCOL.into()];
    (client, server)
}

impl Rustls {
    fn new(case: Case, material: &Material) -> Self {
        let (client, server) = rustls_configs(case, material);
        Self { client: Arc::new(client), server: Arc::new(server) }
    }

    fn shake(&self) -> (Sides, RustlsKeys) {
        let mut sides = Sides { times: 1, ..Sides::default() };
        let name = ServerName::try_from("localhost").expect("name");
        let (version, parameters) = (theirs::Version::V1, vec![4, 1, 9]);
        let mut keys = [None, None];
        let (mut from_client, mut from_server) = (Vec::new(), Vec::new());
        let mut client = sides.client(|| {
            let client = Arc::clone(&self.client);
            let client = theirs::ClientConnection::new(client, version, name, parameters.clone());
            let mut client = theirs::Connection::from(client.expect("client"));
            write(&mut client, &mut keys[0], &mut from_client);
            client
        });
        let mut server = sides.server(|| {
            let server = theirs::ServerConnection::new(Arc::clone(&self.server), version, parameters);
            theirs::Connection::from(server.expect("server"))
        });
        while client.is_handshaking() || server.is_handshaking() {
            sides.server(|| {
                for bytes in from_client.drain(..) {
                    server.read_hs(&bytes).expect("server");
                }
                write(&mut server, &mut keys[1], &mut from_server);
            });
            sides.client(|| {
                for bytes in from_server.drain(..) {
                    client.read_hs(&bytes).expect("client");
                }
                write(&mut client, &mut keys[0], &mut from_client);
            });
        }
        let [client, server] = keys.map(|keys: Option<theirs::Keys>| keys.expect("keys"));
        (sides, RustlsKeys { seal: client.local, open: server.remote, number: 0 })
    }
}

/// Takes what a connection writes, and its keys.
fn write(connection: &mut theirs::Connection, keys: &mut Option<theirs::Keys>, wire: &mut Vec<Vec<u8>>) {
    loop {
        let mut bytes = Vec::new();
        let change = connection.write_hs(&mut bytes);
        let is_over = change.is_none() && bytes.is_empty();
        if !bytes.is_empty() {
            wire.push(bytes);
        }
        if let Some(theirs::KeyChange::OneRtt { keys: of_change, .. }) = change {
            *keys = Some(of_change);
        }
        if is_over {
            return;
        }
    }
}

impl RustlsKeys {
    fn transfer(&mut self) -> Sides {
        let mut sides = Sides { times: PACKETS, ..Sides::default() };
        let mut packets: Vec<_> = (0..PACKETS).map(|_| packet()).collect();
        let first = self.number;
        self.number += u64::from(PACKETS);
        sides.client(|| {
            for (number, packet) in (first..).zip(&mut packets) {
                let (header, rest) = packet.split_at_mut(HEADER);
                let (payload, tag) = rest.split_at_mut(PAYLOAD);
                let sealed = self.seal.packet.encrypt_in_place(number, header, payload).expect("seal");
                tag.copy_from_slice(sealed.as_ref());
                let (first, number) = header.split_at_mut(NUMBER_OFFSET);
                // The sample starts 4 bytes after the start of the packet number, which has 4 bytes.
                self.seal.header.encrypt_in_place(&payload[..16], &mut first[0], number).expect("protect");
            }
        });
        sides.server(|| {
            for (number, packet) in (first..).zip(&mut packets) {
                let (header, payload) = packet.split_at_mut(HEADER);
                let (first, of_number) = header.split_at_mut(NUMBER_OFFSET);
                self.open
                    .header
                    .decrypt_in_place(&payload[..16], &mut first[0], of_number)
                    .expect("unprotect");
                self.open.packet.decrypt_in_place(number, header, payload).expect("open");
            }
        });
        sides
    }
}

/// The primitives alone: an AEAD, and the mask.
struct Floor {
    aead: LessSafeKey,
    mask: quic::HeaderProtectionKey,
    number: u64,
}

impl Floor {
    fn new(case: Case) -> Self {
        let (algorithm, of_mask, length) = if case.suite == AES.suite {
            (&aead::AES_128_GCM, &quic::AES_128, 16)
        } else {
            (&aead::CHACHA20_POLY1305, &quic::CHACHA20, 32)
        };
        let key = &[9; 32][..length];
        let aead = LessSafeKey::new(UnboundKey::new(algorithm, key).expect("key"));
        Self { aead, mask: quic::HeaderProtectionKey::new(of_mask, key).expect("key"), number: 0 }
    }

    fn transfer(&mut self) -> Sides {
        let mut sides = Sides { times: PACKETS, ..Sides::default() };
        let mut packets: Vec<_> = (0..PACKETS).map(|_| packet()).collect();
        let first = self.number;
        self.number += u64::from(PACKETS);
        let nonce = |number: u64| {
            let mut nonce = [5; 12];
            nonce[4..].copy_from_slice(&number.to_be_bytes());
            Nonce::assume_unique_for_key(nonce)
        };
        sides.client(|| {
            for (number, packet) in (first..).zip(&mut packets) {
                let (header, rest) = packet.split_at_mut(HEADER);
                let (payload, tag) = rest.split_at_mut(PAYLOAD);
                let aad = Aad::from(&*header);
                let sealed = self.aead.seal_in_place_separate_tag(nonce(number), aad, payload).expect("seal");
                tag.copy_from_slice(sealed.as_ref());
                std::hint::black_box(self.mask.new_mask(&payload[..16]).expect("mask"));
            }
        });
        sides.server(|| {
            for (number, packet) in (first..).zip(&mut packets) {
                let (header, payload) = packet.split_at_mut(HEADER);
                std::hint::black_box(self.mask.new_mask(&payload[..16]).expect("mask"));
                self.aead.open_in_place(nonce(number), Aad::from(&*header), payload).expect("open");
            }
        });
        sides
    }
}
