//! TLS_FALLBACK_SCSV (RFC 7507). A client that retries with a lower version than its highest sends it. A
//! server that supports a higher version then knows that an attacker may have forced the fallback.

use crate::error::HandshakeErrorKind;
use cairn_wire::{CipherSuite, List, ProtocolVersion};

/// Refuses an unnecessary fallback (RFC 7507 section 3): the SCSV, in a hello whose client_version is lower
/// than the server's highest version, is `inappropriate_fallback`.
pub(crate) fn check_client(
    client_version: ProtocolVersion,
    highest: ProtocolVersion,
    suites: &List<'_, CipherSuite>,
) -> Result<(), HandshakeErrorKind> {
    if client_version < highest && suites.contains(&CipherSuite::TLS_FALLBACK_SCSV) {
        return Err(HandshakeErrorKind::InappropriateFallback { peer: client_version });
    }
    Ok(())
}
