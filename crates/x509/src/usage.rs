//! Key usage, extended key usage and related extensions.

use crate::oid;
use crate::tlv::{self, BIT_STRING, BOOLEAN, Elements, INTEGER, OBJECT_IDENTIFIER, SEQUENCE};
use cairn_wire::ExtensionType;
use der::asn1::ObjectIdentifier;
use der::{Decode, Reader, SliceReader};

/// The key usage of a certificate, as far as TLS needs it (RFC 5280 section 4.2.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyUsage {
    /// Sign: needed for ephemeral key exchanges and CertificateVerify.
    pub digital_signature: bool,
    /// Decrypt: needed for RSA key exchange.
    pub key_encipherment: bool,
    /// Agree on a key: needed for static (EC)DH.
    pub key_agreement: bool,
    /// Sign certificates.
    pub key_cert_sign: bool,
    /// Sign CRLs.
    pub crl_sign: bool,
}

impl KeyUsage {
    /// Everything: the meaning of an absent extension.
    pub const ANY: Self = Self {
        digital_signature: true,
        key_encipherment: true,
        key_agreement: true,
        key_cert_sign: true,
        crl_sign: true,
    };

    /// Nothing, as a starting point.
    pub const NONE: Self = Self {
        digital_signature: false,
        key_encipherment: false,
        key_agreement: false,
        key_cert_sign: false,
        crl_sign: false,
    };

    pub(crate) fn parse(value: &[u8]) -> der::Result<Self> {
        // The number of unused bits in the last byte, then the bits, most significant first (X.690 section
        // 8.6.2).
        let first = match Elements::only(value, BIT_STRING)? {
            [0] => 0,
            [unused @ 0..=7, first] => first & (0xff << unused),
            [0..=7, first, ..] => *first,
            _ => return Err(tlv::malformed()),
        };
        let bit = |position: u8| first & 0x80 >> position != 0;
        Ok(Self {
            digital_signature: bit(0),
            key_encipherment: bit(2),
            key_agreement: bit(4),
            key_cert_sign: bit(5),
            crl_sign: bit(6),
        })
    }
}

/// The extended key usage of a certificate (RFC 5280 section 4.2.1.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExtendedKeyUsage {
    /// It lists `id-kp-serverAuth`.
    pub server_auth: bool,
    /// It lists `id-kp-clientAuth`.
    pub client_auth: bool,
    /// It lists `id-kp-OCSPSigning` (RFC 6960 section 4.2.2.2).
    pub ocsp_signing: bool,
    /// It lists `anyExtendedKeyUsage`, which does not count as one of the others here.
    pub any: bool,
    /// It lists further purposes.
    pub others: bool,
}

impl ExtendedKeyUsage {
    /// Nothing, as a starting point.
    pub const NONE: Self =
        Self { server_auth: false, client_auth: false, ocsp_signing: false, any: false, others: false };

    pub(crate) fn parse(value: &[u8]) -> der::Result<Self> {
        let mut usage = Self::NONE;
        let mut purposes = Elements::of(Elements::only(value, SEQUENCE)?);
        if purposes.is_finished() {
            // `SEQUENCE SIZE (1..MAX)`.
            return Err(tlv::malformed());
        }
        while !purposes.is_finished() {
            let purpose = purposes.one(OBJECT_IDENTIFIER)?.contents;
            let is = |oid: &ObjectIdentifier| oid.as_bytes() == purpose;
            if is(&oid::SERVER_AUTH) {
                usage.server_auth = true;
            } else if is(&oid::CLIENT_AUTH) {
                usage.client_auth = true;
            } else if is(&oid::OCSP_SIGNING) {
                usage.ocsp_signing = true;
            } else if is(&oid::ANY_PURPOSE) {
                usage.any = true;
            } else {
                usage.others = true;
            }
        }
        Ok(usage)
    }
}

/// `BasicConstraints` (RFC 5280 section 4.2.1.9): whether the subject is an authority, and its
/// `pathLenConstraint`, saturated at 2^32 - 1.
pub(crate) fn basic_constraints(value: &[u8]) -> der::Result<(bool, Option<u32>)> {
    let mut constraints = Elements::of(Elements::only(value, SEQUENCE)?);
    let is_ca = match constraints.optional(BOOLEAN)? {
        None => false,
        Some(is_ca) => tlv::boolean(is_ca.contents)?,
    };
    let path_len = match constraints.optional(INTEGER)? {
        None => None,
        Some(path_len) => Some(tlv::number(path_len.contents)?),
    };
    constraints.finish()?;
    Ok((is_ca, path_len))
}

/// `TLSFeature` (RFC 7633 section 4): whether status_request is among the features.
pub(crate) fn must_staple(value: &[u8]) -> der::Result<bool> {
    let mut found = false;
    let mut reader = SliceReader::new(value)?;
    reader.sequence(|reader| {
        while !reader.is_finished() {
            found |= i64::decode(reader)? == i64::from(ExtensionType::STATUS_REQUEST.0);
        }
        der::Result::Ok(())
    })?;
    reader.finish()?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_usage_is_read_as_named_bits() {
        let usage = |contents: &[u8]| KeyUsage::parse(contents);
        let sign = KeyUsage { digital_signature: true, ..KeyUsage::NONE };
        assert_eq!(usage(&[3, 2, 7, 0x80]), Ok(sign));
        assert_eq!(usage(&[3, 2, 5, 0xa0]), Ok(KeyUsage { key_encipherment: true, ..sign }));
        assert_eq!(
            usage(&[3, 3, 7, 0x8c, 0x80]),
            Ok(KeyUsage { key_agreement: true, key_cert_sign: true, ..sign })
        );
        assert_eq!(usage(&[3, 1, 0]), Ok(KeyUsage::NONE));
        // Unused bits are ignored.
        assert_eq!(usage(&[3, 2, 7, 0xff]), Ok(sign));
        for bad in
            [&[][..], &[3, 0], &[3, 1, 1], &[3, 2, 8, 0], &[3, 2, 0], &[3, 2, 0, 0, 0], &[4, 2, 0, 0x80]]
        {
            assert!(usage(bad).is_err(), "{bad:x?}");
        }
    }

    #[test]
    fn basic_constraints_state_ca_and_path_len() {
        let constraints = basic_constraints;
        assert_eq!(constraints(&[0x30, 0]), Ok((false, None)));
        assert_eq!(constraints(&[0x30, 3, 1, 1, 0xff]), Ok((true, None)));
        assert_eq!(constraints(&[0x30, 6, 1, 1, 0xff, 2, 1, 0]), Ok((true, Some(0))));
        assert_eq!(constraints(&[0x30, 7, 1, 1, 0xff, 2, 2, 0, 0x80]), Ok((true, Some(128))));
        assert_eq!(constraints(&[0x30, 7, 1, 1, 0xff, 2, 2, 3, 0xe8]), Ok((true, Some(1000))));
        // A number that does not fit is no limit.
        let endless = [0x30, 11, 1, 1, 0xff, 2, 6, 1, 0, 0, 0, 0, 0];
        assert_eq!(constraints(&endless), Ok((true, Some(u32::MAX))));
        for bad in [
            &[][..],
            &[0x30, 3, 1, 1, 1],
            &[0x30, 6, 1, 1, 0xff, 2, 1, 0x80],
            &[0x30, 6, 2, 1, 0, 1, 1, 0xff],
            &[0x30, 5, 1, 1, 0xff, 5, 0],
            &[0x30, 3, 1, 1, 0xff, 0],
        ] {
            assert!(constraints(bad).is_err(), "{bad:x?}");
        }
    }
}
