//! A server's configuration.

use crate::{
    error::SetupError,
    no_session::NoSession,
    session::{self, Session, VERSION},
};
use alloc::sync::Arc;
use cairn_quic::{
    Connection, Parameters, Provider, RETRY_TAG_LEN, ServerConfig, Side, initial_keys, retry_tag,
};
use core::fmt;
use quinn_proto::{
    ConnectionId, crypto,
    crypto::{Keys, UnsupportedVersion},
    transport_parameters::TransportParameters,
};
use std::sync::{PoisonError, RwLock};

/// A [`ServerConfig`] for quinn's `ServerConfig`: see [`server_config`](crate::server_config). It can be
/// replaced at any time, for example by one with a new certificate.
pub struct QuicServerConfig {
    current: RwLock<Arc<Current>>,
}

/// The configuration of new connections.
struct Current {
    config: ServerConfig,
    provider: Arc<Provider>,
    application_settings: Vec<u8>,
}

impl QuicServerConfig {
    /// Checks a configuration and takes it.
    ///
    /// # Errors
    /// [`SetupError`] if the configuration cannot be used: it needs TLS 1.3 and an application protocol, and
    /// must answer all questions itself.
    pub fn new(config: ServerConfig) -> Result<Self, SetupError> {
        Self::with_application_settings(config, &[])
    }

    /// As [`QuicServerConfig::new`], with the settings of the application on which early data depends: see
    /// [`Parameters::application_settings`].
    ///
    /// # Errors
    /// As [`QuicServerConfig::new`].
    pub fn with_application_settings(config: ServerConfig, settings: &[u8]) -> Result<Self, SetupError> {
        Ok(Self { current: RwLock::new(Arc::new(Current::new(config, settings)?)) })
    }

    /// Replaces the configuration for new connections.
    ///
    /// # Errors
    /// As [`QuicServerConfig::new`]; the configuration stays as it was.
    pub fn set_config(&self, config: ServerConfig) -> Result<(), SetupError> {
        let settings = self.current().application_settings.clone();
        let new = Arc::new(Current::new(config, &settings)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    fn current(&self) -> Arc<Current> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Current {
    fn new(config: ServerConfig, settings: &[u8]) -> Result<Self, SetupError> {
        let asks = config.asks();
        if !asks.is_empty() {
            return Err(SetupError::Asks(asks));
        }
        let provider = Arc::clone(config.provider());
        initial_keys(&provider, VERSION, &[], Side::Server)?;
        retry_tag(&provider, VERSION, &[], &[])?;
        let application_settings = settings.to_vec();
        Connection::server(&config, Parameters::new(VERSION, &[]))?;
        Ok(Self { config, provider, application_settings })
    }
}

impl fmt::Debug for QuicServerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QuicServerConfig").finish_non_exhaustive()
    }
}

impl crypto::ServerConfig for QuicServerConfig {
    fn initial_keys(&self, version: u32, dst_cid: &ConnectionId) -> Result<Keys, UnsupportedVersion> {
        if version != VERSION.code() {
            return Err(UnsupportedVersion);
        }
        Ok(session::initial(&self.current().provider, dst_cid, quinn_proto::Side::Server))
    }

    fn retry_tag(&self, _version: u32, orig_dst_cid: &ConnectionId, packet: &[u8]) -> [u8; RETRY_TAG_LEN] {
        // The configuration has checked that the provider has the algorithm. Clients ignore a wrong tag.
        retry_tag(&self.current().provider, VERSION, orig_dst_cid, packet).unwrap_or([0; RETRY_TAG_LEN])
    }

    fn start_session(
        self: Arc<Self>,
        _version: u32,
        params: &TransportParameters,
    ) -> Box<dyn crypto::Session> {
        let current = self.current();
        let mut parameters = Vec::new();
        params.write(&mut parameters);
        let parameters =
            Parameters::new(VERSION, &parameters).application_settings(&current.application_settings);
        match Connection::server(&current.config, parameters) {
            Ok(connection) => Box::new(Session::new(connection, Arc::clone(&current.provider))),
            // Only a provider that fails leads here, because the configuration has been checked.
            Err(_) => Box::new(NoSession),
        }
    }
}
