//! Explains why a connection failed, and what the user can do.

pub(crate) mod certificates;
pub(crate) mod config;
pub(crate) mod negotiation;
pub(crate) mod plain;

use crate::failure::{Code, Failure};
use cairn_tls::{
    CertificateError, ChainError, ErrorKind, HandshakeErrorKind, RecordError, Side, tls_error,
    wire::AlertDescription,
};
use std::io;

const VERSIONS: &str = "--tls names the versions to speak: 1.2, 1.3 or both. There are no others.";

/// The failure for the error of a read, a write or a handshake.
pub(crate) fn stream(error: &io::Error, side: Side) -> Failure {
    use io::ErrorKind as Io;
    let Some(tls) = tls_error(error) else {
        return match error.kind() {
            Io::ConnectionReset | Io::ConnectionAborted | Io::BrokenPipe | Io::UnexpectedEof => {
                Failure::new(Code::Truncated, format!("the connection was cut off: {error}"))
            }
            Io::TimedOut | Io::WouldBlock => {
                let failure = Failure::new(Code::Unreachable, format!("timed out: {error}"));
                match side {
                    Side::Client => failure.hint("--timeout SECONDS waits longer."),
                    Side::Server => failure,
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
    match hint(&tls.kind, side) {
        Some(hint) => failure.hint(hint),
        None if side == Side::Client => match general(&tls.kind) {
            Some(hint) => failure.hint(hint),
            None => failure,
        },
        None => failure,
    }
}

/// Advice for a client about errors without advice of their own.
fn general(kind: &ErrorKind) -> Option<&'static str> {
    Some(match kind {
        // They are explained by the chain, or by the bytes of the server.
        ErrorKind::Certificate(_) | ErrorKind::Record(RecordError::NotTls { .. }) | ErrorKind::Truncated => {
            return None;
        }
        ErrorKind::Handshake(error) => match error.kind {
            // The client lists what it offered.
            HandshakeErrorKind::PeerAlert(AlertDescription::HANDSHAKE_FAILURE) => return None,
            HandshakeErrorKind::PeerAlert(_) => {
                "The log of the server may say more. --trace prints the messages up to the alert."
            }
            _ => FAULTY,
        },
        ErrorKind::Record(_)
        | ErrorKind::BadChangeCipherSpec(_)
        | ErrorKind::BadAlert(_)
        | ErrorKind::DataWithinMessage
        | ErrorKind::SplitAcrossKeyChange => FAULTY,
        _ => return None,
    })
}

const FAULTY: &str = "The server, or a device between, does not keep to the protocol. --trace prints the \
    messages up to the fault; --tls 1.2 or --tls 1.3 alone may avoid it.";

/// Advice, if the error alone is sufficient for it.
fn hint(kind: &ErrorKind, side: Side) -> Option<&'static str> {
    Some(match (kind, side) {
        (ErrorKind::Certificate(ChainError { reason: CertificateError::Ocsp(_), .. }), Side::Client) => {
            "--ocsp ignore connects without checking OCSP responses."
        }
        (ErrorKind::Certificate(ChainError { reason: CertificateError::UnknownKey, .. }), Side::Client) => {
            "--trust-key FILE names the public keys of servers to accept."
        }
        (ErrorKind::Certificate(ChainError { reason: CertificateError::UnknownKey, .. }), Side::Server) => {
            "--trust-key FILE names the public keys of clients to accept."
        }
        (ErrorKind::Record(RecordError::NotTls { .. }), Side::Client) => {
            "The server may not speak TLS on this port, or only after a command such as STARTTLS."
        }
        (ErrorKind::Record(RecordError::NotTls { .. }), Side::Server) => {
            "The client may speak plain text, such as http:// where https:// is meant."
        }
        (ErrorKind::Handshake(error), _) => return of_handshake(&error.kind, side),
        _ => return None,
    })
}

fn of_handshake(kind: &HandshakeErrorKind, side: Side) -> Option<&'static str> {
    Some(match (kind, side) {
        (HandshakeErrorKind::PeerAlert(alert), side) => return of_alert(*alert, side),
        (HandshakeErrorKind::ClosedDuringHandshake, Side::Client) => {
            "The server may not serve this name (--name NAME requests another), or not speak this version \
            (--tls)."
        }
        (HandshakeErrorKind::Downgraded, Side::Client) => {
            "A device between, or an attacker, keeps both sides from TLS 1.3. --tls 1.3 offers nothing else."
        }
        (HandshakeErrorKind::WrongFinished | HandshakeErrorKind::BadSignature, Side::Client) => {
            "The messages may have been changed on the way, by a device between or by an attacker."
        }
        (HandshakeErrorKind::VersionNotOffered { .. }, Side::Client) => VERSIONS,
        (HandshakeErrorKind::CertificateRequired, Side::Server) => {
            "Without --require-client-cert a client may do without a certificate."
        }
        (HandshakeErrorKind::RenegotiationRefused, Side::Server) => {
            "Without --renegotiate the certificate is asked for in the first handshake, and without \
            --require-client-cert it may be missing."
        }
        (HandshakeErrorKind::RenegotiationTimedOut { .. }, _) => {
            "The peer did not complete the renegotiation in time."
        }
        (HandshakeErrorKind::SecureRenegotiationMissing, Side::Client) => {
            "The server does not protect renegotiation (RFC 5746) and may be open to an attack on it; \
            --legacy-server-connect connects all the same."
        }
        (HandshakeErrorKind::ExtendedMasterSecretMissing, _) => {
            "The peer does not know extended_master_secret (RFC 7627)."
        }
        (HandshakeErrorKind::NoSharedCertificateType, Side::Client) => {
            "--ca FILE accepts certificates, and --trust-key FILE raw public keys."
        }
        (HandshakeErrorKind::NoSharedCertificateType, Side::Server) => {
            "--cert FILE shows a certificate, and --raw-key FILE a raw public key; --client-ca and \
            --trust-key say what to accept of clients."
        }
        (HandshakeErrorKind::NoSharedApplicationProtocol, Side::Server) => {
            "--alpn names the protocols to accept; without it those of the client are ignored."
        }
        (HandshakeErrorKind::NoSharedField, Side::Server) => {
            "--groups names the finite fields to choose from; a client that knows RFC 7919 takes no others \
            than it names."
        }
        (
            HandshakeErrorKind::FieldTooSmall { .. } | HandshakeErrorKind::FieldTooLarge { .. },
            Side::Client,
        ) => {
            "--suites names suites to offer; those with ECDHE do without the server's Diffie-Hellman \
            parameters."
        }
        (HandshakeErrorKind::KeyMayNotSign, Side::Client) => {
            "The server's certificate needs digitalSignature in its keyUsage for this suite; --policy legacy \
            offers suites with the RSA key exchange, which do without."
        }
        (HandshakeErrorKind::KeyMayNotSign, Side::Server) => {
            "The client's certificate needs digitalSignature in its keyUsage."
        }
        (HandshakeErrorKind::KeyMayNotEncrypt, Side::Client) => {
            "The server's certificate needs keyEncipherment in its keyUsage for this suite; suites with \
            ECDHE do without."
        }
        (HandshakeErrorKind::UnknownPskIdentity, Side::Server) => {
            "--psk IDENTITY:HEX names the keys of clients, one option for each."
        }
        (HandshakeErrorKind::VersionNotSupported { .. }, _) => VERSIONS,
        (HandshakeErrorKind::BelowFloor(_), _) => "--floor sets the minimum.",
        _ => return None,
    })
}

fn of_alert(alert: AlertDescription, side: Side) -> Option<&'static str> {
    Some(match (alert, side) {
        (AlertDescription::PROTOCOL_VERSION, _) => VERSIONS,
        (AlertDescription::NO_APPLICATION_PROTOCOL, Side::Client) => {
            "The server accepts none of the application protocols; --alpn names those to offer."
        }
        (AlertDescription::CERTIFICATE_REQUIRED, Side::Client) => {
            "The server requires a certificate: --cert FILE and --key FILE name one."
        }
        (AlertDescription::ACCESS_DENIED, Side::Client) => {
            "The server does not permit this client; --cert FILE and --key FILE name another certificate."
        }
        (AlertDescription::INTERNAL_ERROR, Side::Client) => {
            "The server has a fault of its own, which its log may explain."
        }
        (AlertDescription::UNRECOGNIZED_NAME, Side::Client) => {
            "The server does not serve this name; --name NAME requests another."
        }
        (AlertDescription::INSUFFICIENT_SECURITY, Side::Client) => {
            "The server requires more security than this client offers: --suites and --groups name stronger \
            parameters, and --cert presents a certificate."
        }
        (AlertDescription::UNKNOWN_PSK_IDENTITY, Side::Client) => {
            "The server does not know the identity of --psk IDENTITY:HEX."
        }
        (
            AlertDescription::UNKNOWN_CA
            | AlertDescription::BAD_CERTIFICATE
            | AlertDescription::UNSUPPORTED_CERTIFICATE
            | AlertDescription::CERTIFICATE_EXPIRED
            | AlertDescription::CERTIFICATE_UNKNOWN
            | AlertDescription::CERTIFICATE_REVOKED,
            Side::Client,
        ) => "The server does not accept the certificate of --cert.",
        (AlertDescription::UNKNOWN_CA, Side::Server) => {
            "The client does not know who issued the certificate of --cert: it must trust the root, and the \
            file must hold the intermediate certificates."
        }
        (
            AlertDescription::BAD_CERTIFICATE
            | AlertDescription::UNSUPPORTED_CERTIFICATE
            | AlertDescription::CERTIFICATE_EXPIRED
            | AlertDescription::CERTIFICATE_UNKNOWN
            | AlertDescription::CERTIFICATE_REVOKED,
            Side::Server,
        ) => "The client does not accept the certificate of --cert.",
        (AlertDescription::BAD_CERTIFICATE_STATUS_RESPONSE, Side::Server) => {
            "The client does not accept the OCSP response of --ocsp, or misses one."
        }
        (AlertDescription::DECRYPT_ERROR | AlertDescription::BAD_RECORD_MAC, _) => {
            "With --psk, the server may not know this identity, or the two sides have different keys for it."
        }
        _ => return None,
    })
}
