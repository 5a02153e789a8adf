//! A server's configuration.

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
use cairn_handshake::{
    ClientAuthentication, Credential, Floor, Limits, Renegotiation, Requirement, ServerPolicy, SuiteOrder,
};
use cairn_record::{MAX_PLAINTEXT_LEN, RecordLimits};
use cairn_schedule::Side;
use cairn_session::{ServerSessionStore, TicketKeys, Tickets};
use cairn_wire::{CipherSuite, NamedGroup, SignatureScheme};
use cairn_x509::{ChainVerifier, Roots};

/// Everything that a server's connections have in common. Cheap to clone; make one and use it for all.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) policy: Arc<ServerPolicy>,
    /// The policy's, for the writing halves.
    pub(crate) provider: Arc<Provider>,
    pub(crate) credentials: Credentials,
    pub(crate) ask_for_credentials: bool,
    pub(crate) psks: Psks,
    /// Whether an unknown identity gets a random key.
    pub(crate) hide_psk_identities: bool,
    pub(crate) client_trust: ClientTrust,
    pub(crate) client_raw_keys: RawKeys,
    pub(crate) sessions: Sessions<dyn ServerSessionStore>,
    /// `None` where the caller seals and opens tickets, or nobody.
    pub(crate) tickets: Option<Tickets>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) key_log: Option<Arc<dyn KeyLog>>,
    pub(crate) record_limits: RecordLimits,
}

/// How clients are checked.
#[derive(Debug)]
pub(crate) enum ClientTrust {
    /// They are not asked.
    NotAsked,
    /// Against roots.
    Roots(ChainVerifier),
    /// By the caller, asked for each.
    Ask,
}

/// Makes a [`ServerConfig`].
#[derive(Debug)]
#[must_use]
pub struct ServerConfigBuilder {
    policy: ServerPolicy,
    /// Which suites, unless they are named.
    by_policy: Option<Policy>,
    /// Whether the signature schemes are named, too.
    schemes_are_named: bool,
    psks: Psks,
    hide_psk_identities: bool,
    credentials: Credentials,
    ask_for_credentials: bool,
    client_roots: Option<Roots>,
    client_raw_keys: RawKeys,
    /// Whether to take any raw key, where the caller judges it.
    any_raw_key: bool,
    ask_for_verification: bool,
    sessions: Sessions<dyn ServerSessionStore>,
    tickets: TicketSource,
    /// Whether others may find the sessions.
    sessions_are_shared: bool,
    context_id: Option<Vec<u8>>,
    common: Common,
}

/// Who seals tickets.
#[derive(Debug)]
enum TicketSource {
    Nobody,
    Keys {
        keys: Arc<dyn TicketKeys>,
        /// Whether others may have them.
        shared: bool,
    },
    Caller,
}

impl ServerConfig {
    /// A builder with the default cryptography.
    #[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
    pub fn builder() -> ServerConfigBuilder {
        Self::builder_with(crate::default_provider())
    }

    /// A builder with this cryptography.
    pub fn builder_with(provider: Provider) -> ServerConfigBuilder {
        let policy = ServerPolicy {
            suites: Vec::new(),
            ask_for_configuration: false,
            suite_order: SuiteOrder::Server,
            groups: suites::groups_of_provider(&provider),
            signature_schemes: provider.schemes(),
            provider,
            alpn_protocols: Vec::new(),
            client_authentication: ClientAuthentication::None,
            client_certificate_types: raw_keys::types(false, true),
            psk_identity_hint: None,
            extended_master_secret: Requirement::Offer,
            encrypt_then_mac: true,
            max_fragment_length: true,
            record_size_limit: Some(MAX_PLAINTEXT_LEN),
            secure_renegotiation: Requirement::Offer,
            renegotiation: Renegotiation::Never,
            resumption: true,
            tickets: false,
            session_lifetime: 86_400,
            context_id: Vec::new(),
            floor: Floor::default(),
            key_log: false,
            limits: Limits::default(),
        };
        ServerConfigBuilder {
            policy,
            by_policy: Some(Policy::default()),
            schemes_are_named: false,
            psks: Psks::default(),
            hide_psk_identities: false,
            credentials: Credentials::default(),
            ask_for_credentials: false,
            client_roots: None,
            client_raw_keys: RawKeys::default(),
            any_raw_key: false,
            ask_for_verification: false,
            #[cfg(feature = "std")]
            sessions: Sessions::Store(Arc::new(cairn_session::ServerCache::new(4096))),
            #[cfg(not(feature = "std"))]
            sessions: Sessions::None,
            tickets: TicketSource::Nobody,
            sessions_are_shared: false,
            context_id: None,
            common: Common::new(),
        }
    }

