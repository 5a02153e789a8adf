//! The state of a TLS 1.3 connection after its handshake.

use super::{
    finished,
    tickets::{self, ClientTickets},
};
use crate::{
    error::{HandshakeErrorKind, Misuse},
    out::Out,
    raw_message::{self, RawMessage},
    session::Session,
    time::UnixTime,
};
use alloc::boxed::Box;
use cairn_schedule::{
    Direction, KeyChange, Keys,
    tls13::{ApplicationTrafficSecret, ExporterSecret, Tls13Suite, Transcript},
};
use cairn_wire::{KeyUpdate, KeyUpdateRequest};

/// The state of a TLS 1.3 connection after its handshake. Every idle connection holds one. The keys for
/// writing are not part of it: see [`WriteKeys`](super::write_keys::WriteKeys).
pub(crate) struct Tls13Connection {
    suite: &'static Tls13Suite,
    read: ApplicationTrafficSecret,
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
        exporter: ExporterSecret,
        tickets: Option<Box<ClientTickets>>,
    ) -> Self {
        Self { suite, read, exporter, tickets, awaits_update: false }
    }

    /// The server has sent a ticket: the session to store, if the ticket can be used.
    pub(crate) fn receive_ticket(
        &mut self,
        message: RawMessage<'_>,
        now: UnixTime,
        is_quic: bool,
    ) -> Result<Option<Session>, HandshakeErrorKind> {
        let ticket = tickets::read(message)?;
        if is_quic {
            ticket.check_quic()?;
        }
        self.tickets.as_mut().map_or(Ok(None), |tickets| tickets.session(&ticket, now))
    }

    /// Whether the peer has not yet answered our request for KeyUpdate.
    pub(crate) const fn awaits_update(&self) -> bool {
        self.awaits_update
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
        let epoch = out.epochs.read.next_received();
        let keys = Keys::Tls13(self.read.for_suite(self.suite)?);
        out.change_keys(KeyChange { epoch, direction: Direction::Read, keys });
        out.open_gate(Direction::Read);
        if request_update == KeyUpdateRequest::UpdateRequested {
            out.answer_key_update();
        }
        Ok(())
    }

    /// Updates our own keys.
    pub(crate) fn send_update(&mut self, request_update: KeyUpdateRequest, out: &mut Out<'_>) {
        // RFC 9846 section 4.7.3: "Until receiving a subsequent KeyUpdate from the peer, the sender MUST NOT
        // send another KeyUpdate with request_update set to "update_requested"."
        let request_update = match request_update {
            KeyUpdateRequest::UpdateRequested if !self.awaits_update => {
                self.awaits_update = true;
                KeyUpdateRequest::UpdateRequested
            }
            _ => KeyUpdateRequest::UpdateNotRequested,
        };
        out.update_keys(request_update);
    }

    /// Receives the Finished that ends an authentication of the client after the handshake. Its base key is
    /// the application traffic secret of the client that is in use (RFC 9846 section 4.5), so one of before a
    /// KeyUpdate is not accepted.
    pub(crate) fn check_finished(
        &self,
        message: RawMessage<'_>,
        transcript: &mut Transcript,
    ) -> Result<(), HandshakeErrorKind> {
        let theirs = self.read.verify_data(&transcript.hash()?)?;
        finished::receive(&theirs, message, transcript)
    }

    /// `TLS-Exporter` (RFC 9846 section 7.5).
    pub(crate) fn export(&self, label: &[u8], context: &[u8], out: &mut [u8]) -> Result<(), Misuse> {
        self.exporter.export(label, context, out).map_err(Misuse::Schedule)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::{flight::Flight, out::Epochs};
    use cairn_crypto::SecretBytes;
    use cairn_schedule::{
        Epoch,
        tls13::{Kdf, SUITES},
    };
    use cairn_wire::HandshakeType;

    /// RFC 9846 section 4.7.3 limits how often a sender updates its keys: "In order to allow this value to be
    /// changed later [...] receiving implementations MUST NOT enforce this rule."
    #[test]
    fn peer_may_update_its_keys_without_a_limit() {
        let suite = &SUITES[0];
        let kdf = Kdf::new(&cairn_provider_aws_lc::provider(), suite.hash).unwrap();
        let bytes = || SecretBytes::from(&[7; 32][..]);
        let read = ApplicationTrafficSecret::new(&kdf, bytes()).unwrap();
        let exporter = ExporterSecret::new(&kdf, bytes()).unwrap();
        let mut connection = Tls13Connection::new(suite, read, exporter, None);
        let mut epochs = Epochs { read: Epoch::Application(u32::MAX - 1), ..Epochs::default() };
        let mut flight = Flight::default();
        for after in [u32::MAX, 0, 1] {
            let message = RawMessage { msg_type: HandshakeType::KEY_UPDATE, bytes: &[24, 0, 0, 1, 0] };
            let mut out = Out { flight: &mut flight, epochs: &mut epochs };
            connection.receive_update(message, &mut out).unwrap();
            assert_eq!(epochs.read, Epoch::Application(after));
        }
    }
}
