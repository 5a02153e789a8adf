//! What goes wrong: a message that says what happened, what to do about it, and an exit code.

use crate::output::note;
use cairn_tls::{
    CertificateError, ConfigError, ErrorKind, HandshakeErrorKind, RecordError, tls_error,
    wire::AlertDescription, x509::OcspError,
};
use core::fmt;
use std::{io, process::ExitCode};

/// Exit codes. The help text has the same table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// Something on this side: a file, the output, a self-check.
    Local,
    /// No connection: no such host, refused, timed out.
    Unreachable,
    /// The TLS connection failed.
    Tls,
    /// The peer's certificate is not accepted.
    Certificate,
    /// The transport ended without close_notify.
    Truncated,
    /// Malformed bytes.
    Malformed,
    /// Sessions were not resumed.
    NotResumed,
}

impl From<Code> for ExitCode {
    /// 2 is the command line's, which clap parses.
    fn from(code: Code) -> Self {
        Self::from(match code {
            Code::Local => 1,
            Code::Unreachable => 3,
            Code::Tls => 4,
            Code::Certificate => 5,
            Code::Truncated => 6,
            Code::Malformed => 7,
            Code::NotResumed => 8,
        })
    }
}

/// Why a command failed.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    code: Code,
    /// What happened; empty when nobody is to be told.
    message: String,
    /// What to do about it.
    hints: Vec<String>,
}

impl Failure {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hints: Vec::new() }
    }

    /// A failure that there is no need to speak of.
    pub(crate) const fn silent(code: Code) -> Self {
        Self { code, message: String::new(), hints: Vec::new() }
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// What a read, a write or a handshake ended with.
    pub(crate) fn of_stream(error: &io::Error, role: Role) -> Self {
        use io::ErrorKind as Io;
        let Some(tls) = tls_error(error) else {
            return match error.kind() {
                Io::ConnectionReset | Io::ConnectionAborted | Io::BrokenPipe | Io::UnexpectedEof => {
                    Self::new(Code::Truncated, format!("the connection was cut off: {error}"))
                }
                Io::TimedOut | Io::WouldBlock => Self::new(Code::Unreachable, format!("timed out: {error}")),
                _ => Self::new(Code::Unreachable, error.to_string()),
            };
        };
        let code = match tls.kind {
            ErrorKind::Certificate(_) => Code::Certificate,
            ErrorKind::Truncated => Code::Truncated,
            _ => Code::Tls,
        };
        let failure = Self::new(code, tls.to_string());
        match hint(&tls.kind, role) {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }

    pub(crate) const fn code(&self) -> Code {
        self.code
    }

    /// Tells people, and whoever runs this program.
    pub(crate) fn tell(&self) -> ExitCode {
        if !self.message.is_empty() {
            note(format_args!("cairn: {}", self.message));
        }
        for hint in &self.hints {
            note(format_args!("  hint: {hint}"));
        }
        self.code.into()
    }
}

/// In one line, for a server's log.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.hints.iter().try_for_each(|hint| write!(f, "; hint: {hint}"))
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new(Code::Local, error.to_string())
    }
}

/// Which end we are: the same alert means another thing to each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// `cairn connect`.
    Client,
    /// `cairn serve`.
    Server,
}

/// What to do about it, where something can be said.
fn hint(kind: &ErrorKind, role: Role) -> Option<&'static str> {
    Some(match (kind, role) {
        (
            ErrorKind::Certificate(
                CertificateError::UnknownIssuer
                | CertificateError::UnknownAuthority
                | CertificateError::SelfSigned
                | CertificateError::OtherAuthorityKey,
            ),
            Role::Client,
        ) => "--ca FILE names whom to trust: an authority, or the server's very own certificate",
        (
            ErrorKind::Certificate(CertificateError::Ocsp(
                OcspError::Missing | OcspError::MissingButPromised,
            )),
            Role::Client,
        ) => "--ocsp ignore does without",
        (ErrorKind::Certificate(CertificateError::UnknownKey), _) => {
            "--trust-key FILE names the public keys to take"
        }
        (ErrorKind::Certificate(CertificateError::NameMismatch), Role::Client) => {
            "--name NAME says which name to look for"
        }
        (
            ErrorKind::Certificate(
                CertificateError::UnknownIssuer
                | CertificateError::UnknownAuthority
                | CertificateError::SelfSigned
                | CertificateError::OtherAuthorityKey,
            ),
            Role::Server,
        ) => "--client-ca FILE names who issues certificates of clients",
        (ErrorKind::Record(RecordError::NotTls { .. }), Role::Client) => "is it the right port?",
        (ErrorKind::Handshake(error), _) => return of_handshake(&error.kind, role),
        _ => return None,
    })
}

