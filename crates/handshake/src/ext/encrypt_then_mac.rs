//! encrypt_then_mac (RFC 7366).
//!
//! It applies to block ciphers only. Every handshake negotiates it, also a resumption. A resumption must keep
//! it if the session used it, because an attacker could otherwise remove it (section 3.1).

use super::{ClientExtensions, ServerExtensions};
use crate::{HandshakeErrorKind, established::Established};
use cairn_schedule::{Protection, Suite};
use cairn_wire::{ClientExtension, ExtensionType, ServerExtension};

/// Whether the extension applies to this suite.
pub(crate) const fn is_for(suite: &Suite) -> bool {
    matches!(suite.protection, Protection::Cbc { .. })
}

/// The client's offer, if one of its suites is a block cipher suite.
pub(crate) fn offer(suites: &[&'static Suite]) -> Option<ClientExtension<'static>> {
    suites.iter().any(|suite| is_for(suite)).then_some(ClientExtension::EncryptThenMac)
}

/// Whether the client offers it.
pub(crate) fn offered(extensions: &ClientExtensions<'_>) -> bool {
    extensions.encrypt_then_mac
}

/// The server's response.
pub(crate) fn response(in_use: bool) -> Option<ServerExtension<'static>> {
    in_use.then_some(ServerExtension::EncryptThenMac)
}

/// A renegotiation that chooses a block cipher suite must keep encrypt_then_mac if it was in use (RFC 7366
/// section 3.1).
pub(crate) fn check_kept(
    last: Option<&Established>,
    suite: &Suite,
    in_use: bool,
) -> Result<(), HandshakeErrorKind> {
    match last {
        Some(last) if last.encrypt_then_mac && is_for(suite) && !in_use => {
            Err(HandshakeErrorKind::EncryptThenMacDropped)
        }
        _ => Ok(()),
    }
}

/// Whether the server accepted it, which is an error with other suites (RFC 7366 section 3).
pub(crate) fn accepted(suite: &Suite, extensions: &ServerExtensions<'_>) -> Result<bool, HandshakeErrorKind> {
    let accepted = extensions.encrypt_then_mac;
    if accepted && !is_for(suite) {
        return Err(HandshakeErrorKind::ExtensionNotAllowed(ExtensionType::ENCRYPT_THEN_MAC));
    }
    Ok(accepted)
}
