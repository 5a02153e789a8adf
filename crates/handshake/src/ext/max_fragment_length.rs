//! max_fragment_length (RFC 6066 section 4): the client asks that no record of either side hold more plaintext than this.
//!
//! What was agreed holds for the session: a resumption has the length that the session has, and its ServerHello does not
//! say it again (section 1.1).

use super::{ClientExtensions, ServerExtensions};
use crate::ErrorKind;
use cairn_wire::{ClientExtension, MaxFragmentLengthCode, ServerExtension};

/// The code of a length in bytes; `None` of one that has none.
pub(crate) fn code(bytes: u16) -> Option<MaxFragmentLengthCode> {
    MaxFragmentLengthCode::KNOWN.iter().copied().find(|code| code.bytes() == Some(bytes))
}

/// What a client offers.
pub(crate) fn offer(wish: Option<u16>) -> Option<ClientExtension<'static>> {
    wish.and_then(code).map(ClientExtension::MaxFragmentLength)
}

/// The length that the client asks for, in bytes.
pub(crate) fn offered(extensions: &ClientExtensions<'_>) -> Result<Option<u16>, ErrorKind> {
    let code = extensions.max_fragment_length;
    code.map(|code| code.bytes().ok_or(ErrorKind::UnknownFragmentLength(code))).transpose()
}

/// What a server answers in a full handshake.
pub(crate) fn answer(in_use: Option<u16>) -> Option<ServerExtension<'static>> {
    in_use.and_then(code).map(ServerExtension::MaxFragmentLength)
}

/// The length in use, in bytes: what the server took up, which must be what the client asked for, or what the session
/// has that is resumed.
///
/// A server that says the session's length again in a resumption does what it must not, but nothing hangs on it, and
/// there are such servers.
pub(crate) fn accepted(
    wish: Option<u16>,
    resumed: Option<Option<u16>>,
    extensions: &ServerExtensions<'_>,
) -> Result<Option<u16>, ErrorKind> {
    let answer = extensions.max_fragment_length;
    match (answer, resumed) {
        (Some(code), _) if code.bytes().is_none() || code.bytes() != wish => {
            Err(ErrorKind::FragmentLengthNotOffered(code))
        }
        (Some(code), Some(length)) if code.bytes() != length => {
            Err(ErrorKind::ResumedWithOtherFragmentLength(code))
        }
        (Some(code), _) => Ok(code.bytes()),
        (None, resumed) => Ok(resumed.flatten()),
    }
}
