//! extended_master_secret (RFC 7627).

use super::{ClientExtensions, ServerExtensions};
use crate::{error::HandshakeErrorKind, policy::Requirement, tls12::established::Tls12Established};
use cairn_wire::{ClientExtension, ServerExtension};

/// The client's offer, which is always sent. RFC 7627 section 5.2: "In all handshakes, a client implementing
/// this document MUST send the 'extended_master_secret' extension in its ClientHello."
pub(crate) const fn offer() -> ClientExtension<'static> {
    ClientExtension::ExtendedMasterSecret
}

/// Whether the client offers it.
pub(crate) fn offered(extensions: &ClientExtensions<'_>) -> bool {
    extensions.extended_master_secret
}

/// Whether the server accepted it.
pub(crate) fn accepted(extensions: &ServerExtensions<'_>) -> bool {
    extensions.extended_master_secret
}

/// The server's response. RFC 7627 section 5.2: "If a server implementing this document receives the
/// 'extended_master_secret' extension, it MUST include the extension in its ServerHello message."
pub(crate) fn response(in_use: bool) -> Option<ServerExtension<'static>> {
    in_use.then_some(ServerExtension::ExtendedMasterSecret)
}

/// Checks the result of the negotiation against the policy. RFC 7627 section 5.2: a side "SHOULD abort the
/// handshake if it does not wish to interoperate with legacy" peers.
pub(crate) const fn check(requirement: Requirement, in_use: bool) -> Result<(), HandshakeErrorKind> {
    match requirement {
        Requirement::Require if !in_use => Err(HandshakeErrorKind::ExtendedMasterSecretMissing),
        _ => Ok(()),
    }
}

/// A renegotiation must not change whether the extended master secret is in use, because that binds the
/// renegotiation to the handshake before it.
pub(crate) fn check_kept(last: Option<&Tls12Established>, in_use: bool) -> Result<(), HandshakeErrorKind> {
    match last {
        Some(last) if last.has_extended_master_secret() != in_use => {
            Err(HandshakeErrorKind::ExtendedMasterSecretChanged)
        }
        _ => Ok(()),
    }
}
