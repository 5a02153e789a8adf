//! The part of the handshake after the master secret is known, common to client and server.

use crate::{
    Event, Floor, HandshakeErrorKind, KeyLogLine, RawMessage, Renegotiation, Session,
    established::{ConnectionState, Established},
    flight::Out,
    negotiated::{Negotiated, SessionStorage},
};
use alloc::{boxed::Box, sync::Arc};
use cairn_crypto::{Provider, Secret};
use cairn_schedule::{
    Direction, KeyBlock, KeyChange, Keys, MasterSecret, Prf, Side, Tls12Keys, VERIFY_DATA_LEN, VerifyData,
    verify_data,
};
use cairn_wire::{Finished, Reader};

/// A handshake with its master secret. It is small because states are moved.
pub(crate) struct Secured {
    pub(crate) negotiated: Box<Negotiated>,
    /// The future result of the handshake, with the master secret.
    established: Box<Established>,
    prf: Prf,
    read: Option<Tls12Keys>,
    write: Option<Tls12Keys>,
    client_verify_data: Option<VerifyData>,
    server_verify_data: Option<VerifyData>,
}

impl Secured {
    /// After a full key exchange. The transcript ends with ClientKeyExchange (RFC 5246 section 8.1, RFC 7627
    /// section 4).
    pub(crate) fn from_premaster(
        negotiated: Box<Negotiated>,
        provider: &Provider,
        premaster: &[u8],
        connection: &ConnectionState,
    ) -> Result<Self, HandshakeErrorKind> {
        // The peer's identity is known at this point in both roles.
        connection.check_peer(provider, &negotiated)?;
        let hmac = provider.hmac(negotiated.suite.prf_hash).ok_or(HandshakeErrorKind::NotInProvider)?;
        let master = if negotiated.extended_master_secret {
            let session_hash = negotiated.transcript.hash()?;
            MasterSecret::derive_extended(hmac, premaster, session_hash.as_bytes())?
        } else {
            MasterSecret::derive(hmac, premaster, &negotiated.randoms)?
        };
        Self::from_master(negotiated, provider, master)
    }

    /// For a resumed session: derives new keys from its master secret (RFC 5246 appendix F.1.4).
    pub(crate) fn from_master(
        negotiated: Box<Negotiated>,
        provider: &Provider,
        master: MasterSecret,
    ) -> Result<Self, HandshakeErrorKind> {
        let hmac = provider.hmac(negotiated.suite.prf_hash).ok_or(HandshakeErrorKind::NotInProvider)?;
        let prf = master.prf(hmac)?;
        let (client, server) =
            KeyBlock::derive(&prf, negotiated.protection, &negotiated.randoms)?.into_directions();
        let (read, write) = match negotiated.side {
            Side::Client => (server, client),
            Side::Server => (client, server),
        };
        let established = Box::new(Established::new(&negotiated, master));
        Ok(Self {
            negotiated,
            established,
            prf,
            read: Some(read),
            write: Some(write),
            client_verify_data: None,
            server_verify_data: None,
        })
    }

    /// Writes the master secret to the key log.
    pub(crate) fn log_key(&self, out: &mut Out<'_>) {
        out.event(Event::KeyLog(KeyLogLine {
            label: "CLIENT_RANDOM",
            client_random: self.negotiated.randoms.client,
            secret: Secret::from(self.established.master().expose()),
        }));
    }

    /// Sends ChangeCipherSpec and Finished. All parameters that determine the security are known here, and
    /// the peer cannot complete the handshake before our Finished; so the floor is checked here.
    pub(crate) fn send_finished(
        &mut self,
        floor: &Floor,
        out: &mut Out<'_>,
    ) -> Result<(), HandshakeErrorKind> {
        floor.check_negotiated(&self.negotiated).map_err(HandshakeErrorKind::BelowFloor)?;
        out.send_change_cipher_spec();
        if let Some(keys) = self.write.take() {
            let epoch = self.negotiated.epoch;
            out.change_keys(KeyChange { epoch, direction: Direction::Write, keys: Keys::Tls12(keys) });
            self.negotiated.limit_records_with_keys(Direction::Write, out);
        }
        let ours = self.next_verify_data(self.negotiated.side)?;
        out.send(&mut self.negotiated.transcript, &Finished { verify_data: ours.as_bytes() })
    }

    /// Receives the peer's ChangeCipherSpec. From here to the end of a renegotiation, the peer must not send
    /// application data, because nothing has confirmed the new keys (RFC 5246 section 7.4.9).
    pub(crate) fn change_read_keys(&mut self, out: &mut Out<'_>) -> Result<(), HandshakeErrorKind> {
        match self.read.take() {
            Some(keys) => {
                out.close_gate(Direction::Read);
                let epoch = self.negotiated.epoch;
                out.change_keys(KeyChange { epoch, direction: Direction::Read, keys: Keys::Tls12(keys) });
                self.negotiated.limit_records_with_keys(Direction::Read, out);
                Ok(())
            }
            None => Err(HandshakeErrorKind::UnexpectedMessage { got: "ChangeCipherSpec" }),
        }
    }

    /// Receives the peer's Finished (RFC 5246 section 7.4.9).
    pub(crate) fn check_finished(&mut self, message: RawMessage<'_>) -> Result<(), HandshakeErrorKind> {
        let mut reader = Reader::at(RawMessage::HEADER_LEN, message.body());
        let received: [u8; VERIFY_DATA_LEN] = reader.array("Finished.verify_data")?;
        reader.finish("end of Finished")?;
        let theirs = self.next_verify_data(self.negotiated.side.peer())?;
        if !theirs.matches(&received) {
            return Err(HandshakeErrorKind::WrongFinished);
        }
        Ok(self.negotiated.transcript.add(message.bytes)?)
    }

    fn next_verify_data(&mut self, sender: Side) -> Result<VerifyData, HandshakeErrorKind> {
        let hash = self.negotiated.transcript.hash()?;
        let data = verify_data(&self.prf, sender, hash.as_bytes())?;
        match sender {
            Side::Client => self.client_verify_data = Some(data),
            Side::Server => self.server_verify_data = Some(data),
        }
        Ok(data)
    }

    /// The session to seal into a ticket.
    pub(crate) fn session(&self) -> Session {
        self.negotiated.session(self.established.master().clone())
    }

    /// Completes the handshake: saves the session, reports, and keeps only what is needed later.
    pub(crate) fn complete(
        mut self,
        out: &mut Out<'_>,
        connection: &mut ConnectionState,
        provider: &Provider,
        renegotiation: Renegotiation,
    ) -> Result<(), HandshakeErrorKind> {
        if matches!(self.negotiated.storage, SessionStorage::ById | SessionStorage::WithTicket { .. }) {
            out.event(Event::SaveSession(Arc::new(self.session())));
        }
        if let Some((client, server)) = self.client_verify_data.zip(self.server_verify_data) {
            self.established.finish(client, server);
        }
        if renegotiation != Renegotiation::Never {
            self.established.remember(connection.last.as_deref(), provider, &self.negotiated)?;
        }
        connection.epoch = self.negotiated.epoch;
        // RFC 5246 section 7.4.9: "Once a side has sent its Finished message and received and validated the
        // Finished message from its peer, it may begin to send and receive application data over the
        // connection."
        out.open_gate(Direction::Write);
        out.open_gate(Direction::Read);
        out.event(Event::Complete(Box::new((*self.negotiated).into_summary())));
        connection.last = Some(self.established);
        connection.demands_certificate = false;
        Ok(())
    }
}
