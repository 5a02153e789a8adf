//! A client's side of one connection: the answers to the machine's questions, and the client's sessions.

use super::{ClientConfig, ClientCredentials, Inner, Trust};
use crate::{
    answered::{
        Answered, Refusal, certificates, found, not_checked, premaster, signature, unverified, verdict,
        verified,
    },
    delegated, raw_keys,
    server_endpoint::ServerEndpoint,
    sessions::Sessions,
};
use alloc::{
    format,
    string::{String, ToString},
    sync::Arc,
};
use cairn_handshake::{
    Answer, ChooseClientCredential, Endpoint, Machine, Question, Session, UnixTime, Verified, VerifyPeer,
};
use cairn_session::ClientKey;
use cairn_wire::SessionId;
use cairn_x509::{CertificateError, Holder, ServerName};
use core::{
    net::SocketAddr,
    num::{NonZeroU16, NonZeroU32},
};

/// A client's configuration, and the server that the connection is to.
#[derive(Clone, Debug)]
pub(crate) struct ClientConnection {
    pub(crate) config: ClientConfig,
    server: ServerName,
    /// The name for server_name. An address is not sent (RFC 6066 section 3).
    server_name: Option<Arc<str>>,
    /// The server as its sessions name it.
    endpoint: Endpoint,
}

impl ClientConnection {
    pub(crate) fn new(config: ClientConfig, server: ServerEndpoint) -> Self {
        let ServerEndpoint { name: server, port } = server;
        let (server_name, host) = match &server {
            ServerName::Dns(name) => {
                let name: Arc<str> = name.clone().into();
                (Some(Arc::clone(&name)), name)
            }
            ServerName::Ip(address) => (None, address.to_string().into()),
        };
        let endpoint = Endpoint { host: host.into(), port: port.and_then(NonZeroU16::new) };
        Self { config, server, server_name, endpoint }
    }

    /// The handshake machine.
    pub(crate) fn machine(&self) -> Machine {
        let policy = Arc::clone(&self.inner().policy);
        Machine::client(policy, self.server_name.clone(), Some(self.endpoint.clone()))
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.config.inner
    }

    pub(crate) fn now(&self) -> UnixTime {
        self.inner().clock.now()
    }

    /// The answer to a question; `None` if the caller must answer. `quic` is the version of QUIC, if
    /// that is the transport.
    pub(crate) fn answer(&self, question: &Question<'_>, quic: Option<NonZeroU32>) -> Option<Answered> {
        let inner = self.inner();
        match question {
            Question::Sign(sign) => signature(sign, &inner.provider),
            Question::DecryptPremaster(decrypt) => premaster(decrypt, &inner.provider),
            Question::FindPsk(find) => Some(Answer::Psk(inner.psks.find(find)?).into()),
            Question::FindSession(_) => self.session(quic),
            Question::ChooseClientCredential(choose) => self.credential(choose),
            Question::VerifyPeer(peer) => self.verdict(peer),
            _ => None,
        }
    }

    fn session(&self, quic: Option<NonZeroU32>) -> Option<Answered> {
        match &self.inner().sessions {
            Sessions::Ask => None,
            Sessions::None => Some(found(None, self.now())),
            Sessions::Store(store) => {
                let now = self.now();
                Some(found(store.take(&self.session_key(quic), now), now))
            }
        }
    }

    fn credential(&self, choose: &ChooseClientCredential<'_>) -> Option<Answered> {
        let ClientCredentials::Own { credentials, any_authority } = &self.inner().credentials else {
            return None;
        };
        Some(match credentials.for_server(choose, *any_authority, self.now()) {
            Ok(credential) => Answer::Credential(Some(credential)).into(),
            Err(reason) => Answered {
                answer: Answer::Credential(None),
                refusal: Some(Refusal::CertificateWithheld(reason)),
            },
        })
    }

    fn verdict(&self, peer: &VerifyPeer<'_>) -> Option<Answered> {
        let inner = self.inner();
        if let Some(spki) = peer.chain.as_raw_public_key() {
            return match &inner.trust {
                Trust::Ask => None,
                Trust::Known { raw_keys, .. } => {
                    Some(verified(raw_keys.check(spki, Some(&self.server)).map(Into::into)))
                }
                Trust::Anyone => Some(not_checked(raw_keys::unchecked(spki))),
            };
        }
        let certificates = certificates(peer.chain);
        match &inner.trust {
            Trust::Ask => None,
            Trust::Anyone => {
                let key = match self.delegated(peer, &certificates) {
                    Ok(Some(delegated)) => Ok(delegated.key),
                    Ok(None) => unverified(&certificates),
                    Err(error) => Err(error),
                };
                Some(not_checked(key))
            }
            Trust::Known { verifier, .. } => {
                let response = peer.stapled.ocsp_response.as_deref();
                let now = self.now().as_secs();
                let result =
                    verifier.verify_stapled(&certificates, &self.server, inner.stapling, response, now);
                // RFC 9345 section 4.1.3: the chain is validated first.
                let result = result.and_then(|of_chain| {
                    let delegated = self.delegated(peer, &certificates)?;
                    Ok(delegated::combined(verdict(of_chain), delegated))
                });
                Some(verified(result))
            }
        }
    }

    /// The key of the server's delegated credential.
    fn delegated(
        &self,
        peer: &VerifyPeer<'_>,
        certificates: &[&[u8]],
    ) -> Result<Option<Verified>, CertificateError> {
        delegated::key(peer.delegated, certificates, Holder::Server, &self.inner().provider, self.now())
    }

    /// The key of the sessions with this server in the store. Each version of QUIC has sessions of its own.
    pub(crate) fn session_key(&self, quic: Option<NonZeroU32>) -> ClientKey {
        let server = match (&self.server, self.endpoint.port) {
            (_, None) => Arc::clone(&self.endpoint.host),
            (ServerName::Dns(name), Some(port)) => bytes(format!("{}:{port}", name.as_str())),
            (ServerName::Ip(address), Some(port)) => bytes(SocketAddr::new(*address, port.get()).to_string()),
        };
        // No host name contains a slash.
        let server = match quic {
            None => server,
            Some(version) => [&server, &b"/quic"[..], &version.get().to_be_bytes()].concat().into(),
        };
        ClientKey::shared(Arc::clone(&self.inner().session_scope), server)
    }

    /// Saves a session, or returns it if the caller stores sessions.
    pub(crate) fn save_session(
        &self,
        session: Arc<Session>,
        quic: Option<NonZeroU32>,
    ) -> Option<Arc<Session>> {
        match &self.inner().sessions {
            Sessions::Store(store) => store.put(&self.session_key(quic), session, self.now()),
            Sessions::Ask => return Some(session),
            Sessions::None => {}
        }
        None
    }

    /// Removes a session, or returns its ID if the caller stores sessions.
    pub(crate) fn forget_session(&self, id: SessionId, quic: Option<NonZeroU32>) -> Option<SessionId> {
        match &self.inner().sessions {
            Sessions::Store(store) => store.remove(&self.session_key(quic), &id),
            Sessions::Ask => return Some(id),
            Sessions::None => {}
        }
        None
    }
}

fn bytes(text: String) -> Arc<[u8]> {
    text.into_bytes().into()
}
