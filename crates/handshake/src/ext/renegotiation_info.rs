//! renegotiation_info and its SCSV (RFC 5746).
//!
//! In a connection's first handshake it is empty and says that the side does secure renegotiation. In a later one it
//! holds the verify_data of the one before, so that nobody can put a handshake of his own before another's.

use super::{ClientExtensions, ServerExtensions};
use crate::{ErrorKind, Requirement, established::Established};
use alloc::vec::Vec;
use cairn_wire::{CipherSuite, ClientExtension, List, ServerExtension};

/// client_verify_data of the last handshake; empty before the first (RFC 5746 section 3.5).
fn client_half(last: Option<&Established>) -> &[u8] {
    last.and_then(Established::verify_data).map_or(&[], |(client, _)| client.as_bytes())
}

/// client_verify_data and server_verify_data of the last handshake; empty before the first (RFC 5746 section 3.7).
pub(crate) fn both_halves(last: Option<&Established>) -> Vec<u8> {
    last.and_then(Established::verify_data)
        .map(|(client, server)| [*client.as_bytes(), *server.as_bytes()].concat())
        .unwrap_or_default()
}

/// What a client offers.
pub(crate) fn offer(last: Option<&Established>) -> ClientExtension<'_> {
    ClientExtension::RenegotiationInfo(client_half(last))
}

/// Whether the client does secure renegotiation: it says so by the extension or, in the first handshake, by the SCSV.
pub(crate) fn read_client(
    requirement: Requirement,
    last: Option<&Established>,
    suites: &List<'_, CipherSuite>,
    extensions: &ClientExtensions<'_>,
) -> Result<bool, ErrorKind> {
    let info = extensions.renegotiation_info;
    let scsv = suites.contains(&CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV);
    match (info, last) {
        (Some(info), _) if info != client_half(last) => Err(ErrorKind::WrongRenegotiationInfo),
        // In a later handshake there must be the extension, and must not be the SCSV.
        (info, Some(_)) if info.is_none() || scsv => Err(ErrorKind::WrongRenegotiationInfo),
        (info, _) => check(requirement, info.is_some() || scsv),
    }
}

/// What a server answers, with [`both_halves`].
pub(crate) fn answer(secure: bool, both_halves: &[u8]) -> Option<ServerExtension<'_>> {
    secure.then_some(ServerExtension::RenegotiationInfo(both_halves))
}

/// Whether the server does secure renegotiation.
pub(crate) fn read_server(
    requirement: Requirement,
    last: Option<&Established>,
    extensions: &ServerExtensions<'_>,
) -> Result<bool, ErrorKind> {
    let info = extensions.renegotiation_info;
    match (info, last) {
        (Some(info), _) if info != both_halves(last) => Err(ErrorKind::WrongRenegotiationInfo),
        (None, Some(_)) => Err(ErrorKind::WrongRenegotiationInfo),
        (info, _) => check(requirement, info.is_some()),
    }
}

const fn check(requirement: Requirement, secure: bool) -> Result<bool, ErrorKind> {
    match requirement {
        Requirement::Require if !secure => Err(ErrorKind::SecureRenegotiationMissing),
        _ => Ok(secure),
    }
}
