//! The padding of PKCS #1 v1.5 around a premaster secret (RFC 8017 section 7.2.1), taken off without a trace.

use cairn_crypto::{CryptoError, Secret};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// Length of a premaster secret.
const LEN: usize = 48;
/// What stands before the padding: 0, 2.
const HEAD: usize = 2;

/// The premaster secret in `encoded`, if all of it is as it must be; else `fallback`.
///
/// With a message of known length the separator can stand in one place only, so nothing is searched for: every byte
/// is read once, in order, and has its part in one bit, which then chooses between the two byte by byte. There is no
/// branch on it and no index.
pub(super) fn select(
    encoded: &[u8],
    client_version: [u8; 2],
    fallback: &Secret<LEN>,
) -> Result<Secret<LEN>, CryptoError> {
    // Lengths are those of the key and are public; the module takes no key as short as that.
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
