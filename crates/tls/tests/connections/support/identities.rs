//! One authority and an identity of each kind, created once for all tests, because generating RSA keys is
//! slow.

use cairn_crypto::{KeyKind, KeySpec, Provider};
use cairn_tls::x509::{
    Roots,
    issue::{Identity, Template},
};
use std::sync::OnceLock;

/// The time of the tests' clocks.
pub(crate) const NOW: u64 = 1_700_000_000;
/// The last second of all certificates.
pub(crate) const LATER: u64 = 4_000_000_000;

pub(crate) const KINDS: [Kind; 5] = [Kind::Rsa, Kind::P256, Kind::P384, Kind::P521, Kind::Ed25519];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rsa,
    P256,
    P384,
    P521,
    Ed25519,
}

impl Kind {
    pub(crate) const fn spec(self) -> KeySpec {
        match self {
            Self::Rsa => KeySpec::Rsa { bits: 2048 },
            Self::P256 => KeySpec::EcP256,
            Self::P384 => KeySpec::EcP384,
            Self::P521 => KeySpec::EcP521,
            Self::Ed25519 => KeySpec::Ed25519,
        }
    }

    pub(crate) const fn key_kind(self) -> KeyKind {
        match self {
            Self::Rsa => KeyKind::Rsa,
            Self::P256 => KeyKind::EcP256,
            Self::P384 => KeyKind::EcP384,
            Self::P521 => KeyKind::EcP521,
            Self::Ed25519 => KeyKind::Ed25519,
        }
    }
}

/// The default provider, for operations that belong to neither side.
pub(crate) fn provider() -> &'static Provider {
    static PROVIDER: OnceLock<Provider> = OnceLock::new();
    PROVIDER.get_or_init(cairn_tls::default_provider)
}

/// The client's provider.
pub(crate) fn client_provider() -> &'static Provider {
    static PROVIDER: OnceLock<Provider> = OnceLock::new();
    PROVIDER.get_or_init(|| by_environment(0))
}

/// The server's provider.
pub(crate) fn server_provider() -> &'static Provider {
    static PROVIDER: OnceLock<Provider> = OnceLock::new();
    PROVIDER.get_or_init(|| by_environment(1))
}

/// `CAIRN_TEST_PROVIDERS=client,server` selects the provider of each side: `aws-lc` or `rustcrypto`. Without
/// it, both use the default.
fn by_environment(end: usize) -> Provider {
    let Ok(names) = std::env::var("CAIRN_TEST_PROVIDERS") else { return cairn_tls::default_provider() };
    let names: Vec<&str> = names.split(',').collect();
    assert_eq!(names.len(), 2, "CAIRN_TEST_PROVIDERS: expected client,server");
    match names[end] {
        #[cfg(feature = "aws-lc")]
        "aws-lc" => cairn_tls::default_provider(),
        "rustcrypto" => cairn_provider_rustcrypto::provider(),
        other => panic!("CAIRN_TEST_PROVIDERS: no provider {other:?}"),
    }
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
    static MADE: [OnceLock<Identity>; 5] = [const { OnceLock::new() }; 5];
    MADE[kind as usize].get_or_init(|| {
        let template = Template::server("server").dns("server.test").dns("*.wild.test").valid(0, LATER);
        template.issue(server_provider(), kind.spec(), authority()).unwrap()
    })
}

pub(crate) fn client_identity(kind: Kind) -> &'static Identity {
    static MADE: [OnceLock<Identity>; 5] = [const { OnceLock::new() }; 5];
    MADE[kind as usize].get_or_init(|| {
        Template::client("client").valid(0, LATER).issue(client_provider(), kind.spec(), authority()).unwrap()
    })
}
