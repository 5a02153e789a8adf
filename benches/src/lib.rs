//! Two ends of a connection in memory, for measuring: no sockets, one thread.
#![allow(clippy::expect_used, reason = "a benchmark that cannot be set up has nothing to measure")]

use cairn_crypto::KeySpec;
use cairn_tls::{
    ClientConfig, Connection, Progress, ServerConfig, ServerName, wire::CipherSuite, x509::issue::Template,
};

/// From long ago to far ahead, in seconds since 1970.
const VALID: (u64, u64) = (1_600_000_000, 4_000_000_000);

/// A client's and a server's configuration that fit each other, with one suite and a key of this kind, under a chain
/// of one certificate whose issuer the client trusts.
#[must_use]
pub fn configs(spec: KeySpec, suite: CipherSuite, resumption: bool) -> (ClientConfig, ServerConfig) {
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
    let client = ClientConfig::builder()
        .trust_pem(ca.certificate_pem().as_bytes())
        .and_then(|builder| builder.suites(&[suite]))
        .and_then(|builder| if resumption { builder } else { builder.no_resumption() }.build())
        .expect("client configuration");
    let server = ServerConfig::builder()
        .credential_pem(server.chain_pem().as_bytes(), server.key().to_pem().as_bytes())
        .and_then(|builder| builder.suites(&[suite]))
        .and_then(|builder| if resumption { builder } else { builder.no_resumption() }.build())
        .expect("server configuration");
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
    /// Two ends that have said nothing yet.
    #[must_use]
    pub fn new(client: &ClientConfig, server: &ServerConfig) -> Self {
        let name = ServerName::parse("localhost").expect("name");
        Self {
            client: Connection::client(client, name),
            server: Connection::server(server),
            to_server: Vec::new(),
            to_client: Vec::new(),
        }
    }

    /// Runs the handshake to its end.
    ///
    /// # Panics
    /// When it fails.
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

/// Lets one end take all that has come.
fn take(end: &mut Connection, came: &mut Vec<u8>, out: &mut Vec<u8>) {
    let mut rest = came.as_mut_slice();
    while !rest.is_empty() {
        let received = end.receive(rest, out).expect("receive");
        assert!(!matches!(received.progress, Progress::NeedMore { .. }), "whole records only");
        rest = rest.get_mut(received.consumed..).unwrap_or_default();
    }
    came.clear();
}
