//! Explains why a connection failed, and what the user can do.

pub(crate) mod certificates;
pub(crate) mod negotiation;

use crate::failure::{Code, Failure};
use cairn_tls::{
    CertificateError, ChainError, ErrorKind, HandshakeErrorKind, RecordError, tls_error,
    wire::AlertDescription,
};
use std::io;

/// Our role: the meaning of an alert depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// `cairn connect`.
    Client,
    /// `cairn serve`.
    Server,
}

/// The failure for the error of a read, a write or a handshake.
pub(crate) fn stream(error: &io::Error, role: Role) -> Failure {
    use io::ErrorKind as Io;
    let Some(tls) = tls_error(error) else {
        return match error.kind() {
            Io::ConnectionReset | Io::ConnectionAborted | Io::BrokenPipe | Io::UnexpectedEof => {
                Failure::new(Code::Truncated, format!("the connection was cut off: {error}"))
            }
            Io::TimedOut | Io::WouldBlock => {
                let failure = Failure::new(Code::Unreachable, format!("timed out: {error}"));
                match role {
                    Role::Client => failure.hint("--timeout SECONDS waits longer."),
                    Role::Server => failure,
                }
            }
            _ => Failure::new(Code::Unreachable, error.to_string()),
        };
    };
    let code = match tls.kind {
        ErrorKind::Certificate(_) => Code::Certificate,
        ErrorKind::Truncated => Code::Truncated,
        _ => Code::Tls,
    };
    let failure = Failure::new(code, tls.to_string());
    match hint(&tls.kind, role) {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Advice, if the error alone is sufficient for it.
fn hint(kind: &ErrorKind, role: Role) -> Option<&'static str> {
    Some(match (kind, role) {
        (ErrorKind::Certificate(ChainError { reason: CertificateError::Ocsp(_), .. }), Role::Client) => {
            "--ocsp ignore connects without checking OCSP responses."
        }
        (ErrorKind::Certificate(ChainError { reason: CertificateError::UnknownKey, .. }), Role::Client) => {
            "--trust-key FILE names the public keys of servers to accept."
        }
        (ErrorKind::Certificate(ChainError { reason: CertificateError::UnknownKey, .. }), Role::Server) => {
            "--trust-key FILE names the public keys of clients to accept."
        }
        (ErrorKind::Record(RecordError::NotTls { .. }), Role::Client) => {
            "The server may not speak TLS on this port, or only after a command such as STARTTLS."
        }
        (ErrorKind::Record(RecordError::NotTls { .. }), Role::Server) => {
            "The client may speak plain text, such as http:// where https:// is meant."
        }
        (ErrorKind::Handshake(error), _) => return of_handshake(&error.kind, role),
        _ => return None,
    })
}

fn of_handshake(kind: &HandshakeErrorKind, role: Role) -> Option<&'static str> {
    Some(match (kind, role) {
        (HandshakeErrorKind::PeerAlert(alert), role) => return of_alert(*alert, role),
        (HandshakeErrorKind::CertificateRequired, Role::Server) => {
            "Without --require-client-cert a client may do without a certificate."
        }
        (HandshakeErrorKind::RenegotiationRefused, Role::Server) => {
            "Without --renegotiate the certificate is asked for in the first handshake, and without \
            --require-client-cert it may be missing."
        }
        (HandshakeErrorKind::RenegotiationTimedOut { .. }, _) => {
            "The peer did not complete the renegotiation in time."
        }
        (HandshakeErrorKind::SecureRenegotiationMissing, Role::Client) => {
            "The server does not protect renegotiation (RFC 5746) and may be open to an attack on it; \
            --legacy-server-connect connects all the same."
        }
        (HandshakeErrorKind::ExtendedMasterSecretMissing, _) => {
            "The peer does not know extended_master_secret (RFC 7627)."
        }
        (HandshakeErrorKind::NoSharedCertificateType, Role::Client) => {
            "--ca FILE accepts certificates, and --trust-key FILE raw public keys."
        }
        (HandshakeErrorKind::NoSharedCertificateType, Role::Server) => {
            "--cert FILE shows a certificate, and --raw-key FILE a raw public key; --client-ca and \
            --trust-key say what to accept of clients."
        }
        (HandshakeErrorKind::NoSharedApplicationProtocol, Role::Server) => {
            "--alpn names the protocols to accept; without it those of the client are ignored."
        }
        (HandshakeErrorKind::NoSharedField, Role::Server) => {
            "--groups names the finite fields to choose from; a client that knows RFC 7919 takes no others \
            than it names."
        }
        (
            HandshakeErrorKind::FieldTooSmall { .. } | HandshakeErrorKind::FieldTooLarge { .. },
            Role::Client,
        ) => {
            "--suites names suites to offer; those with ECDHE do without the server's Diffie-Hellman \
            parameters."
        }
        (HandshakeErrorKind::KeyMayNotSign, Role::Client) => {
            "The server's certificate needs digitalSignature in its keyUsage for this suite; --policy legacy \
            offers suites with the RSA key exchange, which do without."
        }
        (HandshakeErrorKind::KeyMayNotSign, Role::Server) => {
            "The client's certificate needs digitalSignature in its keyUsage."
        }
        (HandshakeErrorKind::KeyMayNotEncrypt, Role::Client) => {
            "The server's certificate needs keyEncipherment in its keyUsage for this suite; suites with \
            ECDHE do without."
        }
        (HandshakeErrorKind::UnknownPskIdentity, Role::Server) => {
            "--psk IDENTITY:HEX names the keys of clients, one option for each."
        }
        (HandshakeErrorKind::VersionNotSupported { .. }, _) => "Cairn speaks TLS 1.2 and no other version.",
        (HandshakeErrorKind::BelowFloor(_), _) => "--floor sets the minimum.",
        _ => return None,
    })
}

