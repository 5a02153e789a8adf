//! The state of a connection that outlives a handshake.

use crate::{
    error::{HandshakeErrorKind, Misuse},
    out::Out,
    policy::Limits,
    quic::Quic,
    raw_message::RawMessage,
    session::Session,
    time::UnixTime,
    tls12::{connection::Tls12Connection, established::Tls12Established},
    tls13::connection::Tls13Connection,
};
use alloc::boxed::Box;
use cairn_schedule::{
    Epoch,
    tls13::{EarlyExporterSecret, Transcript},
};
use cairn_wire::{KeyUpdateRequest, SessionId};

/// The state of a connection that outlives a handshake. Every idle connection holds one.
#[derive(Default)]
pub(crate) struct ConnectionState {
    /// The latest time that the caller provided.
    pub(crate) now: UnixTime,
    /// It is not part of a version: HelloRequest may come before the version is chosen, and application data,
    /// which comes often, resets it without a look at the version.
    pub(crate) requests_since_data: RequestsSinceData,
    /// The exporter of early data, if early data was offered and has not been rejected.
    pub(crate) early_exporter: Option<Box<EarlyExporterSecret>>,
    /// The part for QUIC, if that is the transport.
    pub(crate) quic: Option<Box<Quic>>,
    protocol: Protocol,
}

/// The part of the state that depends on the version. A connection never changes its version: the stage
/// before the version is chosen calls [`ConnectionState::choose_tls12`] in each handshake.
#[derive(Default)]
enum Protocol {
    #[default]
    NotChosen,
    Tls12(Tls12Connection),
    /// The handshake is complete. TLS 1.3 has no other.
    Tls13(Box<Tls13Connection>),
}

/// The numbers of requests that the peer has sent since its last application data.
#[derive(Default)]
pub(crate) struct RequestsSinceData {
    /// Those for a renegotiation that led to no handshake, and KeyUpdate messages of TLS 1.3.
    handshakes: u8,
    /// Those for a certificate after the handshake of TLS 1.3.
    certificates: u8,
}

impl RequestsSinceData {
    /// Counts a request for a renegotiation, up to the limit.
    pub(crate) const fn count(&mut self, limit: u8) -> Result<(), HandshakeErrorKind> {
        if is_one_too_many(&mut self.handshakes, limit) {
            return Err(HandshakeErrorKind::TooManyHelloRequests { limit });
        }
        Ok(())
    }

    /// Counts a KeyUpdate, up to the limit.
    pub(crate) const fn count_update(&mut self, limit: u8) -> Result<(), HandshakeErrorKind> {
        if is_one_too_many(&mut self.handshakes, limit) {
            return Err(HandshakeErrorKind::TooManyKeyUpdates { limit });
        }
        Ok(())
    }

    /// Counts a CertificateRequest, up to the limit.
    pub(crate) const fn count_certificate_request(&mut self, limit: u8) -> Result<(), HandshakeErrorKind> {
        if is_one_too_many(&mut self.certificates, limit) {
            return Err(HandshakeErrorKind::TooManyCertificateRequests { limit });
        }
        Ok(())
    }

    /// The peer has sent application data.
    pub(crate) const fn reset(&mut self) {
        (self.handshakes, self.certificates) = (0, 0);
    }
}

const fn is_one_too_many(count: &mut u8, limit: u8) -> bool {
    if *count >= limit {
        return true;
    }
    *count = count.saturating_add(1);
    false
}

impl ConnectionState {
    /// A handshake has chosen TLS 1.2.
    pub(crate) fn choose_tls12(&mut self) {
        match self.protocol {
            Protocol::NotChosen => self.protocol = Protocol::Tls12(Tls12Connection::default()),
            Protocol::Tls12(_) | Protocol::Tls13(_) => {}
        }
    }

    /// A handshake of TLS 1.3 is complete.
    pub(crate) fn complete_tls13(&mut self, connection: Tls13Connection) {
        self.protocol = Protocol::Tls13(Box::new(connection));
    }

    /// Whether the first handshake is complete and the connection has not failed.
    pub(crate) const fn is_complete(&self) -> bool {
        match &self.protocol {
            Protocol::NotChosen => false,
            Protocol::Tls12(connection) => connection.last.is_some(),
            Protocol::Tls13(_) => true,
        }
    }

    /// Whether a renegotiation is in progress or requested.
    #[inline]
    pub(crate) const fn is_renegotiating(&self) -> bool {
        match &self.protocol {
            Protocol::Tls12(connection) => connection.renegotiations.since.is_some(),
            Protocol::NotChosen | Protocol::Tls13(_) => false,
        }
    }

    /// The TLS 1.2 part, if the version is TLS 1.2.
    pub(crate) const fn tls12(&self) -> Option<&Tls12Connection> {
        match &self.protocol {
            Protocol::NotChosen | Protocol::Tls13(_) => None,
            Protocol::Tls12(connection) => Some(connection),
        }
    }

    /// The TLS 1.3 part, after a handshake of TLS 1.3.
    pub(crate) const fn tls13(&self) -> Option<&Tls13Connection> {
        match &self.protocol {
            Protocol::Tls13(connection) => Some(connection),
            Protocol::NotChosen | Protocol::Tls12(_) => None,
        }
    }

