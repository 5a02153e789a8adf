//! Answers to questions from the configuration.

use crate::{
    CertificateWithheld, ClientConfig, KeyLog, ServerConfig,
    config::{ClientTrust, Sessions, Trust, raw_keys},
};
use alloc::{format, string::ToString, sync::Arc, vec::Vec};
use cairn_crypto::Provider;
#[cfg(feature = "std")]
use cairn_handshake::RenegotiationLimits;
use cairn_handshake::{
    Answer, CertificateChain, DecryptPremaster, Endpoint, FindSession, PeerKey, Question, Session,
    SessionAnswer, Sign, UnixTime, Verified,
};
use cairn_session::{ClientKey, Opened};
use cairn_wire::SessionId;
use cairn_x509::{CertificateError, CertificateFacts, ChainError, ServerName, VerifiedPeer};
use core::net::SocketAddr;

/// The role, with its configuration.
#[derive(Debug)]
pub(super) enum Role {
    Client { config: ClientConfig, server: ServerName, endpoint: Endpoint },
    Server { config: ServerConfig },
}

/// An answer, and the reason if a chain was rejected.
pub(super) type Answered = (Answer, Option<ChainError>);

impl Role {
    pub(super) fn provider(&self) -> &Arc<Provider> {
        match self {
            Self::Client { config, .. } => &config.inner.provider,
            Self::Server { config } => &config.inner.provider,
        }
    }

    pub(super) fn key_log(&self) -> Option<&dyn KeyLog> {
        match self {
            Self::Client { config, .. } => config.inner.key_log.as_deref(),
            Self::Server { config } => config.inner.key_log.as_deref(),
        }
    }

    #[cfg(feature = "std")]
    pub(super) fn renegotiation_limits(&self) -> RenegotiationLimits {
        match self {
            Self::Client { config, .. } => config.inner.policy.tls12.renegotiation_limits,
            Self::Server { config } => config.inner.policy.tls12.renegotiation_limits,
        }
    }

    pub(super) fn now(&self) -> UnixTime {
        match self {
            Self::Client { config, .. } => config.inner.clock.now(),
            Self::Server { config } => config.inner.clock.now(),
        }
    }

