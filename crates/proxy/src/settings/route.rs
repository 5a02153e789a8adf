//! `[[listener.route]]`.

use super::tls::{CertificateFiles, ClientTls};
use serde::Deserialize;
use std::path::PathBuf;

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

impl Route {
    /// Checks the rules that the types do not express, for a listener with TLS or without.
    pub(super) fn check(&self, is_terminated: bool) -> Result<(), &'static str> {
        let certificate = self.tls.as_ref().and_then(|tls| tls.certificate.as_ref());
        if self.pass && self.tls.is_some() {
            Err("pass forwards the client's TLS, so the route cannot have tls of its own")
        } else if certificate.is_some_and(|certificate| certificate.ocsp.is_some()) {
            Err("ocsp is for the certificates of a listener")
        } else if !self.pass && !is_terminated && !self.names.is_empty() {
            Err("names need the client's TLS: add [listener.tls], or pass = true")
        } else {
            certificate.map_or(Ok(()), CertificateFiles::check)
        }
    }

    pub(super) fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        self.tls.iter_mut().flat_map(ClientTls::paths_mut)
    }
}
