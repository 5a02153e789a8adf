//! A line of a log in JSON: an object whose first keys are its time and its event.

use crate::failure::Failure;
use serde_json::{Map, Value};
use std::time::{SystemTime, UNIX_EPOCH};

/// The keys of a line and their values.
pub(crate) struct LogLine(Map<String, Value>);

impl LogLine {
    /// The line of an event of this moment.
    pub(crate) fn of(event: &str) -> Self {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64());
        let mut line = Self(Map::new());
        line.put("time", (seconds * 1000.0).round() / 1000.0);
        line.put("event", event);
        line
    }

    pub(crate) fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.into(), value.into());
    }

    pub(crate) fn maybe(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    /// Adds the reason of a failure and its hints.
    pub(crate) fn put_failure(&mut self, failure: &Failure) {
        self.put("reason", failure.message());
        if !failure.hints().is_empty() {
            self.put("hints", failure.hints());
        }
    }

    /// The object, without a line end.
    pub(crate) fn text(self) -> String {
        Value::Object(self.0).to_string()
    }
}
