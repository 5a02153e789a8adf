//! Hashes for ECDSA on curves to which AWS-LC binds another hash. TLS 1.2 allows every hash with every curve
//! (RFC 5246 section 7.4.1.4.1).

use aws_lc_rs::digest::{self, Algorithm, Digest};
use cairn_crypto::CryptoError;

/// The hash of a message, padded with zeros or truncated to the length of the hash `to`, which AWS-LC
/// requires for a curve.
///
/// ECDSA interprets a hash as a big-endian number and truncates it if it is longer than the order of the
/// curve (FIPS 186-5 section 6.4.1). Leading zeros do not change the number. `to` must be the longest hash
/// that is no longer than the order: SHA-256 for P-256, SHA-384 for P-384 and SHA-512 for P-521.
///
/// # Errors
///
/// [`CryptoError::Failed`] if AWS-LC rejects the result.
pub(crate) fn fitted_hash(
    message: &[u8],
    hash: &'static Algorithm,
    to: &'static Algorithm,
) -> Result<Digest, CryptoError> {
    let hash = digest::digest(hash, message);
    let mut out = [0; digest::MAX_OUTPUT_LEN];
    let out = out.get_mut(..to.output_len()).ok_or(CryptoError::Failed)?;
    let taken = hash.as_ref().get(..to.output_len()).unwrap_or(hash.as_ref());
    let zeros = out.len().saturating_sub(taken.len());
    out.get_mut(zeros..).ok_or(CryptoError::Failed)?.copy_from_slice(taken);
    Digest::import_less_safe(out, to).map_err(|_| CryptoError::Failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{vec, vec::Vec};

    #[test]
    fn fitted_hash_is_padded_or_truncated() {
        let hashes = [
            &digest::SHA1_FOR_LEGACY_USE_ONLY,
            &digest::SHA224,
            &digest::SHA256,
            &digest::SHA384,
            &digest::SHA512,
        ];
        for to in [&digest::SHA256, &digest::SHA384, &digest::SHA512] {
            for hash in hashes {
                let own = digest::digest(hash, b"abc");
                let own = own.as_ref();
                let expected: Vec<u8> = match to.output_len().checked_sub(own.len()) {
                    Some(zeros) => [&vec![0; zeros], own].concat(),
                    None => own[..to.output_len()].to_vec(),
                };
                assert_eq!(fitted_hash(b"abc", hash, to).unwrap().as_ref(), expected, "{hash:?} {to:?}");
            }
        }
    }
}
