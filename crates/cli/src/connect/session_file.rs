//! Sessions that are kept in a file between runs: `--session-file`.
//!
//! The file is not encrypted. With its contents, an attacker can resume the sessions and decrypt recorded
//! connections of TLS 1.2; with false contents, an attacker can make this program trust a connection. The
//! file is therefore created for its owner alone, and a file that other users can access is not used.
//!
//! Its contents are the line [`MAGIC`], and for each session: the configuration and the server to which it
//! belongs and the session as `cairn_session` encodes it, each after its length in four bytes.

use crate::{
    failure::{Code, Failure},
    files,
};
use alloc::sync::Arc;
use cairn_tls::{
    Session, Suite, TLS13_SUITES, UnixTime, Versions,
    crypto::SecretBytes,
    session::{ClientKey, ClientSessionStore, SessionError, decode_session, encode_session},
    wire::{CipherSuite, SessionId},
};
use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

const MAGIC: &[u8] = b"cairn sessions 1\n";

/// The maximum size of a file.
const MAX_FILE: u64 = 1 << 22;

/// The maximum number of sessions. The oldest make room.
const MAX_SESSIONS: usize = 64;

/// The maximum number of tickets of TLS 1.3 for a server.
const MAX_TICKETS: usize = 8;

/// The lifetime of a session in seconds (RFC 5246 appendix F.1.4).
const LIFETIME: u32 = 24 * 60 * 60;

/// The sessions of a file. Each change is written at once, so that a ticket that was used is not in the file
/// any more (RFC 9846 appendix C.4).
pub(super) struct SessionFile {
    path: PathBuf,
    usable: Usable,
    state: Mutex<State>,
}

/// The sessions that the configuration can resume. Others stay in the file for other runs.
#[derive(Clone, Debug)]
pub(super) struct Usable {
    pub(super) versions: Versions,
    /// The suites, if they are named.
    pub(super) suites: Vec<CipherSuite>,
}

impl Usable {
    /// Whether a session can be offered. In TLS 1.3 its hash must be that of an offered suite (RFC 9846
    /// section 4.2.11), in TLS 1.2 its suite must be offered (RFC 5246 section 7.4.1.2).
    fn has(&self, session: &Session) -> bool {
        let any = self.suites.is_empty();
        match session.suite() {
            Suite::Tls13(suite) => {
                let has_hash = |id: &CipherSuite| {
                    TLS13_SUITES.iter().any(|offered| offered.id == *id && offered.hash == suite.hash)
                };
                self.versions != Versions::Tls12 && (any || self.suites.iter().any(has_hash))
            }
            Suite::Tls12(suite) => {
                self.versions != Versions::Tls13 && (any || self.suites.contains(&suite.id))
            }
        }
    }
}

#[derive(Default)]
struct State {
    entries: Vec<Entry>,
    /// The error of the last write.
    error: Option<io::Error>,
}

/// A session and the key under which it is found.
struct Entry {
    key: ClientKey,
    session: Arc<Session>,
}

impl Entry {
    fn is_expired(&self, now: UnixTime) -> bool {
        let session = &self.session;
        session.is_expired(now, LIFETIME) || session.ticket_expires().is_some_and(|expires| now >= expires)
    }

    fn is_ticket(&self) -> bool {
        self.session.tls13().is_some()
    }
}

impl SessionFile {
    /// Reads the file, if it exists.
    pub(super) fn open(path: &Path, usable: Usable) -> Result<Self, Failure> {
        check_kind(path)?;
        let entries = match File::open(path) {
            Ok(file) => read(path, file)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(files::about(path, error)),
        };
        // The target of a link stays the file that is written.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.into());
        Ok(Self { path, usable, state: Mutex::new(State { entries, error: None }) })
    }

