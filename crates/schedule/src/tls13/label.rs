//! HKDF-Expand-Label (RFC 9846 section 7.1).

use crate::error::ScheduleError;
use cairn_crypto::{CryptoError, HkdfKey, MAX_HASH_LEN};

/// The prefix of every label.
const PREFIX: &[u8] = b"tls13 ";

/// The length of `opaque label<7..255>` in bytes without the prefix `"tls13 "`, at most.
pub const MAX_LABEL_LEN: usize = 255 - PREFIX.len();

/// The length of `opaque context<0..255>` in bytes, at most.
pub const MAX_CONTEXT_LEN: usize = 255;

/// The length of the longest `HkdfLabel`.
pub(super) const MAX_LEN: usize = 2 + 1 + 255 + 1 + MAX_CONTEXT_LEN;

/// The length of every `HkdfLabel` of RFC 9846 at most: its labels have up to 12 bytes, and its contexts are
/// hashes. Less memory to clear than for the longest.
const SHORT_LEN: usize = 2 + 1 + PREFIX.len() + 12 + 1 + MAX_HASH_LEN;

/// Writes the structure `HkdfLabel` to the start of `place`, and returns it. It contains no secrets.
///
/// ```text
/// struct {
///     uint16 length = Length;
///     opaque label<7..255> = "tls13 " + Label;
///     opaque context<0..255> = Context;
/// } HkdfLabel;
/// ```
pub(super) fn hkdf_label<'a>(
    label: &[u8],
    context: &[u8],
    length: usize,
    place: &'a mut [u8],
) -> Result<&'a [u8], ScheduleError> {
    let wrong_label = ScheduleError::LabelLength { length: label.len() };
    let wrong_context = ScheduleError::LabelContextLength { length: context.len() };
    if label.is_empty() || label.len() > MAX_LABEL_LEN {
        return Err(wrong_label);
    }
    let label_len = u8::try_from(PREFIX.len() + label.len()).map_err(|_| wrong_label)?;
    let context_len = u8::try_from(context.len()).map_err(|_| wrong_context)?;
    let too_long = CryptoError::WrongLength { expected: usize::from(u16::MAX), got: length };
    let length = u16::try_from(length).map_err(|_| too_long)?;
    let mut used = 0;
    for part in [&length.to_be_bytes()[..], &[label_len], PREFIX, label, &[context_len], context] {
        let end = used + part.len();
        place.get_mut(used..end).ok_or(wrong_context)?.copy_from_slice(part);
        used = end;
    }
    place.get(..used).ok_or(wrong_context)
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
    let (mut short, mut long);
    let place: &mut [u8] = if 2 + 1 + PREFIX.len() + label.len() + 1 + context.len() <= SHORT_LEN {
        short = [0; SHORT_LEN];
        &mut short
    } else {
        long = [0; MAX_LEN];
        &mut long
    };
    Ok(secret.expand(hkdf_label(label, context, out.len(), place)?, out)?)
}
