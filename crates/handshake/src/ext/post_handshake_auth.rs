//! post_handshake_auth (RFC 9846 section 4.3.6): the client permits the server to request a certificate after
//! the handshake. It has no response.

use super::ClientExtensions;
use crate::error::HandshakeErrorKind;
use cairn_wire::{ClientExtension, Deferred, Empty};

/// The client's offer.
pub(crate) const fn offer() -> ClientExtension<'static> {
    ClientExtension::PostHandshakeAuth(Deferred::new(&Empty))
}

/// Whether the client offers it.
pub(crate) fn offered(extensions: &ClientExtensions<'_>) -> Result<bool, HandshakeErrorKind> {
    match &extensions.post_handshake_auth {
        Some(content) => Ok(content.get().map(|Empty| true)?),
        None => Ok(false),
    }
}
