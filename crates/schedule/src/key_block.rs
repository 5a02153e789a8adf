//! The key block (RFC 5246 section 6.3).

#[cfg(test)]
mod tests;

use crate::{Prf, Randoms, ScheduleError, Suite};
use cairn_crypto::{CryptoError, Secret};
use core::fmt;
use zeroize::Zeroizing;

/// Room for one direction's keys: the longest MAC key (64) and cipher key (32) of any protection. None has an IV
/// besides.
const MAX_DIRECTION_LEN: usize = 96;

/// The keys of both directions.
pub struct KeyBlock {
    client: TrafficKeys,
    server: TrafficKeys,
}

impl KeyBlock {
    /// `PRF(master_secret, "key expansion", server_random + client_random)`, cut into the keys that the suite asks
    /// for (RFC 5246 section 6.3).
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] when the provider fails.
    pub fn derive(prf: &Prf, suite: &'static Suite, randoms: &Randoms) -> Result<Self, ScheduleError> {
        let lengths = Lengths::of(suite);
        let mut block = Zeroizing::new([0; 2 * MAX_DIRECTION_LEN]);
        let too_long = CryptoError::WrongLength { expected: MAX_DIRECTION_LEN, got: lengths.total() };
        let block = block.get_mut(..2 * lengths.total()).ok_or(too_long)?;
        prf.expand(b"key expansion", [&randoms.server.0, &randoms.client.0], block)?;

        // The block interleaves the sides: both MAC keys, both cipher keys, both IVs.
        let (mac_keys, rest) = block.split_at_checked(2 * lengths.mac_key).ok_or(too_long)?;
        let (cipher_keys, ivs) = rest.split_at_checked(2 * lengths.cipher_key).ok_or(too_long)?;
        let side = |second: bool| {
            let pick = |pair: &[u8], len: usize, to: &mut dyn Iterator<Item = &mut u8>| {
                let start = if second { len } else { 0 };
                for (to, from) in to.zip(pair.iter().skip(start).take(len)) {
                    *to = *from;
                }
            };
            let keys = Secret::try_with(|keys| {
                let mut to = keys.iter_mut();
                pick(mac_keys, lengths.mac_key, &mut to.by_ref().take(lengths.mac_key));
                pick(cipher_keys, lengths.cipher_key, &mut to.by_ref().take(lengths.cipher_key));
                pick(ivs, lengths.fixed_iv, &mut to.by_ref().take(lengths.fixed_iv));
                Ok::<_, ScheduleError>(())
            })?;
            Ok::<_, ScheduleError>(TrafficKeys { keys, lengths })
        };
        Ok(Self { client: side(false)?, server: side(true)? })
    }

    /// The keys that the client writes with, and those that the server writes with.
    #[must_use]
    pub fn into_directions(self) -> (TrafficKeys, TrafficKeys) {
        (self.client, self.server)
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

/// The keys of one direction (RFC 5246 section 6.3).
#[derive(Clone)]
pub struct TrafficKeys {
    keys: Secret<MAX_DIRECTION_LEN>,
    lengths: Lengths,
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

    fn part(&self, start: usize, len: usize) -> &[u8] {
        self.keys.expose().get(start..start + len).unwrap_or_default()
    }
}

impl fmt::Debug for TrafficKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TrafficKeys")
    }
}
