//! max_fragment_length (RFC 6066 section 4): the client asks for a limit on the plaintext of each record, in
//! both directions.
//!
//! The limit belongs to the session. A resumption uses the session's limit, and its ServerHello omits the
//! extension (section 1.1).

use super::{ClientExtensions, ServerExtensions};
use crate::error::HandshakeErrorKind;
use cairn_wire::{ClientExtension, MaxFragmentLengthCode, ServerExtension};
use core::fmt;

/// A maximum length of the plaintext of a record, as max_fragment_length can negotiate it: "2^9(1), 2^10(2),
/// 2^11(3), 2^12(4)" (RFC 6066 section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MaxFragmentLength {
    /// 2^9 bytes.
    Bytes512,
    /// 2^10 bytes.
    Bytes1024,
    /// 2^11 bytes.
    Bytes2048,
    /// 2^12 bytes.
    Bytes4096,
}

impl MaxFragmentLength {
    /// All four values, the shortest first.
    pub const ALL: [Self; 4] = [Self::Bytes512, Self::Bytes1024, Self::Bytes2048, Self::Bytes4096];

    /// The value of this length in bytes; `None` if it is not one of the four.
    #[must_use]
    pub fn from_bytes(bytes: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|length| length.bytes() == bytes)
    }

    /// The value of this code; `None` if RFC 6066 section 4 does not define it.
    #[must_use]
    pub const fn from_code(code: MaxFragmentLengthCode) -> Option<Self> {
        match code {
            MaxFragmentLengthCode::POW_2_9 => Some(Self::Bytes512),
            MaxFragmentLengthCode::POW_2_10 => Some(Self::Bytes1024),
            MaxFragmentLengthCode::POW_2_11 => Some(Self::Bytes2048),
            MaxFragmentLengthCode::POW_2_12 => Some(Self::Bytes4096),
            _ => None,
        }
    }

    /// The length in bytes.
    #[must_use]
    pub const fn bytes(self) -> u16 {
        match self {
            Self::Bytes512 => 1 << 9,
            Self::Bytes1024 => 1 << 10,
            Self::Bytes2048 => 1 << 11,
            Self::Bytes4096 => 1 << 12,
        }
    }

    /// The code in the extension.
    #[must_use]
    pub const fn code(self) -> MaxFragmentLengthCode {
        match self {
            Self::Bytes512 => MaxFragmentLengthCode::POW_2_9,
            Self::Bytes1024 => MaxFragmentLengthCode::POW_2_10,
            Self::Bytes2048 => MaxFragmentLengthCode::POW_2_11,
            Self::Bytes4096 => MaxFragmentLengthCode::POW_2_12,
        }
    }
}

impl fmt::Display for MaxFragmentLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.bytes())
    }
}

/// The client's offer.
pub(crate) fn offer(wish: Option<MaxFragmentLength>) -> Option<ClientExtension<'static>> {
    wish.map(|length| ClientExtension::MaxFragmentLength(length.code()))
}

/// The length that the client requests. RFC 6066 section 4: "If a server receives a maximum fragment length
/// negotiation request for a value other than the allowed values, it MUST abort the handshake with an
/// 'illegal_parameter' alert."
pub(crate) fn offered(
    extensions: &ClientExtensions<'_>,
) -> Result<Option<MaxFragmentLength>, HandshakeErrorKind> {
    let Some(code) = extensions.max_fragment_length else { return Ok(None) };
    match MaxFragmentLength::from_code(code) {
        Some(length) => Ok(Some(length)),
        None => Err(HandshakeErrorKind::UnknownFragmentLength(code)),
    }
}

/// The server's response in a full handshake.
pub(crate) fn response(in_use: Option<MaxFragmentLength>) -> Option<ServerExtension<'static>> {
    in_use.map(|length| ServerExtension::MaxFragmentLength(length.code()))
}

/// The length in use. In a full handshake it is the server's response, which must equal the client's request.
/// In a resumption it is the session's length.
///
/// RFC 6066 section 4: "if a client receives a maximum fragment length negotiation response that differs from
/// the length it requested, it MUST also abort the handshake with an 'illegal_parameter' alert."
///
/// A server that repeats the session's length in a resumption breaks RFC 6066 section 1.1. That is harmless
/// and some servers do it, so it is accepted.
pub(crate) fn accepted(
    wish: Option<MaxFragmentLength>,
    resumed: Option<Option<MaxFragmentLength>>,
    extensions: &ServerExtensions<'_>,
) -> Result<Option<MaxFragmentLength>, HandshakeErrorKind> {
    let Some(code) = extensions.max_fragment_length else { return Ok(resumed.flatten()) };
    let length = MaxFragmentLength::from_code(code);
    if length.is_none() || length != wish {
        return Err(HandshakeErrorKind::FragmentLengthNotOffered(code));
    }
    match resumed {
        Some(of_session) if of_session != length => {
            Err(HandshakeErrorKind::ResumedWithOtherFragmentLength(code))
        }
        _ => Ok(length),
    }
}

#[cfg(test)]
mod tests {
    use super::MaxFragmentLength;
    use cairn_wire::MaxFragmentLengthCode;

    #[test]
    fn max_fragment_length_has_the_four_values_of_rfc_6066() {
        for code in 0..=u8::MAX {
            let code = MaxFragmentLengthCode(code);
            let length = MaxFragmentLength::from_code(code);
            assert_eq!(length.map(MaxFragmentLength::bytes), code.bytes());
            assert!(length.is_none_or(|length| length.code() == code));
        }
        for bytes in 0..=u16::MAX {
            let length = MaxFragmentLength::from_bytes(bytes);
            assert_eq!(length.is_some(), [512, 1024, 2048, 4096].contains(&bytes));
            assert!(length.is_none_or(|length| length.bytes() == bytes));
        }
    }
}
