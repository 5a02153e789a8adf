//! RSA encryption with PKCS #1 v1.5 padding (RFC 8017 section 7.2.1). RFC 5246 section 4.7: "RSA encryption
//! is done using the RSAES-PKCS1-v1_5 encryption scheme".

use crate::name::NAME;
use alloc::{vec, vec::Vec};
use aws_lc_rs::rsa::{Pkcs1PublicEncryptingKey, PublicEncryptingKey, PublicKeyComponents};
use cairn_crypto::{Algorithm, CryptoError, RsaEncryption};
use cairn_provider_parts::encoding::RsaPublicKey;
use rand_core::TryCryptoRng;

/// AWS-LC RSA encryption with keys of 2048 to 8192 bits.
pub(crate) struct Pkcs1;

impl Algorithm for Pkcs1 {
    fn implementation(&self) -> &'static str {
        NAME
    }
}

impl RsaEncryption for Pkcs1 {
    /// AWS-LC draws the padding from its own generator.
    fn encrypt(
        &self,
        public_key: &[u8],
        message: &[u8],
        _: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Vec<u8>, CryptoError> {
        let RsaPublicKey { n, e } = RsaPublicKey::parse(public_key).map_err(|_| CryptoError::BadPeerShare)?;
        let key: PublicEncryptingKey =
            PublicKeyComponents { n, e }.try_into().map_err(|_| CryptoError::BadPeerShare)?;
        let key = Pkcs1PublicEncryptingKey::new(key).map_err(|_| CryptoError::BadPeerShare)?;
        if message.len() > key.max_plaintext_size() {
            return Err(CryptoError::InputTooLong);
        }
        let mut ciphertext = vec![0; key.ciphertext_size()];
        // AWS-LC validates the key again, including its exponent. Otherwise only memory allocation can fail.
        let encrypted = key.encrypt(message, &mut ciphertext);
        let len = encrypted.map_err(|_| CryptoError::BadPeerShare)?.len();
        ciphertext.truncate(len);
        Ok(ciphertext)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Keys;
    use cairn_crypto::{KeySpec, KeyStore, PrivateKeyDer, Secret};
    use cairn_provider_parts::testing::{Constant, Seeded};

    const KEYS: Keys = Keys { legacy: false };
    const KEY: &[u8] = include_bytes!("../tests/keys/rsa-2048.pkcs8.der");

    fn public_key() -> Vec<u8> {
        KEYS.load(PrivateKeyDer::Pkcs8(KEY)).unwrap().public_key().bits.clone()
    }

    #[test]
    fn encrypted_premaster_secret_decrypts() {
        let made = KEYS.generate(KeySpec::Rsa { bits: 3072 }, &mut Seeded::new(1)).unwrap();
        for (der, len) in [(KEY, 256), (made.expose(), 384)] {
            let key = KEYS.load_decrypting(PrivateKeyDer::Pkcs8(der)).unwrap();
            let premaster: Vec<u8> = (3..51).collect();
            let ciphertext = Pkcs1.encrypt(&key.public_key().bits, &premaster, &mut Constant(0)).unwrap();
            assert_eq!(ciphertext.len(), len);
            let fallback = Secret::from(&[0xee; 48]);
            let decrypted =
                key.decrypt_premaster(&ciphertext, [3, 4], &fallback, &mut Seeded::new(2)).unwrap();
            assert_eq!(decrypted.expose()[..], premaster);
            assert_ne!(Pkcs1.encrypt(&key.public_key().bits, &premaster, &mut Constant(0)), Ok(ciphertext));
        }
    }

    #[test]
    fn message_too_long_for_the_modulus_is_rejected() {
        let encrypt = |len| Pkcs1.encrypt(&public_key(), &vec![7; len], &mut Constant(0));
        assert_eq!(encrypt(246), Err(CryptoError::InputTooLong));
        for len in [0, 1, 48, 245] {
            assert_eq!(encrypt(len).map(|ciphertext| ciphertext.len()), Ok(256));
        }
    }

    #[test]
    fn unusable_keys_are_rejected() {
        let good = public_key();
        let mut trailing = good.clone();
        trailing.push(0);
        // Modulus and exponent of 1 byte, no integers, an even exponent.
        let mut even = good.clone();
        *even.last_mut().unwrap() &= 0xfe;
        for bad in
            [&[][..], &trailing, &good[..good.len() - 1], &[0x30, 6, 2, 1, 35, 2, 1, 5], &[0x30, 0], &even]
        {
            assert_eq!(Pkcs1.encrypt(bad, &[1; 48], &mut Constant(0)), Err(CryptoError::BadPeerShare));
        }
    }
}
