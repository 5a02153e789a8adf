//! The table of errors: the alert, the RFC section and the message of each kind.

use super::CertificateError;
use crate::time::Time;
use cairn_wire::AlertDescription as A;
use core::fmt;

/// A row of the table.
struct Row<'a> {
    alert: A,
    /// The section that the certificate violates or that requires the error, if there is one.
    section: Option<&'static str>,
    /// The message, without the section.
    message: fmt::Arguments<'a>,
}

impl CertificateError {
    /// The alert to send (RFC 5246 section 7.2.2).
    #[must_use]
    pub fn alert(&self) -> A {
        self.row(|row| row.alert)
    }

    /// The RFC section that the certificate violates or that requires the error. `None` for limits of our
    /// own.
    #[must_use]
    pub fn section(&self) -> Option<&'static str> {
        self.row(|row| row.section)
    }

    /// The table. Each kind has one row, which is passed to `read`.
    #[rustfmt::skip]
    fn row<R>(&self, read: impl FnOnce(Row<'_>) -> R) -> R {
        let row =
            |alert, section, message: fmt::Arguments<'_>| read(Row { alert, section, message });
        match self {
            // The chain as a whole.
            Self::EmptyChain => row(A::BAD_CERTIFICATE, Some("RFC 5246 section 7.4.2"),
                format_args!("there is no certificate")),
            Self::ChainTooLong { limit, got } => row(A::UNKNOWN_CA, None,
                format_args!("the chain has {got} certificates, and the limit is {limit}")),
            Self::TooComplex => row(A::CERTIFICATE_UNKNOWN, None,
                format_args!("the chain takes too much work to check")),

            // The contents of a certificate.
            Self::BadEncoding => row(A::BAD_CERTIFICATE, Some("RFC 5280 section 4.1"),
                format_args!("a certificate is not well-formed X.509")),
            Self::UnknownCriticalExtension =>
                row(A::UNSUPPORTED_CERTIFICATE, Some("RFC 5280 section 4.2"),
                format_args!("a certificate has a critical extension that is not understood")),
            Self::UnsupportedAlgorithm =>
                row(A::UNSUPPORTED_CERTIFICATE, Some("RFC 5246 section 7.4.2"),
                format_args!("a certificate uses a key or signature algorithm that is not \
                  supported")),
            Self::WeakHash => row(A::BAD_CERTIFICATE, Some("RFC 9846 section 4.5.1.3"),
                format_args!("a certificate is signed with MD5 or SHA-1, which are not secure")),
            Self::KeyTooWeak { bits, minimum } => row(A::BAD_CERTIFICATE, None,
                format_args!("an RSA key of {bits} bits is too weak: the minimum is {minimum}")),
            Self::KeyTooLarge { bits, maximum } => row(A::BAD_CERTIFICATE, None,
                format_args!("an RSA key of {bits} bits is too large: the maximum is {maximum}")),

            // Dates. "A certificate has expired or is not currently valid."
            Self::Expired { not_after, now } =>
                row(A::CERTIFICATE_EXPIRED, Some("RFC 5280 section 6.1.3"),
                format_args!("a certificate expired at {} (it is now {})",
                  Time(*not_after), Time(*now))),
            Self::NotYetValid { not_before, now } =>
                row(A::CERTIFICATE_EXPIRED, Some("RFC 5280 section 6.1.3"),
                format_args!("a certificate is only valid from {} (it is now {})",
                  Time(*not_before), Time(*now))),
            Self::BadValidity => row(A::BAD_CERTIFICATE, Some("RFC 5280 section 4.1.2.5"),
                format_args!("a certificate expires before it becomes valid")),

            // Trust. "The certificate was not accepted because the CA certificate could not be
            // located or couldn't be matched with a known, trusted CA."
            Self::UnknownIssuer => row(A::UNKNOWN_CA, Some("RFC 5280 section 6.1"),
                format_args!("the issuer of the last certificate was not sent and is not trusted")),
            Self::UnknownAuthority => row(A::UNKNOWN_CA, Some("RFC 5280 section 6.1"),
                format_args!("the chain leads to a root that is not trusted")),
            Self::SelfSigned => row(A::UNKNOWN_CA, Some("RFC 5280 section 6.1"),
                format_args!("the certificate is self-signed, and not trusted")),
            Self::OtherAuthorityKey => row(A::UNKNOWN_CA, Some("RFC 5280 section 6.1.3"),
                format_args!("a trusted authority has the issuer's name, but another key than the \
                  one that signed the certificate")),
            Self::BadSignature => row(A::BAD_CERTIFICATE, Some("RFC 5280 section 6.1.3"),
                format_args!("the signature of a certificate does not verify")),
            Self::UnknownKey => row(A::CERTIFICATE_UNKNOWN, Some("RFC 7250 section 6"),
                format_args!("the raw public key is not one of those that are trusted")),

            // Names and purposes.
            Self::NameMismatch => row(A::BAD_CERTIFICATE, Some("RFC 6125 section 6.4"),
                format_args!("the certificate is not for this name")),
            Self::NoNames => row(A::BAD_CERTIFICATE, Some("RFC 6125 section 6.4.4"),
                format_args!("the certificate has no subject alternative name, and is valid for \
                  no server")),
            Self::NotForThisUse =>
                row(A::UNSUPPORTED_CERTIFICATE, Some("RFC 5280 section 4.2.1.12"),
                format_args!("the certificate's extended key usage does not allow this use")),

            // The restrictions of authorities.
            Self::NotCa => row(A::UNKNOWN_CA, Some("RFC 5280 section 6.1.4"),
                format_args!("the issuer of a certificate may not issue certificates")),
            Self::PathTooLong => row(A::UNKNOWN_CA, Some("RFC 5280 section 6.1.4"),
                format_args!("there are more certificates below a certification authority than \
                  it allows")),
            Self::NameConstraint => row(A::CERTIFICATE_UNKNOWN, Some("RFC 5280 section 6.1.3"),
                format_args!("a name violates the name constraints of an issuer")),
            Self::UnsupportedConstraint =>
                row(A::CERTIFICATE_UNKNOWN, Some("RFC 5280 section 4.2.1.10"),
                format_args!("a name is of a kind that its issuer constrains and that is not \
                  supported")),
            Self::NoValidPolicy => row(A::CERTIFICATE_UNKNOWN, Some("RFC 5280 section 6.1.5"),
                format_args!("an issuer requires a certificate policy, and none is valid for the \
                  whole chain")),

            // Revocation. The alert about responses is that of RFC 6066 section 8.
            Self::Revoked { since } => row(A::CERTIFICATE_REVOKED, Some("RFC 5280 section 6.1.3"),
                format_args!("the certificate was revoked by its issuer, since {}", Time(*since))),
            Self::Ocsp(error) => row(A::BAD_CERTIFICATE_STATUS_RESPONSE, Some(error.section()),
                format_args!("{error}")),
            Self::Crl(error) => row(A::CERTIFICATE_UNKNOWN, Some(error.section()),
                format_args!("{error}")),
            // RFC 9345 section 4.1.3: "Clients and servers that receive non-valid delegated credentials MUST
            // terminate the connection with an "illegal_parameter" alert."
            Self::Delegation(error) => row(A::ILLEGAL_PARAMETER, Some(error.section()),
                format_args!("{error}")),

            Self::Other => row(A::CERTIFICATE_UNKNOWN, None,
                format_args!("a certificate is not acceptable")),
        }
    }
}

