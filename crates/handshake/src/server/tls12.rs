//! The server's TLS 1.2 handshake from ServerKeyExchange on (RFC 5246 section 7.3, figures 1 and 2).
#![allow(clippy::needless_pass_by_value, reason = "a table's action takes its input as the trigger holds it")]

use super::{Cx, offer::Choice};
use crate::{
    ClientAuthentication, Credential, ErrorKind, NewTicket, PeerKey, Question, RawMessage, SealTicket,
    Session, Sign, VerifyPeer,
    credential::CertificateChain,
    established::Established as Kept,
    negotiated::Negotiated,
    secured::Secured,
    table::{states, transition_table},
    trigger,
    verify::check_signature,
};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_crypto::EphemeralKey;
use cairn_schedule::Side;
use cairn_wire::{
    Alert, AlertDescription, Certificate, CertificateRequest, CertificateVerify, ClientCertificateType,
    ClientHello, ClientKeyExchange, DigitallySigned, DistinguishedName, Encode, List, NewSessionTicket,
    Reader, ServerEcdhParams, ServerHelloDone, ServerKeyExchange, SessionId, SignatureScheme, Writer,
};

transition_table! {
    /// The server from its choice on.
    "server, TLS 1.2" for Cx, leading to super::State:
    Signing,                 Signed            => on_signed              -> [AwaitCertificate, AwaitClientKeyExchange];
    AwaitCertificate,        Certificate       => on_certificate         -> [VerifyingPeer, AwaitClientKeyExchange];
    VerifyingPeer,           PeerVerified      => on_peer_verified       -> [AwaitClientKeyExchange];
    AwaitClientKeyExchange,  ClientKeyExchange => on_client_key_exchange -> [AwaitCertificateVerify, AwaitChangeCipherSpec];
    AwaitCertificateVerify,  CertificateVerify => on_certificate_verify  -> [AwaitChangeCipherSpec];
    AwaitChangeCipherSpec,   ChangeCipherSpec  => on_change_cipher_spec  -> [AwaitFinished];
    AwaitFinished,           Finished          => on_finished            -> [SealingTicket, Established];
    SealingTicket,           TicketSealed      => on_ticket_sealed       -> [AwaitChangeCipherSpec, Established];
    Established,             ClientHello       => on_client_hello        -> [Established];
}

states!(Tls12 of super::State:
    Signing,
    AwaitCertificate,
    VerifyingPeer,
    AwaitClientKeyExchange,
    AwaitCertificateVerify,
    AwaitChangeCipherSpec,
    AwaitFinished,
    SealingTicket,
    Established,
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
                chain: state.exchange.negotiated.peer_chain.as_ref()?,
            }),
            Self::SealingTicket(state) => Question::SealTicket(SealTicket { session: &state.session }),
            _ => return None,
        })
    }
}

/// A key exchange under way: our half is made.
struct Exchange {
    negotiated: Box<Negotiated>,
    ephemeral: Box<dyn EphemeralKey>,
}

/// Asks for the signature of ServerKeyExchange.
pub(crate) struct Signing {
    exchange: Exchange,
    credential: Arc<Credential>,
    scheme: SignatureScheme,
    /// Both randoms, then the parameters (RFC 8422 section 5.4).
    message: Vec<u8>,
}

impl Signing {
    pub(super) fn start(
        negotiated: Box<Negotiated>,
        credential: Arc<Credential>,
        choice: Choice,
        cx: &Cx<'_>,
    ) -> Result<super::State, ErrorKind> {
        let provider = &cx.policy.provider;
        let group = provider.group(choice.group).ok_or(ErrorKind::NotInProvider)?;
        let ephemeral = group.generate(&mut provider.rng())?;
        let mut message = [negotiated.randoms.client.0, negotiated.randoms.server.0].concat();
        ServerEcdhParams { curve: choice.group, public: ephemeral.share() }
            .encode(&mut Writer::vec(&mut message))?;
        let exchange = Exchange { negotiated, ephemeral };
        Ok(Self { exchange, credential, scheme: choice.scheme, message }.into())
    }

