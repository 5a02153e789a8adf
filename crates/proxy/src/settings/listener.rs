//! `[[listener]]`.

use super::{route::Route, tls::ServerTls};
use core::{
    num::{NonZeroU32, NonZeroUsize},
    time::Duration,
};
use serde::Deserialize;
use std::path::PathBuf;

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
    /// The maximum number of open connections from one IPv4 address or IPv6 network of 64 bits. More are
    /// closed at once.
    pub max_connections_per_client: Option<NonZeroUsize>,
    /// The maximum number of connections whose PROXY header or TLS handshake is not complete. One more ends
    /// the oldest of them. By default it is a tenth of `max_connections`, and at least 1.
    pub max_handshakes: Option<usize>,
    /// The maximum number of new connections in a second. More wait in the queue of the operating system.
    pub connections_per_second: Option<NonZeroU32>,
    /// The maximum number of new connections in a second from one IPv4 address or IPv6 network of 64 bits.
    /// More are closed at once.
    pub client_connections_per_second: Option<NonZeroU32>,
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

const fn ten() -> u64 {
    10
}

const fn ten_minutes() -> u64 {
    600
}

const fn ten_thousand() -> usize {
    10_000
}

impl Listener {
    /// Checks the rules that the types do not express.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.routes.is_empty() {
            return Err("there is no [[listener.route]]".into());
        }
        if self.max_connections == 0 || self.idle_seconds == 0 || self.handshake_seconds == 0 {
            return Err("max_connections, idle_seconds and handshake_seconds must be at least 1".into());
        }
        if self.max_handshakes() == 0 || self.max_handshakes() > self.max_connections {
            return Err("max_handshakes must be at least 1 and at most max_connections".into());
        }
        if let Some(tls) = &self.tls {
            tls.check()?;
        }
        let has_early_data = self.tls.as_ref().is_some_and(|tls| tls.early_data);
        for route in &self.routes {
            let at = |words| format!("upstream {:?}: {words}", route.upstream);
            route.check(self.tls.is_some()).map_err(at)?;
            if has_early_data && route.tls.as_ref().is_some_and(|tls| tls.alpn.is_empty()) {
                return Err(at("early data comes before the client's protocol is known, so tls needs alpn"));
            }
        }
        Ok(())
    }

    /// All files that the settings name.
    pub(super) fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let server = self.tls.iter_mut().flat_map(ServerTls::paths_mut);
        server.chain(self.routes.iter_mut().flat_map(Route::paths_mut))
    }

    /// The maximum number of unfinished handshakes.
    pub(crate) fn max_handshakes(&self) -> usize {
        self.max_handshakes.unwrap_or_else(|| (self.max_connections / 10).max(1))
    }

    pub(crate) const fn handshake_limit(&self) -> Duration {
        Duration::from_secs(self.handshake_seconds)
    }

    pub(crate) const fn idle_limit(&self) -> Duration {
        Duration::from_secs(self.idle_seconds)
    }
}
