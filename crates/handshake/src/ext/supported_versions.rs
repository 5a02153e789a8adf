//! The choice of the version: by supported_versions (RFC 8446 section 4.2.1), or by client_version if the
//! client omits the extension (RFC 5246 appendix E.1).

use super::{ClientExtensions, fallback_scsv};
use crate::error::HandshakeErrorKind;
use cairn_wire::{ClientHello, ProtocolVersion, ServerHello};

/// A version that a handshake can continue with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// TLS 1.2.
    Tls12,
}

/// The server's choice.
pub(crate) fn choose(
    hello: &ClientHello<'_>,
    extensions: &ClientExtensions<'_>,
) -> Result<Version, HandshakeErrorKind> {
    fallback_scsv::check_client(hello.client_version, &hello.cipher_suites)?;
    let Some(versions) = extensions.supported_versions else {
        // "If a TLS server receives a ClientHello containing a version number greater than the highest
        // version supported by the server, it MUST reply according to the highest version supported by the
        // server" (RFC 5246 appendix E.1).
        return if hello.client_version >= ProtocolVersion::TLS_1_2 {
            Ok(Version::Tls12)
        } else {
            // "If server supports (or is willing to use) only versions greater than client_version, it MUST
            // send a "protocol_version" alert message and close the connection." (the same section)
            Err(HandshakeErrorKind::VersionNotSupported { peer: hello.client_version })
        };
    };
    // "If this extension is present in the ClientHello, servers MUST NOT use the ClientHello.legacy_version
    // value for version negotiation" (RFC 8446 section 4.2.1).
    if versions.contains(&ProtocolVersion::TLS_1_2) {
        return Ok(Version::Tls12);
    }
    // The client's first choice, for the error message. client_version says TLS 1.2 in any case.
    Err(HandshakeErrorKind::VersionNotSupported {
        peer: versions.iter().find(|version| !version.is_grease()).unwrap_or(hello.client_version),
    })
}

/// Accepts the server's choice. "If the version chosen by the server is not supported by the client (or not
/// acceptable), the client MUST send a "protocol_version" alert message and close the connection" (RFC 5246
/// appendix E.1).
pub(crate) fn accept(hello: &ServerHello<'_>) -> Result<Version, HandshakeErrorKind> {
    match hello.server_version {
        ProtocolVersion::TLS_1_2 => Ok(Version::Tls12),
        other => Err(HandshakeErrorKind::VersionNotSupported { peer: other }),
    }
}
