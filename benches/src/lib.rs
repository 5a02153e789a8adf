//! Two ends of a connection in memory, for measurements: no sockets, one thread.
#![allow(clippy::expect_used, reason = "a benchmark without a valid setup cannot run")]

extern crate alloc;

use alloc::sync::Arc;
use cairn_crypto::KeySpec;
use cairn_tls::{
    ClientConfig, Connection, Progress, PskModes, ServerConfig, ServerName, TLS13_SUITES, Versions,
    session::NoSessions,
    wire::{CipherSuite, NamedGroup},
    x509::issue::Template,
};

/// A very long validity, in seconds since 1970.
const VALID: (u64, u64) = (1_600_000_000, 4_000_000_000);

/// How a later handshake resumes the session of the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resume {
    /// No resumption.
    No,
    /// By session ID.
    Id,
    /// By ticket; in TLS 1.3 in the mode `psk_dhe_ke`.
    Ticket,
    /// By ticket in the mode `psk_ke` of TLS 1.3, without a key exchange.
    PskAlone,
}

/// Matching configurations of a client and a server, with one cipher suite and a key of this kind. The chain
/// has one certificate, and the client trusts its issuer. The suite selects the version; TLS 1.3 uses X25519.
#[must_use]
pub fn configs(spec: KeySpec, suite: CipherSuite, resume: Resume) -> (ClientConfig, ServerConfig) {
    let provider = cairn_tls::default_provider();
    let ca = Template::authority("Benchmark CA")
        .valid(VALID.0, VALID.1)
        .self_signed(&provider, KeySpec::EcP256)
        .expect("authority");
    let server = Template::server("localhost")
        .dns("localhost")
        .valid(VALID.0, VALID.1)
        .issue(&provider, spec, &ca)
        .expect("server certificate");
    let mut client = ClientConfig::builder()
        .trust_pem(ca.certificate_pem().as_bytes())
        .and_then(|builder| builder.suites(&[suite]))
        .expect("client configuration");
    let mut server = ServerConfig::builder()
        .credential_pem(server.chain_pem().as_bytes(), server.key().to_pem().as_bytes())
        .and_then(|builder| builder.suites(&[suite]))
        .expect("server configuration");
    if TLS13_SUITES.iter().any(|each| each.id == suite) {
        client = client.versions(Versions::Tls13).groups(&[NamedGroup::X25519]);
        server = server.versions(Versions::Tls13).groups(&[NamedGroup::X25519]);
    }
    match resume {
        Resume::No => (client, server) = (client.no_resumption(), server.no_resumption()),
        Resume::Id => {}
        Resume::Ticket => server = server.sessions(Arc::new(NoSessions)).own_tickets(),
        Resume::PskAlone => {
            client = client.psk_modes(PskModes::PskAlone);
            server = server.sessions(Arc::new(NoSessions)).own_tickets().allow_psk_ke();
        }
    }
    let client = client.build().expect("client configuration");
    let server = server.build().expect("server configuration");
    (client, server)
}

/// Both ends of one connection.
#[derive(Debug)]
pub struct Pair {
    /// The client.
    pub client: Connection,
    /// The server.
    pub server: Connection,
    to_server: Vec<u8>,
    to_client: Vec<u8>,
}

impl Pair {
    /// Creates two ends that have sent nothing yet.
    #[must_use]
    pub fn new(client: &ClientConfig, server: &ServerConfig) -> Self {
        let name = ServerName::parse("localhost").expect("name");
        Self {
            client: Connection::client(client, name),
            server: Connection::server(server),
            // Enough for any handshake here: the growth of a caller's buffer is not part of the measurement.
            to_server: Vec::with_capacity(8 * 1024),
            to_client: Vec::with_capacity(8 * 1024),
        }
    }

    /// Performs the handshake.
    ///
    /// # Panics
    /// If it fails.
    pub fn shake_hands(&mut self) {
        self.server.start(&mut self.to_client).expect("start");
        self.client.start(&mut self.to_server).expect("start");
        while !(self.to_server.is_empty() && self.to_client.is_empty()) {
            take(&mut self.server, &mut self.to_server, &mut self.to_client);
            take(&mut self.client, &mut self.to_client, &mut self.to_server);
        }
        assert!(self.client.is_complete() && self.server.is_complete(), "the handshake is complete");
    }
}

/// Passes all available bytes to one end.
fn take(end: &mut Connection, came: &mut Vec<u8>, out: &mut Vec<u8>) {
    let mut rest = came.as_mut_slice();
    while !rest.is_empty() {
        let received = end.receive(rest, out).expect("receive");
        assert!(!matches!(received.progress, Progress::NeedMore { .. }), "whole records only");
        rest = rest.get_mut(received.consumed..).unwrap_or_default();
    }
    came.clear();
}
