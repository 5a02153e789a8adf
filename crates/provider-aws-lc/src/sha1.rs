//! Encodings of SHA-1 hashes for signatures.

use alloc::{vec, vec::Vec};
use aws_lc_rs::digest::{self, Digest};
use cairn_crypto::CryptoError;

/// The prefix of `DigestInfo` for SHA-1 (RFC 8017 section 9.2, note 1).
const DIGEST_INFO: [u8; 15] = *b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14";

fn hash(message: &[u8]) -> Digest {
    digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, message)
}

/// The SHA-1 hash, padded with zeros to the length of another hash, for ECDSA on curves for which AWS-LC
/// requires the longer hash.
///
/// ECDSA interprets a hash as a big-endian number and truncates it only if it is longer than the order of the
/// curve (FIPS 186-5 section 6.4.1). Leading zeros do not change the number, and the longer hash does not
/// exceed the order.
pub(crate) fn widened(message: &[u8], to: &'static digest::Algorithm) -> Result<Digest, CryptoError> {
    let hash = hash(message);
    let mut wide = [0; digest::MAX_OUTPUT_LEN];
    let place = wide.get_mut(..to.output_len()).ok_or(CryptoError::Failed)?;
    let end = place.last_chunk_mut::<{ digest::SHA1_OUTPUT_LEN }>().ok_or(CryptoError::Failed)?;
    end.copy_from_slice(hash.as_ref());
    Digest::import_less_safe(place, to).map_err(|_| CryptoError::Failed)
}

/// EMSA-PKCS1-v1_5 (RFC 8017 section 9.2) for a modulus of `len` bytes.
pub(crate) fn emsa_pkcs1(message: &[u8], len: usize) -> Result<Vec<u8>, CryptoError> {
    let hash = hash(message);
    let mut encoded = vec![0xff; len];
    let ends = encoded.split_last_chunk_mut::<{ digest::SHA1_OUTPUT_LEN }>();
    let (before, end) = ends.ok_or(CryptoError::Failed)?;
    end.copy_from_slice(hash.as_ref());
    let (padding, info) = before.split_last_chunk_mut().ok_or(CryptoError::Failed)?;
    *info = DIGEST_INFO;
    let [zero, one, ones @ .., separator] = padding else { return Err(CryptoError::Failed) };
    if ones.len() < 8 {
        return Err(CryptoError::Failed);
    }
    (*zero, *one, *separator) = (0, 1, 0);
    Ok(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    const ABC: [u8; 20] = hex!("a9993e364706816aba3e25717850c26c9cd0d89d");

    #[test]
    fn widened_hash_is_the_same_number() {
        for to in [&digest::SHA256, &digest::SHA384, &digest::SHA512] {
            let wide = widened(b"abc", to).unwrap();
            let (zeros, hash) = wide.as_ref().split_last_chunk().unwrap();
            assert_eq!((hash, wide.as_ref().len()), (&ABC, to.output_len()));
            assert!(zeros.iter().all(|byte| *byte == 0));
        }
    }

    #[test]
    fn encoded_hash_has_the_length_of_the_modulus() {
        let encoded = emsa_pkcs1(b"abc", 64).unwrap();
        let expected = [
            &hex!("0001ffffffffffffffffffffffffffffffffffffffffffffffffff00")[..],
            &hex!("3021300906052b0e03021a05000414"),
            &ABC,
        ]
        .concat();
        assert_eq!(encoded.len(), 64);
        assert_eq!(encoded[encoded.len() - expected.len() + 2..], expected[2..]);
        assert_eq!(encoded[..2], [0, 1]);
        assert!(encoded[2..28].iter().all(|byte| *byte == 0xff));
        assert!(emsa_pkcs1(b"abc", 46).is_ok());
        for len in [0, 20, 35, 38, 45] {
            assert_eq!(emsa_pkcs1(b"abc", len), Err(CryptoError::Failed));
        }
    }
}
