//! Log lines, on standard error.

use crate::settings::{LogForm, Settings};
use serde_json::{Map, Value, json};
use std::{
    io::Write as _,
    time::{SystemTime, UNIX_EPOCH},
};

/// Writes log lines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Log {
    form: LogForm,
    connections: bool,
}

impl Log {
    pub(crate) const fn new(settings: &Settings) -> Self {
        Self { form: settings.log, connections: settings.log_connections }
    }

    /// Whether connections that end as they should get a line.
    pub(crate) const fn has_connections(self) -> bool {
        self.connections
    }

    /// Writes a line: an event, and its fields.
    pub(crate) fn line(self, event: &str, fields: &[(&str, Value)]) {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64());
        let text = line(self.form, seconds, event, fields);
        // There is nowhere to report that a line could not be written.
        let _lost = std::io::stderr().lock().write_all(text.as_bytes());
    }
}

fn line(form: LogForm, seconds: f64, event: &str, fields: &[(&str, Value)]) -> String {
    match form {
        LogForm::Json => {
            let mut object = Map::new();
            object.insert("time".into(), json!((seconds * 1000.0).round() / 1000.0));
            object.insert("event".into(), event.into());
            object.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
            format!("{}\n", Value::Object(object))
        }
        LogForm::Text => {
            let mut text = format!("cairn: {event}");
            for (number, (name, value)) in fields.iter().enumerate() {
                text.push_str(if number == 0 { ": " } else { ", " });
                text.push_str(name);
                text.push(' ');
                match value {
                    // Text from a peer must not forge a line or a field.
                    Value::String(words) if words.chars().all(is_plain) => text.push_str(words),
                    Value::String(words) => text.push_str(&format!("{words:?}")),
                    other => text.push_str(&other.to_string()),
                }
            }
            text.push('\n');
            text
        }
    }
}

/// Whether a character needs no quotes.
fn is_plain(c: char) -> bool {
    (c.is_ascii_graphic() || c == ' ') && !matches!(c, ',' | '"' | '\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_text_or_json_and_cannot_be_forged() {
        let fields = [("client", json!("1.2.3.4:5\ncairn: forged")), ("bytes", json!(7))];
        let text = line(LogForm::Text, 1.5, "closed", &fields);
        assert_eq!(text, "cairn: closed: client \"1.2.3.4:5\\ncairn: forged\", bytes 7\n");
        let text = line(LogForm::Json, 1.5, "closed", &fields);
        let expected =
            "{\"bytes\":7,\"client\":\"1.2.3.4:5\\ncairn: forged\",\"event\":\"closed\",\"time\":1.5}\n";
        assert_eq!(text, expected);
    }
}
