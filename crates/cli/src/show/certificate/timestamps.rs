//! Signed certificate timestamps (RFC 6962).

use super::line::date;
use base64ct::{Base64, Encoding};
use cairn_tls::wire::{Decode, DecodeError, List, Reader, SerializedSct, SignatureScheme};

/// The timestamps of a `SignedCertificateTimestampList` (RFC 6962 section 3.3), in words; `None` if the list
/// is malformed.
pub(super) fn list(encoded: &[u8]) -> Option<Vec<String>> {
    let mut reader = Reader::new(encoded);
    let mut body = reader.vec16(1, usize::from(u16::MAX), "sct_list").ok()?;
    let list = List::<SerializedSct<'_>>::decode(&mut body).ok()?;
    reader.finish("SignedCertificateTimestampList").ok()?;
    Some(list.iter().map(|sct| one(sct.0)).collect())
}

/// A timestamp in words: its time and the ID of its log, in base64 as in the lists of logs.
pub(super) fn one(sct: &[u8]) -> String {
    let Ok(version) = Reader::new(sct).u8("sct_version") else { return "empty".into() };
    if version != 0 {
        return format!("of an unknown version, {}", version.saturating_add(1));
    }
    match version_1(sct) {
        Ok(words) => words,
        Err(error) => format!("malformed: {error}"),
    }
}

/// `SignedCertificateTimestamp` of version 1 (RFC 6962 section 3.2).
fn version_1(sct: &[u8]) -> Result<String, DecodeError> {
    let mut reader = Reader::new(sct);
    reader.u8("sct_version")?;
    let log: [u8; 32] = reader.array("id")?;
    let timestamp = reader.u64("timestamp")?;
    reader.vec16(0, usize::from(u16::MAX), "extensions")?;
    let scheme = SignatureScheme(reader.u16("algorithm")?);
    reader.vec16(0, usize::from(u16::MAX), "signature")?;
    reader.finish("SignedCertificateTimestamp")?;
    Ok(format!("{} by log {} ({scheme})", date(timestamp / 1000), Base64::encode_string(&log)))
}
