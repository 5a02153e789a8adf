//! Parses a certificate (RFC 5280 section 4.1) without copying.
//!
//! Every handshake parses a chain, and `x509_cert::Certificate` copies the fields: it takes 16 times as long
//! as [`crate::certificate::Certificate`], and over 100 times as long as this module, which only finds the
//! fields. It also rejects certificates that must be accepted, such as those with dates before 1970.

use crate::place::{Field, Oid};
use crate::time;
use crate::tlv::{self, BIT_STRING, BOOLEAN, Elements, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE};
use der::asn1::ObjectIdentifier;

/// The parts of a certificate. Structured parts are still encoded.
#[derive(Debug)]
pub(crate) struct RawCertificate<'a> {
    /// `tbsCertificate` with its header, which is the signed part.
    pub(crate) tbs: &'a [u8],
    /// 1, 2 or 3.
    pub(crate) version: u8,
    /// The contents of the serial number, big-endian.
    pub(crate) serial: &'a [u8],
    /// The contents of the inner `signature`, which must equal `signatureAlgorithm`.
    inner_algorithm: &'a [u8],
    pub(crate) issuer: &'a [u8],
    /// The contents of the SEQUENCE of two times.
    validity: &'a [u8],
    pub(crate) subject: &'a [u8],
    pub(crate) spki: &'a [u8],
    /// The contents of the SEQUENCE of extensions, if there is one.
    extensions: Option<&'a [u8]>,
    /// The contents of `signatureAlgorithm`.
    pub(crate) signature_algorithm: &'a [u8],
    pub(crate) signature: &'a [u8],
}

/// One extension.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extension<'a> {
    /// The contents of `extnID`.
    pub(crate) oid: &'a [u8],
    pub(crate) is_critical: bool,
    /// The contents of `extnValue`.
    pub(crate) value: &'a [u8],
}

impl Extension<'_> {
    pub(crate) fn is(&self, oid: &ObjectIdentifier) -> bool {
        self.oid == oid.as_bytes()
    }

    pub(crate) fn field(&self) -> Field {
        Field::Extension(Oid::new(self.oid))
    }
}

/// `Extensions`: the contents of the SEQUENCE.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extensions<'a>(pub(crate) &'a [u8]);

impl<'a> Extensions<'a> {
    /// Passes each extension to `each`, in order.
    pub(crate) fn each(self, mut each: impl FnMut(Extension<'a>) -> Result<(), Field>) -> Result<(), Field> {
        let mut all = Elements::of(self.0);
        while !all.is_finished() {
            each(extension(&mut all).map_err(|_| Field::Extensions)?)?;
        }
        Ok(())
    }
}

/// The contents of the next element, which must have this tag; otherwise `field` is malformed.
fn one<'a>(fields: &mut Elements<'a>, tag: u8, field: Field) -> Result<&'a [u8], Field> {
    fields.one(tag).map(|element| element.contents).map_err(|_| field)
}

