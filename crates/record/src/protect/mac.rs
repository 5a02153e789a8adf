//! The MAC of suites without an AEAD.

use crate::error::RecordError;
use alloc::boxed::Box;
use cairn_crypto::{HashAlgorithm, HmacKey, Provider};
use cairn_schedule::Tls12Keys;

/// HMAC with the MAC key of this direction.
pub(super) fn hmac_key(
    provider: &Provider,
    algorithm: HashAlgorithm,
    keys: &Tls12Keys,
) -> Result<Box<dyn HmacKey>, RecordError> {
    let hmac = provider.hmac(algorithm).ok_or(RecordError::HmacNotOffered(algorithm))?;
    Ok(hmac.key(keys.mac_key())?)
}
