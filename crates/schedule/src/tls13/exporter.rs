//! Keying material exporters (RFC 9846 section 7.5).

use super::kdf::Kdf;
use super::label::expand_label;
use crate::error::ScheduleError;
use crate::exporter::RESERVED;
use cairn_crypto::SecretBytes;
use core::fmt;

/// The common part of both exporters.
struct Exporter {
    kdf: Kdf,
    secret: SecretBytes,
}

impl Exporter {
    fn new(kdf: &Kdf, secret: SecretBytes) -> Result<Self, ScheduleError> {
        kdf.check_len(secret.len())?;
        Ok(Self { kdf: kdf.clone(), secret })
    }

    /// `HKDF-Expand-Label(Derive-Secret(Secret, label, ""), "exporter", Hash(context_value), key_length)`.
    fn export(&self, label: &[u8], context: &[u8], out: &mut [u8]) -> Result<(), ScheduleError> {
        if RESERVED.contains(&label) {
            return Err(ScheduleError::LabelReserved);
        }
        let context = self.kdf.hash(&[context])?;
        let secret = self.kdf.key(self.secret.expose())?;
        let secret = self.kdf.derive(&secret, label, self.kdf.hash_of_nothing())?;
        expand_label(&self.kdf.key(secret.expose())?, b"exporter", context.as_bytes(), out)
    }
}

/// `exporter_secret`.
pub struct ExporterSecret(Exporter);

impl ExporterSecret {
    /// Takes the bytes of the secret, for example from a line `EXPORTER_SECRET` of a key log.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] unless the secret is as long as the hash.
    pub fn new(kdf: &Kdf, secret: SecretBytes) -> Result<Self, ScheduleError> {
        Ok(Self(Exporter::new(kdf, secret)?))
    }

    /// Fills `out` with `TLS-Exporter(label, context, out.len())` (RFC 9846 section 7.5). Unlike in TLS 1.2,
    /// no context and an empty context are the same: "providing no context computes the same value as
    /// providing an empty context".
    ///
    /// # Errors
    /// [`ScheduleError::LabelReserved`]; [`ScheduleError::LabelLength`]; [`ScheduleError::Crypto`] if `out`
    /// is longer than 255 outputs of the hash, or if the provider fails.
    pub fn export(&self, label: &[u8], context: &[u8], out: &mut [u8]) -> Result<(), ScheduleError> {
        self.0.export(label, context, out)
    }

    /// The secret bytes, for a key log. The caller must not leak them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.secret.expose()
    }
}

impl fmt::Debug for ExporterSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExporterSecret")
    }
}

/// `early_exporter_secret`, for early data only. It has a type of its own: RFC 9846 section 7.5, "this avoids
/// the exporter user accidentally using an early exporter when a regular one is desired or vice versa."
pub struct EarlyExporterSecret(Exporter);

impl EarlyExporterSecret {
    /// Takes the bytes of the secret, for example from a line `EARLY_EXPORTER_SECRET` of a key log.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] unless the secret is as long as the hash.
    pub fn new(kdf: &Kdf, secret: SecretBytes) -> Result<Self, ScheduleError> {
        Ok(Self(Exporter::new(kdf, secret)?))
    }

    /// Fills `out` with keying material as [`ExporterSecret::export`], but from the ClientHello alone. It
    /// does not depend on anything from the server, so a replayed ClientHello gives the same value (RFC 9846
    /// appendix F.5.1).
    ///
    /// # Errors
    /// As [`ExporterSecret::export`].
    pub fn export_early(&self, label: &[u8], context: &[u8], out: &mut [u8]) -> Result<(), ScheduleError> {
        self.0.export(label, context, out)
    }

    /// The secret bytes, for a key log. The caller must not leak them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.secret.expose()
    }
}

impl fmt::Debug for EarlyExporterSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EarlyExporterSecret")
    }
}