fn of_handshake(kind: &HandshakeErrorKind, role: Role) -> Option<&'static str> {
    Some(match (kind, role) {
        (HandshakeErrorKind::PeerAlert(alert), role) => return of_alert(*alert, role),
        (HandshakeErrorKind::CertificateRequired, Role::Server) => {
            "without --require-client-cert a client may do without a certificate"
        }
        (HandshakeErrorKind::SecureRenegotiationMissing, Role::Client) => {
            "the server is open to the renegotiation attack (RFC 5746)"
        }
        (HandshakeErrorKind::NoSharedCertificateType, Role::Client) => {
            "--ca FILE takes certificates, --trust-key FILE raw public keys"
        }
        (HandshakeErrorKind::NoSharedCertificateType, Role::Server) => {
            "--cert FILE shows a certificate, --raw-key FILE a raw public key; --client-ca and --trust-key say which to take"
        }
        (HandshakeErrorKind::NoSharedApplicationProtocol, Role::Server) => {
            "--alpn names the protocols; without it the client's are ignored"
        }
        (HandshakeErrorKind::NoSharedCipherSuite, Role::Server) => {
            "`cairn suites` lists what can be spoken; an RSA key serves the suites with RSA in their name, every other key those with ECDSA"
        }
        (HandshakeErrorKind::NoSharedField, Role::Server) => {
            "--groups names the fields to choose from; a client that knows RFC 7919 takes no other than it names"
        }
        (HandshakeErrorKind::VersionNotSupported { .. }, _) => "Cairn speaks TLS 1.2 and no other version",
        _ => return None,
    })
}

fn of_alert(alert: AlertDescription, role: Role) -> Option<&'static str> {
    Some(match (alert, role) {
        (AlertDescription::HANDSHAKE_FAILURE, Role::Client) => {
            "the server found nothing in common (--suites, --groups), or wants a certificate (--cert, --key)"
        }
        (AlertDescription::PROTOCOL_VERSION, _) => "Cairn speaks TLS 1.2 and no other version",
        (AlertDescription::NO_APPLICATION_PROTOCOL, Role::Client) => "--alpn names the protocols to offer",
        (AlertDescription::UNRECOGNIZED_NAME, Role::Client) => {
            "--name NAME says under which name the server is meant"
        }
        (
            AlertDescription::UNKNOWN_CA
            | AlertDescription::BAD_CERTIFICATE
            | AlertDescription::UNSUPPORTED_CERTIFICATE
            | AlertDescription::CERTIFICATE_EXPIRED
            | AlertDescription::CERTIFICATE_UNKNOWN
            | AlertDescription::CERTIFICATE_REVOKED,
            Role::Client,
        ) => "the server does not accept the certificate of --cert",
        (AlertDescription::UNKNOWN_CA, Role::Server) => {
            "the client does not know who issued the certificate of --cert"
        }
        (
            AlertDescription::BAD_CERTIFICATE
            | AlertDescription::UNSUPPORTED_CERTIFICATE
            | AlertDescription::CERTIFICATE_EXPIRED
            | AlertDescription::CERTIFICATE_UNKNOWN
            | AlertDescription::CERTIFICATE_REVOKED,
            Role::Server,
        ) => "the client does not accept the certificate of --cert",
        (AlertDescription::BAD_CERTIFICATE_STATUS_RESPONSE, Role::Server) => {
            "the client does not accept the OCSP response of --ocsp, or misses one"
        }
        _ => return None,
    })
}
