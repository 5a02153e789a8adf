//! The server's flight: from Certificate to ServerHelloDone (RFC 5246 sections 7.4.2 to 7.4.5).
#![allow(clippy::needless_pass_by_value, reason = "a table's action takes its input as the trigger holds it")]

use super::super::context::Cx;
use super::super::offer::Choice;
use super::states::{AwaitCertificate, AwaitClientKeyExchange, Exchange, Signing, State};
use crate::credential::Credential;
use crate::error::HandshakeErrorKind;
use crate::ext::status_request;
use crate::kx::server::ServerSecret;
use crate::security::Proof;
use crate::session::SessionSide;
use crate::tls12::negotiated::Tls12Negotiated;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use cairn_wire::{
    CertificateRequest, ClientCertificateType, DigitallySigned, DistinguishedName, List, ServerHelloDone,
};

/// After ServerHello: sends Certificate if the suite uses one, CertificateStatus if `staples` (RFC 6066
/// section 8), and ServerKeyExchange if the key exchange has one.
pub(crate) fn start(
    mut negotiated: Box<Tls12Negotiated>,
    credential: Option<Arc<Credential>>,
    staples: bool,
    choice: Choice,
    cx: &mut Cx<'_>,
) -> Result<State, HandshakeErrorKind> {
    let Choice { kx, group, scheme, .. } = choice;
    if let Some(credential) = &credential {
        cx.out.send_certificate(&mut negotiated.transcript, &credential.chain)?;
        let tls_server_end_point = credential.tls_server_end_point.clone();
        negotiated.common.side = SessionSide::Server { tls_server_end_point };
        if let Some(response) = credential.stapled.response().filter(|_| staples) {
            cx.out.send(&mut negotiated.transcript, &status_request::message(response))?;
        }
    }
    let server_secret = ServerSecret::generate(&kx, group, credential.as_ref(), &cx.policy.provider)?;
    match (scheme, credential) {
        (Some(scheme), Some(credential)) => {
            let message = server_secret.to_be_signed(&negotiated.randoms)?;
            Ok(Signing { exchange: Exchange { negotiated, server_secret }, credential, scheme, message }
                .into())
        }
        _ => send_server_key_exchange(Exchange { negotiated, server_secret }, None, cx),
    }
}

impl Signing {
    pub(super) fn on_signed(self, signature: Vec<u8>, cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
        let mut exchange = self.exchange;
        let proof = Proof::signed(self.credential.key_kind, self.scheme, signature.len());
        exchange.negotiated.common.evidence.server_proof = Some(proof);
        let signature = DigitallySigned { algorithm: self.scheme, signature: &signature };
        send_server_key_exchange(exchange, Some(signature), cx)
    }
}

/// Sends ServerKeyExchange and CertificateRequest if they are needed, and ServerHelloDone.
pub(super) fn send_server_key_exchange(
    mut exchange: Exchange,
    signature: Option<DigitallySigned<'_>>,
    cx: &mut Cx<'_>,
) -> Result<State, HandshakeErrorKind> {
    let negotiated = &mut *exchange.negotiated;
    let kx = negotiated.kx;
    let hint = cx.policy.tls12.psk_identity_hint.as_deref();
    if let Some(message) = exchange.server_secret.message(&kx, hint, signature)? {
        cx.out.send(&mut negotiated.transcript, &message)?;
    }
    let is_asked = negotiated.common.client_certificate_type.is_some();
    let authorities = cx.policy.client_authentication.authorities().filter(|_| is_asked);
    if let Some(authorities) = authorities {
        let authorities: Vec<_> = authorities.iter().map(|name| DistinguishedName(name)).collect();
        cx.out.send(
            &mut negotiated.transcript,
            &CertificateRequest {
                certificate_types: List::from_items(&[
                    ClientCertificateType::ECDSA_SIGN,
                    ClientCertificateType::RSA_SIGN,
                ]),
                supported_signature_algorithms: List::from_items(&cx.policy.signature_schemes),
                certificate_authorities: List::from_items(&authorities),
            },
        )?;
    }
    cx.out.send(&mut negotiated.transcript, &ServerHelloDone)?;
    Ok(match authorities {
        Some(_) => AwaitCertificate { exchange }.into(),
        None => AwaitClientKeyExchange { exchange, key: None }.into(),
    })
}
