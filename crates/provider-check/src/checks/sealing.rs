//! Sealing and opening in the checks of AEADs.

use crate::generators::Seeded;
use cairn_crypto::{Aead, AeadKey};

pub(super) const NONCE: [u8; 12] = *b"never twice.";

/// The initial content of a buffer: neither zeros nor text.
pub(super) const BEFORE: u8 = 0xa5;

/// Returns always the same key, as a new value, so that a module that tracks nonces accepts the same nonce
/// again.
pub(super) fn key(aead: &dyn Aead) -> Result<Box<dyn AeadKey>, String> {
    let bytes = Seeded::new(6).bytes(aead.algorithm().key_len());
    aead.key(&bytes).map_err(|error| format!("key: {error}"))
}

/// Seals in place, and returns the ciphertext followed by the tag.
pub(super) fn in_place(aead: &dyn Aead, aad: &[u8], text: &[u8]) -> Result<Vec<u8>, String> {
    let (mut sealed, mut tag) = (text.to_vec(), vec![0; aead.algorithm().tag_len()]);
    let sealing = key(aead)?.seal(&NONCE, aad, &mut sealed, &mut tag);
    sealing.map_err(|error| format!("sealing {} bytes: {error}", text.len()))?;
    sealed.extend(tag);
    Ok(sealed)
}

/// Seals into another buffer, and returns the ciphertext followed by the tag.
pub(super) fn into_buffer(
    aead: &dyn Aead,
    aad: &[u8],
    text: &[u8],
    suffix: &[u8],
) -> Result<Vec<u8>, String> {
    let mut sealed = vec![BEFORE; text.len() + suffix.len() + aead.algorithm().tag_len()];
    let sealing = key(aead)?.seal_into(&NONCE, aad, text, suffix, &mut sealed);
    sealing
        .map_err(|error| format!("sealing {} bytes and a suffix of {}: {error}", text.len(), suffix.len()))?;
    Ok(sealed)
}

/// Returns `true` if the buffer contains a part of the text at its original position.
pub(super) fn is_left(buffer: &[u8], text: &[u8]) -> bool {
    buffer.chunks_exact(8).zip(text.chunks_exact(8)).any(|(left, text)| left == text)
}

/// Lengths of associated data: every small one, those around block boundaries, and those around 2^16 - 2^8,
/// where the encoding of the length in CCM changes (RFC 3610 section 2.2). TLS 1.2 uses 13 bytes, TLS 1.3
/// five, and DTLS with a connection ID up to 276.
pub(super) fn lengths_of_associated_data() -> impl Iterator<Item = usize> {
    (0..=40).chain([63, 64, 65, 127, 128, 129, 255, 256, 257, 276, 0xfeff, 0xff00, 0xff01])
}

/// The longest text that CCM can seal, or `None` for other algorithms. With a nonce of 12 bytes, 3 bytes
/// remain for the length (RFC 3610 section 2).
pub(super) fn longest_in_ccm(aead: &dyn Aead) -> Option<usize> {
    use cairn_crypto::AeadAlgorithm::{Aes128Ccm, Aes128Ccm8, Aes256Ccm, Aes256Ccm8};
    let is_ccm = matches!(aead.algorithm(), Aes128Ccm | Aes256Ccm | Aes128Ccm8 | Aes256Ccm8);
    is_ccm.then_some((1 << 24) - 1)
}
