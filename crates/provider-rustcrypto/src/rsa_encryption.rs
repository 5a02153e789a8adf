//! RSA encryption with PKCS #1 v1.5 padding (RFC 8017 section 7.2.1, RFC 5246 section 4.7).

use crate::names::NAME;
use alloc::vec::Vec;
use cairn_crypto::{Algorithm, CryptoError, RsaEncryption};
use cairn_provider_parts::rsa::{Bounded, error, pkcs1::public_key};
use rand_core::TryCryptoRng;
use rsa::traits::PublicKeyParts;

/// The minimum difference between the lengths of modulus and message, in bytes (RFC 8017 section 7.2.1).
const OVERHEAD: usize = 11;

/// The maximum number of calls to the generator in one encryption; if they do not suffice, the generator is
/// broken. One is needed for the padding, and one more for each zero byte in it, which occurs with
/// probability 1/256.
const DRAWS: u32 = 128;

/// RSA encryption with keys of 2048 to 8192 bits.
pub(crate) struct Pkcs1;

impl Algorithm for Pkcs1 {
    fn implementation(&self) -> &'static str {
        NAME
    }
}

impl RsaEncryption for Pkcs1 {
    fn encrypt(
        &self,
        key: &[u8],
        message: &[u8],
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Vec<u8>, CryptoError> {
        let key = public_key(key).ok_or(CryptoError::BadPeerShare)?;
        if message.len() > key.size().saturating_sub(OVERHEAD) {
            return Err(CryptoError::InputTooLong);
        }
        let mut rng = Bounded::new(rng, DRAWS);
        key.pkcs1v15_encrypt_with_rng(&mut rng, message).map_err(|why| error(&why))
    }
}

#[cfg(test)]
mod tests;
