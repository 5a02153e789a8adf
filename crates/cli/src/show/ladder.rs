//! A connection as a ladder: the client on the left, the server on the right, and a rung for each message.

use super::{
    count,
    event::{Event, Kind},
    report::{self, Row},
};
use crate::failure::{Code, Failure};
use core::fmt;

/// A connection to show.
#[derive(Debug)]
pub(crate) struct Ladder {
    /// Its name.
    pub(crate) title: String,
    /// Its messages, in the order of the client.
    pub(crate) rungs: Vec<Rung>,
    /// Whether the contents of the encrypted handshake messages follow.
    pub(crate) opens_messages: bool,
    /// The negotiated parameters and other facts.
    pub(crate) rows: Vec<Row>,
}

/// A message.
#[derive(Debug)]
pub(crate) struct Rung {
    /// The message in the client's view.
    pub(crate) event: Event,
    /// When the server sent or received it, in microseconds since the start, if that is known.
    pub(crate) server_at: Option<u64>,
}

/// Joins the observations of both ends of a connection.
///
/// # Errors
/// The ends observed different messages.
pub(crate) fn join(client: Vec<Event>, server: &[Event]) -> Result<Vec<Rung>, Failure> {
    let (mut sent, mut came) = (of(server, true), of(server, false));
    let mut rungs = Vec::new();
    for event in client {
        let other = if event.sent { came.next() } else { sent.next() };
        match other {
            Some(other)
                if (&other.name, other.size, other.protected)
                    == (&event.name, event.size, event.protected) =>
            {
                rungs.push(Rung { event, server_at: Some(other.at) });
            }
            Some(other) => return Err(differ(&format!("{} and {}", event.name, other.name))),
            None => return Err(differ(&event.name)),
        }
    }
    match sent.chain(came).next() {
        Some(left) => Err(differ(&left.name)),
        None => Ok(rungs),
    }
}

fn of(events: &[Event], sent: bool) -> impl Iterator<Item = &Event> {
    events.iter().filter(move |event| event.sent == sent)
}

fn differ(at: &str) -> Failure {
    Failure::new(Code::Local, format!("the two ends did not see the same messages: {at}"))
}

impl Ladder {
    /// The number of round trips before the client could send its first data.
    pub(crate) fn round_trips(&self) -> usize {
        // In TLS 1.3 a ChangeCipherSpec has no meaning; in TLS 1.2 it comes with Finished.
        let counts = |event: &&Event| event.kind != Kind::ChangeCipherSpec;
        let mut before = self.rungs.iter().map(|rung| &rung.event).filter(counts);
        let mut sent = true;
        let mut trips = 0;
        for event in before.by_ref().take_while(|event| event.kind != Kind::ApplicationData) {
            if sent && !event.sent {
                trips += 1;
            }
            sent = event.sent;
        }
        trips
    }
}

impl Ladder {
    /// The contents of the encrypted handshake messages, as trees.
    fn write_encrypted(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  The encrypted handshake messages, opened:\n")?;
        let is_encrypted = |event: &&Event| event.kind == Kind::Handshake && event.protected;
        for event in self.rungs.iter().map(|rung| &rung.event).filter(is_encrypted) {
            writeln!(f, "  {} of the {}", event.name, if event.sent { "client" } else { "server" })?;
            for line in event.tree.lines() {
                writeln!(f, "  {}", line.chars().take(WIDTH - 2).collect::<String>())?;
            }
        }
        writeln!(f)
    }
}

/// The total number of columns.
const WIDTH: usize = 100;
/// The columns of a time.
const TIME: usize = 8;
/// Columns between the two bars.
const INNER: usize = WIDTH - 2 * (TIME + 1) - 2;

impl fmt::Display for Ladder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}", self.title, "═".repeat(self.title.chars().count()))?;
        writeln!(f)?;
        let gap = " ".repeat(INNER + 2);
        let unit = if self.rungs.iter().any(|rung| rung.server_at.is_some()) { " µs" } else { "" };
        writeln!(f, "{:>TIME$} {gap} server", "client")?;
        writeln!(f, "{:>TIME$} {gap}{unit}", "µs")?;
        for rung in &self.rungs {
            rung.fmt(f)?;
        }
        writeln!(f)?;
        if self.opens_messages {
            self.write_encrypted(f)?;
        }
        f.write_str(&report::text(&self.rows, "  "))
    }
}

