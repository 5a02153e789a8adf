//! record_size_limit (RFC 8449): each side says how much plaintext a record that comes to it under keys may hold.
//!
//! Each handshake settles it anew, a resumption and a renegotiation too, and what it settles holds for the records under
//! its keys (section 4). It takes the place of max_fragment_length (section 5).

use super::{ClientExtensions, ServerExtensions};
use crate::{ErrorKind, record_sizes::RecordSizeLimits};
use cairn_wire::{ClientExtension, ServerExtension};

/// No limit may be smaller, in bytes (RFC 8449 section 4).
pub(crate) const MIN: u16 = 64;

/// What a client offers.
pub(crate) fn offer(ours: Option<u16>) -> Option<ClientExtension<'static>> {
    ours.map(ClientExtension::RecordSizeLimit)
}

/// The limits, where both sides have one to say: as the server finds it. More than a record can hold is as good as what
/// it can, for the client may know of more than we (RFC 8449 section 4).
pub(crate) fn agreed(
    ours: Option<u16>,
    extensions: &ClientExtensions<'_>,
) -> Result<Option<RecordSizeLimits>, ErrorKind> {
    let theirs = extensions.record_size_limit;
    let theirs = theirs.map(check).transpose()?;
    Ok(ours.zip(theirs).map(|(ours, theirs)| RecordSizeLimits { ours, theirs }))
}

/// What a server answers.
pub(crate) fn answer(limits: Option<RecordSizeLimits>) -> Option<ServerExtension<'static>> {
    limits.map(|limits| ServerExtension::RecordSizeLimit(limits.ours))
}

/// The limits, as the client finds it. With max_fragment_length beside it the server has not understood (RFC 8449
/// section 5).
pub(crate) fn accepted(
    ours: Option<u16>,
    extensions: &ServerExtensions<'_>,
) -> Result<Option<RecordSizeLimits>, ErrorKind> {
    let theirs = extensions.record_size_limit;
    let Some((ours, theirs)) = ours.zip(theirs) else { return Ok(None) };
    if extensions.max_fragment_length.is_some() {
        return Err(ErrorKind::TwoRecordLimits);
    }
    Ok(Some(RecordSizeLimits { ours, theirs: check(theirs)? }))
}

const fn check(limit: u16) -> Result<u16, ErrorKind> {
    if limit < MIN { Err(ErrorKind::RecordSizeLimitTooSmall { limit }) } else { Ok(limit) }
}
