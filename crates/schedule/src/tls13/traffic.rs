//! Traffic secrets (RFC 9846 sections 7.1 to 7.3).

use super::kdf::Kdf;
use super::keys::Tls13Keys;
use super::label::expand_label;
use super::suites::Tls13Suite;
use super::verify_data::VerifyData;
use crate::error::ScheduleError;
use alloc::sync::Arc;
use cairn_crypto::{HashOutput, HkdfKey, SecretBytes};
use core::fmt;

/// The common part of the traffic secrets of all stages.
struct Traffic {
    kdf: Kdf,
    secret: SecretBytes,
}

impl Traffic {
    fn new(kdf: &Kdf, secret: SecretBytes) -> Result<Self, ScheduleError> {
        kdf.check_len(secret.len())?;
        Ok(Self { kdf: kdf.clone(), secret })
    }

    /// The key of HKDF-Expand.
    fn key(&self) -> Result<HkdfKey, ScheduleError> {
        self.kdf.key(self.secret.expose())
    }

    /// The secret for the transport, with its key.
    fn for_suite(
        &self,
        suite: &'static Tls13Suite,
        key: Arc<HkdfKey>,
    ) -> Result<TrafficSecret, ScheduleError> {
        self.kdf.check(suite.hash)?;
        Ok(TrafficSecret { suite, kdf: self.kdf.clone(), secret: self.secret.clone(), key })
    }
}

/// A traffic secret on its way to the transport, with its suite: `[sender]_traffic_secret_N` of any stage
/// (RFC 9846 section 7.3).
#[derive(Clone)]
pub struct TrafficSecret {
    suite: &'static Tls13Suite,
    kdf: Kdf,
    secret: SecretBytes,
    /// The key of HKDF-Expand.
    key: Arc<HkdfKey>,
}

impl TrafficSecret {
    /// The cipher suite.
    #[must_use]
    pub const fn suite(&self) -> &'static Tls13Suite {
        self.suite
    }

    /// The hash function of the suite with its HKDF.
    #[must_use]
    pub const fn kdf(&self) -> &Kdf {
        &self.kdf
    }

    /// Key and IV of TLS records (RFC 9846 section 7.3).
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn keys(&self) -> Result<Tls13Keys, ScheduleError> {
        Tls13Keys::derive(&self.kdf, &self.key, self.suite)
    }

    /// The secret as a key of HKDF-Expand. QUIC derives its keys from it with
    /// [`expand_label`](super::expand_label) and labels of its own (RFC 9001 section 5.1).
    #[must_use]
    pub fn hkdf_key(&self) -> &HkdfKey {
        &self.key
    }

    /// The secret of the next generation: `HKDF-Expand-Label(Secret, label, "", Hash.length)`. QUIC updates
    /// its keys with labels of its own (RFC 9001 section 6.1). In TLS the label is "traffic upd", for which
    /// there is [`ApplicationTrafficSecret::update`].
    ///
    /// # Errors
    /// [`ScheduleError::LabelLength`] unless the label has 1 to 249 bytes; [`ScheduleError::Crypto`] if the
    /// provider fails.
    pub fn next_generation(&self, label: &[u8]) -> Result<Self, ScheduleError> {
        let secret = self.kdf.expand(&self.key, label, &[])?;
        let key = Arc::new(self.kdf.key(secret.expose())?);
        Ok(Self { suite: self.suite, kdf: self.kdf.clone(), secret, key })
    }

    /// The secret bytes, for a key log. The caller must not leak them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.secret.expose()
    }
}

impl fmt::Debug for TrafficSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrafficSecret({})", self.suite.id)
    }
}

/// `client_early_traffic_secret`, which protects early data and EndOfEarlyData.
pub struct EarlyTrafficSecret(Traffic);

impl EarlyTrafficSecret {
    /// Takes the bytes of the secret, for example from a line `CLIENT_EARLY_TRAFFIC_SECRET` of a key log.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] unless the secret is as long as the hash.
    pub fn new(kdf: &Kdf, secret: SecretBytes) -> Result<Self, ScheduleError> {
        Ok(Self(Traffic::new(kdf, secret)?))
    }

    /// The keys of early data (RFC 9846 section 7.3).
    ///
    /// # Errors
    /// [`ScheduleError::OtherHash`] if the suite has another hash; [`ScheduleError::Crypto`] if the provider
    /// fails.
    pub fn keys(&self, suite: &Tls13Suite) -> Result<Tls13Keys, ScheduleError> {
        Tls13Keys::derive(&self.0.kdf, &self.0.key()?, suite)
    }

    /// The secret with its suite, for the transport.
    ///
    /// # Errors
    /// [`ScheduleError::OtherHash`] if the suite has another hash; [`ScheduleError::Crypto`] if the provider
    /// fails.
    pub fn for_suite(&self, suite: &'static Tls13Suite) -> Result<TrafficSecret, ScheduleError> {
        self.0.for_suite(suite, Arc::new(self.0.key()?))
    }

