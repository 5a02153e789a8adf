//! Errors of the setup. Later faults of the store are counted, and not reported.

use cairn_tokio::tls::crypto::CryptoError;
use core::fmt;

/// A [`RedisSessions`](crate::RedisSessions) could not be created.
#[derive(Debug)]
#[non_exhaustive]
pub enum SetupError {
    /// The root key does not have 32 bytes.
    RootKeyLength {
        /// Its length in bytes.
        length: usize,
    },
    /// The root key is all zero.
    ZeroRootKey,
    /// Keys would rotate too often: more than 16 times in the lifetime of a session, or always.
    RotationTooShort,
    /// It was created outside of a tokio runtime. A task in the runtime writes the sessions.
    NoRuntime,
    /// The provider lacks HMAC-SHA-256 or both AEADs, or fails.
    Crypto(CryptoError),
    /// TLS to the store needs the address of a host, as in `redis://host:port/`.
    NoHost,
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RootKeyLength { length } => write!(f, "the root key has {length} bytes instead of 32"),
            Self::ZeroRootKey => f.write_str("the root key is all zero"),
            Self::RotationTooShort => {
                f.write_str("keys would rotate more than 16 times in the lifetime of a session")
            }
            Self::NoRuntime => f.write_str("the sessions must be created in a tokio runtime"),
            Self::Crypto(error) => error.fmt(f),
            Self::NoHost => f.write_str("TLS to the store needs the address of a host: redis://host:port/"),
        }
    }
}

impl core::error::Error for SetupError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Crypto(error) => Some(error),
            _ => None,
        }
    }
}

impl From<CryptoError> for SetupError {
    fn from(error: CryptoError) -> Self {
        Self::Crypto(error)
    }
}
