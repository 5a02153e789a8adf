//! Object identifiers and their common names.

use alloc::string::String;
use core::fmt::Write;
use x509_cert::der::oid::{ObjectIdentifier, db};

/// The length of the longest identifiers that are printed in full, in bytes.
const MAX_PRINTED: usize = 40;

macro_rules! oids {
    ($($name:ident = $value:literal;)*) => {$(
        pub(crate) const $name: ObjectIdentifier = ObjectIdentifier::new_unwrap($value);
    )*};
}

oids! {
    // Public keys (RFC 3279, RFC 4055, RFC 5480, RFC 8410, RFC 9881).
    RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
    RSASSA_PSS = "1.2.840.113549.1.1.10";
    EC_PUBLIC_KEY = "1.2.840.10045.2.1";
    SECP256R1 = "1.2.840.10045.3.1.7";
    SECP384R1 = "1.3.132.0.34";
    SECP521R1 = "1.3.132.0.35";
    ED25519 = "1.3.101.112";
    ED448 = "1.3.101.113";
    ML_DSA_44 = "2.16.840.1.101.3.4.3.17";
    ML_DSA_65 = "2.16.840.1.101.3.4.3.18";
    ML_DSA_87 = "2.16.840.1.101.3.4.3.19";
    // Signature algorithms that are rejected (RFC 3279 section 2.2).
    MD5_WITH_RSA = "1.2.840.113549.1.1.4";
    SHA1_WITH_RSA = "1.2.840.113549.1.1.5";
    ECDSA_WITH_SHA1 = "1.2.840.10045.4.1";
    // Signature algorithms that are accepted (RFC 4055, RFC 5758).
    MGF1 = "1.2.840.113549.1.1.8";
    SHA256_WITH_RSA = "1.2.840.113549.1.1.11";
    SHA384_WITH_RSA = "1.2.840.113549.1.1.12";
    SHA512_WITH_RSA = "1.2.840.113549.1.1.13";
    ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
    ECDSA_WITH_SHA384 = "1.2.840.10045.4.3.3";
    ECDSA_WITH_SHA512 = "1.2.840.10045.4.3.4";
    // Extensions (RFC 5280 section 4.2.1).
    SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
    KEY_USAGE = "2.5.29.15";
    SUBJECT_ALT_NAME = "2.5.29.17";
    BASIC_CONSTRAINTS = "2.5.29.19";
    NAME_CONSTRAINTS = "2.5.29.30";
    CRL_DISTRIBUTION_POINTS = "2.5.29.31";
    CERTIFICATE_POLICIES = "2.5.29.32";
    ANY_POLICY = "2.5.29.32.0";
    POLICY_MAPPINGS = "2.5.29.33";
    POLICY_CONSTRAINTS = "2.5.29.36";
    INHIBIT_ANY_POLICY = "2.5.29.54";
    AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
    EXTENDED_KEY_USAGE = "2.5.29.37";
    // Extensions of CRLs and of their entries (RFC 5280 sections 5.2 and 5.3).
    REASON_CODE = "2.5.29.21";
    INVALIDITY_DATE = "2.5.29.24";
    ISSUING_DISTRIBUTION_POINT = "2.5.29.28";
    // Purposes (RFC 5280 section 4.2.1.12).
    ANY_PURPOSE = "2.5.29.37.0";
    SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";
    // OCSP (RFC 6960 section 4.2.1), and TLS feature (RFC 7633 section 6).
    OCSP_BASIC = "1.3.6.1.5.5.7.48.1.1";
    TLS_FEATURE = "1.3.6.1.5.5.7.1.24";
    // Delegated credentials (RFC 9345 section 4.2).
    DELEGATION_USAGE = "1.3.6.1.4.1.44363.44";
    // Hash functions (RFC 3279, RFC 5754).
    SHA1 = "1.3.14.3.2.26";
    SHA256 = "2.16.840.1.101.3.4.2.1";
    SHA384 = "2.16.840.1.101.3.4.2.2";
    SHA512 = "2.16.840.1.101.3.4.2.3";
    // Collections of certificates (RFC 5652 section 5.1).
    SIGNED_DATA = "1.2.840.113549.1.7.2";
    // Attribute types of names.
    COMMON_NAME = "2.5.4.3";
    EMAIL_ADDRESS = "1.2.840.113549.1.9.1";
}

