//! The settings file.

use core::time::Duration;
use serde::Deserialize;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The settings of a proxy, from a TOML file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The form of the log lines on standard error.
    #[serde(default)]
    pub log: LogForm,
    /// The address of the HTTP server for `/metrics` and `/health`. It has no access control: use a loopback
    /// address.
    pub admin: Option<String>,
    /// The time that open connections have after SIGTERM, in seconds.
    #[serde(default = "thirty")]
    pub drain_seconds: u64,
    /// The listeners.
    #[serde(default, rename = "listener")]
    pub listeners: Vec<Listener>,
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LogForm {
    /// A line for people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

/// One listener: where connections come from, and where they go.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    /// Its name in logs and metrics.
    pub name: String,
    /// The address and port, or `unix:` and the path of a socket.
    pub listen: String,
    /// Whether connections begin with a header of the PROXY protocol, version 1 or 2. It is believed without
    /// a check, so switch it on only where every peer is a trusted load balancer.
    #[serde(default)]
    pub accept_proxy: bool,
    /// The maximum number of connections at the same time. More wait in the queue of the operating system.
    #[serde(default = "ten_thousand")]
    pub max_connections: usize,
    /// The time limit in seconds for the PROXY header, the handshake and the connection to the upstream.
    #[serde(default = "ten")]
    pub handshake_seconds: u64,
    /// A connection on which nothing is sent for this time ends, in seconds.
    #[serde(default = "ten_minutes")]
    pub idle_seconds: u64,
    /// TLS of the listener. Without it, connections are not encrypted, or are forwarded as they are.
    pub tls: Option<ServerTls>,
    /// The upstreams. The first whose names match is used.
    #[serde(default, rename = "route")]
    pub routes: Vec<Route>,
}

/// TLS of a listener.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerTls {
    /// The versions.
    #[serde(default)]
    pub versions: VersionRange,
    /// The application protocols, most preferred first.
    #[serde(default)]
    pub alpn: Vec<String>,
    /// The certificates. Each client gets one that it accepts, for the name that it requests.
    #[serde(default, rename = "certificate")]
    pub certificates: Vec<CertificateFiles>,
    /// The authorities of clients, in PEM.
    pub client_ca: Option<PathBuf>,
    /// Whether clients without a certificate are accepted although there is `client_ca`.
    #[serde(default)]
    pub client_certificate_optional: bool,
    /// The names that a client's certificate must have: exact DNS names, or `*.` and a domain for all names
    /// below it. Empty: every certificate of the authorities is accepted.
    #[serde(default)]
    pub client_names: Vec<String>,
}

/// The versions of TLS.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub enum VersionRange {
    /// TLS 1.3 and TLS 1.2.
    #[default]
    #[serde(rename = "both")]
    Both,
    /// TLS 1.2 alone.
    #[serde(rename = "1.2")]
    Tls12,
    /// TLS 1.3 alone.
    #[serde(rename = "1.3")]
    Tls13,
}

/// The files of a certificate.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateFiles {
    /// The chain, in PEM.
    pub chain: PathBuf,
    /// The private key, in PEM.
    pub key: PathBuf,
    /// An OCSP response, in DER.
    pub ocsp: Option<PathBuf>,
}

/// An upstream, and the connections that it gets.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The server names of the clients: exact, or `*.` and a domain for all names below it. Empty: all
    /// connections, also those without a name.
    #[serde(default)]
    pub names: Vec<String>,
    /// The address and port, or `unix:` and the path of a socket. A host name is resolved for each
    /// connection.
    pub upstream: String,
    /// Whether the client's TLS is forwarded as it is, to an upstream that has the certificate.
    #[serde(default)]
    pub pass: bool,
    /// The version of the PROXY protocol that the upstream expects.
    pub send_proxy: Option<ProxyVersion>,
    /// TLS to the upstream.
    pub tls: Option<ClientTls>,
}

/// A version of the PROXY protocol.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyVersion {
    /// Version 1, a line of text.
    #[serde(rename = "v1")]
    V1,
    /// Version 2, binary.
    #[serde(rename = "v2")]
    V2,
}

/// TLS to an upstream.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientTls {
    /// The name in the upstream's certificate. By default it is the host of `upstream`.
    pub server_name: Option<String>,
    /// The authorities of the upstream, in PEM.
    pub ca: PathBuf,
    /// The versions.
    #[serde(default)]
    pub versions: VersionRange,
    /// The application protocols. Empty: that of the client's connection, if it has one.
    #[serde(default)]
    pub alpn: Vec<String>,
    /// The certificate of the proxy, for an upstream that requires one.
    pub certificate: Option<CertificateFiles>,
}

const fn ten() -> u64 {
    10
}

const fn thirty() -> u64 {
    30
}

const fn ten_minutes() -> u64 {
    600
}

const fn ten_thousand() -> usize {
    10_000
}

impl Settings {
    /// Reads a file. Relative paths in it are relative to its folder.
    ///
    /// # Errors
    /// A message with the fault and its line in the file.
    pub fn read(file: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(file).map_err(|e| format!("{} cannot be read: {e}", file.display()))?;
        let mut settings: Self = toml::from_str(&text).map_err(|e| format!("{}: {e}", file.display()))?;
        settings.check().map_err(|e| format!("{}: {e}", file.display()))?;
        let folder = file.parent().unwrap_or(Path::new(""));
        settings.paths_mut().for_each(|path| *path = folder.join(&*path));
        Ok(settings)
    }

