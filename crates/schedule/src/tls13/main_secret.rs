//! The Main Secret and the resumption secret (RFC 9846 section 7.1).

use super::exporter::ExporterSecret;
use super::kdf::Kdf;
use super::psk::{Psk, PskKind};
use super::sides::Sides;
use super::traffic::ApplicationTrafficSecret;
use crate::error::ScheduleError;
use cairn_crypto::{HashOutput, HkdfKey, SecretBytes};
use core::fmt;

/// The Main Secret, which is the last of the chain.
pub struct MainSecret {
    kdf: Kdf,
    secret: HkdfKey,
}

impl MainSecret {
    pub(super) const fn new(kdf: Kdf, secret: HkdfKey) -> Self {
        Self { kdf, secret }
    }

    /// `client_application_traffic_secret_0` and `server_application_traffic_secret_0`. `server_finished` is
    /// the transcript hash of ClientHello to the server's Finished.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the transcript hash has the length of another hash, or if the provider
    /// fails.
    pub fn traffic_secrets(
        &self,
        server_finished: &HashOutput,
    ) -> Result<Sides<ApplicationTrafficSecret>, ScheduleError> {
        let derive = |label| {
            ApplicationTrafficSecret::new(&self.kdf, self.kdf.derive(&self.secret, label, server_finished)?)
        };
        Ok(Sides { client: derive(b"c ap traffic")?, server: derive(b"s ap traffic")? })
    }

    /// `exporter_secret`. `server_finished` is the transcript hash of ClientHello to the server's Finished.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the transcript hash has the length of another hash, or if the provider
    /// fails.
    pub fn exporter_secret(&self, server_finished: &HashOutput) -> Result<ExporterSecret, ScheduleError> {
        ExporterSecret::new(&self.kdf, self.kdf.derive(&self.secret, b"exp master", server_finished)?)
    }

    /// `resumption_secret`, after which nothing more can be derived. `client_finished` is the transcript hash
    /// of ClientHello to the client's Finished.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the transcript hash has the length of another hash, or if the provider
    /// fails.
    pub fn into_resumption_secret(
        self,
        client_finished: &HashOutput,
    ) -> Result<ResumptionSecret, ScheduleError> {
        let secret = self.kdf.derive(&self.secret, b"res master", client_finished)?;
        Ok(ResumptionSecret { kdf: self.kdf, secret })
    }
}

impl fmt::Debug for MainSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MainSecret")
    }
}

/// `resumption_secret`, from which the PSK of each ticket is derived.
pub struct ResumptionSecret {
    kdf: Kdf,
    secret: SecretBytes,
}

impl ResumptionSecret {
    /// The PSK of a ticket: `HKDF-Expand-Label(resumption_secret, "resumption", ticket_nonce, Hash.length)`
    /// (RFC 9846 section 4.7.1).
    ///
    /// # Errors
    /// [`ScheduleError::LabelContextLength`] if the nonce is longer than 255 bytes;
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn psk(&self, ticket_nonce: &[u8]) -> Result<Psk, ScheduleError> {
        let secret = self.kdf.key(self.secret.expose())?;
        let psk = self.kdf.expand(&secret, b"resumption", ticket_nonce)?;
        Psk::new(psk, self.kdf.algorithm(), PskKind::Resumption)
    }

    /// The secret bytes. The caller must not leak them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.secret.expose()
    }
}

impl fmt::Debug for ResumptionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResumptionSecret")
    }
}