/// An identifier in dotted form, given its contents. Its arcs may have up to 128 bits, as those of UUIDs do
/// (ITU-T X.667), which [`ObjectIdentifier`] does not read. One that is longer or malformed is printed as the
/// start of its contents in hexadecimal.
pub(crate) fn dotted(contents: &[u8]) -> String {
    arcs(contents).unwrap_or_else(|| {
        let mut hex = String::from("#");
        for byte in contents.iter().take(MAX_PRINTED) {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        if contents.len() > MAX_PRINTED {
            hex.push('…');
        }
        hex
    })
}

fn arcs(contents: &[u8]) -> Option<String> {
    if contents.len() > MAX_PRINTED || contents.last().is_none_or(|last| last & 0x80 != 0) {
        return None;
    }
    let mut printed = String::new();
    let (mut arc, mut is_start) = (0_u128, true);
    for byte in contents {
        // X.690 section 8.19.2: the encoding of an arc is the shortest.
        if is_start && *byte == 0x80 {
            return None;
        }
        arc = arc.checked_mul(0x80)? | u128::from(byte & 0x7f);
        is_start = byte & 0x80 == 0;
        if !is_start {
            continue;
        }
        // Writing to a string cannot fail.
        let _ = if printed.is_empty() {
            // X.690 section 8.19.4: the first two arcs are encoded as one.
            let first = (arc / 40).min(2);
            write!(printed, "{first}.{}", arc.saturating_sub(first.saturating_mul(40)))
        } else {
            write!(printed, ".{arc}")
        };
        arc = 0;
    }
    Some(printed)
}

/// The short name of an attribute type in a distinguished name: as in RFC 4514 section 3, otherwise its
/// registered name.
pub(crate) fn attribute(oid: &ObjectIdentifier) -> Option<&'static str> {
    const SHORT: [(ObjectIdentifier, &str); 10] = [
        (COMMON_NAME, "CN"),
        (db::rfc4519::SURNAME, "SN"),
        (db::rfc4519::COUNTRY_NAME, "C"),
        (db::rfc4519::LOCALITY_NAME, "L"),
        (db::rfc4519::ST, "ST"),
        (db::rfc4519::STREET, "street"),
        (db::rfc4519::ORGANIZATION_NAME, "O"),
        (db::rfc4519::ORGANIZATIONAL_UNIT_NAME, "OU"),
        (db::rfc4519::UID, "UID"),
        (EMAIL_ADDRESS, "emailAddress"),
    ];
    SHORT.iter().find(|(known, _)| known == oid).map(|(_, name)| *name).or_else(|| db::DB.by_oid(oid))
}

/// The name of a signature algorithm, as its specification spells it.
pub(crate) fn signature(oid: &ObjectIdentifier) -> Option<&'static str> {
    match *oid {
        ECDSA_WITH_SHA1 => Some("ecdsa-with-SHA1"),
        RSASSA_PSS => Some("rsassaPss"),
        _ => db::DB.by_oid(oid).map(without_prefix),
    }
}

/// The name of a public key algorithm that has no [`cairn_crypto::KeyKind`].
pub(crate) fn key(oid: &ObjectIdentifier) -> Option<&'static str> {
    match *oid {
        EC_PUBLIC_KEY => Some("EC on an unsupported curve"),
        db::rfc5912::ID_DSA => Some("DSA"),
        _ => db::DB.by_oid(oid).map(without_prefix),
    }
}

