//! ECDSA over another hash than the one that the module ties a curve to. TLS 1.2 ties no hash to a curve (RFC 5246
//! section 7.4.1.4.1).

use aws_lc_rs::digest::{self, Algorithm, Digest};
use cairn_crypto::CryptoError;

/// The hash of a message in the shape of another, for a curve that the module ties to that.
///
/// ECDSA takes a hash as a big-endian number, and only its first bits where it is longer than the curve's order (FIPS 186-5
/// section 6.4.1). Leading zeros do not change the number. `to` must be the longest hash that is no longer than the order:
/// SHA-256 for P-256, SHA-384 for P-384 and SHA-512 for P-521.
pub(crate) fn fitted(
    message: &[u8],
    hash: &'static Algorithm,
    to: &'static Algorithm,
) -> Result<Digest, CryptoError> {
    let hash = digest::digest(hash, message);
    let mut shape = [0; digest::MAX_OUTPUT_LEN];
    let shape = shape.get_mut(..to.output_len()).ok_or(CryptoError::Failed)?;
    let taken = hash.as_ref().get(..to.output_len()).unwrap_or(hash.as_ref());
    let zeros = shape.len().saturating_sub(taken.len());
    shape.get_mut(zeros..).ok_or(CryptoError::Failed)?.copy_from_slice(taken);
    Digest::import_less_safe(shape, to).map_err(|_| CryptoError::Failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{vec, vec::Vec};

    #[test]
    fn a_fitted_hash_is_the_same_number_or_its_first_bits() {
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
                assert_eq!(fitted(b"abc", hash, to).unwrap().as_ref(), expected, "{hash:?} {to:?}");
            }
        }
    }
}
