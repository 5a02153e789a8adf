//! The output for `-expect-msg-callback`: one line per message sent or received.

use core::fmt::Write as _;
use std::sync::Mutex;

use cairn_tls::{Direction, Epoch, Trace, Traced};

/// Records the lines.
#[derive(Debug, Default)]
pub(crate) struct Lines(Mutex<String>);

impl Lines {
    pub(crate) fn text(&self) -> String {
        self.0.lock().map(|text| text.clone()).unwrap_or_default()
    }

    /// Whether the last message is a handshake message of this type from the peer.
    pub(crate) fn ends_with_read(&self, msg_type: u8) -> bool {
        self.text().trim_end().ends_with(&format!("read hs {msg_type}"))
    }
}

impl Trace for Lines {
    fn trace(&self, direction: Direction, _epoch: Epoch, message: Traced<'_>) {
        let Ok(mut text) = self.0.lock() else { return };
        let verb = match direction {
            Direction::Read => "read",
            Direction::Write => "write",
        };
        // Writing to a string cannot fail.
        let _always = match message {
            Traced::Handshake { msg_type, .. } => writeln!(text, "{verb} hs {}", msg_type.0),
            Traced::ChangeCipherSpec => writeln!(text, "{verb} ccs"),
            Traced::Alert(alert) => writeln!(text, "{verb} alert {} {}", alert.level.0, alert.description.0),
            _ => Ok(()),
        };
    }
}
