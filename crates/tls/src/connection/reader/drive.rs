//! Drives the handshake machine: one input at a time. Questions that the configuration can answer are
//! answered at once, and the reader executes its own items of each flight.

use super::{End, Notice, Reader};
use crate::{
    connection::orders::Closing,
    error::{Error, ErrorKind, SaidBy},
};
use cairn_config::{Answered, Refusal};
use cairn_handshake::{Event, HandshakeErrorKind, Input, Item, Misuse, Next, PeerChangeCipherSpec};
use cairn_record::{RecordLimits, RecordReader};
use cairn_schedule::{Direction, Side};
use cairn_wire::{Alert, AlertDescription, ProtocolVersion};

impl Reader {
    /// Executes one step of the machine and answers the questions that the configuration can answer.
    pub(super) fn step(&mut self, input: Input<'_>) -> Result<(), Error> {
        let length = self.tasks.flight.bytes().len();
        match self.machine.step(input, &mut self.tasks.flight) {
            Ok(next) => {
                let followed = self.follow(next);
                self.turned |= self.tasks.flight.bytes().len() > length;
                followed
            }
            Err(misuse) => Err(self.fail(ErrorKind::from(misuse))),
        }
    }

    pub(super) fn follow(&mut self, mut next: Next) -> Result<(), Error> {
        loop {
            self.take_own()?;
            match next {
                Next::AwaitPeer => return Ok(()),
                Next::Failed(error) => {
                    let error = match (error.kind, self.rejected) {
                        (HandshakeErrorKind::PeerRejected(_), Some(fault)) => {
                            Error::chain(fault, error.state, self.machine.version())
                        }
                        _ => Error::new(ErrorKind::Handshake(error), error.state, self.machine.version()),
                    };
                    return Err(self.end_with(error));
                }
                Next::Ask(id) => {
                    let Some((_, question)) = self.machine.question() else { return Ok(()) };
                    let Some(Answered { answer, refusal }) = self.config.answer(&question) else {
                        self.asked = Some(id);
                        return Ok(());
                    };
                    match refusal {
                        Some(Refusal::CertificateWithheld(reason)) => self.withheld = Some(reason),
                        Some(Refusal::PeerRejected(fault)) => self.rejected = Some(fault),
                        _ => {}
                    }
                    next = match self.machine.step(Input::Answer(id, answer), &mut self.tasks.flight) {
                        Ok(next) => next,
                        Err(misuse) => return Err(self.fail(ErrorKind::from(misuse))),
                    };
                }
            }
        }
    }

    /// Executes the reader's items of the flight: keys, limits and the gate for reading, and events.
    fn take_own(&mut self) -> Result<(), Error> {
        if !self.version_set && self.machine.version_is_chosen() {
            self.version_set = true;
            self.tasks.version = Some(ProtocolVersion::TLS_1_2);
        }
        let mut failed = None;
        let mut index = usize::from(self.tasks.for_writer);
        while let Some(item) = self.tasks.flight.extract(&mut index, is_for_reader) {
            match item {
                Item::Keys(change) => {
                    if let Err(error) = self.records.change_keys(self.config.provider(), &change) {
                        failed = Some(ErrorKind::Record(error));
                    }
                }
                Item::LimitRecords { max_plaintext, .. } => self.records.set_max_plaintext(max_plaintext),
                Item::LimitEarlyData { max_bytes, .. } => self.early_data_left = max_bytes,
                Item::ApplicationData { gate, .. } => {
                    if let Err(error) = self.records.set_gate(gate) {
                        failed = Some(ErrorKind::Record(error));
                    }
                }
                Item::PeerChangeCipherSpec(meaning) => {
                    self.records.tolerate_change_cipher_spec(meaning == PeerChangeCipherSpec::Ignored);
                }
                Item::AnswerKeyUpdate => match &self.connection {
                    Some(halves) => halves.request_answer(),
                    None => self.tasks.answer_is_due = true,
                },
                Item::SkipEarlyData { max_bytes } => self.records.skip_early_data(max_bytes),
                Item::Event(Event::Complete(summary)) => {
                    self.refused = false;
                    self.turned = true;
                    self.summary = Some(summary);
                }
                Item::Event(Event::ClientAuthentication(authentication)) => {
                    self.untold = true;
                    if self.machine.side() == Side::Server {
                        self.declined = authentication.identity.is_none();
                        #[cfg(feature = "std")]
                        {
                            self.identified |= !self.declined;
                        }
                    }
                    if let Some(summary) = &mut self.summary {
                        summary.authenticate_client(&authentication);
                    }
                    self.notices.push_back(Notice::ClientAuthentication(authentication));
                }
                Item::Event(Event::SaveSession(session)) => {
                    let for_caller = self.config.save_session(session);
                    self.notices.extend(for_caller.map(Notice::SaveSession));
                }
                Item::Event(Event::ForgetSession(id)) => {
                    let for_caller = self.config.forget_session(id);
                    self.notices.extend(for_caller.map(Notice::ForgetSession));
                }
                Item::Event(Event::KeyLog(line)) => {
                    if let Some(log) = self.config.key_log() {
                        log.log(&line);
                    }
                }
                Item::Event(Event::RenegotiationRefused) => {
                    self.refused = true;
                    self.notices.push_back(Notice::RenegotiationRefused);
                }
                Item::Event(Event::NotResumed(reason)) => {
                    if let Some(trace) = &self.trace {
                        trace.not_resumed(reason);
                    }
                }
                Item::Event(Event::PeerClosed) => {
                    self.end = Some(End::Closed);
                    // RFC 5246 section 7.2.1: "The other party MUST respond with a close_notify alert of its
                    // own and close down the connection immediately, discarding any pending writes."
                    // RFC 9846 section 6.1, about the sender of close_notify: "This does not have any effect
                    // on its read side of the connection."
                    if !self.is_half_closed() {
                        let close_notify = Alert::warning(AlertDescription::CLOSE_NOTIFY);
                        self.tasks.closing = Some(Closing::With(close_notify));
                    }
                }
                _ => {}
            }
        }
        self.tasks.for_writer = u16::try_from(index).unwrap_or(u16::MAX);
        match failed {
            Some(kind) => Err(self.fail(kind)),
            None => Ok(()),
        }
    }

