//! The choice of the version: by supported_versions (RFC 9846 section 4.3.1), or by client_version if the
//! client omits the extension (RFC 5246 appendix E.1).

use super::{ClientExtensions, ServerExtensions, fallback_scsv};
use crate::error::HandshakeErrorKind;
use crate::policy::{ClientPolicy, ServerPolicy};
use cairn_wire::{ClientExtension, ClientHello, List, ProtocolVersion, Random, ServerHello};

/// A version that a handshake can continue with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// TLS 1.2.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

/// The client's offer. With TLS 1.2 alone, the extension is not sent.
pub(crate) fn offer(versions: &[ProtocolVersion]) -> Option<ClientExtension<'_>> {
    (!versions.is_empty()).then(|| ClientExtension::SupportedVersions(List::from_items(versions)))
}

/// The server's choice: TLS 1.3 if both sides speak it. A connection that has negotiated TLS 1.2 keeps it in
/// a renegotiation (`is_first` is false then).
pub(crate) fn choose(
    hello: &ClientHello<'_>,
    extensions: &ClientExtensions<'_>,
    policy: &ServerPolicy,
    is_first: bool,
    is_quic: bool,
) -> Result<Version, HandshakeErrorKind> {
    let tls13 = is_first && !policy.tls13.suites.is_empty();
    // RFC 9001 section 4.2: "An endpoint MUST terminate the connection if a version of TLS older than 1.3 is
    // negotiated."
    let tls12 = !policy.tls12.suites.is_empty() && !is_quic;
    let highest = if tls13 { ProtocolVersion::TLS_1_3 } else { ProtocolVersion::TLS_1_2 };
    let Some(versions) = extensions.supported_versions else {
        fallback_scsv::check_client(hello.client_version, highest, &hello.cipher_suites)?;
        // "If a TLS server receives a ClientHello containing a version number greater than the highest
        // version supported by the server, it MUST reply according to the highest version supported by the
        // server" (RFC 5246 appendix E.1). Without the extension, that is never TLS 1.3: servers "MUST
        // negotiate TLS 1.2 or prior as specified in [RFC5246], even if ClientHello.legacy_version is 0x0304
        // or later" (RFC 9846 section 4.3.1).
        return if tls12 && hello.client_version >= ProtocolVersion::TLS_1_2 {
            Ok(Version::Tls12)
        } else {
            // "If server supports (or is willing to use) only versions greater than client_version, it MUST
            // send a "protocol_version" alert message and close the connection." (RFC 5246 appendix E.1)
            Err(HandshakeErrorKind::VersionNotSupported { peer: hello.client_version })
        };
    };
    // "If this extension is present in the ClientHello, servers MUST NOT use the ClientHello.legacy_version
    // value for version negotiation" (RFC 9846 section 4.3.1).
    if tls13 && versions.contains(&ProtocolVersion::TLS_1_3) {
        // "A server which receives a legacy_version value not equal to 0x0303 MUST abort the handshake with a
        // "protocol_version" alert." (section 4.2.2)
        return match hello.client_version {
            ProtocolVersion::TLS_1_2 => Ok(Version::Tls13),
            other => Err(HandshakeErrorKind::WrongLegacyVersion(other)),
        };
    }
    if tls12 && versions.contains(&ProtocolVersion::TLS_1_2) {
        fallback_scsv::check_client(ProtocolVersion::TLS_1_2, highest, &hello.cipher_suites)?;
        return Ok(Version::Tls12);
    }
    // The client's first choice, for the error message. client_version says TLS 1.2 in any case.
    Err(HandshakeErrorKind::VersionNotSupported {
        peer: versions.iter().find(|version| !version.is_grease()).unwrap_or(hello.client_version),
    })
}

/// Accepts TLS 1.2 as the server's choice. "If the version chosen by the server is not supported by the
/// client (or not acceptable), the client MUST send a "protocol_version" alert message and close the
/// connection" (RFC 5246 appendix E.1). TLS 1.3 is not offered in a renegotiation (`is_first` is false then).
pub(crate) fn accept_tls12(
    hello: &ServerHello<'_>,
    extensions: &ServerExtensions<'_>,
    policy: &ClientPolicy,
    is_first: bool,
    is_quic: bool,
) -> Result<(), HandshakeErrorKind> {
    let tls12 = !policy.tls12.suites.is_empty() && !is_quic;
    let tls13 = is_first && !policy.tls13.suites.is_empty();
    // "If the "supported_versions" extension in the ServerHello contains a version not offered by the client
    // or contains a version prior to TLS 1.3, the client MUST abort the handshake with an "illegal_parameter"
    // alert." (RFC 9846 section 4.3.1) A client that does not send the extension refuses any answer to it.
    if let Some(peer) = extensions.supported_versions.filter(|_| tls13) {
        return Err(HandshakeErrorKind::VersionNotOffered { peer });
    }
    // "A legacy TLS client performing renegotiation with TLS 1.2 or prior and which receives a TLS 1.3
    // ServerHello during renegotiation MUST abort the handshake with a "protocol_version" alert." (section
    // 4.2.3)
    if let Some(peer @ ProtocolVersion::TLS_1_3) = extensions.supported_versions.filter(|_| !is_first) {
        return Err(HandshakeErrorKind::VersionNotSupported { peer });
    }
    if hello.server_version != ProtocolVersion::TLS_1_2 || !tls12 {
        return Err(HandshakeErrorKind::VersionNotSupported { peer: hello.server_version });
    }
    // "TLS 1.3 clients receiving a ServerHello indicating TLS 1.2 or below MUST check that the last 8 bytes
    // are not equal to either of these values." (RFC 9846 section 4.2.3)
    if tls13 && SENTINELS.iter().any(|sentinel| hello.random.0.ends_with(sentinel)) {
        return Err(HandshakeErrorKind::Downgraded);
    }
    Ok(())
}

/// The last 8 bytes of the random of a server that speaks TLS 1.3 and negotiates TLS 1.2, or TLS 1.1 or below
/// (RFC 9846 section 4.2.3).
const SENTINELS: [[u8; 8]; 2] = [*b"DOWNGRD\x01", *b"DOWNGRD\x00"];

/// Marks the random of a server that could have negotiated TLS 1.3 and negotiates TLS 1.2.
pub(crate) fn mark_downgrade(random: &mut Random, policy: &ServerPolicy) {
    let [sentinel, _] = SENTINELS;
    if !policy.tls13.suites.is_empty()
        && let Some(last) = random.0.last_chunk_mut()
    {
        *last = sentinel;
    }
}
