//! Common parts of HTTP/3: endpoints, and the errors of connections in words.

use crate::failure::{Code, Failure};
use alloc::sync::Arc;
use cairn_quinn::{HandshakeData, endpoint_config};
use cairn_tls::{Provider, Summary, wire::AlertDescription};
use quinn::{Connection, ConnectionError, Endpoint, ServerConfig, TokioRuntime};
use std::net::UdpSocket;

/// The codes of CRYPTO_ERROR, to each of which an alert is added (RFC 9001 section 4.8).
const CRYPTO_ERROR: core::ops::Range<u64> = 0x0100..0x0200;

/// H3_NO_ERROR (RFC 9114 section 8.1).
pub(crate) const NO_ERROR: u32 = 0x0100;

/// An endpoint of QUIC on this socket.
pub(crate) fn endpoint(
    provider: &Provider,
    server: Option<ServerConfig>,
    socket: UdpSocket,
) -> Result<Endpoint, Failure> {
    let config = endpoint_config(provider).map_err(|error| Failure::new(Code::Local, error.to_string()))?;
    Endpoint::new(config, server, socket, Arc::new(TokioRuntime))
        .map_err(|error| Failure::new(Code::Local, format!("QUIC: {error}")))
}

/// The report of a connection whose handshake is complete.
pub(crate) fn summary(connection: &Connection) -> Option<Summary> {
    let data = connection.handshake_data()?.downcast::<HandshakeData>().ok()?;
    Some(data.summary)
}

/// An error of a connection, in words.
pub(crate) fn failure(error: &ConnectionError) -> Failure {
    match error {
        ConnectionError::TransportError(error) => {
            // The words of our side, if there are any.
            let words = if error.reason.is_empty() { error.to_string() } else { error.reason.clone() };
            Failure::new(code_of(u64::from(error.code)), words)
        }
        ConnectionError::ConnectionClosed(close) => {
            let (code, reason) = (u64::from(close.error_code), text(&close.reason));
            let words = match alert(code) {
                Some(alert) => format!("the peer ended the connection with {alert}"),
                None => format!("the peer ended the connection with {}", close.error_code),
            };
            Failure::new(code_of(code), if reason.is_empty() { words } else { format!("{words}: {reason}") })
        }
        ConnectionError::ApplicationClosed(close) => {
            let words =
                format!("the peer closed the connection with code {:#x}", u64::from(close.error_code));
            Failure::new(Code::Truncated, words)
        }
        ConnectionError::TimedOut => Failure::new(Code::Unreachable, "timed out: the peer does not answer")
            .hint("QUIC needs UDP, which a firewall may block. Without --http3 the connection uses TCP."),
        ConnectionError::VersionMismatch => {
            Failure::new(Code::Tls, "the peer does not speak version 1 of QUIC")
        }
        other => Failure::new(Code::Tls, other.to_string()),
    }
}

/// The alert of a CRYPTO_ERROR.
fn alert(code: u64) -> Option<AlertDescription> {
    let alert = CRYPTO_ERROR.contains(&code).then_some(code & 0xff)?;
    u8::try_from(alert).ok().map(AlertDescription)
}

/// The exit code for a transport error code.
fn code_of(code: u64) -> Code {
    const OF_CERTIFICATES: [AlertDescription; 7] = [
        AlertDescription::BAD_CERTIFICATE,
        AlertDescription::UNSUPPORTED_CERTIFICATE,
        AlertDescription::CERTIFICATE_REVOKED,
        AlertDescription::CERTIFICATE_EXPIRED,
        AlertDescription::CERTIFICATE_UNKNOWN,
        AlertDescription::UNKNOWN_CA,
        AlertDescription::BAD_CERTIFICATE_STATUS_RESPONSE,
    ];
    if alert(code).is_some_and(|alert| OF_CERTIFICATES.contains(&alert)) {
        Code::Certificate
    } else {
        Code::Tls
    }
}

/// The reason phrase of a peer, which may contain anything.
fn text(reason: &[u8]) -> String {
    String::from_utf8_lossy(reason).escape_debug().take(300).collect()
}
