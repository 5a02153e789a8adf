//! What an encoded private key says of its own kind. The key itself is read by the module.

use super::ec::Curve;
use der::asn1::{ContextSpecific, ObjectIdentifier, OctetStringRef, UintRef};
use der::{AnyRef, Decode, ErrorKind, Reader, SliceReader, Tag, TagNumber};

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const SECP256R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const SECP521R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");

/// Which key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyAlgorithm {
    Rsa,
    /// With the hash functions that the key allows.
    RsaPss(PssHashes),
    Ec(Curve),
    Ed25519,
}

/// Which hash functions an RSASSA-PSS key may be used with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PssHashes {
    All,
    Sha256,
    Sha384,
    Sha512,
}

/// The outer layer of `OneAsymmetricKey` (RFC 5958 section 2).
#[derive(Debug)]
pub(super) struct Pkcs8<'a> {
    pub(super) algorithm: KeyAlgorithm,
    /// The contents of its `privateKey`.
    pub(super) private_key: &'a [u8],
}

impl<'a> Pkcs8<'a> {
    pub(super) fn parse(der: &'a [u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(der)?;
        let info = reader.sequence(|reader| {
            if u8::decode(reader)? > 1 {
                return Err(ErrorKind::Value { tag: Tag::Integer }.into());
            }
            let algorithm = reader.sequence(algorithm)?;
            let private_key = <&OctetStringRef>::decode(reader)?.as_bytes();
            // Attributes and the public key; the module checks the latter against the private key.
            skip_rest(reader)?;
            der::Result::Ok(Self { algorithm, private_key })
        })?;
        reader.finish()?;
        Ok(info)
    }
}

fn algorithm<'a, R: Reader<'a>>(reader: &mut R) -> der::Result<KeyAlgorithm> {
    let oid = ObjectIdentifier::decode(reader)?;
    match oid {
        RSA_ENCRYPTION => {
            skip_rest(reader)?;
            Ok(KeyAlgorithm::Rsa)
        }
        RSASSA_PSS if reader.is_finished() => Ok(KeyAlgorithm::RsaPss(PssHashes::All)),
        RSASSA_PSS => Ok(KeyAlgorithm::RsaPss(reader.sequence(pss_parameters)?)),
        EC_PUBLIC_KEY => Ok(KeyAlgorithm::Ec(curve(ObjectIdentifier::decode(reader)?)?)),
        ED25519 => Ok(KeyAlgorithm::Ed25519),
        oid => Err(ErrorKind::OidUnknown { oid }.into()),
    }
}

/// `RSASSA-PSS-params` (RFC 8017 appendix A.2.3). TLS uses one hash function throughout and a salt of the hash's
/// length (RFC 8446 section 4.2.3), so a key that allows no such signature is of no use.
fn pss_parameters<'a, R: Reader<'a>>(reader: &mut R) -> der::Result<PssHashes> {
    let unusable = || der::Error::from(ErrorKind::Value { tag: Tag::Sequence });
    let hash = explicit::<AnyRef<'_>, _>(reader, TagNumber(0))?.ok_or_else(unusable)?;
    let mask = explicit::<AnyRef<'_>, _>(reader, TagNumber(1))?.ok_or_else(unusable)?;
    let min_salt = explicit::<u32, _>(reader, TagNumber(2))?.unwrap_or(20);
    skip_rest(reader)?;

    let hash = hash.sequence(first_oid)?;
    let mask_hash = mask.sequence(|reader| {
        if ObjectIdentifier::decode(reader)? != MGF1 {
            return Err(unusable());
        }
        reader.sequence(first_oid)
    })?;
    let (hashes, salt) = match hash {
        SHA256 => (PssHashes::Sha256, 32),
        SHA384 => (PssHashes::Sha384, 48),
        SHA512 => (PssHashes::Sha512, 64),
        _ => return Err(unusable()),
    };
    if mask_hash == hash && min_salt <= salt { Ok(hashes) } else { Err(unusable()) }
}

