//! Keys in DER: the algorithm of a private key and the integers of RSA keys. Parsed values borrow from the
//! input.
//!
//! Errors are those of the `der` crate. Callers map them to their own, usually
//! [`cairn_crypto::CryptoError::BadPrivateKey`].

pub mod ml_dsa;

use self::ml_dsa::MlDsa;
use alloc::vec::Vec;
use cairn_crypto::{CryptoError, KeyKind, PrivateKeyDer};
use core::fmt;
pub use der::Result;
use der::asn1::{ContextSpecific, ObjectIdentifier, OctetStringRef, UintRef};
use der::{AnyRef, Decode, Encode, ErrorKind, Header, Reader, SliceReader, Tag, TagNumber};

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

/// The elliptic curves for ECDSA in TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// secp256r1.
    P256,
    /// secp384r1.
    P384,
    /// secp521r1.
    P521,
}

impl Curve {
    /// The kind of keys on this curve.
    #[must_use]
    pub const fn kind(self) -> KeyKind {
        match self {
            Self::P256 => KeyKind::EcP256,
            Self::P384 => KeyKind::EcP384,
            Self::P521 => KeyKind::EcP521,
        }
    }
}

/// The algorithm of a private key for signatures in TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAlgorithm {
    /// `rsaEncryption`, without restrictions.
    Rsa,
    /// `id-RSASSA-PSS`, with the allowed hash functions.
    RsaPss(PssHashes),
    /// `id-ecPublicKey` on a named curve.
    Ec(Curve),
    /// `id-Ed25519`.
    Ed25519,
    /// `id-ml-dsa-44`, `id-ml-dsa-65` or `id-ml-dsa-87`.
    MlDsa(MlDsa),
}

/// The hash functions that an RSASSA-PSS key allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PssHashes {
    /// Any hash function, because the key has no parameters.
    All,
    /// SHA-256 only.
    Sha256,
    /// SHA-384 only.
    Sha384,
    /// SHA-512 only.
    Sha512,
}

/// The outer layer of `OneAsymmetricKey` (RFC 5958 section 2).
pub struct Pkcs8<'a> {
    /// The algorithm of the key.
    pub algorithm: KeyAlgorithm,
    /// The content of the `privateKey` field.
    pub private_key: &'a [u8],
}

impl fmt::Debug for Pkcs8<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pkcs8({:?}, [{} bytes])", self.algorithm, self.private_key.len())
    }
}

impl<'a> Pkcs8<'a> {
    /// Parses the outer layer. Trailing bytes are an error.
    ///
    /// # Errors
    /// The input is malformed, or its algorithm is not in [`KeyAlgorithm`].
    pub fn parse(der: &'a [u8]) -> Result<Self> {
        let mut reader = SliceReader::new(der)?;
        let info = reader.sequence(|reader| {
            if u8::decode(reader)? > 1 {
                return Err(ErrorKind::Value { tag: Tag::Integer }.into());
            }
            let algorithm = reader.sequence(algorithm)?;
            let private_key = <&OctetStringRef>::decode(reader)?.as_bytes();
            // Skip attributes and public key.
            skip_rest(reader)?;
            Result::Ok(Self { algorithm, private_key })
        })?;
        reader.finish()?;
        Ok(info)
    }
}

fn algorithm<'a, R: Reader<'a>>(reader: &mut R) -> Result<KeyAlgorithm> {
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
        // RFC 9881 section 2: "The contents of the parameters component for each algorithm MUST be absent."
        oid => match MlDsa::of(oid) {
            Some(set) if reader.is_finished() => Ok(KeyAlgorithm::MlDsa(set)),
            _ => Err(ErrorKind::OidUnknown { oid }.into()),
        },
    }
}