    fn on_signed(self, signature: Vec<u8>, cx: &mut Cx<'_>) -> Result<super::State, ErrorKind> {
        let mut exchange = self.exchange;
        let negotiated = &mut *exchange.negotiated;
        let group = negotiated.group.ok_or(ErrorKind::NotInProvider)?;
        cx.out.send(
            &mut negotiated.transcript,
            &ServerKeyExchange::Ecdhe {
                params: ServerEcdhParams { curve: group, public: exchange.ephemeral.share() },
                params_bytes: &[],
                signature: DigitallySigned { algorithm: self.scheme, signature: &signature },
            },
        )?;
        let authorities = cx.policy.client_authentication.authorities();
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
}

pub(crate) struct AwaitCertificate {
    exchange: Exchange,
}

impl AwaitCertificate {
    fn on_certificate(self, message: RawMessage<'_>, cx: &mut Cx<'_>) -> Result<super::State, ErrorKind> {
        let mut exchange = self.exchange;
        let certificate: Certificate<'_> = trigger::read(message)?;
        let negotiated = &mut *exchange.negotiated;
        negotiated.transcript.add(message.bytes)?;
        if certificate.certificate_list.is_empty() {
            if let ClientAuthentication::Require { .. } = cx.policy.client_authentication {
                return Err(ErrorKind::CertificateRequired);
            }
            negotiated.transcript.let_go();
            return Ok(AwaitClientKeyExchange { exchange, key: None }.into());
        }
        negotiated.peer_chain = Some(Arc::new(CertificateChain::from_message(message.body())));
        Ok(VerifyingPeer { exchange }.into())
    }
}

/// Asks whether the client's chain is good.
pub(crate) struct VerifyingPeer {
    exchange: Exchange,
}

impl VerifyingPeer {
    fn on_peer_verified(self, key: PeerKey, _cx: &mut Cx<'_>) -> Result<super::State, ErrorKind> {
        Ok(AwaitClientKeyExchange { exchange: self.exchange, key: Some(key) }.into())
    }
}

pub(crate) struct AwaitClientKeyExchange {
    exchange: Exchange,
    /// The key that CertificateVerify must prove.
    key: Option<PeerKey>,
}

impl AwaitClientKeyExchange {
    fn on_client_key_exchange(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, ErrorKind> {
        let Exchange { mut negotiated, ephemeral } = self.exchange;
        let mut reader = Reader::at(RawMessage::HEADER_LEN, message.body());
        let exchange = ClientKeyExchange::decode(negotiated.suite.key_exchange, &mut reader)?;
        reader.finish("end of ClientKeyExchange")?;
        let ClientKeyExchange::Ecdhe { public } = exchange else {
            return Err(ErrorKind::UnexpectedMessage { got: "ClientKeyExchange of another key exchange" });
        };
        let premaster = ephemeral.agree(public)?;
        negotiated.transcript.add(message.bytes)?;
        let secured = Box::new(Secured::from_premaster(negotiated, &cx.policy.provider, premaster.expose())?);
        if cx.policy.key_log {
            secured.log_key(&mut cx.out);
        }
        Ok(match self.key {
            Some(key) => AwaitCertificateVerify { secured, key: Box::new(key) }.into(),
            None => AwaitChangeCipherSpec { secured }.into(),
        })
    }
}

pub(crate) struct AwaitCertificateVerify {
    secured: Box<Secured>,
    key: Box<PeerKey>,
}

impl AwaitCertificateVerify {
    fn on_certificate_verify(
        mut self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, ErrorKind> {
        let verify: CertificateVerify<'_> = trigger::read(message)?;
        let policy = cx.policy;
        let negotiated = &mut *self.secured.negotiated;
        check_signature(
            &policy.provider,
            &policy.signature_schemes,
            &self.key,
            negotiated.transcript.messages()?,
            &verify.signed,
        )?;
        negotiated.client_scheme = Some(verify.signed.algorithm);
        negotiated.transcript.add(message.bytes)?;
        negotiated.transcript.let_go();
        Ok(AwaitChangeCipherSpec { secured: self.secured }.into())
    }
}

pub(crate) struct AwaitChangeCipherSpec {
    pub(super) secured: Box<Secured>,
}

impl AwaitChangeCipherSpec {
    fn on_change_cipher_spec(mut self, (): (), cx: &mut Cx<'_>) -> Result<super::State, ErrorKind> {
        self.secured.change_read_keys(&mut cx.out)?;
        Ok(AwaitFinished { secured: self.secured }.into())
    }
}

pub(crate) struct AwaitFinished {
    secured: Box<Secured>,
}

impl AwaitFinished {
    fn on_finished(mut self, message: RawMessage<'_>, cx: &mut Cx<'_>) -> Result<super::State, ErrorKind> {
        self.secured.check_finished(message)?;
        // In the full handshake the client is the first to finish (RFC 5246 section 7.3, figure 1).
        if !self.secured.negotiated.resumed {
            if self.secured.negotiated.ticket_promised {
                return Ok(SealingTicket::start(self.secured, cx));
            }
            self.secured.send_finished(&mut cx.out)?;
        }
        *cx.session_in_use = self.secured.negotiated.session_id;
        Ok(Established(Box::new(self.secured.complete(&mut cx.out))).into())
    }
}

/// Asks for the ticket that ServerHello promised.
pub(crate) struct SealingTicket {
    secured: Box<Secured>,
    session: Box<Session>,
}

impl SealingTicket {
    pub(super) fn start(secured: Box<Secured>, cx: &Cx<'_>) -> super::State {
        let mut session = Box::new(secured.session(cx.policy.context_id.clone()));
        session.session_id = SessionId::EMPTY;
        Self { secured, session }.into()
    }

    fn on_ticket_sealed(
        mut self,
        sealed: Option<NewTicket>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, ErrorKind> {
        // What was promised must come; an empty ticket says that there is none (RFC 5077 section 3.3).
        let (ticket, ticket_lifetime_hint) =
            sealed.as_ref().map_or((&[][..], 0), |new| (new.ticket.as_slice(), new.lifetime_hint));
        let message = NewSessionTicket { ticket_lifetime_hint, ticket };
        cx.out.send(&mut self.secured.negotiated.transcript, &message)?;
        self.secured.send_finished(&mut cx.out)?;
        if self.secured.negotiated.resumed {
            return Ok(AwaitChangeCipherSpec { secured: self.secured }.into());
        }
        Ok(Established(Box::new(self.secured.complete(&mut cx.out))).into())
    }
}

/// The handshake is over.
pub(crate) struct Established(pub(super) Box<Kept>);

impl Established {
    /// The client asks for a renegotiation; this server does not do that (RFC 5246 section 7.4.1.2). What the hello
    /// says is of no account then, but it must be one.
    fn on_client_hello(
        mut self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, ErrorKind> {
        let _checked: ClientHello<'_> = trigger::read(message)?;
        self.0.refuse_renegotiation(cx.policy.limits.max_hello_requests)?;
        cx.out.send_alert(Alert::warning(AlertDescription::NO_RENEGOTIATION));
        Ok(self.into())
    }
}
