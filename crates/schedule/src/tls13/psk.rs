//! Pre-shared keys (RFC 9846 sections 2.2 and 4.3.11).

use super::kdf::Kdf;
use crate::error::ScheduleError;
use cairn_crypto::{HashAlgorithm, SecretBytes};

/// The origin of a PSK. Each has its own label for the binder key. RFC 9846 section 7.1: "The different
/// labels prevent the substitution of one type of PSK for the other."
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PskKind {
    /// It comes from a NewSessionTicket of an earlier connection.
    Resumption,
    /// It was provisioned outside of TLS and is used directly.
    External,
    /// It was provisioned outside of TLS and imported (RFC 9258).
    Imported,
}

impl PskKind {
    /// The label of the binder key: RFC 9846 section 7.1, RFC 9258 section 5.2.
    pub(super) const fn binder_label(self) -> &'static [u8] {
        match self {
            Self::Resumption => b"res binder",
            Self::External => b"ext binder",
            Self::Imported => b"imp binder",
        }
    }
}

/// A pre-shared key with its hash. RFC 9846 section 4.3.11: "Each PSK is associated with a single Hash
/// algorithm."
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Psk {
    secret: SecretBytes,
    hash: HashAlgorithm,
    kind: PskKind,
    /// The length of the secret that it comes from, in bytes.
    base_len: usize,
}

impl Psk {
    /// An external PSK. RFC 9846 section 4.3.11: "the Hash algorithm MUST be set when the PSK is established
    /// or default to SHA-256 if no such algorithm is defined." The same secret must not be used with another
    /// hash, nor in TLS 1.2; [`ExternalPsk`](super::ExternalPsk) removes these limits.
    ///
    /// # Errors
    /// [`ScheduleError::EmptyPsk`] if the secret is empty.
    pub fn external(secret: SecretBytes, hash: HashAlgorithm) -> Result<Self, ScheduleError> {
        Self::new(secret, hash, PskKind::External)
    }

    /// A resumption PSK from a session store, where [`Psk::secret`] was kept. The hash is that of the
    /// connection that the ticket belongs to.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] unless the secret is as long as the hash.
    pub fn resumption(kdf: &Kdf, secret: SecretBytes) -> Result<Self, ScheduleError> {
        kdf.check_len(secret.len())?;
        Self::new(secret, kdf.algorithm(), PskKind::Resumption)
    }

    pub(super) fn new(
        secret: SecretBytes,
        hash: HashAlgorithm,
        kind: PskKind,
    ) -> Result<Self, ScheduleError> {
        if secret.is_empty() {
            return Err(ScheduleError::EmptyPsk);
        }
        let base_len = secret.len();
        Ok(Self { secret, hash, kind, base_len })
    }

    /// The same PSK, derived from a base key of this length in bytes.
    pub(super) fn derived_from(mut self, base_len: usize) -> Self {
        self.base_len = self.base_len.min(base_len);
        self
    }

    /// The length in bytes of the secret that was provisioned or agreed on: that of the base key of an
    /// imported PSK, if that is shorter. No derivation makes a short key strong (RFC 9257 section 6).
    #[must_use]
    pub const fn base_len(&self) -> usize {
        self.base_len
    }

    /// The hash that the PSK is associated with. The cipher suite must have the same.
    #[must_use]
    pub const fn hash(&self) -> HashAlgorithm {
        self.hash
    }

    /// The origin.
    #[must_use]
    pub const fn kind(&self) -> PskKind {
        self.kind
    }

    /// The secret, for a session store. The caller must not leak it.
    #[must_use]
    pub const fn secret(&self) -> &SecretBytes {
        &self.secret
    }

    /// As [`Psk::secret`], without a copy.
    #[must_use]
    pub fn into_secret(self) -> SecretBytes {
        self.secret
    }
}
