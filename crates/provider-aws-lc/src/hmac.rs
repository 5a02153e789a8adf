//! HMAC (RFC 2104) over SHA-1 and SHA-2.

use crate::name::NAME;
use alloc::boxed::Box;
use aws_lc_rs::hmac;
use cairn_crypto::{Algorithm, CryptoError, HashAlgorithm, Hmac, HmacKey};
use zeroize::Zeroize;

/// An AWS-LC HMAC.
pub(crate) struct HmacSha {
    hash: HashAlgorithm,
    inner: hmac::Algorithm,
}

pub(crate) const HMAC_SHA1: HmacSha =
    HmacSha { hash: HashAlgorithm::Sha1, inner: hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY };
pub(crate) const HMAC_SHA256: HmacSha = HmacSha { hash: HashAlgorithm::Sha256, inner: hmac::HMAC_SHA256 };
pub(crate) const HMAC_SHA384: HmacSha = HmacSha { hash: HashAlgorithm::Sha384, inner: hmac::HMAC_SHA384 };
pub(crate) const HMAC_SHA512: HmacSha = HmacSha { hash: HashAlgorithm::Sha512, inner: hmac::HMAC_SHA512 };

impl Algorithm for HmacSha {
    fn implementation(&self) -> &'static str {
        NAME
    }
}

impl Hmac for HmacSha {
    fn hash_algorithm(&self) -> HashAlgorithm {
        self.hash
    }

    fn key(&self, key: &[u8]) -> Result<Box<dyn HmacKey>, CryptoError> {
        // Memory first, so that the key, which is large, can be made there.
        let key: Box<Key> = Box::write(Box::new_uninit(), Key(hmac::Key::new(self.inner, key)));
        Ok(key)
    }

    fn sign_once(&self, key: &[u8], parts: &[&[u8]], tag: &mut [u8]) -> Result<(), CryptoError> {
        Key(hmac::Key::new(self.inner, key)).sign(parts, tag)
    }
}

/// Messages of up to this many bytes are concatenated on the stack. This covers the blocks of the TLS PRF,
/// which consist of a hash output, label and seed.
const JOINED: usize = 256;

struct Key(hmac::Key);

impl Key {
    /// Writes the tag of a contiguous message to `tag`.
    fn sign_whole(&self, message: &[u8], tag: &mut [u8]) -> Result<(), CryptoError> {
        hmac::sign_to_buffer(&self.0, message, tag).map(|_| ()).map_err(|_| CryptoError::Failed)
    }
}

impl HmacKey for Key {
    fn sign(&self, parts: &[&[u8]], tag: &mut [u8]) -> Result<(), CryptoError> {
        let expected = self.0.algorithm().tag_len();
        if tag.len() != expected {
            return Err(CryptoError::WrongLength { expected, got: tag.len() });
        }
        if let [message] = parts {
            return self.sign_whole(message, tag);
        }
        // The incremental interface returns the tag by value, which leaves a copy on the stack that cannot be
        // erased; in the PRF the tag is key material. Therefore short messages are concatenated first, which
        // is as fast.
        let mut place = [0; JOINED];
        let Some(joined) = join(parts, &mut place) else {
            let mut context = hmac::Context::with_key(&self.0);
            for part in parts {
                context.update(part);
            }
            tag.copy_from_slice(context.sign().as_ref());
            return Ok(());
        };
        let result = self.sign_whole(joined, tag);
        joined.zeroize();
        result
    }
}

