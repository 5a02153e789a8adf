//! Errors of configurations.

use cairn_crypto::CryptoError;
use cairn_handshake::PolicyError;
use cairn_schedule::ScheduleError;
use cairn_wire::{CipherSuite, DecodeError};
use cairn_x509::{
    CertificateError, OcspError, credential::CredentialError, pem::PemError, trust::TrustError,
};
use core::fmt;

/// The reason why a configuration is not valid.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConfigError {
    /// A client has no trust anchors and no other way to authenticate servers.
    NoTrust,
    /// Roots were given, but another setting disables the verification against them.
    TwoKindsOfTrust,
    /// A server has no credential.
    NoCredential,
    /// Credentials were given, but the caller is to choose them.
    CredentialsNeverUsed,
    /// The caller is to verify client certificates, but none are requested.
    ClientsNotAsked,
    /// Client certificates are to be requested after the handshake of TLS 1.3, which the versions do not
    /// include.
    LaterWithoutTls13,
    /// Client certificates are requested, but no trust anchors were given.
    NoClientTrust,
    /// There is no clock. Without `std`, one must be given.
    NoClock,
    /// An unknown cipher suite.
    UnknownSuite(CipherSuite),
    /// The suite needs the cargo feature `legacy`, which this build does not have.
    SuiteNeedsLegacy(CipherSuite),
    /// A PSK suite was set without a pre-shared key.
    NoPsk(CipherSuite),
    /// A pre-shared key is empty, or it or its identity is longer than 65,535 bytes (RFC 4279 section 2).
    PskLength {
        /// Length of the identity in bytes.
        identity: usize,
        /// Length of the key in bytes.
        key: usize,
    },
    /// An external PSK of TLS 1.3 cannot be used, or not imported.
    ExternalPsk(ScheduleError),
    /// A pre-shared key that is used directly in TLS 1.3 has another use: another hash, an import (RFC 9258),
    /// or TLS 1.2.
    PskReused,
    /// The replay window is shorter than the time in which a hello with early data is fresh.
    ReplayWindowTooShort,
    /// External PSKs are given, and client certificates are required. A handshake with a PSK requests no
    /// certificate.
    PsksWithoutCertificates,
    /// External PSKs are given, but the caller is to answer [`cairn_handshake::Question::ChoosePsk`].
    ExternalPsksNeverUsed,
    /// Tickets are to be issued, but the provider lacks a primitive that seals them.
    TicketsUnsupported,
    /// None of the cipher suites can be used with any of the credentials, because of the kind of their keys
    /// or the key usage of their certificates.
    NoSuiteForCredentials,
    /// A PEM or DER file cannot be parsed.
    Pem(PemError),
    /// A trusted certificate cannot be used.
    Trust(TrustError),
    /// A private key cannot be used.
    Key(CryptoError),
    /// The provider has failed.
    Crypto(CryptoError),
    /// A certificate cannot be parsed.
    Certificate(CertificateError),
    /// A private key and a certificate do not belong together.
    Credential(CredentialError),
    /// All raw public keys are to be accepted, but neither the caller verifies them nor are they listed.
    RawKeysUnchecked,
    /// OCSP responses are required, but certificates are not verified here, or raw public keys, which have no
    /// OCSP responses, are accepted.
    StaplingUnchecked,
    /// CRLs were given, but certificates are not verified here.
    CrlsUnchecked,
    /// A delegated credential is malformed (RFC 9345 section 4).
    DelegatedCredential(DecodeError),
    /// The private key is not that of the delegated credential.
    DelegatedKeyMismatch,
    /// An OCSP response to staple is not usable.
    Ocsp(OcspError),
    /// A signed certificate timestamp is empty, or together they are longer than a message can hold (RFC 6962
    /// section 3.3).
    TimestampLength {
        /// The total length in bytes, with two more bytes for each.
        length: usize,
    },
    /// A certificate chain is longer than a message can hold.
    ChainTooLong,
    /// The private key belongs to a certificate of the chain that is not the first (RFC 5246 section 7.4.2:
    /// "The sender's certificate MUST come first in the list").
    EndEntityNotFirst {
        /// The index of the certificate that it belongs to, from 0.
        place: usize,
    },
    /// A certificate of the chain does not certify the one before it (RFC 5246 section 7.4.2).
    ChainOutOfOrder {
        /// The index of the certified certificate, from 0 (the end-entity certificate).
        place: usize,
    },
    /// QUIC needs TLS 1.3, which the configuration does not include.
    QuicWithoutTls13,
    /// QUIC needs an application protocol, and the configuration has none.
    QuicWithoutProtocol,
    /// QUIC has no header protection for this suite.
    SuiteNotForQuic(CipherSuite),
    /// The policy is inconsistent, or the provider does not support it.
    Policy(PolicyError),
}

