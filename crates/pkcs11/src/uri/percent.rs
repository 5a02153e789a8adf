//! Percent-encoded values (RFC 3986).

use super::error::UriError;
use zeroize::Zeroizing;

/// Decoded values, which can be PINs.
type Bytes = Zeroizing<Vec<u8>>;

/// The characters besides the unreserved ones that a value in the path may contain: `pk11-path-res-avail`
/// (RFC 7512).
pub(super) const PATH: &[u8] = b":[]@!$'()*+,=&";

/// As [`PATH`], in the query: `pk11-query-res-avail`.
pub(super) const QUERY: &[u8] = b":[]@!$'()*+,=/?|";

/// The bytes of the value of an attribute.
pub(super) fn decode(name: &'static str, value: &str, reserved: &[u8]) -> Result<Bytes, UriError> {
    // Never longer than the value, so that the vector is not moved, which could leave a PIN behind.
    let mut decoded = Bytes::new(Vec::with_capacity(value.len()));
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        decoded.push(match byte {
            b'%' => {
                let mut digit = || rest.next().and_then(hex_digit).ok_or(UriError::PercentEncoding(name));
                digit()? << 4 | digit()?
            }
            b'-' | b'.' | b'_' | b'~' => byte,
            _ if byte.is_ascii_alphanumeric() || reserved.contains(&byte) => byte,
            _ => return Err(UriError::Character(name)),
        });
    }
    Ok(decoded)
}

const fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
