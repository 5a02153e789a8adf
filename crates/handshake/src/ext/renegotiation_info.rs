//! renegotiation_info and its SCSV (RFC 5746).
//!
//! In the first handshake of a connection the extension is empty and signals support for secure
//! renegotiation. In a renegotiation it contains the verify_data of the handshake before, so that an attacker
//! cannot prepend a handshake of its own.

use super::{ClientExtensions, ServerExtensions};
use crate::{error::HandshakeErrorKind, policy::Requirement, tls12::established::Tls12Established};
use alloc::vec::Vec;
use cairn_wire::{CipherSuite, ClientExtension, List, ServerExtension};

/// client_verify_data of the last handshake; empty before the first (RFC 5746 section 3.5).
fn client_half(last: Option<&Tls12Established>) -> &[u8] {
    last.map(Tls12Established::verify_data).map_or(&[], |(client, _)| client.as_bytes())
}

/// client_verify_data and server_verify_data of the last handshake; empty before the first (RFC 5746 section
/// 3.7).
pub(crate) fn both_verify_data(last: Option<&Tls12Established>) -> Vec<u8> {
    last.map(Tls12Established::verify_data)
        .map(|(client, server)| [*client.as_bytes(), *server.as_bytes()].concat())
        .unwrap_or_default()
}

/// The client's offer.
pub(crate) fn offer(last: Option<&Tls12Established>) -> ClientExtension<'_> {
    ClientExtension::RenegotiationInfo(client_half(last))
}

/// Whether the client supports secure renegotiation. It signals that with the extension or, in the first
/// handshake, with the SCSV.
pub(crate) fn read_client(
    requirement: Requirement,
    last: Option<&Tls12Established>,
    suites: &List<'_, CipherSuite>,
    extensions: &ClientExtensions<'_>,
) -> Result<bool, HandshakeErrorKind> {
    let info = extensions.renegotiation_info;
    let scsv = suites.contains(&CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV);
    match (info, last) {
        // RFC 5746 section 3.6: in the first handshake, "the server MUST then verify that the length of the
        // 'renegotiated_connection' field is zero, and if it is not, MUST abort the handshake". Section 3.7:
        // in a renegotiation, it must be "equal to the saved client_verify_data value".
        (Some(info), _) if info != client_half(last) => Err(HandshakeErrorKind::WrongRenegotiationInfo),
        // Section 3.7: in a renegotiation, the extension is required, and "If the SCSV is present, the server
        // MUST abort the handshake."
        (info, Some(_)) if info.is_none() || scsv => Err(HandshakeErrorKind::WrongRenegotiationInfo),
        (info, _) => check(requirement, info.is_some() || scsv),
    }
}

/// The server's response, with [`both_verify_data`].
pub(crate) fn response(secure: bool, both_verify_data: &[u8]) -> Option<ServerExtension<'_>> {
    secure.then_some(ServerExtension::RenegotiationInfo(both_verify_data))
}

/// Whether the server supports secure renegotiation.
pub(crate) fn read_server(
    requirement: Requirement,
    last: Option<&Tls12Established>,
    extensions: &ServerExtensions<'_>,
) -> Result<bool, HandshakeErrorKind> {
    let info = extensions.renegotiation_info;
    match (info, last) {
        // RFC 5746 section 3.4: in the first handshake, the field must be empty. Section 3.5: in a
        // renegotiation, "the first half of the 'renegotiated_connection' field is equal to the saved
        // client_verify_data value, and the second half is equal to the saved server_verify_data value. If
        // they are not, the client MUST abort the handshake."
        (Some(info), _) if info != both_verify_data(last) => Err(HandshakeErrorKind::WrongRenegotiationInfo),
        // Section 3.5: "if it is not [present], the client MUST abort the handshake".
        (None, Some(_)) => Err(HandshakeErrorKind::WrongRenegotiationInfo),
        (info, _) => check(requirement, info.is_some()),
    }
}

/// A side may refuse a peer without secure renegotiation, with `handshake_failure` (RFC 5746 sections 4.1 and
/// 4.3).
const fn check(requirement: Requirement, secure: bool) -> Result<bool, HandshakeErrorKind> {
    match requirement {
        Requirement::Require if !secure => Err(HandshakeErrorKind::SecureRenegotiationMissing),
        _ => Ok(secure),
    }
}
