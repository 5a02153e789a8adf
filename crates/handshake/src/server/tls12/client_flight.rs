//! The client's flight: from Certificate to CertificateVerify (RFC 5246 sections 7.4.6 to 7.4.8).
#![allow(clippy::needless_pass_by_value, reason = "a table's action takes its input as the trigger holds it")]

use super::super::context::Cx;
use super::states::{
    Agreed, AwaitCertificate, AwaitCertificateVerify, AwaitChangeCipherSpec, AwaitClientKeyExchange,
    DecryptingPremaster, Exchange, FindingPsk, State, VerifyingPeer,
};
use crate::certificate_chain::CertificateChain;
use crate::error::HandshakeErrorKind;
use crate::input::Psk;
use crate::kx::server::{ClientSecret, ClientShare};
use crate::kx::{KeyExchange, premaster};
use crate::policy::ClientAuthentication;
use crate::raw_message::{self, RawMessage};
use crate::security::Proof;
use crate::tls12::secured::Secured;
use crate::trigger::CheckedKey;
use crate::verify::check_signature;
use alloc::boxed::Box;
use alloc::sync::Arc;
use cairn_crypto::{Secret, SecretBytes};
use cairn_wire::{CertificateType, CertificateVerify, KeyAgreement};

impl AwaitCertificate {
    pub(super) fn on_certificate(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let mut exchange = self.exchange;
        let negotiated = &mut *exchange.negotiated;
        let asked = negotiated.common.client_certificate_type.unwrap_or(CertificateType::X509);
        let chain = CertificateChain::read_tls12(asked, message)?;
        negotiated.transcript.add(message.bytes)?;
        let Some(chain) = chain else {
            if let ClientAuthentication::Require { .. } = cx.policy.client_authentication {
                return Err(HandshakeErrorKind::CertificateRequired);
            }
            negotiated.transcript.discard_messages();
            return Ok(AwaitClientKeyExchange { exchange, key: None }.into());
        };
        negotiated.common.peer_chain = Some(Arc::new(chain));
        Ok(VerifyingPeer { exchange }.into())
    }
}

impl VerifyingPeer {
    pub(super) fn on_peer_verified(
        self,
        checked: CheckedKey,
        _cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let mut exchange = self.exchange;
        let key = exchange.negotiated.common.take_checked_key(checked);
        Ok(AwaitClientKeyExchange { exchange, key: Some(key) }.into())
    }
}

impl AwaitClientKeyExchange {
    /// The negotiated key exchange.
    pub(crate) const fn kx(&self) -> &KeyExchange {
        &self.exchange.negotiated.kx
    }

    pub(super) fn on_client_key_exchange(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let Exchange { mut negotiated, server_secret } = self.exchange;
        let ClientShare { identity, secret } =
            server_secret.take(&negotiated.kx, &mut negotiated.common.evidence, message)?;
        // This is checked before decryption, so that no visible result depends on the decrypted secret.
        negotiated.transcript.add(message.bytes)?;
        let agreed = Box::new(Agreed { negotiated, key: self.key, identity, psk: None });
        if agreed.identity.is_some() {
            Ok(FindingPsk { agreed, secret }.into())
        } else {
            agreed.take_secret(secret, cx)
        }
    }
}

impl Agreed {
    pub(super) fn take_secret(
        self: Box<Self>,
        secret: ClientSecret,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        match secret {
            ClientSecret::None => (*self).secure(None, cx),
            ClientSecret::Agreed(secret) => (*self).secure(Some(secret), cx),
            ClientSecret::Encrypted(credential, ciphertext) => {
                // RFC 5246 section 7.4.7.1: "In any case, a TLS server MUST NOT generate an alert if
                // processing an RSA-encrypted premaster secret message fails, or the version number is not as
                // expected. Instead, it MUST continue the handshake with a randomly generated premaster
                // secret." It is generated in every case, so that timing reveals nothing. The answer to the
                // question checks the version: see `DecryptPremaster::client_version`.
                let version = self.negotiated.client_version;
                let fallback = premaster::random(version, &cx.policy.provider)?;
                Ok(DecryptingPremaster { agreed: self, credential, ciphertext, fallback }.into())
            }
        }
    }

    pub(super) fn secure(
        self,
        secret: Option<SecretBytes>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let Self { mut negotiated, key, identity, psk } = self;
        let premaster = match (&psk, secret) {
            (Some(psk), other) => premaster::with_psk(other.as_ref(), psk)?,
            (None, Some(secret)) => secret,
            (None, None) => return Err(HandshakeErrorKind::NotInProvider),
        };
        negotiated.psk_identity = identity;
        let secured =
            Secured::from_premaster(negotiated, &cx.policy.provider, premaster.expose(), cx.connection)?;
        if cx.policy.key_log {
            secured.log_key(&mut cx.out);
        }
        Ok(match key {
            Some(key) => AwaitCertificateVerify { secured, key: Box::new(key) }.into(),
            None => AwaitChangeCipherSpec { secured: secured.before_ours() }.into(),
        })
    }
}

impl FindingPsk {
    pub(super) fn on_psk_found(self, psk: Option<Psk>, cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
        let Self { mut agreed, secret } = self;
        let psk = psk.filter(|psk| !psk.key.is_empty()).ok_or(HandshakeErrorKind::UnknownPskIdentity)?;
        let alone = agreed.negotiated.kx.agreement == KeyAgreement::None;
        agreed.negotiated.common.evidence.set_psk(psk.key.len(), alone);
        agreed.psk = Some(psk.key);
        agreed.take_secret(secret, cx)
    }
}

impl DecryptingPremaster {
    pub(super) fn on_premaster_decrypted(
        self,
        premaster: Option<Secret<48>>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let premaster = premaster.unwrap_or(self.fallback);
        (*self.agreed).secure(Some(SecretBytes::from(&premaster.expose()[..])), cx)
    }
}

impl AwaitCertificateVerify {
    pub(super) fn on_certificate_verify(
        mut self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let verify: CertificateVerify<'_> = raw_message::read(message)?;
        let policy = cx.policy;
        let negotiated = &mut *self.secured.negotiated;
        check_signature(
            &policy.provider,
            &policy.signature_schemes,
            &self.key,
            negotiated.transcript.messages()?,
            &verify.signed,
        )?;
        let kind = self.key.public_key.kind;
        negotiated.common.evidence.client_proof =
            Some(Proof::signed(kind, verify.signed.algorithm, verify.signed.signature.len()));
        negotiated.transcript.add(message.bytes)?;
        negotiated.transcript.discard_messages();
        Ok(AwaitChangeCipherSpec { secured: self.secured.before_ours() }.into())
    }
}