    /// The error of the last change of the file, if it could not be written.
    pub(super) fn result(&self) -> Result<(), Failure> {
        match self.state().error.take() {
            None => Ok(()),
            Some(error) => {
                Err(files::about(&self.path, format_args!("the sessions cannot be written: {error}")))
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is valid even after a panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn save(&self, state: &mut State) {
        state.error = files::replace(&self.path, encode(&state.entries).expose(), 0o600).err();
    }
}

impl ClientSessionStore for SessionFile {
    fn put(&self, key: &ClientKey, session: Arc<Session>, now: UnixTime) {
        // A session of TLS 1.2 with an empty ID cannot be offered.
        if session.tls13().is_none() && session.id().is_empty() {
            return;
        }
        let mut state = self.state();
        let is_ticket = session.tls13().is_some();
        let mut tickets = 0;
        // The newest are the last.
        let mut kept: Vec<Entry> = Vec::new();
        for entry in core::mem::take(&mut state.entries).into_iter().rev() {
            let is_same_kind = entry.key == *key && entry.is_ticket() == is_ticket;
            tickets += usize::from(is_same_kind);
            let is_replaced = is_same_kind && (!is_ticket || tickets >= MAX_TICKETS);
            if !is_replaced && !entry.is_expired(now) && kept.len() < MAX_SESSIONS - 1 {
                kept.push(entry);
            }
        }
        kept.reverse();
        kept.push(Entry { key: key.clone(), session });
        state.entries = kept;
        self.save(&mut state);
    }

    fn take(&self, key: &ClientKey, now: UnixTime) -> Option<Arc<Session>> {
        let mut state = self.state();
        let fits =
            |entry: &Entry| entry.key == *key && !entry.is_expired(now) && self.usable.has(&entry.session);
        if let Some(place) = state.entries.iter().rposition(|entry| fits(entry) && entry.is_ticket()) {
            let entry = state.entries.remove(place);
            self.save(&mut state);
            return Some(entry.session);
        }
        state.entries.iter().rfind(|entry| fits(entry)).map(|entry| Arc::clone(&entry.session))
    }

    fn remove(&self, key: &ClientKey, id: &SessionId) {
        let mut state = self.state();
        let before = state.entries.len();
        state.entries.retain(|entry| entry.is_ticket() || entry.key != *key || entry.session.id() != id);
        if state.entries.len() != before {
            self.save(&mut state);
        }
    }
}

/// Refuses what cannot be read and replaced as a file, before it is opened: opening a FIFO waits for its
/// other end.
fn check_kind(path: &Path) -> Result<(), Failure> {
    match fs::metadata(path) {
        Ok(about) if about.is_file() => Ok(()),
        Ok(_) => Err(files::about(path, "this is not a regular file, so it cannot keep sessions")),
        Err(_) if fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink()) => {
            Err(files::about(path, "this link leads to no file").hint("Make its target first, or remove it."))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // The folder of a bare name is the current one.
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            match folder.map(fs::metadata) {
                None => Ok(()),
                Some(Ok(about)) if about.is_dir() => Ok(()),
                Some(_) => Err(files::about(path, "the sessions cannot be written: there is no such folder")),
            }
        }
        Err(error) => Err(files::about(path, error)),
    }
}

/// The sessions of an existing file.
fn read(path: &Path, file: File) -> Result<Vec<Entry>, Failure> {
    check_access(path, &file)?;
    let foreign = |why: &str| {
        files::about(path, format_args!("this is not a file of sessions of cairn connect: {why}"))
            .hint("The file was not changed. --session-file needs a name of its own; a new file is created.")
    };
    let length = file.metadata().map_err(|error| files::about(path, error))?.len();
    if length > MAX_FILE {
        return Err(foreign("it is too long"));
    }
    // The whole length at once: a growing buffer would leave copies of the secrets behind.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default().saturating_add(1));
    file.take(MAX_FILE).read_to_end(&mut bytes).map_err(|error| files::about(path, error))?;
    let bytes = SecretBytes::new(bytes);
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let Some(mut rest) = bytes.expose().strip_prefix(MAGIC) else {
        return Err(foreign("its first line is another one"));
    };
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let mut next = || field(&mut rest).ok_or_else(|| foreign("it ends too early"));
        let (configuration, server, session) = (next()?, next()?, next()?);
        let session = decode_session(session).map_err(|error| match error {
            SessionError::UnknownVersion(_) => {
                files::about(path, "the sessions are those of another version of cairn")
                    .hint("Delete the file to start with a new one.")
            }
            error => foreign(&error.to_string()),
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

/// Refuses a file that other users can read or write.
#[cfg(unix)]
fn check_access(path: &Path, file: &File) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata().map_err(|error| files::about(path, error))?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(Failure::new(
        Code::Local,
        format!(
            "{}: other users can access this file, and it has the secrets of connections",
            files::shown(path)
        ),
    )
    .hint(format!("`chmod 600 {}` gives it to its owner alone.", files::shown(path))))
}

#[cfg(not(unix))]
fn check_access(_path: &Path, _file: &File) -> Result<(), Failure> {
    Ok(())
}

/// The contents of a file. A session that cannot be encoded is left out: it is not resumed in another run.
fn encode(entries: &[Entry]) -> SecretBytes {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use cairn_tls::wire::CipherSuite;
    use std::env;

    const NOW: u64 = 1_800_000_000;

    /// A client's session as `cairn_session` encodes it, of TLS 1.3 with a ticket, or of TLS 1.2 with an ID.
    fn session(number: u8, is_ticket: bool) -> Arc<Session> {
        let millis = |seconds: u64| (seconds * 1000).to_be_bytes();
        // The version, the flag of a client, the time, both digests, the evidence, and no name or protocol.
        let mut bytes = [&[6, 2][..], &millis(NOW), &[0; 32], &[0; 5], &[0; 2]].concat();
        if is_ticket {
            bytes.extend(CipherSuite::TLS_AES_128_GCM_SHA256.0.to_be_bytes());
            bytes.extend([&[32][..], &[7; 32], &millis(NOW), &millis(NOW + 7200), &[0; 8]].concat());
            bytes.extend([0, 0, 1, number, 0, 0, 0, 0]);
        } else {
            bytes.extend(CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256.0.to_be_bytes());
            bytes.extend([&[1][..], &[7; 48], &[0, 0, 1, number]].concat());
        }
        Arc::new(decode_session(&bytes).unwrap())
    }

    fn file(name: &str) -> PathBuf {
        let path = env::temp_dir().join(format!("cairn-sessions-{}-{name}", std::process::id()));
        let _none = fs::remove_file(&path);
        path
    }

    /// The file in a run that can use every session.
    fn open(path: &Path) -> Result<SessionFile, Failure> {
        SessionFile::open(path, Usable { versions: Versions::Both, suites: Vec::new() })
    }

    fn at(seconds: u64) -> UnixTime {
        UnixTime::from_secs(NOW + seconds)
    }

    #[test]
    fn tickets_are_taken_once_and_the_newest_first() {
        let path = file("once");
        let (key, other) = (ClientKey::new(b"c", b"a:443"), ClientKey::new(b"c", b"b:443"));
        let sessions = open(&path).unwrap();
        for number in 0..12 {
            sessions.put(&key, session(number, true), at(0));
        }
        sessions.put(&key, session(100, false), at(0));
        sessions.put(&key, session(101, false), at(0));
        sessions.put(&other, session(200, true), at(0));
        // Another run finds the same.
        let sessions = open(&path).unwrap();
        for number in (4..12).rev() {
            assert_eq!(sessions.take(&key, at(1)), Some(session(number, true)));
            // It is not in the file any more.
            assert_eq!(
                open(&path).unwrap().state().entries.iter().filter(|e| e.key == key).count(),
                usize::from(number) - 4 + 1
            );
        }
        // The session of TLS 1.2 stays; only the newest was kept.
        assert_eq!(sessions.take(&key, at(1)), Some(session(101, false)));
        assert_eq!(sessions.take(&key, at(1)), Some(session(101, false)));
        sessions.remove(&key, session(101, false).id());
        assert_eq!(sessions.take(&key, at(1)), None);
        assert_eq!(sessions.take(&other, at(7200)), None);
        assert_eq!(sessions.take(&other, at(1)), Some(session(200, true)));
        sessions.result().unwrap();
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn sessions_that_the_configuration_cannot_use_stay() {
        const SHA384: CipherSuite = CipherSuite::TLS_AES_256_GCM_SHA384;
        const OTHER12: CipherSuite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
        let path = file("usable");
        let key = ClientKey::new(b"c", b"a:443");
        let all = open(&path).unwrap();
        all.put(&key, session(1, true), at(0));
        all.put(&key, session(2, false), at(0));
        let take = |versions, suites: &[CipherSuite]| {
            let usable = Usable { versions, suites: suites.to_vec() };
            SessionFile::open(&path, usable).unwrap().take(&key, at(1))
        };
        assert_eq!(take(Versions::Tls12, &[]), Some(session(2, false)));
        assert_eq!(take(Versions::Both, &[SHA384, OTHER12]), None);
        assert_eq!(take(Versions::Both, &[SHA384, session(2, false).suite().id()]), Some(session(2, false)));
        // The suite may be another one with the same hash.
        let same_hash = CipherSuite::TLS_CHACHA20_POLY1305_SHA256;
        assert_eq!(take(Versions::Tls13, &[same_hash]), Some(session(1, true)));
        assert_eq!(take(Versions::Tls13, &[]), None);
        fs::remove_file(&path).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn only_regular_files_are_opened() {
        let path = file("link");
        std::os::unix::fs::symlink("/no/such/target", &path).unwrap();
        assert!(open(&path).err().unwrap().message().contains("leads to no file"));
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink(), "it is not replaced");
        fs::remove_file(&path).unwrap();
        let name = |path: &str| open(Path::new(path)).err().unwrap().message().to_owned();
        assert!(name("/dev/null").contains("not a regular file"));
        assert!(name("/no/such/folder/sessions").contains("no such folder"));
    }

    #[test]
    fn number_of_sessions_is_bounded() {
        let path = file("bound");
        let sessions = open(&path).unwrap();
        for number in 0..100_u8 {
            sessions.put(&ClientKey::new(b"c", &[number]), session(number, true), at(0));
        }
        assert_eq!(open(&path).unwrap().state().entries.len(), MAX_SESSIONS);
        assert_eq!(sessions.take(&ClientKey::new(b"c", &[99]), at(0)), Some(session(99, true)));
        assert_eq!(sessions.take(&ClientKey::new(b"c", &[0]), at(0)), None);
        fs::remove_file(&path).unwrap();
    }
}