    /// Checks the rules that the types do not express.
    fn check(&self) -> Result<(), String> {
        if self.listeners.is_empty() {
            return Err("there is no [[listener]]".into());
        }
        for (number, listener) in self.listeners.iter().enumerate() {
            let at = |words: &str| Err(format!("listener {:?}: {words}", listener.name));
            if self.listeners.iter().take(number).any(|other| other.name == listener.name) {
                return at("another listener has this name");
            }
            if self.listeners.iter().take(number).any(|other| other.listen == listener.listen) {
                return at("another listener has this address");
            }
            if listener.routes.is_empty() {
                return at("there is no [[listener.route]]");
            }
            if listener.max_connections == 0 || listener.idle_seconds == 0 || listener.handshake_seconds == 0
            {
                return at("max_connections, idle_seconds and handshake_seconds must be at least 1");
            }
            if let Some(tls) = &listener.tls {
                if tls.certificates.is_empty() {
                    return at("tls needs a [[listener.tls.certificate]]");
                }
                if tls.client_ca.is_none()
                    && (tls.client_certificate_optional || !tls.client_names.is_empty())
                {
                    return at("client_names and client_certificate_optional need client_ca");
                }
                if tls.client_certificate_optional && !tls.client_names.is_empty() {
                    return at("client_names requires a certificate, so it cannot be optional");
                }
            }
            for route in &listener.routes {
                let at = |words: &str| {
                    Err(format!("listener {:?}, upstream {:?}: {words}", listener.name, route.upstream))
                };
                if route.pass && route.tls.is_some() {
                    return at("pass forwards the client's TLS, so the route cannot have tls of its own");
                }
                if route
                    .tls
                    .as_ref()
                    .and_then(|tls| tls.certificate.as_ref())
                    .is_some_and(|c| c.ocsp.is_some())
                {
                    return at("ocsp is for the certificates of a listener");
                }
                if !route.pass && listener.tls.is_none() && !route.names.is_empty() {
                    return at("names need the client's TLS: add [listener.tls], or pass = true");
                }
            }
        }
        Ok(())
    }

    /// All files that the settings name.
    fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        self.listeners.iter_mut().flat_map(|listener| {
            let server = listener.tls.iter_mut().flat_map(|tls| {
                tls.certificates.iter_mut().flat_map(CertificateFiles::paths_mut).chain(&mut tls.client_ca)
            });
            let clients = listener.routes.iter_mut().filter_map(|route| route.tls.as_mut()).flat_map(|tls| {
                tls.certificate
                    .iter_mut()
                    .flat_map(CertificateFiles::paths_mut)
                    .chain(core::iter::once(&mut tls.ca))
            });
            server.chain(clients)
        })
    }
}

impl CertificateFiles {
    fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        [&mut self.chain, &mut self.key].into_iter().chain(&mut self.ocsp)
    }
}

impl Listener {
    pub(crate) const fn handshake_limit(&self) -> Duration {
        Duration::from_secs(self.handshake_seconds)
    }

    pub(crate) const fn idle_limit(&self) -> Duration {
        Duration::from_secs(self.idle_seconds)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn check(text: &str) -> Result<Settings, String> {
        let settings: Settings = toml::from_str(text).map_err(|e| e.to_string())?;
        settings.check()?;
        Ok(settings)
    }

    const LISTENER: &str = "[[listener]]\nname = 'a'\nlisten = '127.0.0.1:0'\n";
    const TLS: &str = "[listener.tls]\n[[listener.tls.certificate]]\nchain = 'c.pem'\nkey = 'k.pem'\n";
    const ROUTE: &str = "[[listener.route]]\nupstream = '127.0.0.1:80'\n";

    #[test]
    fn a_file_with_defaults_is_complete() {
        let settings = check(&format!("{LISTENER}{TLS}{ROUTE}")).unwrap();
        let listener = settings.listeners.first().unwrap();
        assert_eq!(
            (settings.drain_seconds, listener.max_connections, listener.idle_seconds),
            (30, 10_000, 600)
        );
    }

    #[test]
    fn faults_name_the_listener_and_what_to_change() {
        for (text, words) in [
            (String::new(), "there is no [[listener]]"),
            (LISTENER.to_owned(), "listener \"a\": there is no [[listener.route]]"),
            (format!("{LISTENER}[listener.tls]\n{ROUTE}"), "needs a [[listener.tls.certificate]]"),
            (format!("{LISTENER}{ROUTE}names = ['x']\n"), "add [listener.tls], or pass = true"),
            (format!("{LISTENER}{ROUTE}{LISTENER}{ROUTE}"), "another listener has this name"),
            (format!("{LISTENER}colour = 'blue'\n"), "unknown field `colour`"),
            (
                format!("{LISTENER}{ROUTE}pass = true\n[listener.route.tls]\nca = 'ca.pem'\n"),
                "cannot have tls of its own",
            ),
            (
                format!("{LISTENER}[listener.tls]\nclient_names = ['a']\n{}{ROUTE}", &TLS[15..]),
                "client_names and client_certificate_optional need client_ca",
            ),
        ] {
            let error = check(&text).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }
}
