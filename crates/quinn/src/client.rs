//! A client's configuration.

use crate::{
    error::SetupError,
    session::{Session, VERSION},
};
use alloc::sync::Arc;
use cairn_quic::{ClientConfig, Connection, Parameters, Provider, ServerName, Side, initial_keys};
use core::fmt;
use quinn_proto::{ConnectError, crypto, transport_parameters::TransportParameters};

/// A [`ClientConfig`] for `quinn::ClientConfig::new`.
#[derive(Clone)]
pub struct QuicClientConfig {
    config: ClientConfig,
    provider: Arc<Provider>,
}

impl QuicClientConfig {
    /// Checks a configuration and takes it.
    ///
    /// # Errors
    /// [`SetupError`] if the configuration cannot be used: it needs TLS 1.3 and an application protocol, and
    /// must answer all questions itself.
    pub fn new(config: ClientConfig) -> Result<Self, SetupError> {
        let asks = config.asks();
        if !asks.is_empty() {
            return Err(SetupError::Asks(asks));
        }
        let provider = Arc::clone(config.provider());
        initial_keys(&provider, VERSION, &[], Side::Client)?;
        // Any name serves to check the configuration.
        if let Ok(name) = ServerName::parse("localhost") {
            Connection::client(&config, name, Parameters::new(VERSION, &[]))?;
        }
        Ok(Self { config, provider })
    }
}

impl fmt::Debug for QuicClientConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QuicClientConfig").finish_non_exhaustive()
    }
}

impl crypto::ClientConfig for QuicClientConfig {
    fn start_session(
        self: Arc<Self>,
        version: u32,
        server_name: &str,
        params: &TransportParameters,
    ) -> Result<Box<dyn crypto::Session>, ConnectError> {
        if version != VERSION.code() {
            return Err(ConnectError::UnsupportedVersion);
        }
        let invalid = || ConnectError::InvalidServerName(server_name.into());
        let name = ServerName::parse(server_name).map_err(|_| invalid())?;
        let mut parameters = Vec::new();
        params.write(&mut parameters);
        // The configuration has been checked, so the name is all that can be wrong.
        let connection = Connection::client(&self.config, name, Parameters::new(VERSION, &parameters));
        let connection = connection.map_err(|_| invalid())?;
        Ok(Box::new(Session::new(connection, Arc::clone(&self.provider))))
    }
}
