//! The server's TLS 1.2 handshake after ServerHello (RFC 5246 section 7.3, figures 1 and 2).
#![allow(clippy::needless_pass_by_value, reason = "a table's action takes its input as the trigger holds it")]

use super::{Cx, hello::AwaitClientHello, offer::Choice};
use crate::{
    ClientAuthentication, Credential, DecryptPremaster, Event, FindPsk, HandshakeErrorKind, NewTicket,
    PeerKey, Proof, Psk, Question, RawMessage, Renegotiation, SealTicket, Session, Sign, VerifyPeer,
    certificate_chain::CertificateChain,
    ext::status_request,
    kx::{
        KeyExchange, premaster,
        server::{ClientSecret, ClientShare, ServerSecret},
    },
    negotiated::Resumption,
    raw_message,
    table::{states, transition_table},
    tls12::negotiated::Tls12Negotiated,
    tls12::secured::{Confirmed, Either, InUse, Order, Pending, Secured},
    trigger::CheckedKey,
    verify::check_signature,
};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_crypto::{Secret, SecretBytes};
use cairn_schedule::Side;
use cairn_wire::{
    CertificateRequest, CertificateType, CertificateVerify, ClientCertificateType, ClientHello,
    DigitallySigned, DistinguishedName, KeyAgreement, List, NewSessionTicket, ServerHelloDone,
    SignatureScheme,
};

transition_table! {
    /// The server's states after ServerHello.
    "server, TLS 1.2" for Cx, leading to super::State:
    Signing,                 Signed             => on_signed              -> [AwaitCertificate, AwaitClientKeyExchange];
    AwaitCertificate,        Certificate        => on_certificate         -> [VerifyingPeer, AwaitClientKeyExchange];
    VerifyingPeer,           PeerVerified       => on_peer_verified       -> [AwaitClientKeyExchange];
    AwaitClientKeyExchange,  ClientKeyExchange  => on_client_key_exchange -> [FindingPsk, DecryptingPremaster, AwaitCertificateVerify, AwaitChangeCipherSpec];
    FindingPsk,              PskFound           => on_psk_found           -> [DecryptingPremaster, AwaitChangeCipherSpec];
    DecryptingPremaster,     PremasterDecrypted => on_premaster_decrypted -> [AwaitCertificateVerify, AwaitChangeCipherSpec];
    AwaitCertificateVerify,  CertificateVerify  => on_certificate_verify  -> [AwaitChangeCipherSpec];
    AwaitChangeCipherSpec,   ChangeCipherSpec   => on_change_cipher_spec  -> [AwaitFinished];
    AwaitFinished,           Finished           => on_finished            -> [SealingTicket, Established];
    SealingTicket,           TicketSealed       => on_ticket_sealed       -> [AwaitChangeCipherSpec, Established];
    Established,             Renegotiate        => on_renegotiate         -> [RenegotiationRequested];
    Established,             ClientHello        => on_client_hello        -> [Established, ChoosingCredential, AwaitClientKeyExchange];
    RenegotiationRequested,  Renegotiate        => on_renegotiate         -> [RenegotiationRequested];
    RenegotiationRequested,  NoRenegotiation    => on_no_renegotiation    -> [Established];
    RenegotiationRequested,  ClientHello        => on_client_hello        -> [RenegotiationRequested, ChoosingCredential, AwaitClientKeyExchange];
}

states!(Tls12 of super::State:
    Signing,
    AwaitCertificate,
    VerifyingPeer,
    AwaitClientKeyExchange,
    FindingPsk,
    DecryptingPremaster,
    AwaitCertificateVerify,
    AwaitChangeCipherSpec,
    AwaitFinished,
    SealingTicket,
    Established,
    RenegotiationRequested,
);

