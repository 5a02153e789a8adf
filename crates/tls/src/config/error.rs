//! What a configuration cannot be.

use cairn_crypto::CryptoError;
use cairn_handshake::PolicyError;
use cairn_wire::CipherSuite;
use cairn_x509::{
    CertificateError, OcspError, credential::CredentialError, pem::PemError, trust::TrustError,
};
use core::fmt;

/// Why a configuration cannot work.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConfigError {
    /// A client that trusts nobody could talk to nobody.
    NoTrust,
    /// Roots are named, and yet chains are not to be checked against them.
    TwoKindsOfTrust,
    /// A server without a credential could answer nobody.
    NoCredential,
    /// Credentials are given, and yet the caller is to be asked for them.
    CredentialsNeverUsed,
    /// The caller is to check the certificates of clients, but no client is asked for one.
    ClientsNotAsked,
    /// Clients are asked for certificates, but nobody is named who could have issued them.
    NoClientTrust,
    /// There is no clock: without `std` one must be given.
    NoClock,
    /// A suite that this stack does not know.
    UnknownSuite(CipherSuite),
    /// A suite is named that needs the cargo feature `legacy`, which this build does not have.
    SuiteNeedsLegacy(CipherSuite),
    /// A suite with a pre-shared key is named, and there is no such key.
    NoPsk(CipherSuite),
    /// A pre-shared key is empty, or it or its identity is longer than 65,535 bytes (RFC 4279 section 2).
    PskLength {
        /// Length of the identity in bytes.
        identity: usize,
        /// Length of the key in bytes.
        key: usize,
    },
    /// None of the suites can be served with any of the credentials: their keys are of another kind, or their
    /// certificates say that they are for something else.
    NoSuiteForCredentials,
    /// A PEM or DER file cannot be read.
    Pem(PemError),
    /// A trusted certificate cannot be used.
    Trust(TrustError),
    /// A private key cannot be used.
    Key(CryptoError),
    /// The provider has no randomness.
    Crypto(CryptoError),
    /// A certificate cannot be read.
    Certificate(CertificateError),
    /// A private key and a certificate do not belong together.
    Credential(CredentialError),
    /// Any raw public key is to be taken, and nobody named who judges it.
    RawKeysUnchecked,
    /// OCSP responses are required of servers whose certificates are not checked here.
    StaplingUnchecked,
    /// An OCSP response to staple cannot be used.
    Ocsp(OcspError),
    /// A signed certificate timestamp is empty, or all of them are longer than a message can hold (RFC 6962 section 3.3).
    TimestampLength {
        /// Length of all of them in bytes, each with two more.
        length: usize,
    },
    /// A certificate chain is longer than a message can hold.
    ChainTooLong,
    /// The private key belongs to a certificate of the chain that is not the first (RFC 5246 section 7.4.2: "The sender's
    /// certificate MUST come first in the list").
    EndEntityNotFirst {
        /// Which it belongs to, counted from 0.
        place: usize,
    },
    /// A certificate of the chain does not certify the one before it (RFC 5246 section 7.4.2).
    ChainOutOfOrder {
        /// Which, counted from 0: the end entity's, which comes first.
        place: usize,
    },
    /// The policy contradicts itself or its provider.
    Policy(PolicyError),
}

/// The methods of a client's builder that name roots, as far as this build has them.
const TRUST_METHODS: &str =
    if cfg!(feature = "platform-roots") { "trust_pem, trust_platform, trust" } else { "trust_pem, trust" };

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTrust => write!(
                f,
                "a client must trust somebody: name roots ({TRUST_METHODS}) or check chains yourself (ask_for_verification)"
            ),
            Self::TwoKindsOfTrust => write!(
                f,
                "roots are named, but chains are not to be checked against them: either name roots ({TRUST_METHODS}), or check chains yourself (ask_for_verification), or accept any (danger_accept_any_certificate)"
            ),
            Self::CredentialsNeverUsed => f.write_str(
                "certificates are given, but the choice is asked for (ask_for_credentials): give them in the answers instead",
            ),
            Self::ClientsNotAsked => f.write_str(
                "client certificates are to be checked (ask_for_client_verification), but no client is asked for one",
            ),
            Self::NoCredential => f.write_str(
                "a server needs a certificate and its key (credential_pem, credential) or somebody to choose one (ask_for_credentials)",
            ),
            Self::NoClientTrust => f.write_str(
                "client certificates are asked for, but no authority is named that could have issued them (require_client_certificates or request_client_certificates with roots, or trust_client_raw_public_key)",
            ),
            Self::NoClock => f.write_str("without std a clock must be given (clock)"),
            Self::UnknownSuite(suite) => write!(f, "{suite} is not a suite that this stack knows"),
            Self::SuiteNeedsLegacy(suite) => write!(
                f,
                "{suite} needs the cargo feature `legacy` of cairn-tls, which this build does not have"
            ),
            Self::NoPsk(suite) => {
                write!(f, "{suite} needs a pre-shared key, and none is given (psk, ask_for_psks)")
            }
            Self::PskLength { identity, key } => write!(
                f,
                "a pre-shared key has {key} bytes and its identity {identity}: 1 to 65535 and 0 to 65535 are allowed"
            ),
            Self::NoSuiteForCredentials => {
                f.write_str("none of the suites can be served with a key of the certificates given")
            }
            Self::Pem(error) => write!(f, "certificate or key file: {error}"),
            Self::Trust(error) => write!(f, "trusted certificates: {error}"),
            Self::Key(error) => write!(f, "private key: {error}"),
            Self::Crypto(error) => write!(f, "cryptography: {error}"),
            Self::Certificate(error) => write!(f, "certificate chain: {error}"),
            Self::Credential(error) => error.fmt(f),
            Self::RawKeysUnchecked => f.write_str(
                "raw public keys are to be taken, but they are not checked by the caller: name those that are trusted instead (trust_raw_public_key)",
            ),
            Self::StaplingUnchecked => f.write_str(
                "OCSP responses are required (stapling), but certificates are not checked against roots here: whoever checks them has to require it",
            ),
            Self::Ocsp(error) => write!(f, "OCSP response to staple: {error}"),
            Self::TimestampLength { length } => write!(
                f,
                "the signed certificate timestamps have {length} bytes: none may be empty, and 65535 is the most"
            ),
            Self::ChainTooLong => f.write_str("the certificate chain is longer than a Certificate message can hold"),
            Self::EndEntityNotFirst { place } => write!(
                f,
                "certificate chain: the order is wrong: the private key belongs to certificate {}, which must be the first",
                place.saturating_add(1)
            ),
            Self::ChainOutOfOrder { place } => write!(
                f,
                "certificate chain: certificate {} is not the issuer of certificate {place}: the server's or client's own comes first, and behind each its issuer",
                place.saturating_add(1)
            ),
            Self::Policy(error) => error.fmt(f),
        }
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

    /// Where the builders' methods are defined.
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

    /// Whether this build's builders have a method of this name.
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
            ConfigError::NoClientTrust,
            ConfigError::NoClock,
            ConfigError::NoPsk(suite),
            ConfigError::RawKeysUnchecked,
            ConfigError::StaplingUnchecked,
        ] {
            let words = error.to_string();
            // Names stand in parentheses, and have an underscore or are alone there.
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
}
