//! The operations on sessions.

use crate::{
    keys::BaseKey,
    link::Link,
    metrics::{Counter, Counters},
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

    /// Finds the first of these sessions that is stored and meant. This only reads.
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
        let mut commands = Pipeline::new();
        if let Some(replay) = &consumed.replay {
            self.marker.ask(&mut commands);
            commands.cmd("SET").arg(replay).arg(1).arg("NX").arg("PX").arg(self.marker.record_millis());
        }
        if let Some(session) = &consumed.session {
            commands.cmd("DEL").arg(session);
        }
        let answer = self.link.run(&commands).await;
        let mut values = answer.as_deref().unwrap_or_default();
        let mut early = None;
        if consumed.replay.is_some() {
            let (state, rest) = self.marker.judge(values);
            let recorded = rest.first();
            values = rest.get(1..).unwrap_or_default();
            if let Some(change) = self.marker.change(&state) {
                let _later_if_it_fails = self.link.run(&change).await;
            }
            early = Some(match (state, recorded) {
                // It was there before.
                (_, Some(Value::Nil)) => &self.counters.replays_refused,
                (State::Complete, Some(Value::Okay)) => &self.counters.early_data_accepted,
                _ => &self.counters.early_data_refused,
            });
        }
        if consumed.session.is_some() {
            // An answer that is missing does not tell whether the record was deleted.
            if !matches!(values.first(), Some(Value::Int(1))) {
                self.counters.already_used.count();
                return PskUse::AlreadyUsed;
            }
            self.counters.consumed.count();
        }
        let Some(early) = early else { return PskUse::Permitted };
        early.count();
        if core::ptr::eq::<Counter>(early, &self.counters.early_data_accepted) {
            PskUse::Permitted
        } else {
            PskUse::WithoutEarlyData
        }
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
        if let Some(change) = self.marker.change(&self.marker.judge(&answers).0) {
            let _later_if_it_fails = self.link.run(&change).await;
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("ring", &self.ring).field("link", &self.link).finish_non_exhaustive()
    }
}