impl State {
    pub(super) fn question(&self) -> Option<Question<'_>> {
        Some(match self {
            Self::Signing(state) => Question::Sign(Sign {
                credential: &state.credential,
                scheme: state.scheme,
                message: &state.message,
            }),
            Self::VerifyingPeer(state) => Question::VerifyPeer(VerifyPeer {
                peer: Side::Client,
                chain: state.exchange.negotiated.common.peer_chain.as_ref()?,
                stapled: &state.exchange.negotiated.common.stapled,
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

/// A key exchange for which the server has generated its share.
struct Exchange {
    negotiated: Box<Tls12Negotiated>,
    server_secret: ServerSecret,
}

/// After ServerHello: sends Certificate if the suite uses one, CertificateStatus if `staples` (RFC 6066
/// section 8), and ServerKeyExchange if the key exchange has one.
pub(super) fn start(
    mut negotiated: Box<Tls12Negotiated>,
    credential: Option<Arc<Credential>>,
    staples: bool,
    choice: Choice,
    cx: &mut Cx<'_>,
) -> Result<super::State, HandshakeErrorKind> {
    let Choice { kx, group, scheme, .. } = choice;
    if let Some(credential) = &credential {
        cx.out.send_certificate(&mut negotiated.transcript, &credential.chain)?;
        negotiated.common.end_point.clone_from(&credential.end_point);
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

/// Asks for the signature of ServerKeyExchange.
pub(crate) struct Signing {
    exchange: Exchange,
    credential: Arc<Credential>,
    scheme: SignatureScheme,
    /// Both randoms and the parameters (RFC 8422 section 5.4).
    message: Vec<u8>,
}

impl Signing {
    fn on_signed(self, signature: Vec<u8>, cx: &mut Cx<'_>) -> Result<super::State, HandshakeErrorKind> {
        let mut exchange = self.exchange;
        let proof = Proof::signed(self.credential.key_kind, self.scheme, signature.len());
        exchange.negotiated.common.evidence.server_proof = Some(proof);
        let signature = DigitallySigned { algorithm: self.scheme, signature: &signature };
        send_server_key_exchange(exchange, Some(signature), cx)
    }
}

/// Sends ServerKeyExchange and CertificateRequest if they are needed, and ServerHelloDone.
fn send_server_key_exchange(
    mut exchange: Exchange,
    signature: Option<DigitallySigned<'_>>,
    cx: &mut Cx<'_>,
) -> Result<super::State, HandshakeErrorKind> {
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

pub(crate) struct AwaitCertificate {
    exchange: Exchange,
}

impl AwaitCertificate {
    fn on_certificate(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
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

/// Asks for the verification of the client's chain.
pub(crate) struct VerifyingPeer {
    exchange: Exchange,
}

impl VerifyingPeer {
    fn on_peer_verified(
        self,
        checked: CheckedKey,
        _cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        let CheckedKey { key, verified, not_after } = checked;
        let mut exchange = self.exchange;
        exchange.negotiated.common.evidence.peer_verified = verified;
        exchange.negotiated.common.not_after = not_after;
        Ok(AwaitClientKeyExchange { exchange, key: Some(key) }.into())
    }
}

pub(crate) struct AwaitClientKeyExchange {
    exchange: Exchange,
    /// The key for the signature of CertificateVerify.
    key: Option<PeerKey>,
}

impl AwaitClientKeyExchange {
    /// The negotiated key exchange.
    pub(crate) const fn kx(&self) -> &KeyExchange {
        &self.exchange.negotiated.kx
    }

    fn on_client_key_exchange(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
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

/// ClientKeyExchange has been received.
struct Agreed {
    negotiated: Box<Tls12Negotiated>,
    /// The key for the signature of CertificateVerify.
    key: Option<PeerKey>,
    /// The PSK identity that the client sent.
    identity: Option<Vec<u8>>,
    psk: Option<SecretBytes>,
}

impl Agreed {
    fn take_secret(
        self: Box<Self>,
        secret: ClientSecret,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        match secret {
            ClientSecret::None => (*self).secure(None, cx),
            ClientSecret::Agreed(secret) => (*self).secure(Some(secret), cx),
            ClientSecret::Encrypted(credential, ciphertext) => {
                // It is generated in every case, so that timing reveals nothing.
                let version = self.negotiated.client_version;
                let fallback = premaster::random(version, &cx.policy.provider)?;
                Ok(DecryptingPremaster { agreed: self, credential, ciphertext, fallback }.into())
            }
        }
    }

    fn secure(
        self,
        secret: Option<SecretBytes>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
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

/// Asks for the pre-shared key with the client's identity.
pub(crate) struct FindingPsk {
    agreed: Box<Agreed>,
    secret: ClientSecret,
}

impl FindingPsk {
    fn on_psk_found(self, psk: Option<Psk>, cx: &mut Cx<'_>) -> Result<super::State, HandshakeErrorKind> {
        let Self { mut agreed, secret } = self;
        let psk = psk.filter(|psk| !psk.key.is_empty()).ok_or(HandshakeErrorKind::UnknownPskIdentity)?;
        let alone = agreed.negotiated.kx.agreement == KeyAgreement::None;
        agreed.negotiated.common.evidence.set_psk(psk.key.len(), alone);
        agreed.psk = Some(psk.key);
        agreed.take_secret(secret, cx)
    }
}

/// Asks for the decryption of the premaster secret. The visible behaviour does not depend on the result: an
/// invalid premaster secret is detected when the client's Finished cannot be decrypted (RFC 5246 section
/// 7.4.7.1).
pub(crate) struct DecryptingPremaster {
    agreed: Box<Agreed>,
    credential: Arc<Credential>,
    ciphertext: Vec<u8>,
    fallback: Secret<48>,
}

impl DecryptingPremaster {
    fn on_premaster_decrypted(
        self,
        premaster: Option<Secret<48>>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        let premaster = premaster.unwrap_or(self.fallback);
        (*self.agreed).secure(Some(SecretBytes::from(&premaster.expose()[..])), cx)
    }
}

pub(crate) struct AwaitCertificateVerify {
    secured: Secured<Pending, Pending>,
    key: Box<PeerKey>,
}

impl AwaitCertificateVerify {
    fn on_certificate_verify(
        mut self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
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

pub(crate) struct AwaitChangeCipherSpec {
    pub(super) secured: Secured<Pending, Either>,
}

impl AwaitChangeCipherSpec {
    fn on_change_cipher_spec(self, (): (), cx: &mut Cx<'_>) -> Result<super::State, HandshakeErrorKind> {
        Ok(AwaitFinished { secured: self.secured.change_read_keys(&mut cx.out) }.into())
    }
}

pub(crate) struct AwaitFinished {
    secured: Secured<InUse, Either>,
}

impl AwaitFinished {
    fn on_finished(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        let secured = match self.secured.check_finished(message)?.ours() {
            // In a full handshake the client sends Finished first (RFC 5246 section 7.3, figure 1).
            Order::Pending(secured) if secured.negotiated.storage.is_ticket_announced() => {
                return Ok(SealingTicket::start(secured.after_theirs()));
            }
            Order::Pending(secured) => secured.send_finished(&cx.policy.floor, &mut cx.out)?,
            Order::Confirmed(secured) => secured,
        };
        // From here on a fatal alert invalidates the session: the client has proved that it has the keys, so
        // no third party can invalidate it. The ID beside a ticket is chosen by the client and names no
        // session of ours (RFC 5077 section 3.4).
        if secured.negotiated.common.resumption != Resumption::ByTicket {
            cx.connection.session_in_use = secured.negotiated.session_id;
        }
        Established::after(secured, cx)
    }
}

/// The maximum length of a ticket in bytes (RFC 5077 section 3.3).
const MAX_TICKET: usize = 0xffff;

/// Asks for the ticket that ServerHello announced.
pub(crate) struct SealingTicket {
    secured: Secured<Either, Pending>,
    session: Box<Session>,
}

impl SealingTicket {
    pub(super) fn start(secured: Secured<Either, Pending>) -> super::State {
        let session = Box::new(secured.session());
        Self { secured, session }.into()
    }

    fn on_ticket_sealed(
        mut self,
        sealed: Option<NewTicket>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        // An announced ticket must be sent; an empty one means that there is none (RFC 5077 section 3.3). A
        // ticket that is too long for the message is replaced with an empty one.
        let sealed = sealed.filter(|new| new.ticket.len() <= MAX_TICKET);
        let (ticket, ticket_lifetime_hint) =
            sealed.as_ref().map_or((&[][..], 0), |new| (new.ticket.as_slice(), new.lifetime_hint));
        let message = NewSessionTicket { ticket_lifetime_hint, ticket };
        cx.out.send(&mut self.secured.negotiated.transcript, &message)?;
        let secured = self.secured.send_finished(&cx.policy.floor, &mut cx.out)?;
        match secured.theirs() {
            Order::Pending(secured) => Ok(AwaitChangeCipherSpec { secured: secured.after_ours() }.into()),
            Order::Confirmed(secured) => Established::after(secured, cx),
        }
    }
}

/// The handshake is complete and no other is in progress or requested.
pub(crate) struct Established;

impl Established {
    fn after(
        secured: Secured<Confirmed, Confirmed>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        let policy = cx.policy;
        secured.complete(&mut cx.out, cx.connection, &policy.provider, policy.tls12.renegotiation)?;
        Ok(Self.into())
    }

    /// Sends HelloRequest (RFC 5246 section 7.4.1.1).
    fn on_renegotiate(self, (): (), cx: &mut Cx<'_>) -> Result<super::State, HandshakeErrorKind> {
        cx.out.send_hello_request()?;
        Ok(RenegotiationRequested.into())
    }

    /// The client starts a renegotiation (RFC 5246 section 7.4.1.2).
    fn on_client_hello(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        let wanted = cx.policy.tls12.renegotiation == Renegotiation::Allowed;
        if wanted && may_renegotiate(cx) {
            return AwaitClientHello.on_client_hello(message, cx);
        }
        refuse_renegotiation(message, cx)?;
        Ok(self.into())
    }
}

/// HelloRequest has been sent, and the client has not answered yet.
pub(crate) struct RenegotiationRequested;

impl RenegotiationRequested {
    /// "Servers SHOULD NOT send a HelloRequest message immediately after" another one (RFC 5246 section
    /// 7.4.1.1 says: not repeat it until the subsequent handshake negotiation is complete).
    fn on_renegotiate(self, (): (), _cx: &mut Cx<'_>) -> Result<super::State, HandshakeErrorKind> {
        Ok(self.into())
    }

    /// The client refuses a renegotiation. If the policy requires its certificate, the connection ends (RFC
    /// 5246 section 7.2.2: the requester decides whether to proceed).
    fn on_no_renegotiation(self, (): (), cx: &mut Cx<'_>) -> Result<super::State, HandshakeErrorKind> {
        if cx.connection.renegotiations.demands_certificate {
            return Err(HandshakeErrorKind::RenegotiationRefused);
        }
        cx.out.event(Event::RenegotiationRefused);
        Ok(Established.into())
    }

    /// The client responds to HelloRequest (RFC 5246 section 7.4.1.2).
    fn on_client_hello(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        let wanted = cx.policy.tls12.renegotiation != Renegotiation::Never;
        if wanted && may_renegotiate(cx) {
            return AwaitClientHello.on_client_hello(message, cx);
        }
        refuse_renegotiation(message, cx)?;
        Ok(self.into())
    }
}

/// Counts the renegotiation if it is possible.
fn may_renegotiate(cx: &mut Cx<'_>) -> bool {
    let limit = cx.policy.tls12.renegotiation_limits.max_renegotiations;
    let possible = cx.connection.check_renegotiation(limit).is_ok();
    if possible {
        cx.connection.renegotiations.start();
    }
    possible
}

/// The content of the hello is ignored, but it must be well-formed.
fn refuse_renegotiation(message: RawMessage<'_>, cx: &mut Cx<'_>) -> Result<(), HandshakeErrorKind> {
    let _checked: ClientHello<'_> = raw_message::read(message)?;
    let limit = cx.policy.tls12.renegotiation_limits.max_hello_requests;
    cx.connection.refuse_renegotiation(limit, &mut cx.out)
}
