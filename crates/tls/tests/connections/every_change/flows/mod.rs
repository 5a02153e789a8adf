//! The flows: a side under test and a matching peer.

mod against_client;
mod against_server;
mod resuming;

pub(crate) use against_client::to_client;
pub(crate) use against_server::to_server;

use crate::support::{End, Kind, SetClock, client, name, provider, server_identity};
use cairn_handshake::Session;
use cairn_schedule::MasterSecret;
use cairn_tls::{
    CertificateChain, ClientConfig, ClientConfigBuilder, Connection, Credential, ServerConfig,
    ServerConfigBuilder, Side, UnixTime,
    session::{ClientKey, ClientSessionStore, NoSessions, ServerSessionStore},
    wire::{CipherSuite, NamedGroup, SessionId},
    x509::issue::Identity,
};
use std::sync::{Arc, Mutex};

pub(crate) const PSK_IDENTITY: &[u8] = b"somebody";
pub(crate) const PSK: &[u8] = b"a key of some length";

/// The side under test.
enum Under {
    Client(ClientConfig),
    Server(ServerConfig),
}

/// A message that is changed in a flow.
#[derive(Debug)]
pub(crate) struct Try {
    message: &'static str,
    /// Its name in the tables.
    pub(crate) name: &'static str,
    /// Only the fields with this prefix.
    pub(crate) within: &'static str,
}

/// Shorthand: the message, its name in the tables, and the enclosing field.
const fn of(message: &'static str, name: &'static str, within: &'static str) -> Try {
    Try { message, name, within }
}

pub(crate) struct Flow {
    pub(crate) name: &'static str,
    under: Under,
    pub(crate) suite: CipherSuite,
    pub(crate) group: NamedGroup,
    /// The peer's certificate.
    pub(crate) own_identity: Option<&'static Identity>,
    /// Whether it sends it as a raw public key.
    pub(crate) raw: bool,
    /// Whether its hello has every applicable extension.
    pub(crate) everything: bool,
    /// max_fragment_length, session_ticket.
    pub(crate) short: bool,
    pub(crate) tickets: bool,
    /// The server's OCSP response and hint, and whether it sends CertificateRequest.
    pub(crate) staple: Option<Vec<u8>>,
    pub(crate) hint: &'static [u8],
    pub(crate) requests: bool,
    /// Whether there is a renegotiation.
    pub(crate) again: bool,
    /// Whether a renegotiation is requested that the side under test refuses.
    pub(crate) renegotiation_is_refused: bool,
    /// Whether there is a warning at the end.
    pub(crate) warns: bool,
    /// The session that is resumed.
    pub(crate) memory: Option<Memory>,
    /// Whether its records are split at every byte.
    pub(crate) cut_everywhere: bool,
    pub(crate) tries: Vec<Try>,
    /// The messages, by their names in the tables, whose records are changed.
    pub(crate) records_of: &'static [&'static str],
}

/// The parts of a session for its resumption.
#[derive(Clone)]
pub(crate) struct Memory {
    pub(crate) master: MasterSecret,
    pub(crate) session_id: Vec<u8>,
    pub(crate) ticket: Vec<u8>,
}

impl Flow {
    fn new(name: &'static str, under: Under, suite: CipherSuite, tries: impl Into<Vec<Try>>) -> Self {
        Self {
            name,
            under,
            suite,
            group: NamedGroup::SECP256R1,
            own_identity: None,
            raw: false,
            everything: false,
            short: false,
            tickets: false,
            staple: None,
            hint: b"",
            requests: false,
            again: false,
            renegotiation_is_refused: false,
            warns: false,
            memory: None,
            cut_everywhere: false,
            tries: tries.into(),
            records_of: &[],
        }
    }

    fn server(
        name: &'static str,
        config: ServerConfigBuilder,
        suite: CipherSuite,
        tries: impl Into<Vec<Try>>,
    ) -> Self {
        let config = config.suites(&[suite]).unwrap().build().unwrap();
        Self::new(name, Under::Server(config), suite, tries)
    }

    fn client(
        name: &'static str,
        config: ClientConfigBuilder,
        suite: CipherSuite,
        tries: impl Into<Vec<Try>>,
    ) -> Self {
        let config = config.suites(&[suite]).unwrap().build().unwrap();
        let kind = if suite.to_string().contains("ECDSA") { Kind::Ed25519 } else { Kind::Rsa };
        Self {
            own_identity: Some(server_identity(kind)),
            ..Self::new(name, Under::Client(config), suite, tries)
        }
    }

