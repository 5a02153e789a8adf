//! The contents of records: handshake messages, ChangeCipherSpec, alerts and application data.

use super::{Progress, Reader};
use crate::{
    error::{Error, ErrorKind},
    trace::Traced,
};
use cairn_handshake::{Input, Joiner};
use cairn_record::{Record, RecordError};
use cairn_schedule::{Direction, Epoch};
use cairn_wire::{Alert, AlertDescription, AlertLevel, ChangeCipherSpec, ContentType, Decode};
use core::mem;

impl Reader {
    /// Processes a decrypted record.
    pub(super) fn process(&mut self, record: &Record, payload: &[u8]) -> Result<Progress, Error> {
        match record.content_type {
            ContentType::HANDSHAKE => {
                self.take_handshake(record.epoch, payload)?;
                // Half of an alert that came before the version was known.
                if let Some(level) = self.half_alert.filter(|_| self.machine.is_tls13()) {
                    self.take_alert(&[level])?;
                }
            }
            // The record layer has checked the gate: RFC 5246 section 7.4.9 permits application data after
            // Finished.
            ContentType::APPLICATION_DATA => {
                // RFC 9846 section 5.1: "Handshake messages MUST NOT be interleaved with other record types."
                // TLS 1.2 permits it. An alert is processed anyway, because it says more than this error.
                if !self.joiner.is_empty() && self.machine.is_tls13() {
                    return Err(self.fail(ErrorKind::DataWithinMessage));
                }
                self.note_data(payload.len());
                if record.epoch == Epoch::EarlyData {
                    return self
                        .count_early_data(payload.len())
                        .map(|()| Progress::EarlyData(record.payload.clone()));
                }
                return Ok(Progress::Data(record.payload.clone()));
            }
            ContentType::CHANGE_CIPHER_SPEC => {
                // RFC 5246 section 7.1: "The message consists of a single byte of value 1."
                if let Err(error) = ChangeCipherSpec::decode_exact(payload) {
                    return Err(self.fail(ErrorKind::BadChangeCipherSpec(error)));
                }
                // RFC 9846 section 5.1 states what RFC 5246 leaves open: "Handshake messages MUST NOT span
                // key changes." An alert must not either.
                if !self.joiner.is_empty() || self.half_alert.is_some() {
                    return Err(self.fail(ErrorKind::SplitAcrossKeyChange));
                }
                self.show(Traced::ChangeCipherSpec);
                self.step(Input::ChangeCipherSpec)?;
            }
            ContentType::ALERT if self.machine.is_tls13() => self.take_alert(payload)?,
            ContentType::ALERT => self.take_alerts(payload)?,
            content_type => {
                // The record layer returns no other type.
                let error = RecordError::UnknownContentType { content_type };
                return Err(self.fail(ErrorKind::Record(error)));
            }
        }
        Ok(match (self.asked, self.end) {
            _ if mem::take(&mut self.untold) => Progress::ClientAuthentication,
            (Some(id), _) => Progress::Question(id),
            (None, Some(_)) => Progress::Closed,
            (None, None) => Progress::Handled,
        })
    }

    /// RFC 9846 section 4.7.1: "A server receiving more than max_early_data_size bytes of 0-RTT data SHOULD
    /// terminate the connection with an "unexpected_message" alert."
    fn count_early_data(&mut self, length: usize) -> Result<(), Error> {
        let left = u32::try_from(length).ok().and_then(|length| self.early_data_left.checked_sub(length));
        match left {
            Some(left) => {
                self.early_data_left = left;
                Ok(())
            }
            None => Err(self.fail(ErrorKind::TooMuchEarlyData)),
        }
    }

    /// RFC 9846 section 5.1: "a record with an Alert type MUST contain exactly one message."
    #[cold]
    fn take_alert(&mut self, payload: &[u8]) -> Result<(), Error> {
        match Alert::decode_exact(payload) {
            Ok(alert) => {
                self.show(Traced::Alert(alert));
                self.step(Input::Alert(alert))
            }
            Err(error) => Err(self.fail(ErrorKind::BadAlert(error))),
        }
    }

    /// In TLS 1.2, and before the version is known, a record may contain several alerts, and an alert may
    /// span two records (RFC 5246 section 6.2.1). Alerts are processed one by one, up to one that ends the
    /// connection. The first byte of a split alert is stored.
    fn take_alerts(&mut self, payload: &[u8]) -> Result<(), Error> {
        let mut bytes = payload.iter();
        while self.end.is_none()
            && let Some(next) = bytes.next()
        {
            match self.half_alert.take() {
                None => self.half_alert = Some(*next),
                Some(level) => {
                    let alert = Alert { level: AlertLevel(level), description: AlertDescription(*next) };
                    self.show(Traced::Alert(alert));
                    self.step(Input::Alert(alert))?;
                }
            }
        }
        Ok(())
    }

    /// Tells the machine that the peer makes progress: it has sent more than handshake messages.
    pub(super) fn note_data(&mut self, length: usize) {
        if length > 0 {
            self.machine.application_data_came();
        }
        self.show(Traced::ApplicationData(length));
    }

    /// Processes a fragment of the handshake, received under the keys of `epoch`.
    pub(super) fn take_handshake(&mut self, epoch: Epoch, payload: &[u8]) -> Result<(), Error> {
        self.epoch = epoch;
        if self.machine.is_established() {
            // The data may start a renegotiation, which checks the age of its session.
            self.machine.set_time(self.config.now());
        }
        if self.joiner.is_empty() {
            self.turned = false;
        }
        // The joiner returns a borrow of its buffer, so it is moved out while the machine processes the
        // message.
        let mut joiner = mem::replace(&mut self.joiner, Joiner::new());
        let taken = self.take_messages(&mut joiner, payload);
        self.joiner = joiner;
        taken
    }

    fn take_messages(&mut self, joiner: &mut Joiner, payload: &[u8]) -> Result<(), Error> {
        // After the handshake of TLS 1.3, messages of both sides do not depend on each other. Messages in
        // the record of Finished still belong to the handshake.
        let has_turns = !(self.machine.is_tls13() && self.machine.is_established());
        let mut rest = payload;
        while self.asked.is_none() && self.end.is_none() {
            match joiner.next(self.epoch, &mut rest, |header| self.machine.check_header(header)) {
                Ok(Some(message)) => {
                    self.show(Traced::Handshake { msg_type: message.msg_type, message: message.bytes });
                    self.step(Input::Message { epoch: self.epoch, message })?;
                }
                Ok(None) => {
                    // RFC 5246 section 7.3: after the peer's turn it is ours. The rest of a message that
                    // started before our answer cannot depend on it.
                    let begins_too_soon = has_turns && self.turned && !joiner.is_empty();
                    return if begins_too_soon { Err(self.fail(ErrorKind::SplitAcrossTurn)) } else { Ok(()) };
                }
                Err(kind) => return self.step(Input::NotJoined(kind)),
            }
        }
        joiner.keep(self.epoch, rest);
        Ok(())
    }

    pub(super) fn show(&self, message: Traced<'_>) {
        if let Some(trace) = &self.trace {
            trace.trace(Direction::Read, self.records.epoch(), message);
        }
    }
}
