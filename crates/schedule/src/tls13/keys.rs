//! Traffic keys (RFC 9846 section 7.3).

use super::kdf::Kdf;
use super::label::expand_label;
use super::suites::Tls13Suite;
use crate::error::ScheduleError;
use alloc::sync::Arc;
use cairn_crypto::{AeadAlgorithm, HkdfKey};
use core::fmt;
use zeroize::Zeroizing;

/// Length of the write IV in bytes: `iv_length`, which is the nonce length of every AEAD here (RFC 9846
/// section 5.3).
pub const IV_LEN: usize = 12;

/// The longest key of an AEAD, in bytes.
const MAX_KEY_LEN: usize = 32;

/// The AEAD of one direction with its `[sender]_write_key` and `[sender]_write_iv` (RFC 9846 section 7.3).
/// Clones share the same memory; the last one to be dropped erases it.
#[derive(Clone)]
pub struct Tls13Keys {
    aead: AeadAlgorithm,
    bytes: Arc<Zeroizing<Bytes>>,
}

/// The IV and the key. Of the key only the first [`AeadAlgorithm::key_len`] bytes are used.
type Bytes = ([u8; IV_LEN], [u8; MAX_KEY_LEN]);

impl Tls13Keys {
    /// `HKDF-Expand-Label(Secret, "key", "", key_length)` and the same with "iv".
    pub(super) fn derive(kdf: &Kdf, secret: &HkdfKey, suite: &Tls13Suite) -> Result<Self, ScheduleError> {
        kdf.check(suite.hash)?;
        let mut bytes = Arc::new(Zeroizing::new(([0; IV_LEN], [0; MAX_KEY_LEN])));
        // The memory is not shared yet, so this always succeeds.
        if let Some(bytes) = Arc::get_mut(&mut bytes) {
            let key = bytes.1.get_mut(..suite.aead.key_len()).unwrap_or_default();
            expand_label(secret, b"key", &[], key)?;
            expand_label(secret, b"iv", &[], &mut bytes.0)?;
        }
        Ok(Self { aead: suite.aead, bytes })
    }

    /// The AEAD that the keys are for.
    #[must_use]
    pub const fn aead(&self) -> AeadAlgorithm {
        self.aead
    }

    /// `[sender]_write_key`.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        self.bytes.1.get(..self.aead.key_len()).unwrap_or_default()
    }

    /// `[sender]_write_iv`, which is XORed with the sequence number of each record (RFC 9846 section 5.3).
    #[must_use]
    pub fn iv(&self) -> &[u8; IV_LEN] {
        &self.bytes.0
    }
}

impl fmt::Debug for Tls13Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls13Keys")
    }
}
