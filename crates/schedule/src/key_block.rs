//! The key block (RFC 5246 section 6.3).

#[cfg(test)]
mod tests;

use crate::error::ScheduleError;
use crate::master_secret::Randoms;
use crate::prf::Prf;
use crate::side::Side;
use crate::suites::Protection;
use alloc::sync::Arc;
use cairn_crypto::CryptoError;
use core::fmt;
use zeroize::Zeroize;

/// The maximum length of the keys of one direction: a MAC key of 64 bytes and a cipher key of 32. No
/// protection that has a MAC key has a fixed IV.
const MAX_DIRECTION_LEN: usize = 96;

/// The keys of both directions.
pub struct KeyBlock {
    block: Arc<Block>,
    protection: Protection,
}

/// The output of the PRF: both MAC keys, both cipher keys, both IVs. The traffic keys of both directions
/// share it; the last one to be dropped erases it.
struct Block {
    bytes: [u8; 2 * MAX_DIRECTION_LEN],
    /// The number of bytes in use. The others have never been written.
    used: usize,
}

impl Block {
    fn used(&mut self) -> &mut [u8] {
        self.bytes.get_mut(..self.used).unwrap_or_default()
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        self.used().zeroize();
    }
}

impl KeyBlock {
    /// Computes `PRF(master_secret, "key expansion", server_random + client_random)` and partitions it into
    /// the keys of the protection (RFC 5246 section 6.3): that of the suite, or with encrypt_then_mac
    /// [`Protection::with_encrypt_then_mac`].
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn derive(prf: &Prf, protection: Protection, randoms: &Randoms) -> Result<Self, ScheduleError> {
        let each = Lengths::of(protection).total();
        if each > MAX_DIRECTION_LEN {
            return Err(CryptoError::WrongLength { expected: MAX_DIRECTION_LEN, got: each }.into());
        }
        let mut block = Arc::new(Block { bytes: [0; 2 * MAX_DIRECTION_LEN], used: 2 * each });
        // The block is not shared yet, so this always succeeds.
        if let Some(block) = Arc::get_mut(&mut block) {
            prf.expand(b"key expansion", [&randoms.server.0, &randoms.client.0], block.used())?;
        }
        Ok(Self { block, protection })
    }

    /// The client write keys and the server write keys.
    #[must_use]
    pub fn into_directions(self) -> (Tls12Keys, Tls12Keys) {
        let Self { block, protection } = self;
        let client = Tls12Keys { block: Arc::clone(&block), protection, writer: Side::Client };
        (client, Tls12Keys { block, protection, writer: Side::Server })
    }
}

impl fmt::Debug for KeyBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyBlock")
    }
}

struct Lengths {
    mac_key: usize,
    cipher_key: usize,
    fixed_iv: usize,
}

impl Lengths {
    const fn of(protection: Protection) -> Self {
        Self {
            mac_key: protection.mac_key_len(),
            cipher_key: protection.cipher_key_len(),
            fixed_iv: protection.fixed_iv_len(),
        }
    }

    const fn total(&self) -> usize {
        self.mac_key + self.cipher_key + self.fixed_iv
    }
}

/// The record protection of one direction with its keys (RFC 5246 section 6.3). Clones share the same memory.
#[derive(Clone)]
pub struct Tls12Keys {
    block: Arc<Block>,
    protection: Protection,
    writer: Side,
}

impl Tls12Keys {
    /// The protection that the keys are for.
    #[must_use]
    pub const fn protection(&self) -> Protection {
        self.protection
    }

    /// `client_write_MAC_key` or `server_write_MAC_key`; empty for AEAD suites.
    #[must_use]
    pub fn mac_key(&self) -> &[u8] {
        self.part(0, Lengths::of(self.protection).mac_key)
    }

    /// `client_write_key` or `server_write_key`; empty for the NULL cipher.
    #[must_use]
    pub fn cipher_key(&self) -> &[u8] {
        let lengths = Lengths::of(self.protection);
        self.part(lengths.mac_key, lengths.cipher_key)
    }

    /// `client_write_IV` or `server_write_IV`: the implicit part of an AEAD nonce; empty for other suites.
    #[must_use]
    pub fn fixed_iv(&self) -> &[u8] {
        let lengths = Lengths::of(self.protection);
        self.part(lengths.mac_key + lengths.cipher_key, lengths.fixed_iv)
    }

    /// The `len` bytes of this side, where `before` bytes of each side precede them.
    fn part(&self, before: usize, len: usize) -> &[u8] {
        let start = match self.writer {
            Side::Client => 2 * before,
            Side::Server => 2 * before + len,
        };
        self.block.bytes.get(start..start + len).unwrap_or_default()
    }
}

impl fmt::Debug for Tls12Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls12Keys")
    }
}
