//! A client's configuration.

use super::{
    Common, Policy, Sessions,
    credentials::Credentials,
    psks::Psks,
    raw_keys::{self, RawKeys},
    suites,
};
use crate::{Clock, ConfigError, KeyLog};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{Provider, SigningKey};
use cairn_handshake::{ClientPolicy, Credential, Floor, Limits, Renegotiation, Requirement};
use cairn_record::{MAX_PLAINTEXT_LEN, RecordLimits};
use cairn_schedule::Side;
use cairn_session::ClientSessionStore;
use cairn_wire::{CipherSuite, NamedGroup, SignatureScheme};
use cairn_x509::{ChainVerifier, Roots, Stapling};

/// Everything that a client's connections have in common. Cheap to clone; make one and use it for all.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Clone, Debug)]
pub(crate) struct Inner {
    pub(crate) policy: Arc<ClientPolicy>,
    /// The policy's, for the writing halves.
    pub(crate) provider: Arc<Provider>,
    pub(crate) trust: Trust,
    pub(crate) raw_keys: RawKeys,
    pub(crate) stapling: Stapling,
    pub(crate) credentials: Credentials,
    pub(crate) ask_for_credentials: bool,
    pub(crate) psks: Psks,
    pub(crate) sessions: Sessions<dyn ClientSessionStore>,
    /// Keeps the sessions of one configuration from another's.
    pub(crate) session_scope: Arc<[u8]>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) key_log: Option<Arc<dyn KeyLog>>,
    pub(crate) record_limits: RecordLimits,
}

/// How servers are checked.
#[derive(Clone, Debug)]
pub(crate) enum Trust {
    /// Against roots.
    Roots(Arc<ChainVerifier>),
    /// By the caller, asked for each.
    Ask,
    /// Not at all.
    Anyone,
}

/// Makes a [`ClientConfig`]. What is not said is as strict as it can be without losing servers of today.
#[derive(Debug)]
#[must_use]
pub struct ClientConfigBuilder {
    policy: ClientPolicy,
    /// Which suites, unless they are named.
    by_policy: Option<Policy>,
    /// Whether the signature schemes are named, too.
    schemes_are_named: bool,
    psks: Psks,
    roots: Option<Roots>,
    /// Instead of roots.
    without_roots: Option<Trust>,
    raw_keys: RawKeys,
    /// Whether to take any raw key, where others judge it or nobody.
    any_raw_key: bool,
    stapling: Stapling,
    credentials: Credentials,
    ask_for_credentials: bool,
    sessions: Sessions<dyn ClientSessionStore>,
    common: Common,
}

impl ClientConfig {
    /// A builder with the default cryptography.
    #[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
    pub fn builder() -> ClientConfigBuilder {
        Self::builder_with(crate::default_provider())
    }

    /// A builder with this cryptography.
    pub fn builder_with(provider: Provider) -> ClientConfigBuilder {
        let policy = ClientPolicy {
            suites: Vec::new(),
            groups: suites::groups_of_provider(&provider),
            signature_schemes: provider.schemes(),
            certificate_signature_schemes: Vec::new(),
            provider,
            alpn_protocols: Vec::new(),
            extended_master_secret: Requirement::Offer,
            encrypt_then_mac: true,
            max_fragment_length: None,
            record_size_limit: Some(MAX_PLAINTEXT_LEN),
            secure_renegotiation: Requirement::Require,
            status_request: true,
            server_certificate_types: raw_keys::types(false, true),
            client_certificate_types: raw_keys::types(false, true),
            signed_certificate_timestamps: false,
            renegotiation: Renegotiation::Never,
            resumption: true,
            tickets: true,
            session_lifetime: 86_400,
            padding: true,
            grease: false,
            floor: Floor::default(),
            key_log: false,
            limits: Limits::default(),
        };
        ClientConfigBuilder {
            policy,
            by_policy: Some(Policy::default()),
            schemes_are_named: false,
            psks: Psks::default(),
            roots: None,
            without_roots: None,
            raw_keys: RawKeys::default(),
            any_raw_key: false,
            stapling: Stapling::default(),
            credentials: Credentials::default(),
            ask_for_credentials: false,
            #[cfg(feature = "std")]
            sessions: Sessions::Store(Arc::new(cairn_session::ClientCache::new(1024))),
            #[cfg(not(feature = "std"))]
            sessions: Sessions::None,
            common: Common::new(),
        }
    }

