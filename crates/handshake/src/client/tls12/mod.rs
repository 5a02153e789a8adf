//! The client's TLS 1.2 handshake from ServerHello (RFC 5246 section 7.3, figures 1 and 2).

mod client_flight;
mod finished;
mod server_flight;
mod server_hello;
mod states;

use super::context::Cx;
use crate::question::{ChooseClientCredential, FindPsk, Question, Sign, VerifyPeer};
use crate::table::transition_table;
use cairn_schedule::Side;
use cairn_wire::ProtocolVersion;
pub(crate) use server_hello::take_server_hello;
pub(crate) use states::{Established, StartRenegotiation, State};

transition_table! {
    /// The client's states after ServerHello.
    "client, TLS 1.2" in Some(ProtocolVersion::TLS_1_2), for Cx, leaving with StartRenegotiation:
    AwaitCertificate,         Certificate        => on_certificate;
    AwaitStatusOrKeyExchange, CertificateStatus  => on_certificate_status;
    AwaitStatusOrKeyExchange, ServerKeyExchange  => next.on_server_key_exchange;
    AwaitStatusOrHint,        CertificateStatus  => on_certificate_status;
    AwaitStatusOrHint,        ServerKeyExchange  => next.on_server_key_exchange;
    AwaitStatusOrHint,        ServerHelloDone    => next.on_server_hello_done;
    AwaitStatusOrRequest,     CertificateStatus  => on_certificate_status;
    AwaitStatusOrRequest,     CertificateRequest => next.on_certificate_request;
    AwaitStatusOrRequest,     ServerHelloDone    => next.on_server_hello_done;
    AwaitServerKeyExchange,   ServerKeyExchange  => on_server_key_exchange;
    AwaitIdentityHint,        ServerKeyExchange  => on_server_key_exchange;
    AwaitIdentityHint,        ServerHelloDone    => on_server_hello_done;
    AwaitCertificateRequest,  CertificateRequest => on_certificate_request;
    AwaitCertificateRequest,  ServerHelloDone    => on_server_hello_done;
    AwaitServerHelloDone,     ServerHelloDone    => on_server_hello_done;
    AwaitServerHelloDone,     CertificateRequest => !refuse_certificate_request;
    VerifyingPeer,            PeerVerified       => on_peer_verified;
    FindingPsk,               PskFound           => on_psk_found;
    ChoosingCredential,       CredentialChosen   => on_credential_chosen;
    Signing,                  Signed             => on_signed;
    AwaitNewSessionTicket,    NewSessionTicket   => on_new_session_ticket;
    AwaitChangeCipherSpec,    ChangeCipherSpec   => on_change_cipher_spec;
    AwaitFinished,            Finished           => on_finished;
    Established,              HelloRequest       => on_hello_request;
    Established,              Renegotiate        => on_renegotiate;
}

impl State {
    pub(super) fn question(&self) -> Option<Question<'_>> {
        Some(match self {
            Self::VerifyingPeer(state) => Question::VerifyPeer(VerifyPeer {
                peer: Side::Server,
                chain: state.negotiated.common.peer_chain.as_ref()?,
                stapled: &state.negotiated.common.stapled,
                delegated: None,
            }),
            Self::FindingPsk(state) => Question::FindPsk(FindPsk::ByHint {
                server_name: state.negotiated.common.server_name.as_deref(),
                hint: state.server_share.hint.as_deref(),
            }),
            Self::ChoosingCredential(state) => Question::ChooseClientCredential(ChooseClientCredential {
                request: &state.request,
                certificate_type: state.negotiated.common.client_certificate_type,
                ours: &state.policy.signature_schemes,
            }),
            Self::Signing(state) => Question::Sign(Sign {
                credential: &state.credential,
                scheme: state.scheme,
                message: state.secured.negotiated.transcript.messages().ok()?,
            }),
            _ => return None,
        })
    }
}
