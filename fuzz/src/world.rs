//! The environment of the targets: deterministic randomness and a fixed clock, identities, and pairs of
//! matching configurations.

use cairn_crypto::{CryptoError, HashAlgorithm, KeySpec, Provider, RandomSource, Secret, SecretBytes};
use cairn_provider_rustcrypto::provider_with;
use cairn_schedule::tls13::Psk;
use cairn_tls::session::{
    ClientKey, ClientSessionStore, ServerSessionStore, SharedKeys, TicketAead, TicketKey, TicketKeyName,
};
use cairn_tls::wire::{CipherSuite, SessionId};
use cairn_tls::x509::issue::{Identity, OcspTemplate, Template};
use cairn_tls::x509::{PrivateKey, Roots, ocsp::State, raw_key};
use cairn_tls::{
    CertificateChain, ClientConfig, ClientConfigBuilder, Clock, Connection, Credential, KeyLog, KeyLogLine,
    MaxFragmentLength, Renegotiation, ServerConfig, ServerConfigBuilder, ServerName, Session, Side, UnixTime,
    Versions,
};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

/// The time of the clock.
pub const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);
/// The last second of the validity of all certificates.
const LATER: u64 = 4_000_000_000;

thread_local! {
    /// The state of the randomness of each side.
    static RANDOM: [Cell<u64>; 2] = const { [Cell::new(0), Cell::new(1 << 63)] };
    /// The secrets that were logged since the last [`rewind`].
    static SECRETS: RefCell<Vec<KeyLogLine>> = const { RefCell::new(Vec::new()) };
}

/// Resets the randomness and the logged secrets, before each input.
pub fn rewind() {
    RANDOM.with(|[client, server]| {
        client.set(0);
        server.set(1 << 63);
    });
    SECRETS.with_borrow_mut(Vec::clear);
}

/// The randomness of one side: SplitMix64, which is suitable for tests only.
struct Repeating(Side);

impl RandomSource for Repeating {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        RANDOM.with(|cells| {
            let cell = &cells[usize::from(self.0 == Side::Server)];
            for chunk in out.chunks_mut(8) {
                let state = cell.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
                cell.set(state);
                let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
                chunk.copy_from_slice(&(mixed ^ mixed >> 31).to_le_bytes()[..chunk.len()]);
            }
        });
        Ok(())
    }
}

/// The provider of one side.
pub fn provider(side: Side) -> &'static Provider {
    static MADE: [OnceLock<Provider>; 2] = [const { OnceLock::new() }; 2];
    MADE[usize::from(side == Side::Server)].get_or_init(|| provider_with(Arc::new(Repeating(side))))
}

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> UnixTime {
        NOW
    }
}

#[derive(Debug)]
struct Secrets;

impl KeyLog for Secrets {
    fn log(&self, line: &KeyLogLine) {
        let KeyLogLine { label, client_random, ref secret } = *line;
        let line = KeyLogLine { label, client_random, secret: secret.clone() };
        SECRETS.with_borrow_mut(|secrets| secrets.push(line));
    }
}

/// The secret that was logged with this label for this client random since the last [`rewind`].
pub fn secret(label: &str, client_random: &[u8; 32]) -> Option<SecretBytes> {
    SECRETS.with_borrow(|secrets| {
        let found = secrets.iter().find(|line| line.label == label && line.client_random.0 == *client_random);
        found.map(|line| line.secret.clone())
    })
}

/// Stores the first session that it receives, and always returns it.
#[derive(Default)]
pub(crate) struct Shelf(Mutex<Option<Arc<Session>>>);

impl Shelf {
    fn keep(&self, session: Arc<Session>) {
        self.0.lock().unwrap().get_or_insert(session);
    }

    fn kept(&self) -> Option<Arc<Session>> {
        self.0.lock().unwrap().clone()
    }
}

impl ServerSessionStore for Shelf {
    fn put(&self, session: Arc<Session>, _: UnixTime) {
        self.keep(session);
    }

    fn get(&self, id: &SessionId, _: UnixTime) -> Option<Arc<Session>> {
        self.kept().filter(|session| *session.id() == *id)
    }

    fn remove(&self, _: &SessionId) -> bool {
        false
    }
}

impl ClientSessionStore for Shelf {
    fn put(&self, _: &ClientKey, session: Arc<Session>, _: UnixTime) {
        self.keep(session);
    }

    fn take(&self, _: &ClientKey, _: UnixTime) -> Option<Arc<Session>> {
        self.kept()
    }

    fn remove(&self, _: &ClientKey, _: &SessionId) {}
}

/// A ticket key that is always the same.
///
/// # Panics
/// Never: the secret is valid.
#[must_use]
pub fn ticket_key() -> Arc<TicketKey> {
    let (name, secret) = (TicketKeyName([3; 16]), Secret::from(&[5; 32]));
    Arc::new(TicketKey::from_parts(name, TicketAead::Aes256Gcm, secret, NOW).unwrap())
}

