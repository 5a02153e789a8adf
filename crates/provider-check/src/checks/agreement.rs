//! Key agreement.

use super::name;
use crate::cases::Cases;
use crate::fixtures::{changed, prefix};
use crate::generators::{Broken, Seeded};
use crate::judge::{Judge, Outcomes};
use cairn_crypto::{CryptoError, KeyAgreement, ProviderRng};
use cairn_wire::NamedGroup;
use hex_literal::hex;

pub(super) fn run(judge: &mut Judge<'_>) {
    let provider = judge.provider;
    for agreement in &provider.groups {
        let (label, by) = (agreement.group().to_string(), agreement.implementation());
        judge.row(&label, by, name::TWO_SIDES, |cases| two_sides(cases, &**agreement, provider.rng()));
        judge.row(&label, by, name::INVALID, |cases| match agreement.group() {
            NamedGroup::X25519 => x25519(cases, &**agreement, provider.rng()),
            NamedGroup::SECP256R1 | NamedGroup::SECP384R1 | NamedGroup::SECP521R1 => {
                nist(cases, &**agreement, provider.rng())
            }
            _ => any(cases, &**agreement, provider.rng()),
        });
    }
}

/// How long shares and secrets are (RFC 8422 section 5.4.1 and 5.10).
fn widths(group: NamedGroup) -> Option<(usize, usize)> {
    Some(match group {
        NamedGroup::X25519 => (32, 32),
        NamedGroup::SECP256R1 => (65, 32),
        NamedGroup::SECP384R1 => (97, 48),
        NamedGroup::SECP521R1 => (133, 66),
        _ => return None,
    })
}

fn two_sides(cases: &mut Cases, agreement: &dyn KeyAgreement, mut rng: ProviderRng<'_>) -> Outcomes {
    let mut shares = Vec::new();
    for _ in 0..8 {
        let key = agreement.generate(&mut rng).map_err(|error| format!("no key: {error}"))?;
        let share = key.share().to_vec();
        let answer =
            agreement.encapsulate(&share, &mut rng).map_err(|error| format!("no answer: {error}"))?;
        let secret = key.agree(&answer.share).map_err(|error| format!("no secret: {error}"))?;
        cases.expect(secret == answer.secret, "the two sides have different secrets");
        if let Some((share_len, secret_len)) = widths(agreement.group()) {
            cases.equal(&share.len(), &share_len, "length of the share");
            cases.equal(&answer.share.len(), &share_len, "length of the answer");
            cases.equal(&secret.len(), &secret_len, "length of the secret");
        }
        shares.push(share);
        shares.push(answer.share);
    }
    let count = shares.len();
    shares.sort();
    shares.dedup();
    cases.equal(&shares.len(), &count, "ephemeral keys that are different");
    // A generator that fails is an error, unless the module draws from one of its own.
    let broken = agreement.generate(&mut Broken).map(|key| key.share().to_vec());
    match (broken, agreement.generate(&mut Broken).map(|key| key.share().to_vec())) {
        (Err(error), _) => cases.equal(&error, &CryptoError::RandomFailed, "a generator that fails"),
        (Ok(one), two) => cases.expect(two != Ok(one), "a generator that fails gives the same key again"),
    }
    // What a seed gives, it gives again, unless the module draws from a generator of its own.
    let seeded = || agreement.generate(&mut Seeded::new(12)).map(|key| key.share().to_vec());
    let from_seed = seeded().map_err(|error| format!("with a seeded generator: {error}"))?;
    if seeded() == Ok(from_seed.clone()) {
        let other = agreement.generate(&mut Seeded::new(13)).map(|key| key.share().to_vec());
        cases.expect(other != Ok(from_seed), "another seed gives the same key");
    } else {
        cases.leave_out();
    }
    Ok(())
}

fn refused(
    cases: &mut Cases,
    agreement: &dyn KeyAgreement,
    rng: ProviderRng<'_>,
    share: &[u8],
    what: &str,
) -> Outcomes {
    let key = agreement.generate(&mut rng.clone()).map_err(|error| format!("no key: {error}"))?;
    cases.refused(key.agree(share), CryptoError::BadPeerShare, what);
    let answer = agreement.encapsulate(share, &mut rng.clone());
    cases.refused(answer, CryptoError::BadPeerShare, || format!("{what}, in an answer"));
    Ok(())
}

/// The u-coordinates of order 1, 2, 4 and 8 on the curve and its twist, and what is congruent to them modulo 2^255 - 19.
const LOW_ORDER: [[u8; 32]; 7] = [
    hex!("0000000000000000000000000000000000000000000000000000000000000000"),
    hex!("0100000000000000000000000000000000000000000000000000000000000000"),
    hex!("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    hex!("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    hex!("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    hex!("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    hex!("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
];

fn x25519(cases: &mut Cases, agreement: &dyn KeyAgreement, rng: ProviderRng<'_>) -> Outcomes {
    for point in LOW_ORDER {
        // The top bit is one that RFC 7748 section 5 has us ignore.
        for share in [point.to_vec(), changed(&point, 31, 0x80)] {
            refused(cases, agreement, rng, &share, "a point of low order")?;
        }
    }
    for len in [0, 1, 31, 33, 44, 64, 65] {
        refused(cases, agreement, rng, &vec![9; len], &format!("a share of {len} bytes"))?;
    }
    Ok(())
}

fn nist(cases: &mut Cases, agreement: &dyn KeyAgreement, rng: ProviderRng<'_>) -> Outcomes {
    let good = agreement.generate(&mut rng.clone()).map_err(|error| error.to_string())?.share().to_vec();
    let (Some((4, _)), Some(last)) = (good.split_first(), good.len().checked_sub(1)) else {
        return Err("a share is not an uncompressed point (RFC 8422 section 5.4.1)".to_owned());
    };
    let mut try_one = |share: &[u8], what: &str| refused(cases, agreement, rng, share, what);
    try_one(&changed(&good, last, 1), "a point off the curve")?;
    try_one(&changed(&good, 1, 1), "a point off the curve")?;
    try_one(&[&[4][..], &vec![0xff; last]].concat(), "coordinates out of range")?;
    try_one(&[&[4][..], &vec![0; last]].concat(), "the point of zeros")?;
    for form in [0, 2, 3, 5, 6, 7] {
        let mut share = good.clone();
        if let Some(first) = share.first_mut() {
            *first = form;
        }
        try_one(&share, &format!("a point in the form {form}"))?;
    }
    let odd = good.last().copied().unwrap_or(0) & 1;
    let x = good.get(1..=last / 2).unwrap_or_default();
    try_one(&[&[2 + odd][..], x].concat(), "a compressed point")?;
    try_one(&[0], "the point at infinity")?;
    try_one(&[], "an empty share")?;
    try_one(prefix(&good, last), "one byte less")?;
    try_one(&[&good[..], &[0]].concat(), "one byte more")
}

fn any(cases: &mut Cases, agreement: &dyn KeyAgreement, rng: ProviderRng<'_>) -> Outcomes {
    let good = agreement.generate(&mut rng.clone()).map_err(|error| error.to_string())?.share().to_vec();
    refused(cases, agreement, rng, &[], "an empty share")?;
    refused(cases, agreement, rng, prefix(&good, good.len() - 1), "one byte less")?;
    refused(cases, agreement, rng, &[&good[..], &[0]].concat(), "one byte more")
}
