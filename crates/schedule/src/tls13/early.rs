//! The Early Secret (RFC 9846 section 7.1).

use super::exporter::EarlyExporterSecret;
use super::handshake::HandshakeSecret;
use super::kdf::Kdf;
use super::psk::{Psk, PskKind};
use super::traffic::EarlyTrafficSecret;
use super::verify_data::Binder;
use crate::error::ScheduleError;
use cairn_crypto::{HashOutput, HkdfKey};
use core::fmt;

/// The Early Secret of a connection, of which nothing but the Handshake Secret can be derived. With a PSK it
/// is [`PskSecret`] first.
pub struct EarlySecret {
    kdf: Kdf,
    /// `None` without a PSK: the secret is the same in all connections then.
    secret: Option<HkdfKey>,
}

impl EarlySecret {
    /// `HKDF-Extract(0, 0)`. RFC 9846 section 7.1: "if PSK is not in use, Early Secret will still be
    /// HKDF-Extract(0, 0)."
    #[must_use]
    pub fn without_psk(kdf: &Kdf) -> Self {
        Self { kdf: kdf.clone(), secret: None }
    }

    /// The Handshake Secret. `shared_secret` is the result of the key exchange (RFC 9846 section 7.4), or
    /// `None` with `psk_ke`, where there is none.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn into_handshake_secret(
        self,
        shared_secret: Option<&[u8]>,
    ) -> Result<HandshakeSecret, ScheduleError> {
        let shared_secret = shared_secret.unwrap_or(self.kdf.zeros());
        let secret = match &self.secret {
            Some(secret) => self.kdf.next(secret, shared_secret)?,
            None => self.kdf.next_without_psk(shared_secret)?,
        };
        Ok(HandshakeSecret::new(self.kdf, secret))
    }
}

impl fmt::Debug for EarlySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EarlySecret")
    }
}

/// The Early Secret with a PSK. A client computes one for each PSK that it offers.
pub struct PskSecret {
    kdf: Kdf,
    secret: HkdfKey,
    kind: PskKind,
}

impl PskSecret {
    /// `HKDF-Extract(0, PSK)`.
    ///
    /// # Errors
    /// [`ScheduleError::OtherHash`] unless the PSK is associated with the hash of `kdf`;
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn new(kdf: &Kdf, psk: &Psk) -> Result<Self, ScheduleError> {
        kdf.check(psk.hash())?;
        let secret = kdf.extract(kdf.zeros(), psk.secret().expose())?;
        Ok(Self { kdf: kdf.clone(), secret, kind: psk.kind() })
    }

    /// The binder of the PSK (RFC 9846 section 4.3.11.2): "computed in the same way as the Finished message
    /// but with the BaseKey being the binder_key". `truncated_hash` is the transcript hash up to the
    /// truncated ClientHello.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the transcript hash has the length of another hash, or if the provider
    /// fails.
    pub fn binder(&self, truncated_hash: &HashOutput) -> Result<Binder, ScheduleError> {
        let Self { kdf, secret, .. } = self;
        let binder_key = kdf.derive(secret, self.kind.binder_label(), kdf.hash_of_nothing())?;
        Ok(Binder::new(kdf.finished(&kdf.key(binder_key.expose())?, truncated_hash)?))
    }

    /// `client_early_traffic_secret`. `client_hello` is the transcript hash of ClientHello.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the transcript hash has the length of another hash, or if the provider
    /// fails.
    pub fn client_traffic_secret(
        &self,
        client_hello: &HashOutput,
    ) -> Result<EarlyTrafficSecret, ScheduleError> {
        let Self { kdf, secret, .. } = self;
        EarlyTrafficSecret::new(kdf, kdf.derive(secret, b"c e traffic", client_hello)?)
    }

    /// `early_exporter_secret`. `client_hello` is the transcript hash of ClientHello.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the transcript hash has the length of another hash, or if the provider
    /// fails.
    pub fn exporter_secret(&self, client_hello: &HashOutput) -> Result<EarlyExporterSecret, ScheduleError> {
        let Self { kdf, secret, .. } = self;
        EarlyExporterSecret::new(kdf, kdf.derive(secret, b"e exp master", client_hello)?)
    }

    /// The Early Secret of the connection, if this PSK is the selected one.
    #[must_use]
    pub fn into_early_secret(self) -> EarlySecret {
        EarlySecret { kdf: self.kdf, secret: Some(self.secret) }
    }
}

impl fmt::Debug for PskSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PskSecret")
    }
}
