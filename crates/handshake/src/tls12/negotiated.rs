//! The parameters of a TLS 1.2 handshake between ServerHello and Finished.

use crate::{
    error::HandshakeErrorKind,
    ext::max_fragment_length::MaxFragmentLength,
    kx::KeyExchange,
    negotiated::Negotiated,
    out::Out,
    record_sizes::MAX_PLAINTEXT,
    session::{Session, SessionState, Tls12Reference, Tls12Session, Tls12Ticket},
    summary::{Summary, SummaryParameters, Tls12Summary},
};
use alloc::vec::Vec;
use cairn_crypto::Provider;
use cairn_schedule::{Direction, Epoch, MasterSecret, Protection, Randoms, Tls12Suite, Transcript};
use cairn_wire::{ProtocolVersion, SessionId};

/// The treatment of a session when its handshake is complete.
pub(crate) enum SessionStorage {
    /// It is not stored: it cannot be resumed, or it was resumed and is in the store already.
    NotStored,
    /// It is stored under the session ID, which is not empty.
    ById,
    /// In a server: ServerHello has announced NewSessionTicket, and the client stores the session (RFC 5077
    /// section 3.2).
    InTicket,
    /// In a client: ServerHello has announced NewSessionTicket.
    AwaitTicket {
        /// The maximum length in bytes of a ticket that a later ClientHello can hold.
        room: usize,
    },
    /// In a client: the session is stored with its ticket. The server's session ID is ignored (RFC 5077
    /// section 3.4).
    WithTicket(Tls12Ticket),
}

impl SessionStorage {
    /// By session ID. The server sends an empty one if the session cannot be resumed (RFC 5246 section
    /// 7.4.1.3).
    pub(crate) const fn by_id(session_id: &SessionId) -> Self {
        if session_id.is_empty() { Self::NotStored } else { Self::ById }
    }

    /// Whether NewSessionTicket is to be sent or received: "This message MUST be sent if the server included
    /// a SessionTicket extension in the ServerHello" (RFC 5077 section 3.3).
    pub(crate) const fn is_ticket_announced(&self) -> bool {
        matches!(self, Self::InTicket | Self::AwaitTicket { .. })
    }
}

/// It is boxed, so that moving a state does not move it.
pub(crate) struct Tls12Negotiated {
    /// The parameters that every version negotiates.
    pub(crate) common: Negotiated,
    pub(crate) suite: &'static Tls12Suite,
    pub(crate) kx: KeyExchange,
    /// ClientHello.client_version, which is part of the RSA premaster secret.
    pub(crate) client_version: ProtocolVersion,
    pub(crate) randoms: Randoms,
    pub(crate) session_id: SessionId,
    pub(crate) transcript: Transcript,
    pub(crate) extended_master_secret: bool,
    /// The record protection: that of the suite, with the negotiated order of MAC and encryption (RFC 7366).
    pub(crate) protection: Protection,
    /// The epoch of the keys of this handshake.
    pub(crate) epoch: Epoch,
    /// max_fragment_length, if it is in use (RFC 6066 section 4).
    pub(crate) max_fragment_length: Option<MaxFragmentLength>,
    pub(crate) secure_renegotiation: bool,
    /// The treatment of the session when the handshake is complete.
    pub(crate) storage: SessionStorage,
    /// The PSK identity.
    pub(crate) psk_identity: Option<Vec<u8>>,
}

impl Tls12Negotiated {
    /// Starts the transcript's hash.
    pub(crate) fn choose_hash(&mut self, provider: &Provider) -> Result<(), HandshakeErrorKind> {
        let hash = provider.hash(self.suite.prf_hash).ok_or(HandshakeErrorKind::NotInProvider)?;
        Ok(self.transcript.choose_hash(&**hash)?)
    }

    /// The ID of the session: in the session store, or else in this connection. A session in a ticket has
    /// none (RFC 5077 section 3.4).
    pub(crate) const fn name(&self) -> SessionId {
        match &self.storage {
            SessionStorage::WithTicket(ticket) => ticket.session_id,
            SessionStorage::InTicket => SessionId::EMPTY,
            _ => self.session_id,
        }
    }

    /// The report of the complete handshake.
    pub(crate) fn into_summary(self) -> Summary {
        let parameters = SummaryParameters::Tls12(Tls12Summary {
            suite: self.suite,
            protection: self.protection,
            session_id: self.session_id,
            extended_master_secret: self.extended_master_secret,
            max_fragment_length: self.max_fragment_length,
            secure_renegotiation: self.secure_renegotiation,
        });
        self.common.into_summary(parameters, self.psk_identity)
    }

    /// The session of this handshake.
    pub(crate) fn session(&self, master_secret: MasterSecret) -> Session {
        let state = SessionState::Tls12(Tls12Session {
            reference: match &self.storage {
                SessionStorage::WithTicket(ticket) => Tls12Reference::Ticket(ticket.clone()),
                SessionStorage::InTicket => Tls12Reference::InTicket,
                _ => Tls12Reference::SessionId(self.session_id),
            },
            suite: self.suite,
            protection: self.protection,
            master_secret,
            extended_master_secret: self.extended_master_secret,
            max_fragment_length: self.max_fragment_length,
        });
        self.common.session(self.psk_identity.clone(), state)
    }

    /// Whether the session is to be stored by this side.
    pub(crate) const fn stores_session(&self) -> bool {
        matches!(self.storage, SessionStorage::ById | SessionStorage::WithTicket(_))
    }

    /// max_fragment_length takes effect as soon as it is negotiated, also for handshake messages (RFC 6066
    /// section 4).
    ///
    /// During a renegotiation only our own records are limited at once, and only if the new length is
    /// shorter: records that the peer sent before may still arrive, and longer records must wait until the
    /// peer knows the new length. Both take effect with the new keys.
    pub(crate) fn limit_records_at_once(&self, out: &mut Out<'_>) {
        let Some(length) = self.max_fragment_length.map(MaxFragmentLength::bytes) else { return };
        out.limit_records(Direction::Write, length.min(out.epochs.max_write));
        if out.epochs.read == Epoch::Initial && self.common.record_size_limits.is_none() {
            out.limit_records(Direction::Read, length);
        }
    }

    /// The limits with the keys of this handshake.
    pub(crate) fn limit_records_with_keys(&self, direction: Direction, out: &mut Out<'_>) {
        let length = self.max_fragment_length.map_or(MAX_PLAINTEXT, MaxFragmentLength::bytes);
        let limit = match (self.common.record_size_limits, direction) {
            (None, _) => length,
            (Some(limits), Direction::Read) => limits.ours,
            // Both can be in force if a session with max_fragment_length is resumed with record_size_limit.
            // We may send longer records than our own limit, but the peer may not.
            (Some(limits), Direction::Write) => limits.theirs.min(length),
        };
        out.limit_records(direction, limit.min(MAX_PLAINTEXT));
    }
}
