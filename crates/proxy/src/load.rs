//! From settings to configurations.

use crate::{
    log::Log,
    metrics::{Counters, Metrics},
    names,
    settings::{CertificateFiles, ClientTls, Listener, Route, ServerTls, Settings, VersionRange},
    transport::Address,
};
use alloc::{collections::BTreeMap, sync::Arc};
use cairn_tokio::{
    TlsAcceptor, TlsConnector,
    tls::{
        ClientConfig, ServerConfig, ServerName, Summary, Versions, default_provider,
        session::{RotatingKeys, ServerCache},
        x509::{CertificateFacts, Roots, pem},
    },
};
use std::{
    fs,
    path::Path,
    sync::{Mutex, PoisonError},
};

/// The maximum number of sessions that a listener stores, for clients without tickets.
const SESSIONS: usize = 10_000;

/// The configuration of a listener, ready for use. It never changes: a reload makes another one.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) settings: Listener,
    pub(crate) address: Address,
    pub(crate) acceptor: Option<TlsAcceptor>,
    pub(crate) targets: Vec<Target>,
    pub(crate) counters: Arc<Counters>,
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
#[derive(Debug)]
pub(crate) struct TargetTls {
    config: ClientConfig,
    pub(crate) name: ServerName,
    /// Whether the application protocol is that of the client's connection.
    follows_alpn: bool,
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
        Ok(TlsConnector::new(config).handshake_timeout(None))
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

