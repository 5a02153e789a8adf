//! The limit on the early data that a server skips.

use crate::error::RecordError;

/// Counts the early data of a client that the server does not accept (RFC 9846 section 4.3.10).
///
/// The server cannot open it, so content and padding cannot be told apart, and everything after the header
/// counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SkippedEarlyData {
    max: u32,
    left: u32,
}

impl SkippedEarlyData {
    /// Permits `max` bytes.
    pub(crate) const fn new(max: u32) -> Self {
        Self { max, left: max }
    }

    /// Counts a record that is skipped. It counts as at least one byte, so that the number of records is
    /// limited too.
    pub(crate) fn count(&mut self, length: usize) -> Result<(), RecordError> {
        let length = u32::try_from(length.max(1)).ok();
        let left = length.and_then(|length| self.left.checked_sub(length));
        self.left = left.ok_or(RecordError::TooMuchEarlyData { max: self.max })?;
        Ok(())
    }
}