impl<'a> RawCertificate<'a> {
    /// Parses a certificate.
    ///
    /// # Errors
    /// The malformed field.
    pub(crate) fn parse(der: &'a [u8]) -> Result<Self, Field> {
        let whole = |_| Field::Certificate;
        let mut certificate = Elements::of(Elements::only(der, SEQUENCE).map_err(whole)?);
        let tbs = certificate.one(SEQUENCE).map_err(whole)?;
        let signature_algorithm = one(&mut certificate, SEQUENCE, Field::SignatureAlgorithm)?;
        let signature = one(&mut certificate, BIT_STRING, Field::Signature)?;
        let signature = tlv::whole_bytes(signature).map_err(|_| Field::Signature)?;
        certificate.finish().map_err(whole)?;

        let mut fields = Elements::of(tbs.contents);
        let version = match fields.optional(tlv::explicit(0)).map_err(|_| Field::Version)? {
            None => 1,
            Some(version) => match Elements::only(version.contents, INTEGER) {
                Ok([version @ 0..=2]) => version.saturating_add(1),
                _ => return Err(Field::Version),
            },
        };
        let serial = one(&mut fields, INTEGER, Field::SerialNumber)?;
        if serial.is_empty() {
            return Err(Field::SerialNumber);
        }
        let inner_algorithm = one(&mut fields, SEQUENCE, Field::SignatureAlgorithm)?;
        let issuer = fields.one(SEQUENCE).map_err(|_| Field::Issuer)?.whole;
        let validity = one(&mut fields, SEQUENCE, Field::Validity)?;
        let subject = fields.one(SEQUENCE).map_err(|_| Field::Subject)?.whole;
        let spki = fields.one(SEQUENCE).map_err(|_| Field::PublicKey)?.whole;
        // RFC 5280 section 4.1.2.8: unique identifiers must be parsed, and are not used.
        for tag in [tlv::context(1), tlv::context(2)] {
            fields.optional(tag).map_err(|_| Field::UniqueIdentifier)?;
        }
        let extensions = match fields.optional(tlv::explicit(3)).map_err(|_| Field::Extensions)? {
            Some(field) => Some(Elements::only(field.contents, SEQUENCE).map_err(|_| Field::Extensions)?),
            None => None,
        };
        fields.finish().map_err(whole)?;
        Ok(Self {
            tbs: tbs.whole,
            version,
            serial,
            inner_algorithm,
            issuer,
            validity,
            subject,
            spki,
            extensions,
            signature_algorithm,
            signature,
        })
    }

    /// The validity period in seconds since 1970; earlier times become 0.
    pub(crate) fn validity(&self) -> Result<(u64, u64), Field> {
        let read = || {
            let mut times = Elements::of(self.validity);
            let (not_before, not_after) = (time::time(times.any()?)?, time::time(times.any()?)?);
            times.finish()?;
            der::Result::Ok((not_before, not_after))
        };
        read().map_err(|_| Field::Validity)
    }

    /// Its extensions.
    pub(crate) fn all_extensions(&self) -> Extensions<'a> {
        Extensions(self.extensions.unwrap_or_default())
    }

    /// Checks the rules of RFC 5280 section 4.1 that go beyond the encoding of single fields.
    ///
    /// # Errors
    /// The field that violates a rule.
    pub(crate) fn check(&self) -> Result<(), Field> {
        // Section 4.1.1.2: "This field MUST contain the same algorithm identifier as the signature field".
        if self.inner_algorithm != self.signature_algorithm {
            return Err(Field::SignatureAlgorithm);
        }
        // Section 4.1.2.9: "This field MUST only appear if the version is 3". It is not empty.
        match self.extensions {
            Some(_) if self.version != 3 => return Err(Field::Version),
            Some([]) => return Err(Field::Extensions),
            _ => {}
        }
        Ok(())
    }
}

/// `Extension` (RFC 5280 section 4.1).
fn extension<'a>(all: &mut Elements<'a>) -> der::Result<Extension<'a>> {
    let mut fields = Elements::of(all.one(SEQUENCE)?.contents);
    let oid = fields.one(OBJECT_IDENTIFIER)?.contents;
    let is_critical = match fields.optional(BOOLEAN)? {
        None => false,
        Some(critical) => tlv::boolean(critical.contents)?,
    };
    let value = fields.one(OCTET_STRING)?.contents;
    fields.finish()?;
    Ok(Extension { oid, is_critical, value })
}

/// The contents of a `SubjectPublicKeyInfo`'s algorithm and of its bit string.
pub(crate) fn spki_parts(spki: &[u8]) -> der::Result<(&[u8], &[u8])> {
    let mut parts = Elements::of(Elements::only(spki, SEQUENCE)?);
    let algorithm = parts.one(SEQUENCE)?.contents;
    let bits = tlv::whole_bytes(parts.one(BIT_STRING)?.contents)?;
    parts.finish()?;
    Ok((algorithm, bits))
}
