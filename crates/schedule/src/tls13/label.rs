//! HKDF-Expand-Label (RFC 9846 section 7.1).

use crate::error::ScheduleError;
use cairn_crypto::{CryptoError, HkdfKey};

/// The prefix of every label.
const PREFIX: &[u8] = b"tls13 ";

/// The length of `opaque label<7..255>` in bytes without the prefix `"tls13 "`, at most.
pub const MAX_LABEL_LEN: usize = 255 - PREFIX.len();

/// The length of `opaque context<0..255>` in bytes, at most.
pub const MAX_CONTEXT_LEN: usize = 255;

/// The length of the longest `HkdfLabel`.
const MAX_LEN: usize = 2 + 1 + 255 + 1 + MAX_CONTEXT_LEN;

/// The structure `HkdfLabel` in a buffer of fixed size. It contains no secrets.
pub(super) struct HkdfLabel {
    bytes: [u8; MAX_LEN],
    used: usize,
}

impl HkdfLabel {
    /// ```text
    /// struct {
    ///     uint16 length = Length;
    ///     opaque label<7..255> = "tls13 " + Label;
    ///     opaque context<0..255> = Context;
    /// } HkdfLabel;
    /// ```
    pub(super) fn new(label: &[u8], context: &[u8], length: usize) -> Result<Self, ScheduleError> {
        let wrong_label = ScheduleError::LabelLength { length: label.len() };
        let wrong_context = ScheduleError::LabelContextLength { length: context.len() };
        if label.is_empty() || label.len() > MAX_LABEL_LEN {
            return Err(wrong_label);
        }
        let label_len = u8::try_from(PREFIX.len() + label.len()).map_err(|_| wrong_label)?;
        let context_len = u8::try_from(context.len()).map_err(|_| wrong_context)?;
        let too_long = CryptoError::WrongLength { expected: usize::from(u16::MAX), got: length };
        let length = u16::try_from(length).map_err(|_| too_long)?;
        let mut this = Self { bytes: [0; MAX_LEN], used: 0 };
        for part in [&length.to_be_bytes()[..], &[label_len], PREFIX, label, &[context_len], context] {
            // The lengths are checked above, so every part fits.
            let end = this.used + part.len();
            this.bytes.get_mut(this.used..end).unwrap_or_default().copy_from_slice(part);
            this.used = end;
        }
        Ok(this)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.used).unwrap_or_default()
    }
}

/// Fills `out` with `HKDF-Expand-Label(Secret, label, context, out.len())` (RFC 9846 section 7.1). The prefix
/// `"tls13 "` is added to the label. QUIC uses this function with labels of its own (RFC 9001 section 5.1).
///
/// # Errors
/// [`ScheduleError::LabelLength`] unless the label has 1 to [`MAX_LABEL_LEN`] bytes;
/// [`ScheduleError::LabelContextLength`] if the context is longer than [`MAX_CONTEXT_LEN`];
/// [`ScheduleError::Crypto`] if `out` is longer than 255 outputs of the hash, or if the provider fails.
pub fn expand_label(
    secret: &HkdfKey,
    label: &[u8],
    context: &[u8],
    out: &mut [u8],
) -> Result<(), ScheduleError> {
    let info = HkdfLabel::new(label, context, out.len())?;
    Ok(secret.expand(info.as_bytes(), out)?)
}