    /// What it offers and accepts.
    #[must_use]
    pub fn policy(&self) -> &ClientPolicy {
        &self.inner.policy
    }

    /// The same configuration with other application protocols (RFC 7301), for a connection or several. It shares roots,
    /// credentials and sessions with this one, and costs little.
    ///
    /// # Errors
    /// [`ConfigError::Policy`] when a name is empty or too long.
    pub fn with_alpn<P: AsRef<[u8]>>(&self, protocols: &[P]) -> Result<Self, ConfigError> {
        let mut policy = ClientPolicy::clone(&self.inner.policy);
        policy.alpn_protocols = protocols.iter().map(|protocol| protocol.as_ref().to_vec()).collect();
        policy.check()?;
        Ok(self.varied(|inner| inner.policy = Arc::new(policy)))
    }

    /// The same configuration, which resumes no session and keeps none.
    #[must_use]
    pub fn with_full_handshakes(&self) -> Self {
        let mut policy = ClientPolicy::clone(&self.inner.policy);
        policy.resumption = false;
        self.varied(|inner| {
            inner.policy = Arc::new(policy);
            inner.sessions = Sessions::None;
        })
    }

    /// The same configuration, which hands the server's chain to the caller to check ([`crate::Question::VerifyPeer`]):
    /// for a server that the roots do not know, say. No session of the one is resumed by the other.
    ///
    /// # Errors
    /// [`ConfigError::Crypto`] when the provider has no randomness.
    pub fn with_verification_asked(&self) -> Result<Self, ConfigError> {
        let session_scope = new_scope(&self.inner.provider)?;
        Ok(self.varied(|inner| {
            inner.trust = Trust::Ask;
            inner.session_scope = session_scope;
        }))
    }

    fn varied(&self, change: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = Inner::clone(&self.inner);
        change(&mut inner);
        Self { inner: Arc::new(inner) }
    }
}

/// A new name for the sessions of a configuration.
fn new_scope(provider: &Provider) -> Result<Arc<[u8]>, ConfigError> {
    let mut scope = [0; 32];
    provider.random.fill(&mut scope).map_err(ConfigError::Crypto)?;
    Ok(scope.into())
}

impl ClientConfigBuilder {
    /// Trusts the certificates in a PEM file (or one in DER): authorities, and self-signed certificates of servers by
    /// exact match. Adds to what was trusted before.
    ///
    /// # Errors
    /// [`ConfigError::Trust`] when the file holds none that can be used.
    pub fn trust_pem(mut self, file: &[u8]) -> Result<Self, ConfigError> {
        self.roots().add_pem(file)?;
        Ok(self)
    }

    /// Trusts these roots. Replaces what was trusted before.
    pub fn trust(mut self, roots: Roots) -> Self {
        self.roots = Some(roots);
        self
    }

    /// Trusts the roots of the platform. Adds to what was trusted before.
    #[cfg(feature = "platform-roots")]
    pub fn trust_platform(mut self) -> Self {
        let _counts = self.roots().add_platform();
        self
    }

    fn roots(&mut self) -> &mut Roots {
        self.roots.get_or_insert_default()
    }

    /// Hands each server's chain to the caller to check: [`crate::Question::VerifyPeer`].
    pub fn ask_for_verification(mut self) -> Self {
        self.without_roots = Some(Trust::Ask);
        self
    }

    /// Trusts servers that show this key in place of a certificate, a `SubjectPublicKeyInfo` in DER (RFC 7250): the key alone
    /// says who the server is, whatever its name. Adds to what was trusted before.
    ///
    /// # Errors
    /// [`ConfigError::Certificate`] when it is no key that can be used.
    pub fn trust_raw_public_key(mut self, spki: &[u8]) -> Result<Self, ConfigError> {
        self.raw_keys.add(spki)?;
        Ok(self)
    }

