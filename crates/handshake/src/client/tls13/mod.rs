//! The client's TLS 1.3 handshake after ServerHello or HelloRetryRequest, and what follows it (RFC 9846
//! section 2 and appendix A.1).

mod client_flight;
mod established;
mod post_handshake;
mod server_flight;
mod server_hello;
mod states;

use super::context::Cx;
use crate::question::{ChooseClientCredential, Question, Sign, VerifyPeer};
use crate::table::transition_table;
use cairn_schedule::Side;
use cairn_wire::ProtocolVersion;
use core::convert::Infallible;
use post_handshake::AsEstablished as _;
pub(crate) use server_hello::{take_hello_retry_request, take_server_hello};
pub(crate) use states::State;

transition_table! {
    /// The client's states after the choice of TLS 1.3.
    "client, TLS 1.3" in Some(ProtocolVersion::TLS_1_3), for Cx, leaving with Infallible:
    AwaitSecondServerHello,    ServerHello           => on_server_hello;
    AwaitEncryptedExtensions,  EncryptedExtensions   => on_encrypted_extensions;
    AwaitCertificateOrRequest, CertificateRequest    => on_certificate_request;
    AwaitCertificateOrRequest, Certificate           => on_certificate;
    AwaitCertificateOrRequest, CompressedCertificate => on_compressed_certificate;
    AwaitCertificate,          Certificate           => on_certificate;
    AwaitCertificate,          CompressedCertificate => on_compressed_certificate;
    VerifyingPeer,             PeerVerified          => on_peer_verified;
    AwaitCertificateVerify,    CertificateVerify     => on_certificate_verify;
    AwaitFinished,             Finished              => on_finished;
    ChoosingCredential,        CredentialChosen      => on_credential_chosen;
    Signing,                   Signed                => on_signed;
    Established,               NewSessionTicket      => on_new_session_ticket;
    Established,               KeyUpdate             => on_key_update;
    Established,               UpdateKeys            => on_update_keys;
    Authenticable,             NewSessionTicket      => on_new_session_ticket;
    Authenticable,             KeyUpdate             => on_key_update;
    Authenticable,             UpdateKeys            => on_update_keys;
    Authenticable,             CertificateRequest    => on_certificate_request;
    ChoosingLaterCredential,   CredentialChosen      => on_credential_chosen;
    ChoosingLaterCredential,   UpdateKeys            => on_update_keys;
    SigningLater,              Signed                => on_signed;
    SigningLater,              UpdateKeys            => on_update_keys;
}

impl State {
    /// Whether the handshake is complete.
    pub(super) const fn is_after_handshake(&self) -> bool {
        match self {
            Self::Established(_)
            | Self::Authenticable(_)
            | Self::ChoosingLaterCredential(_)
            | Self::SigningLater(_) => true,
            Self::AwaitSecondServerHello(_)
            | Self::AwaitEncryptedExtensions(_)
            | Self::AwaitCertificateOrRequest(_)
            | Self::AwaitCertificate(_)
            | Self::VerifyingPeer(_)
            | Self::AwaitCertificateVerify(_)
            | Self::AwaitFinished(_)
            | Self::ChoosingCredential(_)
            | Self::Signing(_) => false,
        }
    }

    pub(super) fn question(&self) -> Option<Question<'_>> {
        Some(match self {
            Self::VerifyingPeer(state) => Question::VerifyPeer(VerifyPeer {
                peer: Side::Server,
                chain: state.handshake.negotiated.common.peer_chain.as_ref()?,
                stapled: &state.handshake.negotiated.common.stapled,
                delegated: state.handshake.negotiated.peer_delegation.as_ref(),
            }),
            Self::ChoosingCredential(state) => Question::ChooseClientCredential(ChooseClientCredential {
                request: &state.request,
                certificate_type: state.answer.negotiated.common.client_certificate_type,
                ours: &state.policy.signature_schemes,
            }),
            Self::Signing(state) => Question::Sign(Sign {
                credential: &state.credential,
                scheme: state.scheme,
                message: &state.message,
            }),
            Self::ChoosingLaterCredential(state) => {
                Question::ChooseClientCredential(ChooseClientCredential {
                    request: &state.request.certificate,
                    certificate_type: state.requests.main.client_certificate_type,
                    ours: &state.request.policy.signature_schemes,
                })
            }
            Self::SigningLater(state) => Question::Sign(Sign {
                credential: &state.credential,
                scheme: state.scheme,
                message: &state.message,
            }),
            _ => return None,
        })
    }
}
