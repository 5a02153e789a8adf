//! The first bytes of records and handshake messages.

use super::sides::From;
use cairn_tls::wire::{Decode, HandshakeHeader, HandshakeType, RecordHeader};

/// The longest body of a record that is accepted: that of TLS 1.2 (RFC 5246 section 6.2.3).
const MAX_BODY: usize = (1 << 14) + 2048;

/// Whether these are the first bytes of a hello of this side in a record.
pub(super) fn is_hello(bytes: &[u8], from: From) -> bool {
    let hello = match from {
        From::Client => HandshakeType::CLIENT_HELLO,
        From::Server => HandshakeType::SERVER_HELLO,
    };
    matches!(bytes, [22, 3, 0..=4, high, _, first, ..] if *high <= 0x40 && *first == hello.0)
}

/// The header of a record, if these are the first bytes of one.
pub(super) fn header_of(bytes: &[u8]) -> Option<RecordHeader> {
    let header = RecordHeader::decode_exact(bytes.get(..RecordHeader::LEN)?).ok()?;
    let is_plausible = matches!(header.content_type.0, 20..=24)
        && matches!(header.version.0, 0x0300..=0x0304)
        && usize::from(header.length) <= MAX_BODY;
    is_plausible.then_some(header)
}

/// The first complete handshake message of these bytes, with its header, and the bytes after it.
pub(crate) fn first_message(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let [_, high, middle, low, ..] = bytes else { return None };
    let length = usize::try_from(u32::from_be_bytes([0, *high, *middle, *low])).ok()?;
    bytes.split_at_checked(HandshakeHeader::LEN.checked_add(length)?)
}

/// Whether the content of a record is a ClientHello and nothing else.
pub(crate) fn is_client_hello(content: &[u8]) -> bool {
    let is_hello = |message: &[u8]| message.first() == Some(&HandshakeType::CLIENT_HELLO.0);
    first_message(content).is_some_and(|(message, rest)| is_hello(message) && rest.is_empty())
}

/// The first bytes, as text if they are text.
pub(super) fn quoted(bytes: &[u8]) -> String {
    const SHOWN: usize = 16;
    let first = bytes.get(..SHOWN).unwrap_or(bytes);
    let is_text = first.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
    let more = if bytes.len() > SHOWN { "…" } else { "" };
    if is_text {
        format!("\"{}{more}\"", first.escape_ascii())
    } else {
        let hex: Vec<String> = first.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}{more}", hex.join(" "))
    }
}
