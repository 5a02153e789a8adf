//! Errors of configurations.

use cairn_quic::{ConfigError, ProtectionError, crypto::CryptoError};
use core::fmt;

/// A configuration that cannot be used with quinn.
#[derive(Debug)]
#[non_exhaustive]
pub enum SetupError {
    /// The configuration cannot be used with QUIC.
    Config(ConfigError),
    /// The configuration leaves questions to its caller, by these methods of its builder. quinn cannot wait
    /// for answers.
    Asks(Vec<&'static str>),
    /// The provider lacks an algorithm of Initial packets.
    Protection(ProtectionError),
    /// The provider lacks an algorithm of tokens, or fails.
    Crypto(CryptoError),
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => error.fmt(f),
            Self::Asks(settings) => write!(
                f,
                "quinn cannot wait for the answers of the caller, which these settings require: {}. Leave \
                 them out, or use cairn-quic with a transport that can wait",
                settings.join(", ")
            ),
            Self::Protection(error) => error.fmt(f),
            Self::Crypto(error) => write!(f, "cryptography: {error}"),
        }
    }
}

impl core::error::Error for SetupError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Config(error) => Some(error),
            Self::Protection(error) => Some(error),
            Self::Crypto(error) => Some(error),
            Self::Asks(_) => None,
        }
    }
}

impl From<ConfigError> for SetupError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<ProtectionError> for SetupError {
    fn from(error: ProtectionError) -> Self {
        Self::Protection(error)
    }
}

impl From<CryptoError> for SetupError {
    fn from(error: CryptoError) -> Self {
        Self::Crypto(error)
    }
}