    /// Ends the connection with an error that the machine did not detect, and informs the machine.
    pub(super) fn fail(&mut self, kind: ErrorKind) -> Error {
        if let Some(End::Failed(error)) = self.end {
            return error;
        }
        let error = Error::new(kind, self.machine.state(), self.machine.version());
        self.abort(error.alert.unwrap_or(AlertDescription::INTERNAL_ERROR));
        self.end_with(error)
    }

    /// Ends the connection with the alert of the error. RFC 5246 section 7.2.2: "Upon transmission or receipt
    /// of a fatal alert message, both parties immediately close the connection."
    fn end_with(&mut self, error: Error) -> Error {
        self.set_failed(error);
        self.asked = None;
        self.tasks.closing = match error.alert {
            Some(AlertDescription::CLOSE_NOTIFY) => {
                Some(Closing::With(Alert::warning(AlertDescription::CLOSE_NOTIFY)))
            }
            Some(description) => Some(Closing::With(Alert::fatal(description))),
            None if error.said_by == SaidBy::Peer => Some(Closing::Silently),
            None => None,
        };
        error
    }

    /// The writer has failed, so the connection has failed.
    pub(in crate::connection) fn fail_with(&mut self, error: Error) {
        if self.end.is_none() {
            self.set_failed(error);
            self.abort(AlertDescription::INTERNAL_ERROR);
        }
    }

    /// RFC 9846 section 6: "Servers and clients MUST forget the secret values and keys established in failed
    /// connections". Nothing is read any more.
    fn set_failed(&mut self, error: Error) {
        self.end = Some(End::Failed(error));
        self.records = RecordReader::new(RecordLimits::default());
    }

    /// Makes the machine drop its secrets, and invalidate its session unless the alert is not an error.
    pub(super) fn abort(&mut self, alert: AlertDescription) {
        self.asked = None;
        if self.machine.step(Input::Abort(alert), &mut self.tasks.flight).is_ok() {
            // Only events result, because the reason is already known.
            let _known = self.take_own();
        }
    }
}

/// Whether the reader executes the item, and not the writer.
fn is_for_reader(item: &Item) -> bool {
    match item {
        Item::Keys(change) => change.direction == Direction::Read,
        Item::LimitRecords { direction, .. }
        | Item::LimitEarlyData { direction, .. }
        | Item::ApplicationData { direction, .. } => *direction == Direction::Read,
        Item::Event(_)
        | Item::PeerChangeCipherSpec(_)
        | Item::SkipEarlyData { .. }
        | Item::AnswerKeyUpdate => true,
        _ => false,
    }
}

impl From<Misuse> for ErrorKind {
    /// The calls in this module keep the machine's contract, except that the caller must start the
    /// connection.
    fn from(misuse: Misuse) -> Self {
        match misuse {
            Misuse::Failed(error) => Self::Handshake(error),
            Misuse::NotStartedOnce => Self::NotStartedOnce,
            _ => Self::Internal,
        }
    }
}
