//! What both ends have agreed on, from ServerHello to Finished.

use crate::{
    Binding, CertificateChain, Endpoint, ErrorKind, NotResumed, Origin, Session, Stapled, Summary, Ticket,
    UnixTime, kx::KeyExchange, record_sizes::RecordSizeLimits,
};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::Provider;
use cairn_schedule::{Randoms, Side, Suite, Transcript};
use cairn_wire::{CertificateType, ProtocolVersion, SessionId};

/// Lives in one box while the states move around it.
pub(crate) struct Negotiated {
    pub(crate) side: Side,
    pub(crate) suite: &'static Suite,
    pub(crate) kx: KeyExchange,
    /// ClientHello.client_version, which the RSA key exchange repeats.
    pub(crate) client_version: ProtocolVersion,
    pub(crate) randoms: Randoms,
    pub(crate) session_id: SessionId,
    pub(crate) transcript: Transcript,
    pub(crate) extended_master_secret: bool,
    /// RFC 7366.
    pub(crate) encrypt_then_mac: bool,
    /// In bytes, if it is in use (RFC 6066 section 4).
    pub(crate) max_fragment_length: Option<u16>,
    /// RFC 8449.
    pub(crate) record_size_limits: Option<RecordSizeLimits>,
    pub(crate) secure_renegotiation: bool,
    pub(crate) server_name: Option<Arc<[u8]>>,
    pub(crate) alpn: Option<Arc<[u8]>>,
    /// Of this handshake, or of the resumed session's first.
    pub(crate) origin: Origin,
    /// A server's tls-server-end-point (RFC 5929 section 4).
    pub(crate) end_point: Option<Arc<[u8]>>,
    pub(crate) peer_chain: Option<Arc<CertificateChain>>,
    /// What the server shows (RFC 7250).
    pub(crate) server_certificate_type: CertificateType,
    /// What the client shows; `None` where a server does not ask, or a client has nothing of the kind.
    pub(crate) client_certificate_type: Option<CertificateType>,
    /// What the server sent along with its chain.
    pub(crate) stapled: Stapled,
    pub(crate) authenticated_at: UnixTime,
    pub(crate) resumed: bool,
    /// Whether it was resumed by a ticket.
    pub(crate) by_ticket: bool,
    /// Why a session that was found or named was not resumed.
    pub(crate) not_resumed: Option<NotResumed>,
    /// Whether the session is to be saved.
    pub(crate) save: bool,
    /// What the session is bound to.
    pub(crate) binding: Binding,
    /// The last second in which the verdict over the peer holds.
    pub(crate) not_after: Option<UnixTime>,
    /// Whom a client connects to.
    pub(crate) endpoint: Option<Endpoint>,
    /// How long a ticket is that a client can offer, in bytes.
    pub(crate) ticket_room: usize,
    /// Whether the server's ServerHello promises NewSessionTicket (RFC 5077 section 3.2).
    pub(crate) ticket_promised: bool,
    /// The ticket that the server gave.
    pub(crate) ticket: Option<Ticket>,
    /// A client's own name for a session that the server gave a ticket for.
    pub(crate) own_name: SessionId,
    /// Which pre-shared key was used.
    pub(crate) psk_identity: Option<Vec<u8>>,
}

impl Negotiated {
    /// Starts the transcript's hash.
    pub(crate) fn choose_hash(&mut self, provider: &Provider) -> Result<(), ErrorKind> {
        let hash = provider.hash(self.suite.prf_hash).ok_or(ErrorKind::NotInProvider)?;
        Ok(self.transcript.choose_hash(&**hash)?)
    }

    /// By which the session is kept. Where there is a ticket the server's ID is of no account (RFC 5077 section 3.4).
    pub(crate) const fn name(&self) -> SessionId {
        if self.own_name.is_empty() { self.session_id } else { self.own_name }
    }

    /// What is reported in the end.
    pub(crate) fn into_summary(self) -> Summary {
        let new = if self.resumed { Origin::default() } else { self.origin };
        Summary {
            side: self.side,
            version: ProtocolVersion::TLS_1_2,
            suite: self.suite,
            group: new.group,
            server_signature_scheme: new.server_proof.and_then(|proof| proof.scheme),
            client_signature_scheme: new.client_proof.and_then(|proof| proof.scheme),
            alpn: self.alpn,
            server_name: self.server_name,
            resumed: self.resumed,
            session_id: self.session_id,
            authenticated_at: self.authenticated_at,
            extended_master_secret: self.extended_master_secret,
            encrypt_then_mac: self.encrypt_then_mac,
            max_fragment_length: self.max_fragment_length,
            record_size_limits: self.record_size_limits,
            secure_renegotiation: self.secure_renegotiation,
            peer_chain: self.peer_chain,
            stapled: self.stapled,
            psk_identity: self.psk_identity,
            origin: self.origin,
            end_point: self.end_point,
            not_after: self.not_after,
            not_resumed: self.not_resumed,
        }
    }

    pub(crate) fn session(&self, master_secret: cairn_schedule::MasterSecret) -> Session {
        Session {
            session_id: self.name(),
            suite: self.suite,
            master_secret,
            extended_master_secret: self.extended_master_secret,
            encrypt_then_mac: self.encrypt_then_mac,
            server_name: self.server_name.clone(),
            alpn: self.alpn.clone(),
            max_fragment_length: self.max_fragment_length,
            peer_chain: self.peer_chain.clone(),
            psk_identity: self.psk_identity.clone(),
            origin: self.origin,
            end_point: self.end_point.clone(),
            authenticated_at: self.authenticated_at,
            not_after: self.not_after,
            context: self.binding.context,
            judge: self.binding.judge(self.psk_identity.is_some()),
            endpoint: self.endpoint.clone(),
            ticket: self.ticket.clone(),
        }
    }
}
