//! The lengths of lists in handshake messages.

use super::error::PolicyError;

/// The maximum length of a list with a two-byte length prefix.
pub(super) const MAX_LIST: usize = 0xffff;

/// Checks that a list with items of these lengths in bytes fits into its message.
pub(super) fn check_list(
    list: &'static str,
    lengths: impl Iterator<Item = usize>,
) -> Result<(), PolicyError> {
    // The shortest limit is 2^16 - 2; lists of pairs cannot use one byte of the other limits.
    let max = MAX_LIST - 1;
    let length = lengths.fold(0, usize::saturating_add);
    if length > max { Err(PolicyError::ListTooLong { list, length, max }) } else { Ok(()) }
}
