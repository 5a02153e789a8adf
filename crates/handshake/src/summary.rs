//! The negotiated parameters, as reported to the caller.

use crate::{
    certificate_chain::CertificateChain,
    ext::max_fragment_length::MaxFragmentLength,
    post_handshake_authentication::{ClientIdentity, PostHandshakeAuthentication},
    record_sizes::RecordSizeLimits,
    resumption::Resumption,
    security::{Basis, Security, SuiteFacts, aead_integrity, evidence::KeyExchangeEvidence, integrity},
    stapled::Stapled,
    time::UnixTime,
};
use alloc::{sync::Arc, vec::Vec};
use cairn_schedule::{Protection, Side, Suite, Tls12Suite, tls13::Tls13Suite};
use cairn_wire::{
    CertificateCompressionAlgorithm, NamedGroup, ProtocolVersion, PskKeyExchangeMode, SessionId,
    SignatureScheme,
};

/// The negotiated parameters of a complete handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// The role of this side, with the data that only this role has.
    pub side: SummarySide,
    /// The application protocol (RFC 7301).
    pub alpn: Option<Arc<[u8]>>,
    /// The host name of server_name that the client sent (RFC 6066 section 3).
    pub server_name: Option<Arc<[u8]>>,
    /// Whether a session was resumed, and how; if an available session was not, the reason.
    pub resumption: Resumption,
    /// The time of the full handshake: of this one, or of the resumed session's.
    pub authenticated_at: UnixTime,
    /// The maximum plaintext of protected records in each direction, if both sides sent record_size_limit
    /// (RFC 8449).
    pub record_size_limits: Option<RecordSizeLimits>,
    /// The peer's chain, from this handshake or the resumed session's. `None` if the peer sent none.
    pub peer_chain: Option<Arc<CertificateChain>>,
    /// The PSK identity, if a pre-shared key was used (RFC 4279).
    pub psk_identity: Option<Vec<u8>>,
    /// The last second in which the verification of the peer's chain is valid, if known: the earliest
    /// `notAfter` of the verified path, from this handshake or the resumed session's. The session is not
    /// resumed after that. An established connection continues unless the application closes it.
    pub not_after: Option<UnixTime>,
    /// The evidence of the key exchange and the authentication, from this handshake or the resumed session's.
    pub evidence: KeyExchangeEvidence,
    /// The parameters of the negotiated version of TLS.
    pub parameters: SummaryParameters,
}

/// The role of a side, and the part of its summary that only this role has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SummarySide {
    /// The side is the client.
    Client {
        /// The OCSP response and timestamps that the server sent in this handshake. Empty on a resumed
        /// session.
        stapled: Stapled,
    },
    /// The side is the server.
    Server {
        /// The channel binding `tls-server-end-point` (RFC 5929 section 4) of the server's own certificate,
        /// if it is known from this handshake or the resumed session's. A client computes it from
        /// [`Summary::peer_chain`].
        tls_server_end_point: Option<Arc<[u8]>>,
    },
}

impl SummarySide {
    /// The side alone.
    #[must_use]
    pub const fn side(&self) -> Side {
        match self {
            Self::Client { .. } => Side::Client,
            Self::Server { .. } => Side::Server,
        }
    }
}

/// The part of a summary that depends on the version of TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SummaryParameters {
    /// TLS 1.2 was negotiated.
    Tls12(Tls12Summary),
    /// TLS 1.3 was negotiated.
    Tls13(Tls13Summary),
}

/// The negotiated parameters of TLS 1.2.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tls12Summary {
    /// The cipher suite.
    pub suite: &'static Tls12Suite,
    /// The record protection: that of the suite, with the negotiated order of MAC and encryption (RFC 7366).
    pub protection: Protection,
    /// The session ID; empty if the server does not intend to resume the session.
    pub session_id: SessionId,
    /// Whether the master secret is the extended one (RFC 7627).
    pub extended_master_secret: bool,
    /// The maximum plaintext of records in both directions, if max_fragment_length was negotiated (RFC 6066
    /// section 4).
    pub max_fragment_length: Option<MaxFragmentLength>,
    /// Whether both sides support secure renegotiation (RFC 5746).
    pub secure_renegotiation: bool,
}

/// The negotiated parameters of TLS 1.3.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tls13Summary {
    /// The cipher suite.
    pub suite: &'static Tls13Suite,
    /// Whether the server sent HelloRetryRequest, which costs a round trip (RFC 9846 section 4.2.4).
    pub retried: bool,
    /// The algorithm in which the server compressed its certificate (RFC 8879). `None` if it did not.
    pub server_certificate_compression: Option<CertificateCompressionAlgorithm>,
    /// The algorithm in which the client compressed its certificate. `None` if it did not, or sent none.
    pub client_certificate_compression: Option<CertificateCompressionAlgorithm>,
    /// The mode in which a PSK was used, for a resumption or with an external PSK (RFC 9846 section 4.3.9).
    /// `None` if the server authenticated with a certificate in this handshake, unless `certificate_with_psk`
    /// is set.
    pub psk: Option<PskKeyExchangeMode>,
    /// Whether certificates authenticated although an external PSK is in use (RFC 8773).
    pub certificate_with_psk: bool,
    /// The outcome of early data.
    pub early_data: EarlyData,
}

/// The outcome of early data (RFC 9846 section 2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EarlyData {
    /// The client offered none.
    #[default]
    NotOffered,
    /// The server accepted it.
    Accepted,
    /// The server did not accept it. The client can send it again on this connection, if it still makes sense
    /// there.
    Rejected,
}

