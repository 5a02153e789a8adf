//! padding (RFC 7685): zeros that bring a ClientHello out of a range of lengths that some servers hang at.

use super::ClientExtensions;
use crate::ErrorKind;
use cairn_wire::{ClientExtension, RawExtension};
use core::ops::RangeInclusive;

/// The lengths of a ClientHello, message header and all, at which there are servers that never answer (RFC 7685 section
/// 4).
const TROUBLE: RangeInclusive<usize> = 256..=511;

/// As much as it takes from the lower end of them.
const ZEROS: [u8; 256] = [0; 256];

/// What a client adds to a ClientHello of this length, message header and all. Not an empty extension, though: there are
/// servers that cannot bear one at the end.
pub(crate) fn offer(length: usize) -> Option<ClientExtension<'static>> {
    if !TROUBLE.contains(&length) {
        return None;
    }
    let missing = TROUBLE.end().saturating_add(1).saturating_sub(length);
    let zeros = missing.saturating_sub(RawExtension::HEADER).max(1);
    ZEROS.get(..zeros).map(ClientExtension::Padding)
}

/// Checks that a client's padding is nothing but zeros, as it must be so that nothing can hide there (RFC 7685 sections 3
/// and 5).
pub(crate) fn check_client(extensions: &ClientExtensions<'_>) -> Result<(), ErrorKind> {
    let padding = extensions.padding;
    match padding {
        Some(padding) if padding.iter().any(|byte| *byte != 0) => Err(ErrorKind::PaddingNotZero),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hello_leaves_the_range_and_grows_no_more_than_it_must() {
        for length in 0..1024 {
            let added = match offer(length) {
                None => 0,
                Some(ClientExtension::Padding(zeros)) => RawExtension::HEADER + zeros.len(),
                Some(other) => panic!("{other:?}"),
            };
            let padded = length + added;
            assert!(!TROUBLE.contains(&padded), "{length}");
            assert_eq!(added > 0, TROUBLE.contains(&length), "{length}");
            // RFC 7685 section 4: near the upper end it takes more than to 512.
            assert!(added == 0 || padded == 512 || (length > 507 && added == 5), "{length}");
        }
    }
}
