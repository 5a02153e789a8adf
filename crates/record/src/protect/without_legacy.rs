//! Replaces `legacy` in a build without that feature. [`LegacyRecords`] then has no values, so the compiler
//! removes the code that would handle one.

use super::{body::Context, overhead::Overhead};
use crate::error::RecordError;
use cairn_crypto::{Provider, UsageLimits};
use cairn_schedule::Tls12Keys;
use core::ops::Range;

pub(super) enum LegacyRecords {}

impl LegacyRecords {
    pub(super) const fn new(_: &Provider, keys: &Tls12Keys) -> Result<Self, RecordError> {
        Err(RecordError::ProtectionUnknown(keys.protection()))
    }

    pub(super) const fn overhead(&self) -> Overhead {
        match *self {}
    }

    pub(super) const fn usage_limits(&self) -> UsageLimits {
        match *self {}
    }

    pub(super) const fn seal(&self, _: Context, _: &mut [u8], _: u16) -> Result<(), RecordError> {
        match *self {}
    }

    pub(super) const fn open(&self, _: Context, _: &mut [u8]) -> Result<Range<usize>, RecordError> {
        match *self {}
    }

    pub(super) const fn name(&self) -> &'static str {
        match *self {}
    }
}
