//! JSON documents: the parts that several commands and inputs have in common.

use crate::{capture::records::first_message, failure::Failure, fingerprint, output, show::event::Event};
use cairn_tls::{
    Direction, Epoch, Traced,
    wire::{
        HandshakeType,
        tree::{HandshakeTree, Negotiated},
    },
    x509::{CertificateFacts, pem::Item},
};
use serde::Serialize;
use std::io::{self, BufWriter, Write};

/// Prints a document and a line end.
pub(crate) fn print(document: &impl Serialize) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    serde_json::to_writer_pretty(&mut out, document)
        .map_err(io::Error::from)
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush())
        .map_err(|error| output::broken(&error))
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The fingerprints of a connection, as far as its hellos are known.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Fingerprints {
    ja4: Option<String>,
    ja4_r: Option<String>,
    ja3: Option<String>,
    ja3_text: Option<String>,
    ja3s: Option<String>,
    ja3s_text: Option<String>,
}

impl Fingerprints {
    /// Those of a ClientHello and a ServerHello, with their headers.
    pub(crate) fn of(client_hello: Option<&[u8]>, server_hello: Option<&[u8]>) -> Self {
        let client = client_hello.and_then(fingerprint::Client::of);
        let server = server_hello.and_then(fingerprint::of_server_hello);
        let mut all = Self::default();
        if let Some(client) = client {
            (all.ja4, all.ja4_r) = (Some(client.ja4), Some(client.ja4_raw));
            (all.ja3, all.ja3_text) = (Some(client.ja3.hash), Some(client.ja3.text));
        }
        if let Some(server) = server {
            (all.ja3s, all.ja3s_text) = (Some(server.hash), Some(server.text));
        }
        all
    }
}

/// A certificate.
#[derive(Debug, Serialize)]
pub(crate) struct Certificate {
    subject: String,
    issuer: String,
    serial: String,
    dns_names: Vec<String>,
    ip_addresses: Vec<String>,
    /// In seconds since 1970.
    not_before: u64,
    not_after: u64,
    key: String,
    signature_algorithm: String,
    is_ca: bool,
}

impl Certificate {
    /// `None` if it is malformed, or a raw public key.
    pub(crate) fn of(der: &[u8]) -> Option<Self> {
        let facts = CertificateFacts::from_der(der).ok()?;
        Some(Self {
            subject: facts.subject,
            issuer: facts.issuer,
            serial: hex(&facts.serial),
            dns_names: facts.dns_names,
            ip_addresses: facts.ip_addresses.iter().map(ToString::to_string).collect(),
            not_before: facts.not_before,
            not_after: facts.not_after,
            key: facts.key_description,
            signature_algorithm: facts.signature_algorithm,
            is_ca: facts.is_ca,
        })
    }
}

/// Handshake messages.
#[derive(Debug, Serialize)]
pub(crate) struct Messages {
    messages: Vec<Message>,
    fingerprints: Fingerprints,
}

#[derive(Debug, Serialize)]
struct Message {
    name: String,
    /// With the header.
    bytes: usize,
    summary: String,
    body: String,
}

impl Messages {
    /// The complete messages of a stream. `before` are the parameters negotiated before it.
    pub(crate) fn new(bytes: &[u8], before: Negotiated) -> Self {
        let (mut messages, mut negotiated) = (Vec::new(), before);
        let mut hellos: [Option<&[u8]>; 2] = [None, None];
        let mut rest = bytes;
        while let Some((message, after)) = first_message(rest) {
            rest = after;
            let Some(msg_type) = message.first().map(|first| HandshakeType(*first)) else { break };
            let [client, server] = &mut hellos;
            match msg_type {
                HandshakeType::CLIENT_HELLO => *client = client.or(Some(message)),
                HandshakeType::SERVER_HELLO => *server = Some(message),
                _ => {}
            }
            negotiated = HandshakeTree::new(message).after(negotiated).negotiated();
            let traced = Traced::Handshake { msg_type, message };
            let event = Event::new(0, Direction::Read, Epoch::Initial, traced, negotiated);
            messages.push(Message {
                name: event.name,
                bytes: message.len(),
                summary: event.gist,
                body: hex(message.get(4..).unwrap_or_default()),
            });
        }
        let [client, server] = hellos;
        Self { messages, fingerprints: Fingerprints::of(client, server) }
    }
}

/// The blocks of a file in PEM or DER.
#[derive(Debug, Serialize)]
pub(crate) struct Items {
    items: Vec<Block>,
}

#[derive(Debug, Serialize)]
struct Block {
    content: Option<String>,
    label: String,
    line: Option<usize>,
    certificate: Option<Certificate>,
}

impl Items {
    pub(crate) fn new(items: &[Item]) -> Self {
        let block = |item: &Item| Block {
            content: item.content.map(|content| content.to_string()),
            label: item.label.clone(),
            line: item.line,
            certificate: item.der.as_deref().and_then(Certificate::of),
        };
        Self { items: items.iter().map(block).collect() }
    }
}
