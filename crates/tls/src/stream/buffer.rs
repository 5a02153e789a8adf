//! The buffers of a stream: taken when needed, given back when idle.

use crate::Error;
use alloc::{collections::VecDeque, vec::Vec};
use cairn_record::{MAX_RECORD_LEN, Sealed};
use core::{ops::Range, panic::AssertUnwindSafe};
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

/// The most application data that is held during a renegotiation, in bytes.
pub(super) const MAX_HELD: usize = 4 << 14;

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

    /// Takes the application data not yet read out of the way of further records. Says no when that is more than `max`
    /// bytes in all.
    pub(super) fn hold_data(&mut self, max: usize) -> bool {
        let data = self.bytes.get(self.data.clone()).unwrap_or_default();
        if self.held.len().saturating_add(data.len()) > max {
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

    /// All application data not yet read, and what came and is not yet opened.
    pub(super) fn into_unread(self) -> (Vec<u8>, Vec<u8>) {
        let mut data: Vec<u8> = self.held.into();
        data.extend_from_slice(self.bytes.get(self.data).unwrap_or_default());
        (data, self.bytes.get(self.pending).unwrap_or_default().to_vec())
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
    /// Whether there is application data among them.
    data_behind: bool,
    /// Whether the transport has taken something that it was not told to flush.
    unflushed: bool,
    /// What the transport failed with when the caller was told something else, or nothing. Moved in and out whole, so no
    /// panic can leave half of it.
    untold: AssertUnwindSafe<Option<io::Error>>,
}

impl Outgoing {
    /// Where further records are appended.
    pub(super) const fn end(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Where further records of application data are appended.
    pub(super) const fn end_for_data(&mut self) -> &mut Vec<u8> {
        self.data_behind = true;
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

    /// Whether some of what is not sent is application data.
    pub(super) const fn has_data(&self) -> bool {
        self.unsent.start < self.unsent.end || (self.data_behind && !self.bytes.is_empty())
    }

    /// Sends all there is.
    ///
    /// # Errors
    /// That of the transport: the one that nobody has been told yet, if there is one. Nothing is lost; the next call goes
    /// on.
    pub(super) fn send(&mut self, transport: &mut impl Write) -> io::Result<()> {
        let sent = self.send_unsent(transport);
        let untold = self.untold.take();
        sent.map_err(|error| untold.unwrap_or(error))
    }

    /// The same, where an error is for a later call to tell.
    pub(super) fn send_quietly(&mut self, transport: &mut impl Write) {
        match self.send_unsent(transport) {
            Ok(()) => *self.untold = None,
            Err(error) if self.untold.is_none() && error.kind() != io::ErrorKind::WouldBlock => {
                *self.untold = Some(error);
            }
            Err(_) => {}
        }
    }

    /// Sends all there is, to the transport's own buffers and beyond.
    ///
    /// # Errors
    /// As [`Outgoing::send`].
    pub(super) fn flush(&mut self, transport: &mut impl Write) -> io::Result<()> {
        self.send(transport)?;
        self.flush_transport(transport)
    }

    /// Has the transport send what is in its own buffers, before we wait for an answer to it. An error is for a later call
    /// to tell.
    pub(super) fn flush_quietly(&mut self, transport: &mut impl Write) {
        if self.unflushed
            && let Err(error) = self.flush_transport(transport)
            && self.untold.is_none()
            && error.kind() != io::ErrorKind::WouldBlock
        {
            *self.untold = Some(error);
        }
    }

    fn flush_transport(&mut self, transport: &mut impl Write) -> io::Result<()> {
        loop {
            match transport.flush() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(()) => {
                    self.unflushed = false;
                    return Ok(());
                }
            }
        }
    }

    fn send_unsent(&mut self, transport: &mut impl Write) -> io::Result<()> {
        while !self.unsent.is_empty() {
            let sent = write(transport, self.data.get(self.unsent.clone()).unwrap_or_default())?;
            self.unsent.start = self.unsent.start.saturating_add(sent);
            self.unflushed = true;
        }
        while let Some(rest) = self.bytes.get(self.sent..).filter(|rest| !rest.is_empty()) {
            self.sent = self.sent.saturating_add(write(transport, rest)?);
            self.unflushed = true;
        }
        self.bytes.clear();
        self.sent = 0;
        self.data_behind = false;
        Ok(())
    }

    /// Nobody is there to take it any more.
    pub(super) fn drop_unsent(&mut self) {
        *self = Self::default();
    }

    /// All that is not sent.
    pub(super) fn into_unsent(self) -> Vec<u8> {
        let mut unsent = self.data.get(self.unsent).unwrap_or_default().to_vec();
        unsent.extend_from_slice(self.bytes.get(self.sent..).unwrap_or_default());
        unsent
    }

    /// Gives the memory back, unless there is something in it.
    pub(super) fn release(&mut self) {
        if self.is_empty() {
            (self.data, self.bytes) = (Vec::new(), Vec::new());
        }
    }
}

/// Whether the transport only takes its time: the same call can go on later.
pub(super) fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
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
