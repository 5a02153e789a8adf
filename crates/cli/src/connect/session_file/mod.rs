//! Sessions that are kept in a file between runs: `--session-file`.
//!
//! The file is not encrypted. With its contents, an attacker can resume the sessions and decrypt recorded
//! connections of TLS 1.2; with false contents, an attacker can make this program trust a connection. The
//! file is therefore created for its owner alone, and a file that other users can access is not used.
//!
//! Several runs may use the file at the same time. Each change locks the file, reads it and replaces it, so
//! that no run works with sessions that another has taken or misses those that another has added.

mod contents;
mod locked;

use crate::{failure::Failure, files};
use alloc::sync::Arc;
use cairn_tls::{
    Session, Suite, TLS13_SUITES, UnixTime, Versions,
    session::{ClientKey, ClientSessionStore},
    wire::{CipherSuite, SessionId},
};
use contents::Entry;
use core::time::Duration;
use locked::{Locked, PATIENCE, check_kind};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

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
    /// Why the first change that failed did so.
    failure: Mutex<Option<Failure>>,
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

fn is_expired(session: &Session, now: UnixTime) -> bool {
    session.is_expired(now, LIFETIME) || session.ticket_expires().is_some_and(|expires| now >= expires)
}

fn is_ticket(session: &Session) -> bool {
    session.tls13().is_some()
}

impl SessionFile {
    /// Opens the file. If it exists, it must have sessions or be empty.
    pub(super) fn open(path: &Path, usable: Usable) -> Result<Self, Failure> {
        check_kind(path)?;
        if let Some(locked) = Locked::existing(path, PATIENCE)? {
            contents::decode(path, &locked.read()?)?;
        }
        // The target of a link stays the file that is written.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.into());
        Ok(Self { path, usable, failure: Mutex::new(None) })
    }

    /// Why a change of the file failed, if one did.
    pub(super) fn result(&self) -> Result<(), Failure> {
        self.failure().take().map_or(Ok(()), Err)
    }

    fn failure(&self) -> MutexGuard<'_, Option<Failure>> {
        // The value is valid even after a panic.
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value of a change, or none if the change failed.
    fn value<T: Default>(&self, changed: Result<T, Failure>) -> T {
        changed.unwrap_or_else(|failure| {
            self.failure().get_or_insert(failure);
            T::default()
        })
    }

    /// The time to wait for other runs. After a failure there is none, because the next change is likely to
    /// fail too.
    fn patience(&self) -> Duration {
        if self.failure().is_some() { Duration::ZERO } else { PATIENCE }
    }

    /// Changes the sessions of a file. `change` returns a value and whether the sessions are to be written.
    fn change<T>(
        &self,
        locked: Locked<'_>,
        change: impl FnOnce(&mut Vec<Entry>) -> (T, bool),
    ) -> Result<T, Failure> {
        let mut entries = contents::decode(&self.path, &locked.read()?)?;
        let (value, is_changed) = change(&mut entries);
        if is_changed {
            locked.replace(&contents::encode(&entries)).map_err(|error| {
                files::about(&self.path, format_args!("the sessions cannot be written: {error}"))
            })?;
        }
        Ok(value)
    }

    /// As [`SessionFile::change`]; a file that does not exist has no sessions to change.
    fn change_existing<T: Default>(
        &self,
        change: impl FnOnce(&mut Vec<Entry>) -> (T, bool),
    ) -> Result<T, Failure> {
        match Locked::existing(&self.path, self.patience())? {
            Some(locked) => self.change(locked, change),
            None => Ok(T::default()),
        }
    }
}

impl ClientSessionStore for SessionFile {
    fn put(&self, key: &ClientKey, session: Arc<Session>, now: UnixTime) {
        // A session of TLS 1.2 with an empty ID cannot be offered.
        if !is_ticket(&session) && session.id().is_empty() {
            return;
        }
        let done = Locked::existing_or_new(&self.path, self.patience()).and_then(|locked| {
            self.change(locked, |entries| {
                add(entries, Entry { key: key.clone(), session }, now);
                ((), true)
            })
        });
        self.value(done);
    }

    fn take(&self, key: &ClientKey, now: UnixTime) -> Option<Arc<Session>> {
        let fits = |entry: &Entry| {
            entry.key == *key && !is_expired(&entry.session, now) && self.usable.has(&entry.session)
        };
        // A ticket that cannot be taken out of the file is not used.
        self.value(self.change_existing(|entries| {
            match entries.iter().rposition(|entry| fits(entry) && is_ticket(&entry.session)) {
                Some(place) => (Some(entries.remove(place).session), true),
                None => (entries.iter().rfind(|entry| fits(entry)).map(|entry| entry.session.clone()), false),
            }
        }))
    }

    fn remove(&self, key: &ClientKey, id: &SessionId) {
        self.value(self.change_existing(|entries| {
            let before = entries.len();
            entries
                .retain(|entry| is_ticket(&entry.session) || entry.key != *key || entry.session.id() != id);
            ((), entries.len() != before)
        }));
    }
}

