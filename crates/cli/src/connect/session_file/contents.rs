//! The contents of a file of sessions.
//!
//! They are the line [`MAGIC`], and for each session: the configuration and the server to which it belongs
//! and the session as `cairn_session` encodes it, each after its length in four bytes.

use super::locked::foreign;
use crate::{failure::Failure, files};
use alloc::sync::Arc;
use cairn_tls::{
    Session,
    crypto::SecretBytes,
    session::{ClientKey, SessionError, decode_session, encode_session},
};
use std::path::Path;

const MAGIC: &[u8] = b"cairn sessions 1\n";

/// A session and the key under which it is found.
pub(super) struct Entry {
    pub(super) key: ClientKey,
    pub(super) session: Arc<Session>,
}

/// The sessions in these contents of a file. A file may be empty, as `mktemp` makes it.
pub(super) fn decode(path: &Path, bytes: &SecretBytes) -> Result<Vec<Entry>, Failure> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let Some(mut rest) = bytes.expose().strip_prefix(MAGIC) else {
        return Err(foreign(path, "its first line is another one"));
    };
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let mut next = || field(&mut rest).ok_or_else(|| foreign(path, "it ends too early"));
        let (configuration, server, session) = (next()?, next()?, next()?);
        let session = decode_session(session).map_err(|error| match error {
            SessionError::UnknownVersion(_) => {
                files::about(path, "the sessions are those of another version of cairn")
                    .hint("Delete the file to start with a new one.")
            }
            error => foreign(path, &error.to_string()),
        })?;
        entries.push(Entry { key: ClientKey::new(configuration, server), session: Arc::new(session) });
    }
    Ok(entries)
}

/// A field after its length in four bytes.
fn field<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let (field, after) = after.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    *rest = after;
    Some(field)
}

/// The contents of a file with these sessions. One that cannot be encoded is left out: it is not resumed in
/// another run.
pub(super) fn encode(entries: &[Entry]) -> SecretBytes {
    let encoded: Vec<(&ClientKey, SecretBytes)> =
        entries.iter().filter_map(|entry| Some((&entry.key, encode_session(&entry.session).ok()?))).collect();
    let length = |(key, session): &(&ClientKey, SecretBytes)| {
        3 * size_of::<u32>() + key.configuration().len() + key.server().len() + session.len()
    };
    let mut bytes = Vec::with_capacity(MAGIC.len() + encoded.iter().map(length).sum::<usize>());
    bytes.extend_from_slice(MAGIC);
    for (key, session) in &encoded {
        for field in [key.configuration(), key.server(), session.expose()] {
            bytes.extend(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
            bytes.extend_from_slice(field);
        }
    }
    SecretBytes::new(bytes)
}
