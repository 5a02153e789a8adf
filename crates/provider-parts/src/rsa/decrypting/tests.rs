use super::*;
use crate::encoding;
use crate::testing::{Constant, Replay, Seeded};
use alloc::{vec, vec::Vec};
use rsa::{BoxedUint, PublicKey as RsaPublicKey, hazmat};

macro_rules! file {
    ($name:literal) => {
        &include_bytes!(concat!("../../../../provider-aws-lc/tests/keys/", $name))[..]
    };
}

const VERSION: [u8; 2] = [3, 3];

fn fallback() -> Secret<48> {
    Secret::from(&[0xfa; 48])
}

/// A private key and the raw public key operation.
struct Pair {
    key: Arc<dyn DecryptingKey>,
    public: RsaPublicKey,
    len: usize,
}

impl Pair {
    fn new(der: PrivateKeyDer<'_>) -> Self {
        let key = load_decrypting(der).unwrap();
        let parts = encoding::RsaPublicKey::parse(&key.public_key().bits).unwrap();
        let number = |bytes| BoxedUint::from_be_slice_vartime(bytes);
        let public = RsaPublicKey::new(number(parts.n), number(parts.e)).unwrap();
        Self { len: parts.n.len(), public, key }
    }

    fn encrypt(&self, encoded: &[u8]) -> Vec<u8> {
        assert_eq!(encoded.len(), self.len);
        let number = BoxedUint::from_be_slice_vartime(encoded);
        hazmat::rsa_encrypt(&self.public, &number).unwrap().to_be_bytes().to_vec()
    }

    fn decrypt(&self, ciphertext: &[u8]) -> Result<Secret<48>, CryptoError> {
        self.key.decrypt_premaster(ciphertext, VERSION, &fallback(), &mut Seeded::new(1))
    }

    /// A valid encoded message before encryption.
    fn encoded(&self) -> Vec<u8> {
        let mut encoded: Vec<u8> = (0..self.len).map(|at| u8::try_from(at % 255 + 1).unwrap()).collect();
        encoded[..2].copy_from_slice(&[0, 2]);
        let separator = self.len - 49;
        encoded[separator] = 0;
        encoded[separator + 1..][..2].copy_from_slice(&VERSION);
        encoded
    }
}

fn pairs() -> Vec<Pair> {
    vec![
        Pair::new(PrivateKeyDer::Pkcs8(file!("rsa-2048.pkcs8.der"))),
        Pair::new(PrivateKeyDer::Pkcs1(file!("rsa-2048.pkcs1.der"))),
        Pair::new(PrivateKeyDer::Pkcs8(file!("rsa-3072.pkcs8.der"))),
    ]
}

#[test]
fn valid_encoding_yields_the_premaster_secret() {
    for pair in pairs() {
        let mut encoded = pair.encoded();
        // Zeros within the message are valid.
        encoded[pair.len - 20..][..4].fill(0);
        let expected = encoded.last_chunk().unwrap();
        let got = pair.decrypt(&pair.encrypt(&encoded)).unwrap();
        assert_eq!(got, Secret::from(expected));
        // Other padding, the same message.
        encoded[2..pair.len - 49].fill(1);
        assert_eq!(pair.decrypt(&pair.encrypt(&encoded)).unwrap(), got);
    }
}

#[test]
fn invalid_encodings_yield_the_fallback() {
    for (place, pair) in pairs().into_iter().enumerate() {
        let separator = pair.len - 49;
        let mut variants: Vec<Vec<u8>> = Vec::new();
        let mut change = |at: usize, byte: u8| {
            let mut encoded = pair.encoded();
            encoded[at] = byte;
            variants.push(encoded);
        };
        // The first byte (with the number below the modulus), the second byte, and each bit of the version.
        for byte in [1, 2, 0x10] {
            change(0, byte);
        }
        for byte in [0, 1, 3, 0x82, 0xff] {
            change(1, byte);
        }
        for bit in 0..8 {
            change(separator + 1, 3 ^ (1 << bit));
            change(separator + 2, 3 ^ (1 << bit));
        }
        // A zero anywhere in the padding, including its first eight bytes.
        for at in 2..separator {
            change(at, 0);
        }
        // Another byte in place of the separator.
        for byte in [1, 2, 0x80, 0xff] {
            change(separator, byte);
        }
        // The separator at other positions: messages of other lengths that start with the version.
        for to in [10, separator - 1, separator + 1, pair.len - 3, pair.len - 1] {
            let mut encoded = pair.encoded();
            encoded[separator] = 7;
            encoded[to] = 0;
            if let Some(version) = encoded.get_mut(to + 1..to + 3) {
                version.copy_from_slice(&VERSION);
            }
            variants.push(encoded);
        }
        variants.push(vec![0; pair.len]);
        variants.push([&vec![0; pair.len - 1][..], &[1]].concat());
        // The padding of signatures.
        let mut signed = pair.encoded();
        signed[1] = 1;
        signed[2..separator].fill(0xff);
        variants.push(signed);
        // Test all variants with the first key only; the other keys cover other lengths and encodings.
        let step = if place == 0 { 1 } else { 9 };
        for (number, encoded) in variants.iter().enumerate().step_by(step) {
            assert_eq!(pair.decrypt(&pair.encrypt(encoded)), Ok(fallback()), "{number}");
        }
    }
}