fn authority() -> &'static Identity {
    static MADE: OnceLock<Identity> = OnceLock::new();
    MADE.get_or_init(|| {
        let template = Template::authority("Test CA").valid(0, LATER);
        template.self_signed(provider(Side::Server), KeySpec::EcP256).unwrap()
    })
}

/// Roots that trust all identities.
///
/// # Panics
/// Never: our certificates can be parsed.
#[must_use]
pub fn roots() -> Roots {
    let mut roots = Roots::new();
    roots.add_der(authority().certificate()).unwrap();
    roots
}

/// An identity of either side, with an elliptic curve key.
#[must_use]
pub fn identity(side: Side) -> &'static Identity {
    static MADE: [OnceLock<Identity>; 2] = [const { OnceLock::new() }; 2];
    MADE[usize::from(side == Side::Server)].get_or_init(|| {
        let (template, spec) = match side {
            Side::Client => (Template::client("client"), KeySpec::Ed25519),
            Side::Server => (Template::server("server").dns("server.test"), KeySpec::EcP256),
        };
        template.valid(0, LATER).issue(provider(side), spec, authority()).unwrap()
    })
}

/// The server's other identity. Generating an RSA key takes long, so it is an existing one.
fn rsa_identity() -> &'static Identity {
    static MADE: OnceLock<Identity> = OnceLock::new();
    MADE.get_or_init(|| {
        let der = include_bytes!("../../crates/provider-aws-lc/tests/keys/rsa-2048.pkcs8.der");
        let key = PrivateKey::from_pkcs8(SecretBytes::from(&der[..]));
        let template = Template::server("server").dns("server.test").valid(0, LATER);
        template.issue_with(provider(Side::Server), key, authority()).unwrap()
    })
}

/// Two matching configurations, and the parts that drivers of the machines need.
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// One side.
    pub client: ClientConfig,
    /// The other side.
    pub server: ServerConfig,
    /// The client's credential.
    pub client_credential: Option<Arc<Credential>>,
    /// The server's credential.
    pub server_credential: Option<Arc<Credential>>,
    pub(crate) shelves: Option<[Arc<Shelf>; 2]>,
}

impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Scenario {
    /// The session of one side from an earlier connection.
    #[must_use]
    pub fn session(&self, side: Side) -> Option<Arc<Session>> {
        self.shelves.as_ref()?[usize::from(side == Side::Server)].kept()
    }

    /// Whether its connections resume the session of an earlier one.
    #[must_use]
    pub const fn resumes(&self) -> bool {
        self.shelves.is_some()
    }

    /// A new connection.
    #[must_use]
    pub fn connection(&self, side: Side) -> Connection {
        match side {
            Side::Client => Connection::client(&self.client, name()),
            Side::Server => Connection::server(&self.server),
        }
    }
}

/// The name of the server.
///
/// # Panics
/// Never: the name is valid.
#[must_use]
pub fn name() -> ServerName {
    ServerName::parse("server.test").unwrap()
}

/// The pre-shared key of both sides, if they have one, and its identity.
pub const PSK: (&[u8], &[u8]) = (b"somebody", b"a key of some length");

/// The OCSP response that the servers staple.
pub(crate) fn ocsp_response() -> Vec<u8> {
    OcspTemplate::new(State::Good, NOW.as_secs() - 10, Some(NOW.as_secs() + 10))
        .sign(provider(Side::Server), identity(Side::Server).certificate(), authority(), authority())
        .unwrap()
}

pub(crate) fn credential(identity: &Identity) -> Arc<Credential> {
    let chain: Vec<&[u8]> = identity.chain().collect();
    let credential = Credential::new(CertificateChain::new(&chain).unwrap(), identity.signing_key().clone());
    Arc::new(match provider(Side::Server).keys.load_decrypting(identity.key().as_der()) {
        Ok(key) => credential.with_decrypting_key(key),
        Err(_) => credential,
    })
}

pub(crate) fn client() -> ClientConfigBuilder {
    ClientConfig::builder_with(provider(Side::Client).clone())
        .versions(Versions::Tls12)
        .clock(Arc::new(Still))
        .key_log(Arc::new(Secrets))
}

pub(crate) fn server() -> ServerConfigBuilder {
    ServerConfig::builder_with(provider(Side::Server).clone())
        .versions(Versions::Tls12)
        .clock(Arc::new(Still))
        .key_log(Arc::new(Secrets))
}

/// A scenario that resumes nothing.
pub(crate) fn full(name: &'static str, client: ClientConfigBuilder, server: ServerConfigBuilder) -> Scenario {
    Scenario {
        name,
        client: client.no_resumption().build().unwrap(),
        server: server.no_resumption().build().unwrap(),
        client_credential: None,
        server_credential: Some(credential(identity(Side::Server))),
        shelves: None,
    }
}

