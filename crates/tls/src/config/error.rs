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
    /// Clients are known by certificates, and their sessions are kept where another configuration, with other roots,
    /// may find them: only a context keeps them apart.
    NoContextId,
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
    /// A certificate of the chain does not certify the one before it (RFC 5246 section 7.4.2).
    ChainOutOfOrder {
        /// Which, counted from 0: the end entity's, which comes first.
        place: usize,
    },
    /// The policy contradicts itself or its provider.
    Policy(PolicyError),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTrust => f.write_str(
                "a client must trust somebody: name roots (trust_pem, trust_platform, trust) or check chains yourself (ask_for_verification)",
            ),
            Self::TwoKindsOfTrust => f.write_str(
                "roots are named, but chains are not to be checked against them: either name roots (trust_pem, trust_platform, trust), or check chains yourself (ask_for_verification), or accept any (danger_accept_any_certificate)",
            ),
            Self::CredentialsNeverUsed => f.write_str(
                "certificates are given, but the choice is asked for (ask_for_credentials): give them in the answers instead",
            ),
            Self::ClientsNotAsked => f.write_str(
                "client certificates are to be checked (ask_for_client_verification), but no client is asked for one",
            ),
            Self::NoContextId => f.write_str(
                "clients are known by certificates, and their sessions are kept in a store, or in tickets, that others may share: name the context (context_id), so that no other configuration lets them in unchecked",
            ),
            Self::NoCredential => f.write_str(
                "a server needs a certificate and its key (credential_pem, credential) or somebody to choose one (ask_for_credentials)",
            ),
            Self::NoClientTrust => f.write_str(
                "client certificates are asked for, but no authority is named that could have issued them (client_authentication with roots)",
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
