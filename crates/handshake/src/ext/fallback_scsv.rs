//! TLS_FALLBACK_SCSV (RFC 7507): a client that tries again with a lower version than it has says so, and a server that
//! has a higher one knows that somebody stood between them.

use crate::ErrorKind;
use cairn_wire::{CipherSuite, List, ProtocolVersion};

/// The highest version of this server.
const HIGHEST: ProtocolVersion = ProtocolVersion::TLS_1_2;

/// Refuses a fallback that was not needed (RFC 7507 section 3).
pub(crate) fn check_client(
    client_version: ProtocolVersion,
    suites: &List<'_, CipherSuite>,
) -> Result<(), ErrorKind> {
    if client_version < HIGHEST && suites.contains(&CipherSuite::TLS_FALLBACK_SCSV) {
        return Err(ErrorKind::InappropriateFallback { peer: client_version });
    }
    Ok(())
}