    /// What it accepts.
    #[must_use]
    pub fn policy(&self) -> &ServerPolicy {
        &self.inner.policy
    }
}

impl ServerConfigBuilder {
    /// A certificate chain and its key, both in PEM. Of several the first is shown that suits the client and has the
    /// name it asks for, else the first that suits. A key signs and decrypts only as the key usage of its certificate
    /// allows, where there is one.
    ///
    /// # Errors
    /// [`ConfigError::Pem`], [`ConfigError::Key`], [`ConfigError::Credential`], [`ConfigError::ChainOutOfOrder`].
    pub fn credential_pem(mut self, chain: &[u8], key: &[u8]) -> Result<Self, ConfigError> {
        self.credentials.add_pem(&self.policy.provider, chain, key)?;
        Ok(self)
    }

    /// A certificate chain in DER, the end entity's first, and its key.
    ///
    /// # Errors
    /// [`ConfigError::Credential`], [`ConfigError::ChainTooLong`], [`ConfigError::ChainOutOfOrder`].
    pub fn credential(mut self, chain: &[&[u8]], key: Arc<dyn SigningKey>) -> Result<Self, ConfigError> {
        self.credentials.add(&self.policy.provider, chain, key)?;
        Ok(self)
    }

    /// A key that is shown as it is, without a certificate, to clients that take that (RFC 7250).
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

    /// An OCSP response in DER for the credential that was given last: clients that ask get it with the certificate (RFC
    /// 6066 section 8). It grows old; where connections go on for longer than it lasts, choose credentials yourself
    /// ([`ServerConfigBuilder::ask_for_credentials`]), each with the response of the day.
    ///
    /// # Errors
    /// [`ConfigError::NoCredential`], and [`ConfigError::Ocsp`] when it cannot be read or is about another certificate.
    pub fn ocsp_response(mut self, response: &[u8]) -> Result<Self, ConfigError> {
        self.credentials.staple_to_last(response)?;
        Ok(self)
    }

    /// Signed certificate timestamps for the credential that was given last, each a `SerializedSCT`: clients that ask get
    /// them (RFC 6962 section 3.3.1).
    ///
    /// # Errors
    /// [`ConfigError::NoCredential`], and [`ConfigError::TimestampLength`].
    pub fn certificate_timestamps(mut self, timestamps: &[&[u8]]) -> Result<Self, ConfigError> {
        self.credentials.add_timestamps_to_last(timestamps)?;
        Ok(self)
    }

    /// A key that this server shares with a client, and its identity (RFC 4279); several may be given. The key must be
    /// random: who hears a handshake can try passwords at leisure. The suites of the policy that use such a key are
    /// accepted then, and without a credential no others.
    ///
    /// # Errors
    /// [`ConfigError::PskLength`].
    pub fn psk(mut self, identity: &[u8], key: &[u8]) -> Result<Self, ConfigError> {
        self.psks.add(identity, key)?;
        Ok(self)
    }

    /// Hides which PSK identities there are. By default a client that names an unknown identity is told so
    /// (`unknown_psk_identity`), and whoever wants to know can try names. With this the server goes on with a random key, and
    /// the handshake fails at the client's Finished as it does with a wrong key (RFC 4279 section 2). It hides most where all
    /// keys are of one length.
    ///
    /// It is for the keys given with [`ServerConfigBuilder::psk`]; a caller who answers [`crate::Question::FindPsk`] does the
    /// same by answering with a random key.
    pub const fn hide_psk_identities(mut self) -> Self {
        self.hide_psk_identities = true;
        self
    }

    /// Hands the look-up of pre-shared keys to the caller: [`crate::Question::FindPsk`].
    pub fn ask_for_psks(mut self) -> Self {
        self.psks = Psks::Ask;
        self
    }

    /// Tells clients which pre-shared key to use (RFC 4279 section 2).
    pub fn psk_identity_hint(mut self, hint: &[u8]) -> Self {
        self.policy.psk_identity_hint = Some(hint.to_vec());
        self
    }

    /// Asks the caller which configuration shall serve a client, when its ClientHello has come and before anything of it is
    /// judged: [`crate::Question::ChooseConfiguration`]. The caller names another with
    /// [`crate::Connection::set_server_config`], or leaves this one, and goes on with [`crate::Answer::Configured`]; at once
    /// or when a database has said which.
    pub const fn ask_for_configuration(mut self) -> Self {
        self.policy.ask_for_configuration = true;
        self
    }

