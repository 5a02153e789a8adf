//! The client's flight: from Certificate to CertificateVerify (RFC 5246 sections 7.4.6 to 7.4.8).
#![allow(clippy::needless_pass_by_value, reason = "a table's action takes its input as the trigger holds it")]

use super::super::context::Cx;
use super::finished::await_finished;
use super::states::{ChoosingCredential, FindingPsk, Signing, State, VerifyingPeer};
use crate::credential::Credential;
use crate::curves::curve_of_key;
use crate::error::HandshakeErrorKind;
use crate::input::Psk;
use crate::kx::client::{Params, ServerShare, client_key_exchange};
use crate::requested_certificate::RequestedCertificate;
use crate::security::Proof;
use crate::tls12::negotiated::Tls12Negotiated;
use crate::tls12::secured::{Pending, Secured};
use crate::trigger::CheckedKey;
use crate::verify::check_signature;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use cairn_wire::{Certificate, CertificateVerify, DigitallySigned, KeyAgreement, List, SignatureScheme};

impl VerifyingPeer {
    pub(super) fn on_peer_verified(
        self,
        checked: CheckedKey,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let Self { mut negotiated, mut server_share, request } = self;
        let key = negotiated.common.take_checked_key(checked);
        if !negotiated.kx.takes_key(negotiated.suite, key.public_key.kind) {
            return Err(HandshakeErrorKind::WrongKeyForSuite(key.public_key.kind));
        }
        // "If the client has used a Supported Elliptic Curves Extension, the public key in the server's
        // certificate MUST respect the client's choice of elliptic curves" (RFC 8422 section 5.3).
        if let Some(curve) =
            curve_of_key(key.public_key.kind).filter(|curve| !cx.policy.groups.contains(curve))
        {
            return Err(HandshakeErrorKind::CertificateCurveNotOffered(curve));
        }
        if let Some(signed) = server_share.signed.take() {
            check_signature(
                &cx.policy.provider,
                &cx.policy.signature_schemes,
                &key,
                &signed.message,
                &DigitallySigned { algorithm: signed.scheme, signature: &signed.signature },
            )?;
            let kind = key.public_key.kind;
            negotiated.common.evidence.server_proof =
                Some(Proof::signed(kind, signed.scheme, signed.signature.len()));
        }
        if negotiated.kx.agreement == KeyAgreement::Rsa {
            if !key.may_encrypt {
                return Err(HandshakeErrorKind::KeyMayNotEncrypt);
            }
            server_share.params = Params::Key(key.public_key.bits);
        }
        go_on(negotiated, server_share, request, cx)
    }
}

/// The server is authenticated if the suite requires it. Asks for a pre-shared key or a credential if
/// ClientKeyExchange needs one.
pub(super) fn go_on(
    negotiated: Box<Tls12Negotiated>,
    server_share: Box<ServerShare>,
    request: Option<Box<RequestedCertificate>>,
    cx: &mut Cx<'_>,
) -> Result<State, HandshakeErrorKind> {
    match request {
        Some(request) => {
            Ok(ChoosingCredential { negotiated, server_share, request, policy: Arc::clone(cx.policy) }.into())
        }
        None if negotiated.kx.psk => Ok(FindingPsk { negotiated, server_share }.into()),
        None => send_key_exchange(negotiated, &server_share.params, None, None, cx),
    }
}

impl FindingPsk {
    pub(super) fn on_psk_found(self, psk: Option<Psk>, cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
        let psk = psk.filter(|psk| !psk.key.is_empty()).ok_or(HandshakeErrorKind::NoPsk)?;
        send_key_exchange(self.negotiated, &self.server_share.params, Some(psk), None, cx)
    }
}

impl ChoosingCredential {
    pub(super) fn on_credential_chosen(
        mut self,
        chosen: Option<Arc<Credential>>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let shown = self.negotiated.common.client_certificate_type;
        let with_scheme = chosen.and_then(|credential| {
            let ours = &self.policy.signature_schemes;
            let scheme = self.request.scheme_for(&credential, shown, ours).ok()?;
            Some((credential, scheme))
        });
        let transcript = &mut self.negotiated.transcript;
        match &with_scheme {
            Some((credential, _)) => cx.out.send_certificate(transcript, &credential.chain)?,
            // A client without a suitable certificate sends an empty list (RFC 5246 section 7.4.6). A client
            // that negotiated a raw public key and has none does the same.
            None => cx.out.send(transcript, &Certificate { certificate_list: List::default() })?,
        }
        send_key_exchange(self.negotiated, &self.server_share.params, None, with_scheme, cx)
    }
}

pub(super) fn send_key_exchange(
    mut negotiated: Box<Tls12Negotiated>,
    params: &Params,
    psk: Option<Psk>,
    credential: Option<(Arc<Credential>, SignatureScheme)>,
    cx: &mut Cx<'_>,
) -> Result<State, HandshakeErrorKind> {
    let kx = negotiated.kx;
    let policy = cx.policy;
    let evidence = &mut negotiated.common.evidence;
    let premaster = client_key_exchange(
        &kx,
        params,
        psk.as_ref(),
        policy,
        evidence,
        &mut negotiated.transcript,
        &mut cx.out,
    )?;
    negotiated.psk_identity = psk.map(|psk| psk.identity);
    let provider = &policy.provider;
    let secured = Secured::from_premaster(negotiated, provider, premaster.expose(), cx.connection)?;
    if cx.policy.key_log {
        secured.log_key(&mut cx.out);
    }
    match credential {
        Some((credential, scheme)) => Ok(Signing { secured, credential, scheme }.into()),
        None => finish(secured, cx),
    }
}

impl Signing {
    pub(super) fn on_signed(
        mut self,
        signature: Vec<u8>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let negotiated = &mut self.secured.negotiated;
        let signed = DigitallySigned { algorithm: self.scheme, signature: &signature };
        cx.out.send(&mut negotiated.transcript, &CertificateVerify { signed })?;
        negotiated.common.evidence.client_proof =
            Some(Proof::signed(self.credential.key_kind, self.scheme, signature.len()));
        finish(self.secured, cx)
    }
}

pub(super) fn finish(
    mut secured: Secured<Pending, Pending>,
    cx: &mut Cx<'_>,
) -> Result<State, HandshakeErrorKind> {
    secured.negotiated.transcript.discard_messages();
    let secured = secured.send_finished(&cx.policy.floor, &mut cx.out)?;
    Ok(await_finished(secured.after_ours()))
}