/// Parses `RSASSA-PSS-params` (RFC 8017 appendix A.2.3). RFC 9846 section 4.3.3: "The digest used in MGF1 and
/// the digest being signed are both the corresponding hash algorithm", and "The length of the Salt MUST be
/// equal to the length of the digest algorithm." Keys that do not allow this are rejected.
fn pss_parameters<'a, R: Reader<'a>>(reader: &mut R) -> Result<PssHashes> {
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

/// The object identifier of an `AlgorithmIdentifier`; parameters are ignored.
fn first_oid<'a, R: Reader<'a>>(reader: &mut R) -> Result<ObjectIdentifier> {
    let oid = ObjectIdentifier::decode(reader)?;
    skip_rest(reader)?;
    Ok(oid)
}

fn explicit<'a, T: der::Choice<'a> + Decode<'a, Error = der::Error>, R: Reader<'a>>(
    reader: &mut R,
    number: TagNumber,
) -> Result<Option<T>> {
    Ok(ContextSpecific::<T>::decode_explicit(reader, number)?.map(|field| field.value))
}

fn skip_rest<'a, R: Reader<'a>>(reader: &mut R) -> Result<()> {
    while !reader.is_finished() {
        AnyRef::decode(reader)?;
    }
    Ok(())
}

fn curve(oid: ObjectIdentifier) -> Result<Curve> {
    match oid {
        SECP256R1 => Ok(Curve::P256),
        SECP384R1 => Ok(Curve::P384),
        SECP521R1 => Ok(Curve::P521),
        oid => Err(ErrorKind::OidUnknown { oid }.into()),
    }
}

/// The curve in the parameters of an `ECPrivateKey` (RFC 5915 section 3).
///
/// # Errors
/// The input is not an `ECPrivateKey`, has no parameters, or its curve is not in [`Curve`].
pub fn sec1_curve(der: &[u8]) -> Result<Curve> {
    let mut reader = SliceReader::new(der)?;
    let oid = reader.sequence(|reader| {
        u8::decode(reader)?;
        <&OctetStringRef>::decode(reader)?;
        let oid = ContextSpecific::<ObjectIdentifier>::decode_explicit(reader, TagNumber(0))?;
        skip_rest(reader)?;
        Result::Ok(oid)
    })?;
    reader.finish()?;
    match oid {
        Some(field) => curve(field.value),
        None => Err(ErrorKind::Failed.into()),
    }
}

/// `RSAPublicKey` (RFC 8017 appendix A.1.1). The integers are big-endian, without leading zeros.
#[derive(Debug)]
pub struct RsaPublicKey<'a> {
    /// The modulus.
    pub n: &'a [u8],
    /// The public exponent.
    pub e: &'a [u8],
}

impl<'a> RsaPublicKey<'a> {
    /// Parses the key. Trailing bytes are an error.
    ///
    /// # Errors
    /// The input is malformed.
    pub fn parse(der: &'a [u8]) -> Result<Self> {
        let mut reader = SliceReader::new(der)?;
        let key =
            reader.sequence(|reader| Result::Ok(Self { n: unsigned(reader)?, e: unsigned(reader)? }))?;
        reader.finish()?;
        Ok(key)
    }

    /// Encodes the key.
    ///
    /// # Errors
    /// An integer is too long for DER.
    pub fn to_der(&self) -> Result<Vec<u8>> {
        let (n, e) = (UintRef::new(self.n)?, UintRef::new(self.e)?);
        let mut out = Header::new(Tag::Sequence, (n.encoded_len()? + e.encoded_len()?)?).to_der()?;
        n.encode_to_vec(&mut out)?;
        e.encode_to_vec(&mut out)?;
        Ok(out)
    }
}

/// `RSAPrivateKey` with two primes (RFC 8017 appendix A.1.2). The integers are big-endian, without leading
/// zeros.
#[allow(missing_debug_implementations, reason = "it is a secret")]
pub struct RsaPrivateKey<'a> {
    /// The modulus.
    pub n: &'a [u8],
    /// The public exponent.
    pub e: &'a [u8],
    /// The private exponent.
    pub d: &'a [u8],
    /// The first prime.
    pub p: &'a [u8],
    /// The second prime.
    pub q: &'a [u8],
    /// d mod (p - 1).
    pub dp: &'a [u8],
    /// d mod (q - 1).
    pub dq: &'a [u8],
    /// 1/q mod p.
    pub qinv: &'a [u8],
}

