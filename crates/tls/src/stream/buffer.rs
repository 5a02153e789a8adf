//! The buffers of a stream, allocated when needed and freed when idle.

use crate::error::Error;
use alloc::{collections::VecDeque, vec::Vec};
use cairn_record::{MAX_RECORD_LEN, Sealed};
use core::{ops::Range, panic::AssertUnwindSafe};
use std::io::{self, Read, Write};

/// Received bytes, partly decrypted in place.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    bytes: Vec<u8>,
    /// Received bytes that have not been processed.
    pending: Range<usize>,
    /// Decrypted application data that has not been read. It precedes `pending`.
    data: Range<usize>,
    /// Earlier application data, received while records were processed for another purpose.
    held: VecDeque<u8>,
}

/// The maximum application data that is stored during a renegotiation, in bytes.
pub(super) const MAX_HELD: usize = 4 << 14;

impl Incoming {
    /// The received bytes that have not been processed.
    pub(super) fn pending(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.pending.clone()).unwrap_or_default()
    }

    pub(super) fn consume_record(&mut self, amount: usize) {
        self.pending.start = self.pending.start.saturating_add(amount).min(self.pending.end);
    }

    /// Marks application data. `range` counts from the start of the record of `record_len` bytes that was
    /// just consumed.
    pub(super) fn set_data(&mut self, range: Range<usize>, record_len: usize) {
        let record = self.pending.start.saturating_sub(record_len);
        self.data = record.saturating_add(range.start)..record.saturating_add(range.end);
    }

    /// The application data that has not been read.
    pub(super) fn data(&self) -> &[u8] {
        match self.held.as_slices().0 {
            [] => self.bytes.get(self.data.clone()).unwrap_or_default(),
            held => held,
        }
    }

    /// Moves the unread application data aside, so that more records can be received. Returns `false` if it
    /// is more than `max` bytes in total.
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

    /// Reads once from the transport, with room for `needed` pending bytes. There must be no unread
    /// application data.
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
                Ok(filled) => {
                    self.pending.end = self.pending.end.saturating_add(filled).min(self.bytes.len());
                    return Ok(filled);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// All unread application data, and the received bytes that have not been processed.
    pub(super) fn into_unread(self) -> (Vec<u8>, Vec<u8>) {
        let mut data: Vec<u8> = self.held.into();
        data.extend_from_slice(self.bytes.get(self.data).unwrap_or_default());
        (data, self.bytes.get(self.pending).unwrap_or_default().to_vec())
    }

    /// Frees the memory if it is empty.
    pub(super) fn release(&mut self) {
        if self.pending.is_empty() && self.data().is_empty() {
            *self = Self::default();
        }
    }
}

/// Records to be sent.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    /// Encrypted application data, in a buffer that keeps its length so that it is initialized only once.
    data: Vec<u8>,
    /// The part of it that has not been sent.
    unsent: Range<usize>,
    /// Other records, which are sent after that.
    bytes: Vec<u8>,
    /// The number of these bytes that were sent.
    sent: usize,
    /// Whether they contain application data.
    data_behind: bool,
    /// Whether the transport has accepted bytes that were not flushed.
    unflushed: bool,
    /// A transport error that has not been returned to the caller. It is moved as a whole, so that a panic
    /// cannot leave it in an invalid state.
    untold: AssertUnwindSafe<Option<io::Error>>,
}

impl Outgoing {
    /// The buffer to append records to.
    pub(super) const fn end(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// The buffer to append records of application data to.
    pub(super) const fn end_for_data(&mut self) -> &mut Vec<u8> {
        self.data_behind = true;
        &mut self.bytes
    }

    /// Lets `seal` encrypt application data with the room that it needs. Only if everything has been sent,
    /// because the buffer is then reused.
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

    /// Whether everything has been sent.
    pub(super) const fn is_empty(&self) -> bool {
        self.unsent.start >= self.unsent.end && self.bytes.is_empty()
    }

    /// Whether unsent bytes contain application data.
    pub(super) const fn has_data(&self) -> bool {
        self.unsent.start < self.unsent.end || (self.data_behind && !self.bytes.is_empty())
    }

    /// Sends everything.
    ///
    /// # Errors
    /// The transport's error, or an earlier one that has not been returned. Nothing is lost; the next call
    /// continues.
    pub(super) fn send(&mut self, transport: &mut impl Write) -> io::Result<()> {
        let sent = self.send_unsent(transport);
        let untold = self.untold.take();
        sent.map_err(|error| untold.unwrap_or(error))
    }

    /// The same, but an error is stored for a later call.
    pub(super) fn send_quietly(&mut self, transport: &mut impl Write) {
        match self.send_unsent(transport) {
            Ok(()) => *self.untold = None,
            Err(error) if self.untold.is_none() && error.kind() != io::ErrorKind::WouldBlock => {
                *self.untold = Some(error);
            }
            Err(_) => {}
        }
    }

    /// The error of the transport that no call has returned.
    pub(super) fn take_untold(&mut self) -> Option<io::Error> {
        self.untold.take()
    }

    /// Sends everything and flushes the transport.
    ///
    /// # Errors
    /// As [`Outgoing::send`].
    pub(super) fn flush(&mut self, transport: &mut impl Write) -> io::Result<()> {
        self.send(transport)?;
        self.flush_transport(transport)
    }

    /// Flushes the transport before we wait for a response. An error is stored for a later call.
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

    /// The peer cannot receive any more.
    pub(super) fn drop_unsent(&mut self) {
        *self = Self::default();
    }

    /// All unsent bytes.
    pub(super) fn into_unsent(self) -> Vec<u8> {
        let mut unsent = self.data.get(self.unsent).unwrap_or_default().to_vec();
        unsent.extend_from_slice(self.bytes.get(self.sent..).unwrap_or_default());
        unsent
    }

    /// Frees the memory if it is empty.
    pub(super) fn release(&mut self) {
        if self.is_empty() {
            (self.data, self.bytes) = (Vec::new(), Vec::new());
        }
    }
}

/// Whether the error is temporary, so that the same call can be repeated.
pub(super) fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// Writes once. A transport that accepts 0 bytes has ended.
fn write(transport: &mut impl Write, bytes: &[u8]) -> io::Result<usize> {
    loop {
        match transport.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            written => return written,
        }
    }
}
