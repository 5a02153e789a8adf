//! The state of a TLS 1.3 connection after its handshake.

use super::{
    finished,
    tickets::{self, ClientTickets},
};
use crate::{
    error::{HandshakeErrorKind, Misuse},
    flight::{NoTranscript, Out},
    raw_message::{self, RawMessage},
    session::Session,
    time::UnixTime,
};
use alloc::boxed::Box;
use cairn_schedule::{
    Direction, KeyChange, Keys,
    tls13::{ApplicationTrafficSecret, ExporterSecret, Tls13Suite, Transcript, VerifyData},
};
use cairn_wire::{Finished, KeyUpdate, KeyUpdateRequest};

/// The state of a TLS 1.3 connection after its handshake. Every idle connection holds one.
pub(crate) struct Tls13Connection {
    suite: &'static Tls13Suite,
    read: ApplicationTrafficSecret,
    write: ApplicationTrafficSecret,
    exporter: ExporterSecret,
    /// In a client that resumes sessions.
    tickets: Option<Box<ClientTickets>>,
    /// Whether we have requested a KeyUpdate that the peer has not sent yet.
    awaits_update: bool,
}

impl Tls13Connection {
    pub(crate) const fn new(
        suite: &'static Tls13Suite,
        read: ApplicationTrafficSecret,
        write: ApplicationTrafficSecret,
        exporter: ExporterSecret,
        tickets: Option<Box<ClientTickets>>,
    ) -> Self {
        Self { suite, read, write, exporter, tickets, awaits_update: false }
    }

    /// The server has sent a ticket: the session to store, if the ticket can be used.
    pub(crate) fn receive_ticket(
        &mut self,
        message: RawMessage<'_>,
        now: UnixTime,
    ) -> Result<Option<Session>, HandshakeErrorKind> {
        let ticket = tickets::read(message)?;
        self.tickets.as_mut().map_or(Ok(None), |tickets| tickets.session(&ticket, now))
    }

    /// The peer has updated its keys. Answers if it asks for that.
    pub(crate) fn receive_update(
        &mut self,
        message: RawMessage<'_>,
        out: &mut Out<'_>,
    ) -> Result<(), HandshakeErrorKind> {
        let KeyUpdate { request_update } = raw_message::read(message)?;
        self.awaits_update = false;
        self.read.update()?;
        change(&self.read, self.suite, Direction::Read, out)?;
        match request_update {
            KeyUpdateRequest::UpdateNotRequested => Ok(()),
            // RFC 9846 section 4.7.3: "then the receiver MUST send a KeyUpdate of its own with request_update
            // set to "update_not_requested" prior to sending its next Application Data record."
            KeyUpdateRequest::UpdateRequested => self.send_update(KeyUpdateRequest::UpdateNotRequested, out),
        }
    }

    /// Updates our own keys.
    pub(crate) fn send_update(
        &mut self,
        request_update: KeyUpdateRequest,
        out: &mut Out<'_>,
    ) -> Result<(), HandshakeErrorKind> {
        // RFC 9846 section 4.7.3: "sending implementations MUST NOT allow the epoch -- and hence the number
        // of key updates -- to exceed 2^48-1." An epoch counts less far.
        if out.epochs.write.next_application().is_none() {
            return Ok(());
        }
        // "Until receiving a subsequent KeyUpdate from the peer, the sender MUST NOT send another KeyUpdate
        // with request_update set to "update_requested"."
        let request_update = match request_update {
            KeyUpdateRequest::UpdateRequested if !self.awaits_update => {
                self.awaits_update = true;
                KeyUpdateRequest::UpdateRequested
            }
            _ => KeyUpdateRequest::UpdateNotRequested,
        };
        out.send(&mut NoTranscript, &KeyUpdate { request_update })?;
        self.write.update()?;
        change(&self.write, self.suite, Direction::Write, out)
    }

    /// `verify_data` of the Finished that ends an authentication of the client after the handshake. Its base
    /// key is the application traffic secret of the sender that is in use (RFC 9846 section 4.5), so one of
    /// before a KeyUpdate is not accepted.
    fn verify_data(
        &self,
        sent: Direction,
        transcript: &Transcript,
    ) -> Result<VerifyData, HandshakeErrorKind> {
        let secret = match sent {
            Direction::Read => &self.read,
            Direction::Write => &self.write,
        };
        Ok(secret.verify_data(&transcript.hash()?)?)
    }

    /// Sends this Finished into `out`.
    pub(crate) fn send_finished(
        &self,
        transcript: &mut Transcript,
        out: &mut Out<'_>,
    ) -> Result<(), HandshakeErrorKind> {
        let ours = self.verify_data(Direction::Write, transcript)?;
        out.send(transcript, &Finished { verify_data: ours.as_bytes() })
    }

    /// Receives this Finished.
    pub(crate) fn check_finished(
        &self,
        message: RawMessage<'_>,
        transcript: &mut Transcript,
    ) -> Result<(), HandshakeErrorKind> {
        let theirs = self.verify_data(Direction::Read, transcript)?;
        finished::receive(&theirs, message, transcript)
    }

    /// `TLS-Exporter` (RFC 9846 section 7.5).
    pub(crate) fn export(&self, label: &[u8], context: &[u8], out: &mut [u8]) -> Result<(), Misuse> {
        self.exporter.export(label, context, out).map_err(Misuse::Schedule)
    }
}

/// Uses the next keys of a direction. Application data continues under them.
fn change(
    secret: &ApplicationTrafficSecret,
    suite: &'static Tls13Suite,
    direction: Direction,
    out: &mut Out<'_>,
) -> Result<(), HandshakeErrorKind> {
    let current = match direction {
        Direction::Read => out.epochs.read,
        Direction::Write => out.epochs.write,
    };
    let epoch = current.next_application().ok_or(HandshakeErrorKind::TooManyHandshakes)?;
    out.change_keys(KeyChange { epoch, direction, keys: Keys::Tls13(secret.for_suite(suite)?) });
    out.open_gate(direction);
    Ok(())
}