    /// The same with all public keys of a file in PEM (`PUBLIC KEY`, as `openssl pkey -pubout` writes it).
    ///
    /// # Errors
    /// [`ConfigError::Pem`], [`ConfigError::Certificate`].
    pub fn trust_raw_public_keys_pem(mut self, file: &[u8]) -> Result<Self, ConfigError> {
        self.raw_keys.add_pem(file)?;
        Ok(self)
    }

    /// Lets servers show raw public keys in place of certificates (RFC 7250), where the caller checks them
    /// ([`ClientConfigBuilder::ask_for_verification`]) or nobody does.
    pub const fn accept_raw_public_keys(mut self) -> Self {
        self.any_raw_key = true;
        self
    }

    /// Accepts any certificate of any server: the connection is private against who only listens, and against nobody
    /// else. For diagnosis.
    pub fn danger_accept_any_certificate(mut self) -> Self {
        self.without_roots = Some(Trust::Anyone);
        self
    }

    /// What to make of OCSP responses that servers staple to their certificates (RFC 6066 section 8). By default one is
    /// asked for, and when it comes, or the certificate says that it will, it must be good. Who checks chains without
    /// roots gets it with the question and judges for itself.
    pub const fn stapling(mut self, stapling: Stapling) -> Self {
        self.stapling = stapling;
        self
    }

    /// Asks for signed certificate timestamps (RFC 6962 section 3.3.1). They come with [`crate::Question::VerifyPeer`] and
    /// with the summary, and checking them is the application's: which logs are trusted changes from month to month.
    pub const fn ask_for_certificate_timestamps(mut self) -> Self {
        self.policy.signed_certificate_timestamps = true;
        self
    }

    /// The suites to offer, by what they are worth; by default [`Policy::Modern`]. Takes the place of what was said before.
    pub const fn policy(mut self, policy: Policy) -> Self {
        self.by_policy = Some(policy);
        self
    }

    /// The suites to offer, most preferred first. Any that this stack knows can be named, also those that no
    /// [`Policy`] holds.
    ///
    /// # Errors
    /// [`ConfigError::UnknownSuite`].
    pub fn suites(mut self, suites: &[CipherSuite]) -> Result<Self, ConfigError> {
        self.policy.suites = suites::by_name(suites)?;
        self.by_policy = None;
        Ok(self)
    }

    /// The groups to offer, most preferred first.
    pub fn groups(mut self, groups: &[NamedGroup]) -> Self {
        self.policy.groups = groups.to_vec();
        self
    }

    /// The signature schemes to accept, most preferred first. Those with SHA-1 and SHA-224 count with [`Policy::Legacy`], and where the
    /// suites are named too.
    pub fn signature_schemes(mut self, schemes: &[SignatureScheme]) -> Self {
        self.policy.signature_schemes = schemes.to_vec();
        self.schemes_are_named = true;
        self
    }

    /// The signature schemes to accept in certificates, most preferred first, where they are not those of
    /// [`ClientConfigBuilder::signature_schemes`]: servers are told (signature_algorithms_cert, RFC 8446 section 4.2.3), and a
    /// chain that is signed otherwise is refused.
    ///
    /// By default servers are told nothing of their own, and a chain may be signed in any way that the provider can check.
    pub fn certificate_signature_schemes(mut self, schemes: &[SignatureScheme]) -> Self {
        self.policy.certificate_signature_schemes = schemes.to_vec();
        self
    }

    /// The application protocols to offer, most preferred first (RFC 7301).
    pub fn alpn<P: AsRef<[u8]>>(mut self, protocols: &[P]) -> Self {
        self.policy.alpn_protocols = protocols.iter().map(|protocol| protocol.as_ref().to_vec()).collect();
        self
    }