    /// The started side under test, and the side of its peer.
    pub(crate) fn victim(&self) -> (End, Side) {
        match &self.under {
            Under::Client(config) => (End::new(Connection::client(config, name())), Side::Server),
            Under::Server(config) => (End::new(Connection::server(config)), Side::Client),
        }
    }

    /// The name in the tables of a message in this handshake. Handshakes of a connection are counted from 0.
    pub(crate) fn name_of(&self, message: &str, round: usize) -> String {
        let is_server = matches!(self.under, Under::Server(_));
        if round == 0 && (self.again || self.renegotiation_is_refused && is_server) {
            return format!("{message}, before");
        }
        let tried = self.tries.iter().find(|tried| tried.message == message);
        tried.map_or(message, |tried| tried.name).to_owned()
    }
}

/// A store that keeps the first session and ignores removals.
#[derive(Default)]
struct FirstSession(Mutex<Option<Arc<Session>>>);

impl ServerSessionStore for FirstSession {
    fn put(&self, session: Arc<Session>, _now: UnixTime) {
        self.0.lock().unwrap().get_or_insert(session);
    }

    fn get(&self, id: &SessionId, _now: UnixTime) -> Option<Arc<Session>> {
        self.0.lock().unwrap().clone().filter(|session| *session.id() == *id)
    }

    fn remove(&self, _id: &SessionId) -> bool {
        false
    }
}

impl ClientSessionStore for FirstSession {
    fn put(&self, _key: &ClientKey, session: Arc<Session>, _now: UnixTime) {
        self.0.lock().unwrap().get_or_insert(session);
    }

    fn take(&self, _key: &ClientKey, _now: UnixTime) -> Option<Arc<Session>> {
        self.0.lock().unwrap().clone()
    }

    fn remove(&self, _key: &ClientKey, _id: &SessionId) {}
}

const ECDHE: CipherSuite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
const CBC: CipherSuite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA;

/// A server with a decrypting key and a pre-shared key.
fn rsa_server() -> ServerConfigBuilder {
    let identity = server_identity(Kind::Rsa);
    let chain: Vec<&[u8]> = identity.chain().collect();
    let decrypting = provider().keys.load_decrypting(identity.key().as_der()).unwrap();
    let chain = CertificateChain::new(&chain).unwrap();
    let credential = Credential::new(chain, identity.signing_key().clone()).with_decrypting_key(decrypting);
    bare_server().credential_value(Arc::new(credential)).unwrap()
}

fn bare_server() -> ServerConfigBuilder {
    crate::support::tls12_server(provider().clone()).clock(SetClock::new()).psk(PSK_IDENTITY, PSK).unwrap()
}

fn bare_client() -> ClientConfigBuilder {
    let client = crate::support::tls12_client(provider().clone()).clock(SetClock::new());
    client.sessions(Arc::new(NoSessions)).psk(PSK_IDENTITY, PSK).unwrap()
}

/// A client without a stored session.
fn fresh_client() -> ClientConfigBuilder {
    client().sessions(Arc::new(NoSessions))
}

/// The prime of RFC 7919 appendix A.1.
pub(crate) const FFDHE2048: [u8; 256] = number(
    b"FFFFFFFFFFFFFFFFADF85458A2BB4A9AAFDC5620273D3CF1D8B9C583CE2D3695\
      A9E13641146433FBCC939DCE249B3EF97D2FE363630C75D8F681B202AEC4617A\
      D3DF1ED5D5FD65612433F51F5F066ED0856365553DED1AF3B557135E7F57C935\
      984F0C70E0E68B77E2A689DAF3EFE8721DF158A136ADE73530ACCA4F483A797A\
      BC0AB182B324FB61D108A94BB2C8E3FBB96ADAB760D7F4681D4F42A3DE394DF4\
      AE56EDE76372BB190B07A7C8EE0A6D709E02FCE1CDF7E2ECC03404CD28342F61\
      9172FE9CE98583FF8E4F1232EEF28183C3FE3B1B4C6FAD733BB5FCBC2EC22005\
      C58EF1837D1683B2C6F34A26C1B2EFFA886B423861285C97FFFFFFFFFFFFFFFF",
);

/// A number from its digits.
const fn number(digits: &[u8; 512]) -> [u8; 256] {
    const fn value(digit: u8) -> u8 {
        if digit >= b'A' { digit - b'A' + 10 } else { digit - b'0' }
    }
    let mut out = [0; 256];
    let mut i = 0;
    while i < 256 {
        out[i] = value(digits[2 * i]) << 4 | value(digits[2 * i + 1]);
        i += 1;
    }
    out
}
