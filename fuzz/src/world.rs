//! The environment of the targets: deterministic randomness and a fixed clock, identities, and pairs of
//! matching configurations.

use cairn_crypto::{CryptoError, HashAlgorithm, KeySpec, Provider, RandomSource, Secret, SecretBytes};
use cairn_provider_rustcrypto::provider_with;
use cairn_schedule::tls13::Psk;
use cairn_tls::session::{
    ClientKey, ClientSessionStore, ServerSessionStore, SharedKeys, TicketAead, TicketKey, TicketKeyName,
};
use cairn_tls::wire::{CipherSuite, NamedGroup, SessionId};
use cairn_tls::x509::issue::{Identity, OcspTemplate, Template};
use cairn_tls::x509::{PrivateKey, Roots, ocsp::State, raw_key};
use cairn_tls::{
    CertificateChain, ClientConfig, ClientConfigBuilder, Clock, Connection, Credential, KeyLog, KeyLogLine,
    MaxFragmentLength, Renegotiation, ServerConfig, ServerConfigBuilder, ServerName, Session, Side, UnixTime,
    Versions, certificate_compressions,
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
    /// The master secrets that were logged since the last [`rewind`], each with its client random.
    static SECRETS: RefCell<Vec<([u8; 32], [u8; 48])>> = const { RefCell::new(Vec::new()) };
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
        SECRETS.with_borrow_mut(|secrets| {
            secrets.push((line.client_random.0, line.secret.expose().try_into().unwrap()))
        });
    }
}

/// The master secret that was logged for this client random since the last [`rewind`].
pub fn master_secret(client_random: &[u8; 32]) -> Option<[u8; 48]> {
    SECRETS.with_borrow(|secrets| {
        secrets.iter().find(|(random, _)| random == client_random).map(|(_, secret)| *secret)
    })
}

/// Stores the first session that it receives, and always returns it.
#[derive(Default)]
struct Shelf(Mutex<Option<Arc<Session>>>);

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
    shelves: Option<[Arc<Shelf>; 2]>,
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

fn credential(identity: &Identity) -> Arc<Credential> {
    let chain: Vec<&[u8]> = identity.chain().collect();
    let credential = Credential::new(CertificateChain::new(&chain).unwrap(), identity.signing_key().clone());
    Arc::new(match provider(Side::Server).keys.load_decrypting(identity.key().as_der()) {
        Ok(key) => credential.with_decrypting_key(key),
        Err(_) => credential,
    })
}

fn client() -> ClientConfigBuilder {
    ClientConfig::builder_with(provider(Side::Client).clone())
        .versions(Versions::Tls12)
        .clock(Arc::new(Still))
        .key_log(Arc::new(Secrets))
}

fn server() -> ServerConfigBuilder {
    ServerConfig::builder_with(provider(Side::Server).clone())
        .versions(Versions::Tls12)
        .clock(Arc::new(Still))
        .key_log(Arc::new(Secrets))
}

/// Every scenario, before any connection. An input selects one by its index, so new ones come last.
pub(crate) fn make_scenarios() -> Vec<Scenario> {
    let known = || client().trust(roots());
    let shown = || server().credential_value(credential(identity(Side::Server))).unwrap();
    let full = |name, client: ClientConfigBuilder, server: ServerConfigBuilder| Scenario {
        name,
        client: client.no_resumption().build().unwrap(),
        server: server.no_resumption().build().unwrap(),
        client_credential: None,
        server_credential: Some(credential(identity(Side::Server))),
        shelves: None,
    };
    let resumed = |name, client: ClientConfigBuilder, server: ServerConfigBuilder| {
        let shelves = [Arc::new(Shelf::default()), Arc::new(Shelf::default())];
        Scenario {
            name,
            client: client.sessions(shelves[0].clone()).build().unwrap(),
            server: server.sessions(shelves[1].clone()).build().unwrap(),
            client_credential: None,
            server_credential: Some(credential(identity(Side::Server))),
            shelves: Some(shelves),
        }
    };
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
    const IDENTITY: &[u8] = b"somebody else";
    const KEY: &[u8] = &[0x5c; 32];

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

/// The scenarios of TLS 1.3, and those of sides that speak both versions. Those whose names end with "with a
/// ticket" resume a session of an earlier run. An input selects one by its index, so new ones come last.
pub(crate) fn machine_scenarios() -> Vec<Scenario> {
    use NamedGroup as G;
    let known = || client().trust(roots()).versions(Versions::Tls13).groups(&[G::X25519, G::SECP256R1]);
    let shown = || {
        let server = server().credential_value(credential(identity(Side::Server))).unwrap();
        server.versions(Versions::Tls13).groups(&[G::X25519, G::SECP256R1])
    };
    let of = |name, client: ClientConfigBuilder, server: ServerConfigBuilder| Scenario {
        name,
        client: client.build().unwrap(),
        server: server.build().unwrap(),
        client_credential: Some(credential(identity(Side::Client))),
        server_credential: Some(credential(identity(Side::Server))),
        shelves: None,
    };
    let own = || credential(identity(Side::Client));
    vec![
        of("full", known().grease().no_resumption(), shown().no_resumption()),
        of(
            "client certificate, compression, ALPN, stapling",
            known()
                .credential_value(own())
                .unwrap()
                .certificate_compression(certificate_compressions())
                .alpn(["h2", "http/1.1"])
                .no_resumption(),
            shown()
                .require_client_certificates(roots())
                .certificate_compression(certificate_compressions())
                .alpn(["http/1.1"])
                .ocsp_response(&ocsp_response())
                .unwrap()
                .context_id(b"fuzz")
                .no_resumption(),
        ),
        of("HelloRetryRequest", known().no_resumption(), shown().groups(&[G::SECP256R1]).no_resumption()),
        of("resumption with a ticket", known(), shown()),
        of("early data with a ticket", known().early_data(), shown().early_data(1000)),
        of("rejected early data with a ticket", known().early_data(), shown()),
        of(
            "client certificate after the handshake",
            known().credential_value(own()).unwrap().post_handshake_auth().no_resumption(),
            shown().request_client_certificates_later(roots()).no_resumption(),
        ),
        of(
            "external PSK",
            known().external_psk(Tls13Psk::IDENTITY, Tls13Psk::KEY, HashAlgorithm::Sha256).unwrap(),
            shown().external_psk(Tls13Psk::IDENTITY, Tls13Psk::KEY, HashAlgorithm::Sha256).unwrap(),
        ),
        of(
            "both versions, resumption with a ticket",
            known().versions(Versions::Both),
            shown().versions(Versions::Both),
        ),
        of(
            "a client of both versions, a server of TLS 1.2, resumption with a ticket",
            known().versions(Versions::Both),
            shown().versions(Versions::Tls12).tickets(Arc::new(SharedKeys::new([ticket_key()]))),
        ),
        of(
            "a client of TLS 1.2, a server of both versions",
            known().versions(Versions::Tls12).no_resumption(),
            shown().versions(Versions::Both).no_resumption(),
        ),
        of(
            "a client of TLS 1.3, a server of both versions",
            known().versions(Versions::Tls13).no_resumption(),
            shown().versions(Versions::Both).no_resumption(),
        ),
    ]
}
