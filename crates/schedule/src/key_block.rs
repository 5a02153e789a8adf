//! The key block (RFC 5246 section 6.3).

#[cfg(test)]
mod tests;

use crate::{Prf, Randoms, ScheduleError, Side, Suite};
use alloc::sync::Arc;
use cairn_crypto::CryptoError;
use core::fmt;
use zeroize::Zeroizing;

/// Room for one direction's keys: the longest MAC key (64) and cipher key (32) of any protection. None has an IV
/// besides.
const MAX_DIRECTION_LEN: usize = 96;

/// The keys of both directions.
pub struct KeyBlock {
    block: Block,
    lengths: Lengths,
}

/// The block as the PRF gives it: in memory once, for whoever uses a part of it, and erased with the last of these. It
/// interleaves the sides: both MAC keys, both cipher keys, both IVs.
type Block = Arc<Zeroizing<[u8; 2 * MAX_DIRECTION_LEN]>>;

impl KeyBlock {
    /// `PRF(master_secret, "key expansion", server_random + client_random)`, cut into the keys that the suite asks
    /// for (RFC 5246 section 6.3).
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] when the provider fails.
    pub fn derive(prf: &Prf, suite: &'static Suite, randoms: &Randoms) -> Result<Self, ScheduleError> {
        let lengths = Lengths::of(suite);
        let mut block = Arc::new(Zeroizing::new([0; 2 * MAX_DIRECTION_LEN]));
        let too_long = CryptoError::WrongLength { expected: MAX_DIRECTION_LEN, got: lengths.total() };
        // Nobody shares it yet.
        let bytes = Arc::get_mut(&mut block).and_then(|block| block.get_mut(..2 * lengths.total()));
        let bytes = bytes.ok_or(too_long)?;
        prf.expand(b"key expansion", [&randoms.server.0, &randoms.client.0], bytes)?;
        Ok(Self { block, lengths })
    }

    /// The keys that the client writes with, and those that the server writes with.
    #[must_use]
    pub fn into_directions(self) -> (TrafficKeys, TrafficKeys) {
        let of = |writer| TrafficKeys { block: Arc::clone(&self.block), lengths: self.lengths, writer };
        (of(Side::Client), of(Side::Server))
    }
}

impl fmt::Debug for KeyBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyBlock")
    }
}

#[derive(Clone, Copy)]
struct Lengths {
    mac_key: usize,
    cipher_key: usize,
    fixed_iv: usize,
}

impl Lengths {
    fn of(suite: &Suite) -> Self {
        Self {
            mac_key: suite.protection.mac_key_len(),
            cipher_key: suite.protection.cipher_key_len(),
            fixed_iv: suite.protection.fixed_iv_len(),
        }
    }

    const fn total(self) -> usize {
        self.mac_key + self.cipher_key + self.fixed_iv
    }
}

/// The keys of one direction (RFC 5246 section 6.3). A clone shares them.
#[derive(Clone)]
pub struct TrafficKeys {
    block: Block,
    lengths: Lengths,
    writer: Side,
}

impl TrafficKeys {
    /// `client_write_MAC_key` or `server_write_MAC_key`; empty for AEADs.
    #[must_use]
    pub fn mac_key(&self) -> &[u8] {
        self.part(0, self.lengths.mac_key)
    }

    /// `client_write_key` or `server_write_key`; empty for the NULL cipher.
    #[must_use]
    pub fn cipher_key(&self) -> &[u8] {
        self.part(self.lengths.mac_key, self.lengths.cipher_key)
    }

    /// `client_write_IV` or `server_write_IV`: the implicit part of an AEAD's nonce; empty for all else.
    #[must_use]
    pub fn fixed_iv(&self) -> &[u8] {
        self.part(self.lengths.mac_key + self.lengths.cipher_key, self.lengths.fixed_iv)
    }

    /// One side's part of `len` bytes, behind parts of both sides that have `before` bytes each.
    fn part(&self, before: usize, len: usize) -> &[u8] {
        let start = match self.writer {
            Side::Client => 2 * before,
            Side::Server => 2 * before + len,
        };
        self.block.get(start..start + len).unwrap_or_default()
    }
}

impl fmt::Debug for TrafficKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TrafficKeys")
    }
}
