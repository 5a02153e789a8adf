//! Removal of the PKCS #1 v1.5 padding of a premaster secret (RFC 8017 section 7.2.1) in constant time. RFC
//! 5246 section 4.7: "RSA encryption is done using the RSAES-PKCS1-v1_5 encryption scheme".

use cairn_crypto::{CryptoError, Secret};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// The length of a premaster secret.
const LEN: usize = 48;
/// The length of the prefix 0, 2 before the padding.
const HEAD: usize = 2;

/// Returns the premaster secret in `encoded` if the encoding is valid and the version is the client's, and
/// `fallback` otherwise. RFC 5246 section 7.4.7.1: "a TLS server MUST NOT generate an alert if processing an
/// RSA-encrypted premaster secret message fails, or the version number is not as expected. Instead, it MUST
/// continue the handshake with a randomly generated premaster secret."
///
/// The message has a fixed length, so the position of the separator is known. Every byte is read once, in
/// order, and contributes to one bit that selects between both values byte by byte, without branches and
/// indices that depend on it.
pub(super) fn select(
    encoded: &[u8],
    client_version: [u8; 2],
    fallback: &Secret<LEN>,
) -> Result<Secret<LEN>, CryptoError> {
    // Lengths depend on the key only and are public. Supported keys are long enough.
    let (before, message) = encoded.split_last_chunk::<LEN>().ok_or(CryptoError::Failed)?;
    let (head, padding) = before.split_first_chunk::<HEAD>().ok_or(CryptoError::Failed)?;
    let (separator, padding) = padding.split_last().ok_or(CryptoError::Failed)?;

    let mut good = head.ct_eq(&[0, 2]) & separator.ct_eq(&0);
    for byte in padding {
        good &= !byte.ct_eq(&0);
    }
    for (byte, wanted) in message.iter().zip(&client_version) {
        good &= byte.ct_eq(wanted);
    }
    choose(good, message, fallback)
}

fn choose(good: Choice, message: &[u8; LEN], fallback: &Secret<LEN>) -> Result<Secret<LEN>, CryptoError> {
    Secret::try_with(|place| {
        for ((place, message), fallback) in place.iter_mut().zip(message).zip(fallback.expose()) {
            *place = u8::conditional_select(fallback, message, good);
        }
        Ok(())
    })
}
