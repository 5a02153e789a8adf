//! The operations on sessions.

use crate::{
    keys::BaseKey,
    link::Link,
    metrics::Counters,
    replay::{Marker, State},
    ring::Ring,
};
use alloc::{string::String, sync::Arc, vec::Vec};
use cairn_tokio::tls::{
    Clock, PskUse, Session, UnixTime,
    session::{TicketKeyName, ticket_key_name},
    wire::SessionId,
};
use core::{fmt, time::Duration};
use redis::{Pipeline, Value};

pub(crate) struct Store {
    pub(crate) base: Arc<BaseKey>,
    pub(crate) ring: Arc<Ring>,
    pub(crate) link: Link,
    pub(crate) marker: Marker,
    pub(crate) counters: Arc<Counters>,
    pub(crate) clock: Arc<dyn Clock>,
    /// The lifetime of a session in seconds.
    pub(crate) lifetime: u32,
}

/// The names of the records that a ClientHello uses up.
#[derive(Debug)]
pub(crate) struct Consumed {
    /// Of the session, if it is in the store.
    pub(crate) session: Option<String>,
    /// Of the binder, if the ClientHello comes with early data.
    pub(crate) replay: Option<String>,
}

impl Store {
    pub(crate) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    /// Finds the first of these sessions that is stored and for which `is_meant` returns `true`. This only
    /// reads.
    pub(crate) async fn find(
        &self,
        ids: &[SessionId],
        is_meant: impl Fn(&Session) -> bool,
    ) -> Option<(usize, Arc<Session>)> {
        let names: Vec<String> = ids.iter().map(|id| self.base.session(id)).collect::<Result<_, _>>().ok()?;
        if names.is_empty() {
            return None;
        }
        // MGET, unlike GET, returns nil for a record that is not a string.
        let mut get = Pipeline::new();
        get.cmd("MGET").arg(names);
        let values = self.link.run(&get).await?;
        let Some(Value::Array(records)) = values.into_iter().next() else { return None };
        let now = self.now();
        let open = |(place, (id, record)): (usize, (&SessionId, Value))| {
            let Value::BulkString(record) = record else { return None };
            let session = self.open(id, &record, now);
            if session.is_none() {
                self.counters.refused.count();
            }
            session.filter(|session| is_meant(session)).map(|session| (place, Arc::new(session)))
        };
        let found = ids.iter().zip(records).enumerate().find_map(open);
        if found.is_some() { &self.counters.found } else { &self.counters.missing }.count();
        found
    }

    fn open(&self, id: &SessionId, record: &[u8], now: UnixTime) -> Option<Session> {
        let name: TicketKeyName = ticket_key_name(record)?;
        let Some(key) = self.ring.by_name(&name, now) else {
            self.ring.key_is_unknown();
            return None;
        };
        let session = self.base.open(&key, id, record)?;
        (!session.is_expired(now, self.lifetime)).then_some(session)
    }

    /// Uses up a ticket, and records the ClientHello if it comes with early data.
    pub(crate) async fn consume(&self, consumed: &Consumed) -> PskUse {
        let commands = self.consuming(consumed);
        if commands.is_empty() {
            return PskUse::Permitted;
        }
        let answers = self.link.run(&commands).await.unwrap_or_default();
        let mut answers = answers.as_slice();
        if consumed.session.is_some() {
            // Without an answer, the record may have been deleted or not.
            let Some((Value::Int(1), rest)) = answers.split_first() else {
                self.counters.already_used.count();
                return PskUse::AlreadyUsed;
            };
            self.counters.consumed.count();
            answers = rest;
        }
        if consumed.replay.is_none() {
            return PskUse::Permitted;
        }
        let recorded = answers.first();
        let state = self.marker.judge(answers.get(1..).unwrap_or_default());
        self.change_marker(&state).await;
        let (counter, psk_use) = match (recorded, state) {
            // It was recorded before.
            (Some(Value::Nil), _) => (&self.counters.replays_refused, PskUse::WithoutEarlyData),
            (Some(Value::Okay), State::Complete) => (&self.counters.early_data_accepted, PskUse::Permitted),
            _ => (&self.counters.early_data_refused, PskUse::WithoutEarlyData),
        };
        counter.count();
        psk_use
    }

    fn consuming(&self, consumed: &Consumed) -> Pipeline {
        let mut commands = Pipeline::new();
        if let Some(session) = &consumed.session {
            commands.cmd("DEL").arg(session);
        }
        if let Some(replay) = &consumed.replay {
            commands.cmd("SET").arg(replay).arg(1).arg("NX").arg("PX").arg(self.marker.record_millis());
            // After the record is written: a loss of earlier records has then reached the marker too.
            self.marker.ask(&mut commands);
        }
        commands
    }

    /// Adds the command that stores a session. Returns `false` if it cannot be stored.
    pub(crate) fn save(&self, session: &Session, now: UnixTime, commands: &mut Pipeline) -> bool {
        let Some(left) = self.time_left(session, now) else { return false };
        let Some(key) = self.ring.sealing(now) else { return false };
        let (Ok(name), Ok(record)) = (self.base.session(session.id()), self.base.seal(&key, session)) else {
            return false;
        };
        commands.cmd("SET").arg(name).arg(record).arg("PX").arg(left);
        true
    }

