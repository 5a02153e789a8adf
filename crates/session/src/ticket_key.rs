//! A ticket key: what seals tickets and opens them again.

use crate::SessionError;
use alloc::vec::Vec;
use cairn_crypto::{AeadAlgorithm, CryptoError, HashAlgorithm, Provider, Secret, SecretBytes, ct_eq};
use cairn_handshake::UnixTime;
use cairn_wire::Reader;
use core::fmt;

/// The name of a ticket key, with which each of its tickets begins (`key_name` in RFC 5077 section 4). It is public,
/// and says which key to ask for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TicketKeyName(pub [u8; Self::LEN]);

impl TicketKeyName {
    /// Its length in bytes.
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

/// What a ticket is sealed with. All have keys of 256 bits and tags of 128, so that a ticket is no weaker than any
/// session in it (RFC 5077 section 5.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TicketAead {
    /// AEAD_AES_256_GCM, the default.
    Aes256Gcm,
    /// AEAD_CHACHA20_POLY1305.
    ChaCha20Poly1305,
}

impl TicketAead {
    /// Most preferred first.
    const ALL: [Self; 2] = [Self::Aes256Gcm, Self::ChaCha20Poly1305];

    /// The algorithm that the provider is asked for.
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

/// A ticket key. Who has it reads every session that it sealed, and makes sessions as he likes.
///
/// The secret is zeroized with the last holder of the key and never printed. It serves nothing but tickets (RFC 5077
/// section 5.5), and it never encrypts: it derives a key for each ticket, see [`seal_ticket`](crate::seal_ticket).
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

    /// Length in bytes of what [`TicketKey::encode`] gives.
    pub const ENCODED_LEN: usize = MAGIC.len() + 2 + TicketKeyName::LEN + 8 + Self::SECRET_LEN;

    /// A new key with a random name and a random secret, for AES-256-GCM if the provider offers it and
    /// ChaCha20-Poly1305 if not.
    ///
    /// # Errors
    /// [`SessionError::Crypto`] when the provider's randomness fails, or it lacks HMAC-SHA-256 or both AEADs;
    /// [`SessionError::ZeroTicketKey`] when what it calls random is all zero.
    pub fn generate(provider: &Provider, now: UnixTime) -> Result<Self, SessionError> {
        let aead = TicketAead::ALL.into_iter().find(|aead| provider.aead(aead.algorithm()).is_some());
        let aead = aead.ok_or(CryptoError::Unsupported)?;
        provider.hmac(HashAlgorithm::Sha256).ok_or(CryptoError::Unsupported)?;
        let mut name = TicketKeyName([0; TicketKeyName::LEN]);
        provider.random.fill(&mut name.0)?;
        let secret = Secret::try_with(|out| provider.random.fill(out))?;
        Self::from_parts(name, aead, secret, now)
    }

    /// A key out of parts that came from elsewhere: from a secret manager, say, so that several servers have the same.
    ///
    /// Names must be as unique as random ones: of two keys with one name only the first is ever found. The secret must
    /// be random throughout, no password.
    ///
    /// # Errors
    /// [`SessionError::ZeroTicketKey`] when the secret is all zero. A server once sealed its tickets with such a key
    /// for hours after each start, and everybody could read its connections (CVE-2020-13777).
    pub fn from_parts(
        name: TicketKeyName,
        aead: TicketAead,
        secret: Secret<{ Self::SECRET_LEN }>,
        created: UnixTime,
    ) -> Result<Self, SessionError> {
        if ct_eq(secret.expose(), &[0; Self::SECRET_LEN]) {
            return Err(SessionError::ZeroTicketKey);
        }
        Ok(Self { name, aead, secret, created })
    }

    /// The key as bytes, for a file or a secret manager, from where other servers take it:
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
            &self.created.0.to_be_bytes(),
            self.secret.expose(),
        ];
        let mut bytes = Vec::with_capacity(Self::ENCODED_LEN);
        parts.into_iter().for_each(|part| bytes.extend_from_slice(part));
        SecretBytes::new(bytes)
    }

    /// A key from what [`TicketKey::encode`] gave. The caller zeroizes the bytes.
    ///
    /// # Errors
    /// [`SessionError::NotATicketKey`], [`SessionError::UnknownTicketAead`], [`SessionError::ZeroTicketKey`], and
    /// [`SessionError::Decode`] when the length is another.
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
        let created = UnixTime(r.u64("ticket key creation time")?);
        let secret = r.bytes(Self::SECRET_LEN, "ticket key secret")?;
        r.finish("ticket key")?;
        // Straight to where it will stay: no copy on the stack.
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

    /// What it seals with.
    #[must_use]
    pub const fn aead(&self) -> TicketAead {
        self.aead
    }

    /// When it was made.
    #[must_use]
    pub const fn created(&self) -> UnixTime {
        self.created
    }

    /// The secret: for key derivation, and nothing else.
    pub(crate) fn secret(&self) -> &[u8; Self::SECRET_LEN] {
        self.secret.expose()
    }
}

/// How an encoded key begins: what it is, and the version.
const MAGIC: &[u8] = b"CTK1";

#[cfg(test)]
mod tests;
