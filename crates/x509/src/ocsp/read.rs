//! Parses an OCSP response (RFC 6960 section 4.2.1) without copying.
//!
//! The `x509-ocsp` crate parses the same structures, but its current release depends on older versions of
//! `der` and `x509-cert` than this crate.

use super::{
    error::OcspError,
    statement::{State, Statement},
};
use crate::{oid, time};
use cairn_crypto::HashAlgorithm;
use der::asn1::{BitStringRef, ObjectIdentifier, OctetStringRef};
use der::{AnyRef, Decode, ErrorKind, Header, Reader, SliceReader, Tag, TagNumber};

/// `BasicOCSPResponse`. Structured parts are still encoded.
#[derive(Debug)]
pub(super) struct Basic<'a> {
    /// `tbsResponseData` with its header, which is the signed part.
    pub(super) data: &'a [u8],
    pub(super) responder: Responder<'a>,
    /// The contents of the SEQUENCE of single responses.
    singles: &'a [u8],
    /// The contents of `signatureAlgorithm`.
    pub(super) algorithm: &'a [u8],
    pub(super) signature: &'a [u8],
    /// The contents of the SEQUENCE of certificates.
    certificates: &'a [u8],
}

/// `ResponderID`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Responder<'a> {
    /// A distinguished name in DER.
    Name(&'a [u8]),
    /// The SHA-1 hash of a public key.
    KeyHash(&'a [u8]),
}

/// `SingleResponse`.
#[derive(Clone, Debug)]
pub(super) struct Single<'a> {
    /// The hash function of the two hashes, if TLS has it.
    pub(super) hash: Option<HashAlgorithm>,
    pub(super) issuer_name_hash: &'a [u8],
    pub(super) issuer_key_hash: &'a [u8],
    pub(super) statement: Statement,
    /// Whether the response has a critical extension. None is supported.
    pub(super) is_critical: bool,
}

/// Unwraps a response, which must be successful and of the basic type.
pub(super) fn basic(response: &[u8]) -> Result<Basic<'_>, OcspError> {
    let (status, bytes) = outer(response).map_err(|_| OcspError::BadEncoding)?;
    if status != 0 {
        return Err(OcspError::NotSuccessful { status });
    }
    let (response_type, basic) = bytes.ok_or(OcspError::BadEncoding)?;
    if response_type != oid::OCSP_BASIC {
        return Err(OcspError::UnknownType);
    }
    Basic::parse(basic).map_err(|_| OcspError::BadEncoding)?.ok_or(OcspError::UnknownCriticalExtension)
}

type Outer<'a> = (u8, Option<(ObjectIdentifier, &'a [u8])>);

/// `OCSPResponse`: the status, and the type and contents of `responseBytes`.
fn outer(response: &[u8]) -> der::Result<Outer<'_>> {
    let mut reader = SliceReader::new(response)?;
    let outer = reader.sequence(|reader| {
        let status = AnyRef::decode(reader)?;
        let (Tag::Enumerated, [status]) = (status.header().tag(), status.value()) else {
            return Err(ErrorKind::Value { tag: Tag::Enumerated }.into());
        };
        let bytes = match optional(reader, 0)? {
            Some(bytes) => {
                let mut bytes = SliceReader::new(bytes)?;
                let pair = bytes.sequence(|reader| {
                    let response_type = ObjectIdentifier::decode(reader)?;
                    der::Result::Ok((response_type, <&OctetStringRef>::decode(reader)?.as_bytes()))
                })?;
                bytes.finish()?;
                Some(pair)
            }
            None => None,
        };
        der::Result::Ok((*status, bytes))
    })?;
    reader.finish()?;
    Ok(outer)
}

impl<'a> Basic<'a> {
    /// `None` if there is a critical extension.
    fn parse(der: &'a [u8]) -> der::Result<Option<Self>> {
        let mut reader = SliceReader::new(der)?;
        let (data, algorithm, signature, certificates) = reader.sequence(|reader| {
            let data = reader.tlv_bytes()?;
            let algorithm = sequence_contents(reader)?;
            let signature = BitStringRef::decode(reader)?;
            let signature = signature.as_bytes().ok_or(ErrorKind::Value { tag: Tag::BitString })?;
            let certificates = match optional(reader, 0)? {
                Some(certificates) => {
                    let mut reader = SliceReader::new(certificates)?;
                    let contents = sequence_contents(&mut reader)?;
                    reader.finish()?;
                    contents
                }
                None => &[],
            };
            der::Result::Ok((data, algorithm, signature, certificates))
        })?;
        reader.finish()?;

        let mut reader = SliceReader::new(data)?;
        let (responder, singles, is_critical) = reader.sequence(|reader| {
            // There is only one version, which DER omits.
            if optional(reader, 0)?.is_some() {
                return Err(der::Error::from(ErrorKind::Value { tag: Tag::Integer }));
            }
            let responder = Responder::parse(AnyRef::decode(reader)?)?;
            generalized_time(AnyRef::decode(reader)?)?; // producedAt.
            let singles = sequence_contents(reader)?;
            Ok((responder, singles, is_critical(optional(reader, 1)?)?))
        })?;
        reader.finish()?;
        Ok((!is_critical).then_some(Self { data, responder, singles, algorithm, signature, certificates }))
    }

