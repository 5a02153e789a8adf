//! The layout of a certificate (RFC 5280 section 4.1), read without copying.

use crate::oid;
use core::time::Duration;
use der::asn1::{BitStringRef, GeneralizedTime, ObjectIdentifier, OctetStringRef, UtcTime};
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
        let mut outer = SliceReader::new(der)?;
        let mut certificate = SliceReader::new(sequence_contents(&mut outer)?)?;
        outer.finish()?;
        let tbs = certificate.tlv_bytes()?;
        let signature_algorithm = sequence_contents(&mut certificate)?;
        let signature = BitStringRef::decode(&mut certificate)?;
        let signature = signature.as_bytes().ok_or(ErrorKind::Value { tag: Tag::BitString })?;
        certificate.finish()?;

        let mut outer = SliceReader::new(tbs)?;
        let mut fields = SliceReader::new(sequence_contents(&mut outer)?)?;
        outer.finish()?;
        let version = fields.context_specific::<u8>(TagNumber(0), der::TagMode::Explicit)?;
        let version = match version {
            None => 1,
            Some(version @ 0..=2) => version.saturating_add(1),
            Some(_) => return Err(ErrorKind::Value { tag: Tag::Integer }.into()),
        };
        let serial = AnyRef::decode(&mut fields)?;
        if serial.header().tag() != Tag::Integer {
            return Err(ErrorKind::Value { tag: Tag::Integer }.into());
        }
        sequence_contents(&mut fields)?; // The signature algorithm once more.
        let issuer = fields.tlv_bytes()?;
        let validity = sequence_contents(&mut fields)?;
        let subject = fields.tlv_bytes()?;
        let spki = fields.tlv_bytes()?;
        let mut extensions: &[u8] = &[];
        while !fields.is_finished() {
            let field = AnyRef::decode(&mut fields)?;
            if field.header().tag() == (Tag::ContextSpecific { constructed: true, number: TagNumber(3) }) {
                let mut inner = SliceReader::new(field.value())?;
                extensions = sequence_contents(&mut inner)?;
                inner.finish()?;
            }
        }
        Ok(Self {
            tbs,
            version,
            serial: serial.value(),
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
        if self.extensions.is_empty() {
            return Ok(());
        }
        let mut all = SliceReader::new(self.extensions)?;
        while !all.is_finished() {
            let mut reader = SliceReader::new(sequence_contents(&mut all)?)?;
            let oid = AnyRef::decode(&mut reader)?;
            oid.header().tag().assert_eq(Tag::ObjectIdentifier)?;
            let is_critical = Option::<bool>::decode(&mut reader)?.unwrap_or(false);
            let value = <&OctetStringRef>::decode(&mut reader)?.as_bytes();
            reader.finish()?;
            each(Extension { oid: oid.value(), is_critical, value })?;
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
    let mut reader = SliceReader::new(spki)?;
    let parts = reader.sequence(|reader| {
        let algorithm = sequence_contents(reader)?;
        let bits = BitStringRef::decode(reader)?;
        let bits = bits.as_bytes().ok_or(ErrorKind::Value { tag: Tag::BitString })?;
        der::Result::Ok((algorithm, bits))
    })?;
    reader.finish()?;
    Ok(parts)
}
