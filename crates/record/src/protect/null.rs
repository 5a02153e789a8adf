//! GenericStreamCipher with the NULL cipher (RFC 5246 section 6.2.3.1): plaintext and its MAC.

use super::{
    body::{Context, additional_data, parts},
    mac::hmac_key,
    overhead::Overhead,
};
use crate::error::RecordError;
use alloc::boxed::Box;
use cairn_crypto::{HashAlgorithm, HmacKey, Provider, UsageLimits};
use cairn_schedule::Tls12Keys;
use core::ops::Range;

pub(super) struct NullRecords {
    mac: Box<dyn HmacKey>,
    mac_len: usize,
}

impl NullRecords {
    pub(super) fn new(
        provider: &Provider,
        mac: HashAlgorithm,
        keys: &Tls12Keys,
    ) -> Result<Self, RecordError> {
        Ok(Self { mac: hmac_key(provider, mac, keys)?, mac_len: mac.output_len() })
    }

    pub(super) const fn overhead(&self) -> Overhead {
        Overhead::plain(0, self.mac_len)
    }

    /// HMAC has no limit below the end of the sequence numbers.
    pub(super) const fn usage_limits() -> UsageLimits {
        UsageLimits { sealed_records: u64::MAX, failed_opens: u64::MAX }
    }

    pub(super) fn seal(&self, context: Context, body: &mut [u8], text_len: u16) -> Result<(), RecordError> {
        let [_, text, mac] = parts(body, 0, text_len)?;
        Ok(self.mac.sign(&[&additional_data(context, text_len.to_be_bytes()), text], mac)?)
    }

    pub(super) fn open(&self, context: Context, body: &[u8]) -> Result<Range<usize>, RecordError> {
        let length = body.len().checked_sub(self.mac_len).ok_or(RecordError::BadRecordMac)?;
        let (text, mac) = body.split_at_checked(length).ok_or(RecordError::BadRecordMac)?;
        let stated = u16::try_from(length).map_err(|_| RecordError::BadRecordMac)?;
        self.mac.verify(&[&additional_data(context, stated.to_be_bytes()), text], mac)?;
        Ok(0..length)
    }
}
