//! Recorded streams of records: those of other programs, and our own.

use crate::scenarios::transcripts;
use cairn_wire::{ContentType, Decode, HandshakeHeader, Reader, RecordHeader};

macro_rules! captured {
    ($($name:literal),*) => {
        &[$(include_bytes!(concat!("../../crates/wire/tests/data/", $name, ".bin")).as_slice()),*]
    };
}

/// The streams of each side of some connections, recorded from other programs.
pub(crate) const CAPTURED: &[&[u8]] = captured![
    "ecdhe-ecdsa-client",
    "ecdhe-ecdsa-server",
    "dhe-rsa-client",
    "dhe-rsa-server",
    "rsa-client",
    "rsa-server",
    "dhe-psk-client",
    "dhe-psk-server",
    "ecdhe-psk-client",
    "ecdhe-psk-server",
    "tls13-client",
    "tls13-server"
];

/// The unencrypted handshake messages at the start of a stream of records, including their headers.
pub(crate) fn clear_messages(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut r = Reader::new(stream);
    let mut joined = Vec::new();
    while let Ok(header) = RecordHeader::decode(&mut r)
        && header.content_type == ContentType::HANDSHAKE
        && let Ok(fragment) = r.bytes(header.length.into(), "fragment")
    {
        joined.extend_from_slice(fragment);
    }
    let mut r = Reader::new(&joined);
    let mut messages = Vec::new();
    while let Ok(header) = HandshakeHeader::decode(&mut r.clone())
        && let Ok(bytes) = r.bytes(4 + usize::try_from(header.length).unwrap(), "message")
    {
        messages.push(bytes.to_vec());
    }
    messages
}

/// Streams of other programs and our own.
pub(crate) fn all_streams() -> Vec<Vec<u8>> {
    let ours = transcripts().iter().flat_map(|transcript| transcript.sent.clone());
    CAPTURED.iter().map(|stream| stream.to_vec()).chain(ours).collect()
}
