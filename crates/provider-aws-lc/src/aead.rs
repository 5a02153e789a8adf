//! AES-GCM and ChaCha20-Poly1305.

use crate::name::NAME;
use alloc::{boxed::Box, sync::Arc, vec, vec::Vec};
use aws_lc_rs::aead;
use cairn_crypto::{Aead, AeadAlgorithm, AeadKey, Algorithm, CryptoError};

/// An AWS-LC AEAD.
struct LcAead {
    algorithm: AeadAlgorithm,
    inner: &'static aead::Algorithm,
    /// The maximum length of a plaintext in bytes.
    max_len: u64,
}

/// NIST SP 800-38D section 5.2.1.1: 2^39 - 256 bits.
const GCM_MAX: u64 = (1 << 36) - 32;
/// RFC 8439 section 2.8: 2^32 - 1 blocks of 64 bytes.
const CHACHA_MAX: u64 = (1 << 38) - 64;

const AES_128_GCM: LcAead =
    LcAead { algorithm: AeadAlgorithm::Aes128Gcm, inner: &aead::AES_128_GCM, max_len: GCM_MAX };
const AES_256_GCM: LcAead =
    LcAead { algorithm: AeadAlgorithm::Aes256Gcm, inner: &aead::AES_256_GCM, max_len: GCM_MAX };
const CHACHA20_POLY1305: LcAead = LcAead {
    algorithm: AeadAlgorithm::ChaCha20Poly1305,
    inner: &aead::CHACHA20_POLY1305,
    max_len: CHACHA_MAX,
};

/// All AEADs in order of preference.
pub(crate) fn all() -> Vec<Arc<dyn Aead>> {
    vec![Arc::new(AES_128_GCM), Arc::new(AES_256_GCM), Arc::new(CHACHA20_POLY1305)]
}

impl Algorithm for LcAead {
    fn implementation(&self) -> &'static str {
        NAME
    }
}

impl Aead for LcAead {
    fn algorithm(&self) -> AeadAlgorithm {
        self.algorithm
    }

    fn key(&self, key: &[u8]) -> Result<Box<dyn AeadKey>, CryptoError> {
        let expected = self.algorithm.key_len();
        if key.len() != expected {
            return Err(CryptoError::WrongLength { expected, got: key.len() });
        }
        let key = aead::UnboundKey::new(self.inner, key).map_err(|_| CryptoError::Failed)?;
        Ok(Box::new(Key {
            algorithm: self.algorithm,
            inner: aead::LessSafeKey::new(key),
            max_len: self.max_len,
        }))
    }
}

struct Key {
    algorithm: AeadAlgorithm,
    inner: aead::LessSafeKey,
    max_len: u64,
}

impl Key {
    fn tag_len(&self) -> usize {
        self.inner.algorithm().tag_len()
    }

    fn check_length(&self, plaintext: usize) -> Result<(), CryptoError> {
        let fits = u64::try_from(plaintext).is_ok_and(|len| len <= self.max_len);
        if fits { Ok(()) } else { Err(CryptoError::InputTooLong) }
    }
}

const fn same_length(expected: usize, got: usize) -> Result<(), CryptoError> {
    if got == expected { Ok(()) } else { Err(CryptoError::WrongLength { expected, got }) }
}

fn nonce(bytes: &[u8]) -> Result<aead::Nonce, CryptoError> {
    aead::Nonce::try_assume_unique_for_key(bytes)
        .map_err(|_| CryptoError::WrongLength { expected: aead::NONCE_LEN, got: bytes.len() })
}

impl AeadKey for Key {
    fn algorithm(&self) -> AeadAlgorithm {
        self.algorithm
    }

    fn seal(
        &self,
        nonce_bytes: &[u8],
        aad: &[u8],
        in_out: &mut [u8],
        tag: &mut [u8],
    ) -> Result<(), CryptoError> {
        let nonce = nonce(nonce_bytes)?;
        same_length(self.tag_len(), tag.len())?;
        self.check_length(in_out.len())?;
        self.inner
            .seal_in_place_scatter(nonce, aead::Aad::from(aad), in_out, &[], tag)
            .map_err(|_| CryptoError::Failed)
    }