    /// As [`ConnectionState::tls13`].
    pub(crate) fn tls13_mut(&mut self) -> Option<&mut Tls13Connection> {
        match &mut self.protocol {
            Protocol::Tls13(connection) => Some(connection),
            Protocol::NotChosen | Protocol::Tls12(_) => None,
        }
    }

    /// As [`ConnectionState::tls12`].
    pub(crate) const fn tls12_mut(&mut self) -> Option<&mut Tls12Connection> {
        match &mut self.protocol {
            Protocol::NotChosen | Protocol::Tls13(_) => None,
            Protocol::Tls12(connection) => Some(connection),
        }
    }

    /// The result of the last complete handshake, if it was one of TLS 1.2. A renegotiation must agree with
    /// it.
    pub(crate) fn last_tls12(&self) -> Option<&Tls12Established> {
        self.tls12()?.last.as_ref()
    }

    /// The connection has failed. Drops its secrets, and returns the session in use, which cannot be resumed
    /// after a fatal alert.
    pub(crate) fn fail(&mut self) -> Option<SessionId> {
        self.early_exporter = None;
        if let Protocol::Tls13(_) = self.protocol {
            self.protocol = Protocol::NotChosen;
        }
        let connection = self.tls12_mut()?;
        connection.last = None;
        connection.renegotiations.since = None;
        Some(connection.session_in_use).filter(|session| !session.is_empty())
    }

    /// Receives a KeyUpdate (RFC 9846 section 4.7.3).
    pub(crate) fn receive_key_update(
        &mut self,
        message: RawMessage<'_>,
        limits: &Limits,
        out: &mut Out<'_>,
    ) -> Result<(), HandshakeErrorKind> {
        // RFC 9001 section 6: "Endpoints MUST treat the receipt of a TLS KeyUpdate message as a connection
        // error of type 0x010a, equivalent to a fatal TLS alert of unexpected_message".
        if self.quic.is_some() {
            return Err(HandshakeErrorKind::UnexpectedMessage { got: "KeyUpdate" });
        }
        // The answer to our own request is not the peer's idea, and there is at most one.
        if !self.tls13_mut().is_some_and(|connection| connection.awaits_update()) {
            self.requests_since_data.count_update(limits.max_key_updates)?;
        }
        self.tls13_mut().map_or(Ok(()), |connection| connection.receive_update(message, out))
    }

    /// Receives NewSessionTicket of TLS 1.3: the session to store, if the ticket can be used.
    pub(crate) fn receive_ticket(
        &mut self,
        message: RawMessage<'_>,
    ) -> Result<Option<Session>, HandshakeErrorKind> {
        let (now, is_quic) = (self.now, self.quic.is_some());
        self.tls13_mut().map_or(Ok(None), |connection| connection.receive_ticket(message, now, is_quic))
    }

    /// Updates our own keys.
    pub(crate) fn send_key_update(&mut self, request_update: KeyUpdateRequest, out: &mut Out<'_>) {
        if let Some(connection) = self.tls13_mut() {
            connection.send_update(request_update, out);
        }
    }

    /// Receives the Finished that ends an authentication after the handshake of TLS 1.3.
    pub(crate) fn check_finished(
        &self,
        message: RawMessage<'_>,
        transcript: &mut Transcript,
    ) -> Result<(), HandshakeErrorKind> {
        self.tls13().ok_or(HandshakeErrorKind::NotInProvider)?.check_finished(message, transcript)
    }

    /// Checks that another renegotiation is possible.
    pub(crate) fn check_renegotiation(&self, limit: u8) -> Result<(), Misuse> {
        let connection = self.tls12().ok_or(Misuse::NotComplete)?;
        connection.renegotiations.check(connection.last.as_ref(), limit)
    }

    /// Counts a renegotiation if it is possible.
    pub(crate) fn start_renegotiation(&mut self, limit: u8) -> Result<(), Misuse> {
        self.check_renegotiation(limit)?;
        self.tls12_mut().ok_or(Misuse::NotComplete)?.renegotiations.start();
        Ok(())
    }

    /// Refuses a renegotiation that the peer requests: see
    /// [`Renegotiations::refuse`](crate::tls12::renegotiation::Renegotiations::refuse).
    pub(crate) fn refuse_renegotiation(
        &mut self,
        limit: u8,
        out: &mut Out<'_>,
    ) -> Result<(), HandshakeErrorKind> {
        self.requests_since_data.count(limit)?;
        let Some(Tls12Connection { last, renegotiations, .. }) = self.tls12_mut() else { return Ok(()) };
        renegotiations.refuse(last.as_ref().is_some_and(Tls12Established::is_secure), out)
    }

    /// The epoch of the keys of the next TLS 1.2 handshake.
    pub(crate) fn next_epoch(&self) -> Result<Epoch, HandshakeErrorKind> {
        let current = self.last_tls12().map_or(Epoch::Initial, Tls12Established::epoch);
        current.next_application().ok_or(HandshakeErrorKind::TooManyHandshakes)
    }
}
