//! Questions that own their data.

use super::{
    ChooseClientCredential, ChooseConfiguration, ChoosePsk, ChooseServerCredential, ConsumePsk,
    DecryptPremaster, FindPsk, FindSession, Question, SealTicket, Sign, VerifyPeer,
};
use crate::{
    certificate_chain::CertificateChain,
    credential::Credential,
    delegated_credential::DelegatedCredential,
    requested_certificate::RequestedCertificate,
    server::any_offer::AnyOffer,
    session::{Endpoint, Session},
    stapled::Stapled,
};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_crypto::Secret;
use cairn_schedule::Side;
use cairn_wire::{CertificateType, SessionId, SignatureScheme};

/// A [`Question`] that borrows nothing, for another thread or task.
///
/// [`Question::into_owned`] creates it, and [`OwnedQuestion::as_question`] returns the question with all its
/// methods. The connection waits for the answer with the [`QuestionId`](crate::QuestionId) of the question.
///
/// It may have secrets: a session in [`Question::SealTicket`], and a random premaster secret in
/// [`Question::DecryptPremaster`]. They are zeroized on drop.
#[derive(Clone, Debug)]
pub struct OwnedQuestion(Owned);

#[derive(Clone, Debug)]
enum Owned {
    ChooseConfiguration {
        client_hello: Vec<u8>,
    },
    FindSessionForServer {
        server_name: Option<Vec<u8>>,
        endpoint: Option<Endpoint>,
    },
    FindSessionById {
        session_id: SessionId,
    },
    FindSessionByTicket {
        ticket: Vec<u8>,
    },
    SealTicket {
        session: Box<Session>,
    },
    ChooseServerCredential {
        client_hello: Vec<u8>,
        server_name: Option<Vec<u8>>,
        offer: Box<AnyOffer>,
    },
    ChooseClientCredential {
        request: RequestedCertificate,
        certificate_type: Option<CertificateType>,
        ours: Vec<SignatureScheme>,
    },
    Sign {
        credential: Arc<Credential>,
        scheme: SignatureScheme,
        message: Vec<u8>,
    },
    DecryptPremaster {
        credential: Arc<Credential>,
        ciphertext: Vec<u8>,
        client_version: [u8; 2],
        fallback: Secret<48>,
    },
    FindPskByHint {
        server_name: Option<Vec<u8>>,
        hint: Option<Vec<u8>>,
    },
    FindPskByIdentity {
        identity: Vec<u8>,
    },
    ChoosePsk {
        client_hello: Vec<u8>,
        from: u16,
        until: u16,
    },
    ConsumePsk {
        identity: Vec<u8>,
        session: Arc<Session>,
        binder: Vec<u8>,
        early_data: bool,
    },
    VerifyPeer {
        peer: Side,
        chain: Arc<CertificateChain>,
        stapled: Stapled,
        delegated: Option<Arc<DelegatedCredential>>,
    },
}

impl Question<'_> {
    /// Copies the question and all data that it refers to. Certificate chains and credentials are shared, not
    /// copied.
    #[must_use]
    pub fn into_owned(self) -> OwnedQuestion {
        let copy = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
        OwnedQuestion(match self {
            Self::ChooseConfiguration(ChooseConfiguration { client_hello }) => {
                Owned::ChooseConfiguration { client_hello: client_hello.to_vec() }
            }
            Self::FindSession(FindSession::ForServer { server_name, endpoint }) => {
                Owned::FindSessionForServer { server_name: copy(server_name), endpoint: endpoint.cloned() }
            }
            Self::FindSession(FindSession::ById { session_id }) => {
                Owned::FindSessionById { session_id: *session_id }
            }
            Self::FindSession(FindSession::ByTicket { ticket }) => {
                Owned::FindSessionByTicket { ticket: ticket.to_vec() }
            }
            Self::SealTicket(SealTicket { session }) => {
                Owned::SealTicket { session: Box::new(session.clone()) }
            }
            Self::ChooseServerCredential(ChooseServerCredential { client_hello, server_name, offer }) => {
                Owned::ChooseServerCredential {
                    client_hello: client_hello.to_vec(),
                    server_name: copy(server_name),
                    offer: Box::new(offer.to_owned()),
                }
            }
            Self::ChooseClientCredential(ChooseClientCredential { request, certificate_type, ours }) => {
                Owned::ChooseClientCredential {
                    request: request.clone(),
                    certificate_type,
                    ours: ours.to_vec(),
                }
            }
            Self::Sign(Sign { credential, scheme, message }) => {
                Owned::Sign { credential: Arc::clone(credential), scheme, message: message.to_vec() }
            }
            Self::DecryptPremaster(DecryptPremaster { credential, ciphertext, client_version, fallback }) => {
                Owned::DecryptPremaster {
                    credential: Arc::clone(credential),
                    ciphertext: ciphertext.to_vec(),
                    client_version,
                    fallback: fallback.clone(),
                }
            }
            Self::FindPsk(FindPsk::ByHint { server_name, hint }) => {
                Owned::FindPskByHint { server_name: copy(server_name), hint: copy(hint) }
            }
            Self::FindPsk(FindPsk::ByIdentity { identity }) => {
                Owned::FindPskByIdentity { identity: identity.to_vec() }
            }
            Self::ChoosePsk(ChoosePsk { client_hello, from, until }) => {
                Owned::ChoosePsk { client_hello: client_hello.to_vec(), from, until }
            }
            Self::ConsumePsk(ConsumePsk { identity, session, binder, early_data }) => Owned::ConsumePsk {
                identity: identity.to_vec(),
                session: Arc::clone(session),
                binder: binder.to_vec(),
                early_data,
            },
            Self::VerifyPeer(VerifyPeer { peer, chain, stapled, delegated }) => Owned::VerifyPeer {
                peer,
                chain: Arc::clone(chain),
                stapled: stapled.clone(),
                delegated: delegated.cloned(),
            },
        })
    }
}

