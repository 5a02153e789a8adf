//! Shared by the tests: identities, a clock under the test's control, two connected sides in memory, and a
//! forger that knows their keys.

mod failing;
mod forger;
mod identities;
mod pair;
mod secrets;
mod transport;

pub(crate) use failing::Fuse;
pub(crate) use forger::Forger;
pub(crate) use identities::{
    KINDS, Kind, LATER, NOW, authority, client_identity, client_provider, provider, roots, server_identity,
    server_provider,
};
pub(crate) use pair::{End, Pair, records};
pub(crate) use secrets::Secrets;
pub(crate) use transport::{Wire, tcp, wires};

use cairn_tls::{
    ClientConfig, ClientConfigBuilder, Clock, Error, ErrorKind, Provider, ServerConfig, ServerConfigBuilder,
    ServerName, UnixTime, Versions,
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// A clock that does not advance by itself.
#[derive(Debug)]
pub(crate) struct SetClock(AtomicU64);

impl SetClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(NOW)))
    }

    pub(crate) fn set(&self, now: u64) {
        self.0.store(now, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) fn name() -> ServerName {
    ServerName::parse("server.test").unwrap()
}

/// The suites of a default configuration.
pub(crate) fn modern() -> &'static [cairn_tls::Tls12Suite] {
    &cairn_tls::SUITES[..6]
}

/// A client of TLS 1.2 without anything else.
pub(crate) fn tls12_client(provider: Provider) -> ClientConfigBuilder {
    ClientConfig::builder_with(provider).versions(Versions::Tls12)
}

/// A server of TLS 1.2 without anything else.
pub(crate) fn tls12_server(provider: Provider) -> ServerConfigBuilder {
    ServerConfig::builder_with(provider).versions(Versions::Tls12)
}

/// A client of TLS 1.2 that trusts our authority. Tests of TLS 1.3 and of both versions name these.
pub(crate) fn client() -> ClientConfigBuilder {
    tls12_client(client_provider().clone()).trust(roots()).clock(SetClock::new())
}

/// A server of TLS 1.2 with a certificate from our authority. Tests of TLS 1.3 and of both versions name
/// these.
pub(crate) fn server(kind: Kind) -> ServerConfigBuilder {
    let identity = server_identity(kind);
    let chain: Vec<&[u8]> = identity.chain().collect();
    tls12_server(server_provider().clone())
        .credential(&chain, identity.signing_key().clone())
        .unwrap()
        .clock(SetClock::new())
}

/// A fault on one line: the side that detected it, its state, the alert, the RFC section, and the kind.
pub(crate) fn line(error: &Error) -> String {
    let kind = match error.kind {
        ErrorKind::Handshake(handshake) => format!("{:?}", handshake.kind),
        ErrorKind::Certificate(refused) => format!("Certificate({:?})", refused.reason),
        kind => format!("{kind:?}"),
    };
    let alert = error.alert.map_or_else(|| "no alert".into(), |alert| alert.to_string());
    format!(
        "{:?} in {}, {alert}, {}: {kind}",
        error.said_by,
        error.state,
        error.section().unwrap_or("no section")
    )
}
