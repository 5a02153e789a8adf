//! The server's TLS 1.3 handshake, from the ClientHello for which TLS 1.3 is chosen, and what follows it (RFC
//! 9846 section 2 and appendix A.2).

mod client_flight;
mod established;
mod hello;
mod judged;
mod second_hello;
mod server_flight;
mod states;

use super::context::Cx;
use crate::question::{ChooseServerCredential, Question, Sign, VerifyPeer};
use crate::server::any_offer::AnyOfferRef;
use crate::table::transition_table;
use cairn_schedule::Side;
use core::convert::Infallible;
pub(crate) use hello::take_client_hello;
pub(crate) use states::State;

transition_table! {
    /// The server's states after the choice of TLS 1.3.
    "server, TLS 1.3" for Cx, leaving with Infallible:
    AwaitSecondClientHello, ClientHello           => on_client_hello;
    ChoosingCredential,     CredentialChosen      => on_credential_chosen;
    Signing,                Signed                => on_signed;
    AwaitCertificate,       Certificate           => on_certificate;
    AwaitCertificate,       CompressedCertificate => on_compressed_certificate;
    VerifyingPeer,          PeerVerified          => on_peer_verified;
    AwaitCertificateVerify, CertificateVerify     => on_certificate_verify;
    AwaitFinished,          Finished              => on_finished;
    Established,            KeyUpdate             => on_key_update;
    Established,            UpdateKeys            => on_update_keys;
}

impl State {
    pub(super) fn question(&self) -> Option<Question<'_>> {
        Some(match self {
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
            }),
            _ => return None,
        })
    }
}