impl Summary {
    /// Whether a session was resumed. [`Summary::resumption`] has the details.
    #[must_use]
    pub const fn is_resumed(&self) -> bool {
        self.resumption.is_resumed()
    }

    /// The OCSP response and timestamps that a client received in this handshake; `None` for a server.
    #[must_use]
    pub const fn stapled(&self) -> Option<&Stapled> {
        match &self.side {
            SummarySide::Client { stapled } => Some(stapled),
            SummarySide::Server { .. } => None,
        }
    }

    /// The negotiated version.
    #[must_use]
    pub const fn version(&self) -> ProtocolVersion {
        match self.parameters {
            SummaryParameters::Tls12(_) => ProtocolVersion::TLS_1_2,
            SummaryParameters::Tls13(_) => ProtocolVersion::TLS_1_3,
        }
    }

    /// The negotiated cipher suite.
    #[must_use]
    pub const fn suite(&self) -> Suite {
        match &self.parameters {
            SummaryParameters::Tls12(parameters) => Suite::Tls12(parameters.suite),
            SummaryParameters::Tls13(parameters) => Suite::Tls13(parameters.suite),
        }
    }

    /// The part for TLS 1.2; `None` if another version was negotiated.
    #[must_use]
    pub const fn tls12(&self) -> Option<&Tls12Summary> {
        match &self.parameters {
            SummaryParameters::Tls12(parameters) => Some(parameters),
            SummaryParameters::Tls13(_) => None,
        }
    }

    /// The part for TLS 1.3; `None` if another version was negotiated.
    #[must_use]
    pub const fn tls13(&self) -> Option<&Tls13Summary> {
        match &self.parameters {
            SummaryParameters::Tls13(parameters) => Some(parameters),
            SummaryParameters::Tls12(_) => None,
        }
    }

    /// The group of this handshake's key exchange. `None` if there was no key exchange, as on a resumed
    /// session of TLS 1.2, if the key exchange has no group, and if the server chose a group of its own. That
    /// of a resumed session's full handshake is in [`Summary::evidence`].
    #[must_use]
    pub const fn group(&self) -> Option<NamedGroup> {
        match &self.parameters {
            SummaryParameters::Tls12(_) if self.is_resumed() => None,
            SummaryParameters::Tls13(Tls13Summary { psk: Some(PskKeyExchangeMode::PSK_KE), .. }) => None,
            SummaryParameters::Tls12(_) | SummaryParameters::Tls13(_) => self.evidence.group,
        }
    }

    /// The server's signature scheme in this handshake. `None` on a resumed session, and if the key exchange
    /// has no signature.
    #[must_use]
    pub fn server_signature_scheme(&self) -> Option<SignatureScheme> {
        self.evidence.server_proof.filter(|_| !self.is_resumed())?.scheme
    }

    /// The client's signature scheme, if it authenticated with a certificate in this handshake.
    #[must_use]
    pub fn client_signature_scheme(&self) -> Option<SignatureScheme> {
        self.evidence.client_proof.filter(|_| !self.is_resumed())?.scheme
    }

    /// The peer's own certificate in DER, the first of [`Summary::peer_chain`]. `None` if the peer sent none,
    /// or a raw public key. On a resumed session it is from the full handshake.
    ///
    /// `cairn_x509::CertificateFacts::from_der` parses it: subject, names, dates, key.
    #[must_use]
    pub fn peer_certificate(&self) -> Option<&[u8]> {
        self.peer_chain.as_ref()?.end_entity()
    }

    /// Takes over the client's identity from an authentication after the handshake
    /// ([`crate::Event::ClientAuthentication`]). An empty Certificate message changes nothing.
    pub fn authenticate_client(&mut self, authentication: &PostHandshakeAuthentication) {
        let Some(identity) = &authentication.identity else { return };
        let ClientIdentity { chain, proof, verified, not_after, compression } = identity;
        self.evidence.client_proof = Some(*proof);
        if let SummaryParameters::Tls13(tls13) = &mut self.parameters {
            tls13.client_certificate_compression = *compression;
        }
        if self.side.side() == Side::Server {
            self.peer_chain = Some(Arc::clone(chain));
            self.evidence.peer_verified = *verified;
            self.not_after = *not_after;
        }
    }

    /// The security of the connection.
    #[must_use]
    pub fn security(&self) -> Security {
        let (suite, bound_to_handshake, (integrity, tag_bits)) = match self.parameters {
            SummaryParameters::Tls12(Tls12Summary { suite, protection, extended_master_secret, .. }) => {
                (SuiteFacts::of_tls12(suite), extended_master_secret, integrity(protection))
            }
            SummaryParameters::Tls13(Tls13Summary { suite, psk, .. }) => {
                (SuiteFacts::of_tls13(suite, psk), true, aead_integrity(suite.aead))
            }
        };
        let (side, evidence) = (self.side.side(), &self.evidence);
        let basis = Basis { side, suite, evidence, chain: self.peer_chain.as_deref() };
        Security {
            peer: basis.peer(),
            forward_secrecy: suite.forward_secrecy,
            post_quantum: evidence.group.is_some_and(NamedGroup::is_post_quantum),
            strength: basis.strength(),
            resumed_since: self.is_resumed().then_some(self.authenticated_at),
            bound_to_handshake,
            integrity,
            tag_bits,
            sha1_signature: evidence.has_sha1_signature(),
            certificate_with_psk: self.tls13().is_some_and(|tls13| tls13.certificate_with_psk),
        }
    }
}
