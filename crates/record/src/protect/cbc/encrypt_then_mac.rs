//! `encrypt(text || padding) || MAC` (RFC 7366).

use super::{Cipher, constant_time::padding, pad};
use crate::{
    error::RecordError,
    protect::{
        body::{Context, additional_data},
        mac::hmac_key,
        overhead::Overhead,
    },
};
use alloc::boxed::Box;
use cairn_crypto::{BlockCipherAlgorithm, CryptoError, HashAlgorithm, HmacKey, Provider, UsageLimits};
use cairn_schedule::Tls12Keys;
use core::ops::Range;

pub(in crate::protect) struct EncryptThenMac {
    cipher: Cipher,
    mac: Box<dyn HmacKey>,
    mac_len: usize,
}

impl EncryptThenMac {
    pub(in crate::protect) fn new(
        provider: &Provider,
        cipher: BlockCipherAlgorithm,
        mac: HashAlgorithm,
        keys: &Tls12Keys,
    ) -> Result<Self, RecordError> {
        Ok(Self {
            cipher: Cipher::new(provider, cipher, keys)?,
            mac: hmac_key(provider, mac, keys)?,
            mac_len: mac.output_len(),
        })
    }

    pub(in crate::protect) const fn overhead(&self) -> Overhead {
        Overhead::encrypt_then_mac(self.cipher.block_len, self.mac_len)
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
        let short = CryptoError::WrongLength { expected: self.mac_len, got: body.len() };
        let length = body.len().checked_sub(self.mac_len).ok_or(short)?;
        let (covered, mac) = body.split_at_mut_checked(length).ok_or(short)?;
        let (_, blocks) = self.cipher.split(covered)?;
        pad(blocks.get_mut(text_len.into()..).unwrap_or_default());
        self.cipher.encrypt(covered)?;
        let stated = u16::try_from(length).map_err(|_| CryptoError::InputTooLong)?;
        // The MAC covers the IV as well, and the length is that of IV and blocks.
        Ok(self.mac.sign(&[&additional_data(context, stated.to_be_bytes()), covered], mac)?)
    }

    /// Verifies the MAC before it decrypts anything (RFC 7366 section 3). The padding is then authenticated,
    /// so it cannot serve as an oracle.
    pub(in crate::protect) fn open(
        &self,
        context: Context,
        body: &mut [u8],
    ) -> Result<Range<usize>, RecordError> {
        let bad = RecordError::BadRecordMac;
        let start = self.cipher.block_len;
        let longest = self.overhead().max_text_len(body.len()).ok_or(bad)?;
        let length = body.len().checked_sub(self.mac_len).ok_or(bad)?;
        let stated = u16::try_from(length).map_err(|_| bad)?;
        if !self.cipher.divides(length) {
            return Err(bad);
        }
        let (covered, mac) = body.split_at_mut_checked(length).ok_or(bad)?;
        self.mac.verify(&[&additional_data(context, stated.to_be_bytes()), covered], mac)?;

        let plain = self.cipher.decrypt(covered)?;
        let (padding, right) = padding(plain, 0);
        let padding = usize::try_from(padding).map_err(|_| bad)?;
        if bool::from(right) {
            let text_len = longest.saturating_sub(padding);
            Ok(start..start.saturating_add(text_len))
        } else {
            Err(bad)
        }
    }
}
