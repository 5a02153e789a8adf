//! extended_master_secret (RFC 7627).

use super::{ClientExtensions, ServerExtensions};
use crate::{ErrorKind, Requirement, established::Established};
use cairn_wire::{ClientExtension, ServerExtension};

/// What a client offers, always.
pub(crate) const fn offer() -> ClientExtension<'static> {
    ClientExtension::ExtendedMasterSecret
}

/// Whether the client offers it.
pub(crate) fn offered(extensions: &ClientExtensions<'_>) -> bool {
    extensions.extended_master_secret
}

/// Whether the server took it up.
pub(crate) fn accepted(extensions: &ServerExtensions<'_>) -> bool {
    extensions.extended_master_secret
}

/// What a server answers.
pub(crate) fn answer(in_use: bool) -> Option<ServerExtension<'static>> {
    in_use.then_some(ServerExtension::ExtendedMasterSecret)
}

/// Holds a negotiation against the policy.
pub(crate) const fn check(requirement: Requirement, in_use: bool) -> Result<(), ErrorKind> {
    match requirement {
        Requirement::Require if !in_use => Err(ErrorKind::ExtendedMasterSecretMissing),
        _ => Ok(()),
    }
}

/// What a connection has or has not, a renegotiation does not change: the handshake before it would be bound to less, or
/// to something else.
pub(crate) fn check_kept(last: Option<&Established>, in_use: bool) -> Result<(), ErrorKind> {
    match last {
        Some(last) if last.extended_master_secret != in_use => Err(ErrorKind::ExtendedMasterSecretChanged),
        _ => Ok(()),
    }
}