    /// Whether there may be another handshake after the first (RFC 5246 section 7.4.1.1). By default there is none: what
    /// the server asks for is refused, and the connection goes on. See [`crate::Reader::renegotiate`].
    pub const fn renegotiation(mut self, renegotiation: Renegotiation) -> Self {
        self.policy.renegotiation = renegotiation;
        self
    }

    /// Refuses servers without the extended master secret (RFC 7627). By default it is used where the server has it.
    pub fn require_extended_master_secret(mut self) -> Self {
        self.policy.extended_master_secret = Requirement::Require;
        self
    }

    /// Does not offer encrypt_then_mac (RFC 7366), for servers that get it wrong. By default it is offered with suites
    /// of CBC; without it their records are MAC-then-encrypt (RFC 5246 section 6.2.3.2).
    pub fn no_encrypt_then_mac(mut self) -> Self {
        self.policy.encrypt_then_mac = false;
        self
    }

    /// Asks that no record of either side hold more plaintext than so many bytes: 512, 1024, 2048 or 4096
    /// (max_fragment_length, RFC 6066 section 4). For clients with little memory; a server may ignore it, and
    /// [`crate::Summary::max_fragment_length`] says what became of it.
    ///
    /// Servers that know record_size_limit go by that alone, so it is lowered to as much: say it after this where it is
    /// to be more.
    pub fn max_fragment_length(mut self, bytes: u16) -> Self {
        self.policy.max_fragment_length = Some(bytes);
        self.policy.record_size_limit = self.policy.record_size_limit.map(|limit| limit.min(bytes));
        self
    }

    /// The most plaintext that a record of the server's may hold, in bytes, from 64 to 16,384 (record_size_limit, RFC
    /// 8449). By default the server is told 16,384, as much as a record can hold, so that it can say its own limit.
    pub const fn record_size_limit(mut self, bytes: u16) -> Self {
        self.policy.record_size_limit = Some(bytes);
        self
    }

    /// Does without record_size_limit (RFC 8449).
    pub const fn no_record_size_limit(mut self) -> Self {
        self.policy.record_size_limit = None;
        self
    }

    /// Takes servers without renegotiation_info (RFC 5746 section 4.1). By default they are refused.
    pub fn allow_insecure_renegotiation_peers(mut self) -> Self {
        self.policy.secure_renegotiation = Requirement::Offer;
        self
    }

    /// Leaves the first message as long as it is. By default one of 256 to 511 bytes is padded to 512 (RFC 7685): some old
    /// servers never answer one of such a length, and nothing tells then why the connection hangs. A hello is in that range as
    /// a rule when it has a ticket in it.
    pub const fn no_padding(mut self) -> Self {
        self.policy.padding = false;
        self
    }

    /// Sends values that mean nothing among those that do (GREASE, RFC 8701), drawn anew for each connection: servers that
    /// mind what they do not know are found out before it matters.
    ///
    /// Off by default. It does nothing for the connection at hand, and who speaks TLS 1.2 alone meets servers that nobody
    /// mends any more; turn it on where you test, or where servers are yours.
    pub const fn grease(mut self) -> Self {
        self.policy.grease = true;
        self
    }

    /// A certificate chain and its key, both in PEM, for servers that ask. The first of several that suits is shown.
    ///
    /// # Errors
    /// [`ConfigError::Pem`], [`ConfigError::Key`], [`ConfigError::Credential`], [`ConfigError::ChainOutOfOrder`].
    pub fn credential_pem(mut self, chain: &[u8], key: &[u8]) -> Result<Self, ConfigError> {
        self.credentials.add_pem(&self.policy.provider, chain, key)?;
        Ok(self)
    }

    /// A certificate chain in DER, the end entity's first, and its key, for servers that ask.
    ///
    /// # Errors
    /// [`ConfigError::Credential`], [`ConfigError::ChainTooLong`], [`ConfigError::ChainOutOfOrder`].
    pub fn credential(mut self, chain: &[&[u8]], key: Arc<dyn SigningKey>) -> Result<Self, ConfigError> {
        self.credentials.add(&self.policy.provider, chain, key)?;
        Ok(self)
    }