/// The object identifier of an `AlgorithmIdentifier`, whatever its parameters are.
fn first_oid<'a, R: Reader<'a>>(reader: &mut R) -> der::Result<ObjectIdentifier> {
    let oid = ObjectIdentifier::decode(reader)?;
    skip_rest(reader)?;
    Ok(oid)
}

fn explicit<'a, T: der::Choice<'a> + Decode<'a, Error = der::Error>, R: Reader<'a>>(
    reader: &mut R,
    number: TagNumber,
) -> der::Result<Option<T>> {
    Ok(ContextSpecific::<T>::decode_explicit(reader, number)?.map(|field| field.value))
}

fn skip_rest<'a, R: Reader<'a>>(reader: &mut R) -> der::Result<()> {
    while !reader.is_finished() {
        AnyRef::decode(reader)?;
    }
    Ok(())
}

fn curve(oid: ObjectIdentifier) -> der::Result<Curve> {
    match oid {
        SECP256R1 => Ok(Curve::P256),
        SECP384R1 => Ok(Curve::P384),
        SECP521R1 => Ok(Curve::P521),
        oid => Err(ErrorKind::OidUnknown { oid }.into()),
    }
}

/// The curve that an `ECPrivateKey` names in its parameters (RFC 5915 section 3).
pub(super) fn sec1_curve(der: &[u8]) -> der::Result<Curve> {
    let mut reader = SliceReader::new(der)?;
    let oid = reader.sequence(|reader| {
        u8::decode(reader)?;
        <&OctetStringRef>::decode(reader)?;
        let oid = ContextSpecific::<ObjectIdentifier>::decode_explicit(reader, TagNumber(0))?;
        skip_rest(reader)?;
        der::Result::Ok(oid)
    })?;
    reader.finish()?;
    match oid {
        Some(field) => curve(field.value),
        None => Err(ErrorKind::Failed.into()),
    }
}

/// `RSAPublicKey` (RFC 8017 appendix A.1.1), its numbers big-endian and without leading zeros.
pub(crate) struct RsaPublicKey<'a> {
    pub(crate) n: &'a [u8],
    pub(crate) e: &'a [u8],
}

impl<'a> RsaPublicKey<'a> {
    pub(crate) fn parse(der: &'a [u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(der)?;
        let key =
            reader.sequence(|reader| der::Result::Ok(Self { n: unsigned(reader)?, e: unsigned(reader)? }))?;
        reader.finish()?;
        Ok(key)
    }
}

/// What is needed of an `RSAPrivateKey` with two primes (RFC 8017 appendix A.1.2). The rest follows from it.
pub(super) struct RsaPrivateKey<'a> {
    pub(super) n: &'a [u8],
    pub(super) e: &'a [u8],
    pub(super) d: &'a [u8],
    pub(super) p: &'a [u8],
    pub(super) q: &'a [u8],
}

impl<'a> RsaPrivateKey<'a> {
    pub(super) fn parse(der: &'a [u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(der)?;
        let key = reader.sequence(|reader| {
            if u8::decode(reader)? != 0 {
                return Err(ErrorKind::Value { tag: Tag::Integer }.into());
            }
            let key = Self {
                n: unsigned(reader)?,
                e: unsigned(reader)?,
                d: unsigned(reader)?,
                p: unsigned(reader)?,
                q: unsigned(reader)?,
            };
            skip_rest(reader)?;
            der::Result::Ok(key)
        })?;
        reader.finish()?;
        Ok(key)
    }
}

fn unsigned<'a, R: Reader<'a>>(reader: &mut R) -> der::Result<&'a [u8]> {
    Ok(UintRef::decode(reader)?.as_bytes())
}

/// Whether `der` is one value with nothing after it.
pub(super) fn one_value(der: &[u8]) -> der::Result<()> {
    AnyRef::from_der(der).map(|_| ())
}
