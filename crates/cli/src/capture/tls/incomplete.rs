//! What the capture lacks of a flow: gaps, and the bytes after its end.

use super::{Place, Reader};
use crate::capture::{
    conversation::End,
    records::{header_of, quoted},
    sides::From,
};
use cairn_tls::wire::RecordHeader;

impl Reader<'_> {
    /// Bytes are missing. If they are in the body of a record, only that record is lost.
    pub(super) fn gap(&mut self, place: Place, offset: u64, length: u64) {
        let side = self.sides.of_mut(place.from);
        let whole = header_of(&side.buffer)
            .map(|header| RecordHeader::LEN.saturating_add(usize::from(header.length)));
        let rest = whole.and_then(|whole| whole.checked_sub(side.buffer.len()));
        match (rest, usize::try_from(length)) {
            (Some(rest), Ok(length)) if length <= rest => {
                side.is_damaged = true;
                side.buffer.resize(side.buffer.len().saturating_add(length), 0);
                let end = offset.saturating_add(length.try_into().unwrap_or(u64::MAX));
                self.note(format!(
                    "bytes {offset} to {end} of the {} are not in the capture; they are in one record",
                    place.from.name()
                ));
                self.records(place);
            }
            _ => {
                let end = offset.saturating_add(length);
                let from = place.from.name();
                self.count_incomplete(place.from);
                self.stop(
                    place.from,
                    format!(
                        "bytes {offset} to {end} of the {from} are not in the capture, so the records after \
                         them cannot be found"
                    ),
                );
            }
        }
    }

    fn count_incomplete(&mut self, from: From) {
        let incomplete = self.conversation.incomplete.of_mut(from);
        *incomplete = incomplete.saturating_add(1);
    }

    /// A record that the capture has not completely.
    pub(super) fn lost(&mut self, place: Place, header: RecordHeader) {
        let side = self.sides.of_mut(place.from);
        side.begun.clear();
        if let Some(opener) = &mut side.tls12 {
            opener.skip();
        }
        if let Some(opener) = &mut side.tls13 {
            opener.skip();
        }
        self.count_incomplete(place.from);
        self.ends_with(place.from, End::Closed);
        self.closed_line(place, header, "damaged record");
    }

    /// The end of the capture.
    pub(super) fn end(&mut self, from: From) {
        let side = self.sides.of(from);
        let name = from.name();
        if let Some(header) = header_of(&side.buffer) {
            let (have, whole) = (side.buffer.len(), RecordHeader::LEN.saturating_add(header.length.into()));
            self.ends_within(from, &format!("a record, after {have} of {whole} bytes"));
        } else if !side.buffer.is_empty() {
            if *self.conversation.has_tls.of(from) {
                self.ends_within(from, "the header of a record");
            } else {
                let first = quoted(&side.buffer);
                self.stop(from, format!("the {name} does not send TLS but {first}"));
            }
        } else if !side.begun.is_empty() {
            self.ends_within(from, "a handshake message");
        }
    }

    fn ends_within(&mut self, from: From, what: &str) {
        self.count_incomplete(from);
        self.ends_with(from, End::Unread);
        self.note(format!("the bytes of the {} end within {what}", from.name()));
    }
}