    /// A key that is shown as it is, without a certificate, to servers that take that (RFC 7250).
    ///
    /// # Errors
    /// [`ConfigError::Certificate`] when it is no key of X.509.
    pub fn raw_public_key(mut self, key: Arc<dyn SigningKey>) -> Result<Self, ConfigError> {
        self.credentials.add_raw(key)?;
        Ok(self)
    }

    /// The same, with the private key in PEM.
    ///
    /// # Errors
    /// [`ConfigError::Pem`], [`ConfigError::Key`], [`ConfigError::Certificate`].
    pub fn raw_public_key_pem(mut self, key: &[u8]) -> Result<Self, ConfigError> {
        self.credentials.add_raw_pem(&self.policy.provider, key)?;
        Ok(self)
    }

    /// A credential, perhaps one whose key lives elsewhere: then [`crate::Question::Sign`] comes to the caller.
    ///
    /// # Errors
    /// [`ConfigError::Certificate`], [`ConfigError::ChainOutOfOrder`].
    pub fn credential_value(mut self, credential: Arc<Credential>) -> Result<Self, ConfigError> {
        self.credentials.add_credential(&self.policy.provider, credential)?;
        Ok(self)
    }

    /// A key that this client shares with its servers, and its identity, which goes over the wire in the clear (RFC
    /// 4279). The key must be random: who hears a handshake can try passwords at leisure. The suites of the policy that
    /// use such a key are offered then, and without roots no others.
    ///
    /// # Errors
    /// [`ConfigError::PskLength`].
    pub fn psk(mut self, identity: &[u8], key: &[u8]) -> Result<Self, ConfigError> {
        self.psks = Psks::None;
        self.psks.add(identity, key)?;
        Ok(self)
    }

    /// Hands the choice of a pre-shared key to the caller: [`crate::Question::FindPsk`].
    pub fn ask_for_psks(mut self) -> Self {
        self.psks = Psks::Ask;
        self
    }

    /// Hands the choice of a credential to the caller: [`crate::Question::ChooseClientCredential`].
    pub const fn ask_for_credentials(mut self) -> Self {
        self.ask_for_credentials = true;
        self
    }

    /// Keeps sessions in this store. With `std` the default is a cache of 1024 of this configuration's own.
    pub fn sessions(mut self, store: Arc<dyn ClientSessionStore>) -> Self {
        self.sessions = Sessions::Store(store);
        self
    }

    /// Hands the look-up and keeping of sessions to the caller: [`crate::Question::FindSession`] and
    /// [`crate::Notice`].
    pub fn ask_for_sessions(mut self) -> Self {
        self.sessions = Sessions::Ask;
        self
    }

    /// Does without session tickets (RFC 5077). By default a server is asked for one, and sessions are resumed by ticket
    /// or by ID as the server likes.
    pub const fn no_tickets(mut self) -> Self {
        self.policy.tickets = false;
        self
    }

    /// Makes every handshake a full one.
    pub fn no_resumption(mut self) -> Self {
        self.sessions = Sessions::None;
        self
    }

    /// How old a session may be that is offered, in seconds; at most 86,400 (RFC 5246 appendix F.1.4).
    pub const fn session_lifetime(mut self, seconds: u32) -> Self {
        self.policy.session_lifetime = seconds;
        self
    }

