//! Checks of header protection.

use super::name;
use crate::cases::Cases;
use crate::fixtures::changed;
use crate::generators::Seeded;
use crate::runner::{Outcomes, Runner};
use cairn_crypto::{CryptoError, HeaderProtection, HeaderProtectionAlgorithm, HeaderProtectionKey};
use hex_literal::hex;

pub(super) fn run(runner: &mut Runner<'_>) {
    for protection in &runner.provider.header_protections {
        let (label, by) = (protection.algorithm().to_string(), protection.implementation());
        runner.row(&label, by, name::KNOWN, |cases| known(cases, &**protection));
        runner.row(&label, by, name::LENGTHS, |cases| lengths(cases, &**protection));
        runner.row(&label, by, name::REPETITION, |cases| repetition(cases, &**protection));
    }
}

/// A known answer: key, sample and mask.
type Known<'a> = (&'a [u8], [u8; 16], [u8; 5]);

/// For AES-128: the packets of the client and of the server in RFC 9001 sections A.2 and A.3 and in RFC 9369
/// sections A.2 and A.3, and FIPS 197 appendix C.1.
const AES_128: [Known<'_>; 5] = [
    (&hex!("9f50449e04a0e810283a1e9933adedd2"), hex!("d1b1c98dd7689fb8ec11d242b123dc9b"), hex!("437b9aec36")),
    (&hex!("c206b8d9b9f0f37644430b490eeaa314"), hex!("2cd0991cd25b0aac406a5816b6394100"), hex!("2ec0d8356a")),
    (&hex!("45b95e15235d6f45a6b19cbcb0294ba9"), hex!("ffe67b6abcdb4298b485dd04de806071"), hex!("94a0c95e80")),
    (&hex!("edf6d05c83121201b436e16877593c3a"), hex!("6f05d8a4398c47089698baeea26b91eb"), hex!("4dd92e91ea")),
    (&hex!("000102030405060708090a0b0c0d0e0f"), hex!("00112233445566778899aabbccddeeff"), hex!("69c4e0d86a")),
];

/// For AES-256: FIPS 197 appendix C.3. The RFCs have no example.
const AES_256: [Known<'_>; 1] = [(
    &hex!("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
    hex!("00112233445566778899aabbccddeeff"),
    hex!("8ea2b7ca51"),
)];

/// For ChaCha20: RFC 9001 section A.5 and RFC 9369 section A.5, RFC 8439 section 2.3.2, and the largest block
/// counter, computed with OpenSSL: an interface for streams may refuse it.
const CHACHA20: [Known<'_>; 4] = [
    (
        &hex!("25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4"),
        hex!("5e5cd55c41f69080575d7999c25a5bfb"),
        hex!("aefefe7d03"),
    ),
    (
        &hex!("d659760d2ba434a226fd37b35c69e2da8211d10c4f12538787d65645d5d1b8e2"),
        hex!("e7b6b932bc27d786f4bc2bb20f2162ba"),
        hex!("97580e32bf"),
    ),
    (
        &hex!("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
        hex!("01000000000000090000004a00000000"),
        hex!("10f1e7e4d1"),
    ),
    (&[0; 32], hex!("ffffffff000000000000000000000000"), hex!("ace4cd09e2")),
];

fn known(cases: &mut Cases, protection: &dyn HeaderProtection) -> Outcomes {
    let known: &[Known<'_>] = match protection.algorithm() {
        HeaderProtectionAlgorithm::Aes128 => &AES_128,
        HeaderProtectionAlgorithm::Aes256 => &AES_256,
        HeaderProtectionAlgorithm::ChaCha20 => &CHACHA20,
        other => return Err(format!("no known answer for {other}")),
    };
    for (key, sample, mask) in known {
        cases.given(&[("key", key), ("sample", sample)]);
        let made = protection.key(key).and_then(|key| key.mask(sample));
        cases.equal(&made, &Ok(*mask), "the mask");
    }
    Ok(())
}

fn lengths(cases: &mut Cases, protection: &dyn HeaderProtection) -> Outcomes {
    let key_len = protection.algorithm().key_len();
    for got in [0, 1, 15, 16, 17, 24, 31, 32, 33, 64].into_iter().filter(|got| *got != key_len) {
        let error = CryptoError::WrongLength { expected: key_len, got };
        cases.refused(protection.key(&vec![7; got]), error, || format!("a key of {got} bytes"));
    }
    Ok(())
}

/// A mask depends on every bit of the key and of the sample, and on nothing else.
fn repetition(cases: &mut Cases, protection: &dyn HeaderProtection) -> Outcomes {
    let bytes = Seeded::new(23).bytes(protection.algorithm().key_len());
    let sample = Seeded::new(24).bytes(16);
    let key = protection.key(&bytes).map_err(|error| error.to_string())?;
    let mask_of = |key: &dyn HeaderProtectionKey, sample: &[u8]| {
        let sample = sample.try_into().map_err(|_| "a sample has 16 bytes".to_owned())?;
        key.mask(sample).map_err(|error| error.to_string())
    };
    let first = mask_of(&*key, &sample)?;
    for bit in 0..sample.len() * 8 {
        let other = changed(&sample, bit / 8, 1 << (bit % 8));
        cases.given(&[("key", &bytes), ("sample", &other)]);
        cases.expect(mask_of(&*key, &other)? != first, || format!("bit {bit} of the sample was ignored"));
        cases.given(&[("key", &bytes), ("sample", &sample)]);
        cases.expect(mask_of(&*key, &sample)? == first, "the same sample gave another mask");
    }
    for bit in 0..bytes.len() * 8 {
        let other = changed(&bytes, bit / 8, 1 << (bit % 8));
        cases.given(&[("key", &other), ("sample", &sample)]);
        let key = protection.key(&other).map_err(|error| error.to_string())?;
        cases.expect(mask_of(&*key, &sample)? != first, || format!("bit {bit} of the key was ignored"));
    }
    Ok(())
}
