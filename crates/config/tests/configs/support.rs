//! One authority and identities of two kinds, created once for all tests.

use cairn_config::{ClientConfig, ClientConfigBuilder, Clock, ServerConfig, ServerConfigBuilder};
use cairn_crypto::{KeySpec, Provider};
use cairn_handshake::UnixTime;
use cairn_x509::{
    Roots,
    issue::{Identity, Template},
};
use std::sync::{Arc, OnceLock};

/// The last second of all certificates.
pub(crate) const LATER: u64 = 4_000_000_000;

/// The kinds of keys.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Rsa,
    P256,
}

impl Kind {
    pub(crate) const fn spec(self) -> KeySpec {
        match self {
            Self::Rsa => KeySpec::Rsa { bits: 2048 },
            Self::P256 => KeySpec::EcP256,
        }
    }
}

/// A clock that does not advance.
#[derive(Debug)]
pub(crate) struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs(1_700_000_000)
    }
}

pub(crate) fn provider() -> &'static Provider {
    static PROVIDER: OnceLock<Provider> = OnceLock::new();
    PROVIDER.get_or_init(cairn_config::default_provider)
}

pub(crate) fn authority() -> &'static Identity {
    static AUTHORITY: OnceLock<Identity> = OnceLock::new();
    AUTHORITY.get_or_init(|| {
        Template::authority("Test CA").valid(0, LATER).self_signed(provider(), KeySpec::EcP256).unwrap()
    })
}

pub(crate) fn roots() -> Roots {
    let mut roots = Roots::new();
    roots.add_der(authority().certificate()).unwrap();
    roots
}

pub(crate) fn server_identity(kind: Kind) -> &'static Identity {
    static RSA: OnceLock<Identity> = OnceLock::new();
    static P256: OnceLock<Identity> = OnceLock::new();
    let made = match kind {
        Kind::Rsa => &RSA,
        Kind::P256 => &P256,
    };
    made.get_or_init(|| {
        let template = Template::server("server").dns("server.test").valid(0, LATER);
        template.issue(provider(), kind.spec(), authority()).unwrap()
    })
}

pub(crate) fn client_identity() -> &'static Identity {
    static MADE: OnceLock<Identity> = OnceLock::new();
    MADE.get_or_init(|| {
        let template = Template::client("client").valid(0, LATER);
        template.issue(provider(), KeySpec::EcP256, authority()).unwrap()
    })
}

/// A client that trusts our authority.
pub(crate) fn client() -> ClientConfigBuilder {
    ClientConfig::builder_with(provider().clone()).trust(roots()).clock(Arc::new(FixedClock))
}

/// A server with a certificate from our authority.
pub(crate) fn server(kind: Kind) -> ServerConfigBuilder {
    let identity = server_identity(kind);
    let chain: Vec<&[u8]> = identity.chain().collect();
    ServerConfig::builder_with(provider().clone())
        .credential(&chain, identity.signing_key().clone())
        .unwrap()
        .clock(Arc::new(FixedClock))
}
