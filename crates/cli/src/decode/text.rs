//! Reads bytes from text: hexadecimal in several notations, or base64.

use super::dump;
use crate::failure::{Code, Failure};

/// Whether the input is text and not binary: records and messages contain bytes that text does not.
pub(super) fn is_text(input: &[u8]) -> bool {
    let is_control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    !input.is_empty() && core::str::from_utf8(input).is_ok() && !input.iter().any(is_control)
}

/// The bytes that a text represents, or `None` if it represents none.
pub(super) fn read(input: &[u8]) -> Option<Result<Vec<u8>, Failure>> {
    let text = core::str::from_utf8(input).ok()?.trim_start_matches('\u{feff}');
    if let Some(bytes) = dump_of_both_sides(text) {
        return Some(Ok(bytes));
    }
    if let Some(dump) = dump::read(text) {
        return Some(dump.map_err(|what| Failure::new(Code::Malformed, what)));
    }
    if let Some(bytes) = decimal_array(text) {
        return Some(Ok(bytes));
    }
    let text = &arrays(text);
    if text.bytes().all(is_hex_text) {
        return Some(from_hex(text));
    }
    from_base64(text).map(Ok)
}

/// The bytes of both sides of a connection in their order, as Wireshark's "Follow TCP Stream" prints them as
/// a hex dump: the lines of the second side are indented, and the offsets of each side are its own.
fn dump_of_both_sides(text: &str) -> Option<Vec<u8>> {
    const INDENT: &str = "    ";
    let mut runs: Vec<(bool, String)> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let is_second = line.starts_with(INDENT);
        match runs.last_mut() {
            Some((same, run)) if *same == is_second => run.extend([line, "\n"]),
            _ => runs.push((is_second, format!("{line}\n"))),
        }
    }
    // A dump of one side has no such runs.
    if runs.len() < 2 {
        return None;
    }
    let mut bytes = Vec::new();
    for (_, run) in &runs {
        bytes.extend(dump::read(run)?.ok()?);
    }
    Some(bytes)
}

/// The contents of arrays of C, without comments, as `xxd -i` and Wireshark print them, or the text itself.
fn arrays(text: &str) -> String {
    let mut inside = String::new();
    let mut rest = text;
    while let Some((contents, after)) = rest.split_once('{').and_then(|(_, after)| after.split_once('}')) {
        let mut contents = contents;
        while let Some((before, comment)) = contents.split_once("/*") {
            inside.push_str(before);
            contents = comment.split_once("*/").map(|(_, after)| after).unwrap_or_default();
        }
        inside.extend([contents, " "]);
        rest = after;
    }
    if inside.is_empty() { text.to_owned() } else { inside }
}

/// An array of decimal numbers, as JSON and Python print bytes: `[22, 3, 1]`.
fn decimal_array(text: &str) -> Option<Vec<u8>> {
    let inside = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    inside.split(',').map(|number| number.trim().parse().ok()).collect()
}

const fn is_hex_text(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || is_between(byte) || matches!(byte, b'x' | b'X' | b'\\' | b'\'' | b'"')
}

/// Characters that may separate two bytes.
const fn is_between(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b':' | b',' | b';' | b'-' | b'\'' | b'"')
}

/// Reads bytes from hexadecimal. Every byte is two adjacent digits.
pub(super) fn from_hex(text: &str) -> Result<Vec<u8>, Failure> {
    // Python notation: b'\x16\x03'.
    let trimmed = text.trim();
    let literal = trimmed.strip_prefix("b'").or_else(|| trimmed.strip_prefix("b\"")).unwrap_or(trimmed);
    let skipped = text.trim_start().len().abs_diff(text.len()) + trimmed.len().abs_diff(literal.len());
    let bad = |at: usize, what: &str| {
        let before = text.as_bytes().get(..skipped + at).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Failure::new(Code::Malformed, format!("not hexadecimal on line {line}: {what}")).hint(
            "Bytes in hexadecimal, a hex dump (xxd, hexdump -C, Wireshark), base64 and binary files are \
            read.",
        )
    };
    let mut bytes = Vec::with_capacity(literal.len() / 2);
    let mut half = None;
    let mut rest = literal.bytes().enumerate().peekable();
    while let Some((at, byte)) = rest.next() {
        // The end of a line of a string of C.
        if byte == b'\\' && rest.peek().is_none_or(|(_, next)| next.is_ascii_whitespace()) {
            continue;
        }
        if half.is_none()
            && matches!(byte, b'0' | b'\\')
            && rest.next_if(|(_, next)| matches!(next, b'x' | b'X')).is_some()
        {
            continue;
        }
        if is_between(byte) {
            if half.is_some() {
                return Err(bad(at, "a byte has one digit only"));
            }
            continue;
        }
        let digit = char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let digit = digit.ok_or_else(|| bad(at, &format!("{:?} is no digit", char::from(byte))))?;
        match half.take() {
            None => half = Some(digit),
            Some(high) => bytes.push(high << 4 | digit),
        }
    }
    match half {
        Some(_) => Err(bad(literal.len(), "the last byte has one digit only")),
        None => Ok(bytes),
    }
}