/// The builder methods that set roots, as far as this build has them.
const TRUST_METHODS: &str =
    if cfg!(feature = "platform-roots") { "trust_pem, trust_platform, trust" } else { "trust_pem, trust" };

/// A row of the table of errors.
struct Row<'a> {
    /// The RFC section that the configuration violates, if it violates one.
    section: Option<&'static str>,
    /// The message, without the section.
    message: fmt::Arguments<'a>,
}

impl ConfigError {
    /// The RFC section that the configuration violates, or `None` if it does not violate an RFC.
    #[must_use]
    pub fn section(&self) -> Option<&'static str> {
        match self {
            Self::Policy(error) => error.section(),
            _ => self.row(|row| row.section),
        }
    }

    /// The table. Each kind has one row, which is passed to `read`. Methods of the builders are in
    /// parentheses.
    #[rustfmt::skip]
    fn row<R>(&self, read: impl FnOnce(Row<'_>) -> R) -> R {
        let row = |section, message: fmt::Arguments<'_>| read(Row { section, message });
        match self {
            // Trust.
            Self::NoTrust => row(None,
                format_args!("a client needs trust anchors: add roots ({TRUST_METHODS}) or verify \
                  chains yourself (ask_for_verification)")),
            Self::TwoKindsOfTrust => row(None,
                format_args!("roots are given, but chains are not verified against them: either add \
                  roots ({TRUST_METHODS}), or verify chains yourself (ask_for_verification), or \
                  accept any (danger_accept_any_certificate)")),
            Self::ClientsNotAsked => row(None,
                format_args!("client certificates are to be verified (ask_for_client_verification), \
                  but none is requested")),
            Self::LaterWithoutTls13 => row(Some("RFC 9846 section 4.7.2"),
                format_args!("client certificates are to be requested after the handshake, which only \
                  TLS 1.3 permits: choose it (versions)")),
            Self::NoClientTrust => row(None,
                format_args!("client certificates are requested, but no trust anchor is given \
                  (require_client_certificates or request_client_certificates with roots, or \
                  trust_client_raw_public_key)")),
            Self::RawKeysUnchecked => row(None,
                format_args!("raw public keys are to be accepted, but the caller does not verify \
                  them: add trusted ones instead (trust_raw_public_key)")),
            Self::StaplingUnchecked => row(None,
                format_args!("OCSP responses are required (stapling), but certificates are not \
                  verified against roots, or raw public keys are trusted, which have no OCSP \
                  responses: require responses where the certificates are verified")),
            Self::CrlsUnchecked => row(None,
                format_args!("CRLs are given, but certificates are not verified against roots: add \
                  roots too, or check the CRLs yourself")),
            Self::Trust(error) => row(None, format_args!("trusted certificates: {error}")),

            // Credentials.
            Self::NoCredential => row(None,
                format_args!("a server needs a certificate and its key (credential_pem, credential), \
                  or a caller that chooses one (ask_for_credentials)")),
            Self::CredentialsNeverUsed => row(None,
                format_args!("certificates are given, but the caller is to choose them \
                  (ask_for_credentials): pass them with the answers instead")),
            Self::NoSuiteForCredentials => row(None,
                format_args!("no cipher suite can be used with the keys of the given certificates")),
            Self::Pem(error) => row(None, format_args!("certificate or key file: {error}")),
            Self::Key(error) => row(None, format_args!("private key: {error}")),
            Self::Certificate(error) => row(None, format_args!("certificate chain: {error}")),
            Self::Credential(error) => row(None, format_args!("{error}")),
            Self::DelegatedCredential(error) => row(Some("RFC 9345 section 4"),
                format_args!("delegated credential: {error}")),
            Self::DelegatedKeyMismatch => row(None,
                format_args!("the private key does not belong to the delegated credential")),
            Self::Ocsp(error) => row(None, format_args!("OCSP response to staple: {error}")),
            Self::TimestampLength { length } => row(Some("RFC 6962 section 3.3"),
                format_args!("the signed certificate timestamps have {length} bytes, expected at \
                  most 65535, and none empty")),
            Self::ChainTooLong => row(Some("RFC 5246 section 7.4.2"),
                format_args!("the certificate chain is longer than a Certificate message can hold")),
            Self::EndEntityNotFirst { place } => row(Some("RFC 5246 section 7.4.2"),
                format_args!("certificate chain: the order is wrong: the private key belongs to \
                  certificate {}, which must be the first", place.saturating_add(1))),
            Self::ChainOutOfOrder { place } => row(Some("RFC 5246 section 7.4.2"),
                format_args!("certificate chain: certificate {} is not the issuer of certificate \
                  {place}: the end-entity certificate comes first, followed by the issuer of each",
                    place.saturating_add(1))),

            // Suites and pre-shared keys.
            Self::UnknownSuite(suite) => row(None, format_args!("unknown cipher suite {suite}")),
            Self::SuiteNeedsLegacy(suite) => row(None,
                format_args!("{suite} needs the cargo feature `legacy` of cairn-config, which this \
                  build does not have")),
            Self::NoPsk(suite) => row(Some("RFC 4279 section 2"),
                format_args!("{suite} needs a pre-shared key, but none is given (psk, \
                  ask_for_psks)")),
            Self::PskLength { identity, key } => row(Some("RFC 4279 section 2"),
                format_args!("a pre-shared key has {key} bytes and its identity {identity}, \
                  expected 1 to 65535 and 0 to 65535")),
            Self::ExternalPsk(error) => row(error.section(),
                format_args!("external PSK: {}", error.message())),
            Self::PskReused => row(Some("RFC 9846 appendix F.7"),
                format_args!("a pre-shared key is used directly in TLS 1.3 (external_psk), and also \
                  with another hash, imported, or in TLS 1.2: use a key of its own, or import it \
                  for TLS 1.3 (imported_psk)")),
            Self::ReplayWindowTooShort => row(Some("RFC 9846 section 8.2"),
                format_args!("the replay window is shorter than twice the window of the early data \
                  policy, so that a hello could be accepted twice: make it longer (replay_window)")),
            Self::PsksWithoutCertificates => row(Some("RFC 9846 section 4.4.2"),
                format_args!("client certificates are required, but no certificate is requested in \
                  handshakes with external PSKs alone: request them instead \
                  (request_client_certificates), use both (external_psks_with_certificates), or add \
                  no such PSK (external_psk, imported_psk)")),
            Self::ExternalPsksNeverUsed => row(None,
                format_args!("external PSKs are given, but the caller is to find sessions or open \
                  tickets (ask_for_sessions, ask_for_tickets): pass them with the answers instead")),

            Self::TicketsUnsupported => row(None,
                format_args!("tickets are to be issued (tickets), but the provider lacks HMAC-SHA-256, \
                  or AES-256-GCM and ChaCha20-Poly1305: let the caller seal them (ask_for_tickets)")),

            // QUIC.
            Self::QuicWithoutTls13 => row(Some("RFC 9001 section 4.2"),
                format_args!("QUIC needs TLS 1.3, which the configuration does not include: choose it \
                  (versions)")),
            Self::QuicWithoutProtocol => row(Some("RFC 9001 section 8.1"),
                format_args!("QUIC needs an application protocol, and the configuration has none: add \
                  those of the application (alpn)")),
            Self::SuiteNotForQuic(suite) => row(Some("RFC 9001 section 5.3"),
                format_args!("{suite} cannot be used with QUIC: leave it out (suites)")),

            // The rest. A policy's error has its section in its message.
            Self::Policy(error) => row(None, format_args!("{error}")),
            Self::NoClock => row(None,
                format_args!("without std, the configuration needs a clock (clock)")),
            Self::Crypto(error) => row(None, format_args!("cryptography: {error}")),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.row(|row| {
            f.write_fmt(row.message)?;
            match row.section {
                Some(section) => write!(f, " ({section})"),
                None => Ok(()),
            }
        })
    }
}

impl core::error::Error for ConfigError {}

impl From<CertificateError> for ConfigError {
    fn from(error: CertificateError) -> Self {
        Self::Certificate(error)
    }
}

impl From<PemError> for ConfigError {
    fn from(error: PemError) -> Self {
        Self::Pem(error)
    }
}

impl From<TrustError> for ConfigError {
    fn from(error: TrustError) -> Self {
        Self::Trust(error)
    }
}

impl From<CredentialError> for ConfigError {
    fn from(error: CredentialError) -> Self {
        Self::Credential(error)
    }
}

impl From<PolicyError> for ConfigError {
    fn from(error: PolicyError) -> Self {
        Self::Policy(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{string::ToString, vec::Vec};

    /// The files that define the builders' methods.
    const SOURCES: [&str; 9] = [
        include_str!("shared.rs"),
        include_str!("client/trust.rs"),
        include_str!("client/credentials.rs"),
        include_str!("client/protocol.rs"),
        include_str!("client/sessions.rs"),
        include_str!("server/trust.rs"),
        include_str!("server/credentials.rs"),
        include_str!("server/protocol.rs"),
        include_str!("server/sessions.rs"),
    ];

    /// Whether the builders of this build have a method of this name.
    fn is_method(name: &str) -> bool {
        let named = |line: &str| {
            let line = line.trim_start();
            let rest = line.strip_prefix("pub fn ").or_else(|| line.strip_prefix("pub const fn "));
            rest.and_then(|rest| rest.strip_prefix(name)).is_some_and(|rest| rest.starts_with(['(', '<']))
        };
        SOURCES.iter().any(|source| {
            let mut attribute = "";
            source.lines().any(|line| {
                let here = named(line)
                    && (cfg!(feature = "platform-roots") || !attribute.contains("platform-roots"))
                    && (cfg!(feature = "std") || !attribute.contains("std"));
                attribute = line;
                here
            })
        })
    }

    #[test]
    fn errors_name_methods_that_this_build_has() {
        let suite = CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256;
        let mut count = 0;
        for error in [
            ConfigError::NoTrust,
            ConfigError::TwoKindsOfTrust,
            ConfigError::NoCredential,
            ConfigError::CredentialsNeverUsed,
            ConfigError::ClientsNotAsked,
            ConfigError::LaterWithoutTls13,
            ConfigError::NoClientTrust,
            ConfigError::NoClock,
            ConfigError::NoPsk(suite),
            ConfigError::RawKeysUnchecked,
            ConfigError::StaplingUnchecked,
            ConfigError::PskReused,
            ConfigError::PsksWithoutCertificates,
            ConfigError::ExternalPsksNeverUsed,
            ConfigError::ReplayWindowTooShort,
            ConfigError::TicketsUnsupported,
        ] {
            let words = error.to_string();
            // Method names are in parentheses, and have an underscore or stand alone.
            for inside in words.split('(').skip(1).filter_map(|part| part.split(')').next()) {
                let names: Vec<&str> = inside.split([',', ' ']).filter(|word| !word.is_empty()).collect();
                for name in &names {
                    if name.contains('_') || names.len() == 1 {
                        assert!(is_method(name), "{name}, in {words:?}");
                        count += 1;
                    }
                }
            }
        }
        assert!(count > 15, "only {count} names were found");
        assert!(!is_method("client_authentication"));
        assert_eq!(is_method("trust_platform"), cfg!(feature = "platform-roots"));
    }

    #[test]
    fn error_message_has_its_section_once() {
        let suite = CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256;
        for error in [
            ConfigError::NoPsk(suite),
            ConfigError::PskLength { identity: 0, key: 0 },
            ConfigError::ExternalPsk(ScheduleError::PskIdentityLength { length: 0 }),
            ConfigError::PskReused,
            ConfigError::PsksWithoutCertificates,
            ConfigError::TimestampLength { length: 0 },
            ConfigError::ChainTooLong,
            ConfigError::EndEntityNotFirst { place: 1 },
            ConfigError::ChainOutOfOrder { place: 1 },
            ConfigError::Policy(PolicyError::NoSuites),
        ] {
            let section = error.section().unwrap();
            let words = error.to_string();
            assert!(words.ends_with(&alloc::format!(" ({section})")), "{words}");
            assert_eq!(words.matches("RFC ").count(), 1, "{words}");
        }
        assert_eq!(ConfigError::NoTrust.section(), None);
    }
}
