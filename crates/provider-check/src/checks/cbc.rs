//! Checks of block ciphers in CBC mode.

use super::name;
use crate::cases::Cases;
use crate::fixtures::prefix;
use crate::generators::Seeded;
use crate::runner::{Outcomes, Runner};
use cairn_crypto::{BlockCipher, BlockCipherAlgorithm, CryptoError};
use hex_literal::hex;

pub(super) fn run(runner: &mut Runner<'_>) {
    for cipher in &runner.provider.block_ciphers {
        let (label, by) = (cipher.algorithm().to_string(), cipher.implementation());
        runner.row(&label, by, name::KNOWN, |cases| known(cases, &**cipher));
        runner.row(&label, by, name::LENGTHS, |cases| lengths(cases, &**cipher));
    }
}

/// The plaintext of NIST SP 800-38A appendix F.
const TEXT: [u8; 64] = hex!(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
);

/// NIST SP 800-38A sections F.2.1 and F.2.5. For 3DES, key and IV of NIST's examples for SP 800-67.
fn known(cases: &mut Cases, cipher: &dyn BlockCipher) -> Outcomes {
    let (key, iv, wanted): (&[u8], &[u8], [u8; 64]) = match cipher.algorithm() {
        BlockCipherAlgorithm::Aes128 => (
            &hex!("2b7e151628aed2a6abf7158809cf4f3c"),
            &hex!("000102030405060708090a0b0c0d0e0f"),
            hex!(
                "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
                "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7"
            ),
        ),
        BlockCipherAlgorithm::Aes256 => (
            &hex!("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"),
            &hex!("000102030405060708090a0b0c0d0e0f"),
            hex!(
                "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
                "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b"
            ),
        ),
        BlockCipherAlgorithm::TripleDes => (
            &hex!("0123456789abcdef23456789abcdef01456789abcdef0123"),
            &hex!("f69f2445df4f9b17"),
            hex!(
                "2079c3d53aa763e193b79e2569ab5262516570481f25b50f73c0bda85c8e0da7"
                "9bd86425fae429fdbd65a7a21b6e5d20925d8b0ef919a428154b96ed90f2bc1e"
            ),
        ),
        other => return Err(format!("no known answer for {other}")),
    };
    let key = cipher.key(key).map_err(|error| error.to_string())?;
    for len in (0..=TEXT.len()).step_by(cipher.algorithm().block_len()) {
        let mut text = prefix(&TEXT, len).to_vec();
        key.encrypt_cbc(iv, &mut text).map_err(|error| format!("encrypting {len} bytes: {error}"))?;
        cases.expect(text == prefix(&wanted, len), || format!("encrypting {len} bytes"));
        key.decrypt_cbc(iv, &mut text).map_err(|error| format!("decrypting {len} bytes: {error}"))?;
        cases.expect(text == prefix(&TEXT, len), || format!("decrypting {len} bytes"));
    }
    Ok(())
}

fn lengths(cases: &mut Cases, cipher: &dyn BlockCipher) -> Outcomes {
    let (key_len, block) = (cipher.algorithm().key_len(), cipher.algorithm().block_len());
    for got in [0, 1, 8, 15, 16, 17, 23, 24, 25, 31, 32, 33].into_iter().filter(|got| *got != key_len) {
        let error = CryptoError::WrongLength { expected: key_len, got };
        cases.refused(cipher.key(&vec![7; got]), error, || format!("a key of {got} bytes"));
    }
    let key = cipher.key(&Seeded::new(10).bytes(key_len)).map_err(|error| error.to_string())?;
    let iv = vec![3; block];
    for got in [0, 1, 8, 12, 15, 16, 17, 32].into_iter().filter(|got| *got != block) {
        let error = CryptoError::WrongLength { expected: block, got };
        let mut text = vec![5; 2 * block];
        cases.refused(key.encrypt_cbc(&vec![1; got], &mut text), error, || format!("an IV of {got} bytes"));
        cases.refused(key.decrypt_cbc(&vec![1; got], &mut text), error, || format!("an IV of {got} bytes"));
        cases.expect(text == vec![5; 2 * block], || {
            format!("an IV of {got} bytes: rejected, but the text changed")
        });
    }
    for len in (1..4 * block).filter(|len| len % block != 0) {
        let mut text = vec![5; len];
        let wrong = |result| matches!(result, Err(CryptoError::WrongLength { got, .. }) if got == len);
        cases.expect(wrong(key.encrypt_cbc(&iv, &mut text)), || format!("{len} bytes are not whole blocks"));
        cases.expect(wrong(key.decrypt_cbc(&iv, &mut text)), || format!("{len} bytes are not whole blocks"));
        cases.expect(text == vec![5; len], || format!("{len} bytes: rejected, but the text changed"));
    }
    // Encrypting many blocks at once equals encrypting them one at a time (NIST SP 800-38A section 6.2).
    let text = Seeded::new(11).bytes(1 << 14);
    for blocks in (0..40).chain([(1 << 14) / block]) {
        let text = prefix(&text, blocks * block);
        let mut whole = text.to_vec();
        key.encrypt_cbc(&iv, &mut whole).map_err(|error| format!("{blocks} blocks: {error}"))?;
        let (mut chain, mut single) = (iv.clone(), text.to_vec());
        for piece in single.chunks_mut(block) {
            key.encrypt_cbc(&chain, piece).map_err(|error| error.to_string())?;
            chain = piece.to_vec();
        }
        cases.expect(whole == single, || {
            format!("encrypting {blocks} blocks at once differs from one at a time")
        });
        key.decrypt_cbc(&iv, &mut whole).map_err(|error| error.to_string())?;
        cases.expect(whole == text, || format!("decrypting {blocks} blocks"));
    }
    Ok(())
}
