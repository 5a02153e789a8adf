//! From settings to configurations.

mod files;

use crate::{
    kept::{Kept, OfListener},
    log::Log,
    metrics::{Expiring, Expiry, Metrics},
    provider::provider,
    rates::ClientRates,
    service::{Service, Target, TargetTls},
    settings::{
        Settings,
        listener::Listener,
        route::Route,
        sessions::Sessions,
        tls::{CertificateFiles, ClientTls, KeySource, ServerTls, StaleList, VersionRange},
    },
    store::Store,
    transport::Address,
};
use alloc::sync::Arc;
use cairn_tokio::{
    Answerer, TlsAcceptor,
    tls::{
        ClientConfig, ConfigError, Credential, Provider, ServerConfig, ServerName, Versions,
        x509::{CrlPolicy, StaleCrl},
    },
};
use zeroize::Zeroizing;

/// The maximum early data of a connection, in bytes.
const EARLY_DATA: u32 = 16 << 10;

/// The services of all listeners, and all that is kept for the next reload.
pub(crate) struct Loaded {
    pub(crate) services: Vec<Service>,
    pub(crate) kept: Kept,
    /// Of the certificates and the certificate revocation lists.
    pub(crate) expiry: Vec<Expiry>,
}

/// Creates the services of all listeners. It waits for files and tokens. It must be called in a runtime of
/// tokio, in which the store of sessions works.
///
/// # Errors
/// A message with the fault and its place.
pub(crate) fn load(settings: Settings, earlier: &Kept, metrics: &Metrics) -> Result<Loaded, String> {
    let (provider, mut kept) = (provider()?, Kept::default());
    kept.store =
        settings.sessions.as_ref().map(|sessions| store(sessions, earlier, &provider)).transpose()?;
    let log = Log::new(&settings);
    let mut loading = Loading { provider, earlier, kept, metrics, log, expiry: Vec::new() };
    let services = settings.listeners.into_iter().map(|listener| {
        let name = listener.name.clone();
        loading.service(listener).map_err(|words| format!("listener {name:?}: {words}"))
    });
    let services = services.collect::<Result<Vec<_>, _>>()?;
    Ok(Loaded { services, kept: loading.kept, expiry: loading.expiry })
}

fn store(settings: &Sessions, earlier: &Kept, provider: &Provider) -> Result<Store, String> {
    let root_key = files::read(&settings.root_key)?;
    let password = settings.password_file.as_deref().map(files::read).transpose()?;
    let password = password.as_deref().map(Vec::as_slice);
    let ca = settings.ca.as_deref().map(files::read).transpose()?;
    let ca = ca.as_deref().map(Vec::as_slice);
    Store::open(settings, &root_key, password, ca, earlier.store.as_ref(), provider)
        .map_err(|e| format!("[sessions]: {e}"))
}

struct Loading<'a> {
    provider: Provider,
    earlier: &'a Kept,
    kept: Kept,
    metrics: &'a Metrics,
    log: Log,
    expiry: Vec<Expiry>,
}

