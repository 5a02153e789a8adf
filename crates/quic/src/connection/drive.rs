//! Drives the handshake machine: one input at a time. Questions that the configuration can answer are
//! answered at once, and items of the flight become events.

use super::Connection;
use super::error::{Error, ErrorKind};
use super::event::{EarlyDataKeys, Event, OneRtt, Remembered};
use crate::error::ProtectionError;
use crate::keys::{DirectionKeys, Keys};
use crate::level::Level;
use alloc::{boxed::Box, sync::Arc};
use cairn_config::{Answered, Refusal};
use cairn_handshake::{
    Answer, EarlyData, Event as Report, Flight, HandshakeError, HandshakeErrorKind, Input, Item, Joiner,
    Misuse, Next, SessionAnswer, Summary,
};
use cairn_schedule::{Direction, KeyChange, Keys as EpochKeys, Side, tls13::TrafficSecret};
use cairn_wire::AlertDescription;
use core::mem;

impl Connection {
    /// Processes the messages in the stored bytes and in `bytes`, up to the next question.
    pub(super) fn process(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        let mut joiner = mem::take(&mut self.joiner);
        self.process_with(&mut joiner, &mut bytes)?;
        self.joiner = joiner;
        if self.asked.is_some() { self.hold(bytes) } else { Ok(()) }
    }

    fn process_with(&mut self, joiner: &mut Joiner, bytes: &mut &[u8]) -> Result<(), Error> {
        loop {
            let (level, epoch) = (self.level, self.machine.read_epoch());
            // RFC 9001 section 4.1.3: "When TLS provides keys for a higher encryption level, if there is data
            // from a previous encryption level that TLS has not consumed, this MUST be treated as a
            // connection error of type PROTOCOL_VIOLATION."
            if Level::from(epoch) != level {
                let is_consumed = bytes.is_empty() && joiner.is_empty();
                return if is_consumed { Ok(()) } else { Err(self.fail(ErrorKind::NotConsumed { level })) };
            }
            if self.asked.is_some() {
                return Ok(());
            }
            let message = match joiner.next(epoch, bytes, |header| self.machine.check_header(header)) {
                Ok(Some(message)) => message,
                Ok(None) => return Ok(()),
                Err(kind) => return self.step(Input::NotJoined(kind)),
            };
            self.step(Input::Message { epoch, message })?;
        }
    }

    /// Executes one step of the machine and answers the questions that the configuration can answer.
    pub(super) fn step(&mut self, input: Input<'_>) -> Result<(), Error> {
        match self.machine.step(input, &mut self.flight) {
            Ok(next) => self.follow(next),
            Err(misuse) => Err(self.misused(misuse)),
        }
    }

    pub(super) fn follow(&mut self, mut next: Next) -> Result<(), Error> {
        loop {
            self.take_flight()?;
            match next {
                Next::AwaitPeer => return Ok(()),
                Next::Failed(error) => return Err(self.end_with(self.kind_of(error))),
                Next::Ask(id) => {
                    let Some((_, question)) = self.machine.question() else { return Ok(()) };
                    let Some(Answered { answer, refusal }) = self.config.answer(&question) else {
                        self.asked = Some(id);
                        return Ok(());
                    };
                    if let Some(Refusal::PeerRejected(fault)) = refusal {
                        self.rejected = Some(fault);
                    }
                    self.note_session(&answer);
                    next = match self.machine.step(Input::Answer(id, answer), &mut self.flight) {
                        Ok(next) => next,
                        Err(misuse) => return Err(self.misused(misuse)),
                    };
                }
            }
        }
    }

    /// Remembers the session that a client may offer: its settings apply to early data.
    pub(super) fn note_session(&mut self, answer: &Answer) {
        if let Answer::Session(SessionAnswer { session, .. })
        | Answer::SessionWithOldTicket(SessionAnswer { session, .. }) = answer
        {
            self.offered.clone_from(session);
        }
    }

    /// Makes events of the items of the flight.
    fn take_flight(&mut self) -> Result<(), Error> {
        if self.flight.is_empty() {
            return Ok(());
        }
        let mut flight = mem::take(&mut self.flight);
        let outcome = self.take_items(&mut flight);
        flight.clear();
        self.flight = flight;
        outcome.map_err(|error| self.fail(ErrorKind::Protection(error)))
    }

    fn take_items(&mut self, flight: &mut Flight) -> Result<(), ProtectionError> {
        let (bytes, items) = flight.drain();
        for item in items {
            match item {
                Item::Send { epoch, bytes: range, .. } => {
                    self.send(epoch.into(), bytes.get(range).unwrap_or_default());
                }
                Item::Keys(KeyChange { epoch, direction, keys: EpochKeys::Tls13(secret) }) => {
                    self.take_secret(epoch.into(), direction, secret)?;
                }
                Item::DropEarlyKeys => self.reject_early_data(),
                Item::Event(report) => self.take_report(report),
                // The rest is about records, gates and ChangeCipherSpec, which QUIC does not have.
                _ => {}
            }
        }
        Ok(())
    }