/// A scenario that resumes the session of an earlier connection.
pub(crate) fn resumed(
    name: &'static str,
    client: ClientConfigBuilder,
    server: ServerConfigBuilder,
) -> Scenario {
    let shelves = [Arc::new(Shelf::default()), Arc::new(Shelf::default())];
    Scenario {
        name,
        client: client.sessions(shelves[0].clone()).build().unwrap(),
        server: server.sessions(shelves[1].clone()).build().unwrap(),
        client_credential: None,
        server_credential: Some(credential(identity(Side::Server))),
        shelves: Some(shelves),
    }
}

/// Every scenario, before any connection. An input selects one by its index, so new ones come last.
pub(crate) fn make_scenarios() -> Vec<Scenario> {
    let known = || client().trust(roots());
    let shown = || server().credential_value(credential(identity(Side::Server))).unwrap();
    let psk = |name, suite| {
        let client = client().psk(PSK.0, PSK.1).unwrap().suites(&[suite]).unwrap();
        let server = server().psk(PSK.0, PSK.1).unwrap().suites(&[suite]).unwrap();
        Scenario { server_credential: None, ..full(name, client, server.psk_identity_hint(b"a hint")) }
    };
    let rsa = |name, suite| {
        let server = server().credential_value(credential(rsa_identity())).unwrap();
        let scenario = full(name, known().suites(&[suite]).unwrap(), server.suites(&[suite]).unwrap());
        Scenario { server_credential: Some(credential(rsa_identity())), ..scenario }
    };
    let spki = raw_key::encode(identity(Side::Server).signing_key().public_key()).unwrap();
    let raw = Credential::new(
        CertificateChain::raw_public_key(&spki).unwrap(),
        identity(Side::Server).signing_key().clone(),
    );
    let client_credential = credential(identity(Side::Client));
    vec![
        full("ECDHE", known(), shown()),
        Scenario {
            client_credential: Some(client_credential.clone()),
            ..full(
                "client certificate, ALPN, stapling, ChaCha20-Poly1305",
                known()
                    .credential_value(client_credential)
                    .unwrap()
                    .alpn(["h2", "http/1.1"])
                    .suites(&[CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256])
                    .unwrap(),
                shown()
                    .require_client_certificates(roots())
                    .context_id(b"fuzz")
                    .alpn(["http/1.1"])
                    .ocsp_response(&ocsp_response())
                    .unwrap()
                    .certificate_timestamps(&[b"one", b"another"])
                    .unwrap(),
            )
        },
        rsa("RSA key exchange, CBC", CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA256),
        psk("PSK, CCM", CipherSuite::TLS_PSK_WITH_AES_128_CCM_8),
        psk("ECDHE with PSK, CBC", CipherSuite::TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256),
        psk("DHE with PSK", CipherSuite::TLS_DHE_PSK_WITH_AES_128_GCM_SHA256),
        resumed("resumed by ID", known().no_tickets(), shown()),
        resumed("resumed by ticket", known(), shown().tickets(Arc::new(SharedKeys::new([ticket_key()])))),
        full(
            "renegotiation, GREASE",
            known().renegotiation(Renegotiation::Allowed).grease(),
            shown().renegotiation(Renegotiation::Allowed),
        ),
        Scenario {
            server_credential: Some(Arc::new(raw)),
            ..full(
                "raw public key",
                client().trust_raw_public_key(&spki).unwrap(),
                server().raw_public_key(identity(Side::Server).signing_key().clone()).unwrap(),
            )
        },
        full("max_fragment_length", known().max_fragment_length(MaxFragmentLength::Bytes512), shown()),
        {
            let suite = CipherSuite::TLS_PSK_WITH_AES_256_CBC_SHA384;
            let renegotiating = |client: ClientConfigBuilder| {
                client.psk(PSK.0, PSK.1).unwrap().suites(&[suite]).unwrap().no_encrypt_then_mac()
            };
            let client = renegotiating(client()).renegotiation(Renegotiation::Allowed);
            let server = server().psk(PSK.0, PSK.1).unwrap().suites(&[suite]).unwrap();
            let server = server.renegotiation(Renegotiation::Allowed);
            Scenario {
                server_credential: None,
                ..full("PSK, CBC with the MAC inside, renegotiation", client, server)
            }
        },
    ]
}

/// The external PSK of both sides in TLS 1.3.
#[derive(Clone, Copy, Debug)]
pub struct Tls13Psk;

impl Tls13Psk {
    pub(crate) const IDENTITY: &[u8] = b"somebody else";
    pub(crate) const KEY: &[u8] = &[0x5c; 32];

    /// The PSK with this identity.
    ///
    /// # Panics
    /// Never: the key is not empty.
    #[must_use]
    pub fn known(identity: &[u8]) -> Option<Psk> {
        let new = || Psk::external(SecretBytes::from(Self::KEY), HashAlgorithm::Sha256).unwrap();
        (identity == Self::IDENTITY).then(new)
    }
}