impl<'a> RsaPrivateKey<'a> {
    /// Parses the key. Trailing bytes are an error. The consistency of the integers is not checked.
    ///
    /// # Errors
    /// The input is malformed or has more than two primes.
    pub fn parse(der: &'a [u8]) -> Result<Self> {
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
                dp: unsigned(reader)?,
                dq: unsigned(reader)?,
                qinv: unsigned(reader)?,
            };
            Result::Ok(key)
        })?;
        reader.finish()?;
        Ok(key)
    }
}

fn unsigned<'a, R: Reader<'a>>(reader: &mut R) -> Result<&'a [u8]> {
    Ok(UintRef::decode(reader)?.as_bytes())
}

/// Checks that `der` is a single value without trailing bytes.
///
/// # Errors
/// It is not.
pub fn one_value(der: &[u8]) -> Result<()> {
    AnyRef::from_der(der).map(|_| ())
}

/// The `RSAPrivateKey` in an encoded key with algorithm `rsaEncryption`.
///
/// # Errors
/// [`CryptoError::BadPrivateKey`] for any other key.
pub fn rsa_private_key(key: PrivateKeyDer<'_>) -> core::result::Result<&[u8], CryptoError> {
    match key {
        PrivateKeyDer::Pkcs8(der) => match Pkcs8::parse(der) {
            Ok(Pkcs8 { algorithm: KeyAlgorithm::Rsa, private_key }) => Ok(private_key),
            _ => Err(CryptoError::BadPrivateKey),
        },
        PrivateKeyDer::Pkcs1(der) => {
            one_value(der).map_err(|_| CryptoError::BadPrivateKey)?;
            Ok(der)
        }
        _ => Err(CryptoError::BadPrivateKey),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    const KEY: &[u8] = include_bytes!("../../provider-aws-lc/tests/keys/rsa-2048.pkcs8.der");

    #[test]
    fn public_key_round_trips_without_leading_zeros() {
        for (n, e, wanted) in [
            (&[0x81, 3][..], &[3][..], &[0x30, 8, 2, 3, 0, 0x81, 3, 2, 1, 3][..]),
            (&[0, 0, 0x71, 3], &[0, 1, 0, 1], &[0x30, 9, 2, 2, 0x71, 3, 2, 3, 1, 0, 1]),
        ] {
            let der = RsaPublicKey { n, e }.to_der().unwrap();
            assert_eq!(der, wanted);
            let read = RsaPublicKey::parse(&der).unwrap();
            assert!(n.ends_with(read.n) && read.n[0] != 0);
            assert!(e.ends_with(read.e) && read.e[0] != 0);
        }
    }

    #[test]
    fn encoded_private_key_is_not_printed() {
        let key = Pkcs8::parse(KEY).unwrap();
        assert_eq!(format!("{key:?}"), format!("Pkcs8(Rsa, [{} bytes])", key.private_key.len()));
    }

    #[test]
    fn rsa_private_key_requires_rsa_encryption() {
        let key = Pkcs8::parse(KEY).unwrap();
        assert_eq!(rsa_private_key(PrivateKeyDer::Pkcs8(KEY)), Ok(key.private_key));
        assert_eq!(rsa_private_key(PrivateKeyDer::Pkcs1(key.private_key)), Ok(key.private_key));
        for der in [PrivateKeyDer::Pkcs8(key.private_key), PrivateKeyDer::Sec1(key.private_key)] {
            assert_eq!(rsa_private_key(der), Err(CryptoError::BadPrivateKey));
        }
    }
}
