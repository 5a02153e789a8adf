//! The errors of delegated credentials.

use crate::time::Time;
use cairn_crypto::KeyKind;
use cairn_wire::SignatureScheme;
use core::fmt;

/// The reason why a delegated credential is not valid (RFC 9345 section 4.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DelegationError {
    /// The credential has expired.
    Expired {
        /// The last second of its validity, since 1970.
        until: u64,
        /// The time of the check, in seconds since 1970.
        now: u64,
    },
    /// The credential remains valid for longer than
    /// [`MAX_VALIDITY`](crate::delegated_credential::MAX_VALIDITY).
    ValidTooLong {
        /// The last second of its validity, since 1970.
        until: u64,
        /// The time of the check, in seconds since 1970.
        now: u64,
    },
    /// The `notBefore` of the certificate is not after the start of 1970, so that the expiry of the
    /// credential cannot be computed.
    BadNotBefore,
    /// `dc_cert_verify_algorithm` is not allowed for delegated credentials.
    SchemeNotAllowed(SignatureScheme),
    /// The credential's public key is malformed, of a kind that is not supported, or too weak.
    BadPublicKey,
    /// `dc_cert_verify_algorithm` does not fit the credential's public key.
    SchemeNotForKey(SignatureScheme, KeyKind),
    /// The certificate has no DelegationUsage extension, so it does not permit delegation.
    NoDelegationUsage,
    /// The certificate has no key usage extension with digitalSignature.
    NoDigitalSignature,
    /// `algorithm` does not fit the certificate's key, or is for signatures in certificates only.
    AlgorithmNotForKey(SignatureScheme, KeyKind),
    /// The algorithm of the signature, or of the certificate's key, is missing from the provider.
    UnsupportedAlgorithm,
    /// The signature does not verify under the certificate's key: with this certificate, in this role.
    BadSignature,
}

impl DelegationError {
    /// The RFC section that the credential violates.
    #[must_use]
    pub fn section(&self) -> &'static str {
        self.row(|section, _| section)
    }

    /// The table: the section and the message of each kind, which are passed to `read`. The alert is always
    /// illegal_parameter (RFC 9345 section 4.1.3).
    #[rustfmt::skip]
    fn row<R>(&self, read: impl FnOnce(&'static str, fmt::Arguments<'_>) -> R) -> R {
        match self {
            Self::Expired { until, now } => read("RFC 9345 section 4.1.3",
                format_args!("the delegated credential expired at {} (it is now {})",
                  Time(*until), Time(*now))),
            Self::ValidTooLong { until, now } => read("RFC 9345 section 4.1.3",
                format_args!("the delegated credential is valid until {}, for more than 7 days \
                  (it is now {})", Time(*until), Time(*now))),
            Self::BadNotBefore => read("RFC 9345 section 4",
                format_args!("the certificate of the delegated credential is valid from 1970 or \
                  before")),
            Self::SchemeNotAllowed(scheme) => read("RFC 9345 section 4",
                format_args!("{scheme} is not allowed for delegated credentials")),
            Self::BadPublicKey => read("RFC 9345 section 4",
                format_args!("the public key of the delegated credential cannot be used")),
            Self::SchemeNotForKey(scheme, kind) => read("RFC 9345 section 4",
                format_args!("the delegated credential is for {scheme}, which does not fit its key \
                  of kind {kind}")),
            Self::NoDelegationUsage => read("RFC 9345 section 4.2",
                format_args!("the certificate does not permit delegated credentials: it has no \
                  DelegationUsage")),
            Self::NoDigitalSignature => read("RFC 9345 section 4.2",
                format_args!("the certificate does not permit delegated credentials: its key \
                  usage does not state digitalSignature")),
            Self::AlgorithmNotForKey(scheme, kind) => read("RFC 9345 section 4.1.3",
                format_args!("the delegated credential is signed with {scheme}, which a \
                  certificate's key of kind {kind} must not use for it")),
            Self::UnsupportedAlgorithm => read("RFC 9345 section 4.1.3",
                format_args!("the delegated credential is signed with an algorithm that is not \
                  supported")),
            Self::BadSignature => read("RFC 9345 section 4.1.3",
                format_args!("the signature of the delegated credential does not verify")),
        }
    }
}

/// Prints the message, without the section.
impl fmt::Display for DelegationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.row(|_, message| f.write_fmt(message))
    }
}

impl core::error::Error for DelegationError {}