    /// Hands the choice of a credential to the caller, who sees the whole ClientHello:
    /// [`crate::Question::ChooseServerCredential`].
    pub const fn ask_for_credentials(mut self) -> Self {
        self.ask_for_credentials = true;
        self
    }

    /// Asks clients for a certificate that leads to these roots, and lets those in that send none.
    pub fn request_client_certificates(mut self, roots: Roots) -> Self {
        let authorities = roots.authority_names();
        self.policy.client_authentication = ClientAuthentication::Request { authorities };
        self.client_roots = Some(roots);
        self
    }

    /// Asks clients for a certificate that leads to these roots, and refuses those that send none.
    pub fn require_client_certificates(mut self, roots: Roots) -> Self {
        let authorities = roots.authority_names();
        self.policy.client_authentication = ClientAuthentication::Require { authorities };
        self.client_roots = Some(roots);
        self
    }

    /// Trusts clients that show this key in place of a certificate, a `SubjectPublicKeyInfo` in DER (RFC 7250), besides those
    /// with certificates. Whether clients are asked at all is said with
    /// [`ServerConfigBuilder::require_client_certificates`] or [`ServerConfigBuilder::request_client_certificates`], whose
    /// roots may be empty then.
    ///
    /// # Errors
    /// [`ConfigError::Certificate`] when it is no key that can be used.
    pub fn trust_client_raw_public_key(mut self, spki: &[u8]) -> Result<Self, ConfigError> {
        self.client_raw_keys.add(spki)?;
        Ok(self)
    }

    /// The same with all public keys of a file in PEM.
    ///
    /// # Errors
    /// [`ConfigError::Pem`], [`ConfigError::Certificate`].
    pub fn trust_client_raw_public_keys_pem(mut self, file: &[u8]) -> Result<Self, ConfigError> {
        self.client_raw_keys.add_pem(file)?;
        Ok(self)
    }

    /// Lets clients show raw public keys in place of certificates (RFC 7250), where the caller checks them
    /// ([`ServerConfigBuilder::ask_for_client_verification`]).
    pub const fn accept_client_raw_public_keys(mut self) -> Self {
        self.any_raw_key = true;
        self
    }

    /// Hands each client's chain to the caller to check: [`crate::Question::VerifyPeer`].
    pub fn ask_for_client_verification(mut self, authentication: ClientAuthentication) -> Self {
        self.policy.client_authentication = authentication;
        self.ask_for_verification = true;
        self
    }

    /// The suites to accept, by what they are worth; by default [`Policy::Modern`]. Takes the place of what was said before.
    pub const fn policy(mut self, policy: Policy) -> Self {
        self.by_policy = Some(policy);
        self
    }

    /// The suites to accept, most preferred first. Any that this stack knows can be named, also those that no
    /// [`Policy`] holds.
    ///
    /// # Errors
    /// [`ConfigError::UnknownSuite`].
    pub fn suites(mut self, suites: &[CipherSuite]) -> Result<Self, ConfigError> {
        self.policy.suites = suites::by_name(suites)?;
        self.by_policy = None;
        Ok(self)
    }

    /// Whose order of suites counts. By default the server's.
    pub const fn suite_order(mut self, order: SuiteOrder) -> Self {
        self.policy.suite_order = order;
        self
    }

    /// The groups to accept, most preferred first. Where no group of RFC 7919 is among them, those up to
    /// [`ServerConfigBuilder::max_finite_field`] are accepted with suites that need one.
    pub fn groups(mut self, groups: &[NamedGroup]) -> Self {
        self.policy.groups = groups.to_vec();
        self
    }

    /// The longest prime, in bits, of the groups of RFC 7919 that are accepted without being named in
    /// [`ServerConfigBuilder::groups`]; 3072 unless this is said. The work for a handshake, which a stranger can ask for with
    /// a short hello, grows with its cube: 25 to 50 ms with 8192 bits.
    pub const fn max_finite_field(mut self, bits: u16) -> Self {
        self.policy.limits.max_server_finite_field = bits;
        self
    }

    /// The signature schemes to accept of clients, most preferred first. Those with SHA-1 and SHA-224 count with [`Policy::Legacy`], and
    /// where the suites are named too.
    pub fn signature_schemes(mut self, schemes: &[SignatureScheme]) -> Self {
        self.policy.signature_schemes = schemes.to_vec();
        self.schemes_are_named = true;
        self
    }

