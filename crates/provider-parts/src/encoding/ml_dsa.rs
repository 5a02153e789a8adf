//! Private keys of ML-DSA in PKCS #8 (RFC 9881 section 6).

use alloc::vec::Vec;
use cairn_crypto::{KeyKind, SecretBytes};
use core::fmt;
use der::asn1::ObjectIdentifier;
use der::{AnyRef, Decode, ErrorKind, Reader, Result, SliceReader, Tag, TagNumber, Tagged};

/// The length of a seed in bytes (FIPS 204 algorithm 1).
pub const SEED_LEN: usize = 32;

/// A parameter set of ML-DSA (FIPS 204 section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MlDsa {
    /// ML-DSA-44.
    Set44,
    /// ML-DSA-65.
    Set65,
    /// ML-DSA-87.
    Set87,
}

impl MlDsa {
    /// All parameter sets.
    pub const ALL: [Self; 3] = [Self::Set44, Self::Set65, Self::Set87];

    /// The kind of keys with this parameter set.
    #[must_use]
    pub const fn kind(self) -> KeyKind {
        match self {
            Self::Set44 => KeyKind::MlDsa44,
            Self::Set65 => KeyKind::MlDsa65,
            Self::Set87 => KeyKind::MlDsa87,
        }
    }

    /// The length of an expanded private key in bytes (FIPS 204 table 2).
    #[must_use]
    pub const fn expanded_len(self) -> usize {
        match self {
            Self::Set44 => 2560,
            Self::Set65 => 4032,
            Self::Set87 => 4896,
        }
    }

    /// The object identifier (RFC 9881 section 2).
    const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Set44 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17"),
            Self::Set65 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.18"),
            Self::Set87 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.19"),
        }
    }

    /// The parameter set with this object identifier.
    pub(super) fn of(oid: ObjectIdentifier) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.oid() == oid)
    }

    /// Encodes a seed as PKCS #8, in the form that RFC 9881 section 6 recommends: the seed alone.
    #[must_use]
    pub fn pkcs8(self, seed: &[u8; SEED_LEN]) -> SecretBytes {
        let last = match self {
            Self::Set44 => 17,
            Self::Set65 => 18,
            Self::Set87 => 19,
        };
        // Version 0; the algorithm identifier without parameters; the private key, an octet string that
        // contains [0] with the seed.
        const START: &[u8] = &[
            0x30, 0x34, 0x02, 0x01, 0x00, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
            0x03,
        ];
        const PRIVATE_KEY: &[u8] = &[0x04, 0x22, 0x80, 0x20];
        let len = START.len() + 1 + PRIVATE_KEY.len() + SEED_LEN;
        // With this capacity the vector is not reallocated, which would leave a copy behind.
        let mut der = Vec::with_capacity(len);
        der.extend_from_slice(START);
        der.push(last);
        der.extend_from_slice(PRIVATE_KEY);
        der.extend_from_slice(seed);
        SecretBytes::new(der)
    }
}

/// `ML-DSA-PrivateKey`, the content of the `privateKey` field (RFC 9881 section 6).
pub enum MlDsaPrivateKey<'a> {
    /// The seed.
    Seed(&'a [u8; SEED_LEN]),
    /// The expanded key, encoded as in FIPS 204 algorithm 24.
    Expanded(&'a [u8]),
    /// Both. They may disagree: "When receiving a private key that contains both the seed and the
    /// expandedKey, the recipient SHOULD perform a seed consistency check".
    Both {
        /// The seed.
        seed: &'a [u8; SEED_LEN],
        /// The expanded key.
        expanded: &'a [u8],
    },
}

impl fmt::Debug for MlDsaPrivateKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Seed(_) => "Seed",
            Self::Expanded(_) => "Expanded",
            Self::Both { .. } => "Both",
        })
    }
}

