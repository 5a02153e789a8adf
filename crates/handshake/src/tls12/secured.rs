//! The part of a TLS 1.2 handshake after the master secret is known, common to client and server.
//!
//! The type says how far each direction is: its keys are pending before ChangeCipherSpec, in use after it,
//! and confirmed by Finished. Each step consumes the one before, so keys are used once, Finished is computed
//! only under changed keys, and a handshake is complete only with the verify_data of both sides.

use super::{established::Tls12Established, negotiated::Tls12Negotiated, secrets::Secrets};
use crate::{
    connection::ConnectionState,
    error::HandshakeErrorKind,
    flight::{Event, KeyLogLine},
    out::Out,
    policy::Renegotiation,
    raw_message::RawMessage,
    security::{Floor, SuiteFacts},
    session::Session,
};
use alloc::{boxed::Box, sync::Arc};
use cairn_crypto::{Provider, SecretBytes};
use cairn_schedule::{
    Direction, KeyBlock, KeyChange, Keys, MasterSecret, Prf, Side, Tls12Keys, VERIFY_DATA_LEN, VerifyData,
    verify_data,
};
use cairn_wire::{Finished, Reader};

/// A handshake with its master secret: the state of reading is `R`, and the state of writing is `W`. It is
/// small because states are moved.
pub(crate) struct Secured<R, W> {
    pub(crate) negotiated: Box<Tls12Negotiated>,
    secrets: Box<Secrets>,
    prf: Prf,
    read: R,
    write: W,
}

/// A direction before ChangeCipherSpec.
pub(crate) struct Pending(Tls12Keys);

/// A direction between ChangeCipherSpec and Finished.
pub(crate) struct InUse;

/// A direction after Finished.
pub(crate) struct Confirmed(VerifyData);

/// A direction in which Finished may have passed already. Which side is first depends on whether a session is
/// resumed (RFC 5246 section 7.3, figures 1 and 2).
pub(crate) enum Either {
    Pending(Pending),
    Confirmed(Confirmed),
}

/// The two cases of [`Either`], each with a handshake of the corresponding type.
pub(crate) enum Case<BeforeFinished, AfterFinished> {
    /// Finished has not passed in this direction.
    Pending(BeforeFinished),
    /// Finished has passed in this direction.
    Confirmed(AfterFinished),
}

impl Secured<Pending, Pending> {
    /// After a full key exchange. The transcript ends with ClientKeyExchange (RFC 5246 section 8.1, RFC 7627
    /// section 4).
    pub(crate) fn from_premaster(
        negotiated: Box<Tls12Negotiated>,
        provider: &Provider,
        premaster: &[u8],
        connection: &ConnectionState,
    ) -> Result<Self, HandshakeErrorKind> {
        // The peer's identity is known at this point in both roles.
        if let Some(last) = connection.last_tls12() {
            last.check_peer(provider, &negotiated)?;
        }
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
        negotiated: Box<Tls12Negotiated>,
        provider: &Provider,
        master: MasterSecret,
    ) -> Result<Self, HandshakeErrorKind> {
        let hmac = provider.hmac(negotiated.suite.prf_hash).ok_or(HandshakeErrorKind::NotInProvider)?;
        let prf = master.prf(hmac)?;
        let (client, server) =
            KeyBlock::derive(&prf, negotiated.protection, &negotiated.randoms)?.into_directions();
        let (read, write) = match negotiated.common.side.side() {
            Side::Client => (server, client),
            Side::Server => (client, server),
        };
        let Tls12Negotiated { suite, randoms, .. } = *negotiated;
        let secrets = Box::new(Secrets { suite, master, randoms });
        Ok(Self { negotiated, secrets, prf, read: Pending(read), write: Pending(write) })
    }
}

impl<R, W> Secured<R, W> {
    /// Writes the master secret to the key log.
    pub(crate) fn log_key(&self, out: &mut Out<'_>) {
        out.event(Event::KeyLog(KeyLogLine {
            label: "CLIENT_RANDOM",
            client_random: self.negotiated.randoms.client,
            secret: SecretBytes::from(&self.secrets.master.expose()[..]),
        }));
    }

    /// The session to store, or to seal into a ticket.
    pub(crate) fn session(&self) -> Session {
        self.negotiated.session(self.secrets.master.clone())
    }

    /// Changes the keys of a direction, and limits its records as negotiated.
    fn change_keys(&self, direction: Direction, Pending(keys): Pending, out: &mut Out<'_>) {
        out.change_keys(KeyChange { epoch: self.negotiated.epoch, direction, keys: Keys::Tls12(keys) });
        self.negotiated.limit_records_with_keys(direction, out);
    }

    /// The verify_data of a Finished message at this point of the transcript (RFC 5246 section 7.4.9).
    fn verify_data(&self, sender: Side) -> Result<VerifyData, HandshakeErrorKind> {
        let hash = self.negotiated.transcript.hash()?;
        Ok(verify_data(&self.prf, sender, hash.as_bytes())?)
    }

    /// Replaces the states of both directions. The closure takes the old ones.
    fn advance<R2, W2>(self, next: impl FnOnce(R, W) -> (R2, W2)) -> Secured<R2, W2> {
        let Self { negotiated, secrets, prf, read, write } = self;
        let (read, write) = next(read, write);
        Secured { negotiated, secrets, prf, read, write }
    }
}

