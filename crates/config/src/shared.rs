//! The setters that both builders have, written once.
//!
//! The two builders share field names, so each group below becomes an `impl` of both. Settings that differ
//! between the roles are in `client` and `server`.

use crate::{
    certificate_compression,
    client::ClientConfigBuilder,
    clock::Clock,
    common::protocol_names,
    credentials::credential_elsewhere,
    delegated,
    error::ConfigError,
    key_log::KeyLog,
    psks::Psks,
    server::ServerConfigBuilder,
    suites::{self, SuiteChoice},
    versions::Versions,
};
use alloc::sync::Arc;
use cairn_crypto::{HashAlgorithm, SigningKey};
use cairn_handshake::{
    CertificateChain, CertificateCompression, Credential, ExternalPskUse, Floor, Limits, Policy,
    Renegotiation, RenegotiationLimits, Requirement,
};
use cairn_schedule::RecordPadding;
use cairn_wire::{CipherSuite, NamedGroup, SignatureScheme};

/// The same `impl` for both builders.
macro_rules! both_builders {
    ($(#[$doc:meta])* impl Builder { $($setters:tt)* }) => {
        $(#[$doc])*
        impl ClientConfigBuilder {
            $($setters)*
        }

        $(#[$doc])*
        impl ServerConfigBuilder {
            $($setters)*
        }
    };
}

both_builders! {
    /// # Credentials
    ///
    /// This side's certificate chains, raw public keys, and their private keys.
    ///
    /// ```
    /// # #[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
    /// # fn bare(key: &[u8]) -> Result<(), cairn_config::ConfigError> {
    /// use cairn_config::{ClientConfig, ServerConfig};
    ///
    /// let client = ClientConfig::builder().raw_public_key_pem(key)?;
    /// let server = ServerConfig::builder().raw_public_key_pem(key)?;
    /// # Ok(()) }
    /// ```
    impl Builder {
        /// Adds a certificate chain in DER, the end entity's certificate first, and its private key.
        ///
        /// # Errors
        /// [`ConfigError::Credential`], [`ConfigError::ChainTooLong`], [`ConfigError::ChainOutOfOrder`].
        pub fn credential(mut self, chain: &[&[u8]], key: Arc<dyn SigningKey>) -> Result<Self, ConfigError> {
            self.credentials.add(&self.policy.provider, chain, key)?;
            Ok(self)
        }

        /// Adds a delegated credential (RFC 9345), with its certificate chain in DER, the end entity's
        /// certificate first, and the private key of the credential. `delegated` is the encoded
        /// `DelegatedCredential`, as `cairn_x509::Delegation::issue` returns it for this role. The
        /// private key of the certificate is not needed, and can stay offline.
        ///
        /// It is presented to peers of TLS 1.3 that accept its signature schemes for delegated credentials.
        /// Others get another credential, for example the same chain with its own key. A delegated credential
        /// is preferred to one that is not, and is not presented after its end, so that a program needs a
        /// new configuration with a new one within seven days.
        ///
        /// [`Self::build`] verifies it.
        ///
        /// # Errors
        /// [`ConfigError::DelegatedCredential`], [`ConfigError::Certificate`], [`ConfigError::ChainTooLong`],
        /// [`ConfigError::ChainOutOfOrder`].
        pub fn delegated_credential(
            mut self,
            chain: &[&[u8]],
            delegated: &[u8],
            key: Arc<dyn SigningKey>,
        ) -> Result<Self, ConfigError> {
            self.credentials.add_delegated(&self.policy.provider, chain, delegated, key)?;
            Ok(self)
        }

        /// Adds a credential as a value. If its key is elsewhere, [`cairn_handshake::Question::Sign`]
        /// requests each signature from the caller.
        ///
        /// # Errors
        /// [`ConfigError::Certificate`], [`ConfigError::ChainOutOfOrder`].
        pub fn credential_value(mut self, credential: Arc<Credential>) -> Result<Self, ConfigError> {
            self.credentials.add_credential(&self.policy.provider, credential)?;
            Ok(self)
        }

        /// Adds a certificate chain in DER whose private key is elsewhere:
        /// [`cairn_handshake::Question::Sign`] requests each signature from the caller.
        /// [`crate::credential_elsewhere`] creates the credential.
        ///
        /// # Errors
        /// [`ConfigError::Certificate`], [`ConfigError::ChainTooLong`], [`ConfigError::ChainOutOfOrder`].
        pub fn credential_elsewhere(self, chain: &[&[u8]]) -> Result<Self, ConfigError> {
            let chain = CertificateChain::new(chain).map_err(|_| ConfigError::ChainTooLong)?;
            self.credential_value(Arc::new(credential_elsewhere(chain)?))
        }

        /// Adds a key that is presented without a certificate, to peers that accept raw public keys (RFC
        /// 7250).
        ///
        /// # Errors
        /// [`ConfigError::Certificate`] when the public key has no encoding as a `SubjectPublicKeyInfo`.
        pub fn raw_public_key(mut self, key: Arc<dyn SigningKey>) -> Result<Self, ConfigError> {
            self.credentials.add_raw(key)?;
            Ok(self)
        }

        /// Adds a key that is presented without a certificate (RFC 7250). `key` is the private key in PEM.
        ///
        /// # Errors
        /// [`ConfigError::Pem`], [`ConfigError::Key`], [`ConfigError::Certificate`].
        pub fn raw_public_key_pem(mut self, key: &[u8]) -> Result<Self, ConfigError> {
            self.credentials.add_raw_pem(&self.policy.provider, key)?;
            Ok(self)
        }

        /// Adds an external PSK for TLS 1.3 that is used directly, with this hash (RFC 9846 section 4.3.11).
        /// Peers without an interface for hashes use SHA-256. The key must be random: an eavesdropper can
        /// test guesses of a password offline. The identity is sent in the clear.
        ///
        /// A client offers its external PSKs in this order, after its ticket. With one, it needs no trusted
        /// certificates or keys if TLS 1.3 is its only version, and without them it accepts no certificate.
        /// A server needs no certificate then, and clients without one of the PSKs are rejected.
        ///
        /// The key may have no other use: no other hash, and not TLS 1.2. [`Self::imported_psk`] lifts these
        /// limits. Two programs that are both client and server need a key for each direction, since an
        /// attacker can otherwise send a program's messages back to itself (Selfie, RFC 9257 section 4.1).
        ///
        /// # Errors
        /// [`ConfigError::ExternalPsk`] for the lengths, [`ConfigError::PskReused`].
        pub fn external_psk(
            mut self,
            identity: &[u8],
            key: &[u8],
            hash: HashAlgorithm,
        ) -> Result<Self, ConfigError> {
            self.external_psks.add(identity, key, hash)?;
            Ok(self)
        }

        /// Adds external PSKs for TLS 1.3 that are imported from a key (RFC 9258): one for each of SHA-256
        /// and SHA-384, so that all cipher suites can be used. Both peers must import, with the same identity
        /// and context. Otherwise as [`Self::external_psk`].
        ///
        /// The context is the one that was used to determine the key, and may be empty. If it names both
        /// peers with their roles, as RFC 9258 appendix A shows, the two directions have different keys, and
        /// one key can serve programs that are both client and server.
        ///
        /// The key may also be used with TLS 1.2, for a time of transition as short as possible (RFC 9258
        /// section 7).
        ///
        /// # Errors
        /// [`ConfigError::ExternalPsk`] for the lengths, [`ConfigError::PskReused`].
        pub fn imported_psk(
            mut self,
            identity: &[u8],
            key: &[u8],
            context: &[u8],
        ) -> Result<Self, ConfigError> {
            self.external_psks.import(&self.policy.provider, identity, key, context)?;
            Ok(self)
        }

        /// Uses external PSKs only together with certificates (RFC 8773): certificates authenticate, and
        /// the secrets depend on both the PSK and the key exchange. So traffic that is recorded today stays
        /// secret if a quantum computer breaks the key exchange later.
        ///
        /// A client requires both of its servers, speaks TLS 1.3 only ([`Self::versions`]), and does not
        /// resume sessions. A server uses a PSK in this way with clients that offer it. Others get a
        /// handshake with certificates alone; `Tls13Summary::certificate_with_psk` tells the two apart.
        /// Client certificates can be required.
        pub const fn external_psks_with_certificates(mut self) -> Self {
            self.policy.tls13.external_psk_use = ExternalPskUse::WithCertificate;
            self
        }

        /// The caller chooses pre-shared keys of TLS 1.2: [`cairn_handshake::Question::FindPsk`]. For TLS 1.3
        /// see `ServerConfigBuilder::ask_for_external_psks`.
        pub fn ask_for_psks(mut self) -> Self {
            self.psks = Psks::Ask;
            self
        }
    }
}

both_builders! {
    /// # Protocol
    ///
    /// Cipher suites, groups, signature schemes and extensions.
    ///
    /// ```
    /// # #[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
    /// # {
    /// use cairn_config::{ClientConfig, ServerConfig};
    /// use cairn_handshake::Policy;
    /// use cairn_wire::NamedGroup;
    ///
    /// let client = ClientConfig::builder().policy(Policy::Modern).alpn(["h2", "http/1.1"]);
    /// let server = ServerConfig::builder().groups(&[NamedGroup::X25519]).require_extended_master_secret();
    /// # }
    /// ```
    impl Builder {
        /// The preset of cipher suites; [`Policy::Modern`] by default. Replaces
        /// earlier calls of this method and of [`Self::suites`].
        pub fn policy(mut self, policy: Policy) -> Self {
            self.suites = SuiteChoice::Policy(policy);
            self
        }

        /// The cipher suites to use, most preferred first, of both versions. Every suite of this build can be
        /// listed, also those that are in no [`Policy`]. A version without a suite in the list is not spoken,
        /// and suites of a version that is not in [`Self::versions`] have no effect. Replaces earlier calls
        /// of this method and of [`Self::policy`].
        ///
        /// # Errors
        /// [`ConfigError::UnknownSuite`]; [`ConfigError::SuiteNeedsLegacy`] for a suite that only builds with
        /// the cargo feature `legacy` have.
        pub fn suites(mut self, suites: &[CipherSuite]) -> Result<Self, ConfigError> {
            self.suites = SuiteChoice::Listed(suites::by_name(suites)?);
            Ok(self)
        }

        /// The versions of TLS to speak. With TLS 1.3 its suites of the [`Policy`] are used, or those listed,
        /// and the hybrid groups of the provider before the others.
        pub const fn versions(mut self, versions: Versions) -> Self {
            self.versions = versions;
            self
        }

        /// The groups to use for ephemeral keys, most preferred first. By default all groups of the provider
        /// that the versions can use, except for ML-KEM without a curve.
        pub fn groups(mut self, groups: &[NamedGroup]) -> Self {
            self.groups = Some(groups.to_vec());
            self
        }

        /// The signature schemes to accept from the peer, most preferred first. Schemes with SHA-1 or SHA-224
        /// take effect only with [`Policy::Legacy`], or if the suites are listed too.
        pub fn signature_schemes(mut self, schemes: &[SignatureScheme]) -> Self {
            self.signature_schemes = Some(schemes.to_vec());
            self
        }

        /// Accepts delegated credentials of the peer in TLS 1.3 (RFC 9345): keys that the holder of a
        /// certificate has issued, for at most seven days, if the certificate permits it. By default the peer
        /// must sign with the key of its certificate.
        ///
        /// A thief of a delegated credential can impersonate its holder until it expires, and it cannot be
        /// revoked alone. By testing several of them, a peer can learn the error of this side's clock
        /// (RFC 9345 section 7.5).
        pub fn accept_delegated_credentials(mut self) -> Self {
            let schemes = delegated::usual_schemes(&self.policy.provider);
            self.policy.tls13.delegated_credential_schemes = schemes;
            self
        }

        /// As [`Self::accept_delegated_credentials`], for credentials that sign with these schemes, most
        /// preferred first. Without a scheme, none is accepted.
        pub fn delegated_credential_schemes(mut self, schemes: &[SignatureScheme]) -> Self {
            self.policy.tls13.delegated_credential_schemes = schemes.to_vec();
            self
        }

        /// The application protocols, most preferred first (ALPN, RFC 7301), as text or bytes: `.alpn(["h2",
        /// "http/1.1"])`. A client offers them. A server accepts them, and rejects clients that offer only
        /// others with `no_application_protocol`.
        ///
        /// A name has 1 to 255 bytes, which [`Self::build`] checks.
        pub fn alpn<P: AsRef<[u8]>>(mut self, protocols: impl IntoIterator<Item = P>) -> Self {
            self.policy.alpn_protocols = protocol_names(protocols);
            self
        }

        /// The algorithms for the compression of certificates, most preferred first (RFC 8879):
        /// [`crate::certificate_compressions`], or others. The peer may compress its certificate in these.
        /// Our own is compressed in the first of them that the peer accepts, if that makes it shorter. By
        /// default there are none. They take effect with TLS 1.3 only.
        ///
        /// With the feature `std`, the configuration keeps up to 1 MiB of results of each algorithm, so that
        /// a chain is not compressed in each handshake.
        pub fn certificate_compression(
            mut self,
            algorithms: impl IntoIterator<Item = Arc<dyn CertificateCompression>>,
        ) -> Self {
            self.policy.tls13.certificate_compression = certificate_compression::kept(algorithms);
            self
        }

        /// Whether the connection may renegotiate (RFC 5246 section 7.4.1.1). By default it may not: a
        /// request of the peer is refused with `no_renegotiation`, and the connection continues.
        pub const fn renegotiation(mut self, renegotiation: Renegotiation) -> Self {
            self.policy.tls12.renegotiation = renegotiation;
            self
        }

        /// Rejects peers without the extended master secret (RFC 7627). By default it is used if the peer
        /// supports it.
        pub fn require_extended_master_secret(mut self) -> Self {
            self.policy.tls12.extended_master_secret = Requirement::Require;
            self
        }

        /// The largest plaintext of a record that the peer may send, in bytes, from 64 to 16,384
        /// (record_size_limit, RFC 8449). The default is 16,384, the maximum of the protocol. It is sent
        /// nevertheless, so that the peer can state its own limit. In TLS 1.3 it includes the content type
        /// and padding, so a smaller value permits a byte less of data.
        pub const fn record_size_limit(mut self, bytes: u16) -> Self {
            self.policy.record_size_limit = Some(bytes);
            self
        }

        /// Pads the application data that we send in TLS 1.3, so that an observer learns less about its
        /// length (RFC 9846 section 5.4). By default it is not padded.
        pub const fn record_padding(mut self, padding: RecordPadding) -> Self {
            self.policy.tls13.record_padding = padding;
            self
        }

        /// Does not negotiate record_size_limit (RFC 8449): none is sent, and a client's is ignored.
        pub const fn no_record_size_limit(mut self) -> Self {
            self.policy.record_size_limit = None;
            self
        }
    }
}

both_builders! {
    /// # Limits
    ///
    /// The minimum security to accept, and limits on the memory and the work that a peer can cause.
    ///
    /// ```
    /// # #[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
    /// # {
    /// use cairn_config::{ClientConfig, ServerConfig};
    /// use cairn_handshake::Floor;
    ///
    /// let floor = Floor { forward_secrecy: true, bits: 112, ..Floor::default() };
    /// let client = ClientConfig::builder().floor(floor);
    /// let server = ServerConfig::builder().floor(floor);
    /// # }
    /// ```
    impl Builder {
        /// The minimum security to accept. A handshake below it fails with `insufficient_security`, and a
        /// session below it is not resumed. Suites of a [`Policy`] that cannot satisfy it are omitted; a
        /// listed suite that cannot satisfy it is an error.
        pub const fn floor(mut self, floor: Floor) -> Self {
            self.policy.floor = floor;
            self
        }

        /// Limits on the length of the peer's handshake messages.
        pub const fn limits(mut self, limits: Limits) -> Self {
            self.policy.limits = limits;
            self
        }

        /// Limits on renegotiations, and on requests for them (RFC 5246 section 7.4.1.1).
        pub const fn renegotiation_limits(mut self, limits: RenegotiationLimits) -> Self {
            self.policy.tls12.renegotiation_limits = limits;
            self
        }
    }
}

both_builders! {
    /// # Session lifetime
    ///
    /// ```
    /// # #[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
    /// # {
    /// use cairn_config::{ClientConfig, ServerConfig};
    ///
    /// let client = ClientConfig::builder().session_lifetime(3_600);
    /// let server = ServerConfig::builder().session_lifetime(3_600);
    /// # }
    /// ```
    impl Builder {
        /// The maximum age of a resumed session in seconds; at most 86,400, which is the default (RFC 5246
        /// appendix F.1.4).
        pub const fn session_lifetime(mut self, seconds: u32) -> Self {
            self.resumption.lifetime = seconds;
            self
        }
    }
}

both_builders! {
    /// # Surroundings
    ///
    /// The clock and the key log.
    ///
    /// ```
    /// # #[cfg(all(feature = "std", any(feature = "aws-lc", feature = "rustcrypto")))]
    /// # fn logged(path: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
    /// use cairn_config::{ClientConfig, KeyLogFile, SystemClock};
    /// use std::sync::Arc;
    ///
    /// let client = ClientConfig::builder()
    ///     .clock(Arc::new(SystemClock))
    ///     .key_log(Arc::new(KeyLogFile::open(path)?));
    /// # Ok(()) }
    /// ```
    impl Builder {
        /// The clock. With the feature `std` the default is the clock of the system; without it a clock must
        /// be set.
        pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
            self.common.clock = Some(clock);
            self
        }

        /// Writes the secrets of connections to a key log. Anyone who can read the log can decrypt the
        /// connections.
        pub fn key_log(mut self, log: Arc<dyn KeyLog>) -> Self {
            self.common.key_log = Some(log);
            self
        }
    }
}