    /// Tells the time. With `std` the default is the system's clock.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.common.clock = Some(clock);
        self
    }

    /// Gives secrets to a key log: whoever has it can read the connections.
    pub fn key_log(mut self, log: Arc<dyn KeyLog>) -> Self {
        self.common.key_log = Some(log);
        self
    }

    /// The least that is taken: a handshake that would end below it fails with `insufficient_security`, and sessions
    /// below it are not resumed. Suites that cannot reach it are left out, unless they are named, which is an error.
    pub const fn floor(mut self, floor: Floor) -> Self {
        self.policy.floor = floor;
        self
    }

    /// Bounds on what a peer's handshake can make us hold or do.
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.policy.limits = limits;
        self
    }

    /// Bounds on what a peer's records can make us hold or do, and the size of ours.
    pub const fn record_limits(mut self, limits: RecordLimits) -> Self {
        self.common.record_limits = limits;
        self
    }

    /// The configuration.
    ///
    /// # Errors
    /// [`ConfigError::NoTrust`], [`ConfigError::TwoKindsOfTrust`], [`ConfigError::CredentialsNeverUsed`],
    /// [`ConfigError::NoClock`], [`ConfigError::NoPsk`], [`ConfigError::StaplingUnchecked`], [`ConfigError::RawKeysUnchecked`], [`ConfigError::Policy`], or
    /// [`ConfigError::Crypto`] when the provider has no randomness.
    pub fn build(self) -> Result<ClientConfig, ConfigError> {
        let Self {
            mut policy,
            by_policy,
            schemes_are_named,
            psks,
            roots,
            without_roots,
            raw_keys,
            any_raw_key,
            stapling,
            credentials,
            ask_for_credentials,
            sessions,
            common,
        } = self;
        let clock = common.check()?;
        policy.resumption = sessions.are_kept();
        policy.key_log = common.key_log.is_some();
        let has_roots = roots.as_ref().is_some_and(|roots| !roots.is_empty());
        if without_roots.is_some() && !raw_keys.is_empty() {
            return Err(ConfigError::TwoKindsOfTrust);
        }
        if without_roots.is_none() && any_raw_key {
            return Err(ConfigError::RawKeysUnchecked);
        }
        policy.server_certificate_types =
            raw_keys::types(any_raw_key || !raw_keys.is_empty(), has_roots || without_roots.is_some());
        policy.client_certificate_types = credentials.types();
        let trusts_nobody = without_roots.is_none() && !has_roots && raw_keys.is_empty();
        if !suites::take_legacy_schemes(by_policy, schemes_are_named) {
            policy.signature_schemes.retain(|scheme| !suites::is_legacy_scheme(*scheme));
        }
        if let Some(named) = by_policy {
            policy.suites = suites::of_provider(named, Side::Client, &policy.provider, psks.exist());
            policy.suites.retain(|suite| policy.floor.admits(Side::Client, suite));
            if trusts_nobody && psks.exist() {
                policy.suites.retain(|suite| !suite.shows_certificate());
            }
        }
        let sees_certificates = policy.suites.iter().any(|suite| suite.shows_certificate());
        policy.status_request = sees_certificates && stapling != Stapling::Ignore;
        if stapling == Stapling::Require && without_roots.is_some() {
            return Err(ConfigError::StaplingUnchecked);
        }
        suites::check_psks(&policy.suites, &psks)?;
        policy.check()?;
        if ask_for_credentials && !credentials.is_empty() {
            return Err(ConfigError::CredentialsNeverUsed);
        }
        let trust = match (without_roots, roots) {
            (Some(_), Some(_)) => return Err(ConfigError::TwoKindsOfTrust),
            (Some(trust), None) => trust,
            (None, Some(roots)) if !roots.is_empty() => {
                let verifier = ChainVerifier::new(&policy.provider, roots);
                Trust::Roots(Arc::new(match policy.certificate_signature_schemes.as_slice() {
                    [] => verifier,
                    schemes => verifier.with_certificate_schemes(schemes),
                }))
            }
            // Certificates lead nowhere then; they are not even offered to be taken.
            (None, _) if !raw_keys.is_empty() => {
                Trust::Roots(Arc::new(ChainVerifier::new(&policy.provider, Roots::new())))
            }
            (None, _) if sees_certificates => return Err(ConfigError::NoTrust),
            // There will be nobody to trust.
            (None, _) => Trust::Ask,
        };
        let session_scope = new_scope(&policy.provider)?;
        Ok(ClientConfig {
            inner: Arc::new(Inner {
                provider: Arc::new(policy.provider.clone()),
                policy: Arc::new(policy),
                trust,
                raw_keys,
                stapling,
                credentials,
                ask_for_credentials,
                psks,
                sessions,
                session_scope,
                clock,
                key_log: common.key_log,
                record_limits: common.record_limits,
            }),
        })
    }
}
