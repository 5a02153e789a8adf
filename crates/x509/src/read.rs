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
    /// Seconds since 1970; what lies before that counts as 0.
    pub(crate) not_before: u64,
    pub(crate) not_after: u64,
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
    pub(crate) oid: ObjectIdentifier,
    pub(crate) is_critical: bool,
    /// The contents of `extnValue`.
    pub(crate) value: &'a [u8],
}

impl<'a> Layout<'a> {
    pub(crate) fn parse(der: &'a [u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(der)?;
        let (tbs, signature_algorithm, signature) = reader.sequence(|reader| {
            let tbs = reader.tlv_bytes()?;
            let algorithm = sequence_contents(reader)?;
            let signature = BitStringRef::decode(reader)?;
            let signature = signature.as_bytes().ok_or(ErrorKind::Value { tag: Tag::BitString })?;
            der::Result::Ok((tbs, algorithm, signature))
        })?;
        reader.finish()?;

        let mut reader = SliceReader::new(tbs)?;
        let layout = reader.sequence(|reader| {
            let version = reader.context_specific::<u8>(TagNumber(0), der::TagMode::Explicit)?;
            let version = match version {
                None => 1,
                Some(version @ 0..=2) => version.saturating_add(1),
                Some(_) => return Err(ErrorKind::Value { tag: Tag::Integer }.into()),
            };
            let serial = AnyRef::decode(reader)?;
            if serial.header().tag() != Tag::Integer {
                return Err(ErrorKind::Value { tag: Tag::Integer }.into());
            }
            sequence_contents(reader)?; // The signature algorithm once more.
            let issuer = reader.tlv_bytes()?;
            let (not_before, not_after) =
                reader.sequence(|reader| der::Result::Ok((time(reader)?, time(reader)?)))?;
            let subject = reader.tlv_bytes()?;
            let spki = reader.tlv_bytes()?;
            let mut extensions: &[u8] = &[];
            while !reader.is_finished() {
                let field = AnyRef::decode(reader)?;
                if field.header().tag() == (Tag::ContextSpecific { constructed: true, number: TagNumber(3) })
                {
                    let mut inner = SliceReader::new(field.value())?;
                    extensions = sequence_contents(&mut inner)?;
                    inner.finish()?;
                }
            }
            der::Result::Ok(Self {
                tbs,
                version,
                serial: serial.value(),
                issuer,
                not_before,
                not_after,
                subject,
                spki,
                extensions,
                signature_algorithm,
                signature,
            })
        })?;
        reader.finish()?;
        Ok(layout)
    }

    /// Hands each extension to `each`, in order.
    pub(crate) fn extensions(
        &self,
        mut each: impl FnMut(Extension<'a>) -> der::Result<()>,
    ) -> der::Result<()> {
        if self.extensions.is_empty() {
            return Ok(());
        }
        let mut reader = SliceReader::new(self.extensions)?;
        while !reader.is_finished() {
            let extension = reader.sequence(|reader| {
                let oid = ObjectIdentifier::decode(reader)?;
                let is_critical = Option::<bool>::decode(reader)?.unwrap_or(false);
                let value = <&OctetStringRef>::decode(reader)?.as_bytes();
                der::Result::Ok(Extension { oid, is_critical, value })
            })?;
            each(extension)?;
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
            found |= extension.is_critical && !KNOWN.contains(&extension.oid);
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
