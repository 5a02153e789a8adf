//! Encodings of bytes in flags: base64, and hexadecimal lists.

/// Base64 as in RFC 4648 section 4, with padding.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=').as_bytes();
    let (mut bits, mut count, mut out) = (0_u32, 0_u32, Vec::new());
    for digit in digits {
        let value = match digit {
            b'A'..=b'Z' => digit.checked_sub(b'A')?,
            b'a'..=b'z' => digit.checked_sub(b'a')?.checked_add(26)?,
            b'0'..=b'9' => digit.checked_sub(b'0')?.checked_add(52)?,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count).to_le_bytes().first().copied()?);
        }
    }
    Some(out)
}

/// Hexadecimal strings separated by commas.
pub(crate) fn hex_list(text: &str) -> Option<Vec<Vec<u8>>> {
    text.split(',').map(hex).collect()
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

/// ALPN's `ProtocolNameList` without its length: each name is preceded by a byte with its length (RFC 7301
/// section 3.1).
pub(crate) fn protocols(list: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (mut rest, mut names) = (list, Vec::new());
    while let Some((length, after)) = rest.split_first() {
        let (name, after) = after.split_at_checked(usize::from(*length))?;
        names.push(name.to_vec());
        rest = after;
    }
    Some(names)
}

/// A `SignedCertificateTimestampList`: its length, and each timestamp after its own length (RFC 6962 section
/// 3.3).
pub(crate) fn timestamps(list: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (list, rest) = after_u16(list)?;
    let (mut left, mut timestamps) = (list, Vec::new());
    while !left.is_empty() {
        let (timestamp, after) = after_u16(left)?;
        timestamps.push(timestamp.to_vec());
        left = after;
    }
    rest.is_empty().then_some(timestamps)
}

/// Splits off a vector with a length of two bytes, and returns the rest too.
fn after_u16(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, after) = bytes.split_first_chunk()?;
    after.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded_as_in_rfc_4648() {
        // RFC 4648 section 10.
        let vectors = [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg==", "foob"),
            ("Zm9vYmFy", "foobar"),
        ];
        for (text, bytes) in vectors {
            assert_eq!(base64(text).as_deref(), Some(bytes.as_bytes()));
        }
        assert_eq!(base64("+/8="), Some(vec![0xfb, 0xff]));
        assert_eq!(base64("Zm9v!"), None);
    }

    #[test]
    fn lists_are_parsed() {
        assert_eq!(hex_list("0aFf,00"), Some(vec![vec![10, 255], vec![0]]));
        assert_eq!(hex_list("0"), None);
        assert_eq!(hex_list("zz"), None);
        assert_eq!(protocols(b"\x03foo\x01x"), Some(vec![b"foo".to_vec(), b"x".to_vec()]));
        assert_eq!(protocols(b"\x04foo"), None);
        assert_eq!(timestamps(&[0, 7, 0, 2, 8, 9, 0, 1, 7]), Some(vec![vec![8, 9], vec![7]]));
        assert_eq!(timestamps(&[0, 0]), Some(vec![]));
        assert_eq!(timestamps(&[0, 3, 0, 2, 8]), None);
        assert_eq!(timestamps(&[0, 0, 1]), None);
    }
}