fn of_alert(alert: AlertDescription, role: Role) -> Option<&'static str> {
    Some(match (alert, role) {
        (AlertDescription::PROTOCOL_VERSION, _) => "Cairn speaks TLS 1.2 and no other version.",
        (AlertDescription::NO_APPLICATION_PROTOCOL, Role::Client) => {
            "The server takes none of the application protocols; --alpn names those to offer."
        }
        (AlertDescription::UNRECOGNIZED_NAME, Role::Client) => {
            "The server has nothing under this name; --name NAME gives another."
        }
        (AlertDescription::INSUFFICIENT_SECURITY, Role::Client) => {
            "The server requires stronger cipher suites; --suites names those to offer."
        }
        (AlertDescription::UNKNOWN_PSK_IDENTITY, Role::Client) => {
            "The server does not know the identity of --psk IDENTITY:HEX."
        }
        (
            AlertDescription::UNKNOWN_CA
            | AlertDescription::BAD_CERTIFICATE
            | AlertDescription::UNSUPPORTED_CERTIFICATE
            | AlertDescription::CERTIFICATE_EXPIRED
            | AlertDescription::CERTIFICATE_UNKNOWN
            | AlertDescription::CERTIFICATE_REVOKED,
            Role::Client,
        ) => "The server does not accept the certificate of --cert.",
        (AlertDescription::UNKNOWN_CA, Role::Server) => {
            "The client does not know who issued the certificate of --cert: it must trust the root, and the \
            file must hold the intermediate certificates."
        }
        (
            AlertDescription::BAD_CERTIFICATE
            | AlertDescription::UNSUPPORTED_CERTIFICATE
            | AlertDescription::CERTIFICATE_EXPIRED
            | AlertDescription::CERTIFICATE_UNKNOWN
            | AlertDescription::CERTIFICATE_REVOKED,
            Role::Server,
        ) => "The client does not accept the certificate of --cert.",
        (AlertDescription::BAD_CERTIFICATE_STATUS_RESPONSE, Role::Server) => {
            "The client does not accept the OCSP response of --ocsp, or misses one."
        }
        (AlertDescription::DECRYPT_ERROR | AlertDescription::BAD_RECORD_MAC, _) => {
            "With --psk, the two sides may have different keys for this identity."
        }
        _ => return None,
    })
}
