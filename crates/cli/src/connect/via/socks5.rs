//! SOCKS 5 (RFC 1928), with or without a user and password (RFC 1929).

use super::{broken::broken, url::ProxyUrl};
use crate::{
    failure::{Code, Failure},
    names::Host,
};
use cairn_tls::crypto::SecretBytes;
use core::net::IpAddr;
use std::io::{Read, Write};

const VERSION: u8 = 5;
const NO_AUTHENTICATION: u8 = 0;
const USER_AND_PASSWORD: u8 = 2;
const NONE_ACCEPTABLE: u8 = 0xff;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// Asks the proxy for a connection to an address, or without one to a name.
pub(super) fn ask(
    transport: &mut (impl Read + Write),
    proxy: &ProxyUrl,
    (host, address): (&Host, Option<IpAddr>),
    port: u16,
) -> Result<(), Failure> {
    let mut wire = Wire(transport);
    match &proxy.credentials {
        None => wire.send(&[VERSION, 1, NO_AUTHENTICATION])?,
        Some(_) => wire.send(&[VERSION, 2, NO_AUTHENTICATION, USER_AND_PASSWORD])?,
    }
    match (wire.receive::<2>()?, &proxy.credentials) {
        ([VERSION, NO_AUTHENTICATION], _) => {}
        ([VERSION, USER_AND_PASSWORD], Some((user, password))) => {
            wire.send(sign_in(user, password)?.expose())?;
            let [_version, status] = wire.receive()?;
            if status != 0 {
                return Err(refused("it does not accept the user and password"));
            }
        }
        ([VERSION, NONE_ACCEPTABLE], None) => {
            return Err(refused("it requires authentication")
                .hint("--proxy socks5://USER:PASSWORD@HOST:PORT gives a user and password."));
        }
        ([VERSION, _], _) => return Err(refused("it wants a kind of authentication that is not supported")),
        (other, _) => return Err(no_socks(&other)),
    }
    wire.send(&request(host, address, port)?)?;
    let [version, reply, _reserved, kind] = wire.receive()?;
    if version != VERSION {
        return Err(no_socks(&[version, reply]));
    }
    if reply != 0 {
        return Err(refused(&format!("it does not connect to {}: {}", host.with_port(port), reason(reply))));
    }
    // The address that the proxy uses does not matter, but must be read.
    match kind {
        IPV4 => wire.receive::<{ 4 + 2 }>().map(drop),
        IPV6 => wire.receive::<{ 16 + 2 }>().map(drop),
        NAME => {
            let [length] = wire.receive()?;
            wire.skip(usize::from(length).saturating_add(2))
        }
        other => Err(no_socks(&[other])),
    }
}

/// The two directions of the connection to the proxy.
struct Wire<'a, T>(&'a mut T);

impl<T: Read + Write> Wire<'_, T> {
    fn send(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.0.write_all(bytes).and_then(|()| self.0.flush()).map_err(|error| broken(&error))
    }

    fn receive<const N: usize>(&mut self) -> Result<[u8; N], Failure> {
        let mut bytes = [0; N];
        self.0.read_exact(&mut bytes).map_err(|error| broken(&error))?;
        Ok(bytes)
    }

    fn skip(&mut self, length: usize) -> Result<(), Failure> {
        self.0.read_exact(&mut vec![0; length]).map_err(|error| broken(&error))
    }
}

/// The message of RFC 1929 section 2.
fn sign_in(user: &str, password: &SecretBytes) -> Result<SecretBytes, Failure> {
    let long = |_| Failure::new(Code::Local, "SOCKS has room for 255 bytes of user and of password");
    let mut message = Vec::with_capacity(3 + user.len() + password.len());
    message.extend([1, u8::try_from(user.len()).map_err(long)?]);
    message.extend_from_slice(user.as_bytes());
    message.push(u8::try_from(password.len()).map_err(long)?);
    message.extend_from_slice(password.expose());
    Ok(SecretBytes::new(message))
}

/// The request of RFC 1928 section 4.
fn request(host: &Host, address: Option<IpAddr>, port: u16) -> Result<Vec<u8>, Failure> {
    let mut request = vec![VERSION, CONNECT, 0];
    match address.or_else(|| host.name().parse().ok()) {
        Some(IpAddr::V4(address)) => {
            request.push(IPV4);
            request.extend(address.octets());
        }
        Some(IpAddr::V6(address)) => {
            request.push(IPV6);
            request.extend(address.octets());
        }
        None => {
            let length = u8::try_from(host.name().len())
                .map_err(|_| Failure::new(Code::Local, "SOCKS has room for 255 bytes of a name"))?;
            request.extend([NAME, length]);
            request.extend(host.name().bytes());
        }
    }
    request.extend(port.to_be_bytes());
    Ok(request)
}

fn refused(what: &str) -> Failure {
    Failure::new(Code::Unreachable, what)
}

fn no_socks(bytes: &[u8]) -> Failure {
    let shown: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Failure::new(
        Code::Unreachable,
        format!("an answer of SOCKS 5 was expected, and it sent {}", shown.join(" ")),
    )
    .hint("--proxy must name a proxy and its kind: http://, socks5:// or socks5h://.")
}

/// The reply of RFC 1928 section 6.
fn reason(reply: u8) -> String {
    match reply {
        1 => "general failure".into(),
        2 => "its rules do not permit it".into(),
        3 => "the network is unreachable".into(),
        4 => "the host is unreachable".into(),
        5 => "connection refused".into(),
        6 => "timed out".into(),
        7 => "it does not support CONNECT".into(),
        8 => "it does not support this kind of address".into(),
        other => format!("reply {other}"),
    }
}
