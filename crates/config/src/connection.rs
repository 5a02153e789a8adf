//! The interface of a configuration to a transport.

use crate::{
    answered::Answered,
    client::{ClientConfig, ClientConnection},
    credentials::with_tls_server_end_point,
    error::ConfigError,
    key_log::KeyLog,
    quic,
    server::ServerConfig,
    server_endpoint::ServerEndpoint,
};
use alloc::{boxed::Box, sync::Arc};
use cairn_crypto::Provider;
use cairn_handshake::{Answer, Machine, Question, QuicParameters, RenegotiationLimits, Session, UnixTime};
use cairn_session::ClientKey;
use cairn_wire::SessionId;
use core::num::NonZeroU32;

/// The interface of a configuration to a transport, for one connection: the handshake machine, and the
/// answers to its questions.
///
/// A transport creates one for each connection, and the machine with [`ConnectionConfig::machine`]. It passes
/// each question of the machine to [`ConnectionConfig::answer`], and the events about sessions and the key
/// log to the methods for them. It knows nothing else of a configuration.
#[derive(Clone, Debug)]
pub struct ConnectionConfig {
    end: End,
    /// The parameters of QUIC, if that is the transport.
    quic: Option<Box<QuicParameters>>,
}

#[derive(Clone, Debug)]
enum End {
    Client(ClientConnection),
    Server(ServerConfig),
}

impl ConnectionConfig {
    /// A client that connects to `server`: a [`cairn_x509::ServerName`], or one with its port.
    #[must_use]
    pub fn client(config: &ClientConfig, server: impl Into<ServerEndpoint>) -> Self {
        Self { end: End::Client(ClientConnection::new(config.clone(), server.into())), quic: None }
    }

    /// A server.
    #[must_use]
    pub fn server(config: &ServerConfig) -> Self {
        Self { end: End::Server(config.clone()), quic: None }
    }

    /// As [`ConnectionConfig::client`], over QUIC (RFC 9001). The settings about TLS 1.2 and about records
    /// have no effect there.
    ///
    /// # Errors
    /// [`ConfigError::QuicWithoutTls13`], [`ConfigError::QuicWithoutProtocol`] and
    /// [`ConfigError::SuiteNotForQuic`] if the configuration cannot be used with QUIC.
    pub fn quic_client(
        config: &ClientConfig,
        server: impl Into<ServerEndpoint>,
        parameters: QuicParameters,
    ) -> Result<Self, ConfigError> {
        let policy = &config.inner.policy;
        quic::check(&policy.tls13.suites, &policy.alpn_protocols)?;
        let client = ClientConnection::new(config.clone(), server.into());
        Ok(Self { end: End::Client(client), quic: Some(Box::new(parameters)) })
    }

    /// As [`ConnectionConfig::server`], over QUIC (RFC 9001). The settings about TLS 1.2 and about records
    /// have no effect there, and tickets permit any amount of early data, if the configuration accepts early
    /// data.
    ///
    /// # Errors
    /// As [`ConnectionConfig::quic_client`].
    pub fn quic_server(config: &ServerConfig, parameters: QuicParameters) -> Result<Self, ConfigError> {
        let policy = &config.inner.policy;
        quic::check(&policy.tls13.suites, &policy.alpn_protocols)?;
        Ok(Self { end: End::Server(config.clone()), quic: Some(Box::new(parameters)) })
    }

    /// Replaces the configuration of a server. The transport remains the same.
    ///
    /// # Errors
    /// As [`ConnectionConfig::quic_server`], if the transport is QUIC. The configuration is unchanged.
    pub fn set_server(&mut self, config: &ServerConfig) -> Result<(), ConfigError> {
        if self.quic.is_some() {
            let policy = &config.inner.policy;
            quic::check(&policy.tls13.suites, &policy.alpn_protocols)?;
        }
        self.end = End::Server(config.clone());
        Ok(())
    }

