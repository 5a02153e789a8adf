//! encrypt_then_mac (RFC 7366).
//!
//! It is for block ciphers alone. Each handshake settles it anew, a resumption too, but what a session had it keeps:
//! without it an attacker could take it away (section 3.1).

use super::{ClientExtensions, ServerExtensions};
use crate::{ErrorKind, established::Established};
use cairn_schedule::{Protection, Suite};
use cairn_wire::{ClientExtension, ExtensionType, ServerExtension};

/// Whether the extension means anything for this suite.
pub(crate) const fn is_for(suite: &Suite) -> bool {
    matches!(suite.protection, Protection::Cbc { .. })
}

/// What a client offers, where it offers a suite that it is for.
pub(crate) fn offer(suites: &[&'static Suite]) -> Option<ClientExtension<'static>> {
    suites.iter().any(|suite| is_for(suite)).then_some(ClientExtension::EncryptThenMac)
}

/// Whether the client offers it.
pub(crate) fn offered(extensions: &ClientExtensions<'_>) -> bool {
    extensions.encrypt_then_mac
}

/// What a server answers.
pub(crate) fn answer(in_use: bool) -> Option<ServerExtension<'static>> {
    in_use.then_some(ServerExtension::EncryptThenMac)
}

/// What a connection had once, a renegotiation keeps, if it chooses a suite that it is for (RFC 7366 section 3.1).
pub(crate) fn check_kept(last: Option<&Established>, suite: &Suite, in_use: bool) -> Result<(), ErrorKind> {
    match last {
        Some(last) if last.encrypt_then_mac && is_for(suite) && !in_use => {
            Err(ErrorKind::EncryptThenMacDropped)
        }
        _ => Ok(()),
    }
}

/// Whether the server took it up, which it must not with another suite (RFC 7366 section 3).
pub(crate) fn accepted(suite: &Suite, extensions: &ServerExtensions<'_>) -> Result<bool, ErrorKind> {
    let accepted = extensions.encrypt_then_mac;
    if accepted && !is_for(suite) {
        return Err(ErrorKind::ExtensionNotAllowed(ExtensionType::ENCRYPT_THEN_MAC));
    }
    Ok(accepted)
}