    /// Sends bytes in the CRYPTO stream of a level.
    fn send(&mut self, level: Level, more: &[u8]) {
        match self.events.back_mut() {
            Some(Event::Crypto { level: last, bytes }) if *last == level => bytes.extend_from_slice(more),
            _ => self.events.push_back(Event::Crypto { level, bytes: more.to_vec() }),
        }
    }

    /// Takes the secret of a level. The keys of a level are used together.
    fn take_secret(
        &mut self,
        level: Level,
        direction: Direction,
        secret: TrafficSecret,
    ) -> Result<(), ProtectionError> {
        if level == Level::EarlyData {
            let keys = DirectionKeys::new(self.config.provider(), self.version, &secret)?;
            let remembered = self.remembered();
            self.offers_early_data = direction == Direction::Write;
            self.events.push_back(Event::EarlyDataKeys(Box::new(EarlyDataKeys { keys, remembered })));
            return Ok(());
        }
        let (local, remote) = match (self.half.take(), direction) {
            (Some((other, Direction::Write, local)), Direction::Read) if other == level => (local, secret),
            (Some((other, Direction::Read, remote)), Direction::Write) if other == level => (secret, remote),
            _ => {
                self.half = Some((level, direction, secret));
                return Ok(());
            }
        };
        let provider = self.config.provider();
        self.events.push_back(match level {
            Level::OneRtt => {
                let (provider, version) = (Arc::clone(provider), self.version);
                Event::OneRtt(Box::new(OneRtt { provider, version, local, remote }))
            }
            _ => Event::HandshakeKeys(Box::new(Keys::new(provider, self.version, &local, &remote)?)),
        });
        Ok(())
    }

    /// The settings that apply to the early data of a client.
    fn remembered(&self) -> Option<Remembered> {
        let session = self.offered.as_ref().filter(|_| self.side() == Side::Client)?;
        let transport_parameters = Arc::clone(&session.tls13()?.quic.as_ref()?.settings);
        Some(Remembered { transport_parameters, alpn: session.alpn.clone() })
    }

    fn reject_early_data(&mut self) {
        if mem::take(&mut self.offers_early_data) {
            self.events.push_back(Event::EarlyDataRejected);
        }
    }

    fn take_report(&mut self, report: Report) {
        match report {
            Report::Complete(summary) => self.complete(summary),
            Report::TransportParameters(theirs) => self.events.push_back(Event::TransportParameters(theirs)),
            Report::NotResumed(reason) => self.events.push_back(Event::NotResumed(reason)),
            Report::SaveSession(session) => {
                self.events.extend(self.config.save_session(session).map(Event::SaveSession));
            }
            Report::ForgetSession(id) => {
                self.events.extend(self.config.forget_session(id).map(Event::ForgetSession));
            }
            Report::KeyLog(line) => {
                if let Some(log) = self.config.key_log() {
                    log.log(&line);
                }
            }
            // The rest is about TLS 1.2, alerts and authentication after the handshake.
            _ => {}
        }
    }

    fn complete(&mut self, summary: Box<Summary>) {
        if summary.tls13().is_some_and(|tls13| tls13.early_data == EarlyData::Rejected) {
            self.reject_early_data();
        }
        self.offered = None;
        self.summary = Some(summary);
        self.events.push_back(Event::Complete);
    }

    /// The kind of an error of the machine.
    fn kind_of(&self, error: HandshakeError) -> ErrorKind {
        match (error.kind, self.rejected) {
            (HandshakeErrorKind::PeerRejected(_), Some(fault)) => ErrorKind::Certificate(fault),
            // RFC 9001 section 4.4: "Clients MUST treat receipt of CertificateRequest messages [after the
            // handshake] as a connection error of type PROTOCOL_VIOLATION."
            (HandshakeErrorKind::UnexpectedMessage { got: "CertificateRequest" }, _)
                if self.is_complete() && self.side() == Side::Client =>
            {
                ErrorKind::CertificateRequestAfterHandshake
            }
            _ => ErrorKind::Handshake(error),
        }
    }

    fn misused(&mut self, misuse: Misuse) -> Error {
        self.fail(match misuse {
            Misuse::Failed(error) => ErrorKind::Handshake(error),
            Misuse::NotStartedOnce => ErrorKind::NotStartedOnce,
            _ => ErrorKind::Internal,
        })
    }

    /// Ends the connection with an error that the machine did not detect, and informs the machine.
    pub(super) fn fail(&mut self, kind: ErrorKind) -> Error {
        let error = self.end_with(kind);
        let alert = error.alert().unwrap_or(AlertDescription::INTERNAL_ERROR);
        if self.machine.step(Input::Abort(alert), &mut self.flight).is_ok() {
            self.flight.clear();
        }
        error
    }

    /// Ends the connection. The first error counts.
    fn end_with(&mut self, kind: ErrorKind) -> Error {
        self.asked = None;
        self.half = None;
        self.joiner = Joiner::new();
        *self.failed.get_or_insert(Error { kind, state: self.machine.state() })
    }
}