    /// Creates the handshake machine.
    #[must_use]
    pub fn machine(&self) -> Machine {
        let machine = match &self.end {
            End::Client(client) => client.machine(),
            End::Server(server) => server.inner.machine(),
        };
        match &self.quic {
            None => machine,
            Some(parameters) => machine.for_quic((**parameters).clone()),
        }
    }

    /// The version of QUIC, if that is the transport.
    fn quic_version(&self) -> Option<NonZeroU32> {
        self.quic.as_ref().map(|parameters| parameters.version)
    }

    /// The cryptography provider.
    #[must_use]
    pub fn provider(&self) -> &Arc<Provider> {
        match &self.end {
            End::Client(client) => &client.inner().provider,
            End::Server(server) => &server.inner.provider,
        }
    }

    /// The time of the configuration's clock.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        match &self.end {
            End::Client(client) => client.now(),
            End::Server(server) => server.inner.now(),
        }
    }

    /// The limits on renegotiations (TLS 1.2).
    #[must_use]
    pub fn renegotiation_limits(&self) -> RenegotiationLimits {
        match &self.end {
            End::Client(client) => client.inner().policy.tls12.renegotiation_limits,
            End::Server(server) => server.inner.policy.tls12.renegotiation_limits,
        }
    }

    /// Whether this is a client that offers TLS 1.3. The records after its ClientHello have another version
    /// (RFC 9846 section 5.1).
    #[must_use]
    pub fn offers_tls13(&self) -> bool {
        match &self.end {
            End::Client(client) => !client.inner().policy.tls13.suites.is_empty(),
            End::Server(_) => false,
        }
    }

    /// The key log, which receives each [`cairn_handshake::Event::KeyLog`].
    #[must_use]
    pub fn key_log(&self) -> Option<&dyn KeyLog> {
        match &self.end {
            End::Client(client) => client.inner().key_log.as_deref(),
            End::Server(server) => server.inner.key_log.as_deref(),
        }
    }

    /// The answer to a question of the machine, or `None` if the caller must answer.
    #[must_use]
    pub fn answer(&self, question: &Question<'_>) -> Option<Answered> {
        match &self.end {
            End::Client(client) => client.answer(question, self.quic_version()),
            End::Server(server) => server.inner.answer(question),
        }
    }

    /// Completes an answer of the caller: a server's credential gets the channel binding
    /// `tls-server-end-point` (RFC 5929 section 4), if it has none and it is defined for the certificate.
    /// Other answers are unchanged.
    #[must_use]
    pub fn complete_answer(&self, answer: Answer) -> Answer {
        match (&self.end, answer) {
            (End::Server(server), Answer::Credential(Some(credential))) => {
                Answer::Credential(Some(with_tls_server_end_point(credential, &server.inner.provider)))
            }
            (_, answer) => answer,
        }
    }

    /// The key of a client's sessions with this server in a store; `None` for a server, whose sessions have
    /// an ID.
    #[must_use]
    pub fn session_key(&self) -> Option<ClientKey> {
        match &self.end {
            End::Client(client) => Some(client.session_key(self.quic_version())),
            End::Server(_) => None,
        }
    }

    /// Saves a session ([`cairn_handshake::Event::SaveSession`]), or returns it if the caller stores
    /// sessions.
    #[must_use = "the caller stores the session that is returned"]
    pub fn save_session(&self, session: Arc<Session>) -> Option<Arc<Session>> {
        match &self.end {
            End::Client(client) => client.save_session(session, self.quic_version()),
            End::Server(server) => server.inner.save_session(session),
        }
    }

    /// Removes a session ([`cairn_handshake::Event::ForgetSession`]), or returns its ID if the caller stores
    /// sessions.
    #[must_use = "the caller removes the session whose ID is returned"]
    pub fn forget_session(&self, id: SessionId) -> Option<SessionId> {
        match &self.end {
            End::Client(client) => client.forget_session(id, self.quic_version()),
            End::Server(server) => server.inner.forget_session(id),
        }
    }
}