    fn open(&self, nonce_bytes: &[u8], aad: &[u8], in_out: &mut [u8]) -> Result<usize, CryptoError> {
        let nonce = nonce(nonce_bytes)?;
        let opened =
            self.inner.open_in_place(nonce, aead::Aad::from(aad), in_out).map(|plaintext| plaintext.len());
        opened.map_err(|_| {
            // AWS-LC clears its output when the tag does not match, but its Rust interface does not document
            // this, and nothing of the plaintext may be revealed (RFC 5116 section 2.2). A failed record is
            // the last of its connection, so clearing it again costs little.
            in_out.fill(0);
            CryptoError::BadTag
        })
    }

    fn seal_into(
        &self,
        nonce_bytes: &[u8],
        aad: &[u8],
        plaintext: &[u8],
        suffix: &[u8],
        sealed: &mut [u8],
    ) -> Result<(), CryptoError> {
        let nonce = nonce(nonce_bytes)?;
        let text_len = plaintext.len().saturating_add(suffix.len());
        same_length(text_len.saturating_add(self.tag_len()), sealed.len())?;
        self.check_length(text_len)?;
        // The suffix is encrypted to the place before the tag, after the ciphertext of the plaintext.
        let (ciphertext, rest) = sealed.split_at_mut_checked(plaintext.len()).ok_or(CryptoError::Failed)?;
        let outcome = self.inner.seal_out_of_place_scatter(
            nonce,
            aead::Aad::from(aad),
            plaintext,
            ciphertext,
            suffix,
            rest,
        );
        outcome.map_err(|_| {
            sealed.fill(0);
            CryptoError::Failed
        })
    }

