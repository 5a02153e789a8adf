//! What a configuration cannot be.

use cairn_crypto::CryptoError;
use cairn_handshake::PolicyError;
use cairn_wire::CipherSuite;
use cairn_x509::{CertificateError, credential::CredentialError, pem::PemError, trust::TrustError};
use core::fmt;

/// Why a configuration cannot work.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConfigError {
    /// A client that trusts nobody could talk to nobody.
    NoTrust,
    /// A server without a credential could answer nobody.
    NoCredential,
    /// Clients are asked for certificates, but nobody is named who could have issued them.
    NoClientTrust,
    /// There is no clock: without `std` one must be given.
    NoClock,
    /// A suite that this stack does not know.
    UnknownSuite(CipherSuite),
    /// None of the suites can be served with any of the credentials.
    NoSuiteForCredentials,
    /// A PEM or DER file cannot be read.
    Pem(PemError),
    /// A trusted certificate cannot be used.
    Trust(TrustError),
    /// A private key cannot be used.
    Key(CryptoError),
    /// A certificate cannot be read.
    Certificate(CertificateError),
    /// A private key and a certificate do not belong together.
    Credential(CredentialError),
    /// A certificate chain is longer than a message can hold.
    ChainTooLong,
    /// The policy contradicts itself or its provider.
    Policy(PolicyError),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTrust => f.write_str(
                "a client must trust somebody: name roots (trust_pem, trust_platform, trust) or check chains yourself (ask_for_verification)",
            ),
            Self::NoCredential => f.write_str(
                "a server needs a certificate and its key (credential_pem, credential) or somebody to choose one (ask_for_credentials)",
            ),
            Self::NoClientTrust => f.write_str(
                "client certificates are asked for, but no authority is named that could have issued them (client_authentication with roots)",
            ),
            Self::NoClock => f.write_str("without std a clock must be given (clock)"),
            Self::UnknownSuite(suite) => write!(f, "{suite} is not a suite that this stack knows"),
            Self::NoSuiteForCredentials => {
                f.write_str("none of the suites can be served with a key of the certificates given")
            }
            Self::Pem(error) => error.fmt(f),
            Self::Trust(error) => error.fmt(f),
            Self::Key(error) => write!(f, "private key: {error}"),
            Self::Certificate(error) => error.fmt(f),
            Self::Credential(error) => error.fmt(f),
            Self::ChainTooLong => f.write_str("the certificate chain is longer than a Certificate message can hold"),
            Self::Policy(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ConfigError {}

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
