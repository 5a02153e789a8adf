//! Protection of payloads (RFC 9001 section 5.3).

use crate::error::{OpenError, ProtectionError};
use crate::packet_number::MAX_PACKET_NUMBER;
use alloc::boxed::Box;
use cairn_crypto::{Aead, AeadAlgorithm, AeadKey, CryptoError};
use cairn_schedule::tls13::IV_LEN;
use core::fmt;
use zeroize::Zeroizing;

/// The AEAD key and the IV of the packets of one level, in one direction and of one generation.
pub struct PacketKey {
    key: Box<dyn AeadKey>,
    iv: Zeroizing<[u8; IV_LEN]>,
    confidentiality_limit: u64,
    integrity_limit: u64,
}

/// The confidentiality and the integrity limit of an AEAD, in packets (RFC 9001 section 6.6). For
/// ChaCha20-Poly1305 the confidentiality limit is above the number of possible packets.
const fn limits(aead: AeadAlgorithm) -> (u64, u64) {
    match aead {
        AeadAlgorithm::Aes128Gcm | AeadAlgorithm::Aes256Gcm => (1 << 23, 1 << 52),
        AeadAlgorithm::ChaCha20Poly1305 => (MAX_PACKET_NUMBER + 1, 1 << 36),
        // 2^21.5, for AES-128-CCM. QUIC has no suites with the others.
        _ => (2_965_820, 2_965_820),
    }
}

impl PacketKey {
    /// `fill_iv` writes the IV in place.
    pub(super) fn new(
        aead: &dyn Aead,
        key: &[u8],
        fill_iv: impl FnOnce(&mut [u8; IV_LEN]) -> Result<(), ProtectionError>,
    ) -> Result<Self, ProtectionError> {
        let (sealed, failed) = limits(aead.algorithm());
        // A provider may have tighter limits.
        let own = aead.usage_limits();
        let mut packet_key = Self {
            key: aead.key(key)?,
            iv: Zeroizing::new([0; IV_LEN]),
            confidentiality_limit: sealed.min(own.sealed_records),
            integrity_limit: failed.min(own.failed_opens),
        };
        fill_iv(&mut packet_key.iv)?;
        Ok(packet_key)
    }

    /// Encrypts `payload` in place. It ends with [`PacketKey::tag_len`] bytes of any content, which the tag
    /// replaces. `header` is the unprotected header up to and including the packet number.
    ///
    /// The caller must not seal twice with the same packet number (RFC 9000 section 12.3), and not more
    /// packets than [`PacketKey::confidentiality_limit`].
    ///
    /// # Errors
    /// [`ProtectionError::PacketTooShort`] if there is no room for the tag;
    /// [`ProtectionError::PacketNumberTooLarge`] if the number is above 2^62 - 1;
    /// [`ProtectionError::Crypto`] if the module fails.
    pub fn seal(&self, packet_number: u64, header: &[u8], payload: &mut [u8]) -> Result<(), ProtectionError> {
        if packet_number > MAX_PACKET_NUMBER {
            return Err(ProtectionError::PacketNumberTooLarge { number: packet_number });
        }
        let too_short = ProtectionError::PacketTooShort {
            expected: header.len().saturating_add(self.tag_len()),
            got: header.len().saturating_add(payload.len()),
        };
        let text_len = payload.len().checked_sub(self.tag_len()).ok_or(too_short)?;
        let (text, tag) = payload.split_at_mut_checked(text_len).ok_or(too_short)?;
        Ok(self.key.seal(&self.nonce(packet_number), header, text, tag)?)
    }

    /// Decrypts `payload`, which ends with the tag, in place. Returns the length of the plaintext, which
    /// starts at the beginning of `payload`. `header` is the unprotected header up to and including the
    /// packet number.
    ///
    /// # Errors
    /// [`OpenError::DoesNotOpen`] if the packet does not authenticate; `payload` then contains no plaintext.
    /// The caller counts these errors against [`PacketKey::integrity_limit`]. [`OpenError::Crypto`] if the
    /// module fails.
    pub fn open(&self, packet_number: u64, header: &[u8], payload: &mut [u8]) -> Result<usize, OpenError> {
        self.key.open(&self.nonce(packet_number), header, payload).map_err(|error| match error {
            CryptoError::BadTag => OpenError::DoesNotOpen,
            other => OpenError::Crypto(other),
        })
    }

    /// RFC 9001 section 5.3: "The exclusive OR of the padded packet number and the IV forms the AEAD nonce."
    fn nonce(&self, packet_number: u64) -> [u8; IV_LEN] {
        let mut nonce = *self.iv;
        let [_, _, _, _, low @ ..] = &mut nonce;
        for (byte, number) in low.iter_mut().zip(packet_number.to_be_bytes()) {
            *byte ^= number;
        }
        nonce
    }

    /// Length of the tag in bytes, by which a sealed payload is longer: 16 for every suite of QUIC.
    #[must_use]
    pub fn tag_len(&self) -> usize {
        self.key.algorithm().tag_len()
    }

    /// The number of packets that may be sealed with this key (RFC 9001 section 6.6). Before the next one,
    /// the keys must be updated, or the connection closed.
    #[must_use]
    pub const fn confidentiality_limit(&self) -> u64 {
        self.confidentiality_limit
    }

    /// The number of packets that may fail to open in a connection, with all its keys together (RFC 9001
    /// section 6.6). With the next one, the connection must be closed.
    #[must_use]
    pub const fn integrity_limit(&self) -> u64 {
        self.integrity_limit
    }
}

impl fmt::Debug for PacketKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PacketKey({})", self.key.algorithm())
    }
}
