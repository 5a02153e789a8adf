//! How this peer divides its messages into records, and joins those of the other side.

use super::{
    Peer, Stop,
    wire::{Framing, WARNING},
};
use crate::{every_change::change::Edit, support::records};
use cairn_tls::wire::{Alert, AlertDescription, AlertLevel};

impl Peer<'_> {
    /// The lengths of the runs that were sent.
    pub(crate) fn run_lengths(&self) -> &[usize] {
        &self.wire.lengths
    }

    /// Handshake bytes may wait for more. Other content is sent immediately, after waiting handshake bytes.
    pub(super) fn send(&mut self, content_type: u8, content: &[u8]) -> Result<(), Stop> {
        if content_type == 22 {
            self.wire.pending.extend_from_slice(content);
            return if matches!(self.plan.framing, Framing::Each) { self.flush() } else { Ok(()) };
        }
        self.flush()?;
        let record = self.wire.seal(content_type, content);
        self.transport(&record)
    }

    /// Divides pending bytes into records.
    pub(super) fn flush(&mut self) -> Result<(), Stop> {
        let run = core::mem::take(&mut self.wire.pending);
        if run.is_empty() {
            return Ok(());
        }
        let number = self.wire.runs;
        self.wire.runs += 1;
        self.wire.lengths.push(run.len());
        let pieces: Vec<&[u8]> = match self.plan.framing {
            Framing::Sized(size) => run.chunks(size).collect(),
            Framing::Cut { run: of, at } if of == number => vec![&run[..at], &run[at..]],
            Framing::WarningWithin(of) if of == number => vec![&run[..run.len() - 1], &run[run.len() - 1..]],
            Framing::EmptyWithin(of) if of == number => {
                vec![&run[..run.len() - 1], &[], &run[run.len() - 1..]]
            }
            _ => vec![&run],
        };
        // Together, as they would be read from a socket.
        let mut stream = Vec::new();
        for (i, piece) in pieces.into_iter().enumerate() {
            if i == 1 && matches!(self.plan.framing, Framing::WarningWithin(_)) {
                stream.extend(self.wire.seal(21, &WARNING));
            }
            stream.extend(self.wire.seal(22, piece));
        }
        if let Some(said) = self.said.last_mut() {
            said.record.clone_from(&stream);
            let name = &said.name;
            if let Some((_, change)) = self.plan.record.take_if(|(of, _)| of == name) {
                change.edit.apply(&mut stream);
                match change.edit {
                    Edit::MessageMissing => stream.clear(),
                    Edit::MessageTwice => stream = stream.repeat(2),
                    _ => {}
                }
            }
        }
        self.transport(&stream)
    }

    /// The other side is next: sends everything that is pending.
    pub(super) fn release(&mut self) -> Result<(), Stop> {
        let waiting = core::mem::take(&mut self.wire.waiting);
        if waiting.is_empty() { Ok(()) } else { self.bring(&waiting) }
    }

    fn transport(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        if let Framing::AtOnce = self.plan.framing {
            self.wire.waiting.extend_from_slice(bytes);
            return Ok(());
        }
        self.bring(bytes)
    }

    /// Delivers bytes to the other side, and receives its response.
    fn bring(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.was_complete = self.victim.conn.is_complete();
        let size = if let Framing::Pieces(size) = self.plan.framing { size } else { bytes.len() };
        for piece in bytes.chunks(size.max(1)) {
            self.victim.take(piece);
        }
        self.listen()?;
        if self.victim.error.is_some() || self.victim.closed { Err(Stop::Dead) } else { Ok(()) }
    }

    /// Sends application data in a protected record.
    pub(crate) fn send_data(&mut self, data: &[u8]) -> Result<(), Stop> {
        let record = self.wire.seal(23, data);
        self.bring(&record)
    }

    /// Receives everything that the other side has sent.
    pub(crate) fn listen(&mut self) -> Result<(), Stop> {
        for record in records(&core::mem::take(&mut self.victim.outbox)) {
            let Some(content) = self.wire.open(&record) else { return Err(Stop::OtherKeys) };
            match record[0] {
                20 => {
                    assert_eq!(content, [1]);
                    if self.wire.next_read.is_none() && self.flow.memory.is_some() {
                        // After an empty session ID this shows that the ticket was accepted (RFC 5077 section
                        // 3.4).
                        self.agreed.resumed = true;
                        self.set_keys();
                    }
                    self.wire.read = Some(self.wire.next_read.take().expect("keys for what follows"));
                }
                21 => {
                    let [level, description] = content[..] else { panic!("half an alert") };
                    let (level, description) = (AlertLevel(level), AlertDescription(description));
                    self.alerts.push(Alert { level, description });
                }
                22 => {
                    self.wire.begun.extend_from_slice(&content);
                    self.join()?;
                }
                23 => self.data.extend_from_slice(&content),
                other => panic!("a record of type {other}"),
            }
        }
        Ok(())
    }

    fn join(&mut self) -> Result<(), Stop> {
        loop {
            let begun = &self.wire.begun;
            let length =
                if begun.len() < 4 { 4 } else { 4 + crate::every_change::shape::number(&begun[1..4]) };
            if begun.len() < length {
                return Ok(());
            }
            let message: Vec<u8> = self.wire.begun.drain(..length).collect();
            self.hear(&message)?;
        }
    }
}
