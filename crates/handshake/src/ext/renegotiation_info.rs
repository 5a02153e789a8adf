//! renegotiation_info and its SCSV, in a connection's first handshake (RFC 5746 sections 3.4 and 3.6).

use super::{ClientExtensions, ServerExtensions};
use crate::{ErrorKind, Requirement};
use cairn_wire::{CipherSuite, ClientExtension, List, ServerExtension};

/// What a client offers in its first handshake: an empty `renegotiated_connection`.
pub(crate) const fn offer() -> ClientExtension<'static> {
    ClientExtension::RenegotiationInfo(&[])
}

/// Whether the client does secure renegotiation: it says so by the extension or by the SCSV.
pub(crate) fn read_client(
    requirement: Requirement,
    suites: &List<'_, CipherSuite>,
    extensions: &ClientExtensions<'_>,
) -> Result<bool, ErrorKind> {
    let info = super::client(extensions, |extension| match extension {
        ClientExtension::RenegotiationInfo(info) => Some(info),
        _ => None,
    });
    let secure = match info {
        Some(info) if !info.is_empty() => return Err(ErrorKind::WrongRenegotiationInfo),
        Some(_) => true,
        None => suites.contains(&CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV),
    };
    check(requirement, secure)
}

/// What a server answers in the first handshake.
pub(crate) fn answer(secure: bool) -> Option<ServerExtension<'static>> {
    secure.then_some(ServerExtension::RenegotiationInfo(&[]))
}

/// Whether the server does secure renegotiation.
pub(crate) fn read_server(
    requirement: Requirement,
    extensions: &ServerExtensions<'_>,
) -> Result<bool, ErrorKind> {
    let info = super::server(extensions, |extension| match extension {
        ServerExtension::RenegotiationInfo(info) => Some(info),
        _ => None,
    });
    match info {
        Some(info) if !info.is_empty() => Err(ErrorKind::WrongRenegotiationInfo),
        info => check(requirement, info.is_some()),
    }
}

const fn check(requirement: Requirement, secure: bool) -> Result<bool, ErrorKind> {
    match requirement {
        Requirement::Require if !secure => Err(ErrorKind::SecureRenegotiationMissing),
        _ => Ok(secure),
    }
}
