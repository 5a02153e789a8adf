//! What both ends have agreed on, from ServerHello to Finished.

use crate::{
    CertificateChain, ErrorKind, Origin, Session, Stapled, Summary, Ticket, UnixTime, kx::KeyExchange,
    record_sizes::RecordSizeLimits,
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
    /// Whether the session is to be saved, and under which context.
    pub(crate) save: Option<Vec<u8>>,
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
        }
    }

    pub(crate) fn session(
        &self,
        master_secret: cairn_schedule::MasterSecret,
        context_id: Vec<u8>,
    ) -> Session {
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
            context_id,
            ticket: self.ticket.clone(),
        }
    }
}
