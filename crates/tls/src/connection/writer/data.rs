//! Encryption of the caller's data.

use super::{Writer, seal};
use crate::{
    error::{Error, ErrorKind},
    trace::Traced,
};
use alloc::vec::Vec;
use cairn_record::{RecordError, Sealed};
use cairn_schedule::{Direction, Gate};
use cairn_wire::ContentType;

impl Writer {
    /// Encrypts application data and appends the records to `out`. Besides encryption, this costs the
    /// initialization of the new part of `out`; [`Writer::write_slice`] avoids that.
    ///
    /// # Errors
    /// [`ErrorKind::WriteBeforeComplete`], also during a renegotiation, and [`ErrorKind::WriteAfterClose`];
    /// [`ErrorKind::Record`] if the provider fails, or if the usage limit of the key is reached (see
    /// [`Writer::usage`]): `out` then has close_notify, and our side is closed. After an error, nothing of
    /// `data` has been encrypted.
    pub fn write(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        self.check_open()?;
        if data.is_empty() {
            return Ok(());
        }
        if self.write_keys.is_some() { self.write_updating(data, out) } else { self.write_data(data, out) }
    }

    /// Encrypts early data of a client and appends the records to `out` (RFC 9846 section 2.3). Returns the
    /// number of bytes that were encrypted: as many as [`Writer::early_data_left`] permits, and 0 when early
    /// data cannot be sent.
    ///
    /// **Early data can be replayed and has no forward secrecy.** An attacker can record it and send it to
    /// the server again. Send only requests that are safe to execute more than once. After the handshake,
    /// [`Summary::tls13`](crate::Summary::tls13) states whether the server accepted the early data. If not,
    /// it is lost, and can be written again.
    ///
    /// # Errors
    /// [`ErrorKind::WriteAfterClose`]; [`ErrorKind::Record`] if the provider fails.
    pub fn write_early(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<usize, Error> {
        if self.is_closed {
            return Err(self.error(ErrorKind::WriteAfterClose));
        }
        let now = data.get(..self.early_data_left()).unwrap_or(data);
        if now.is_empty() {
            return Ok(0);
        }
        seal(&mut self.records, ContentType::APPLICATION_DATA, now, out)?;
        self.show_data(now.len());
        // `now` has at most `early_data_left` bytes, so both operations are exact.
        let written = u32::try_from(now.len()).unwrap_or(u32::MAX);
        self.early_data_left = self.early_data_left.saturating_sub(written);
        Ok(now.len())
    }

    /// The early data that may still be sent, in bytes; 0 if the client has offered none, and after the
    /// server has answered.
    #[must_use]
    pub fn early_data_left(&self) -> usize {
        if self.is_early() { usize::try_from(self.early_data_left).unwrap_or(usize::MAX) } else { 0 }
    }

    /// Encrypts 0.5-RTT data of a server and appends the records to `out`: application data before the
    /// client's Finished (RFC 9846 section 2). Returns the number of bytes that were encrypted; 0 if such
    /// data cannot be sent, or no longer ([`Writer::is_open_for_half_rtt`]). The configuration must permit it
    /// ([`ServerConfigBuilder::half_rtt_data`](crate::ServerConfigBuilder::half_rtt_data)).
    ///
    /// **The client is not authenticated yet**, and its ClientHello may be a replay. Send only data that any
    /// client may see, and do not assume that a client receives it. Both are certain only after the
    /// handshake; send other data then, with [`Writer::write`].
    ///
    /// # Errors
    /// [`ErrorKind::WriteAfterClose`]; [`ErrorKind::Record`] if the provider fails.
    pub fn write_half_rtt(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<usize, Error> {
        if self.is_closed {
            return Err(self.error(ErrorKind::WriteAfterClose));
        }
        if !self.is_open_for_half_rtt() {
            return Ok(0);
        }
        // The keys cannot be updated before the handshake is complete.
        let records = usize::try_from(self.records.records_left()).unwrap_or(usize::MAX);
        let now = data.get(..records.saturating_mul(self.records.max_plaintext())).unwrap_or(data);
        if !now.is_empty() {
            seal(&mut self.records, ContentType::APPLICATION_DATA, now, out)?;
            self.show_data(now.len());
        }
        Ok(now.len())
    }

    /// Whether a server may send 0.5-RTT data now: see [`Writer::write_half_rtt`].
    #[must_use]
    pub const fn is_open_for_half_rtt(&self) -> bool {
        !self.is_closed && matches!(self.records.gate(), Gate::HalfRtt { .. })
    }

    /// Encrypts application data under the keys in use.
    pub(super) fn write_data(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        let sealed = seal(&mut self.records, ContentType::APPLICATION_DATA, data, out);
        match sealed {
            Ok(()) => self.show_data(data.len()),
            Err(Error { kind: ErrorKind::Record(RecordError::KeyExhausted { .. }), .. }) => {
                self.close(out)?;
            }
            Err(_) => {}
        }
        sealed
    }

    /// Encrypts as much application data as `out` has room for, as complete records from the front.
    /// [`Writer::sealed_len`] returns the room that all of it needs. With AEADs the data is not copied before
    /// encryption. The rest of `out` is unchanged, so a reused buffer is initialized only once.
    ///
    /// # Errors
    /// As [`Writer::write`], and [`ErrorKind::Record`] if `out` has no room for a record. If the key's limit
    /// is reached before anything is encrypted, the caller must send close_notify: [`Writer::close`].
    pub fn write_slice(&mut self, data: &[u8], out: &mut [u8]) -> Result<Sealed, Error> {
        self.check_open()?;
        if data.is_empty() {
            return Ok(Sealed { read: 0, written: 0 });
        }
        if self.write_keys.is_some() && self.is_update_due() {
            return self.write_slice_updating(data, out);
        }
        self.write_slice_data(data, out)
    }

    /// Encrypts application data under the keys in use.
    pub(super) fn write_slice_data(&mut self, data: &[u8], out: &mut [u8]) -> Result<Sealed, Error> {
        let sealed = self.records.seal_slice(ContentType::APPLICATION_DATA, data, out);
        let sealed = sealed.map_err(|kind| self.seal_error(kind))?;
        self.show_data(sealed.read);
        Ok(sealed)
    }

    /// Encrypts application data in the caller's buffer, without a copy. `record` is
    /// [`Writer::payload_offset`] bytes of room, the data, and [`Writer::suffix_len`] bytes of room. Returns
    /// the length of the record from the start of `record`. With CBC suites it may be shorter than `record`,
    /// because the padding varies.
    ///
    /// In TLS 1.3 something else may have to be sent before: call [`Writer::prepare`] first.
    ///
    /// # Errors
    /// As [`Writer::write`], and [`ErrorKind::Record`] if the data does not fit into one record. If the key's
    /// limit is reached, the caller must send close_notify: [`Writer::close`]. [`ErrorKind::KeyUpdateDue`] if
    /// the peer has requested KeyUpdate, which [`Writer::prepare`] sends.
    pub fn seal_in_place(&mut self, record: &mut [u8]) -> Result<usize, Error> {
        self.check_open()?;
        if self.write_keys.is_some() && self.is_answer_due() {
            return Err(self.error(ErrorKind::KeyUpdateDue));
        }
        self.records
            .seal_in_place(ContentType::APPLICATION_DATA, record)
            .map_err(|kind| self.seal_error(kind))
    }

    fn show_data(&self, length: usize) {
        if let Some(trace) = &self.trace {
            trace.trace(Direction::Write, self.records.epoch(), Traced::ApplicationData(length));
        }
    }

    /// The room in bytes that [`Writer::write_slice`] needs for data of this length. In TLS 1.3 it includes
    /// room for KeyUpdate, which is rarely needed.
    #[must_use]
    pub fn sealed_len(&self, data_len: usize) -> usize {
        self.records.sealed_len(data_len).saturating_add(self.key_update_len())
    }

    /// The room before the data in [`Writer::seal_in_place`], in bytes.
    #[must_use]
    pub fn payload_offset(&self) -> usize {
        self.records.payload_offset()
    }

    /// The room after the data in [`Writer::seal_in_place`], in bytes.
    #[must_use]
    pub fn suffix_len(&self) -> usize {
        self.records.suffix_len()
    }

    /// The maximum data of one record in bytes.
    #[must_use]
    pub const fn max_plaintext(&self) -> usize {
        self.records.max_plaintext()
    }

    pub(super) fn check_open(&self) -> Result<(), Error> {
        if self.is_closed {
            // RFC 5246 section 7.2.1: close_notify "notifies the recipient that the sender will not send any
            // more messages on this connection."
            Err(self.error(ErrorKind::WriteAfterClose))
        } else if self.is_for_data() {
            Ok(())
        } else {
            Err(self.error(ErrorKind::WriteBeforeComplete))
        }
    }
}
