//! Ticket keys.

use crate::error::SessionError;
use alloc::vec::Vec;
use cairn_crypto::{AeadAlgorithm, CryptoError, HashAlgorithm, Provider, Secret, SecretBytes, ct_eq};
use cairn_handshake::UnixTime;
use cairn_wire::Reader;
use core::fmt;

/// The name of a ticket key, with which each of its tickets starts (`key_name` in RFC 5077 section 4). It is
/// public and identifies the key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TicketKeyName(pub [u8; Self::LEN]);

impl TicketKeyName {
    /// Length in bytes.
    pub const LEN: usize = 16;
}

impl fmt::Display for TicketKeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TicketKeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TicketKeyName({self})")
    }
}

/// The AEAD that seals tickets. All have keys of 256 bits and tags of 128 bits, so that a ticket is no weaker
/// than any session in it (RFC 5077 section 5.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TicketAead {
    /// AEAD_AES_256_GCM, the default.
    Aes256Gcm,
    /// AEAD_CHACHA20_POLY1305.
    ChaCha20Poly1305,
}

impl TicketAead {
    /// All values, most preferred first.
    const ALL: [Self; 2] = [Self::Aes256Gcm, Self::ChaCha20Poly1305];

    /// The most preferred one that the provider supports.
    #[must_use]
    pub fn of(provider: &Provider) -> Option<Self> {
        Self::ALL.into_iter().find(|aead| provider.aead(aead.algorithm()).is_some())
    }

    /// The algorithm of the provider.
    #[must_use]
    pub const fn algorithm(self) -> AeadAlgorithm {
        match self {
            Self::Aes256Gcm => AeadAlgorithm::Aes256Gcm,
            Self::ChaCha20Poly1305 => AeadAlgorithm::ChaCha20Poly1305,
        }
    }

    /// Its number in IANA's registry of AEAD algorithms (RFC 5116 section 6).
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::Aes256Gcm => 2,
            Self::ChaCha20Poly1305 => 29,
        }
    }
}

/// A ticket key. Its holder can read every session that it sealed, and forge sessions.
///
/// The secret is zeroized when the last clone is dropped, and never printed. It is used only for tickets (RFC
/// 5077 section 5.5). It does not encrypt directly, but derives a key for each ticket; see
/// [`seal_ticket`](crate::seal_ticket).
#[derive(Debug, PartialEq, Eq)]
pub struct TicketKey {
    name: TicketKeyName,
    aead: TicketAead,
    secret: Secret<{ Self::SECRET_LEN }>,
    created: UnixTime,
}

impl TicketKey {
    /// Length of the secret in bytes.
    pub const SECRET_LEN: usize = 32;

    /// Length of the output of [`TicketKey::encode`] in bytes.
    pub const ENCODED_LEN: usize = MAGIC.len() + 2 + TicketKeyName::LEN + 8 + Self::SECRET_LEN;

    /// Whether the provider supports tickets: HMAC-SHA-256 and one of the AEADs.
    #[must_use]
    pub fn is_supported_by(provider: &Provider) -> bool {
        provider.hmac(HashAlgorithm::Sha256).is_some() && TicketAead::of(provider).is_some()
    }

    /// Generates a key with a random name and a random secret. It is for AES-256-GCM if the provider supports
    /// it, and otherwise for ChaCha20-Poly1305.
    ///
    /// # Errors
    /// [`SessionError::Crypto`] if the randomness of the provider fails, or if it lacks HMAC-SHA-256 or both
    /// AEADs; [`SessionError::ZeroTicketKey`] if the random bytes are all zero.
    pub fn generate(provider: &Provider, now: UnixTime) -> Result<Self, SessionError> {
        let aead = TicketAead::of(provider).filter(|_| Self::is_supported_by(provider));
        let aead = aead.ok_or(CryptoError::Unsupported)?;
        let mut name = TicketKeyName([0; TicketKeyName::LEN]);
        provider.random.fill(&mut name.0)?;
        let secret = Secret::try_with(|out| provider.random.fill(out))?;
        Self::from_parts(name, aead, secret, now)
    }