    /// The answer to a question; `None` if the caller must answer.
    pub(super) fn answer(&self, question: &Question<'_>) -> Option<Answered> {
        let plain = |answer| Some((answer, None));
        match (self, question) {
            (_, Question::Sign(sign)) => plain(self.sign(sign)?),
            (_, Question::DecryptPremaster(decrypt)) => plain(self.decrypt(decrypt)?),
            (Self::Client { config, .. }, Question::FindPsk(find)) => {
                plain(Answer::Psk(config.inner.psks.find(find)?))
            }
            (Self::Server { config }, Question::FindPsk(find)) => {
                let (psks, hide) = (&config.inner.psks, config.inner.hide_psk_identities);
                let found =
                    if hide { psks.find_or_make_up(find, self.provider()) } else { Ok(psks.find(find)) };
                plain(match found {
                    Ok(found) => Answer::Psk(found?),
                    Err(_) => Answer::Failed,
                })
            }
            (Self::Client { config, .. }, Question::FindSession(_)) => match &config.inner.sessions {
                Sessions::Ask => None,
                Sessions::None => plain(found(None, self.now())),
                Sessions::Store(store) => {
                    let now = self.now();
                    plain(found(store.get(&self.client_key()?, now), now))
                }
            },
            (Self::Server { config }, Question::FindSession(FindSession::ById { session_id })) => {
                match &config.inner.sessions {
                    Sessions::Ask => None,
                    Sessions::None => plain(found(None, self.now())),
                    Sessions::Store(store) => {
                        let now = self.now();
                        plain(found(store.get(session_id, now), now))
                    }
                }
            }
            (Self::Server { config }, Question::FindSession(FindSession::ByTicket { ticket })) => {
                let tickets = config.inner.tickets.as_ref()?;
                let now = self.now();
                plain(match tickets.open(ticket, now) {
                    Some(Opened { session, renew: false }) => found(Some(session), now),
                    Some(Opened { session, renew: true }) => {
                        Answer::SessionWithOldTicket(SessionAnswer { session: Some(session), now })
                    }
                    None => found(None, now),
                })
            }
            (Self::Server { config }, Question::SealTicket(seal)) => {
                plain(Answer::Ticket(config.inner.tickets.as_ref()?.seal(seal.session, self.now())))
            }
            (Self::Client { config, .. }, Question::ChooseClientCredential(choose)) => {
                let inner = &config.inner;
                let chosen = || inner.credentials.for_server(choose, inner.any_authority);
                (!inner.ask_for_credentials).then(|| (Answer::Credential(chosen().ok()), None))
            }
            (Self::Server { config }, Question::ChooseServerCredential(choose)) => {
                if config.inner.ask_for_credentials {
                    return None;
                }
                // If none is suitable, the machine reports the reason.
                let chosen = config.inner.credentials.for_client(choose);
                plain(Answer::Credential(chosen.or_else(|| config.inner.credentials.iter().next().cloned())))
            }
            (Self::Client { config, server, .. }, Question::VerifyPeer(peer)) => {
                if let Some(spki) = peer.chain.as_raw_public_key() {
                    return Some(match &config.inner.trust {
                        Trust::Ask => return None,
                        Trust::Roots(_) => {
                            verified(config.inner.raw_keys.check(spki, Some(server)).map(Verified::from))
                        }
                        Trust::Anyone => unchecked(raw_keys::unchecked(spki)),
                    });
                }
                let certificates = certificates(peer.chain);
                Some(verified(match &config.inner.trust {
                    Trust::Ask => return None,
                    Trust::Anyone => return Some(unchecked(unverified(&certificates))),
                    Trust::Roots(verifier) => {
                        let response = peer.stapled.ocsp_response.as_deref();
                        let (stapling, now) = (config.inner.stapling, self.now().as_secs());
                        verifier.verify_stapled(&certificates, server, stapling, response, now).map(verdict)
                    }
                }))
            }
            (Self::Server { config }, Question::VerifyPeer(peer)) => match &config.inner.client_trust {
                ClientTrust::Roots(verifier) => {
                    if let Some(spki) = peer.chain.as_raw_public_key() {
                        return Some(verified(
                            config.inner.client_raw_keys.check(spki, None).map(Verified::from),
                        ));
                    }
                    let certificates = certificates(peer.chain);
                    Some(verified(verifier.verify_client(&certificates, self.now().as_secs()).map(verdict)))
                }
                ClientTrust::Ask | ClientTrust::NotAsked => None,
            },
            _ => None,
        }
    }

    /// The reason why the configuration presents no certificate although one is requested.
    pub(super) fn withheld(&self, question: &Question<'_>) -> Option<CertificateWithheld> {
        match (self, question) {
            (Self::Client { config, .. }, Question::ChooseClientCredential(choose)) => {
                config.inner.credentials.for_server(choose, config.inner.any_authority).err()
            }
            _ => None,
        }
    }

    fn sign(&self, sign: &Sign<'_>) -> Option<Answer> {
        let key = sign.credential.key.as_ref()?;
        Some(match key.sign(sign.scheme, sign.message, &mut self.provider().rng()) {
            Ok(signature) => Answer::Signature(signature),
            Err(_) => Answer::Failed,
        })
    }

    fn decrypt(&self, decrypt: &DecryptPremaster<'_>) -> Option<Answer> {
        let key = decrypt.credential.decrypting_key.as_ref()?;
        let DecryptPremaster { ciphertext, client_version, fallback, .. } = *decrypt;
        let decrypted =
            key.decrypt_premaster(ciphertext, client_version, fallback, &mut self.provider().rng());
        // A failure must not be observable here: the machine continues with a random premaster secret.
        Some(decrypted.map_or(Answer::Failed, Answer::Premaster))
    }

