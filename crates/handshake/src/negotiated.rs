//! The parameters that a handshake of any version negotiates.

use crate::{
    binding::Binding,
    certificate_chain::CertificateChain,
    error::HandshakeErrorKind,
    input::PeerKey,
    policy::ResumptionPolicy,
    record_sizes::RecordSizeLimits,
    resumption::Resumption,
    security::{Basis, Floor, SuiteFacts, evidence::KeyExchangeEvidence},
    session::{Session, SessionSide, SessionState},
    stapled::Stapled,
    summary::{Summary, SummaryParameters, SummarySide},
    time::UnixTime,
    trigger::CheckedKey,
};
use alloc::{sync::Arc, vec::Vec};
use cairn_wire::CertificateType;

/// The parameters that a handshake of any version negotiates. Each version adds its own.
pub(crate) struct Negotiated {
    /// This side, with the data that it stores in a session.
    pub(crate) side: SessionSide,
    pub(crate) server_name: Option<Arc<[u8]>>,
    pub(crate) alpn: Option<Arc<[u8]>>,
    /// The limits of record_size_limit (RFC 8449).
    pub(crate) record_size_limits: Option<RecordSizeLimits>,
    /// The evidence of this handshake, or of the resumed session's full handshake.
    pub(crate) evidence: KeyExchangeEvidence,
    pub(crate) peer_chain: Option<Arc<CertificateChain>>,
    /// The type of the server's certificate (RFC 7250).
    pub(crate) server_certificate_type: CertificateType,
    /// The type of the client's certificate. `None` if the server does not request one, or if the client has
    /// none of the type.
    pub(crate) client_certificate_type: Option<CertificateType>,
    /// The OCSP response and timestamps that the peer sent. Only a client requests them.
    pub(crate) stapled: Stapled,
    pub(crate) authenticated_at: UnixTime,
    /// The last second in which the verification of the peer is valid.
    pub(crate) not_after: Option<UnixTime>,
    /// Whether a session is resumed, and how.
    pub(crate) resumption: Resumption,
    /// The digests that the session is bound to. The default if the policy has no resumption, and so no
    /// session is stored.
    pub(crate) binding: Binding,
}

impl Negotiated {
    /// The parameters before anything is negotiated.
    pub(crate) fn new(
        side: SessionSide,
        resumption: Resumption,
        sessions: Option<&ResumptionPolicy>,
        now: UnixTime,
    ) -> Self {
        Self {
            side,
            server_name: None,
            alpn: None,
            record_size_limits: None,
            evidence: KeyExchangeEvidence::default(),
            peer_chain: None,
            server_certificate_type: CertificateType::X509,
            client_certificate_type: None,
            stapled: Stapled::default(),
            authenticated_at: now,
            not_after: None,
            resumption,
            binding: sessions.map(|sessions| sessions.binding).unwrap_or_default(),
        }
    }

    /// The report of the complete handshake.
    pub(crate) fn into_summary(
        self,
        parameters: SummaryParameters,
        psk_identity: Option<Vec<u8>>,
    ) -> Summary {
        Summary {
            side: match self.side {
                SessionSide::Client { .. } => SummarySide::Client { stapled: self.stapled },
                SessionSide::Server { tls_server_end_point } => SummarySide::Server { tls_server_end_point },
            },
            alpn: self.alpn,
            server_name: self.server_name,
            resumption: self.resumption,
            authenticated_at: self.authenticated_at,
            record_size_limits: self.record_size_limits,
            peer_chain: self.peer_chain,
            psk_identity,
            not_after: self.not_after,
            evidence: self.evidence,
            parameters,
        }
    }

    /// A copy for the sessions of this handshake, without the statements about the certificate.
    pub(crate) fn for_sessions(&self) -> Self {
        Self {
            side: self.side.clone(),
            server_name: self.server_name.clone(),
            alpn: self.alpn.clone(),
            peer_chain: self.peer_chain.clone(),
            stapled: Stapled::default(),
            ..*self
        }
    }

    /// The session of this handshake, with the part of its version.
    pub(crate) fn session(&self, psk_identity: Option<Vec<u8>>, state: SessionState) -> Session {
        Session {
            server_name: self.server_name.clone(),
            alpn: self.alpn.clone(),
            peer_chain: self.peer_chain.clone(),
            evidence: self.evidence,
            authenticated_at: self.authenticated_at,
            not_after: self.not_after,
            context: self.binding.context,
            verified_with: self.binding.of_peer(psk_identity.is_some()),
            psk_identity,
            side: self.side.clone(),
            state,
        }
    }

    /// Checks the suite and the negotiated parameters against the floor of the policy.
    pub(crate) fn check_floor(&self, suite: SuiteFacts, floor: &Floor) -> Result<(), HandshakeErrorKind> {
        let (side, evidence) = (self.side.side(), &self.evidence);
        let basis = Basis { side, suite, evidence, chain: self.peer_chain.as_deref() };
        floor.check(&basis).map_err(HandshakeErrorKind::BelowFloor)
    }

    /// The peer's key, from the answer to the verification of its chain.
    pub(crate) fn take_checked_key(&mut self, checked: CheckedKey) -> PeerKey {
        let (key, is_verified, not_after) = checked.into_parts();
        self.evidence.peer_verified = is_verified;
        self.not_after = not_after;
        key
    }

    /// The result of the full handshake that the session comes from.
    pub(crate) fn resume(&mut self, session: &Session) {
        self.peer_chain.clone_from(&session.peer_chain);
        self.evidence = session.evidence;
        // A client has its endpoint already.
        if let SessionSide::Server { tls_server_end_point } = &mut self.side
            && let SessionSide::Server { tls_server_end_point: of_session } = &session.side
        {
            tls_server_end_point.clone_from(of_session);
        }
        self.authenticated_at = session.authenticated_at;
        self.not_after = session.not_after;
    }
}
