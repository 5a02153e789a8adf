//! The server's TLS 1.3 handshake, from the ClientHello for which TLS 1.3 is chosen, and what follows it (RFC
//! 9846 section 2 and appendix A.2).

mod certificate_request;
mod client_flight;
mod early_data;
mod established;
mod hello;
mod judged;
mod post_handshake;
mod psk;
mod psk_offer;
pub(super) mod requests;
mod second_hello;
mod server_flight;
mod shares;
mod states;
mod ticket_plan;
mod tickets;

use super::context::Cx;
use crate::question::{
    ChoosePsk, ChooseServerCredential, ConsumePsk, Question, SealTicket, Sign, VerifyPeer,
};
use crate::server::any_offer::AnyOfferRef;
use crate::table::transition_table;
use cairn_schedule::Side;
use cairn_wire::ProtocolVersion;
use core::convert::Infallible;
pub(crate) use hello::take_client_hello;
use judged::{BoundPsk, Candidates};
use post_handshake::{AsEstablished as _, BetweenResponses as _, WithRequests as _};
use requests::Requests;
pub(crate) use states::State;

transition_table! {
    /// The server's states after the choice of TLS 1.3.
    "server, TLS 1.3" in Some(ProtocolVersion::TLS_1_3), for Cx, leaving with Infallible:
    AwaitSecondClientHello,      ClientHello           => on_client_hello;
    ChoosingPsk,                 PskChosen             => on_psk_chosen;
    ConsumingPsk,                PskConsumed           => on_psk_consumed;
    ChoosingCredential,          CredentialChosen      => on_credential_chosen;
    Signing,                     Signed                => on_signed;
    AwaitEndOfEarlyData,         EndOfEarlyData        => on_end_of_early_data;
    AwaitCertificate,            Certificate           => on_certificate;
    AwaitCertificate,            CompressedCertificate => on_compressed_certificate;
    VerifyingPeer,               PeerVerified          => on_peer_verified;
    AwaitCertificateVerify,      CertificateVerify     => on_certificate_verify;
    AwaitFinished,               Finished              => on_finished;
    SealingTicket,               TicketSealed          => on_ticket_sealed;
    Established,                 KeyUpdate             => on_key_update;
    Established,                 UpdateKeys            => on_update_keys;
    Authenticable,               KeyUpdate             => on_key_update;
    Authenticable,               UpdateKeys            => on_update_keys;
    Authenticable,               RequestCertificate    => on_request_certificate;
    CertificateRequested,        KeyUpdate             => on_key_update;
    CertificateRequested,        UpdateKeys            => on_update_keys;
    CertificateRequested,        RequestCertificate    => on_request_certificate;
    CertificateRequested,        Certificate           => on_certificate;
    CertificateRequested,        CompressedCertificate => on_compressed_certificate;
    VerifyingLater,              PeerVerified          => on_peer_verified;
    VerifyingLater,              UpdateKeys            => on_update_keys;
    VerifyingLater,              RequestCertificate    => on_request_certificate;
    AwaitLaterCertificateVerify, CertificateVerify     => on_certificate_verify;
    AwaitLaterCertificateVerify, UpdateKeys            => on_update_keys;
    AwaitLaterCertificateVerify, RequestCertificate    => on_request_certificate;
    AwaitLaterFinished,          Finished              => on_finished;
    AwaitLaterFinished,          UpdateKeys            => on_update_keys;
    AwaitLaterFinished,          RequestCertificate    => on_request_certificate;
}

impl State {
    /// The requests for a certificate after the handshake. `None` during the handshake, and on a connection
    /// that does not permit them.
    pub(super) const fn requests(&self) -> Option<&Requests> {
        match self {
            Self::Authenticable(state) => Some(&*state.requests),
            Self::CertificateRequested(state) => Some(&*state.requests),
            Self::VerifyingLater(state) => Some(&*state.later.requests),
            Self::AwaitLaterCertificateVerify(state) => Some(&*state.later.requests),
            Self::AwaitLaterFinished(state) => Some(&*state.later.requests),
            _ => None,
        }
    }

    /// The number of requests for a certificate that are not completely answered yet.
    pub(super) const fn outstanding_requests(&self) -> Option<usize> {
        let Some(requests) = self.requests() else { return None };
        let in_response = match self {
            Self::VerifyingLater(_) | Self::AwaitLaterCertificateVerify(_) | Self::AwaitLaterFinished(_) => 1,
            _ => 0,
        };
        Some(requests.outstanding().saturating_add(in_response))
    }

    /// Whether the handshake is complete.
    pub(super) const fn is_after_handshake(&self) -> bool {
        matches!(self, Self::Established(_)) || self.requests().is_some()
    }

    pub(super) fn question(&self) -> Option<Question<'_>> {
        Some(match self {
            Self::ChoosingPsk(state) => {
                let Candidates { message, from, until, .. } = &*state.candidates;
                Question::ChoosePsk(ChoosePsk { client_hello: message, from: *from, until: *until })
            }
            Self::ConsumingPsk(state) => {
                let BoundPsk { psk, binder, .. } = &*state.psk;
                let (identity, binder) = (psk.identity.as_slice(), binder.as_bytes());
                let (session, early_data) = (&state.session, state.early_data.is_some());
                Question::ConsumePsk(ConsumePsk { identity, session, binder, early_data })
            }
            Self::SealingTicket(state) => Question::SealTicket(SealTicket { session: &state.session }),
            Self::ChoosingCredential(state) => Question::ChooseServerCredential(ChooseServerCredential {
                client_hello: &state.hello.message,
                server_name: state.hello.server_name.as_deref(),
                offer: AnyOfferRef::Tls13(&state.hello.offer),
            }),
            Self::Signing(state) => Question::Sign(Sign {
                credential: &state.credential,
                scheme: state.scheme,
                message: &state.message,
            }),
            Self::VerifyingPeer(state) => Question::VerifyPeer(VerifyPeer {
                peer: Side::Client,
                chain: state.answered.negotiated.common.peer_chain.as_ref()?,
                stapled: &state.answered.negotiated.common.stapled,
                delegated: state.answered.negotiated.peer_delegation.as_ref(),
            }),
            Self::VerifyingLater(state) => Question::VerifyPeer(VerifyPeer {
                peer: Side::Client,
                chain: &state.presented.chain,
                stapled: &state.presented.stapled,
                delegated: state.presented.delegated.as_ref(),
            }),
            _ => return None,
        })
    }
}
