//! Checks a certificate against the expected server name (RFC 6125 section 6).
//!
//! Only the subjectAltName is used; RFC 6125 section 6.4.4 permits ignoring the common name.

use crate::{
    certificate::Certificate,
    error::CertificateError,
    general_name::{GeneralName, alternative_names},
    name::ServerName,
    place::{ChainError, Field, Oid, Position},
};
use core::net::IpAddr;

/// Checks that the end-entity certificate is valid for this name.
pub(crate) fn check(certificate: &Certificate<'_>, name: &ServerName) -> Result<(), ChainError> {
    let field = Field::Extension(Oid::new(crate::oid::SUBJECT_ALT_NAME.as_bytes()));
    let fault = |reason| ChainError::new(reason).at(Position::Chain(0));
    let malformed = |_| fault(CertificateError::BadEncoding).of(field);
    let Some(encoded) = certificate.alternative_names else {
        return Err(fault(CertificateError::NoNames));
    };
    let mut found = false;
    let mut is_one_there = false;
    for presented in alternative_names(encoded).map_err(malformed)? {
        let presented = presented.map_err(malformed)?;
        is_one_there |= matches!(presented, GeneralName::Dns(_) | GeneralName::Address(_));
        found |= match (presented, name) {
            (GeneralName::Dns(pattern), ServerName::Dns(name)) => {
                is_dns_match(pattern, name.as_str().as_bytes())
            }
            (GeneralName::Address(bytes), ServerName::Ip(IpAddr::V4(four))) => bytes == four.octets(),
            (GeneralName::Address(bytes), ServerName::Ip(IpAddr::V6(six))) => bytes == six.octets(),
            _ => false,
        };
    }
    match (found, is_one_there) {
        (true, _) => Ok(()),
        (false, true) => Err(fault(CertificateError::NameMismatch)),
        (false, false) => Err(fault(CertificateError::NoNames)),
    }
}

/// Whether a presented DNS name equals this name, or its wildcard matches it. A wildcard is the whole
/// leftmost label and matches one label (RFC 6125 section 6.4.3). At least two labels must follow it, since
/// no subject owns all names below a top-level domain.
fn is_dns_match(pattern: &[u8], name: &[u8]) -> bool {
    let Some(domain) = pattern.strip_prefix(b"*.") else {
        return pattern.eq_ignore_ascii_case(name);
    };
    let mut labels = name.splitn(2, |byte| *byte == b'.');
    let (Some(label), Some(rest)) = (labels.next(), labels.next()) else { return false };
    !label.is_empty()
        && domain.contains(&b'.')
        && !domain.contains(&b'*')
        && rest.eq_ignore_ascii_case(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcard_is_the_whole_leftmost_label_and_matches_one_label() {
        for (pattern, name, expected) in [
            ("example.com", "example.com", true),
            ("EXAMPLE.com", "example.com", true),
            ("example.com", "www.example.com", false),
            ("*.example.com", "www.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "a.b.example.com", false),
            ("*.com", "example.com", false),
            ("*", "localhost", false),
            ("*.", "localhost.", false),
            ("w*.example.com", "www.example.com", false),
            ("*w.example.com", "www.example.com", false),
            ("www.*.com", "www.example.com", false),
            ("*.*.com", "www.example.com", false),
            ("*.*.com", "www.*.com", false),
            ("example.com.", "example.com", false),
            ("", "", true),
        ] {
            assert_eq!(is_dns_match(pattern.as_bytes(), name.as_bytes()), expected, "{pattern} {name}");
        }
    }
}