    /// The application protocols to accept, most preferred first (RFC 7301). A client that offers only others is
    /// refused.
    pub fn alpn<P: AsRef<[u8]>>(mut self, protocols: &[P]) -> Self {
        self.policy.alpn_protocols = protocols.iter().map(|protocol| protocol.as_ref().to_vec()).collect();
        self
    }

    /// Whether there may be another handshake after the first (RFC 5246 section 7.4.1.1). By default there is none: what
    /// the client asks for is refused, and the connection goes on. See [`crate::Reader::renegotiate`].
    pub const fn renegotiation(mut self, renegotiation: Renegotiation) -> Self {
        self.policy.renegotiation = renegotiation;
        self
    }

    /// Refuses clients without the extended master secret (RFC 7627). By default it is used where the client has it.
    pub fn require_extended_master_secret(mut self) -> Self {
        self.policy.extended_master_secret = Requirement::Require;
        self
    }

    /// The most plaintext that a record of a client's may hold, in bytes, from 64 to 16,384 (record_size_limit, RFC 8449),
    /// for clients that know of it. By default they are told 16,384, as much as a record can hold, and their own limit is
    /// kept.
    pub const fn record_size_limit(mut self, bytes: u16) -> Self {
        self.policy.record_size_limit = Some(bytes);
        self
    }

    /// Does without record_size_limit (RFC 8449), and ignores that of clients.
    pub const fn no_record_size_limit(mut self) -> Self {
        self.policy.record_size_limit = None;
        self
    }

    /// Ignores max_fragment_length (RFC 6066 section 4). By default a client that asks for short records has them, for it
    /// may have no room for others.
    pub const fn ignore_max_fragment_length(mut self) -> Self {
        self.policy.max_fragment_length = false;
        self
    }

    /// Refuses clients without renegotiation_info or its SCSV (RFC 5746 section 4.3). By default they are let in: this
    /// server does not renegotiate with them.
    pub fn require_secure_renegotiation(mut self) -> Self {
        self.policy.secure_renegotiation = Requirement::Require;
        self
    }

    /// Keeps sessions in this store. With `std` the default is a cache of 4096 of this configuration's own.
    pub fn sessions(mut self, store: Arc<dyn ServerSessionStore>) -> Self {
        self.sessions = Sessions::Store(store);
        self.sessions_are_shared = true;
        self
    }

    /// Gives session tickets (RFC 5077) to clients that ask for them, sealed with these keys; servers that share the
    /// keys resume each other's sessions. By default there are none, and sessions have IDs.
    ///
    /// An ID is still given to clients that do not ask for a ticket; [`cairn_session::NoSessions`] as the store makes it
    /// tickets alone.
    pub fn tickets(mut self, keys: Arc<dyn TicketKeys>) -> Self {
        self.tickets = TicketSource::Keys { keys, shared: true };
        self
    }

    /// Gives session tickets sealed with keys that this configuration makes for itself and replaces every 12 hours.
    #[cfg(feature = "std")]
    pub fn own_tickets(mut self) -> Self {
        let provider = Arc::new(self.policy.provider.clone());
        let keys = Arc::new(cairn_session::RotatingKeys::new(provider));
        self.tickets = TicketSource::Keys { keys, shared: false };
        self
    }

    /// Hands the sealing and opening of tickets to the caller: [`crate::Question::SealTicket`] and
    /// [`crate::Question::FindSession`] by ticket.
    pub fn ask_for_tickets(mut self) -> Self {
        self.tickets = TicketSource::Caller;
        self
    }

    /// Hands the look-up and keeping of sessions to the caller: [`crate::Question::FindSession`] and
    /// [`crate::Notice`].
    pub fn ask_for_sessions(mut self) -> Self {
        self.sessions = Sessions::Ask;
        self.sessions_are_shared = true;
        self
    }

    /// Makes every handshake a full one, without tickets too.
    pub fn no_resumption(mut self) -> Self {
        self.sessions = Sessions::None;
        self.sessions_are_shared = false;
        self.tickets = TicketSource::Nobody;
        self
    }

    /// How old a session may be that is resumed, in seconds; at most 86,400 (RFC 5246 appendix F.1.4).
    pub const fn session_lifetime(mut self, seconds: u32) -> Self {
        self.policy.session_lifetime = seconds;
        self
    }