    fn open_into(
        &self,
        nonce_bytes: &[u8],
        aad: &[u8],
        sealed: &mut [u8],
        plaintext: &mut [u8],
    ) -> Result<(), CryptoError> {
        let nonce = nonce(nonce_bytes)?;
        let length = sealed.len().checked_sub(self.tag_len()).ok_or(CryptoError::BadTag)?;
        same_length(length, plaintext.len())?;
        let (ciphertext, tag) = sealed.split_at_checked(length).ok_or(CryptoError::BadTag)?;
        let opened = self.inner.open_separate_gather(nonce, aead::Aad::from(aad), ciphertext, tag, plaintext);
        opened.map_err(|_| {
            // As in `open`: cleared by AWS-LC, but not as a documented guarantee.
            plaintext.fill(0);
            CryptoError::BadTag
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    const ALL: [LcAead; 3] = [AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305];

    fn check(
        aead: &LcAead,
        key: &[u8],
        nonce: &[u8],
        aad: &[u8],
        plaintext: &[u8],
        ciphertext: &[u8],
        tag: &[u8],
    ) {
        let key = aead.key(key).unwrap();
        let (mut text, mut made) = (plaintext.to_vec(), [0; 16]);
        key.seal(nonce, aad, &mut text, &mut made).unwrap();
        assert_eq!((&text[..], &made[..]), (ciphertext, tag));
        text.extend_from_slice(&made);
        assert_eq!(key.open(nonce, aad, &mut text), Ok(plaintext.len()));
        assert_eq!(&text[..plaintext.len()], plaintext);
    }

    #[test]
    fn gcm_specification_test_cases() {
        // McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B: test cases 1, 2, 4 and 16.
        check(&AES_128_GCM, &[0; 16], &[0; 12], &[], &[], &[], &hex!("58e2fccefa7e3061367f1d57a4e7455a"));
        check(
            &AES_128_GCM,
            &[0; 16],
            &[0; 12],
            &[],
            &[0; 16],
            &hex!("0388dace60b6a392f328c2b971b2fe78"),
            &hex!("ab6e47d42cec13bdf53a67b21257bddf"),
        );
        let nonce = hex!("cafebabefacedbaddecaf888");
        let aad = hex!("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let plaintext = hex!(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
        );
        check(
            &AES_128_GCM,
            &hex!("feffe9928665731c6d6a8f9467308308"),
            &nonce,
            &aad,
            &plaintext,
            &hex!(
                "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
                "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
            ),
            &hex!("5bc94fbc3221a5db94fae95ae7121a47"),
        );
        check(
            &AES_256_GCM,
            &hex!("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"),
            &nonce,
            &aad,
            &plaintext,
            &hex!(
                "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
            ),
            &hex!("76fc6ece0f4e1768cddf8853bb2d551b"),
        );
    }

    #[test]
    fn rfc_8439_example() {
        check(
            &CHACHA20_POLY1305,
            &hex!("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"),
            &hex!("070000004041424344454647"),
            &hex!("50515253c0c1c2c3c4c5c6c7"),
            b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, \
          sunscreen would be it.",
            &hex!(
                "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
                "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
                "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
                "3ff4def08e4b7a9de576d26586cec64b6116"
            ),
            &hex!("1ae10b594f09e26a7e902ecbd0600691"),
        );
    }

    #[test]
    fn tampered_record_leaves_no_plaintext() {
        for aead in &ALL {
            let key = aead.key(&vec![7; aead.algorithm().key_len()]).unwrap();
            // Long enough for code paths that process several blocks, with a partial block at the end.
            let plaintext: Vec<u8> = (0..=255).cycle().skip(1).take(1000 + 7).collect();
            let mut sealed = plaintext.clone();
            let mut tag = [0; 16];
            key.seal(&[1; 12], b"aad", &mut sealed, &mut tag).unwrap();
            sealed.extend_from_slice(&tag);
            for position in [0, 500, 1006, 1007, 1022] {
                let mut tampered = sealed.clone();
                tampered[position] ^= 0x10;
                assert_eq!(key.open(&[1; 12], b"aad", &mut tampered), Err(CryptoError::BadTag));
                assert!(tampered.iter().all(|byte| *byte == 0), "{}", aead.algorithm());
            }
            for (nonce, aad) in [([2; 12], &b"aad"[..]), ([1; 12], b"AAD"), ([1; 12], b"")] {
                assert_eq!(key.open(&nonce, aad, &mut sealed.clone()), Err(CryptoError::BadTag));
            }
            let other = aead.key(&vec![8; aead.algorithm().key_len()]).unwrap();
            assert_eq!(other.open(&[1; 12], b"aad", &mut sealed.clone()), Err(CryptoError::BadTag));
            assert_eq!(key.open(&[1; 12], b"aad", &mut sealed), Ok(plaintext.len()));
        }
    }

    #[test]
    fn input_shorter_than_a_tag_does_not_open() {
        for aead in &ALL {
            let key = aead.key(&vec![7; aead.algorithm().key_len()]).unwrap();
            for len in 0..=16 {
                assert_eq!(key.open(&[0; 12], &[], &mut vec![0; len]), Err(CryptoError::BadTag), "{len}");
            }
        }
    }

    #[test]
    fn wrong_lengths_are_rejected() {
        for aead in &ALL {
            let algorithm = aead.algorithm();
            for got in [0, 15, 17, 24, 31, 33, 64] {
                let expected = algorithm.key_len();
                assert_eq!(aead.key(&vec![0; got]).err(), Some(CryptoError::WrongLength { expected, got }));
            }
            let key = aead.key(&vec![7; algorithm.key_len()]).unwrap();
            for got in [0, 8, 11, 13] {
                let error = CryptoError::WrongLength { expected: algorithm.nonce_len(), got };
                assert_eq!(key.seal(&vec![0; got], &[], &mut [], &mut [0; 16]), Err(error));
                assert_eq!(key.open(&vec![0; got], &[], &mut [0; 16]), Err(error));
            }
            for got in [0, 15, 17] {
                let error = CryptoError::WrongLength { expected: algorithm.tag_len(), got };
                let mut text = *b"untouched";
                assert_eq!(key.seal(&[0; 12], &[], &mut text, &mut vec![0; got]), Err(error));
                assert_eq!(&text, b"untouched");
            }
        }
    }
}
