//! Protection of headers (RFC 9001 section 5.4).

use crate::error::{OpenError, ProtectionError};
use crate::packet_number::TruncatedNumber;
use alloc::boxed::Box;
use cairn_crypto::HeaderProtectionKey;
use core::fmt;

/// Length of a sample in bytes (RFC 9001 sections 5.4.3 and 5.4.4).
const SAMPLE_LEN: usize = 16;

/// The longest packet number field, in bytes. RFC 9001 section 5.4.2: "in sampling packet ciphertext for
/// header protection, the Packet Number field is assumed to be 4 bytes long".
const MAX_NUMBER_LEN: usize = 4;

/// The key that protects the headers of the packets of one level in one direction. A key update does not
/// change it (RFC 9001 section 5.4).
pub struct HeaderKey(Box<dyn HeaderProtectionKey>);

/// The parts of a packet that header protection concerns.
struct Parts<'a> {
    first: &'a mut u8,
    number: &'a mut [u8; MAX_NUMBER_LEN],
    sample: &'a [u8; SAMPLE_LEN],
}

/// The number of bytes that are missing or present.
struct TooShort {
    expected: usize,
    got: usize,
}

impl From<TooShort> for ProtectionError {
    fn from(TooShort { expected, got }: TooShort) -> Self {
        Self::PacketTooShort { expected, got }
    }
}

impl From<TooShort> for OpenError {
    fn from(TooShort { expected, got }: TooShort) -> Self {
        Self::TooShort { expected, got }
    }
}

impl<'a> Parts<'a> {
    fn of(packet: &'a mut [u8], number_offset: usize) -> Result<Self, TooShort> {
        let got = packet.len();
        // A header has at least its first byte before the packet number.
        let expected = number_offset.max(1).saturating_add(MAX_NUMBER_LEN + SAMPLE_LEN);
        let too_short = || TooShort { expected, got };
        let (first, rest) = packet.split_first_mut().ok_or_else(too_short)?;
        let between = number_offset.checked_sub(1).ok_or_else(too_short)?;
        let rest = rest.get_mut(between..).ok_or_else(too_short)?;
        let (number, rest) = rest.split_first_chunk_mut().ok_or_else(too_short)?;
        let sample = rest.first_chunk().ok_or_else(too_short)?;
        Ok(Self { first, number, sample })
    }

    /// The bits of the first byte that are protected: four of a long header, five of a short one.
    const fn protected_bits(first: u8) -> u8 {
        if first & 0x80 == 0 { 0x1f } else { 0x0f }
    }

    /// Masks the packet number. `length_bits` are the bits Packet Number Length without protection. They
    /// decide about no memory access and no branch (RFC 9001 section 9.5).
    fn mask_number(&mut self, mask: [u8; MAX_NUMBER_LEN], length_bits: u8) {
        for ((byte, mask), position) in self.number.iter_mut().zip(mask).zip(0_u8..) {
            // 1 if the position is not above the length bits, and then all ones.
            let is_used = 1 ^ (length_bits.wrapping_sub(position) >> 7);
            *byte ^= mask & is_used.wrapping_neg();
        }
    }
}

impl HeaderKey {
    pub(super) fn new(key: Box<dyn HeaderProtectionKey>) -> Self {
        Self(key)
    }

    /// Fails unless the packet has room for the longest packet number and a sample.
    pub(super) fn check_room(packet: &mut [u8], number_offset: usize) -> Result<(), ProtectionError> {
        Parts::of(packet, number_offset).map(|_| ()).map_err(ProtectionError::from)
    }

    /// Protects the header of a packet whose payload is sealed. The packet number field starts at
    /// `number_offset`; its length follows from the first byte.
    ///
    /// # Errors
    /// [`ProtectionError::PacketTooShort`] if the packet has less than [`HeaderKey::sample_len`] bytes from
    /// the fifth byte after `number_offset` on, or if `number_offset` is 0: a sender adds PADDING frames;
    /// [`ProtectionError::Crypto`] if the module fails.
    pub fn protect(&self, packet: &mut [u8], number_offset: usize) -> Result<(), ProtectionError> {
        let mut parts = Parts::of(packet, number_offset)?;
        let [first, number @ ..] = self.0.mask(parts.sample)?;
        parts.mask_number(number, *parts.first & 0x03);
        *parts.first ^= first & Parts::protected_bits(*parts.first);
        Ok(())
    }

    /// Removes the protection of a header, and returns the packet number that it contains. The packet number
    /// field starts at `number_offset`. The header is not authentic until the payload has been opened.
    ///
    /// # Errors
    /// [`OpenError::TooShort`] if the packet has less than [`HeaderKey::sample_len`] bytes from the fifth
    /// byte after `number_offset` on, or if `number_offset` is 0; [`OpenError::Crypto`] if the module fails.
    pub fn unprotect(&self, packet: &mut [u8], number_offset: usize) -> Result<TruncatedNumber, OpenError> {
        let mut parts = Parts::of(packet, number_offset)?;
        let [first, number @ ..] = self.0.mask(parts.sample).map_err(OpenError::Crypto)?;
        *parts.first ^= first & Parts::protected_bits(*parts.first);
        let length_bits = *parts.first & 0x03;
        parts.mask_number(number, length_bits);
        Ok(TruncatedNumber::new(*parts.number, length_bits))
    }

    /// Length of the sample in bytes: 16. A packet must have as many bytes from the fifth byte after the
    /// start of the packet number field on (RFC 9001 section 5.4.2).
    #[must_use]
    pub const fn sample_len(&self) -> usize {
        SAMPLE_LEN
    }
}

impl fmt::Debug for HeaderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HeaderKey")
    }
}
