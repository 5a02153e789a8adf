//! max_fragment_length (RFC 6066 section 4): the client asks for a limit on the plaintext of each record, in
//! both directions.
//!
//! The limit belongs to the session. A resumption uses the session's limit, and its ServerHello omits the
//! extension (section 1.1).

use super::{ClientExtensions, ServerExtensions};
use crate::HandshakeErrorKind;
use cairn_wire::{ClientExtension, MaxFragmentLengthCode, ServerExtension};

/// The code of a length in bytes. `None` if it has no code.
pub(crate) fn code(bytes: u16) -> Option<MaxFragmentLengthCode> {
    MaxFragmentLengthCode::KNOWN.iter().copied().find(|code| code.bytes() == Some(bytes))
}

/// The client's offer.
pub(crate) fn offer(wish: Option<u16>) -> Option<ClientExtension<'static>> {
    wish.and_then(code).map(ClientExtension::MaxFragmentLength)
}

/// The length that the client requests, in bytes.
pub(crate) fn offered(extensions: &ClientExtensions<'_>) -> Result<Option<u16>, HandshakeErrorKind> {
    let code = extensions.max_fragment_length;
    code.map(|code| code.bytes().ok_or(HandshakeErrorKind::UnknownFragmentLength(code))).transpose()
}

/// The server's response in a full handshake.
pub(crate) fn response(in_use: Option<u16>) -> Option<ServerExtension<'static>> {
    in_use.and_then(code).map(ServerExtension::MaxFragmentLength)
}

/// The length in use, in bytes. In a full handshake it is the server's response, which must equal the
/// client's request. In a resumption it is the session's length.
///
/// A server that repeats the session's length in a resumption breaks RFC 6066 section 1.1. That is harmless
/// and some servers do it, so it is accepted.
pub(crate) fn accepted(
    wish: Option<u16>,
    resumed: Option<Option<u16>>,
    extensions: &ServerExtensions<'_>,
) -> Result<Option<u16>, HandshakeErrorKind> {
    let answer = extensions.max_fragment_length;
    match (answer, resumed) {
        (Some(code), _) if code.bytes().is_none() || code.bytes() != wish => {
            Err(HandshakeErrorKind::FragmentLengthNotOffered(code))
        }
        (Some(code), Some(length)) if code.bytes() != length => {
            Err(HandshakeErrorKind::ResumedWithOtherFragmentLength(code))
        }
        (Some(code), _) => Ok(code.bytes()),
        (None, resumed) => Ok(resumed.flatten()),
    }
}