/// The name of a certificate extension, given the contents of its identifier.
pub(crate) fn extension(contents: &[u8]) -> Option<&'static str> {
    let oid = ObjectIdentifier::from_bytes(contents).ok()?;
    match oid {
        TLS_FEATURE => Some("tlsfeature"),
        DELEGATION_USAGE => Some("delegationUsage"),
        _ => db::DB.by_oid(&oid).map(without_prefix),
    }
}

/// A registered name without the prefix of its kind of object: `keyUsage` for `id-ce-keyUsage`.
fn without_prefix(name: &'static str) -> &'static str {
    let prefix = ["id-ce-", "id-pe-", "id-"].iter().find(|prefix| name.starts_with(**prefix));
    prefix.and_then(|prefix| name.get(prefix.len()..)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_of_any_length_are_printed() {
        let uuid = [&[0x69][..], &[0x83], &[0xff; 17], &[0x7f]].concat();
        for (contents, printed) in [
            (KEY_USAGE.as_bytes(), "2.5.29.15"),
            (RSASSA_PSS.as_bytes(), "1.2.840.113549.1.1.10"),
            (&[0x09, 0x92, 0x26], "0.9.2342"),
            (&[0x88, 0x37], "2.999"),
            (&uuid, "2.25.340282366920938463463374607431768211455"),
            // An arc without an end, one with a leading zero, one of 129 bits, and no arc.
            (&[0x55, 0x9d], "#559d"),
            (&[0x55, 0x80, 0x1d], "#55801d"),
            (&[&[0x69, 0x84][..], &[0x80; 17], &[0]].concat(), &alloc::format!("#6984{}00", "80".repeat(17))),
            (&[], "#"),
        ] {
            assert_eq!(dotted(contents), printed);
        }
        assert_eq!(dotted(&[0x2b; 41]), alloc::format!("#{}…", "2b".repeat(40)));
    }

    #[test]
    fn objects_have_the_names_of_their_specifications() {
        for (oid, name) in [
            (COMMON_NAME, "CN"),
            (ObjectIdentifier::new_unwrap("2.5.4.5"), "serialNumber"),
            (ObjectIdentifier::new_unwrap("2.5.4.12"), "title"),
            (ObjectIdentifier::new_unwrap("2.5.4.17"), "postalCode"),
            (ObjectIdentifier::new_unwrap("2.5.4.42"), "GN"),
            (ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.1"), "UID"),
            (ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.25"), "DC"),
            (EMAIL_ADDRESS, "emailAddress"),
        ] {
            assert_eq!(attribute(&oid), Some(name));
        }
        for (oid, name) in [
            (SHA256_WITH_RSA, "sha256WithRSAEncryption"),
            (MD5_WITH_RSA, "md5WithRSAEncryption"),
            (ECDSA_WITH_SHA1, "ecdsa-with-SHA1"),
            (ECDSA_WITH_SHA384, "ecdsa-with-SHA384"),
            (RSASSA_PSS, "rsassaPss"),
            (ED25519, "Ed25519"),
            (ED448, "Ed448"),
        ] {
            assert_eq!(signature(&oid), Some(name));
        }
        for (oid, name) in [
            (ED448, "Ed448"),
            (ObjectIdentifier::new_unwrap("1.3.101.110"), "X25519"),
            (ObjectIdentifier::new_unwrap("1.2.840.10040.4.1"), "DSA"),
        ] {
            assert_eq!(key(&oid), Some(name));
        }
        for (oid, name) in [
            (KEY_USAGE, "keyUsage"),
            (EXTENDED_KEY_USAGE, "extKeyUsage"),
            (CRL_DISTRIBUTION_POINTS, "cRLDistributionPoints"),
            (ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.1"), "authorityInfoAccess"),
            (TLS_FEATURE, "tlsfeature"),
            (DELEGATION_USAGE, "delegationUsage"),
        ] {
            assert_eq!(extension(oid.as_bytes()), Some(name));
        }
        assert_eq!(extension(&[0x55, 0x1d, 0x7f]), None);
        assert_eq!(extension(&[]), None);
    }
}
