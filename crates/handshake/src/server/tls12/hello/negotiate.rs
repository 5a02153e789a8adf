//! A full handshake: the server's choice from the client's offer.

use super::{
    judge::Hello,
    server_hello::{Responses, SessionChoice, send_server_hello},
};
use crate::{
    credential::Credential,
    error::HandshakeErrorKind,
    policy::ClientAuthentication,
    resumption::Resumption,
    server::{
        context::Cx,
        offer::Offer,
        tls12::{server_flight::start, states::State},
    },
    tls12::negotiated::SessionStorage,
};
use alloc::{boxed::Box, sync::Arc};
use cairn_wire::{CertificateType, KeyAgreement, SessionId};

/// Chooses the parameters and sends ServerHello.
pub(super) fn negotiate(
    hello: Box<Hello>,
    offer: &Offer,
    credential: Option<Arc<Credential>>,
    cx: &mut Cx<'_>,
) -> Result<State, HandshakeErrorKind> {
    let policy = cx.policy;
    let choice = offer.choose(credential.as_deref()).ok_or(match &credential {
        Some(credential) if !offer.server_types.contain(credential.chain.certificate_type()) => {
            HandshakeErrorKind::NoSharedCertificateType
        }
        Some(_) => offer.nothing_shared(),
        None => HandshakeErrorKind::NoCredential,
    })?;
    // Whether CertificateRequest is sent, and for which certificate type.
    let asked = match policy.client_authentication {
        ClientAuthentication::None => None,
        _ if !choice.kx.may_ask_client() => None,
        ClientAuthentication::Request { .. } => {
            offer.client_types.choose(&policy.client_certificate_types, false)?
        }
        ClientAuthentication::Require { .. } => {
            offer.client_types.choose(&policy.client_certificate_types, true)?
        }
    };

    // The ID of the new session is random. It is empty if the session could not be resumed.
    let resumable = policy.resumption.is_some() && hello.extended_master_secret;
    // A session with a ticket has no ID (RFC 5077 section 3.4).
    let (session_id, storage) = if !resumable {
        (SessionId::EMPTY, SessionStorage::NotStored)
    } else if hello.ticket.is_some() {
        (SessionId::EMPTY, SessionStorage::InTicket)
    } else {
        let mut id = [0; 32];
        policy.provider.random.fill(&mut id)?;
        (SessionId::new(&id)?, SessionStorage::ById)
    };
    let credential = credential.filter(|_| choice.kx.certificate);
    let mut responses = credential
        .as_deref()
        .map(|credential| responses_for(&hello, offer, credential, asked))
        .unwrap_or_default();
    if choice.kx.agreement == KeyAgreement::Ecdh {
        responses.points = offer.points.response();
    }
    let staples = responses.staples;
    let session = SessionChoice { session_id, resumption: Resumption::Full(hello.not_resumed), storage };
    let mut negotiated = send_server_hello(hello, (choice.suite, choice.kx), session, &responses, cx)?;
    negotiated.common.evidence.group = choice.group;
    negotiated.common.client_certificate_type = asked;
    if asked.is_none() {
        negotiated.transcript.discard_messages();
    }
    start(negotiated, credential, staples, choice, cx)
}

/// The ServerHello extensions that announce parts of a credential, if the client asked for them.
fn responses_for<'a>(
    hello: &Hello,
    offer: &Offer,
    credential: &'a Credential,
    asked: Option<CertificateType>,
) -> Responses<'a> {
    let certificate_type = credential.chain.certificate_type();
    let server_type = offer.server_types.server_response(certificate_type);
    let client_type = offer.client_types.client_response(asked);
    if certificate_type != CertificateType::X509 {
        // Without a certificate there is nothing to announce.
        return Responses { server_type, client_type, ..Responses::default() };
    }
    Responses {
        points: None,
        server_type,
        client_type,
        staples: hello.status_requested && credential.stapled.response().is_some(),
        timestamps: if hello.timestamps_requested {
            &credential.stapled.signed_certificate_timestamps
        } else {
            &[]
        },
    }
}
