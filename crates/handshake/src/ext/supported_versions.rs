//! supported_versions, as a server that has TLS 1.2 alone reads it (RFC 8446 section 4.2.1): when the client sends it,
//! it rules, and client_version does not.

use super::ClientExtensions;
use crate::ErrorKind;
use cairn_wire::ProtocolVersion;

/// Checks that the client takes TLS 1.2. A client_version above it is a client that can do more (RFC 5246 appendix
/// E.1).
pub(crate) fn check_client(
    client_version: ProtocolVersion,
    extensions: &ClientExtensions<'_>,
) -> Result<(), ErrorKind> {
    let versions = extensions.supported_versions;
    let Some(versions) = versions else {
        return if client_version >= ProtocolVersion::TLS_1_2 {
            Ok(())
        } else {
            Err(ErrorKind::VersionNotSupported { peer: client_version })
        };
    };
    if versions.contains(&ProtocolVersion::TLS_1_2) {
        return Ok(());
    }
    // What the client wants most, for people to read; client_version says TLS 1.2 in any case.
    Err(ErrorKind::VersionNotSupported {
        peer: versions.iter().find(|version| !version.is_grease()).unwrap_or(client_version),
    })
}