    /// Names the context of the sessions, in at most 32 bytes, where several configurations share a store and must not
    /// resume each other's. With client certificates and a store of your own it must be said, for a resumed session is
    /// not checked against any roots.
    pub fn context_id(mut self, id: &[u8]) -> Self {
        self.context_id = Some(id.to_vec());
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
    /// [`ConfigError::NoCredential`], [`ConfigError::CredentialsNeverUsed`], [`ConfigError::NoSuiteForCredentials`],
    /// [`ConfigError::NoClientTrust`], [`ConfigError::TwoKindsOfTrust`], [`ConfigError::ClientsNotAsked`],
    /// [`ConfigError::NoContextId`], [`ConfigError::NoClock`], [`ConfigError::NoPsk`], [`ConfigError::Policy`].
    pub fn build(self) -> Result<ServerConfig, ConfigError> {
        let Self {
            mut policy,
            by_policy,
            schemes_are_named,
            psks,
            credentials,
            ask_for_credentials,
            client_roots,
            client_raw_keys,
            any_raw_key,
            ask_for_verification,
            ..
        } = self;
        let clock = self.common.check()?;
        policy.tickets = !matches!(self.tickets, TicketSource::Nobody);
        policy.resumption = self.sessions.are_kept() || policy.tickets;
        policy.key_log = self.common.key_log.is_some();
        let context_is_named = self.context_id.is_some();
        policy.context_id = self.context_id.unwrap_or_default();
        let has_credentials = ask_for_credentials || !credentials.is_empty();
        if !suites::take_legacy_schemes(by_policy, schemes_are_named) {
            policy.signature_schemes.retain(|scheme| !suites::is_legacy_scheme(*scheme));
        }
        if let Some(named) = by_policy {
            policy.suites = suites::of_provider(named, Side::Server, &policy.provider, psks.exist());
            policy.suites.retain(|suite| policy.floor.admits(Side::Server, suite));
            if psks.exist() && !has_credentials {
                policy.suites.retain(|suite| !suite.shows_certificate());
            }
        }
        suites::check_psks(&policy.suites, &psks)?;
        policy.check()?;
        if !has_credentials && policy.suites.iter().any(|suite| suite.shows_certificate()) {
            return Err(ConfigError::NoCredential);
        }
        if ask_for_credentials {
            if !credentials.is_empty() {
                return Err(ConfigError::CredentialsNeverUsed);
            }
        } else if !credentials.is_empty()
            && !policy.can_serve_without_credential()
            && !credentials.iter().any(|credential| policy.can_serve_with(credential))
        {
            return Err(ConfigError::NoSuiteForCredentials);
        }
        let has_roots = client_roots.as_ref().is_some_and(|roots| !roots.is_empty());
        if ask_for_verification && !client_raw_keys.is_empty() {
            return Err(ConfigError::TwoKindsOfTrust);
        }
        if any_raw_key && !ask_for_verification {
            return Err(ConfigError::RawKeysUnchecked);
        }
        policy.client_certificate_types =
            raw_keys::types(any_raw_key || !client_raw_keys.is_empty(), has_roots || ask_for_verification);
        let client_trust = match (&policy.client_authentication, ask_for_verification, client_roots) {
            (ClientAuthentication::None, true, _) => return Err(ConfigError::ClientsNotAsked),
            (ClientAuthentication::None, false, _) => ClientTrust::NotAsked,
            (_, true, Some(_)) => return Err(ConfigError::TwoKindsOfTrust),
            (_, true, None) => ClientTrust::Ask,
            (_, false, Some(roots)) if !roots.is_empty() || !client_raw_keys.is_empty() => {
                ClientTrust::Roots(ChainVerifier::new(&policy.provider, roots))
            }
            _ => return Err(ConfigError::NoClientTrust),
        };
        let shared = self.sessions_are_shared
            || matches!(self.tickets, TicketSource::Keys { shared: true, .. } | TicketSource::Caller);
        if !matches!(client_trust, ClientTrust::NotAsked) && shared && !context_is_named {
            return Err(ConfigError::NoContextId);
        }
        let provider = Arc::new(policy.provider.clone());
        let tickets = match self.tickets {
            TicketSource::Keys { keys, .. } => {
                Some(Tickets::new(Arc::clone(&provider), keys).with_lifetime(policy.session_lifetime))
            }
            TicketSource::Nobody | TicketSource::Caller => None,
        };
        Ok(ServerConfig {
            inner: Arc::new(Inner {
                provider,
                policy: Arc::new(policy),
                credentials,
                ask_for_credentials,
                psks,
                hide_psk_identities: self.hide_psk_identities,
                client_trust,
                client_raw_keys,
                sessions: self.sessions,
                tickets,
                clock,
                key_log: self.common.key_log,
                record_limits: self.common.record_limits,
            }),
        })
    }
}
