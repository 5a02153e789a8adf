//! The buffers of a stream: taken when needed, given back when idle.

use crate::Error;
use alloc::{collections::VecDeque, vec::Vec};
use cairn_record::{MAX_RECORD_LEN, Sealed};
use core::ops::Range;
use std::io::{self, Read, Write};

/// Bytes that came, some of them decrypted in place.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    bytes: Vec<u8>,
    /// Came, and not yet consumed as records.
    pending: Range<usize>,
    /// Application data not yet read, in front of `pending`.
    data: Range<usize>,
    /// Application data that came before that, while records were taken for another reason than to read it.
    held: VecDeque<u8>,
}

/// The most application data that is held, in bytes.
const MAX_HELD: usize = 4 << 14;

impl Incoming {
    /// What came and is not yet consumed.
    pub(super) fn pending(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.pending.clone()).unwrap_or_default()
    }

    pub(super) fn consume_record(&mut self, amount: usize) {
        self.pending.start = self.pending.start.saturating_add(amount).min(self.pending.end);
    }

    /// Marks application data: `range` counts from where the record of `record_len` bytes began that was just consumed.
    pub(super) fn set_data(&mut self, range: Range<usize>, record_len: usize) {
        let record = self.pending.start.saturating_sub(record_len);
        self.data = record.saturating_add(range.start)..record.saturating_add(range.end);
    }

    /// Application data not yet read.
    pub(super) fn data(&self) -> &[u8] {
        match self.held.as_slices().0 {
            [] => self.bytes.get(self.data.clone()).unwrap_or_default(),
            held => held,
        }
    }

    /// Takes the application data not yet read out of the way of further records. Says no when that is more than can be
    /// held.
    pub(super) fn hold_data(&mut self) -> bool {
        let data = self.bytes.get(self.data.clone()).unwrap_or_default();
        if self.held.len().saturating_add(data.len()) > MAX_HELD {
            return false;
        }
        self.held.extend(data);
        self.data = 0..0;
        true
    }

    pub(super) fn consume_data(&mut self, amount: usize) {
        if self.held.is_empty() {
            self.data.start = self.data.start.saturating_add(amount).min(self.data.end);
        } else {
            self.held.drain(..amount.min(self.held.len()));
        }
    }

    /// Reads once from the transport, making room for `needed` pending bytes. All data must have been read.
    pub(super) fn fill(&mut self, transport: &mut impl Read, needed: usize) -> io::Result<usize> {
        if self.bytes.is_empty() {
            self.bytes.resize(MAX_RECORD_LEN, 0);
        }
        let room = self.bytes.len().saturating_sub(self.pending.start);
        if room < needed || self.pending.is_empty() {
            self.bytes.copy_within(self.pending.clone(), 0);
            self.pending = 0..self.pending.len();
        }
        loop {
            let room = self.bytes.get_mut(self.pending.end..).unwrap_or_default();
            match transport.read(room) {
                Ok(came) => {
                    self.pending.end = self.pending.end.saturating_add(came).min(self.bytes.len());
                    return Ok(came);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Gives the memory back, unless there is something in it.
    pub(super) fn release(&mut self) {
        if self.pending.is_empty() && self.data().is_empty() {
            *self = Self::default();
        }
    }
}

/// Records on their way out.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    /// Application data, sealed into a buffer that keeps its length: what is in it was cleared once and is not again.
    data: Vec<u8>,
    /// What of it is still to be sent.
    unsent: Range<usize>,
    /// All else, which goes after that.
    bytes: Vec<u8>,
    /// How many of these are sent.
    sent: usize,
}

impl Outgoing {
    /// Where further records are appended.
    pub(super) const fn end(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Has application data sealed, into as much room as it needs. Only when all is sent: the buffer begins anew.
    pub(super) fn seal(
        &mut self,
        room: usize,
        seal: impl FnOnce(&mut [u8]) -> Result<Sealed, Error>,
    ) -> Result<usize, Error> {
        if self.data.len() < room {
            self.data.resize(room, 0);
        }
        let sealed = seal(self.data.get_mut(..room).unwrap_or_default())?;
        self.unsent = 0..sealed.written;
        Ok(sealed.read)
    }

    /// Whether all is sent.
    pub(super) const fn is_empty(&self) -> bool {
        self.unsent.start >= self.unsent.end && self.bytes.is_empty()
    }

    /// Sends all there is.
    pub(super) fn write_to(&mut self, transport: &mut impl Write) -> io::Result<()> {
        while !self.unsent.is_empty() {
            let sent = write(transport, self.data.get(self.unsent.clone()).unwrap_or_default())?;
            self.unsent.start = self.unsent.start.saturating_add(sent);
        }
        while let Some(rest) = self.bytes.get(self.sent..).filter(|rest| !rest.is_empty()) {
            self.sent = self.sent.saturating_add(write(transport, rest)?);
        }
        self.bytes.clear();
        self.sent = 0;
        Ok(())
    }

    /// Sends all there is, to the transport's own buffers and beyond. A peer that will not read it may be gone.
    pub(super) fn close(&mut self, transport: &mut impl Write, may_be_gone: bool) -> io::Result<()> {
        match self.write_to(transport).and_then(|()| transport.flush()) {
            Err(error) if may_be_gone && error.kind() != io::ErrorKind::WouldBlock => {
                *self = Self::default();
                Ok(())
            }
            closed => closed,
        }
    }

    /// Gives the memory back, unless there is something in it.
    pub(super) fn release(&mut self) {
        if self.is_empty() {
            *self = Self::default();
        }
    }
}

/// Writes once. A transport that takes nothing has an end.
fn write(transport: &mut impl Write, bytes: &[u8]) -> io::Result<usize> {
    loop {
        match transport.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            written => return written,
        }
    }
}
