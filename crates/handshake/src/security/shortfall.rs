//! The authentication of a peer, and shortfalls of a connection below the minimum of a policy.

use super::strength::Part;
use cairn_wire::CipherSuite;
use core::fmt;

/// The means by which a peer was authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PeerProof {
    /// Not authenticated.
    None,
    /// It has the private key of a certificate that was not verified.
    Unchecked,
    /// It has the private key of a verified certificate.
    Certificate,
    /// It has the private key of a delegated credential that the key of a verified certificate has signed
    /// (RFC 9345).
    DelegatedCredential,
    /// It has the private key of a trusted raw public key (RFC 7250).
    RawPublicKey,
    /// It has the pre-shared key (RFC 4279).
    Psk,
}

impl PeerProof {
    /// Whether the identity of the peer is known.
    #[must_use]
    pub const fn is_authenticated(self) -> bool {
        matches!(self, Self::Certificate | Self::DelegatedCredential | Self::RawPublicKey | Self::Psk)
    }
}

impl fmt::Display for PeerProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "not authenticated",
            Self::Unchecked => "not authenticated: its certificate was not checked",
            Self::Certificate => "authenticated by certificate",
            Self::DelegatedCredential => "authenticated by delegated credential",
            Self::RawPublicKey => "authenticated by raw public key",
            Self::Psk => "authenticated by pre-shared key",
        })
    }
}

/// The requirement of the [`Floor`](crate::Floor) that a connection does not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shortfall {
    /// The peer is not authenticated.
    PeerNotAuthenticated {
        /// The means by which it was authenticated.
        got: PeerProof,
    },
    /// The key exchange has no forward secrecy.
    NoForwardSecrecy {
        /// The suite.
        suite: CipherSuite,
    },
    /// The external PSK is too short.
    PskTooShort {
        /// The required length in bits.
        expected: u16,
        /// Its length in bits.
        got: u16,
    },
    /// The strength is too low.
    TooWeak {
        /// The required strength in bits.
        expected: u16,
        /// The strength of the weakest part in bits.
        got: u16,
        /// The weakest part.
        part: Part,
    },
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PeerNotAuthenticated { got } => {
                write!(f, "the peer must be authenticated, but is {got}")
            }
            Self::NoForwardSecrecy { suite } => {
                write!(f, "forward secrecy is required, but {suite} has none")
            }
            Self::PskTooShort { expected, got } => {
                write!(f, "an external PSK must have at least {expected} bits, but it has {got}")
            }
            Self::TooWeak { expected, got, part } => {
                write!(f, "at least {expected} bits of strength are required, but {} has {got}", part.name())
            }
        }
    }
}
