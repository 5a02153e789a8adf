//! GenericAEADCipher (RFC 5246 section 6.2.3.3): nonce and associated data.

use super::{
    body::{Context, additional_data, parts},
    overhead::Overhead,
};
use crate::error::RecordError;
use alloc::boxed::Box;
use cairn_crypto::{Aead, AeadKey, CryptoError, UsageLimits};
use cairn_schedule::{NonceScheme, Tls12Keys};
use core::ops::Range;
use zeroize::Zeroizing;

/// Length of the explicit part of the nonce, which each record carries: the entire sequence number.
const EXPLICIT_LEN: usize = 8;

pub(super) struct AeadRecords {
    key: Box<dyn AeadKey>,
    nonce: NonceMaker,
    tag_len: usize,
    usage_limits: UsageLimits,
}

/// The fixed part of the nonce, by nonce scheme.
enum NonceMaker {
    /// RFC 5288 section 3 and RFC 6655 section 3.
    Explicit { salt: Zeroizing<[u8; 4]> },
    /// RFC 7905 section 2.
    Xor { iv: Zeroizing<[u8; 12]> },
}

impl AeadRecords {
    #[inline]
    pub(super) fn new(aead: &dyn Aead, scheme: NonceScheme, keys: &Tls12Keys) -> Result<Self, RecordError> {
        let nonce = match scheme {
            NonceScheme::SaltAndExplicit => NonceMaker::Explicit { salt: fixed_iv(keys)? },
            NonceScheme::IvXorSequence => NonceMaker::Xor { iv: fixed_iv(keys)? },
            _ => return Err(RecordError::Crypto(CryptoError::Unsupported)),
        };
        Ok(Self {
            key: aead.key(keys.cipher_key())?,
            nonce,
            tag_len: aead.algorithm().tag_len(),
            usage_limits: aead.usage_limits(),
        })
    }

    pub(super) const fn overhead(&self) -> Overhead {
        Overhead::plain(self.explicit_len(), self.tag_len)
    }

    const fn explicit_len(&self) -> usize {
        match self.nonce {
            NonceMaker::Explicit { .. } => EXPLICIT_LEN,
            NonceMaker::Xor { .. } => 0,
        }
    }

    pub(super) const fn usage_limits(&self) -> UsageLimits {
        self.usage_limits
    }

    pub(super) fn seal(&self, context: Context, body: &mut [u8], text_len: u16) -> Result<(), RecordError> {
        let [explicit, text, tag] = parts(body, self.explicit_len(), text_len)?;
        let aad = additional_data(context, text_len.to_be_bytes());
        Ok(self.key.seal(&self.sealing_nonce(context, explicit), &aad, text, tag)?)
    }

    /// Like `seal`, for a text in another buffer. In TLS 1.2 nothing is added to the text: the content type
    /// is in the record header, and AEADs have no padding.
    pub(super) fn seal_from(
        &self,
        context: Context,
        text: &[u8],
        body: &mut [u8],
        text_len: u16,
    ) -> Result<(), RecordError> {
        let too_small = RecordError::BufferTooSmall { needed: self.explicit_len(), got: body.len() };
        let (explicit, sealed) = body.split_at_mut_checked(self.explicit_len()).ok_or(too_small)?;
        let aad = additional_data(context, text_len.to_be_bytes());
        Ok(self.key.seal_into(&self.sealing_nonce(context, explicit), &aad, text, &[], sealed)?)
    }

    /// Writes the explicit part and returns the entire nonce.
    fn sealing_nonce(&self, context: Context, explicit: &mut [u8]) -> [u8; 12] {
        let sequence = context.seq.to_be_bytes();
        match &self.nonce {
            NonceMaker::Explicit { salt } => {
                // A nonce must never repeat under one key. RFC 5288 section 3 permits the sequence number as
                // the explicit part, which is unique by construction. Random bytes would be unique only with
                // high probability.
                for (to, from) in explicit.iter_mut().zip(sequence) {
                    *to = from;
                }
                join(salt, sequence)
            }
            NonceMaker::Xor { iv } => xor(iv, sequence),
        }
    }

    #[inline]
    pub(super) fn open(&self, context: Context, body: &mut [u8]) -> Result<Range<usize>, RecordError> {
        let opening = self.opening(context, body)?;
        let length = self.key.open(&opening.nonce, &opening.aad, opening.sealed)?;
        let prefix = self.explicit_len();
        Ok(prefix..prefix.saturating_add(length))
    }

    /// Like `open`, but writes to `place`, which is as long as the text.
    #[inline]
    pub(super) fn open_into(
        &self,
        context: Context,
        body: &mut [u8],
        place: &mut [u8],
    ) -> Result<(), RecordError> {
        let opening = self.opening(context, body)?;
        Ok(self.key.open_into(&opening.nonce, &opening.aad, opening.sealed, place)?)
    }

    /// A body that is too short for the nonce and tag is treated like a tag mismatch: AEAD decryption fails
    /// for it by definition (RFC 5116 section 2.2). RFC 5246 section 6.2.3.3: "If the decryption fails, a
    /// fatal bad_record_mac alert MUST be generated."
    fn opening<'b>(&self, context: Context, body: &'b mut [u8]) -> Result<Opening<'b>, RecordError> {
        let (explicit, sealed) =
            body.split_at_mut_checked(self.explicit_len()).ok_or(RecordError::BadRecordMac)?;
        let length = sealed.len().checked_sub(self.tag_len).ok_or(RecordError::BadRecordMac)?;
        let stated = u16::try_from(length).map_err(|_| RecordError::BadRecordMac)?;
        let aad = additional_data(context, stated.to_be_bytes());
        let nonce = match &self.nonce {
            NonceMaker::Explicit { salt } => {
                // The sender chooses it; it need not be the sequence number.
                let explicit = explicit.first_chunk().ok_or(RecordError::BadRecordMac)?;
                join(salt, *explicit)
            }
            NonceMaker::Xor { iv } => xor(iv, context.seq.to_be_bytes()),
        };
        Ok(Opening { nonce, aad, sealed })
    }
}

/// The arguments of the AEAD for opening a body.
struct Opening<'b> {
    nonce: [u8; 12],
    aad: [u8; 13],
    sealed: &'b mut [u8],
}

/// The fixed IV, zeroed on drop.
fn fixed_iv<const N: usize>(keys: &Tls12Keys) -> Result<Zeroizing<[u8; N]>, RecordError> {
    let iv = keys.fixed_iv();
    let iv = iv.try_into().map_err(|_| CryptoError::WrongLength { expected: N, got: iv.len() })?;
    Ok(Zeroizing::new(iv))
}

/// `GCMNonce` and `CCMNonce`: the salt, then the explicit part (RFC 5288 section 3, RFC 6655 section 3).
const fn join(salt: &[u8; 4], explicit: [u8; EXPLICIT_LEN]) -> [u8; 12] {
    let [s0, s1, s2, s3] = *salt;
    let [e0, e1, e2, e3, e4, e5, e6, e7] = explicit;
    [s0, s1, s2, s3, e0, e1, e2, e3, e4, e5, e6, e7]
}

/// The IV with its last eight bytes XORed with the sequence number (RFC 7905 section 2).
const fn xor(iv: &[u8; 12], sequence: [u8; 8]) -> [u8; 12] {
    let [i0, i1, i2, i3, i4, i5, i6, i7, i8, i9, i10, i11] = *iv;
    let mask = u64::from_be_bytes([i4, i5, i6, i7, i8, i9, i10, i11]);
    join(&[i0, i1, i2, i3], (mask ^ u64::from_be_bytes(sequence)).to_be_bytes())
}