/// Concatenates `parts` in `place`, if it is large enough.
fn join<'a>(parts: &[&[u8]], place: &'a mut [u8]) -> Option<&'a mut [u8]> {
    let len = parts.iter().try_fold(0_usize, |len, part| len.checked_add(part.len()))?;
    let place = place.get_mut(..len)?;
    let mut end = 0_usize;
    for part in parts {
        let start = end;
        end = start.checked_add(part.len())?;
        place.get_mut(start..end)?.copy_from_slice(part);
    }
    Some(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use hex_literal::hex;

    struct Case {
        key: &'static [u8],
        data: &'static [u8],
        sha256: [u8; 32],
        sha384: [u8; 48],
        sha512: [u8; 64],
    }

    /// RFC 4231 sections 4.2, 4.3, 4.4 and 4.7.
    const CASES: [Case; 4] = [
        Case {
            key: &[0x0b; 20],
            data: b"Hi There",
            sha256: hex!("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            sha384: hex!(
                "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
                "faea9ea9076ede7f4af152e8b2fa9cb6"
            ),
            sha512: hex!(
                "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
                "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"
            ),
        },
        Case {
            key: b"Jefe",
            data: b"what do ya want for nothing?",
            sha256: hex!("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            sha384: hex!(
                "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
                "8e2240ca5e69e2c78b3239ecfab21649"
            ),
            sha512: hex!(
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
            ),
        },
        Case {
            key: &[0xaa; 20],
            data: &[0xdd; 50],
            sha256: hex!("773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            sha384: hex!(
                "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b"
                "2a5ab39dc13814b94e3ab6e101a34f27"
            ),
            sha512: hex!(
                "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
                "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"
            ),
        },
        Case {
            key: &[0xaa; 131],
            data: b"Test Using Larger Than Block-Size Key - Hash Key First",
            sha256: hex!("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
            sha384: hex!(
                "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
                "0c2ef6ab4030fe8296248df163f44952"
            ),
            sha512: hex!(
                "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
                "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"
            ),
        },
    ];

    #[test]
    fn rfc_2202_test_cases() {
        for (key, data, expected) in [
            (&[0x0b; 20][..], &b"Hi There"[..], hex!("b617318655057264e28bc0b6fb378c8ef146be00")),
            (b"Jefe", b"what do ya want for nothing?", hex!("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")),
            (&[0xaa; 20], &[0xdd; 50], hex!("125d7342b9ac11cd91a39af48aa17b4f63f175d3")),
            (
                &[0xaa; 80],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                hex!("aa4ae5e15272d00e95705637ce8a3b55ed402112"),
            ),
        ] {
            let key = HMAC_SHA1.key(key).unwrap();
            let mut tag = [0; 20];
            key.sign(&[data], &mut tag).unwrap();
            assert_eq!(tag, expected);
            key.sign(&[&data[..3], &data[3..]], &mut tag).unwrap();
            assert_eq!(tag, expected);
            assert_eq!(key.verify(&[data], &expected), Ok(()));
        }
    }

    #[test]
    fn rfc_4231_test_cases() {
        for case in &CASES {
            let with =
                [(HMAC_SHA256, &case.sha256[..]), (HMAC_SHA384, &case.sha384), (HMAC_SHA512, &case.sha512)];
            for (hmac, expected) in with {
                let key = hmac.key(case.key).unwrap();
                let mut tag = vec![0; expected.len()];
                key.sign(&[case.data], &mut tag).unwrap();
                assert_eq!(tag, expected);
                let (left, right) = case.data.split_at(3);
                tag.fill(0);
                key.sign(&[left, &[], right], &mut tag).unwrap();
                assert_eq!(tag, expected);
                key.verify(&[left, right], expected).unwrap();
                tag[0] ^= 1;
                assert_eq!(key.verify(&[left, right], &tag), Err(CryptoError::BadTag));
            }
        }
    }

    #[test]
    fn tag_does_not_depend_on_the_division_into_parts() {
        let key = HMAC_SHA256.key(b"key").unwrap();
        let message = [0x5a; JOINED + 2];
        for len in [0, 1, JOINED - 1, JOINED, JOINED + 1, JOINED + 2] {
            let message = &message[..len];
            let (mut whole, mut parts) = ([0; 32], [0; 32]);
            key.sign(&[message], &mut whole).unwrap();
            let (left, right) = message.split_at(len / 2);
            key.sign(&[left, right], &mut parts).unwrap();
            assert_eq!(whole, parts, "{len}");
        }
        let (mut none, mut empty) = ([0; 32], [0; 32]);
        key.sign(&[], &mut none).unwrap();
        key.sign(&[b""], &mut empty).unwrap();
        assert_eq!(none, empty);
    }

    #[test]
    fn tags_of_wrong_length_are_rejected() {
        for hmac in [HMAC_SHA1, HMAC_SHA256, HMAC_SHA384, HMAC_SHA512] {
            let expected = hmac.hash_algorithm().output_len();
            let key = hmac.key(&[]).unwrap();
            for got in [0, expected - 1, expected + 1] {
                let error = Err(CryptoError::WrongLength { expected, got });
                assert_eq!(key.sign(&[b"x"], &mut vec![0; got]), error);
                assert_eq!(key.sign(&[b"x", b"y"], &mut vec![0; got]), error);
            }
            assert!(key.verify(&[b"x"], &[0; 65]).is_err());
        }
    }
}
