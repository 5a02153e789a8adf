//! The configuration of a listener in use.

use crate::{
    clients::Clients,
    handshakes::Handshakes,
    log::Log,
    metrics::Counters,
    names,
    rates::ClientRates,
    settings::{listener::Listener, route::Route},
    transport::Address,
};
use alloc::sync::Arc;
use cairn_tokio::{
    Answerer, TlsAcceptor, TlsConnector,
    tls::{ClientConfig, ServerName, Summary, x509::CertificateFacts},
};
use core::fmt;

/// The configuration of a listener, ready for use. It never changes: a reload makes another one.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) settings: Listener,
    pub(crate) address: Address,
    pub(crate) acceptor: Option<TlsAcceptor>,
    pub(crate) targets: Vec<Target>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) handshakes: Arc<Handshakes>,
    pub(crate) clients: Arc<Clients>,
    pub(crate) client_rates: ClientRates,
    pub(crate) log: Log,
}

/// A route with its configuration.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) route: Route,
    pub(crate) address: Address,
    pub(crate) tls: Option<TargetTls>,
}

/// TLS to an upstream.
pub(crate) struct TargetTls {
    pub(crate) config: ClientConfig,
    pub(crate) name: ServerName,
    /// Whether the application protocol is that of the client's connection.
    pub(crate) follows_alpn: bool,
    /// Signs with a key in a token.
    pub(crate) signer: Option<Arc<dyn Answerer>>,
}

impl TargetTls {
    /// The connector for a client with this application protocol.
    pub(crate) fn connector(&self, alpn: Option<&[u8]>) -> Result<TlsConnector, String> {
        let config = match alpn {
            Some(protocol) if self.follows_alpn => {
                self.config.with_alpn([protocol]).map_err(|e| e.to_string())?
            }
            _ => self.config.clone(),
        };
        // The time limit of the connection includes this handshake.
        let connector = TlsConnector::new(config).handshake_timeout(None);
        Ok(match &self.signer {
            Some(signer) => connector.answerer(Arc::clone(signer)),
            None => connector,
        })
    }
}

impl fmt::Debug for TargetTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TargetTls")
            .field("config", &self.config)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Service {
    /// The first route for a client that requests this name.
    pub(crate) fn target(&self, name: Option<&str>) -> Option<&Target> {
        self.targets.iter().find(|target| {
            let names = &target.route.names;
            names.is_empty() || name.is_some_and(|name| names.iter().any(|p| names::matches(p, name)))
        })
    }

    /// Whether early data of clients is forwarded.
    pub(crate) fn accepts_early_data(&self) -> bool {
        self.settings.tls.as_ref().is_some_and(|tls| tls.early_data)
    }

    /// Whether ClientHello must be looked at first: a route forwards TLS as it is, or early data needs an
    /// upstream before the handshake is complete.
    pub(crate) fn looks_at_hello(&self) -> bool {
        self.accepts_early_data() || self.targets.iter().any(|target| target.route.pass)
    }

    /// Checks the names in the client's certificate.
    pub(crate) fn authorize(&self, summary: Option<&Summary>) -> Result<(), String> {
        let wanted = self.settings.tls.as_ref().map_or(&[][..], |tls| &tls.client_names);
        if wanted.is_empty() {
            return Ok(());
        }
        let certificate =
            summary.and_then(Summary::peer_certificate).ok_or("the client has no certificate")?;
        let facts = CertificateFacts::from_der(certificate).map_err(|e| e.to_string())?;
        let is_wanted = |name: &String| wanted.iter().any(|pattern| names::matches(pattern, name));
        if facts.dns_names.iter().any(is_wanted) {
            return Ok(());
        }
        Err(format!("the client's certificate ({}) has none of the names in client_names", facts.subject))
    }
}
