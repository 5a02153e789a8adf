//! The classification of inputs: some are for the table of the state, some end the connection, and some have
//! no effect.

use super::{Classified, Machine};
use crate::{
    error::{HandshakeErrorKind, Misuse},
    input::{Answer, Input, PskChoice, QuestionId, SessionAnswer},
    interrupt::{OnCloseNotify, OnHelloRequest, OnNoRenegotiation, Situation},
    phase::Phase,
    policy::{ClientAuthentication, Renegotiation},
    question::Question,
    raw_message::{self, RawMessage},
    role::Role,
    time::UnixTime,
    trigger::{CheckedKey, ChosenPsk, FoundSession, Trigger},
};
use cairn_schedule::Side;
use cairn_wire::{Alert, AlertDescription, AlertLevel, HelloRequest};
use core::time::Duration;

impl Machine {
    /// Classifies an input.
    pub(super) fn classify<'a>(&mut self, input: Input<'a>) -> Result<Classified<'a>, Misuse> {
        let started = self.phase() != Phase::NotStarted;
        if started == matches!(input, Input::Start { .. }) && !matches!(input, Input::Abort(_)) {
            return Err(Misuse::NotStartedOnce);
        }
        if self.pending.is_some() && matches!(input, Input::Message { .. } | Input::ChangeCipherSpec) {
            return Err(Misuse::QuestionPending);
        }
        Ok(match input {
            Input::Start { now } => {
                self.connection.now = now;
                Classified::Trigger(Trigger::Start(()))
            }
            Input::Renegotiate { now } => {
                self.check_renegotiation()?;
                self.connection.now = now;
                Classified::Trigger(Trigger::Renegotiate(()))
            }
            Input::UpdateKeys { request_update } => {
                // RFC 9001 section 6: "Endpoints MUST NOT send a TLS KeyUpdate message."
                if self.connection.tls13().is_none() || self.connection.quic.is_some() {
                    return Err(Misuse::NoKeyUpdate);
                }
                Classified::Trigger(Trigger::UpdateKeys(request_update))
            }
            Input::RequestCertificate => {
                self.check_certificate_request()?;
                Classified::Trigger(Trigger::RequestCertificate(()))
            }
            Input::Time { now } => self.classify_time(now),
            Input::Message { epoch, .. } if epoch != self.epochs.read => {
                Classified::Fault(HandshakeErrorKind::WrongEpoch { expected: self.epochs.read, got: epoch })
            }
            Input::Message { message, .. } => match Trigger::message(message) {
                Trigger::HelloRequest(message) if self.side() == Side::Client && !self.is_tls13() => {
                    self.classify_hello_request(message)
                }
                trigger => Classified::Trigger(trigger),
            },
            Input::ChangeCipherSpec => Classified::Trigger(Trigger::ChangeCipherSpec(())),
            Input::Alert(alert) => self.classify_alert(alert),
            Input::Answer(id, answer) => self.classify_answer(id, answer)?,
            Input::Abort(alert) => Classified::Fault(HandshakeErrorKind::Aborted(alert)),
            Input::NotJoined(kind) => Classified::Fault(kind),
        })
    }

    /// Whether this side may request a renegotiation.
    fn check_renegotiation(&self) -> Result<(), Misuse> {
        let (renegotiation, limits) = self.role.renegotiation().ok_or(Misuse::NotComplete)?;
        if !self.is_established() {
            return Err(Misuse::NotComplete);
        }
        if renegotiation == Renegotiation::Never || self.connection.tls13().is_some() {
            return Err(Misuse::NoRenegotiation);
        }
        self.connection.check_renegotiation(limits.max_renegotiations)
    }

    /// Whether this side may request a certificate after the handshake.
    fn check_certificate_request(&self) -> Result<(), Misuse> {
        let Role::Server { policy, state } = self.role() else {
            return Err(Misuse::NoPostHandshakeAuthentication);
        };
        let outstanding = state.outstanding_requests().ok_or(Misuse::NoPostHandshakeAuthentication)?;
        let limit = policy.limits.max_certificate_requests;
        if policy.tls13.post_handshake_authentication == ClientAuthentication::None {
            Err(Misuse::NoPostHandshakeAuthentication)
        } else if outstanding >= usize::from(limit) {
            Err(Misuse::TooManyCertificateRequests { limit })
        } else {
            Ok(())
        }
    }

    /// Checks the time limit of a renegotiation. A client may ignore HelloRequest (RFC 5246 section 7.4.1.1),
    /// so its silence counts as a refusal.
    fn classify_time<'a>(&self, now: UnixTime) -> Classified<'a> {
        let limit = self.role.renegotiation().map_or(0, |(_, limits)| limits.max_duration);
        let is_over = self
            .connection
            .tls12()
            .and_then(|connection| connection.renegotiations.since)
            .and_then(|since| now.checked_duration_since(since))
            .is_some_and(|duration| duration > Duration::from_secs(limit.into()));
        if !is_over {
            Classified::Nothing
        } else if self.is_established() {
            Classified::Trigger(Trigger::NoRenegotiation(()))
        } else {
            Classified::Fault(HandshakeErrorKind::RenegotiationTimedOut { limit })
        }
    }

    /// Classifies an alert (RFC 5246 section 7.2). The record layer limits the number of warnings.
    fn classify_alert<'a>(&self, alert: Alert) -> Classified<'a> {
        // RFC 9846 section 6: "the severity is implicit in the type of alert being sent, and the "level"
        // field can safely be ignored." Section 6.1: user_canceled is followed by close_notify.
        let level = match alert.description {
            AlertDescription::CLOSE_NOTIFY | AlertDescription::USER_CANCELED if self.is_tls13() => {
                AlertLevel::WARNING
            }
            _ if self.is_tls13() => AlertLevel::FATAL,
            _ => alert.level,
        };
        match (level, alert.description) {
            (AlertLevel::WARNING | AlertLevel::FATAL, AlertDescription::CLOSE_NOTIFY) => {
                match OnCloseNotify::of(self.situation()) {
                    OnCloseNotify::PeerClosed => Classified::PeerClosed,
                    OnCloseNotify::Ends => Classified::Fault(HandshakeErrorKind::ClosedDuringHandshake),
                }
            }
            (AlertLevel::FATAL, description) => Classified::Fault(HandshakeErrorKind::PeerAlert(description)),
            (AlertLevel::WARNING, AlertDescription::NO_RENEGOTIATION) => {
                match OnNoRenegotiation::of(self.situation()) {
                    OnNoRenegotiation::Decided => Classified::Trigger(Trigger::NoRenegotiation(())),
                    OnNoRenegotiation::Ignored => Classified::Nothing,
                }
            }
            (AlertLevel::WARNING, _) => Classified::Nothing,
            (level, _) => Classified::Fault(HandshakeErrorKind::BadAlertLevel(level)),
        }
    }

    fn situation(&self) -> Situation {
        let requested = self.is_complete() && self.role.awaits_handshake();
        let demanded = self.is_renegotiating()
            && self.connection.tls12().is_some_and(|tls12| tls12.renegotiations.demands_certificate);
        match (requested, demanded) {
            (true, true) => Situation::CertificateDemanded,
            (true, false) => Situation::Requested,
            (false, true) => Situation::Handshaking,
            // Also while the client answers a request after the handshake: then it must not stop.
            (false, false) if !self.epochs.read_gate => Situation::Handshaking,
            (false, false) if self.is_established() => Situation::Established,
            // Early data precedes the first handshake.
            (false, false) if !self.is_complete() => Situation::Handshaking,
            (false, false) => Situation::Renegotiating,
        }
    }

    /// Handles HelloRequest, which is not part of the transcript (RFC 5246 section 7.4.1.1).
    fn classify_hello_request<'a>(&mut self, message: RawMessage<'a>) -> Classified<'a> {
        if let Err(kind) = raw_message::read::<HelloRequest>(message) {
            return Classified::Fault(kind);
        }
        match OnHelloRequest::of(self.situation()) {
            OnHelloRequest::Decided => Classified::Trigger(Trigger::HelloRequest(message)),
            OnHelloRequest::Counted => {
                let limit = self.role.renegotiation().map_or(0, |(_, limits)| limits.max_hello_requests);
                let counted = self.connection.requests_since_data.count(limit);
                counted.map_or_else(Classified::Fault, |()| Classified::Nothing)
            }
        }
    }

    fn classify_answer<'a>(&mut self, id: QuestionId, answer: Answer) -> Result<Classified<'a>, Misuse> {
        let Some((_, question)) = self.question().filter(|(pending, _)| *pending == id) else {
            return Err(Misuse::StaleAnswer);
        };
        let name = question.name();
        Ok(match (question, answer) {
            // A failure to decrypt the premaster secret must not be observable.
            (Question::DecryptPremaster(_), Answer::Failed) => {
                Classified::Trigger(Trigger::PremasterDecrypted(None))
            }
            (Question::DecryptPremaster(_), Answer::Premaster(secret)) => {
                Classified::Trigger(Trigger::PremasterDecrypted(Some(secret)))
            }
            (Question::FindPsk(_), Answer::Psk(psk)) => Classified::Trigger(Trigger::PskFound(psk)),
            (_, Answer::Failed) => Classified::Fault(HandshakeErrorKind::QuestionFailed),
            (Question::ChooseConfiguration(_), Answer::Configured) => {
                Classified::Trigger(Trigger::Configured(()))
            }
            (Question::FindSession(_), Answer::Session(answer)) => self.session_found(answer, false),
            (Question::FindSession(_), Answer::SessionWithOldTicket(answer)) => {
                self.session_found(answer, true)
            }
            (Question::ChoosePsk(_), Answer::PskChoice(PskChoice { psk, now })) => {
                self.connection.now = now;
                Classified::Trigger(Trigger::PskChosen(ChosenPsk { psk }))
            }
            (Question::ConsumePsk(_), Answer::PskUse(used)) => {
                Classified::Trigger(Trigger::PskConsumed(used))
            }
            (Question::SealTicket(_), Answer::Ticket(ticket)) => {
                Classified::Trigger(Trigger::TicketSealed(ticket))
            }
            (
                Question::ChooseServerCredential(_) | Question::ChooseClientCredential(_),
                Answer::Credential(chosen),
            ) => Classified::Trigger(Trigger::CredentialChosen(chosen)),
            (Question::Sign(_), Answer::Signature(signature)) => {
                Classified::Trigger(Trigger::Signed(signature))
            }
            (Question::VerifyPeer(_), Answer::PeerVerified(verified)) => {
                Classified::Trigger(Trigger::PeerVerified(CheckedKey::Verified(verified)))
            }
            (Question::VerifyPeer(_), Answer::PeerNotChecked(key)) => {
                Classified::Trigger(Trigger::PeerVerified(CheckedKey::NotChecked(key)))
            }
            (Question::VerifyPeer(_), Answer::PeerRejected { alert }) => {
                Classified::Fault(HandshakeErrorKind::PeerRejected(alert))
            }
            _ => return Err(Misuse::WrongAnswer { question: name }),
        })
    }

    fn session_found<'a>(&mut self, answer: SessionAnswer, renew: bool) -> Classified<'a> {
        self.connection.now = answer.now;
        Classified::Trigger(Trigger::SessionFound(FoundSession { session: answer.session, renew }))
    }
}