    /// Adds the command that removes a session.
    pub(crate) fn forget(&self, id: &SessionId, commands: &mut Pipeline) -> bool {
        let Ok(name) = self.base.session(id) else { return false };
        commands.cmd("DEL").arg(name);
        true
    }

    /// The time for which a session can be resumed, in milliseconds.
    fn time_left(&self, session: &Session, now: UnixTime) -> Option<u64> {
        if session.is_expired(now, self.lifetime) {
            return None;
        }
        let end = session.authenticated_at.saturating_add(Duration::from_secs(self.lifetime.into()));
        // The last second of the certificates is included.
        let proof = session.not_after.map(|last| last.saturating_add(Duration::from_secs(1)));
        let ends = [Some(end), proof, session.ticket_expires()];
        let end = ends.into_iter().flatten().min()?;
        Some(u64::try_from(end.checked_duration_since(now)?.as_millis()).ok()?.max(1))
    }

    /// Starts the window of early data if it has not started in this run of the store.
    pub(crate) async fn refresh_marker(&self) {
        let mut ask = Pipeline::new();
        self.marker.ask(&mut ask);
        let Some(answers) = self.link.run(&ask).await else { return };
        self.change_marker(&self.marker.judge(&answers)).await;
    }

    async fn change_marker(&self, state: &State) {
        if let Some(change) = self.marker.change(state) {
            let _later_if_it_fails = self.link.run(&change).await;
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("ring", &self.ring).field("link", &self.link).finish_non_exhaustive()
    }
}

#[cfg(all(test, any(feature = "aws-lc", feature = "rustcrypto")))]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

    use super::*;
    use crate::{
        RedisSessions, RootKey,
        keys::tests::{id, session},
    };
    use cairn_tokio::tls::SessionState;

    /// The names of the commands, with their first argument where it is a record.
    fn shown(commands: &Pipeline) -> Vec<String> {
        let words = |command: &redis::Cmd| {
            let words = command.args_iter().take(2).map(|word| match word {
                redis::Arg::Simple(word) => String::from_utf8_lossy(word).into_owned(),
                _ => String::new(),
            });
            words.collect::<Vec<_>>().join(" ").trim().into()
        };
        commands.cmd_iter().map(words).collect()
    }

    /// If the marker were asked for before, records could be lost after the answer and before this record.
    #[tokio::test]
    async fn the_store_is_judged_after_the_record_is_written() {
        let client = redis::Client::open("redis://127.0.0.1:1/").unwrap();
        let sessions = RedisSessions::builder(client, RootKey::new(&[1; 32]).unwrap()).build().unwrap();
        let consuming = |session: Option<&str>, replay: Option<&str>| {
            let consumed = Consumed { session: session.map(Into::into), replay: replay.map(Into::into) };
            shown(&sessions.store.consuming(&consumed))
        };
        let judged = ["INFO server", "INFO memory", "TIME", "GET cairn:early"];
        assert_eq!(consuming(Some("a"), Some("b")), [&["DEL a", "SET b"][..], &judged].concat());
        assert_eq!(consuming(None, Some("b")), [&["SET b"][..], &judged].concat());
        assert_eq!(consuming(Some("a"), None), ["DEL a"]);
        // A ticket that contains its session, without early data, uses up nothing.
        assert!(consuming(None, None).is_empty());
        let nothing = Consumed { session: None, replay: None };
        assert_eq!(sessions.store.consume(&nothing).await, PskUse::Permitted);
        assert_eq!(sessions.metrics().errors, 0);
    }

    #[tokio::test]
    async fn a_record_expires_with_the_session_its_ticket_or_the_certificates() {
        let client = redis::Client::open("redis://127.0.0.1:1/").unwrap();
        let builder = RedisSessions::builder(client, RootKey::new(&[1; 32]).unwrap());
        let store = builder.lifetime(100).build().unwrap().store;
        let mut session = session(id(1));
        let start = session.authenticated_at;
        let after = |seconds| start.saturating_add(Duration::from_secs(seconds));
        let SessionState::Tls13(tls13) = &mut session.state else { panic!("a session of TLS 1.3") };
        tls13.expires = after(1000);
        let left = |session: &Session, seconds| store.time_left(session, after(seconds));
        assert_eq!([0, 99, 100].map(|time| left(&session, time)), [Some(100_000), Some(1000), None]);
        session.not_after = Some(after(50));
        // The last second of the certificates is included.
        assert_eq!([0, 50, 51].map(|time| left(&session, time)), [Some(51_000), Some(1000), None]);
        let SessionState::Tls13(tls13) = &mut session.state else { panic!("a session of TLS 1.3") };
        tls13.expires = after(20);
        assert_eq!([0, 19, 21].map(|time| left(&session, time)), [Some(20_000), Some(1000), None]);
    }
}
