//! KeyUpdate of TLS 1.3 (RFC 9846 section 4.7.3): in time before the usage limit of a key, and as the answer
//! to the peer's requests before the next application data.

use super::{Writer, error, record_error, seal};
use crate::{
    error::{Error, ErrorKind},
    trace::Traced,
};
use alloc::vec::Vec;
use cairn_crypto::CryptoError;
use cairn_handshake::{HandshakeErrorKind, WriteKeysUpdate};
use cairn_record::{RecordError, Sealed};
use cairn_schedule::{Direction, Gate, ScheduleError};
use cairn_wire::{ContentType, HandshakeType, KeyUpdateRequest};

/// The length of KeyUpdate with its header.
const KEY_UPDATE_LEN: usize = 5;

impl Writer {
    /// Appends to `out` the records that must be sent before the next application data, for callers of
    /// [`Writer::seal_in_place`]. The other methods that write do it themselves.
    ///
    /// In TLS 1.3 this is KeyUpdate, if the peer has requested it, or if the key is near its usage limit
    /// (RFC 9846 sections 4.7.3 and 5.5). Usually there are none.
    ///
    /// # Errors
    /// As [`Writer::write`].
    pub fn prepare(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.check_open()?;
        self.update_if_due(out)
    }

    /// Whether KeyUpdate must precede the next application data.
    pub(super) fn is_update_due(&self) -> bool {
        self.records.is_update_due() || self.is_answer_due()
    }

    /// Whether the peer has requested KeyUpdate since our last one.
    pub(super) fn is_answer_due(&self) -> bool {
        self.answer_is_due || self.connection.as_ref().is_some_and(|halves| halves.is_answer_due())
    }

    fn take_answer(&mut self) -> bool {
        let requested = core::mem::take(&mut self.answer_is_due);
        self.connection.as_ref().is_some_and(|halves| halves.take_answer()) || requested
    }

    fn update_if_due(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        if self.write_keys.is_some() && self.is_update_due() {
            self.update_keys(KeyUpdateRequest::UpdateNotRequested, out)?;
        }
        Ok(())
    }

    /// Sends KeyUpdate and uses the next keys.
    pub(super) fn update_keys(
        &mut self,
        request_update: KeyUpdateRequest,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let updated = match &mut self.write_keys {
            Some(keys) => keys.update(request_update).map_err(schedule_error),
            None => Ok(None),
        };
        // A KeyUpdate that requests another one is not an answer to the peer. Requests that arrive from now
        // on get an answer of their own.
        if request_update == KeyUpdateRequest::UpdateNotRequested {
            self.take_answer();
        }
        let sent = updated.and_then(|update| update.map_or(Ok(()), |update| self.send_update(update, out)));
        // Without its keys, nothing more may be sent.
        self.is_closed |= sent.is_err();
        sent
    }

    fn send_update(&mut self, update: WriteKeysUpdate, out: &mut Vec<u8>) -> Result<(), Error> {
        let WriteKeysUpdate { message, change } = update;
        if let Some(trace) = &self.trace {
            let msg_type = HandshakeType::KEY_UPDATE;
            trace.trace(
                Direction::Write,
                self.records.epoch(),
                Traced::Handshake { msg_type, message: &message },
            );
        }
        seal(&mut self.records, ContentType::HANDSHAKE, &message, out)?;
        let gate = Gate::Open { epoch: change.epoch };
        let changed = self.records.change_keys(&self.provider, &change);
        changed.and_then(|()| self.records.set_gate(gate)).map_err(record_error)
    }

    /// The room for KeyUpdate; 0 in TLS 1.2.
    pub(super) fn key_update_len(&self) -> usize {
        if self.write_keys.is_some() { self.records.message_record_len(KEY_UPDATE_LEN) } else { 0 }
    }

    /// Encrypts application data, and updates the keys as often as necessary.
    pub(super) fn write_updating(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        let before = out.len();
        let mut rest = data;
        while !rest.is_empty() {
            let written = self.update_if_due(out).and_then(|()| {
                let (now, later) = rest.split_at_checked(self.data_left()).unwrap_or((rest, &[]));
                rest = later;
                self.write_data(now, out)
            });
            if let Err(error) = written {
                // After a usage limit, `out` has close_notify. After other errors, nothing more is sent: the
                // peer would miss the records that are removed here.
                if !matches!(error.kind, ErrorKind::Record(RecordError::KeyExhausted { .. })) {
                    self.is_closed |= out.len() > before;
                    out.truncate(before);
                }
                return Err(error);
            }
        }
        Ok(())
    }

    /// The application data that fits under the key before it must be updated, in bytes; at least 1.
    fn data_left(&self) -> usize {
        if !self.write_keys.as_ref().is_some_and(|keys| keys.can_update()) {
            return usize::MAX;
        }
        let records = usize::try_from(self.records.records_left()).unwrap_or(usize::MAX);
        records.saturating_mul(self.records.max_plaintext()).max(1)
    }

    /// Encrypts KeyUpdate and application data, if there is room for both.
    pub(super) fn write_slice_updating(&mut self, data: &[u8], out: &mut [u8]) -> Result<Sealed, Error> {
        let needed = self.key_update_len().saturating_add(self.records.record_len(1));
        let got = out.len();
        let too_small = || error(ErrorKind::Record(RecordError::BufferTooSmall { needed, got }));
        if got < needed {
            return Err(Error { alert: None, ..too_small() });
        }
        let mut update = Vec::new();
        self.update_if_due(&mut update)?;
        let (start, rest) = out.split_at_mut_checked(update.len()).ok_or_else(too_small)?;
        start.copy_from_slice(&update);
        let sealed = self.write_slice_data(data, rest)?;
        Ok(Sealed { written: sealed.written.saturating_add(update.len()), ..sealed })
    }
}

/// The error if the keys cannot be used to derive a value: the provider has failed.
pub(super) fn schedule_error(kind: HandshakeErrorKind) -> Error {
    record_error(RecordError::Crypto(match kind {
        HandshakeErrorKind::Schedule(ScheduleError::Crypto(error)) => error,
        _ => CryptoError::Failed,
    }))
}
