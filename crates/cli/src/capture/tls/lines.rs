//! The lines of a flow, and the remarks about it.

use super::{MAX_LINES, Place, Reader};
use crate::{
    capture::{conversation::Line, sides::From},
    show::event::{Event, Kind},
};
use cairn_tls::{
    Epoch, Traced,
    wire::{RecordHeader, tree::Negotiated},
};

impl Reader<'_> {
    pub(super) fn note(&mut self, note: String) {
        /// More of them would only repeat themselves.
        const MOST: usize = 20;
        let notes = &mut self.conversation.notes;
        if notes.len() < MOST && !notes.contains(&note) {
            notes.push(note);
        }
    }

    /// Adds a line, or counts the record for the last line if both are application data or equal alerts of
    /// the same side.
    pub(super) fn line(
        &mut self,
        place: Place,
        epoch: Epoch,
        traced: Traced<'_>,
        message: Option<(Vec<u8>, Negotiated)>,
    ) {
        let event = Event::new(place.at, place.direction(), epoch, traced, self.negotiated);
        self.add(Line { from: place.from, packet: place.packet, event, records: 1, message });
    }

    /// A line for a record whose content is not known.
    pub(super) fn closed_line(&mut self, place: Place, header: RecordHeader, name: &str) {
        let event = Event {
            at: place.at,
            sent: place.from == From::Client,
            protected: true,
            kind: Kind::ApplicationData,
            name: name.into(),
            size: header.length.into(),
            gist: String::new(),
            tree: String::new(),
        };
        self.add(Line { from: place.from, packet: place.packet, event, records: 1, message: None });
    }

    fn add(&mut self, line: Line) {
        let is_complete = self.conversation.left_out == 0;
        let lines = &mut self.conversation.lines;
        if let Some(last) = lines.last_mut().filter(|last| {
            let (old, new) = (&last.event, &line.event);
            let same = (last.from, &old.name, old.protected) == (line.from, &new.name, new.protected);
            is_complete
                && same
                && match new.kind {
                    Kind::ApplicationData => true,
                    Kind::Alert => old.gist == new.gist,
                    _ => false,
                }
        }) {
            last.records = last.records.saturating_add(1);
            last.event.size = last.event.size.saturating_add(line.event.size);
            if last.event.kind == Kind::ApplicationData {
                last.event.gist = format!("{} records", last.records);
            }
        } else if lines.len() < MAX_LINES {
            lines.push(line);
        } else {
            let left_out = &mut self.conversation.left_out;
            *left_out = left_out.saturating_add(1);
        }
    }
}
