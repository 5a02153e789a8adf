//! record_size_limit (RFC 8449): each side states the maximum plaintext of the protected records that it
//! receives.
//!
//! Every handshake negotiates the limits, also a resumption and a renegotiation. They apply to the records
//! protected with the keys of that handshake (section 4). The extension replaces max_fragment_length (section
//! 5).

use super::{ClientExtensions, ServerExtensions};
use crate::{error::HandshakeErrorKind, record_sizes::RecordSizeLimits};
use cairn_wire::{ClientExtension, ServerExtension};

/// The smallest valid limit, in bytes (RFC 8449 section 4).
pub(crate) const MIN: u16 = 64;

/// The client's offer.
pub(crate) fn offer(ours: Option<u16>) -> Option<ClientExtension<'static>> {
    ours.map(ClientExtension::RecordSizeLimit)
}

/// The server's view of the limits, if both sides state one. A limit above the maximum record size is valid.
/// RFC 8449 section 4: "A server MUST NOT enforce this restriction; a client might advertise a higher limit
/// that is enabled by an extension or version the server does not understand."
pub(crate) fn agreed(
    ours: Option<u16>,
    extensions: &ClientExtensions<'_>,
) -> Result<Option<RecordSizeLimits>, HandshakeErrorKind> {
    let theirs = extensions.record_size_limit;
    let theirs = theirs.map(check).transpose()?;
    Ok(ours.zip(theirs).map(|(ours, theirs)| RecordSizeLimits { ours, theirs }))
}

/// The server's response.
pub(crate) fn response(limits: Option<RecordSizeLimits>) -> Option<ServerExtension<'static>> {
    limits.map(|limits| ServerExtension::RecordSizeLimit(limits.ours))
}

/// The client's view of the limits. RFC 8449 section 5: "A client MUST treat receipt of both
/// 'max_fragment_length' and 'record_size_limit' as a fatal error".
pub(crate) fn accepted(
    ours: Option<u16>,
    extensions: &ServerExtensions<'_>,
) -> Result<Option<RecordSizeLimits>, HandshakeErrorKind> {
    let theirs = extensions.record_size_limit;
    let Some((ours, theirs)) = ours.zip(theirs) else { return Ok(None) };
    if extensions.max_fragment_length.is_some() {
        return Err(HandshakeErrorKind::TwoRecordLimits);
    }
    Ok(Some(RecordSizeLimits { ours, theirs: check(theirs)? }))
}

/// RFC 8449 section 4: "Endpoints MUST NOT send a 'record_size_limit' extension with a value smaller than
/// 64. An endpoint MUST treat receipt of a smaller value as a fatal error".
const fn check(limit: u16) -> Result<u16, HandshakeErrorKind> {
    if limit < MIN { Err(HandshakeErrorKind::RecordSizeLimitTooSmall { limit }) } else { Ok(limit) }
}
