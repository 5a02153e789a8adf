//! The layout of a certificate (RFC 5280 section 4.1), read without copying.

use crate::oid;
use crate::tlv::{self, BIT_STRING, BOOLEAN, Elements, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE};
use core::time::Duration;
use der::asn1::{GeneralizedTime, ObjectIdentifier, UtcTime};
use der::{AnyRef, Decode, ErrorKind, Header, Reader, SliceReader, Tag, TagNumber};

/// The parts of a certificate, each still encoded where it has a structure of its own.
#[derive(Debug)]
pub(crate) struct Layout<'a> {
    /// `tbsCertificate` with its header: what is signed.
    pub(crate) tbs: &'a [u8],
    /// 1, 2 or 3.
    pub(crate) version: u8,
    /// The contents of the serial number, big-endian.
    pub(crate) serial: &'a [u8],
    pub(crate) issuer: &'a [u8],
    /// The contents of the SEQUENCE of two times.
    validity: &'a [u8],
    pub(crate) subject: &'a [u8],
    pub(crate) spki: &'a [u8],
    /// The contents of the SEQUENCE of extensions.
    extensions: &'a [u8],
    /// The contents of `signatureAlgorithm`.
    pub(crate) signature_algorithm: &'a [u8],
    pub(crate) signature: &'a [u8],
}

/// One extension.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extension<'a> {
    /// The contents of `extnID`.
    oid: &'a [u8],
    pub(crate) is_critical: bool,
    /// The contents of `extnValue`.
    pub(crate) value: &'a [u8],
}

impl Extension<'_> {
    pub(crate) fn is(&self, oid: &ObjectIdentifier) -> bool {
        self.oid == oid.as_bytes()
    }
}

impl<'a> Layout<'a> {
    pub(crate) fn parse(der: &'a [u8]) -> der::Result<Self> {
        let mut certificate = Elements::of(Elements::only(der, SEQUENCE)?);
        let tbs = certificate.one(SEQUENCE)?;
        let signature_algorithm = certificate.one(SEQUENCE)?.contents;
        let signature = tlv::whole_bytes(certificate.one(BIT_STRING)?.contents)?;
        certificate.finish()?;

        let mut fields = Elements::of(tbs.contents);
        let version = match fields.optional(tlv::explicit(0))? {
            None => 1,
            Some(version) => match Elements::only(version.contents, INTEGER)? {
                [version @ 0..=2] => version.saturating_add(1),
                _ => return Err(tlv::malformed()),
            },
        };
        let serial = fields.one(INTEGER)?.contents;
        fields.one(SEQUENCE)?; // The signature algorithm once more.
        let issuer = fields.one(SEQUENCE)?.whole;
        let validity = fields.one(SEQUENCE)?.contents;
        let subject = fields.one(SEQUENCE)?.whole;
        let spki = fields.one(SEQUENCE)?.whole;
        let mut extensions: &[u8] = &[];
        while !fields.is_finished() {
            let field = fields.any()?;
            if field.tag == tlv::explicit(3) {
                extensions = Elements::only(field.contents, SEQUENCE)?;
            }
        }
        Ok(Self {
            tbs: tbs.whole,
            version,
            serial,
            issuer,
            validity,
            subject,
            spki,
            extensions,
            signature_algorithm,
            signature,
        })
    }

    /// From when to when it is valid, in seconds since 1970; what lies before that counts as 0.
    pub(crate) fn validity(&self) -> der::Result<(u64, u64)> {
        let mut reader = SliceReader::new(self.validity)?;
        let (not_before, not_after) = (time(&mut reader)?, time(&mut reader)?);
        reader.finish()?;
        Ok((not_before, not_after))
    }