#[test]
fn numbers_out_of_range_yield_the_fallback() {
    for pair in pairs() {
        let n = encoding::RsaPublicKey::parse(&pair.key.public_key().bits).unwrap().n.to_vec();
        let mut below = n.clone();
        *below.last_mut().unwrap() -= 1;
        let mut above = n.clone();
        *above.last_mut().unwrap() += 2;
        let one = [&vec![0; pair.len - 1][..], &[1]].concat();
        for ciphertext in [vec![0; pair.len], one, below, n, above, vec![0xff; pair.len], vec![7; pair.len]] {
            assert_eq!(pair.decrypt(&ciphertext), Ok(fallback()));
        }
    }
}

#[test]
fn only_wrong_ciphertext_length_is_an_error() {
    for pair in pairs() {
        let good = pair.encrypt(&pair.encoded());
        for got in [0, 1, 48, pair.len - 1, pair.len + 1, 2 * pair.len, 65535] {
            let mut ciphertext = good.clone();
            ciphertext.resize(got, 0);
            let error = CryptoError::WrongLength { expected: pair.len, got };
            assert_eq!(pair.decrypt(&ciphertext), Err(error));
        }
        let leading = [&[0], &good[..]].concat();
        assert!(pair.decrypt(&leading).is_err());
    }
}

#[test]
fn caller_determines_the_expected_version() {
    let pair = &pairs()[0];
    let mut encoded = pair.encoded();
    let at = pair.len - 48;
    encoded[at..at + 2].copy_from_slice(&[3, 1]);
    let ciphertext = pair.encrypt(&encoded);
    assert_eq!(pair.decrypt(&ciphertext), Ok(fallback()));
    let got = pair.key.decrypt_premaster(&ciphertext, [3, 1], &fallback(), &mut Seeded::new(1)).unwrap();
    assert_eq!(got.expose()[..], encoded[at..]);
}

#[test]
fn broken_generator_fails_without_hanging() {
    let pair = &pairs()[0];
    let good = pair.encrypt(&pair.encoded());
    let decrypt = |rng: &mut dyn TryCryptoRng<Error = CryptoError>| {
        pair.key.decrypt_premaster(&good, VERSION, &fallback(), rng)
    };
    assert_eq!(decrypt(&mut Constant(0)), Err(CryptoError::RandomFailed));
    assert_eq!(decrypt(&mut Constant(0xff)), Err(CryptoError::RandomFailed));
    assert_eq!(decrypt(&mut Replay(&[])), Err(CryptoError::RandomFailed));
    assert_eq!(decrypt(&mut Replay(&[1; 256 + 40])), Err(CryptoError::RandomFailed));
    assert!(decrypt(&mut Constant(1)).is_ok());
}

#[test]
fn unusable_keys_are_rejected() {
    use PrivateKeyDer::{Pkcs1, Pkcs8, Sec1};
    for der in [
        Pkcs8(file!("rsa-1024.pkcs8.der")),
        // A key for PSS signatures only (RFC 4055 section 1.2).
        Pkcs8(file!("pss-any.pkcs8.der")),
        Pkcs8(file!("ec-p256.pkcs8.der")),
        Pkcs8(file!("ed25519.pkcs8.der")),
        Sec1(file!("ec-p256.sec1.der")),
        Sec1(file!("rsa-2048.pkcs1.der")),
        Pkcs1(file!("rsa-2048.pkcs8.der")),
        Pkcs8(file!("rsa-2048.pkcs1.der")),
        Pkcs1(&[]),
        Pkcs8(&[]),
    ] {
        assert_eq!(load_decrypting(der).err(), Some(CryptoError::BadPrivateKey), "{der:?}");
    }
    let mut longer = file!("rsa-2048.pkcs1.der").to_vec();
    longer.push(0);
    assert_eq!(load_decrypting(Pkcs1(&longer)).err(), Some(CryptoError::BadPrivateKey));
    // Inconsistent integers.
    for at in [20, 300, 600, 800, 1000, 1150] {
        let mut changed = file!("rsa-2048.pkcs1.der").to_vec();
        changed[at] ^= 4;
        assert_eq!(load_decrypting(Pkcs1(&changed)).err(), Some(CryptoError::BadPrivateKey), "{at}");
    }
}
