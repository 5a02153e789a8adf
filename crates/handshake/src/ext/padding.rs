//! padding (RFC 7685): zeros that lengthen a ClientHello, because some servers do not respond to hellos of
//! certain lengths.

use super::ClientExtensions;
use crate::HandshakeErrorKind;
use cairn_wire::{ClientExtension, RawExtension};
use core::ops::RangeInclusive;

/// The lengths of a ClientHello, header included, to which some servers do not respond (RFC 7685 section 4).
const TROUBLE: RangeInclusive<usize> = 256..=511;

/// The padding that lifts a hello of the shortest such length above them.
const ZEROS: [u8; 256] = [0; 256];

/// The padding for a ClientHello of this length, header included. It is never empty, because some servers do
/// not tolerate an empty last extension.
pub(crate) fn offer(length: usize) -> Option<ClientExtension<'static>> {
    if !TROUBLE.contains(&length) {
        return None;
    }
    let missing = TROUBLE.end().saturating_add(1).saturating_sub(length);
    let zeros = missing.saturating_sub(RawExtension::HEADER).max(1);
    ZEROS.get(..zeros).map(ClientExtension::Padding)
}

/// Checks that the client's padding has only zeros, so that it cannot carry hidden data (RFC 7685 section 5).
/// Section 3: "The client MUST fill the padding extension completely with zero bytes".
pub(crate) fn check_client(extensions: &ClientExtensions<'_>) -> Result<(), HandshakeErrorKind> {
    let padding = extensions.padding;
    match padding {
        Some(padding) if padding.iter().any(|byte| *byte != 0) => Err(HandshakeErrorKind::PaddingNotZero),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_lifts_a_hello_out_of_the_range_with_minimum_growth() {
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
