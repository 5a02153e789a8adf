//! From the master secret to the end of the handshake: what client and server do alike.

use crate::{
    ErrorKind, Event, Floor, KeyLogLine, RawMessage, Renegotiation, Session,
    established::{Established, Kept},
    flight::Out,
    negotiated::Negotiated,
};
use alloc::{boxed::Box, sync::Arc};
use cairn_crypto::{Provider, Secret};
use cairn_schedule::{
    Direction, KeyBlock, MasterSecret, Prf, Side, TrafficKeys, VERIFY_DATA_LEN, VerifyData, verify_data,
};
use cairn_wire::{Finished, Reader};

/// A handshake that has its master secret. Small, because the states move it around.
pub(crate) struct Secured {
    pub(crate) negotiated: Box<Negotiated>,
    /// What will be left of it, master secret and all.
    established: Box<Established>,
    prf: Prf,
    read: Option<TrafficKeys>,
    write: Option<TrafficKeys>,
    client_verify_data: Option<VerifyData>,
    server_verify_data: Option<VerifyData>,
}

impl Secured {
    /// A full handshake: the transcript ends with ClientKeyExchange (RFC 5246 section 8.1, RFC 7627 section 4).
    pub(crate) fn from_premaster(
        negotiated: Box<Negotiated>,
        provider: &Provider,
        premaster: &[u8],
        kept: &Kept,
    ) -> Result<Self, ErrorKind> {
        // Both roles know by now who the peer says it is.
        kept.check_peer(provider, &negotiated)?;
        let hmac = provider.hmac(negotiated.suite.prf_hash).ok_or(ErrorKind::NotInProvider)?;
        let master = if negotiated.extended_master_secret {
            let session_hash = negotiated.transcript.hash()?;
            MasterSecret::derive_extended(hmac, premaster, session_hash.as_bytes())?
        } else {
            MasterSecret::derive(hmac, premaster, &negotiated.randoms)?
        };
        Self::from_master(negotiated, provider, master)
    }

    /// A resumed session: new keys of the old master secret (RFC 5246 appendix F.1.4).
    pub(crate) fn from_master(
        negotiated: Box<Negotiated>,
        provider: &Provider,
        master: MasterSecret,
    ) -> Result<Self, ErrorKind> {
        let hmac = provider.hmac(negotiated.suite.prf_hash).ok_or(ErrorKind::NotInProvider)?;
        let prf = master.prf(hmac)?;
        let (client, server) =
            KeyBlock::derive(&prf, negotiated.suite, &negotiated.randoms)?.into_directions();
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

    /// Gives the master secret to the key log.
    pub(crate) fn log_key(&self, out: &mut Out<'_>) {
        out.event(Event::KeyLog(KeyLogLine {
            label: "CLIENT_RANDOM",
            client_random: self.negotiated.randoms.client,
            secret: Secret::from(self.established.master().expose()),
        }));
    }

    /// ChangeCipherSpec and Finished, ours.
    /// By now all is known that bears on how good the connection is; the peer cannot be done before it has ours.
    pub(crate) fn send_finished(&mut self, floor: &Floor, out: &mut Out<'_>) -> Result<(), ErrorKind> {
        floor.check_negotiated(&self.negotiated).map_err(ErrorKind::BelowFloor)?;
        out.send_change_cipher_spec();
        if let Some(keys) = self.write.take() {
            let Negotiated { suite, encrypt_then_mac, .. } = *self.negotiated;
            out.change_keys(Direction::Write, suite, keys, encrypt_then_mac)?;
            self.negotiated.limit_records_with_keys(Direction::Write, out);
        }
        let ours = self.next_verify_data(self.negotiated.side)?;
        out.send(&mut self.negotiated.transcript, &Finished { verify_data: ours.as_bytes() })
    }

    /// The peer's ChangeCipherSpec.
    pub(crate) fn change_read_keys(&mut self, out: &mut Out<'_>) -> Result<(), ErrorKind> {
        match self.read.take() {
            Some(keys) => {
                let Negotiated { suite, encrypt_then_mac, .. } = *self.negotiated;
                out.change_keys(Direction::Read, suite, keys, encrypt_then_mac)?;
                self.negotiated.limit_records_with_keys(Direction::Read, out);
                Ok(())
            }
            None => Err(ErrorKind::UnexpectedMessage { got: "ChangeCipherSpec" }),
        }
    }

    /// The peer's Finished (RFC 5246 section 7.4.9).
    pub(crate) fn check_finished(&mut self, message: RawMessage<'_>) -> Result<(), ErrorKind> {
        let mut reader = Reader::at(RawMessage::HEADER_LEN, message.body());
        let received: [u8; VERIFY_DATA_LEN] = reader.array("Finished.verify_data")?;
        reader.finish("end of Finished")?;
        let theirs = self.next_verify_data(self.negotiated.side.peer())?;
        if !theirs.matches(&received) {
            return Err(ErrorKind::WrongFinished);
        }
        Ok(self.negotiated.transcript.add(message.bytes)?)
    }

    fn next_verify_data(&mut self, sender: Side) -> Result<VerifyData, ErrorKind> {
        let hash = self.negotiated.transcript.hash()?;
        let data = verify_data(&self.prf, sender, hash.as_bytes())?;
        match sender {
            Side::Client => self.client_verify_data = Some(data),
            Side::Server => self.server_verify_data = Some(data),
        }
        Ok(data)
    }

    /// The session, for a ticket.
    pub(crate) fn session(&self) -> Session {
        self.negotiated.session(self.established.master().clone())
    }

    /// Both Finished are through: saves the session, reports, and shrinks to what later needs.
    pub(crate) fn complete(
        mut self,
        out: &mut Out<'_>,
        kept: &mut Kept,
        provider: &Provider,
        renegotiation: Renegotiation,
    ) -> Result<(), ErrorKind> {
        let named = !self.negotiated.name().is_empty();
        if self.negotiated.save && named {
            out.event(Event::SaveSession(Arc::new(self.session())));
        }
        if let Some((client, server)) = self.client_verify_data.zip(self.server_verify_data) {
            self.established.finish(client, server);
        }
        if renegotiation != Renegotiation::Never {
            self.established.remember(kept.last.as_deref(), provider, &self.negotiated)?;
        }
        out.event(Event::Complete(Box::new((*self.negotiated).into_summary())));
        kept.last = Some(self.established);
        kept.demands_certificate = false;
        Ok(())
    }
}