    /// The secret bytes, for a key log. The caller must not leak them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.secret.expose()
    }
}

impl fmt::Debug for EarlyTrafficSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EarlyTrafficSecret")
    }
}

/// `client_handshake_traffic_secret` or `server_handshake_traffic_secret`, which protects the handshake after
/// ServerHello.
pub struct HandshakeTrafficSecret {
    traffic: Traffic,
    /// The key of HKDF-Expand, for both the traffic keys and Finished.
    key: Arc<HkdfKey>,
}

impl HandshakeTrafficSecret {
    /// Takes the bytes of the secret, for example from a line `SERVER_HANDSHAKE_TRAFFIC_SECRET` of a key log.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] unless the secret is as long as the hash.
    pub fn new(kdf: &Kdf, secret: SecretBytes) -> Result<Self, ScheduleError> {
        let traffic = Traffic::new(kdf, secret)?;
        let key = Arc::new(traffic.key()?);
        Ok(Self { traffic, key })
    }

    /// The keys of handshake messages in one direction (RFC 9846 section 7.3).
    ///
    /// # Errors
    /// [`ScheduleError::OtherHash`] if the suite has another hash; [`ScheduleError::Crypto`] if the provider
    /// fails.
    pub fn keys(&self, suite: &Tls13Suite) -> Result<Tls13Keys, ScheduleError> {
        Tls13Keys::derive(&self.traffic.kdf, &self.key, suite)
    }

    /// `verify_data` of the sender's Finished (RFC 9846 section 4.5.3). The transcript hash ends before this
    /// Finished.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the transcript hash has the length of another hash, or if the provider
    /// fails.
    pub fn verify_data(&self, transcript_hash: &HashOutput) -> Result<VerifyData, ScheduleError> {
        Ok(VerifyData::new(self.traffic.kdf.finished(&self.key, transcript_hash)?))
    }

    /// The secret with its suite, for the transport.
    ///
    /// # Errors
    /// [`ScheduleError::OtherHash`] if the suite has another hash.
    pub fn for_suite(&self, suite: &'static Tls13Suite) -> Result<TrafficSecret, ScheduleError> {
        self.traffic.for_suite(suite, Arc::clone(&self.key))
    }

    /// The secret bytes, for a key log. The caller must not leak them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.traffic.secret.expose()
    }
}

impl fmt::Debug for HandshakeTrafficSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HandshakeTrafficSecret")
    }
}

/// `client_application_traffic_secret_N` or `server_application_traffic_secret_N`, which protects everything
/// after the sender's Finished.
pub struct ApplicationTrafficSecret(Traffic);

impl ApplicationTrafficSecret {
    /// Takes the bytes of the secret, for example from a line `CLIENT_TRAFFIC_SECRET_0` of a key log.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] unless the secret is as long as the hash.
    pub fn new(kdf: &Kdf, secret: SecretBytes) -> Result<Self, ScheduleError> {
        Ok(Self(Traffic::new(kdf, secret)?))
    }

    /// The keys of application data in one direction (RFC 9846 section 7.3).
    ///
    /// # Errors
    /// [`ScheduleError::OtherHash`] if the suite has another hash; [`ScheduleError::Crypto`] if the provider
    /// fails.
    pub fn keys(&self, suite: &Tls13Suite) -> Result<Tls13Keys, ScheduleError> {
        Tls13Keys::derive(&self.0.kdf, &self.0.key()?, suite)
    }

    /// Replaces the secret with `application_traffic_secret_N+1` after a KeyUpdate and erases the old one
    /// (RFC 9846 section 7.2). After an error the secret is unchanged.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn update(&mut self) -> Result<(), ScheduleError> {
        let key = self.0.key()?;
        let Traffic { kdf, secret } = &mut self.0;
        *secret = SecretBytes::try_with(kdf.len(), |out| expand_label(&key, b"traffic upd", &[], out))?;
        Ok(())
    }

    /// `verify_data` of the Finished that ends a post-handshake authentication (RFC 9846 section 4.5.3). Its
    /// base key is the current traffic secret of the sender.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the transcript hash has the length of another hash, or if the provider
    /// fails.
    pub fn verify_data(&self, transcript_hash: &HashOutput) -> Result<VerifyData, ScheduleError> {
        Ok(VerifyData::new(self.0.kdf.finished(&self.0.key()?, transcript_hash)?))
    }

    /// The secret with its suite, for the transport.
    ///
    /// # Errors
    /// [`ScheduleError::OtherHash`] if the suite has another hash; [`ScheduleError::Crypto`] if the provider
    /// fails.
    pub fn for_suite(&self, suite: &'static Tls13Suite) -> Result<TrafficSecret, ScheduleError> {
        self.0.for_suite(suite, Arc::new(self.0.key()?))
    }

    /// The secret bytes, for a key log. The caller must not leak them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.secret.expose()
    }
}

impl fmt::Debug for ApplicationTrafficSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApplicationTrafficSecret")
    }
}
