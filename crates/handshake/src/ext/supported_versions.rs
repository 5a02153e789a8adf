//! supported_versions, as read by a server that supports TLS 1.2 only (RFC 8446 section 4.2.1). If the client
//! sends it, it takes precedence over client_version.

use super::ClientExtensions;
use crate::HandshakeErrorKind;
use cairn_wire::ProtocolVersion;

/// Checks that the client supports TLS 1.2.
///
/// - Without the extension, client_version is the client's highest version. RFC 5246 appendix E.1: if it is
///   higher than the server's, the server "MUST reply according to the highest version supported by the
///   server". "If server supports (or is willing to use) only versions greater than client_version, it MUST
///   send a 'protocol_version' alert message and close the connection."
/// - RFC 8446 section 4.2.1: "If this extension is present in the ClientHello, servers MUST NOT use the
///   ClientHello.legacy_version value for version negotiation".
pub(crate) fn check_client(
    client_version: ProtocolVersion,
    extensions: &ClientExtensions<'_>,
) -> Result<(), HandshakeErrorKind> {
    let versions = extensions.supported_versions;
    let Some(versions) = versions else {
        return if client_version >= ProtocolVersion::TLS_1_2 {
            Ok(())
        } else {
            Err(HandshakeErrorKind::VersionNotSupported { peer: client_version })
        };
    };
    if versions.contains(&ProtocolVersion::TLS_1_2) {
        return Ok(());
    }
    // The client's first choice, for the error message. client_version says TLS 1.2 in any case.
    Err(HandshakeErrorKind::VersionNotSupported {
        peer: versions.iter().find(|version| !version.is_grease()).unwrap_or(client_version),
    })
}
