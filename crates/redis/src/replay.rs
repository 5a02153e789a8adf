//! Whether the store has all records of ClientHellos with early data (RFC 9846 section 8.2).
//!
//! A record can be lost: the process restarts, another one takes over, the records are deleted, or the store
//! evicts them for lack of memory. A marker in the store contains the run of the process and a time. Since
//! this time no record was lost. Early data is refused while the marker is absent, of another run, or younger
//! than the window. It is also refused while the store may evict records.

use alloc::{format, string::String};
use core::{str, time::Duration};
use redis::{Pipeline, Value};

#[derive(Debug)]
pub(crate) struct Marker {
    name: String,
    window: Duration,
}

/// The state of the store.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It has all records of the window.
    Complete,
    /// Records of the window may be missing.
    Incomplete {
        /// The new value of the marker, if it must change.
        marker: Option<String>,
    },
}

impl Marker {
    pub(crate) const fn new(name: String, window: Duration) -> Self {
        Self { name, window }
    }

    /// The time for which a record is kept, in milliseconds.
    pub(crate) fn record_millis(&self) -> u64 {
        u64::try_from(self.window.as_millis()).unwrap_or(u64::MAX).clamp(1, u32::MAX.into())
    }

    /// Asks the questions whose answers [`Marker::judge`] takes. The process that runs the commands before
    /// them also answers them, because all have the same connection.
    pub(crate) fn ask(&self, commands: &mut Pipeline) {
        commands.cmd("INFO").arg("server").cmd("INFO").arg("memory");
        commands.cmd("TIME").cmd("GET").arg(&self.name);
    }

    /// Judges the answers to [`Marker::ask`].
    pub(crate) fn judge(&self, answers: &[Value]) -> State {
        let [server, memory, time, marker] = answers else { return State::Incomplete { marker: None } };
        let marker = text(marker);
        let run = field(server, "run_id").filter(|run| !run.is_empty());
        let (Some(run), Some(now), Some(policy)) = (run, millis(time), field(memory, "maxmemory_policy"))
        else {
            return State::Incomplete { marker: None };
        };
        if policy != "noeviction" {
            // A record that is evicted now is still missing after the policy changes.
            let marker = marker.is_some_and(|marker| !marker.is_empty()).then(String::new);
            return State::Incomplete { marker };
        }
        let since = marker.and_then(|marker| {
            let (of, since) = marker.split_once(' ')?;
            (of == run).then(|| since.parse::<u64>().ok()).flatten()
        });
        match since.and_then(|since| now.checked_sub(since)) {
            Some(age) if u128::from(age) >= self.window.as_millis() => State::Complete,
            Some(_) => State::Incomplete { marker: None },
            // No marker of this run, or the clock of the store was set back.
            None => State::Incomplete { marker: Some(format!("{run} {now}")) },
        }
    }

    /// The command that changes the marker, if it must change.
    pub(crate) fn change(&self, state: &State) -> Option<Pipeline> {
        let State::Incomplete { marker: Some(marker) } = state else { return None };
        let mut change = Pipeline::new();
        change.cmd("SET").arg(&self.name).arg(marker);
        Some(change)
    }
}

/// The content of a string; `None` for anything else.
fn text(value: &Value) -> Option<&str> {
    match value {
        Value::BulkString(bytes) => str::from_utf8(bytes).ok(),
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => Some(text),
        _ => None,
    }
}

/// A field of the text that INFO returns.
fn field<'a>(info: &'a Value, name: &str) -> Option<&'a str> {
    text(info)?.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

/// The time that TIME returns: seconds and microseconds.
fn millis(time: &Value) -> Option<u64> {
    let Value::Array(parts) = time else { return None };
    let [seconds, micros] = parts.as_slice() else { return None };
    let (seconds, micros) = (text(seconds)?.parse::<u64>().ok()?, text(micros)?.parse::<u64>().ok()?);
    seconds.checked_mul(1000)?.checked_add(micros / 1000)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use alloc::{vec, vec::Vec};

    const WINDOW: Duration = Duration::from_secs(30);

    fn bulk(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    /// The answers of a store in its run `r`, at 1000 seconds.
    fn answers(policy: &str, marker: Option<&str>) -> Vec<Value> {
        let memory = format!("# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:{policy}\r\n");
        let time = Value::Array(vec![bulk("1000"), bulk("500000")]);
        vec![bulk("# Server\r\nrun_id:r\r\n"), bulk(&memory), time, marker.map_or(Value::Nil, bulk)]
    }

    fn judge(values: &[Value]) -> State {
        Marker::new("marker".into(), WINDOW).judge(values)
    }

    fn starts_now() -> State {
        State::Incomplete { marker: Some("r 1000500".into()) }
    }

    #[test]
    fn records_are_complete_one_window_after_the_marker() {
        assert_eq!(judge(&answers("noeviction", Some("r 970500"))), State::Complete);
        assert_eq!(judge(&answers("noeviction", Some("r 970501"))), State::Incomplete { marker: None });
    }

    #[test]
    fn a_marker_that_is_missing_or_of_another_run_or_in_the_future_starts_the_window() {
        for marker in [None, Some(""), Some("q 1"), Some("r"), Some("r x"), Some("r 1000501"), Some(" 1")] {
            assert_eq!(judge(&answers("noeviction", marker)), starts_now(), "{marker:?}");
        }
    }

    #[test]
    fn a_store_that_may_evict_is_never_complete() {
        let old = Some("r 1");
        for policy in ["allkeys-lru", "volatile-ttl", "allkeys-random", "something-new"] {
            assert_eq!(judge(&answers(policy, old)), State::Incomplete { marker: Some(String::new()) });
            assert_eq!(judge(&answers(policy, Some(""))), State::Incomplete { marker: None });
        }
    }

    #[test]
    fn an_answer_that_is_missing_or_of_another_type_makes_it_incomplete() {
        let old = Some("r 1");
        for question in 0..3 {
            for unknown in [Value::Nil, Value::Okay, Value::Int(1), bulk(""), bulk("run_id:\r\n")] {
                let mut values = answers("noeviction", old);
                *values.get_mut(question).unwrap() = unknown;
                assert_eq!(judge(&values), State::Incomplete { marker: None });
            }
        }
        let values = answers("noeviction", old);
        assert_eq!(judge(values.get(..3).unwrap()), State::Incomplete { marker: None });
    }
}