    /// Passes each single response to `each`, in order, until it returns a value.
    pub(super) fn find<T>(&self, mut each: impl FnMut(Single<'a>) -> Option<T>) -> der::Result<Option<T>> {
        if self.singles.is_empty() {
            return Ok(None);
        }
        let mut reader = SliceReader::new(self.singles)?;
        while !reader.is_finished() {
            if let Some(found) = each(Single::parse(&mut reader)?) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The certificates included in the response, in DER.
    pub(super) fn certificates(&self) -> der::Result<impl Iterator<Item = &'a [u8]>> {
        let mut rest = match self.certificates {
            [] => None,
            some => Some(SliceReader::new(some)?),
        };
        Ok(core::iter::from_fn(move || {
            let reader = rest.as_mut().filter(|reader| !reader.is_finished())?;
            reader.tlv_bytes().ok()
        }))
    }
}

impl<'a> Responder<'a> {
    fn parse(field: AnyRef<'a>) -> der::Result<Self> {
        const BY_NAME: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber(1) };
        const BY_KEY: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber(2) };
        match field.header().tag() {
            BY_NAME => Ok(Self::Name(field.value())),
            BY_KEY => Ok(Self::KeyHash(<&OctetStringRef>::from_der(field.value())?.as_bytes())),
            tag => Err(ErrorKind::Value { tag }.into()),
        }
    }
}

impl<'a> Single<'a> {
    fn parse(reader: &mut SliceReader<'a>) -> der::Result<Self> {
        reader.sequence(|reader| {
            let (hash, issuer_name_hash, issuer_key_hash, serial) = reader.sequence(|reader| {
                let mut algorithm = SliceReader::new(sequence_contents(reader)?)?;
                let hash = hash_of(&ObjectIdentifier::decode(&mut algorithm)?);
                let issuer_name_hash = <&OctetStringRef>::decode(reader)?.as_bytes();
                let issuer_key_hash = <&OctetStringRef>::decode(reader)?.as_bytes();
                let serial = AnyRef::decode(reader)?;
                serial.header().tag().assert_eq(Tag::Integer)?;
                der::Result::Ok((hash, issuer_name_hash, issuer_key_hash, serial.value()))
            })?;
            let state = state(AnyRef::decode(reader)?)?;
            let this_update = generalized_time(AnyRef::decode(reader)?)?;
            let next_update = match optional(reader, 0)? {
                Some(time) => Some(generalized_time(AnyRef::from_der(time)?)?),
                None => None,
            };
            let is_critical = is_critical(optional(reader, 1)?)?;
            let statement = Statement { serial: serial.to_vec(), state, this_update, next_update };
            der::Result::Ok(Self { hash, issuer_name_hash, issuer_key_hash, statement, is_critical })
        })
    }
}

/// `CertStatus`.
fn state(field: AnyRef<'_>) -> der::Result<State> {
    let Tag::ContextSpecific { constructed, number } = field.header().tag() else {
        return Err(ErrorKind::Value { tag: field.header().tag() }.into());
    };
    match (constructed, number) {
        (false, TagNumber(0)) => Ok(State::Good),
        (true, TagNumber(1)) => {
            let mut reader = SliceReader::new(field.value())?;
            let since = generalized_time(AnyRef::decode(&mut reader)?)?;
            optional(&mut reader, 0)?; // revocationReason.
            reader.finish()?;
            Ok(State::Revoked { since })
        }
        (false, TagNumber(2)) => Ok(State::Unknown),
        _ => Err(ErrorKind::Value { tag: field.header().tag() }.into()),
    }
}

/// Whether one of these extensions is critical, given the contents of the field.
fn is_critical(extensions: Option<&[u8]>) -> der::Result<bool> {
    let Some(extensions) = extensions else { return Ok(false) };
    let mut reader = SliceReader::new(extensions)?;
    let mut found = false;
    reader.sequence(|reader| {
        while !reader.is_finished() {
            reader.sequence(|reader| {
                let _id: ObjectIdentifier = reader.decode()?;
                found |= Option::<bool>::decode(reader)?.unwrap_or(false);
                <&OctetStringRef>::decode(reader)?;
                der::Result::Ok(())
            })?;
        }
        der::Result::Ok(())
    })?;
    reader.finish()?;
    Ok(found)
}

fn hash_of(oid: &ObjectIdentifier) -> Option<HashAlgorithm> {
    match *oid {
        oid::SHA1 => Some(HashAlgorithm::Sha1),
        oid::SHA256 => Some(HashAlgorithm::Sha256),
        oid::SHA384 => Some(HashAlgorithm::Sha384),
        oid::SHA512 => Some(HashAlgorithm::Sha512),
        _ => None,
    }
}

/// The contents of an optional constructed field with this tag, or `None` if it is absent.
fn optional<'a>(reader: &mut SliceReader<'a>, number: u32) -> der::Result<Option<&'a [u8]>> {
    let tag = Tag::ContextSpecific { constructed: true, number: TagNumber(number) };
    if reader.is_finished() || Tag::peek(reader)? != tag {
        return Ok(None);
    }
    Ok(Some(AnyRef::decode(reader)?.value()))
}

/// The contents of a SEQUENCE, not parsed.
fn sequence_contents<'a, R: Reader<'a>>(reader: &mut R) -> der::Result<&'a [u8]> {
    let header = Header::decode(reader)?;
    header.tag().assert_eq(Tag::Sequence)?;
    reader.read_slice(header.length())
}

/// A GeneralizedTime in seconds since 1970; earlier times become 0.
fn generalized_time(any: AnyRef<'_>) -> der::Result<u64> {
    any.header().tag().assert_eq(Tag::GeneralizedTime)?;
    time::generalized(any.value())
}