impl Loading<'_> {
    fn service(&mut self, mut settings: Listener) -> Result<Service, String> {
        let address = Address::parse(&settings.listen)?;
        let state = self.kept.keep_listener(&settings.name, self.earlier, &self.provider);
        let acceptor = match &settings.tls {
            None => None,
            Some(tls) => Some(self.acceptor(tls, &settings, &state)?),
        };
        let routes = core::mem::take(&mut settings.routes);
        let targets = routes.into_iter().map(|route| self.target(&settings.name, route));
        let targets = targets.collect::<Result<_, _>>()?;
        let counters = self.metrics.of_listener(&settings.name);
        let (client_rates, log) = (ClientRates::new(), self.log);
        let OfListener { handshakes, clients, .. } = state;
        Ok(Service { settings, address, acceptor, targets, counters, handshakes, clients, client_rates, log })
    }

    fn acceptor(
        &mut self,
        tls: &ServerTls,
        settings: &Listener,
        state: &OfListener,
    ) -> Result<TlsAcceptor, String> {
        let mut answerers: Vec<Arc<dyn Answerer>> = Vec::new();
        let mut builder = ServerConfig::builder_with(self.provider.clone())
            .versions(versions(tls.versions))
            .alpn(&tls.alpn);
        builder = match &self.kept.store {
            Some(store) => {
                answerers.push(store.answerer());
                // Listeners of other names can have other rules for their clients.
                let context = format!("cairn-proxy listener {}", settings.name);
                builder.ask_for_sessions().session_lifetime(store.lifetime()).context_id(context.as_bytes())
            }
            // A stored session is used once, and so is early data. A ticket that contains its session could
            // be used again.
            None if tls.early_data => builder.sessions(state.cache.clone()),
            None => builder.tickets(state.keys.clone()).sessions(state.cache.clone()),
        };
        if tls.early_data {
            builder = builder.early_data(EARLY_DATA);
        }
        for files in &tls.certificates {
            builder = match self.key(&settings.name, files)? {
                Key::File { chain, key } => {
                    builder.credential_pem(&chain, &key).map_err(|e| at(files, &e))?
                }
                Key::Token { credential, signer } => {
                    answerers.push(signer);
                    builder.credential_value(credential).map_err(|e| at(files, &e))?
                }
            };
            if let Some(ocsp) = &files.ocsp {
                let response = files::read(ocsp)?;
                builder = builder.ocsp_response(&response).map_err(|e| format!("{}: {e}", ocsp.display()))?;
            }
        }
        if let Some(file) = &tls.client_ca {
            let roots = files::roots(file)?;
            builder = if tls.client_certificate_optional {
                builder.request_client_certificates(roots)
            } else {
                builder.require_client_certificates(roots)
            };
        }
        if !tls.client_crl.is_empty() {
            let stale = match tls.client_crl_stale {
                StaleList::Refuse => StaleCrl::Refuse,
                StaleList::Accept => StaleCrl::Accept,
            };
            let crls = files::crls(&tls.client_crl, |file, end| {
                self.expiry.push(Expiry::new(Expiring::List, &settings.name, file, end));
            })?;
            builder = builder.client_crls(crls, CrlPolicy::default().stale(stale));
        }
        let config = builder.build().map_err(|e| e.to_string())?;
        let acceptor = TlsAcceptor::new(config).handshake_timeout(Some(settings.handshake_limit()));
        Ok(match answerers.into_iter().reduce(|first, next| Arc::new(first.or(next))) {
            Some(all) => acceptor.answerer(all),
            None => acceptor,
        })
    }

    fn target(&mut self, listener: &str, route: Route) -> Result<Target, String> {
        let address = Address::parse(&route.upstream)?;
        let tls = match &route.tls {
            Some(tls) => {
                let at = |words: String| format!("upstream {:?}: {words}", route.upstream);
                Some(self.target_tls(listener, tls, &address).map_err(at)?)
            }
            None => None,
        };
        Ok(Target { route, address, tls })
    }

    fn target_tls(
        &mut self,
        listener: &str,
        tls: &ClientTls,
        address: &Address,
    ) -> Result<TargetTls, String> {
        let name = match (&tls.server_name, address.host()) {
            (Some(name), _) => name,
            (None, Some(host)) => host,
            (None, None) => return Err("tls to a Unix socket needs server_name".into()),
        };
        let name = ServerName::parse(name).map_err(|e| format!("server_name {name:?}: {e}"))?;
        let mut builder = ClientConfig::builder_with(self.provider.clone())
            .versions(versions(tls.versions))
            .alpn(&tls.alpn);
        builder = builder.trust(files::roots(&tls.ca)?);
        let mut signer = None;
        if let Some(files) = &tls.certificate {
            builder = match self.key(listener, files)? {
                Key::File { chain, key } => {
                    builder.credential_pem(&chain, &key).map_err(|e| at(files, &e))?
                }
                Key::Token { credential, signer: in_token } => {
                    signer = Some(in_token);
                    builder.credential_value(credential).map_err(|e| at(files, &e))?
                }
            };
        }
        let config = builder.build().map_err(|e| e.to_string())?;
        Ok(TargetTls { config, name, follows_alpn: tls.alpn.is_empty(), signer })
    }

    /// Reads a chain, and reads or opens its key.
    fn key(&mut self, listener: &str, files: &CertificateFiles) -> Result<Key, String> {
        let content = files::read(&files.chain)?;
        let chain = files::chain(&files.chain, &content)?;
        let leaf = chain.first().map_or(&[][..], Vec::as_slice);
        let end = files::end_of_validity(leaf).map_err(|e| format!("{}: {e}", files.chain.display()))?;
        self.expiry.push(Expiry::new(Expiring::Certificate, listener, &files.chain, end));
        match &files.key {
            KeySource::File(key) => {
                Ok(Key::File { chain: content, key: files::key(key, files.passphrase_file.as_deref())? })
            }
            KeySource::Pkcs11(uri) => {
                let opened = self.kept.tokens.open(uri, &chain, &self.earlier.tokens, &self.provider);
                let (credential, signer) =
                    opened.map_err(|e| format!("{} with {uri}: {e}", files.chain.display()))?;
                Ok(Key::Token { credential, signer })
            }
        }
    }
}

/// The certificate and key of a server or client.
enum Key {
    /// Both in PEM.
    File { chain: Zeroizing<Vec<u8>>, key: Zeroizing<Vec<u8>> },
    /// The key is in a token.
    Token { credential: Arc<Credential>, signer: Arc<dyn Answerer> },
}

fn at(files: &CertificateFiles, error: &ConfigError) -> String {
    let key = match &files.key {
        KeySource::File(file) => file.display().to_string(),
        KeySource::Pkcs11(uri) => uri.clone(),
    };
    format!("{} with {key}: {error}", files.chain.display())
}

const fn versions(range: VersionRange) -> Versions {
    match range {
        VersionRange::Both => Versions::Both,
        VersionRange::Tls12 => Versions::Tls12,
        VersionRange::Tls13 => Versions::Tls13,
    }
}
