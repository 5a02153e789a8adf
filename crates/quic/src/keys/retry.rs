//! The integrity tag of Retry packets (RFC 9001 section 5.8).

use super::initial::MAX_CONNECTION_ID_LEN;
use crate::error::ProtectionError;
use crate::version::{RetryKey, Version};
use alloc::vec::Vec;
use cairn_crypto::{AeadAlgorithm, Provider, ct_eq};

/// Length of the Retry Integrity Tag in bytes.
pub const RETRY_TAG_LEN: usize = 16;

/// The Retry Integrity Tag of a Retry packet. `packet` is the packet without the tag, and
/// `original_connection_id` the Destination Connection ID of the Initial packet that it answers.
///
/// # Errors
/// [`ProtectionError::ConnectionIdLength`] if the connection ID is longer than 20 bytes;
/// [`ProtectionError::AeadNotOffered`] if the provider lacks AES-128-GCM; [`ProtectionError::Crypto`] if it
/// fails.
pub fn retry_tag(
    provider: &Provider,
    version: Version,
    original_connection_id: &[u8],
    packet: &[u8],
) -> Result<[u8; RETRY_TAG_LEN], ProtectionError> {
    let wrong = ProtectionError::ConnectionIdLength { length: original_connection_id.len() };
    if original_connection_id.len() > MAX_CONNECTION_ID_LEN {
        return Err(wrong);
    }
    let length = u8::try_from(original_connection_id.len()).map_err(|_| wrong)?;
    let mut pseudo_packet = Vec::with_capacity(1 + original_connection_id.len() + packet.len());
    pseudo_packet.push(length);
    pseudo_packet.extend_from_slice(original_connection_id);
    pseudo_packet.extend_from_slice(packet);

    let aead = AeadAlgorithm::Aes128Gcm;
    let aead = provider.aead(aead).ok_or(ProtectionError::AeadNotOffered(aead))?;
    let RetryKey { key, nonce } = version.retry_key();
    let mut tag = [0; RETRY_TAG_LEN];
    aead.key(&key)?.seal(&nonce, &pseudo_packet, &mut [], &mut tag)?;
    Ok(tag)
}

/// Checks the Retry Integrity Tag at the end of a received Retry packet, in constant time. The arguments are
/// those of [`retry_tag`], except that the packet includes the tag. Returns `false` if the tag is wrong or
/// missing; a client then discards the packet (RFC 9000 section 17.2.5.2).
///
/// # Errors
/// As [`retry_tag`].
pub fn check_retry(
    provider: &Provider,
    version: Version,
    original_connection_id: &[u8],
    packet: &[u8],
) -> Result<bool, ProtectionError> {
    let Some((packet, tag)) = packet.split_last_chunk::<RETRY_TAG_LEN>() else { return Ok(false) };
    let expected = retry_tag(provider, version, original_connection_id, packet)?;
    Ok(ct_eq(&expected, tag))
}
