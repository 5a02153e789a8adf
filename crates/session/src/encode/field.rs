//! Fields that may be absent.

use cairn_wire::{EncodeError, Writer};

/// The flag if the value that it stands for is present.
pub(super) const fn flag(is_present: bool, flag: u8) -> u8 {
    if is_present { flag } else { 0 }
}

/// Writes a value with a length of one byte, which is 0 if the value is absent.
pub(super) fn optional(
    w: &mut Writer<'_>,
    value: Option<&[u8]>,
    max: usize,
    what: &'static str,
) -> Result<(), EncodeError> {
    match value {
        // A present but empty value would be decoded as an absent one.
        Some(value) => w.vec8(1, max, what, |w| w.bytes(value)),
        None => w.u8(0),
    }
}
