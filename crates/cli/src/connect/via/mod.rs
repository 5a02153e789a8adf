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
use core::time::Duration;
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
    let mut transport = net::connect(&proxy.host, proxy.port, timeout).map_err(of_proxy)?;
    transport.set_deadline(Some(timeout));
    match proxy.kind {
        Kind::Http => http::ask(&mut transport, proxy, host, port),
        Kind::Socks5 { resolves } => {
            // Without the proxy's resolver, the first address is the one to ask for.
            let address = match resolves {
                true => None,
                false => net::addresses(host, port)?.first().map(|address| address.ip()),
            };
            socks5::ask(&mut transport, proxy, (host, address), port)
        }
    }
    .map_err(of_proxy)?;
    transport.forget();
    Ok(transport)
}