    /// Whether a route forwards TLS as it is, so that ClientHello must be looked at first.
    pub(crate) fn looks_at_hello(&self) -> bool {
        self.targets.iter().any(|target| target.route.pass)
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

/// The keys of tickets and the sessions. They survive a reload, so that clients still resume.
#[derive(Debug)]
pub(crate) struct Kept {
    by_listener: Mutex<BTreeMap<String, Resumption>>,
}

/// The keys of tickets, and the sessions of clients without tickets.
type Resumption = (Arc<RotatingKeys>, Arc<ServerCache>);

impl Kept {
    pub(crate) const fn new() -> Self {
        Self { by_listener: Mutex::new(BTreeMap::new()) }
    }

    fn of(&self, listener: &str) -> Resumption {
        let mut all = self.by_listener.lock().unwrap_or_else(PoisonError::into_inner);
        let (keys, cache) = all.entry(listener.to_owned()).or_insert_with(|| {
            let keys = RotatingKeys::new(Arc::new(default_provider()));
            (Arc::new(keys), Arc::new(ServerCache::new(SESSIONS)))
        });
        (Arc::clone(keys), Arc::clone(cache))
    }
}

/// The end of the validity of a certificate: listener, file, seconds since 1970.
pub(crate) type Expiry = Vec<(String, String, u64)>;

/// Creates the services of all listeners.
///
/// # Errors
/// A message with the fault and its place.
pub(crate) fn services(
    settings: Settings,
    kept: &Kept,
    metrics: &Metrics,
) -> Result<(Vec<Service>, Expiry), String> {
    let (mut expiry, log) = (Vec::new(), Log::new(settings.log));
    let services = settings.listeners.into_iter().map(|listener| {
        let name = listener.name.clone();
        service(listener, kept, metrics, log, &mut expiry)
            .map_err(|words| format!("listener {name:?}: {words}"))
    });
    let services = services.collect::<Result<Vec<_>, _>>()?;
    Ok((services, expiry))
}

fn service(
    mut settings: Listener,
    kept: &Kept,
    metrics: &Metrics,
    log: Log,
    expiry: &mut Expiry,
) -> Result<Service, String> {
    let address = Address::parse(&settings.listen)?;
    let acceptor = match &settings.tls {
        None => None,
        Some(tls) => {
            let config = server_config(tls, &settings.name, kept, expiry)?;
            Some(TlsAcceptor::new(config).handshake_timeout(Some(settings.handshake_limit())))
        }
    };
    let routes = core::mem::take(&mut settings.routes);
    let targets = routes.into_iter().map(target).collect::<Result<_, _>>()?;
    let counters = metrics.of_listener(&settings.name);
    Ok(Service { settings, address, acceptor, targets, counters, log })
}

fn server_config(
    tls: &ServerTls,
    listener: &str,
    kept: &Kept,
    expiry: &mut Expiry,
) -> Result<ServerConfig, String> {
    let (keys, cache) = kept.of(listener);
    let mut builder = ServerConfig::builder().versions(versions(tls.versions)).alpn(&tls.alpn);
    builder = builder.tickets(keys).sessions(cache);
    for files in &tls.certificates {
        let (chain, key) = (read(&files.chain)?, read(&files.key)?);
        let at = |e: cairn_tokio::tls::ConfigError| {
            format!("{} with {}: {e}", files.chain.display(), files.key.display())
        };
        builder = builder.credential_pem(&chain, &key).map_err(at)?;
        let end = end_of_validity(&chain).map_err(|e| format!("{}: {e}", files.chain.display()))?;
        expiry.push((listener.to_owned(), files.chain.display().to_string(), end));
        if let Some(ocsp) = &files.ocsp {
            let response = read(ocsp)?;
            builder = builder.ocsp_response(&response).map_err(|e| format!("{}: {e}", ocsp.display()))?;
        }
    }
    if let Some(file) = &tls.client_ca {
        let roots = roots(file)?;
        builder = if tls.client_certificate_optional {
            builder.request_client_certificates(roots)
        } else {
            builder.require_client_certificates(roots)
        };
    }
    builder.build().map_err(|e| e.to_string())
}

fn target(route: Route) -> Result<Target, String> {
    let address = Address::parse(&route.upstream)?;
    let tls = match &route.tls {
        Some(tls) => {
            let at = |words: String| format!("upstream {:?}: {words}", route.upstream);
            Some(target_tls(tls, &address).map_err(at)?)
        }
        None => None,
    };
    Ok(Target { route, address, tls })
}

fn target_tls(tls: &ClientTls, address: &Address) -> Result<TargetTls, String> {
    let name = match (&tls.server_name, address.host()) {
        (Some(name), _) => name,
        (None, Some(host)) => host,
        (None, None) => return Err("tls to a Unix socket needs server_name".into()),
    };
    let name = ServerName::parse(name).map_err(|e| format!("server_name {name:?}: {e}"))?;
    let mut builder = ClientConfig::builder().versions(versions(tls.versions)).alpn(&tls.alpn);
    builder = builder.trust(roots(&tls.ca)?);
    if let Some(CertificateFiles { chain, key, .. }) = &tls.certificate {
        let at = |e| format!("{} with {}: {e}", chain.display(), key.display());
        builder = builder.credential_pem(&read(chain)?, &read(key)?).map_err(at)?;
    }
    let config = builder.build().map_err(|e| e.to_string())?;
    Ok(TargetTls { config, name, follows_alpn: tls.alpn.is_empty() })
}

const fn versions(range: VersionRange) -> Versions {
    match range {
        VersionRange::Both => Versions::Both,
        VersionRange::Tls12 => Versions::Tls12,
        VersionRange::Tls13 => Versions::Tls13,
    }
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|e| format!("{} cannot be read: {e}", file.display()))
}

fn roots(file: &Path) -> Result<Roots, String> {
    let mut roots = Roots::new();
    roots.add_pem(&read(file)?).map_err(|e| format!("{}: {e}", file.display()))?;
    Ok(roots)
}

/// The end of the validity of the first certificate, in seconds since 1970.
fn end_of_validity(chain: &[u8]) -> Result<u64, String> {
    let certificates = pem::certificates(chain).map_err(|e| e.to_string())?;
    let first = certificates.first().ok_or("there is no certificate")?;
    Ok(CertificateFacts::from_der(first).map_err(|e| e.to_string())?.not_after)
}
