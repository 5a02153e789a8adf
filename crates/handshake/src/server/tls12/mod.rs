//! The server's TLS 1.2 handshake, from the ClientHello for which TLS 1.2 is chosen (RFC 5246 section 7.3,
//! figures 1 and 2).

mod client_flight;
mod finished;
mod hello;
mod server_flight;
mod states;

use super::context::Cx;
use crate::question::{
    ChooseServerCredential, DecryptPremaster, FindPsk, FindSession, Question, SealTicket, Sign, VerifyPeer,
};
use crate::server::any_offer::AnyOfferRef;
use crate::table::transition_table;
use cairn_schedule::Side;
use cairn_wire::ProtocolVersion;
pub(crate) use hello::take_client_hello;
pub(crate) use states::{StartRenegotiation, State};

transition_table! {
    /// The server's states after the choice of TLS 1.2.
    "server, TLS 1.2" in Some(ProtocolVersion::TLS_1_2),
    for Cx, leaving with StartRenegotiation<'a>:
    FindingSession,         SessionFound       => on_session_found;
    ChoosingCredential,     CredentialChosen   => on_credential_chosen;
    Signing,                Signed             => on_signed;
    AwaitCertificate,       Certificate        => on_certificate;
    VerifyingPeer,          PeerVerified       => on_peer_verified;
    AwaitClientKeyExchange, ClientKeyExchange  => on_client_key_exchange;
    FindingPsk,             PskFound           => on_psk_found;
    DecryptingPremaster,    PremasterDecrypted => on_premaster_decrypted;
    AwaitCertificateVerify, CertificateVerify  => on_certificate_verify;
    AwaitChangeCipherSpec,  ChangeCipherSpec   => on_change_cipher_spec;
    AwaitFinished,          Finished           => on_finished;
    SealingTicket,          TicketSealed       => on_ticket_sealed;
    Established,            Renegotiate        => on_renegotiate;
    Established,            ClientHello        => on_client_hello;
    RenegotiationRequested, Renegotiate        => on_renegotiate;
    RenegotiationRequested, NoRenegotiation    => on_no_renegotiation;
    RenegotiationRequested, ClientHello        => on_client_hello;
}

impl State {
    pub(super) fn question(&self) -> Option<Question<'_>> {
        Some(match self {
            Self::FindingSession(state) => Question::FindSession(match state.hello.ticket.as_deref() {
                Some(ticket) if !ticket.is_empty() => FindSession::ByTicket { ticket },
                _ => FindSession::ById { session_id: &state.hello.session_id },
            }),
            Self::ChoosingCredential(state) => Question::ChooseServerCredential(ChooseServerCredential {
                client_hello: state.hello.transcript.messages().ok()?,
                server_name: state.hello.server_name.as_deref(),
                offer: AnyOfferRef::Tls12(&state.offer),
            }),
            Self::Signing(state) => Question::Sign(Sign {
                credential: &state.credential,
                scheme: state.scheme,
                message: &state.message,
            }),
            Self::VerifyingPeer(state) => Question::VerifyPeer(VerifyPeer {
                peer: Side::Client,
                chain: state.exchange.negotiated.common.peer_chain.as_ref()?,
                stapled: &state.exchange.negotiated.common.stapled,
                delegated: None,
            }),
            Self::FindingPsk(state) => {
                Question::FindPsk(FindPsk::ByIdentity { identity: state.agreed.identity.as_deref()? })
            }
            Self::DecryptingPremaster(state) => Question::DecryptPremaster(DecryptPremaster {
                credential: &state.credential,
                ciphertext: &state.ciphertext,
                client_version: state.agreed.negotiated.client_version.0.to_be_bytes(),
                fallback: &state.fallback,
            }),
            Self::SealingTicket(state) => Question::SealTicket(SealTicket { session: &state.session }),
            _ => return None,
        })
    }
}