impl<R> Secured<R, Pending> {
    /// Sends ChangeCipherSpec and Finished. All parameters that determine the security are known here, and
    /// the peer cannot complete the handshake before our Finished; so the floor is checked here.
    pub(crate) fn send_finished(
        self,
        floor: &Floor,
        out: &mut Out<'_>,
    ) -> Result<Secured<R, Confirmed>, HandshakeErrorKind> {
        self.negotiated.common.check_floor(SuiteFacts::of_tls12(self.negotiated.suite), floor)?;
        out.send_change_cipher_spec();
        let Self { negotiated, secrets, prf, read, write } = self;
        let mut secured = Secured { negotiated, secrets, prf, read, write: InUse };
        secured.change_keys(Direction::Write, write, out);
        let ours = secured.verify_data(secured.negotiated.common.side.side())?;
        out.send(&mut secured.negotiated.transcript, &Finished { verify_data: ours.as_bytes() })?;
        Ok(secured.advance(|read, InUse| (read, Confirmed(ours))))
    }

    /// Waits for the peer, which sends ChangeCipherSpec and Finished before us.
    pub(crate) fn before_ours(self) -> Secured<R, Either> {
        self.advance(|read, write| (read, Either::Pending(write)))
    }
}

impl<R> Secured<R, Confirmed> {
    /// Waits for the peer, which sends ChangeCipherSpec and Finished after us.
    pub(crate) fn after_ours(self) -> Secured<R, Either> {
        self.advance(|read, write| (read, Either::Confirmed(write)))
    }
}

impl<W> Secured<Pending, W> {
    /// Receives the peer's ChangeCipherSpec. From here to the end of a renegotiation, the peer must not send
    /// application data, because nothing has confirmed the new keys (RFC 5246 section 7.4.9).
    pub(crate) fn change_read_keys(self, out: &mut Out<'_>) -> Secured<InUse, W> {
        let Self { negotiated, secrets, prf, read, write } = self;
        let secured = Secured { negotiated, secrets, prf, read: InUse, write };
        out.close_gate(Direction::Read);
        secured.change_keys(Direction::Read, read, out);
        secured
    }
}

impl<W> Secured<InUse, W> {
    /// Receives the peer's Finished (RFC 5246 section 7.4.9).
    pub(crate) fn check_finished(
        mut self,
        message: RawMessage<'_>,
    ) -> Result<Secured<Confirmed, W>, HandshakeErrorKind> {
        let mut reader = Reader::at(RawMessage::HEADER_LEN, message.body());
        let received: [u8; VERIFY_DATA_LEN] = reader.array("Finished.verify_data")?;
        reader.finish("end of Finished")?;
        let theirs = self.verify_data(self.negotiated.common.side.side().peer())?;
        // "Recipients of Finished messages MUST verify that the contents are correct."
        if !theirs.matches(&received) {
            return Err(HandshakeErrorKind::WrongFinished);
        }
        self.negotiated.transcript.add(message.bytes)?;
        Ok(self.advance(|InUse, write| (Confirmed(theirs), write)))
    }
}

impl<R> Secured<R, Either> {
    /// Whether our Finished has been sent.
    pub(crate) fn ours(self) -> Case<Secured<R, Pending>, Secured<R, Confirmed>> {
        let Self { negotiated, secrets, prf, read, write } = self;
        match write {
            Either::Pending(write) => Case::Pending(Secured { negotiated, secrets, prf, read, write }),
            Either::Confirmed(write) => Case::Confirmed(Secured { negotiated, secrets, prf, read, write }),
        }
    }
}

impl<W> Secured<Pending, W> {
    /// Converts to the type of a state that the peer's Finished may precede or follow.
    pub(crate) fn before_theirs(self) -> Secured<Either, W> {
        self.advance(|read, write| (Either::Pending(read), write))
    }
}

impl<W> Secured<Confirmed, W> {
    /// As [`Secured::before_theirs`], after the peer's Finished.
    pub(crate) fn after_theirs(self) -> Secured<Either, W> {
        self.advance(|read, write| (Either::Confirmed(read), write))
    }
}

impl<W> Secured<Either, W> {
    /// Whether the peer's Finished has been received.
    pub(crate) fn theirs(self) -> Case<Secured<Pending, W>, Secured<Confirmed, W>> {
        let Self { negotiated, secrets, prf, read, write } = self;
        match read {
            Either::Pending(read) => Case::Pending(Secured { negotiated, secrets, prf, read, write }),
            Either::Confirmed(read) => Case::Confirmed(Secured { negotiated, secrets, prf, read, write }),
        }
    }
}

impl Secured<Confirmed, Confirmed> {
    /// Completes the handshake: stores the session, reports, and keeps only the data that is needed later.
    pub(crate) fn complete(
        self,
        out: &mut Out<'_>,
        connection: &mut ConnectionState,
        provider: &Provider,
        renegotiation: Renegotiation,
    ) -> Result<(), HandshakeErrorKind> {
        if self.negotiated.stores_session() {
            out.event(Event::SaveSession(Arc::new(self.session())));
        }
        let Self { negotiated, secrets, read: Confirmed(theirs), write: Confirmed(ours), .. } = self;
        let verify_data = match negotiated.common.side.side() {
            Side::Client => (ours, theirs),
            Side::Server => (theirs, ours),
        };
        let renegotiates = (renegotiation != Renegotiation::Never).then_some(provider);
        let established =
            Tls12Established::new(&negotiated, secrets, verify_data, connection.last_tls12(), renegotiates)?;
        // RFC 5246 section 7.4.9: "Once a side has sent its Finished message and received and validated the
        // Finished message from its peer, it may begin to send and receive application data over the
        // connection."
        out.open_gate(Direction::Write);
        out.open_gate(Direction::Read);
        out.event(Event::Complete(Box::new((*negotiated).into_summary())));
        if let Some(connection) = connection.tls12_mut() {
            connection.last = Some(established);
            connection.renegotiations.demands_certificate = false;
        }
        Ok(())
    }
}