    /// Creates a key from external parts, for example from a secret manager, so that several servers can
    /// share it.
    ///
    /// Names must be as unique as random ones: of two keys with the same name, only the first is ever found.
    /// The secret must be uniformly random, not a password.
    ///
    /// # Errors
    /// [`SessionError::ZeroTicketKey`] if the secret is all zero. A server once sealed its tickets with such
    /// a key for hours after each start, so that anyone could decrypt its connections (CVE-2020-13777).
    pub fn from_parts(
        name: TicketKeyName,
        aead: TicketAead,
        secret: Secret<{ Self::SECRET_LEN }>,
        created: UnixTime,
    ) -> Result<Self, SessionError> {
        if ct_eq(secret.expose(), &[0; Self::SECRET_LEN]) {
            return Err(SessionError::ZeroTicketKey);
        }
        // The encoding has seconds, and a decoded key is equal to the original.
        Ok(Self { name, aead, secret, created: UnixTime::from_secs(created.as_secs()) })
    }

    /// Encodes the key for a file or a secret manager, from which other servers load it:
    ///
    /// ```text
    /// struct {
    ///     uint8 magic[4] = "CTK1";
    ///     uint16 aead;                        // IANA's number
    ///     opaque name[16];
    ///     uint64 created;                     // seconds since 1970-01-01 00:00 UTC
    ///     opaque secret[32];
    /// } TicketKey;
    /// ```
    #[must_use]
    pub fn encode(&self) -> SecretBytes {
        let parts: [&[u8]; 5] = [
            MAGIC,
            &self.aead.number().to_be_bytes(),
            &self.name.0,
            &self.created.as_secs().to_be_bytes(),
            self.secret.expose(),
        ];
        let mut bytes = Vec::with_capacity(Self::ENCODED_LEN);
        parts.into_iter().for_each(|part| bytes.extend_from_slice(part));
        SecretBytes::new(bytes)
    }

    /// Decodes a key from the output of [`TicketKey::encode`]. The caller zeroizes the bytes.
    ///
    /// # Errors
    /// [`SessionError::NotATicketKey`], [`SessionError::UnknownTicketAead`], [`SessionError::TicketKeyTime`],
    /// [`SessionError::ZeroTicketKey`], and [`SessionError::Decode`] if the length is wrong.
    pub fn decode(bytes: &[u8]) -> Result<Self, SessionError> {
        let mut r = Reader::new(bytes);
        if r.bytes(MAGIC.len(), "ticket key magic")? != MAGIC {
            return Err(SessionError::NotATicketKey);
        }
        let number = r.u16("ticket key AEAD")?;
        let aead = TicketAead::ALL.into_iter().find(|aead| aead.number() == number);
        let aead = aead.ok_or(SessionError::UnknownTicketAead(number))?;
        let mut name = TicketKeyName([0; TicketKeyName::LEN]);
        name.0.copy_from_slice(r.bytes(TicketKeyName::LEN, "ticket key name")?);
        let seconds = r.u64("ticket key creation time")?;
        let created = UnixTime::from_secs(seconds);
        // A time holds milliseconds, and a later one saturates.
        if created.as_secs() != seconds {
            return Err(SessionError::TicketKeyTime(seconds));
        }
        let secret = r.bytes(Self::SECRET_LEN, "ticket key secret")?;
        r.finish("ticket key")?;
        // Read directly into its final place, without a copy on the stack.
        let secret = Secret::try_with(|out| {
            out.copy_from_slice(secret);
            Ok::<_, SessionError>(())
        })?;
        Self::from_parts(name, aead, secret, created)
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &TicketKeyName {
        &self.name
    }

    /// The AEAD that seals its tickets.
    #[must_use]
    pub const fn aead(&self) -> TicketAead {
        self.aead
    }

    /// The time of its creation, in whole seconds.
    #[must_use]
    pub const fn created(&self) -> UnixTime {
        self.created
    }

    /// The secret, used only for key derivation.
    pub(crate) fn secret(&self) -> &[u8; Self::SECRET_LEN] {
        self.secret.expose()
    }
}

/// The first bytes of an encoded key: its type and version.
const MAGIC: &[u8] = b"CTK1";

#[cfg(test)]
mod tests;