impl<'a> MlDsaPrivateKey<'a> {
    /// Parses the key. Trailing bytes and wrong lengths are an error.
    ///
    /// # Errors
    /// The input is malformed.
    pub fn parse(set: MlDsa, der: &'a [u8]) -> Result<Self> {
        let wrong = |value: AnyRef<'_>| der::Error::from(ErrorKind::Value { tag: value.tag() });
        let seed = |value: AnyRef<'a>| <&[u8; SEED_LEN]>::try_from(value.value()).map_err(|_| wrong(value));
        let expanded = |value: AnyRef<'a>| {
            if value.value().len() == set.expanded_len() { Ok(value.value()) } else { Err(wrong(value)) }
        };
        let key = AnyRef::from_der(der)?;
        match key.tag() {
            SEED => Ok(Self::Seed(seed(key)?)),
            Tag::OctetString => Ok(Self::Expanded(expanded(key)?)),
            Tag::Sequence => {
                let mut reader = SliceReader::new(key.value())?;
                let [first, second] = [AnyRef::decode(&mut reader)?, AnyRef::decode(&mut reader)?];
                reader.finish()?;
                first.tag().assert_eq(Tag::OctetString)?;
                second.tag().assert_eq(Tag::OctetString)?;
                Ok(Self::Both { seed: seed(first)?, expanded: expanded(second)? })
            }
            _ => Err(wrong(key)),
        }
    }
}

/// The tag of the seed: `[0] IMPLICIT OCTET STRING`.
const SEED: Tag = Tag::ContextSpecific { constructed: false, number: TagNumber(0) };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::{KeyAlgorithm, Pkcs8};
    use alloc::{format, vec};

    #[test]
    fn seed_round_trips_through_pkcs8() {
        for set in MlDsa::ALL {
            let der = set.pkcs8(&[7; SEED_LEN]);
            let info = Pkcs8::parse(der.expose()).unwrap();
            assert_eq!(info.algorithm, KeyAlgorithm::MlDsa(set));
            let key = MlDsaPrivateKey::parse(set, info.private_key).unwrap();
            assert!(matches!(key, MlDsaPrivateKey::Seed(&[7, ..])), "{key:?}");
        }
    }

    #[test]
    fn private_key_has_one_of_three_forms() {
        let set = MlDsa::Set44;
        let expanded = [&[0x04, 0x82, 0x0a, 0x00][..], &[9; 2560]].concat();
        let seed = [&[0x04, 0x20][..], &[7; 32]].concat();
        let both = [&[0x30, 0x82, 0x0a, 0x26][..], &seed, &expanded].concat();
        assert!(matches!(MlDsaPrivateKey::parse(set, &expanded), Ok(MlDsaPrivateKey::Expanded(&[9, ..]))));
        let parsed = MlDsaPrivateKey::parse(set, &both).unwrap();
        assert!(matches!(parsed, MlDsaPrivateKey::Both { seed: &[7, ..], expanded: &[9, ..] }));
        assert_eq!(format!("{parsed:?}"), "Both");

        let mut seed_alone = seed.clone();
        seed_alone[0] = 0x80;
        let mut constructed = seed.clone();
        constructed[0] = 0xa0;
        assert!(MlDsaPrivateKey::parse(set, &seed_alone).is_ok());
        for bad in [
            seed,
            constructed,
            vec![],
            [&seed_alone[..], &[0]].concat(),
            [&[0x80, 0x1f][..], &[7; 31]].concat(),
            [&expanded[..], &[0]].concat(),
            [&[0x30, 0x22][..], &[0x04, 0x20], &[7; 32]].concat(),
            [&[0x30, 0x82, 0x0a, 0x26][..], &seed_alone, &expanded].concat(),
        ] {
            assert!(MlDsaPrivateKey::parse(set, &bad).is_err(), "{bad:02x?}");
        }
        // The expanded key of another parameter set.
        assert!(MlDsaPrivateKey::parse(MlDsa::Set65, &expanded).is_err());
    }
}
