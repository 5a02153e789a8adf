//! Finds the beginning of TLS in the bytes of a side that speaks another protocol first.

use super::{
    flows::{Content, Piece},
    records::{header_of, is_hello},
    sides::From,
};
use cairn_tls::wire::{HandshakeHeader, RecordHeader};

/// The bytes of a side that are searched for a hello. Another protocol has less to say before TLS.
const SEARCHED: u64 = 1 << 20;
/// The first bytes of a hello that tell it from other bytes: two headers and a version.
const HELLO: usize = RecordHeader::LEN + HandshakeHeader::LEN + 2;
/// The first bytes that are returned; more of them are not shown.
const FIRST: usize = 32;

/// The position of the hello of a side whose first bytes are not TLS, and these first bytes.
///
/// The bytes are searched in their order, so the bounds of segments do not matter.
pub(super) fn tls_of(from: From, pieces: &[Piece<'_>]) -> Option<(u64, Vec<u8>)> {
    let own = || pieces.iter().filter(|piece| piece.from == from);
    let first: Vec<u8> = own()
        .map_while(|piece| match piece.content {
            Content::Bytes(bytes) => Some(bytes),
            Content::Missing(_) => None,
        })
        .flatten()
        .copied()
        .take(FIRST)
        .collect();
    if first.is_empty() || header_of(&first).is_some() {
        return None;
    }
    // The last bytes, which follow each other without a gap.
    let mut window: Vec<u8> = Vec::new();
    for piece in own().take_while(|piece| piece.offset < SEARCHED) {
        let Content::Bytes(bytes) = piece.content else {
            window.clear();
            continue;
        };
        for (position, byte) in (piece.offset..SEARCHED).zip(bytes) {
            if window.len() == HELLO {
                window.remove(0);
            }
            window.push(*byte);
            if is_like_hello(&window, from) {
                let before = u64::try_from(window.len().saturating_sub(1)).unwrap_or_default();
                return Some((position.saturating_sub(before), first));
            }
        }
    }
    None
}

/// Whether these are the first bytes of a hello. Other bytes are very unlikely to look like it.
fn is_like_hello(bytes: &[u8], from: From) -> bool {
    let [_, _, _, high, low, _, rest @ ..] = bytes else { return false };
    let is_split = usize::from(u16::from_be_bytes([*high, *low])) < HELLO.saturating_sub(RecordHeader::LEN);
    is_hello(bytes, from) && (is_split || matches!(rest, [0, _, _, 3, 0..=4]))
}