/// Adds a session, the newest, and removes those that it replaces, that are expired, and that are too many.
fn add(entries: &mut Vec<Entry>, new: Entry, now: UnixTime) {
    let is_new_ticket = is_ticket(&new.session);
    let mut tickets = 0;
    let mut kept: Vec<Entry> = Vec::new();
    // The newest are the last.
    for entry in core::mem::take(entries).into_iter().rev() {
        let is_same_kind = entry.key == new.key && is_ticket(&entry.session) == is_new_ticket;
        tickets += usize::from(is_same_kind);
        let is_replaced = is_same_kind && (!is_new_ticket || tickets >= MAX_TICKETS);
        if !is_replaced && !is_expired(&entry.session, now) && kept.len() < MAX_SESSIONS - 1 {
            kept.push(entry);
        }
    }
    kept.reverse();
    kept.push(new);
    *entries = kept;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use cairn_tls::session::decode_session;
    use std::{env, thread};

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

    /// The sessions in the file.
    fn entries(path: &Path) -> Vec<Entry> {
        let locked = Locked::existing(path, PATIENCE).unwrap().unwrap();
        contents::decode(path, &locked.read().unwrap()).unwrap()
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
            assert_eq!(entries(&path).iter().filter(|e| e.key == key).count(), usize::from(number) - 4 + 1);
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
        assert_eq!(entries(&path).len(), MAX_SESSIONS);
        assert_eq!(sessions.take(&ClientKey::new(b"c", &[99]), at(0)), Some(session(99, true)));
        assert_eq!(sessions.take(&ClientKey::new(b"c", &[0]), at(0)), None);
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn runs_at_the_same_time_see_each_others_changes() {
        let path = file("both");
        let (key, other) = (ClientKey::new(b"c", b"a:443"), ClientKey::new(b"c", b"b:443"));
        let (one, two) = (open(&path).unwrap(), open(&path).unwrap());
        one.put(&key, session(1, true), at(0));
        two.put(&other, session(2, true), at(0));
        assert_eq!(one.take(&other, at(1)), Some(session(2, true)));
        assert_eq!(two.take(&other, at(1)), None, "a ticket is used once");
        assert_eq!(two.take(&key, at(1)), Some(session(1, true)));
        one.put(&key, session(3, false), at(0));
        two.remove(&key, session(3, false).id());
        assert_eq!(one.take(&key, at(1)), None);
        one.result().unwrap();
        two.result().unwrap();
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn concurrent_runs_lose_no_session_and_use_each_ticket_once() {
        let path = file("concurrent");
        let common = ClientKey::new(b"c", b"common:443");
        let all = open(&path).unwrap();
        for number in 0..8 {
            all.put(&common, session(number, true), at(0));
        }
        let runs: Vec<_> = (0..4_u8)
            .map(|run| {
                let (path, common) = (path.clone(), common.clone());
                thread::spawn(move || {
                    let sessions = open(&path).unwrap();
                    let mut taken = 0;
                    while let Some(session) = sessions.take(&common, at(1)) {
                        taken += 1;
                        sessions.put(&ClientKey::new(b"c", &[run, taken]), session, at(1));
                    }
                    sessions.result().unwrap();
                    taken
                })
            })
            .collect();
        assert_eq!(runs.into_iter().map(|run| run.join().unwrap()).sum::<u8>(), 8);
        // Each run has stored what it took under keys of its own.
        let left = entries(&path);
        assert_eq!(left.len(), 8);
        for number in 0..8 {
            assert!(left.iter().any(|entry| entry.session == session(number, true)), "{number}");
        }
        fs::remove_file(&path).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn ticket_that_cannot_be_taken_out_of_the_file_is_not_used() {
        let path = file("stuck");
        let key = ClientKey::new(b"c", b"a:443");
        let sessions = open(&path).unwrap();
        sessions.put(&key, session(1, true), at(0));
        // The new file cannot be made in place of this folder.
        let folder = format!("{}{}", path.display(), locked::NEW);
        fs::create_dir(&folder).unwrap();
        assert_eq!(sessions.take(&key, at(1)), None);
        fs::remove_dir(&folder).unwrap();
        assert!(sessions.result().unwrap_err().message().contains("the sessions cannot be written"));
        assert_eq!(sessions.take(&key, at(1)), Some(session(1, true)));
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn contents_that_became_foreign_are_not_replaced() {
        let path = file("foreign");
        let key = ClientKey::new(b"c", b"a:443");
        let sessions = open(&path).unwrap();
        sessions.put(&key, session(1, true), at(0));
        fs::write(&path, "important notes").unwrap();
        sessions.put(&key, session(2, true), at(0));
        assert_eq!(sessions.take(&key, at(1)), None);
        assert_eq!(fs::read(&path).unwrap(), b"important notes");
        assert!(sessions.result().unwrap_err().message().contains("not a file of sessions"));
        fs::remove_file(&path).unwrap();
    }
}
