//! The Handshake Secret (RFC 9846 section 7.1).

use super::kdf::Kdf;
use super::main_secret::MainSecret;
use super::sides::Sides;
use super::traffic::HandshakeTrafficSecret;
use crate::error::ScheduleError;
use cairn_crypto::{HashOutput, HkdfKey};
use core::fmt;

/// The Handshake Secret: `HKDF-Extract(Derive-Secret(Early Secret, "derived", ""), shared secret)`.
pub struct HandshakeSecret {
    kdf: Kdf,
    secret: HkdfKey,
}

impl HandshakeSecret {
    pub(super) const fn new(kdf: Kdf, secret: HkdfKey) -> Self {
        Self { kdf, secret }
    }

    /// `client_handshake_traffic_secret` and `server_handshake_traffic_secret`. `server_hello` is the
    /// transcript hash of ClientHello to ServerHello.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the transcript hash has the length of another hash, or if the provider
    /// fails.
    pub fn traffic_secrets(
        &self,
        server_hello: &HashOutput,
    ) -> Result<Sides<HandshakeTrafficSecret>, ScheduleError> {
        let derive = |label| {
            HandshakeTrafficSecret::new(&self.kdf, self.kdf.derive(&self.secret, label, server_hello)?)
        };
        Ok(Sides { client: derive(b"c hs traffic")?, server: derive(b"s hs traffic")? })
    }

    /// The Main Secret: `HKDF-Extract(Derive-Secret(Handshake Secret, "derived", ""), 0)`.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn into_main_secret(self) -> Result<MainSecret, ScheduleError> {
        let secret = self.kdf.next(&self.secret, self.kdf.zeros())?;
        Ok(MainSecret::new(self.kdf, secret))
    }
}

impl fmt::Debug for HandshakeSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HandshakeSecret")
    }
}
