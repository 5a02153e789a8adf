//! Checks of ML-KEM (FIPS 203).

use super::shares::{refused_answer, refused_share};
use crate::cases::Cases;
use crate::fixtures::{changed, prefix};
use crate::generators::Seeded;
use crate::runner::Outcomes;
use cairn_crypto::{CryptoError, KeyAgreement, ProviderRng, SecretBytes};

/// The prime q.
const Q: u16 = 3329;

/// The length of the seed at the end of an encapsulation key, which can have any value.
const SEED_LEN: usize = 32;

/// Returns `true` if every coefficient of an encapsulation key is below q (FIPS 203 section 7.2).
pub(super) fn is_reduced(key: &[u8]) -> bool {
    let encoded = prefix(key, key.len().saturating_sub(SEED_LEN));
    let (pairs, rest) = encoded.as_chunks::<3>();
    rest.is_empty() && pairs.iter().all(|pair| coefficients(*pair).iter().all(|number| *number < Q))
}

/// Two numbers of 12 bits, the low bits first.
fn coefficients([low, middle, high]: [u8; 3]) -> [u16; 2] {
    let [low, middle, high] = [low, middle, high].map(u16::from);
    [low | (middle & 0x0f) << 8, middle >> 4 | high << 4]
}

/// A key with one coefficient replaced.
pub(super) fn with_coefficient(key: &[u8], at: usize, value: u16) -> Vec<u8> {
    let mut key = key.to_vec();
    let [high, low] = value.to_be_bytes();
    if let Some([first, middle, last]) = key.get_mut(at / 2 * 3..).and_then(|rest| rest.first_chunk_mut()) {
        if at.is_multiple_of(2) {
            (*first, *middle) = (low, *middle & 0xf0 | high);
        } else {
            (*middle, *last) = (*middle & 0x0f | low << 4, low >> 4 | high << 4);
        }
    }
    key
}

/// Values of a coefficient that an encapsulation key must not have.
pub(super) const NOT_REDUCED: [u16; 3] = [Q, Q + 1, 0x0fff];

pub(super) fn invalid(cases: &mut Cases, agreement: &dyn KeyAgreement, rng: ProviderRng<'_>) -> Outcomes {
    let key = agreement.generate(&mut rng.clone()).map_err(|error| format!("no key: {error}"))?;
    let share = key.share().to_vec();
    let answer = agreement.encapsulate(&share, &mut rng.clone()).map_err(|error| error.to_string())?.share;
    for (what, bad) in lengths(&share) {
        refused_share(cases, agreement, rng, &bad, what);
    }
    for (what, bad) in lengths(&answer) {
        refused_answer(cases, agreement, rng, &bad, what)?;
    }
    let count = share.len().saturating_sub(SEED_LEN) / 3 * 2;
    for at in [0, 1, 2, 255, 256, count - 2, count - 1] {
        for value in NOT_REDUCED {
            let bad = with_coefficient(&share, at, value);
            refused_share(cases, agreement, rng, &bad, &format!("coefficient {at} is {value}"));
        }
        // The largest coefficient is valid: it only makes another key.
        let good = with_coefficient(&share, at, Q - 1);
        cases.given(&[("share", &good)]);
        cases.succeeds(agreement.encapsulate(&good, &mut rng.clone()), || {
            format!("coefficient {at} is q - 1")
        });
    }
    Ok(())
}

/// Shares of a wrong length.
fn lengths(good: &[u8]) -> [(&'static str, Vec<u8>); 5] {
    [
        ("an empty share", Vec::new()),
        ("one byte", prefix(good, 1).to_vec()),
        ("one byte less", prefix(good, good.len().saturating_sub(1)).to_vec()),
        ("one byte more", [good, &[0]].concat()),
        ("the share twice", [good, good].concat()),
    ]
}

/// FIPS 203 algorithm 18: a ciphertext that was not made for the key yields a secret that depends on the key
/// and the ciphertext, and no error.
pub(super) fn rejection(cases: &mut Cases, agreement: &dyn KeyAgreement, rng: ProviderRng<'_>) -> Outcomes {
    let mut secrets: Vec<SecretBytes> = Vec::new();
    let mut bad_ciphertexts = Vec::new();
    {
        let key = agreement.generate(&mut rng.clone()).map_err(|error| format!("no key: {error}"))?;
        let made = agreement.encapsulate(key.share(), &mut rng.clone()).map_err(|error| error.to_string())?;
        let len = made.share.len();
        bad_ciphertexts.extend([0, 1, len / 2, len - 1].map(|at| changed(&made.share, at, 1)));
        bad_ciphertexts.extend([made.share, vec![0; len], vec![0xff; len]]);
    }
    for bad in &bad_ciphertexts {
        // The ciphertexts were made for another key.
        let key = agreement.generate(&mut rng.clone()).map_err(|error| format!("no key: {error}"))?;
        cases.given(&[("ciphertext", bad)]);
        if let Some(secret) = cases.succeeds(key.agree(bad), "a ciphertext for another key") {
            cases.equal(&secret.len(), &32, "length of the secret");
            cases.expect(!secrets.contains(&secret), "two ciphertexts gave the same secret");
            secrets.push(secret);
        }
    }
    for at in [0, 500, 767] {
        let key = agreement.generate(&mut rng.clone()).map_err(|error| format!("no key: {error}"))?;
        let made = agreement.encapsulate(key.share(), &mut rng.clone()).map_err(|error| error.to_string())?;
        let bad = changed(&made.share, at, 0x10);
        cases.given(&[("ciphertext", &bad)]);
        if let Some(secret) = cases.succeeds(key.agree(&bad), "a changed ciphertext") {
            cases.expect(secret != made.secret, "a changed ciphertext gave the same secret");
        }
    }
    // The rejected secret is a function of key and ciphertext, if the key can be generated twice.
    let seeded = || agreement.generate(&mut Seeded::new(3)).map_err(|error| error.to_string());
    let (one, two, three) = (seeded()?, seeded()?, seeded()?);
    let [.., zeros, ones] = bad_ciphertexts.as_slice() else { return Ok(()) };
    if one.share() != two.share() {
        cases.skip();
        return Ok(());
    }
    let ok = |secret: Result<SecretBytes, CryptoError>| secret.map_err(|error| error.to_string());
    let (first, again, other) = (ok(one.agree(zeros))?, ok(two.agree(zeros))?, ok(three.agree(ones))?);
    cases.given(&[("ciphertext", zeros)]);
    cases.expect(first == again, "the same key and ciphertext gave another secret");
    cases.expect(first != other, "another ciphertext gave the same secret");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficient_is_replaced_alone() {
        let key = [&[0; 384][..], &[0xff; SEED_LEN]].concat();
        assert!(is_reduced(&key));
        for at in 0..256 {
            for value in NOT_REDUCED {
                let changed = with_coefficient(&key, at, value);
                assert!(!is_reduced(&changed), "{at}");
                assert_eq!(with_coefficient(&changed, at, 0), key);
            }
            assert!(is_reduced(&with_coefficient(&key, at, Q - 1)), "{at}");
        }
    }
}
