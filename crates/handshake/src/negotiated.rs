//! The parameters negotiated between ServerHello and Finished.

use crate::{
    binding::Binding,
    credential::CertificateChain,
    error::HandshakeErrorKind,
    ext::max_fragment_length::MaxFragmentLength,
    kx::KeyExchange,
    record_sizes::RecordSizeLimits,
    resumption::NotResumed,
    security::KeyExchangeEvidence,
    session::{Endpoint, Session, SessionState, Ticket, Tls12Session},
    stapled::Stapled,
    summary::{Summary, SummaryParameters, Tls12Summary},
    time::UnixTime,
};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::Provider;
use cairn_schedule::{Epoch, MasterSecret, Protection, Randoms, Side, Tls12Suite, Transcript};
use cairn_wire::{CertificateType, ProtocolVersion, SessionId};

/// What becomes of a session when its handshake is complete.
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
    /// In a client: the session is stored with its ticket.
    WithTicket {
        ticket: Ticket,
        /// The ID that the client chose for the session. The server's ID is ignored if there is a ticket (RFC
        /// 5077 section 3.4).
        own_id: SessionId,
    },
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
pub(crate) struct Negotiated {
    pub(crate) side: Side,
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
    /// The limits of record_size_limit (RFC 8449).
    pub(crate) record_size_limits: Option<RecordSizeLimits>,
    pub(crate) secure_renegotiation: bool,
    pub(crate) server_name: Option<Arc<[u8]>>,
    pub(crate) alpn: Option<Arc<[u8]>>,
    /// The evidence of this handshake, or of the resumed session's full handshake.
    pub(crate) evidence: KeyExchangeEvidence,
    /// The server's own channel binding `tls-server-end-point` (RFC 5929 section 4).
    pub(crate) end_point: Option<Arc<[u8]>>,
    pub(crate) peer_chain: Option<Arc<CertificateChain>>,
    /// The type of the server's certificate (RFC 7250).
    pub(crate) server_certificate_type: CertificateType,
    /// The type of the client's certificate. `None` if the server does not request one, or if the client has
    /// none of the type.
    pub(crate) client_certificate_type: Option<CertificateType>,
    /// The OCSP response and timestamps that the server sent.
    pub(crate) stapled: Stapled,
    pub(crate) authenticated_at: UnixTime,
    pub(crate) resumed: bool,
    /// Whether the session was resumed with a ticket.
    pub(crate) by_ticket: bool,
    /// The reason why an available session was not resumed.
    pub(crate) not_resumed: Option<NotResumed>,
    /// What becomes of the session when the handshake is complete.
    pub(crate) storage: SessionStorage,
    /// The digests that the session is bound to.
    pub(crate) binding: Binding,
    /// The last second in which the verification of the peer is valid.
    pub(crate) not_after: Option<UnixTime>,
    /// The server that the client connects to.
    pub(crate) endpoint: Option<Endpoint>,
    /// The PSK identity.
    pub(crate) psk_identity: Option<Vec<u8>>,
}

impl Negotiated {
    /// Starts the transcript's hash.
    pub(crate) fn choose_hash(&mut self, provider: &Provider) -> Result<(), HandshakeErrorKind> {
        let hash = provider.hash(self.suite.prf_hash).ok_or(HandshakeErrorKind::NotInProvider)?;
        Ok(self.transcript.choose_hash(&**hash)?)
    }

    /// The ID of the session: in the session store, or else in this connection. A session in a ticket has none
    /// (RFC 5077 section 3.4).
    pub(crate) const fn name(&self) -> SessionId {
        match &self.storage {
            SessionStorage::WithTicket { own_id, .. } => *own_id,
            SessionStorage::InTicket => SessionId::EMPTY,
            _ => self.session_id,
        }
    }

    /// The report of the complete handshake.
    pub(crate) fn into_summary(self) -> Summary {
        Summary {
            side: self.side,
            alpn: self.alpn,
            server_name: self.server_name,
            resumed: self.resumed,
            not_resumed: self.not_resumed,
            authenticated_at: self.authenticated_at,
            record_size_limits: self.record_size_limits,
            peer_chain: self.peer_chain,
            stapled: self.stapled,
            psk_identity: self.psk_identity,
            end_point: self.end_point,
            not_after: self.not_after,
            evidence: self.evidence,
            parameters: SummaryParameters::Tls12(Tls12Summary {
                suite: self.suite,
                protection: self.protection,
                session_id: self.session_id,
                extended_master_secret: self.extended_master_secret,
                max_fragment_length: self.max_fragment_length,
                secure_renegotiation: self.secure_renegotiation,
            }),
        }
    }

    /// The session of this handshake.
    pub(crate) fn session(&self, master_secret: MasterSecret) -> Session {
        Session {
            server_name: self.server_name.clone(),
            alpn: self.alpn.clone(),
            peer_chain: self.peer_chain.clone(),
            psk_identity: self.psk_identity.clone(),
            evidence: self.evidence,
            end_point: self.end_point.clone(),
            authenticated_at: self.authenticated_at,
            not_after: self.not_after,
            context: self.binding.context,
            verified_with: self.binding.of_peer(self.psk_identity.is_some()),
            endpoint: self.endpoint.clone(),
            state: SessionState::Tls12(Tls12Session {
                session_id: self.name(),
                suite: self.suite,
                protection: self.protection,
                master_secret,
                extended_master_secret: self.extended_master_secret,
                max_fragment_length: self.max_fragment_length,
                ticket: match &self.storage {
                    SessionStorage::WithTicket { ticket, .. } => Some(ticket.clone()),
                    _ => None,
                },
            }),
        }
    }
}
