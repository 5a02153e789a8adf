//! The master secret (RFC 5246 section 8.1, RFC 7627).

#[cfg(test)]
mod tests;

use crate::error::ScheduleError;
use crate::prf::Prf;
use alloc::sync::Arc;
use cairn_crypto::{CryptoError, Hmac, Secret, ct_eq};
use cairn_wire::Random;
use core::{convert::Infallible, fmt};
use zeroize::Zeroizing;

/// The random values of both hellos.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Randoms {
    /// ClientHello.random.
    pub client: Random,
    /// ServerHello.random.
    pub server: Random,
}

/// The 48-byte master secret (RFC 5246 section 8.1). Clones share the same memory, for example the connection
/// and its session; the last one to be dropped erases it.
#[derive(Clone)]
pub struct MasterSecret(Arc<Zeroizing<[u8; 48]>>);

impl MasterSecret {
    /// Length in bytes. RFC 5246 section 8.1: "The master secret is always exactly 48 bytes in length."
    pub const LEN: usize = 48;

    /// Computes `PRF(pre_master_secret, "master secret", ClientHello.random + ServerHello.random)` (RFC 5246
    /// section 8.1).
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn derive(
        hmac: &Arc<dyn Hmac>,
        pre_master_secret: &[u8],
        randoms: &Randoms,
    ) -> Result<Self, ScheduleError> {
        Self::expand(hmac, pre_master_secret, b"master secret", [&randoms.client.0, &randoms.server.0])
    }

    /// Computes `PRF(pre_master_secret, "extended master secret", session_hash)` (RFC 7627 section 4).
    ///
    /// `session_hash` is the transcript hash up to and including ClientKeyExchange (RFC 7627 section 3).
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn derive_extended(
        hmac: &Arc<dyn Hmac>,
        pre_master_secret: &[u8],
        session_hash: &[u8],
    ) -> Result<Self, ScheduleError> {
        Self::expand(hmac, pre_master_secret, b"extended master secret", [session_hash, &[]])
    }

    fn expand(
        hmac: &Arc<dyn Hmac>,
        secret: &[u8],
        label: &[u8],
        seed: [&[u8]; 2],
    ) -> Result<Self, ScheduleError> {
        let prf = Prf::new(hmac, secret)?;
        Self::try_with(|out| prf.expand(label, seed, out))
    }

    /// Writes the secret in place, so that no copy remains on the stack.
    fn try_with<E>(fill: impl FnOnce(&mut [u8; 48]) -> Result<(), E>) -> Result<Self, E> {
        let mut bytes = Arc::new(Zeroizing::new([0; 48]));
        if let Some(bytes) = Arc::get_mut(&mut bytes) {
            fill(bytes)?;
        }
        Ok(Self(bytes))
    }

    /// The PRF with this secret, for the key block, Finished and exporters. `hmac` must use the PRF hash of
    /// the suite.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn prf(&self, hmac: &Arc<dyn Hmac>) -> Result<Prf, ScheduleError> {
        Prf::new(hmac, self.expose())
    }

    /// The secret bytes, for a session store or a key log. The caller must not leak them.
    #[must_use]
    pub fn expose(&self) -> &[u8; 48] {
        &self.0
    }
}

impl From<Secret<48>> for MasterSecret {
    fn from(secret: Secret<48>) -> Self {
        let Ok(copy) = Self::try_with(|bytes| {
            bytes.copy_from_slice(secret.expose());
            Ok::<_, Infallible>(())
        });
        copy
    }
}

/// Restores a master secret from a session store. Fails with [`CryptoError::WrongLength`] unless the slice
/// has 48 bytes.
impl TryFrom<&[u8]> for MasterSecret {
    type Error = CryptoError;

    fn try_from(secret: &[u8]) -> Result<Self, CryptoError> {
        let wrong = CryptoError::WrongLength { expected: Self::LEN, got: secret.len() };
        let secret = <&[u8; Self::LEN]>::try_from(secret).map_err(|_| wrong)?;
        Self::try_with(|bytes| {
            bytes.copy_from_slice(secret);
            Ok(())
        })
    }
}

/// Compares in constant time.
impl PartialEq for MasterSecret {
    fn eq(&self, other: &Self) -> bool {
        ct_eq(self.expose(), other.expose())
    }
}

impl Eq for MasterSecret {}

impl fmt::Debug for MasterSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterSecret([48 bytes])")
    }
}
