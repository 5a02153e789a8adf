//! RSASSA-PKCS1-v1_5 (RFC 8017 sections 8.2 and 9.2) with any hash, and with both forms of `DigestInfo`
//! that a verifier must accept (RFC 5246 section 4.7).

use super::SIZES;
use crate::encoding::RsaPublicKey;
use alloc::{vec, vec::Vec};
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, PublicKey, hazmat};

/// The object identifiers of hash functions in DER, without tag and length (RFC 8017 appendix B.1).
pub mod oid {
    /// SHA-1.
    pub const SHA1: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x1a];
    /// SHA-224.
    pub const SHA224: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04];
    /// SHA-256.
    pub const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
    /// SHA-384.
    pub const SHA384: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02];
    /// SHA-512.
    pub const SHA512: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03];
}

/// The parameters of the hash function in a `DigestInfo`. RFC 5246 section 4.7: they "MUST be NULL, but
/// implementations MUST accept both without parameters and with NULL parameters".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameters {
    /// The parameters are NULL.
    Null,
    /// The parameters are omitted.
    Absent,
}

/// Parses an `RSAPublicKey` of 2048 to 8192 bits. The exponent must be odd, at least 3 and below 2^33. These
/// limits bound the work that a peer's key can cause.
#[must_use]
pub fn public_key(bits: &[u8]) -> Option<PublicKey> {
    let RsaPublicKey { n, e } = RsaPublicKey::parse(bits).ok()?;
    // Check lengths first, because they bound the work that follows.
    if n.len() > SIZES.end().div_ceil(8) || e.len() > n.len() {
        return None;
    }
    let number = BoxedUint::from_be_slice_vartime;
    PublicKey::new_with_size_limits(number(n), number(e), SIZES).ok()
}

/// The EMSA-PKCS1-v1_5 encoding (RFC 8017 section 9.2) of a hash for a modulus of `len` bytes. Returns `None`
/// if the modulus is too short.
///
/// RFC 5246 section 4.7: "the DigestInfo MUST be DER-encoded". RFC 8422 section 5.10 also requires RFC 8017
/// (it names section 7.2, which is on encryption, instead of 8.2).
#[must_use]
pub fn encode(oid: &[u8], parameters: Parameters, hash: &[u8], len: usize) -> Option<Vec<u8>> {
    let null: &[u8] = match parameters {
        Parameters::Null => &[5, 0],
        Parameters::Absent => &[],
    };
    let element = |tag: u8, content: &[u8]| {
        // All elements are shorter than 128 bytes.
        let length = u8::try_from(content.len()).ok().filter(|length| *length < 0x80)?;
        Some([&[tag, length], content].concat())
    };
    let algorithm = element(0x30, &[&*element(6, oid)?, null].concat())?;
    let info = element(0x30, &[algorithm, element(4, hash)?].concat())?;
    let ones = len.checked_sub(info.len())?.checked_sub(3).filter(|ones| *ones >= 8)?;
    Some([&[0, 1], &*vec![0xff; ones], &[0], &info].concat())
}

/// Returns `true` if `signature` is valid for this hash and this form of `DigestInfo`. The decrypted
/// signature is not parsed, but compared with the expected encoding (RFC 8017 section 8.2.2). RFC 5246
/// section D.4: "Do you verify that the RSA padding doesn't have additional data after the hash value?"
#[must_use]
pub fn verify(key: &PublicKey, oid: &[u8], parameters: Parameters, hash: &[u8], signature: &[u8]) -> bool {
    opened(key, signature)
        .is_some_and(|opened| encode(oid, parameters, hash, opened.len()).is_some_and(|own| own == opened))
}

/// RSAVP1 (RFC 8017 section 5.2.2). The result is as long as the modulus.
fn opened(key: &PublicKey, signature: &[u8]) -> Option<Vec<u8>> {
    if signature.len() != key.size() {
        return None;
    }
    let number = BoxedUint::from_be_slice(signature, key.n_bits_precision()).ok()?;
    if !number.cmp_vartime(key.n().as_ref()).is_lt() {
        return None;
    }
    let opened = hazmat::rsa_encrypt(key, &number).ok()?.to_be_bytes();
    // The number has whole limbs. The bytes in excess of the modulus are zero.
    Some(opened.get(opened.len().checked_sub(key.size())?..)?.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{rsa::RsaKey, testing::Seeded};

    const KEY: &[u8] = include_bytes!("../../../provider-aws-lc/tests/keys/rsa-2048.pkcs1.der");
    const HASH: [u8; 32] = [7; 32];

    /// Signs an encoded message. Returns the public key and the signature.
    fn signed(encoded: &[u8]) -> (PublicKey, Vec<u8>) {
        let key = RsaKey::load(KEY).unwrap();
        let signature = key.sign(encoded, &mut Seeded::new(1)).unwrap().expose().to_vec();
        (public_key(&key.public_key().unwrap()).unwrap(), signature)
    }

    #[test]
    fn digest_info_verifies_only_with_its_own_parameters() {
        for parameters in [Parameters::Null, Parameters::Absent] {
            let encoded = encode(oid::SHA256, parameters, &HASH, 256).unwrap();
            assert_eq!(encoded.len(), 256);
            let (key, signature) = signed(&encoded);
            for other in [Parameters::Null, Parameters::Absent] {
                assert_eq!(verify(&key, oid::SHA256, other, &HASH, &signature), other == parameters);
            }
            assert!(!verify(&key, oid::SHA256, parameters, &[8; 32], &signature));
            assert!(!verify(&key, oid::SHA384, parameters, &HASH, &signature));
            assert!(!verify(&key, oid::SHA256, parameters, &HASH, &signature[1..]));
            assert!(!verify(&key, oid::SHA256, parameters, &HASH, &[&[0], &*signature].concat()));
            assert!(!verify(&key, oid::SHA256, parameters, &HASH, &[0xff; 256]));
        }
    }

    #[test]
    fn bytes_after_the_hash_and_other_padding_are_rejected() {
        let good = encode(oid::SHA256, Parameters::Absent, &HASH, 256).unwrap();
        let short = encode(oid::SHA256, Parameters::Absent, &HASH, 200).unwrap();
        // Bleichenbacher's forgery (2006): less padding, and arbitrary bytes at the end.
        let garbage = [&*short, &[0x5a; 56]].concat();
        let mut wrong_padding = good.clone();
        wrong_padding[9] = 0xfe;
        let mut wrong_type = good.clone();
        wrong_type[1] = 2;
        for bad in [garbage, wrong_padding, wrong_type] {
            let (key, signature) = signed(&bad);
            assert!(!verify(&key, oid::SHA256, Parameters::Absent, &HASH, &signature));
        }
    }

    #[test]
    fn modulus_must_have_room_for_eight_bytes_of_padding() {
        // In DigestInfo 17 bytes precede the hash, or 19 with NULL.
        assert!(encode(oid::SHA256, Parameters::Absent, &HASH, 17 + 32 + 11).is_some());
        assert_eq!(encode(oid::SHA256, Parameters::Absent, &HASH, 17 + 32 + 10), None);
        assert!(encode(oid::SHA256, Parameters::Null, &HASH, 19 + 32 + 11).is_some());
        assert_eq!(encode(oid::SHA256, Parameters::Null, &HASH, 19 + 32 + 10), None);
        assert_eq!(encode(oid::SHA256, Parameters::Null, &HASH, 0), None);
    }
}
