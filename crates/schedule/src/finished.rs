//! Finished (RFC 5246 section 7.4.9).

#[cfg(test)]
mod tests;

use crate::error::ScheduleError;
use crate::prf::Prf;
use crate::side::Side;
use cairn_crypto::ct_eq;
use core::fmt;

/// Length of `verify_data` in bytes. RFC 5246 section 7.4.9: "Any cipher suite which does not explicitly
/// specify verify_data_length has a verify_data_length equal to 12. This includes all existing cipher
/// suites."
pub const VERIFY_DATA_LEN: usize = 12;

/// The content of a Finished message. It is also used in `renegotiation_info` (RFC 5746) and in the channel
/// binding `tls-unique` (RFC 5929).
#[derive(Clone, Copy)]
pub struct VerifyData([u8; VERIFY_DATA_LEN]);

impl VerifyData {
    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; VERIFY_DATA_LEN] {
        &self.0
    }

    /// Returns `true` if `received` equals this value. The comparison takes constant time.
    #[must_use]
    pub fn matches(&self, received: &[u8]) -> bool {
        ct_eq(&self.0, received)
    }
}

impl fmt::Debug for VerifyData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifyData([12 bytes])")
    }
}

/// Computes `PRF(master_secret, finished_label, Hash(handshake_messages))[0..11]` for the Finished message of
/// `sender`.
///
/// # Errors
/// [`ScheduleError::Crypto`] if the provider fails.
pub fn verify_data(prf: &Prf, sender: Side, transcript_hash: &[u8]) -> Result<VerifyData, ScheduleError> {
    let label: &[u8] = match sender {
        Side::Client => b"client finished",
        Side::Server => b"server finished",
    };
    let mut out = [0; VERIFY_DATA_LEN];
    prf.expand(label, [transcript_hash, &[]], &mut out)?;
    Ok(VerifyData(out))
}
