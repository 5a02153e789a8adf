//! Recognition of other protocols in the first bytes of a connection.

use crate::limits::HEADER_LEN;
use core::fmt;

/// The protocol that the first bytes of a connection resemble. The connection fails in any case: this is a
/// hint for the error message, and an SSL 2.0 ClientHello is answered with the alert protocol_version.
///
/// ```
/// use cairn_record::LooksLike;
///
/// assert_eq!(LooksLike::sniff(b"GET /"), LooksLike::Http);
/// assert_eq!(LooksLike::sniff(b"SSH-2").to_string(), "SSH");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LooksLike {
    /// An HTTP request or response without TLS.
    Http,
    /// An SSL 2.0 compatible ClientHello, which RFC 5246 appendix E.2 let clients send and RFC 6176 forbade.
    Sslv2,
    /// The banner of an SSH peer (RFC 4253 section 4.2).
    Ssh,
    /// No known protocol.
    Unknown,
}

impl LooksLike {
    /// Inspects the bytes at the position of a record header, which are not the header of a record of TLS.
    #[must_use]
    pub fn sniff(first: &[u8; HEADER_LEN]) -> Self {
        match first {
            b"HTTP/" => Self::Http,
            [b'G', b'E', b'T', b' ', _]
            | [b'P', b'O', b'S', b'T', _]
            | [b'H', b'E', b'A', b'D', _]
            | [b'P', b'U', b'T', b' ', _]
            | [b'D', b'E', b'L', b'E', _]
            | [b'O', b'P', b'T', b'I', _]
            | [b'P', b'A', b'T', b'C', _]
            | [b'C', b'O', b'N', b'N', _]
            | [b'T', b'R', b'A', b'C', _]
            // The connection preface of HTTP/2 (RFC 9113 section 3.4).
            | [b'P', b'R', b'I', b' ', _] => Self::Http,
            [b'S', b'S', b'H', b'-', _] => Self::Ssh,
            // A two-byte length with the top bit set, then MSG-CLIENT-HELLO (RFC 5246 appendix E.2) and the
            // version.
            [0x80..=0xff, _, 1, 0, 2] | [0x80..=0xff, _, 1, 3, _] => Self::Sslv2,
            _ => Self::Unknown,
        }
    }
}

impl fmt::Display for LooksLike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "plain HTTP",
            Self::Sslv2 => "an SSL 2.0 ClientHello",
            Self::Ssh => "SSH",
            Self::Unknown => "an unknown protocol",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_protocols_are_recognized() {
        for (first, expected) in [
            (b"GET /", LooksLike::Http),
            (b"POST ", LooksLike::Http),
            (b"HEAD ", LooksLike::Http),
            (b"PUT /", LooksLike::Http),
            (b"CONNE", LooksLike::Http),
            (b"OPTIO", LooksLike::Http),
            (b"DELET", LooksLike::Http),
            (b"PATCH", LooksLike::Http),
            (b"TRACE", LooksLike::Http),
            (b"PRI *", LooksLike::Http),
            (b"HTTP/", LooksLike::Http),
            (b"SSH-2", LooksLike::Ssh),
            (b"\x80\x2e\x01\x03\x03", LooksLike::Sslv2),
            (b"\x81\x03\x01\x03\x01", LooksLike::Sslv2),
            (b"\x80\x2e\x01\x00\x02", LooksLike::Sslv2),
            (b"\x80\x2e\x02\x03\x03", LooksLike::Unknown),
            (b"\x80\x2e\x01\x09\x09", LooksLike::Unknown),
            (b"EHLO ", LooksLike::Unknown),
        ] {
            assert_eq!(LooksLike::sniff(first), expected, "{first:?}");
        }
    }
}