    /// The key for a client's sessions with this server.
    pub(super) fn client_key(&self) -> Option<ClientKey> {
        match self {
            Self::Client { config, server, endpoint } => {
                let scope = Arc::clone(&config.inner.session_scope);
                let server = match (server, endpoint.port) {
                    (_, 0) => Arc::clone(&endpoint.host),
                    (ServerName::Dns(name), port) => format!("{}:{port}", name.as_str()).into_bytes().into(),
                    (ServerName::Ip(address), port) => {
                        SocketAddr::new(*address, port).to_string().into_bytes().into()
                    }
                };
                Some(ClientKey::shared(scope, server))
            }
            Self::Server { .. } => None,
        }
    }

    /// Saves a session, or returns it if the caller stores sessions.
    pub(super) fn save_session(&self, session: Arc<Session>) -> Option<Arc<Session>> {
        match self {
            Self::Client { config, .. } => match (&config.inner.sessions, self.client_key()) {
                (Sessions::Store(store), Some(key)) => store.put(&key, session, self.now()),
                (Sessions::Ask, _) => return Some(session),
                _ => {}
            },
            Self::Server { config } => match &config.inner.sessions {
                Sessions::Store(store) => store.put(session, self.now()),
                Sessions::Ask => return Some(session),
                Sessions::None => {}
            },
        }
        None
    }

    /// Removes a session, or returns its ID if the caller stores sessions.
    pub(super) fn forget_session(&self, id: SessionId) -> Option<SessionId> {
        match self {
            Self::Client { config, .. } => match (&config.inner.sessions, self.client_key()) {
                (Sessions::Store(store), Some(key)) => store.remove(&key, &id),
                (Sessions::Ask, _) => return Some(id),
                _ => {}
            },
            Self::Server { config } => match &config.inner.sessions {
                Sessions::Store(store) => store.remove(&id),
                Sessions::Ask => return Some(id),
                Sessions::None => {}
            },
        }
        None
    }
}

fn found(session: Option<Arc<Session>>, now: UnixTime) -> Answer {
    Answer::Session(SessionAnswer { session, now })
}

fn certificates(chain: &CertificateChain) -> Vec<&[u8]> {
    chain.iter().collect()
}

/// The answer if the chain is not verified.
fn unchecked(result: Result<PeerKey, CertificateError>) -> Answered {
    match result {
        Ok(key) => (Answer::PeerNotChecked(key), None),
        Err(error) => rejected(error),
    }
}

fn verified<E: Into<ChainError>>(result: Result<Verified, E>) -> Answered {
    match result {
        Ok(verdict) => (Answer::PeerVerified(verdict), None),
        Err(error) => rejected(error),
    }
}

fn rejected(error: impl Into<ChainError>) -> Answered {
    let error = error.into();
    (Answer::PeerRejected { alert: error.reason.alert() }, Some(error))
}

/// The result of a verifier: the key, and how long the chain and its revocation status are valid.
fn verdict(peer: VerifiedPeer) -> Verified {
    let key = PeerKey {
        public_key: peer.public_key,
        may_sign: peer.key_usage.digital_signature,
        may_encrypt: peer.key_usage.key_encipherment,
        only_scheme: peer.only_scheme,
    };
    Verified { key, not_after: Some(UnixTime::from_secs(peer.not_after)) }
}

/// The key of a chain that is not verified.
fn unverified(certificates: &[&[u8]]) -> Result<PeerKey, CertificateError> {
    let end_entity = certificates.first().ok_or(CertificateError::EmptyChain)?;
    let facts = CertificateFacts::from_der(end_entity)?;
    let public_key = facts.public_key.ok_or(CertificateError::UnsupportedAlgorithm)?;
    Ok(PeerKey {
        public_key,
        may_sign: facts.key_usage.digital_signature,
        may_encrypt: facts.key_usage.key_encipherment,
        only_scheme: facts.only_scheme,
    })
}
