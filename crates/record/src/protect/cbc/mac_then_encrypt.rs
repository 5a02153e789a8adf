//! `encrypt(text || MAC || padding)` (RFC 5246 section 6.2.3.2).

use super::{
    Cipher,
    constant_time::{extract, padding},
    pad,
    secret_length_hmac::SecretLengthHmac,
};
use crate::{
    error::RecordError,
    protect::{
        body::{Context, additional_data},
        mac::hmac_key,
        overhead::{MAX_PADDING, Overhead},
    },
};
use alloc::boxed::Box;
use cairn_crypto::{
    BlockCipherAlgorithm, CryptoError, HashAlgorithm, HmacKey, MAX_HASH_LEN, Provider, UsageLimits,
};
use cairn_schedule::Tls12Keys;
use core::ops::Range;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Sealing uses an ordinary MAC. Opening uses one that does not reveal the length of its text.
pub(in crate::protect) struct MacThenEncrypt {
    cipher: Cipher,
    mac: Box<dyn HmacKey>,
    mac_in_secret: SecretLengthHmac,
    mac_len: usize,
}

impl MacThenEncrypt {
    /// A provider that does not expose the compression function of the hash is rejected: these records could
    /// not be opened without a timing leak.
    pub(in crate::protect) fn new(
        provider: &Provider,
        cipher: BlockCipherAlgorithm,
        mac: HashAlgorithm,
        keys: &Tls12Keys,
    ) -> Result<Self, RecordError> {
        Ok(Self {
            cipher: Cipher::new(provider, cipher, keys)?,
            mac: hmac_key(provider, mac, keys)?,
            mac_in_secret: SecretLengthHmac::new(provider, mac, keys.mac_key())?,
            mac_len: mac.output_len(),
        })
    }

    pub(in crate::protect) const fn overhead(&self) -> Overhead {
        Overhead::mac_then_encrypt(self.cipher.block_len, self.mac_len)
    }

    pub(in crate::protect) const fn usage_limits(&self) -> UsageLimits {
        self.cipher.usage_limits()
    }

    pub(in crate::protect) fn seal(
        &self,
        context: Context,
        body: &mut [u8],
        text_len: u16,
    ) -> Result<(), RecordError> {
        let (_, blocks) = self.cipher.split(body)?;
        let short = CryptoError::WrongLength { expected: text_len.into(), got: blocks.len() };
        let (text, behind) = blocks.split_at_mut_checked(text_len.into()).ok_or(short)?;
        let (mac, padding) = behind.split_at_mut_checked(self.mac_len).ok_or(short)?;
        self.mac.sign(&[&additional_data(context, text_len.to_be_bytes()), text], mac)?;
        pad(padding);
        self.cipher.encrypt(body)
    }

    /// RFC 5246 section 6.2.3.2: "The receiver MUST check this padding and MUST use the bad_record_mac alert
    /// to indicate padding errors", and "implementations MUST ensure that record processing time is
    /// essentially the same whether or not the padding is correct."
    ///
    /// A record with an impossible length is rejected at once, because its length is public. All other
    /// records are only accepted or rejected as a whole. The padding length determines the text length, the
    /// position of the MAC, and its value; all are computed in the same steps whatever the decrypted bytes
    /// are, up to the single branch at the end.
    pub(in crate::protect) fn open(
        &self,
        context: Context,
        body: &mut [u8],
    ) -> Result<Range<usize>, RecordError> {
        let bad = RecordError::BadRecordMac;
        let (start, mac_len) = (self.cipher.block_len, self.mac_len);
        if u16::try_from(body.len()).is_err() || !self.cipher.divides(body.len()) {
            return Err(bad);
        }
        // The longest text has only the padding length byte as padding; the shortest has the maximum padding.
        let longest = self.overhead().max_text_len(body.len()).ok_or(bad)?;
        let shortest = longest.saturating_add(1).saturating_sub(MAX_PADDING);
        let in_u32 = |length: usize| u32::try_from(length).map_err(|_| bad);

        let plain = &*self.cipher.decrypt(body)?;
        let (padding, right) = padding(plain, in_u32(mac_len)?);
        let text_len = in_u32(longest)?.wrapping_sub(padding);

        let mut macs = Zeroizing::new([[0; MAX_HASH_LEN]; 2]);
        let [ours, theirs] = &mut *macs;
        let (Some(ours), Some(theirs)) = (ours.get_mut(..mac_len), theirs.get_mut(..mac_len)) else {
            return Err(CryptoError::Failed.into());
        };
        let [_, _, high, low] = text_len.to_be_bytes();
        let header = additional_data(context, [high, low]);
        let texts = plain.get(..longest).unwrap_or_default();
        self.mac_in_secret.sign(&header, texts, shortest, text_len, ours)?;
        extract(plain, shortest, text_len, theirs);

        if bool::from(right & ours.ct_eq(theirs)) {
            // The length is authenticated and no longer secret.
            let text_len = usize::try_from(text_len).map_err(|_| bad)?;
            Ok(start..start.saturating_add(text_len))
        } else {
            Err(bad)
        }
    }
}