impl OwnedQuestion {
    /// The borrowed form of the question.
    #[must_use]
    pub fn as_question(&self) -> Question<'_> {
        match &self.0 {
            Owned::ChooseConfiguration { client_hello } => {
                Question::ChooseConfiguration(ChooseConfiguration { client_hello })
            }
            Owned::FindSessionForServer { server_name, endpoint } => {
                let (server_name, endpoint) = (server_name.as_deref(), endpoint.as_ref());
                Question::FindSession(FindSession::ForServer { server_name, endpoint })
            }
            Owned::FindSessionById { session_id } => Question::FindSession(FindSession::ById { session_id }),
            Owned::FindSessionByTicket { ticket } => Question::FindSession(FindSession::ByTicket { ticket }),
            Owned::SealTicket { session } => Question::SealTicket(SealTicket { session }),
            Owned::ChooseServerCredential { client_hello, server_name, offer } => {
                let server_name = server_name.as_deref();
                let offer = offer.as_ref().as_ref();
                Question::ChooseServerCredential(ChooseServerCredential { client_hello, server_name, offer })
            }
            Owned::ChooseClientCredential { request, certificate_type, ours } => {
                let certificate_type = *certificate_type;
                Question::ChooseClientCredential(ChooseClientCredential { request, certificate_type, ours })
            }
            Owned::Sign { credential, scheme, message } => {
                Question::Sign(Sign { credential, scheme: *scheme, message })
            }
            Owned::DecryptPremaster { credential, ciphertext, client_version, fallback } => {
                let client_version = *client_version;
                Question::DecryptPremaster(DecryptPremaster {
                    credential,
                    ciphertext,
                    client_version,
                    fallback,
                })
            }
            Owned::FindPskByHint { server_name, hint } => {
                let (server_name, hint) = (server_name.as_deref(), hint.as_deref());
                Question::FindPsk(FindPsk::ByHint { server_name, hint })
            }
            Owned::FindPskByIdentity { identity } => Question::FindPsk(FindPsk::ByIdentity { identity }),
            Owned::ChoosePsk { client_hello, from, until } => {
                Question::ChoosePsk(ChoosePsk { client_hello, from: *from, until: *until })
            }
            Owned::ConsumePsk { identity, session, binder, early_data } => {
                Question::ConsumePsk(ConsumePsk { identity, session, binder, early_data: *early_data })
            }
            Owned::VerifyPeer { peer, chain, stapled, delegated } => {
                let delegated = delegated.as_ref();
                Question::VerifyPeer(VerifyPeer { peer: *peer, chain, stapled, delegated })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, vec};
    use cairn_wire::{CertificateRequest, ClientCertificateType, DistinguishedName, List};
    use core::num::NonZeroU16;

    /// The conversions between a question and its owned form.
    fn both(question: Question<'_>) -> [alloc::string::String; 2] {
        let before = format!("{question:?}");
        let owned = question.into_owned();
        [before, format!("{:?}", owned.as_question())]
    }

    #[test]
    fn owned_certificate_request_retains_its_authorities() {
        let (types, schemes) =
            ([ClientCertificateType::ECDSA_SIGN], [SignatureScheme::ED25519, SignatureScheme(0x1234)]);
        for names in [vec![], vec![DistinguishedName(b"one"), DistinguishedName(b"other")]] {
            let request = CertificateRequest {
                certificate_types: List::from_items(&types),
                supported_signature_algorithms: List::from_items(&schemes),
                certificate_authorities: List::from_items(&names),
            };
            let certificate_type = Some(CertificateType::X509);
            let ours = &schemes[..1];
            let request = &RequestedCertificate::from(&request);
            let question = ChooseClientCredential { request, certificate_type, ours };
            let [before, after] = both(Question::ChooseClientCredential(question));
            assert_eq!(before, after);
            assert_eq!(before.contains("authorities: []"), names.is_empty(), "{before}");
        }
    }

    #[test]
    fn lookups_survive_conversion() {
        let session_id = SessionId::new(&[7; 32]).unwrap();
        let endpoint = Endpoint { host: Arc::from(&b"cairn.example"[..]), port: NonZeroU16::new(443) };
        for question in [
            Question::FindSession(FindSession::ForServer {
                server_name: Some(b"cairn.example"),
                endpoint: Some(&endpoint),
            }),
            Question::FindSession(FindSession::ForServer { server_name: None, endpoint: None }),
            Question::FindSession(FindSession::ById { session_id: &session_id }),
            Question::FindSession(FindSession::ByTicket { ticket: b"sealed" }),
            Question::FindPsk(FindPsk::ByHint { server_name: None, hint: Some(b"hint") }),
            Question::FindPsk(FindPsk::ByIdentity { identity: b"somebody" }),
            Question::ChooseConfiguration(ChooseConfiguration { client_hello: b"hello" }),
        ] {
            let [before, after] = both(question);
            assert_eq!(before, after);
        }
    }
}
