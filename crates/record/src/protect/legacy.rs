//! Legacy record protection: CBC in both orders, and the NULL cipher.

use super::{
    body::Context,
    cbc::{EncryptThenMac, MacThenEncrypt},
    null::NullRecords,
    overhead::Overhead,
};
use crate::error::RecordError;
use alloc::boxed::Box;
use cairn_crypto::{Provider, UsageLimits};
use cairn_schedule::{MacOrder, Protection, Tls12Keys};
use core::ops::Range;

/// The key of one direction for such a cipher suite.
pub(super) enum LegacyRecords {
    MacThenEncrypt(Box<MacThenEncrypt>),
    EncryptThenMac(EncryptThenMac),
    Null(NullRecords),
}

impl LegacyRecords {
    pub(super) fn new(provider: &Provider, keys: &Tls12Keys) -> Result<Self, RecordError> {
        Ok(match keys.protection() {
            Protection::Cbc { cipher, mac, order: MacOrder::EncryptThenMac } => {
                Self::EncryptThenMac(EncryptThenMac::new(provider, cipher, mac, keys)?)
            }
            Protection::Cbc { cipher, mac, order: MacOrder::MacThenEncrypt } => {
                Self::MacThenEncrypt(Box::new(MacThenEncrypt::new(provider, cipher, mac, keys)?))
            }
            Protection::Null { mac } => Self::Null(NullRecords::new(provider, mac, keys)?),
            other => return Err(RecordError::ProtectionUnknown(other)),
        })
    }

    pub(super) fn overhead(&self) -> Overhead {
        match self {
            Self::MacThenEncrypt(cbc) => cbc.overhead(),
            Self::EncryptThenMac(cbc) => cbc.overhead(),
            Self::Null(null) => null.overhead(),
        }
    }

    pub(super) fn usage_limits(&self) -> UsageLimits {
        match self {
            Self::MacThenEncrypt(cbc) => cbc.usage_limits(),
            Self::EncryptThenMac(cbc) => cbc.usage_limits(),
            Self::Null(_) => NullRecords::usage_limits(),
        }
    }

    pub(super) fn seal(&self, context: Context, body: &mut [u8], length: u16) -> Result<(), RecordError> {
        match self {
            Self::MacThenEncrypt(cbc) => cbc.seal(context, body, length),
            Self::EncryptThenMac(cbc) => cbc.seal(context, body, length),
            Self::Null(null) => null.seal(context, body, length),
        }
    }

    pub(super) fn open(&self, context: Context, body: &mut [u8]) -> Result<Range<usize>, RecordError> {
        match self {
            Self::MacThenEncrypt(cbc) => cbc.open(context, body),
            Self::EncryptThenMac(cbc) => cbc.open(context, body),
            Self::Null(null) => null.open(context, body),
        }
    }

    /// The text that `Debug` prints.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::MacThenEncrypt(_) => "CBC, MAC-then-encrypt",
            Self::EncryptThenMac(_) => "CBC, encrypt-then-MAC",
            Self::Null(_) => "NULL with HMAC",
        }
    }
}