impl fmt::Display for Rung {
    /// Prints `├─ ClientHello ── 188 bytes ─▶│`, with the description on its own line on the sender's side.
    /// Double lines mean encryption.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { event, server_at } = self;
        let (line, from_left, from_right) =
            if event.protected { ("═", "╞", "╡") } else { ("─", "├", "┤") };
        let size = count(event.size, "byte");
        // Both ends of the line, four spaces around the text, and the arrowhead.
        let words = event.name.chars().count() + size.chars().count();
        let middle = line.repeat(INNER.saturating_sub(words + 7));
        let name = &event.name;
        let arrow = if event.sent {
            format!("{from_left}{line} {name} {middle} {size} {line}▶│")
        } else {
            format!("│◀{line} {size} {middle} {name} {line}{from_right}")
        };
        let server_at = server_at.map(|at| format!(" {at}")).unwrap_or_default();
        writeln!(f, "{:>TIME$} {arrow}{server_at}", event.at)?;
        if event.gist.is_empty() {
            return Ok(());
        }
        let gist: String = event.gist.chars().take(INNER - 4).collect();
        let width = INNER - 4;
        if event.sent {
            writeln!(f, "{:TIME$} │  {gist:<width$}  │", "")
        } else {
            writeln!(f, "{:TIME$} │  {gist:>width$}  │", "")
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn event(name: &str, sent: bool, kind: Kind) -> Event {
        let gist = "gist".into();
        Event {
            at: 1,
            sent,
            protected: kind == Kind::ApplicationData,
            kind,
            name: name.into(),
            size: 10,
            gist,
            tree: "  a field".into(),
        }
    }

    fn seen_by_server(events: &[Event]) -> Vec<Event> {
        events.iter().cloned().map(|event| Event { sent: !event.sent, at: 2, ..event }).collect()
    }

    #[test]
    fn ladder_lines_have_equal_width() {
        let client = vec![
            event("ClientHello", true, Kind::Handshake),
            event("ServerHello", false, Kind::Handshake),
            event("ApplicationData", true, Kind::ApplicationData),
        ];
        let rungs = join(client.clone(), &seen_by_server(&client)).unwrap();
        let ladder = Ladder { title: "A title".into(), rungs, opens_messages: false, rows: Vec::new() };
        assert_eq!(ladder.round_trips(), 1);
        let text = ladder.to_string();
        let lines: Vec<&str> = text.lines().filter(|line| line.contains('│')).collect();
        assert_eq!(lines.len(), 6);
        for line in lines {
            let bar = line.rfind(['│', '┤', '╡']).map(|at| line.get(..at).unwrap().chars().count());
            assert_eq!(bar, Some(WIDTH - TIME - 2), "{line}");
        }
    }

    #[test]
    fn contents_of_encrypted_handshake_messages_are_shown() {
        let client = vec![
            event("ClientHello", true, Kind::Handshake),
            Event { protected: true, ..event("Finished", false, Kind::Handshake) },
            event("ApplicationData", true, Kind::ApplicationData),
        ];
        let rungs = join(client.clone(), &seen_by_server(&client)).unwrap();
        let text =
            Ladder { title: "A title".into(), rungs, opens_messages: true, rows: Vec::new() }.to_string();
        assert!(text.contains("  Finished of the server\n    a field\n"), "{text}");
        assert_eq!(text.matches("a field").count(), 1, "{text}");
    }

    #[test]
    fn ends_with_different_messages_are_not_joined() {
        let client = vec![event("ClientHello", true, Kind::Handshake)];
        let mut server = seen_by_server(&client);
        assert!(join(Vec::new(), &server).is_err());
        assert!(join(client.clone(), &[]).is_err());
        server.first_mut().unwrap().size = 11;
        assert!(join(client, &server).is_err());
    }
}
