//! encrypt_then_mac (RFC 7366).
//!
//! It applies to block ciphers only. Every handshake negotiates it, also a resumption. A resumption must keep
//! it if the session used it, because an attacker could otherwise remove it (section 3.1).

use super::{ClientExtensions, ServerExtensions};
use crate::{error::HandshakeErrorKind, tls12::established::Tls12Established};
use cairn_schedule::{MacOrder, Protection, Tls12Suite};
use cairn_wire::{ClientExtension, ExtensionType, ServerExtension};

/// Whether the extension applies to this suite.
pub(crate) const fn is_for(suite: &Tls12Suite) -> bool {
    matches!(suite.protection, Protection::Cbc { .. })
}

/// The client's offer, if one of its suites is a block cipher suite.
pub(crate) fn offer(suites: &[&'static Tls12Suite]) -> Option<ClientExtension<'static>> {
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

/// A renegotiation that chooses a block cipher suite must keep encrypt_then_mac if it was in use. RFC 7366
/// section 3.1: "implementations MUST NOT renegotiate a downgrade from encrypt-then-MAC to MAC-then-encrypt".
pub(crate) const fn check_kept(
    last: Option<&Tls12Established>,
    protection: Protection,
) -> Result<(), HandshakeErrorKind> {
    match (last, protection) {
        (Some(last), Protection::Cbc { order: MacOrder::MacThenEncrypt, .. })
            if last.had_encrypt_then_mac() =>
        {
            Err(HandshakeErrorKind::EncryptThenMacDropped)
        }
        _ => Ok(()),
    }
}

/// The server's protection for a suite. `shared` says whether both sides support the extension.
pub(crate) fn choose(suite: &Tls12Suite, shared: bool) -> Protection {
    let with = suite.protection.with_encrypt_then_mac();
    with.filter(|_| shared).unwrap_or(suite.protection)
}

/// The protection that the server chose. RFC 7366 section 3: "If a server receives an encrypt-then-MAC
/// request extension from a client and then selects a stream or Authenticated Encryption with Associated Data
/// (AEAD) ciphersuite, it MUST NOT send an encrypt-then-MAC response extension back to the client."
pub(crate) fn accepted(
    suite: &Tls12Suite,
    extensions: &ServerExtensions<'_>,
) -> Result<Protection, HandshakeErrorKind> {
    if !extensions.encrypt_then_mac {
        return Ok(suite.protection);
    }
    suite
        .protection
        .with_encrypt_then_mac()
        .ok_or(HandshakeErrorKind::ExtensionNotAllowed(ExtensionType::ENCRYPT_THEN_MAC))
}