/// Prints the message, without the section.
impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.row(|row| f.write_fmt(row.message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{crl::CrlError, ocsp::OcspError};
    use alloc::string::ToString;

    #[test]
    fn error_messages_contain_dates() {
        let error = CertificateError::Expired { not_after: 1_700_000_000, now: 1_700_000_001 };
        assert_eq!(
            error.to_string(),
            "a certificate expired at 2023-11-14T22:13:20Z (it is now 2023-11-14T22:13:21Z)"
        );
        let far = CertificateError::NotYetValid { not_before: u64::MAX, now: 0 };
        assert!(far.to_string().contains("18446744073709551615 seconds after 1970"), "{far}");
    }

    /// The layer above prints the section once, at the end.
    #[test]
    fn messages_do_not_contain_the_section() {
        let time = 0;
        for error in [
            CertificateError::EmptyChain,
            CertificateError::NoNames,
            CertificateError::UnknownKey,
            CertificateError::NotCa,
            OcspError::Missing.into(),
            OcspError::MissingButPromised.into(),
            OcspError::UnknownCriticalExtension.into(),
            OcspError::Outdated { until: time, now: time }.into(),
            CrlError::UnsupportedScope.into(),
            CrlError::Outdated { next_update: time, now: time }.into(),
        ] {
            assert!(!error.to_string().contains("RFC"), "{error}");
            assert!(error.section().unwrap().starts_with("RFC "), "{error}");
        }
        let promised = CertificateError::from(OcspError::MissingButPromised);
        assert_eq!(promised.section(), Some("RFC 7633 section 4"));
        // These limits are ours, and no RFC has them.
        for error in [
            CertificateError::ChainTooLong { limit: 8, got: 9 },
            CertificateError::TooComplex,
            CertificateError::KeyTooWeak { bits: 1024, minimum: 2048 },
            CertificateError::KeyTooLarge { bits: 16_384, maximum: 8192 },
        ] {
            assert_eq!(error.section(), None, "{error}");
        }
    }

    #[test]
    fn unknown_ca_and_expiry_have_their_own_alerts() {
        assert_eq!(CertificateError::UnknownIssuer.alert(), A::UNKNOWN_CA);
        let expired = CertificateError::Expired { not_after: 0, now: 1 };
        assert_eq!(expired.alert(), A::CERTIFICATE_EXPIRED);
        assert_eq!(CertificateError::BadSignature.alert(), A::BAD_CERTIFICATE);
        assert_eq!(CertificateError::WeakHash.alert(), A::BAD_CERTIFICATE);
        assert_eq!(CertificateError::NotForThisUse.alert(), A::UNSUPPORTED_CERTIFICATE);
        assert_eq!(CertificateError::Other.alert(), A::CERTIFICATE_UNKNOWN);
    }
}
