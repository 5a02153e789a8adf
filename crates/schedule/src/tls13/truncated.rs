//! Truncated ClientHello messages (RFC 9846 section 4.3.11.2).

use crate::error::ScheduleError;

/// A ClientHello without its list of binders: "all of the ClientHello but not the binders list itself" (RFC
/// 9846 section 4.3.11.2). The lengths in it are those of the whole message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TruncatedHello<'a> {
    truncated: &'a [u8],
    /// The list of binders with its length, which is not part of it.
    pub(super) binders: &'a [u8],
}

impl<'a> TruncatedHello<'a> {
    /// Removes the list of binders from the end of a ClientHello whose last extension is `pre_shared_key`.
    /// `client_hello` includes the header of the message. `binders` is the length of the entries in bytes,
    /// each with its length byte, but without the two bytes of the length of the list.
    ///
    /// # Errors
    /// [`ScheduleError::NoBinders`] unless the message ends with a list of this length.
    pub fn new(client_hello: &'a [u8], binders: u16) -> Result<Self, ScheduleError> {
        let list = usize::from(binders) + 2;
        let cut = client_hello.len().checked_sub(list).ok_or(ScheduleError::NoBinders)?;
        let (truncated, list) = client_hello.split_at_checked(cut).ok_or(ScheduleError::NoBinders)?;
        if binders > 0 && list.starts_with(&binders.to_be_bytes()) {
            Ok(Self { truncated, binders: list })
        } else {
            Err(ScheduleError::NoBinders)
        }
    }

    /// The bytes up to and including `PreSharedKeyExtension.identities`.
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.truncated
    }
}
