//! The records of a flow.

use super::flows::From;

/// Whether these are the first bytes of a hello of this side in a record.
pub(super) fn is_hello(bytes: &[u8], from: From) -> bool {
    let hello = match from {
        From::Client => 1,
        From::Server => 2,
    };
    matches!(bytes, [22, 3, 0..=4, high, _, first, ..] if *high <= 0x40 && *first == hello)
}
