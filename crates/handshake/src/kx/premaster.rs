//! Premaster secrets of the key exchanges, with and without a pre-shared key.

use super::ffdhe::significant;
use crate::error::HandshakeErrorKind;
use cairn_crypto::{CryptoError, Provider, Secret, SecretBytes};
use cairn_wire::ProtocolVersion;

/// The premaster secret of finite field Diffie-Hellman. RFC 5246 section 8.1.2: "Leading bytes of Z that
/// contain all zero bits are stripped before it is used as the pre_master_secret." Its length is observable
/// from the number of hash blocks in the PRF. The RFC requires that and all peers do it; because the
/// ephemeral key is used only once, an attacker cannot repeat the measurement (RFC 7919 section 5.1).
pub(crate) fn strip(secret: &SecretBytes) -> SecretBytes {
    SecretBytes::from(significant(secret.expose()))
}

/// A premaster secret for RSA encryption: a version and 46 random bytes (RFC 5246 section 7.4.7.1). A client
/// encrypts this value; a server uses one of its own if decryption fails.
///
/// "The version number in the PreMasterSecret is the version offered by the client in the
/// ClientHello.client_version, not the version negotiated for the connection."
pub(crate) fn random(
    version: ProtocolVersion,
    provider: &Provider,
) -> Result<Secret<48>, HandshakeErrorKind> {
    Ok(Secret::try_with(|bytes: &mut [u8; 48]| {
        provider.random.fill(bytes)?;
        let [first, second, ..] = bytes;
        [*first, *second] = version.0.to_be_bytes();
        Ok::<_, CryptoError>(())
    })?)
}

/// `other_secret` and the pre-shared key, each with a length prefix (RFC 4279 section 2). With a pre-shared
/// key only: "if the PSK is N octets long, concatenate a uint16 with the value N, N zero octets, a second
/// uint16 with the value N, and the PSK itself".
pub(crate) fn with_psk(
    other: Option<&SecretBytes>,
    key: &SecretBytes,
) -> Result<SecretBytes, HandshakeErrorKind> {
    let other_len = other.map_or(key.len(), SecretBytes::len);
    let length = |length: usize| {
        u16::try_from(length)
            .map(u16::to_be_bytes)
            .map_err(|_| HandshakeErrorKind::Crypto(CryptoError::InputTooLong))
    };
    let (other_length, key_length) = (length(other_len)?, length(key.len())?);
    let total = other_len.saturating_add(key.len()).saturating_add(4);
    SecretBytes::try_with(total, |out| {
        let zeros = core::iter::repeat_n(&0, if other.is_none() { other_len } else { 0 });
        let bytes = other_length
            .iter()
            .chain(other.map(SecretBytes::expose).unwrap_or_default())
            .chain(zeros)
            .chain(&key_length)
            .chain(key.expose());
        for (to, from) in out.iter_mut().zip(bytes) {
            *to = *from;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn psk_follows_the_other_secret() {
        let key = SecretBytes::from(&[7, 8, 9][..]);
        let other = SecretBytes::from(&[1, 2][..]);
        assert_eq!(with_psk(Some(&other), &key).unwrap().expose(), [0, 2, 1, 2, 0, 3, 7, 8, 9]);
        assert_eq!(with_psk(None, &key).unwrap().expose(), [0, 3, 0, 0, 0, 0, 3, 7, 8, 9]);
        let long = SecretBytes::new(alloc::vec![0; 0x1_0000]);
        assert_eq!(with_psk(None, &long), Err(HandshakeErrorKind::Crypto(CryptoError::InputTooLong)));
    }

    #[test]
    fn only_leading_zeros_are_stripped() {
        assert_eq!(strip(&SecretBytes::from(&[0, 0, 1, 0][..])).expose(), [1, 0]);
    }

    #[test]
    fn premaster_secret_starts_with_the_client_version() {
        let provider = cairn_provider_aws_lc::provider();
        let [first, second] = [(); 2].map(|()| random(ProtocolVersion::TLS_1_2, &provider).unwrap());
        assert_eq!(first.expose()[..2], [3, 3]);
        assert_ne!(first, second);
    }
}
