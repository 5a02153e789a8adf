//! Connections through a proxy: `--proxy`.

mod broken;
mod http;
mod socks5;
mod url;

pub(super) use url::{ProxyArgument, ProxyUrl};

use crate::{
    failure::{Code, Failure},
    names::Host,
    net::{self, Transport},
};
use core::{net::IpAddr, time::Duration};
use url::Kind;

/// A connection to a port of a host through this proxy.
pub(super) fn connect(
    proxy: &ProxyUrl,
    host: &Host,
    port: u16,
    timeout: Duration,
) -> Result<Transport, Failure> {
    let of_proxy = |failure: Failure| failure.after(format_args!("the proxy {proxy}"));
    if let Some(zone) = host.zone() {
        let what = format!("{host}: the zone {zone} belongs to this machine, and means nothing to a proxy");
        return Err(Failure::new(Code::Local, what));
    }
    let reach = |address| ask(proxy, (host, address), port, timeout).map_err(of_proxy);
    if proxy.kind != (Kind::Socks5 { resolves: false }) {
        return reach(None);
    }
    // Without the proxy's resolver, each address is tried in turn.
    let mut last = None;
    for address in net::addresses(host, port)? {
        match reach(Some(address.ip())) {
            Ok(transport) => return Ok(transport),
            Err(failure) => last = Some(failure),
        }
    }
    Err(last.unwrap_or_else(|| Failure::new(Code::Unreachable, format!("{host}: no address"))))
}

/// Asks the proxy for a connection to an address, or without one to a name.
fn ask(
    proxy: &ProxyUrl,
    (host, address): (&Host, Option<IpAddr>),
    port: u16,
    timeout: Duration,
) -> Result<Transport, Failure> {
    let mut transport = net::connect(&proxy.host, proxy.port, timeout)?;
    transport.set_deadline(Some(timeout));
    match proxy.kind {
        Kind::Http => http::ask(&mut transport, proxy, host, port)?,
        Kind::Socks5 { .. } => socks5::ask(&mut transport, proxy, (host, address), port)?,
    }
    transport.forget();
    Ok(transport)
}
