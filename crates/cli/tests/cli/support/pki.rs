//! Test certificates made with `x509::issue`. Keys are generated once for all tests; each test writes its own
//! files.

use super::Folder;
use cairn_tls::{
    Clock, Provider, SystemClock,
    crypto::KeySpec,
    default_provider,
    x509::{
        issue::{Identity, OcspTemplate, Template},
        ocsp::State,
    },
};
use std::sync::OnceLock;

/// Kinds of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rsa,
    P256,
    P384,
    P521,
    Ed25519,
}

pub(crate) const KINDS: [Kind; 5] = [Kind::Rsa, Kind::P256, Kind::P384, Kind::P521, Kind::Ed25519];

impl Kind {
    const fn spec(self) -> KeySpec {
        match self {
            Self::Rsa => KeySpec::Rsa { bits: 2048 },
            Self::P256 => KeySpec::EcP256,
            Self::P384 => KeySpec::EcP384,
            Self::P521 => KeySpec::EcP521,
            Self::Ed25519 => KeySpec::Ed25519,
        }
    }

    pub(crate) const fn is_rsa(self) -> bool {
        matches!(self, Self::Rsa)
    }

    /// The group that a client must offer for a server with such a key: supported_groups also covers the
    /// curve of the certificate (RFC 8422 section 5.1.1).
    pub(crate) const fn curve(self) -> Option<&'static str> {
        match self {
            Self::Rsa | Self::Ed25519 => None,
            Self::P256 => Some("secp256r1"),
            Self::P384 => Some("secp384r1"),
            Self::P521 => Some("secp521r1"),
        }
    }

    fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

struct Made {
    provider: Provider,
    ca: Identity,
    servers: Vec<(Kind, Identity)>,
    clients: Vec<(Kind, Identity)>,
}

const DAY: u64 = 86_400;

fn valid(template: Template) -> Template {
    let now = SystemClock.now().as_secs();
    template.valid(now - DAY, now + 30 * DAY)
}

fn server() -> Template {
    valid(Template::server("Test server").dns("localhost").ip([127, 0, 0, 1].into()))
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let provider = default_provider();
        let ca = valid(Template::authority("Test CA")).self_signed(&provider, KeySpec::EcP256).unwrap();
        let issue = |template: &Template, kind: Kind| template.issue(&provider, kind.spec(), &ca).unwrap();
        let servers = KINDS.map(|kind| (kind, issue(&server(), kind))).into();
        let clients = KINDS
            .map(|kind| {
                (kind, issue(&valid(Template::client(&format!("Test client {}", kind.name()))), kind))
            })
            .into();
        Made { ca, servers, clients, provider }
    })
}

/// Files of a certificate and its key.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    pub(crate) cert: String,
    pub(crate) key: String,
}

/// A folder of certificate files.
#[derive(Debug)]
pub(crate) struct Pki {
    pub(crate) folder: Folder,
    /// The authority that issued all certificates.
    pub(crate) ca: String,
}

impl Pki {
    pub(crate) fn new() -> Self {
        let folder = Folder::new();
        let ca = folder.write("ca.pem", made().ca.certificate_pem());
        Self { folder, ca }
    }

    /// A file with the key of the authority.
    pub(crate) fn ca_key(&self) -> String {
        self.folder.write("ca.key", made().ca.key().to_pem().as_bytes())
    }

    /// The authority's certificate in PEM.
    pub(crate) fn ca_pem() -> String {
        made().ca.certificate_pem()
    }

    fn files(&self, name: &str, identity: &Identity) -> Files {
        Files {
            cert: self.folder.write(&format!("{name}.pem"), identity.chain_pem()),
            key: self.folder.write(&format!("{name}.key"), identity.key().to_pem().as_bytes()),
        }
    }

    /// A server certificate for `localhost` and 127.0.0.1.
    pub(crate) fn server(&self, kind: Kind) -> Files {
        let identity = &made().servers.iter().find(|(of, _)| *of == kind).unwrap().1;
        self.files(&format!("server-{}", kind.name()), identity)
    }

    /// A client certificate.
    pub(crate) fn client(&self, kind: Kind) -> Files {
        let identity = &made().clients.iter().find(|(of, _)| *of == kind).unwrap().1;
        self.files(&format!("client-{}", kind.name()), identity)
    }

    /// A server whose certificate expired yesterday.
    pub(crate) fn expired_server(&self) -> Files {
        self.issue("expired-server", &expired(server()))
    }

    /// A client whose certificate expired yesterday.
    pub(crate) fn expired_client(&self) -> Files {
        self.issue("expired-client", &expired(Template::client("Old client")))
    }

    /// A server certificate that permits delegated credentials.
    pub(crate) fn delegating(&self) -> Files {
        self.issue("delegating", &server().delegation_usage())
    }

    /// A file with an OCSP response of the authority, that the certificate is good.
    pub(crate) fn good_response(&self, files: &Files) -> String {
        let made = made();
        let pem = std::fs::read(&files.cert).unwrap();
        let certificate = &cairn_tls::x509::pem::certificates(&pem).unwrap()[0];
        let now = SystemClock.now().as_secs();
        let template = OcspTemplate::new(State::Good, now - DAY, Some(now + DAY));
        let response = template.sign(&made.provider, certificate, &made.ca, &made.ca).unwrap();
        self.folder.write("good.der", response)
    }

    /// A certificate of another, untrusted authority.
    pub(crate) fn stranger(&self, template: &Template) -> Files {
        let made = made();
        let ca = valid(Template::authority("Other CA")).self_signed(&made.provider, KeySpec::EcP256).unwrap();
        let identity = valid(template.clone()).issue(&made.provider, KeySpec::EcP256, &ca).unwrap();
        self.files("stranger", &identity)
    }

    fn issue(&self, name: &str, template: &Template) -> Files {
        let made = made();
        self.files(name, &template.issue(&made.provider, KeySpec::EcP256, &made.ca).unwrap())
    }
}

fn expired(template: Template) -> Template {
    let now = SystemClock.now().as_secs();
    template.valid(now - 10 * DAY, now - DAY)
}