/// Reads bytes from base64 in either alphabet (RFC 4648 sections 4 and 5), with or without padding.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held, mut ended) = (0_u32, 0_u32, false);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                ended = true;
                continue;
            }
            _ => return None,
        };
        if ended {
            return None;
        }
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).ok()?);
        }
    }
    // The remaining bits are the zeros of the last group.
    let left = bits & ((1 << held) - 1);
    (held < 6 && left == 0 && !bytes.is_empty()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn bytes(text: &str) -> Option<Vec<u8>> {
        assert!(is_text(text.as_bytes()), "{text}");
        read(text.as_bytes()).map(Result::unwrap)
    }

    #[test]
    fn hexadecimal_notations_are_read() {
        for text in [
            "0e000000",
            "0E 00 00 00\n",
            "0e:00:00:00",
            "0x0e, 0x00, 0x00, 0x00",
            " 0e00\r\n\t0000 ",
            "\u{feff}0e000000\n",
            "\\x0e\\x00\\x00\\x00",
            "b'\\x0e\\x00\\x00\\x00'",
            "\"0e000000\"",
            "[14, 0, 0,0]\n",
            "\"\\x0e\\x00\" \\\n\"\\x00\\x00\"\n",
            "char peer0_0[] = { /* Packet 4 */\n0x0e, 0x00 };\nchar peer1_0[] = { /* Packet 6 */\n\
             0x00, 0x00 };\n",
            "unsigned char r_bin[] = {\n  0x0e, 0x00, 0x00,\n  0x00\n};\nunsigned int r_bin_len = 4;\n",
        ] {
            assert_eq!(bytes(text), Some(vec![14, 0, 0, 0]), "{text}");
        }
        for text in ["0e0", "0 e0", "0e x0", "0e\n0"] {
            assert!(read(text.as_bytes()).unwrap().is_err(), "{text}");
        }
        let failure = from_hex("\n0e\n0").unwrap_err();
        assert!(failure.message().contains("line 3"), "{}", failure.message());
        let failure = from_hex("0e\n00\n0").unwrap_err();
        assert!(failure.message().contains("line 3"), "{}", failure.message());
    }

    #[test]
    fn dump_of_a_followed_stream_is_read_in_its_order() {
        let dump = [
            "00000000  16 03 01 00 01 0e                                 ......",
            "    00000000  16 03 03 00 01 02                                 ......",
            "    00000006  15",
            "00000006  17",
        ]
        .join("\n");
        let expected = vec![0x16, 3, 1, 0, 1, 0x0e, 0x16, 3, 3, 0, 1, 2, 0x15, 0x17];
        assert_eq!(bytes(&dump), Some(expected));
        // All lines of one side may be indented.
        assert_eq!(bytes("    00000000  16 03\n    00000002  01\n"), Some(vec![0x16, 3, 1]));
    }

    #[test]
    fn base64_is_read_in_both_alphabets() {
        for text in ["FgMBAAQOAAAA", "FgMBAAQO\nAAAA\n"] {
            assert_eq!(bytes(text), Some(vec![0x16, 3, 1, 0, 4, 14, 0, 0, 0]), "{text}");
        }
        assert_eq!(bytes("_-8="), Some(vec![0xff, 0xef]));
        assert_eq!(bytes("/+8"), Some(vec![0xff, 0xef]));
        for text in ["GET / HTTP/1.1", "G", "FgM=A", "="] {
            assert!(read(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn records_are_not_text() {
        assert!(!is_text(&[22, 3, 1]));
        assert!(!is_text(b""));
        assert!(is_text(b"GET / HTTP/1.1\r\n"));
    }
}
