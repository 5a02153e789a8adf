//! The PROXY protocol: the addresses of a client, in front of the data of a connection.

use crate::{
    settings::route::ProxyVersion,
    transport::{Addresses, Peeked},
};
use core::net::SocketAddr;
use ppp::{HeaderResult, PartialResult, v1, v2};
use std::io;

/// The longest header of version 1, in bytes.
const MAX_V1: usize = 107;

/// The longest header of version 2 that is accepted, in bytes.
const MAX_V2: usize = 2048;

/// Reads the header of either version, and returns the addresses in it; `None` if it has none, as the header
/// of a health check.
///
/// # Errors
/// Those of the transport; [`io::ErrorKind::InvalidData`] if there is no header.
pub(crate) async fn accept(peeked: &mut Peeked) -> io::Result<Addresses> {
    loop {
        let bytes = peeked.bytes();
        // Both versions are known by their first byte.
        let is_v1 = bytes.first() == Some(&b'P');
        if !is_v1 && bytes.first().is_some_and(|first| *first != b'\r') {
            return Err(invalid());
        }
        // Version 1 is a line. A part of it may look like a wrong one.
        let is_whole = !is_v1 || bytes.len() >= MAX_V1 || bytes.windows(2).any(|end| end == b"\r\n");
        let parsed = HeaderResult::parse(bytes);
        if is_whole && !parsed.is_incomplete() {
            let (length, addresses) = match parsed {
                HeaderResult::V1(Ok(header)) => (header.header.len(), of_v1(header.addresses)),
                HeaderResult::V2(Ok(header)) => {
                    let is_proxied = header.command == v2::Command::Proxy;
                    (header.len(), is_proxied.then(|| of_v2(header.addresses)).flatten())
                }
                HeaderResult::V1(Err(_)) | HeaderResult::V2(Err(_)) => return Err(invalid()),
            };
            peeked.consume(length);
            return Ok(addresses);
        }
        if !peeked.more(if is_v1 { MAX_V1 } else { MAX_V2 }).await? {
            return Err(invalid());
        }
    }
}

fn invalid() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the connection does not begin with a PROXY header")
}

const fn of_v1(addresses: v1::Addresses) -> Addresses {
    match addresses {
        v1::Addresses::Unknown => None,
        v1::Addresses::Tcp4(v4) => Some((
            SocketAddr::new(core::net::IpAddr::V4(v4.source_address), v4.source_port),
            SocketAddr::new(core::net::IpAddr::V4(v4.destination_address), v4.destination_port),
        )),
        v1::Addresses::Tcp6(v6) => Some((
            SocketAddr::new(core::net::IpAddr::V6(v6.source_address), v6.source_port),
            SocketAddr::new(core::net::IpAddr::V6(v6.destination_address), v6.destination_port),
        )),
    }
}

const fn of_v2(addresses: v2::Addresses) -> Addresses {
    match addresses {
        v2::Addresses::IPv4(v4) => of_v1(v1::Addresses::Tcp4(v4)),
        v2::Addresses::IPv6(v6) => of_v1(v1::Addresses::Tcp6(v6)),
        v2::Addresses::Unspecified | v2::Addresses::Unix(_) => None,
    }
}

/// The header for an upstream.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] if the addresses cannot be encoded.
pub(crate) fn header(version: ProxyVersion, addresses: Addresses) -> io::Result<Vec<u8>> {
    match version {
        ProxyVersion::V1 => {
            let addresses =
                addresses.map_or(v1::Addresses::Unknown, |addresses| same_family(addresses).into());
            Ok(addresses.to_string().into_bytes())
        }
        ProxyVersion::V2 => match addresses {
            None => {
                let (version, command) = (v2::Version::Two, v2::Command::Local);
                v2::Builder::with_addresses(
                    version | command,
                    v2::Protocol::Unspecified,
                    v2::Addresses::Unspecified,
                )
                .build()
            }
            Some(addresses) => {
                let (version, command) = (v2::Version::Two, v2::Command::Proxy);
                v2::Builder::with_addresses(version | command, v2::Protocol::Stream, same_family(addresses))
                    .build()
            }
        },
    }
}

/// Both addresses in one family: a client of IPv4 has an address of IPv6 on a socket for both.
fn same_family((client, local): (SocketAddr, SocketAddr)) -> (SocketAddr, SocketAddr) {
    let plain = |address: SocketAddr| SocketAddr::new(address.ip().to_canonical(), address.port());
    let (client, local) = (plain(client), plain(local));
    if client.is_ipv4() == local.is_ipv4() {
        return (client, local);
    }
    let as_v6 = |address: SocketAddr| match address {
        SocketAddr::V4(v4) => SocketAddr::new(v4.ip().to_ipv6_mapped().into(), v4.port()),
        v6 @ SocketAddr::V6(_) => v6,
    };
    (as_v6(client), as_v6(local))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn accepted(bytes: &[u8]) -> io::Result<(Addresses, Vec<u8>)> {
        let (mut near, far) = tokio::io::duplex(10_000);
        near.write_all(bytes).await?;
        drop(near);
        let mut peeked = Peeked::new(Box::new(far));
        let addresses = accept(&mut peeked).await?;
        let mut rest = Vec::new();
        peeked.read_to_end(&mut rest).await?;
        Ok((addresses, rest))
    }

    #[tokio::test]
    async fn headers_of_both_versions_are_read_back() {
        let pairs = [
            Some(("192.0.2.1:1234", "198.51.100.7:443")),
            Some(("[2001:db8::1]:1234", "[2001:db8::2]:443")),
            Some(("[::ffff:192.0.2.1]:1", "198.51.100.7:443")),
            None,
        ];
        for version in [ProxyVersion::V1, ProxyVersion::V2] {
            for pair in pairs {
                let addresses = pair.map(|(a, b)| (a.parse().unwrap(), b.parse().unwrap()));
                let mut bytes = header(version, addresses).unwrap();
                bytes.extend_from_slice(b"data");
                let expected = addresses.map(same_family);
                assert_eq!(accepted(&bytes).await.unwrap(), (expected, b"data".to_vec()), "{version:?}");
            }
        }
    }

    #[tokio::test]
    async fn connections_without_a_header_are_refused_and_read_no_further() {
        let long = [b'P'; 5000];
        for bytes in [
            &b"GET / HTTP/1.1\r\n\r\n"[..],
            b"\x16\x03\x01",
            b"PROXY TCP4 1.2.3.4",
            b"PROXY x\r\n",
            b"",
            &long,
        ] {
            let error = accepted(bytes).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
    }
}