    /// Hands each extension to `each`, in order.
    pub(crate) fn extensions(
        &self,
        mut each: impl FnMut(Extension<'a>) -> der::Result<()>,
    ) -> der::Result<()> {
        let mut all = Elements::of(self.extensions);
        while !all.is_finished() {
            let mut fields = Elements::of(all.one(SEQUENCE)?.contents);
            let oid = fields.one(OBJECT_IDENTIFIER)?.contents;
            let is_critical = match fields.optional(BOOLEAN)? {
                None => false,
                Some(critical) => tlv::boolean(critical.contents)?,
            };
            let value = fields.one(OCTET_STRING)?.contents;
            fields.finish()?;
            each(Extension { oid, is_critical, value })?;
        }
        Ok(())
    }
}

impl Layout<'_> {
    /// Whether there is a critical extension other than those that [`crate::CertificateFacts`] are read from. For chains
    /// `webpki` judges that.
    pub(crate) fn has_unknown_critical_extension(&self) -> der::Result<bool> {
        const KNOWN: [ObjectIdentifier; 5] = [
            oid::BASIC_CONSTRAINTS,
            oid::KEY_USAGE,
            oid::EXTENDED_KEY_USAGE,
            oid::SUBJECT_ALT_NAME,
            oid::TLS_FEATURE,
        ];
        let mut found = false;
        self.extensions(|extension| {
            found |= extension.is_critical && !KNOWN.iter().any(|known| extension.is(known));
            Ok(())
        })?;
        Ok(found)
    }
}

/// The contents of an optional field with this tag, constructed; `None` when it is not there.
pub(crate) fn optional<'a>(reader: &mut SliceReader<'a>, number: u32) -> der::Result<Option<&'a [u8]>> {
    let tag = Tag::ContextSpecific { constructed: true, number: TagNumber(number) };
    if reader.is_finished() || Tag::peek(reader)? != tag {
        return Ok(None);
    }
    Ok(Some(AnyRef::decode(reader)?.value()))
}

/// The contents of a SEQUENCE, unread.
pub(crate) fn sequence_contents<'a, R: Reader<'a>>(reader: &mut R) -> der::Result<&'a [u8]> {
    let header = Header::decode(reader)?;
    header.tag().assert_eq(Tag::Sequence)?;
    reader.read_slice(header.length())
}

/// A `Time` (RFC 5280 section 4.1.2.5) in seconds since 1970.
fn time<'a, R: Reader<'a>>(reader: &mut R) -> der::Result<u64> {
    let any = AnyRef::decode(reader)?;
    let seconds = |duration: Duration| duration.as_secs();
    match any.header().tag() {
        // Two digits of the year: 50 and above are in the last century, of which `der` knows the years from 1970.
        Tag::UtcTime if matches!(any.value(), [b'5' | b'6', b'0'..=b'9', ..]) => Ok(0),
        Tag::UtcTime => Ok(seconds(any.decode_as::<UtcTime>()?.to_unix_duration())),
        Tag::GeneralizedTime => generalized_time(any),
        tag => Err(ErrorKind::TagUnexpected { expected: Some(Tag::UtcTime), actual: tag }.into()),
    }
}

/// A GeneralizedTime in seconds since 1970; what lies before that counts as 0.
pub(crate) fn generalized_time(any: AnyRef<'_>) -> der::Result<u64> {
    any.header().tag().assert_eq(Tag::GeneralizedTime)?;
    if any.value() < b"1970".as_slice() {
        return Ok(0);
    }
    Ok(any.decode_as::<GeneralizedTime>()?.to_unix_duration().as_secs())
}

/// The two parts of a `SubjectPublicKeyInfo`: the contents of its algorithm, and those of its bit string.
pub(crate) fn spki_parts(spki: &[u8]) -> der::Result<(&[u8], &[u8])> {
    let mut parts = Elements::of(Elements::only(spki, SEQUENCE)?);
    let algorithm = parts.one(SEQUENCE)?.contents;
    let bits = tlv::whole_bytes(parts.one(BIT_STRING)?.contents)?;
    parts.finish()?;
    Ok((algorithm, bits))
}
