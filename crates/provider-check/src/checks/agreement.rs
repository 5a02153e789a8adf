//! Checks of key agreement.

use super::shares::{LOW_ORDER, Widths, refused, widths};
use super::{hybrid, ml_kem, name};
use crate::cases::Cases;
use crate::fixtures::{changed, padded, prefix};
use crate::generators::{Broken, Seeded};
use crate::number::less;
use crate::runner::{Outcomes, Runner};
use cairn_crypto::{CryptoError, FiniteFieldGroup, KeyAgreement, ProviderRng};
use cairn_wire::NamedGroup;
use hex_literal::hex;

pub(super) fn run(runner: &mut Runner<'_>) {
    let provider = runner.provider;
    for agreement in &provider.groups {
        let (label, by) = (agreement.group().to_string(), agreement.implementation());
        runner.row(&label, by, name::TWO_SIDES, |cases| two_sides(cases, &**agreement, provider.rng()));
        runner.row(&label, by, name::INVALID, |cases| match agreement.group() {
            NamedGroup::X25519 => x25519(cases, &**agreement, provider.rng()),
            NamedGroup::SECP256R1 | NamedGroup::SECP384R1 | NamedGroup::SECP521R1 => {
                nist(cases, &**agreement, provider.rng())
            }
            NamedGroup::MLKEM512 | NamedGroup::MLKEM768 | NamedGroup::MLKEM1024 => {
                ml_kem::invalid(cases, &**agreement, provider.rng())
            }
            group => match (group.components(), FiniteFieldGroup::named(group)) {
                (Some(parts), _) => hybrid::invalid(cases, &**agreement, parts, provider.rng()),
                (_, Some(field)) => named_field(cases, &**agreement, field.p, provider.rng()),
                _ => any(cases, &**agreement, provider.rng()),
            },
        });
        if matches!(agreement.group(), NamedGroup::MLKEM512 | NamedGroup::MLKEM768 | NamedGroup::MLKEM1024) {
            runner.row(&label, by, name::REJECTION, |cases| {
                ml_kem::rejection(cases, &**agreement, provider.rng())
            });
        }
        let parts = agreement.group().components().map(|parts| parts.map(|part| provider.group(part)));
        if let Some([Some(first), Some(second)]) = parts {
            runner.row(&label, by, name::COMPOSITION, |cases| {
                hybrid::composition(cases, provider, &**agreement, [&**first, &**second])
            });
        }
    }
}

/// The primes of the fields, big-endian: FIPS 186-4 appendix D.1.2, RFC 7748 sections 4.1 and 4.2.
fn prime(group: NamedGroup) -> Option<&'static [u8]> {
    Some(match group {
        NamedGroup::X25519 => &hex!("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed"),
        NamedGroup::X448 => &hex!(
            "fffffffffffffffffffffffffffffffffffffffffffffffffffffffe"
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        ),
        NamedGroup::SECP256R1 => &hex!("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"),
        NamedGroup::SECP384R1 => &hex!(
            "ffffffffffffffffffffffffffffffffffffffffffffffff"
            "fffffffffffffffeffffffff0000000000000000ffffffff"
        ),
        NamedGroup::SECP521R1 => &hex!(
            "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        ),
        _ => return None,
    })
}

/// Which side a share comes from. For a KEM it is an encapsulation key or a ciphertext.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Generated,
    Answer,
}

/// Returns `true` if a share has the encoding that every peer accepts: coordinates below the prime, points in
/// uncompressed form (RFC 8422 section 5.4.1), and coefficients of an encapsulation key below q. RFC 7748
/// section 5 requires recipients to accept a u-coordinate beyond the prime and to ignore the top bit of
/// X25519, but senders must use neither.
fn is_canonical(group: NamedGroup, share: &[u8], from: From) -> bool {
    if let Some([first, second]) = group.components() {
        let width = widths(first).map(|widths| match from {
            From::Generated => widths.share,
            From::Answer => widths.answer,
        });
        let parts = width.and_then(|width| share.split_at_checked(width));
        return parts
            .is_some_and(|(one, two)| is_canonical(first, one, from) && is_canonical(second, two, from));
    }
    if matches!(group, NamedGroup::MLKEM512 | NamedGroup::MLKEM768 | NamedGroup::MLKEM1024) {
        return from == From::Answer || ml_kem::is_reduced(share);
    }
    let Some(prime) = prime(group) else { return true };
    // Big-endian numbers of the same width compare like their bytes.
    let in_range = |number: &[u8]| number.len() == prime.len() && number < prime;
    match group {
        NamedGroup::X25519 | NamedGroup::X448 => {
            let u: Vec<u8> = share.iter().rev().copied().collect();
            in_range(&u)
        }
        _ => match share.split_first() {
            Some((4, point)) => point.chunks(prime.len()).filter(|number| in_range(number)).count() == 2,
            _ => false,
        },
    }
}

fn two_sides(cases: &mut Cases, agreement: &dyn KeyAgreement, mut rng: ProviderRng<'_>) -> Outcomes {
    let mut shares = Vec::new();
    for _ in 0..8 {
        let key = agreement.generate(&mut rng).map_err(|error| format!("no key: {error}"))?;
        let share = key.share().to_vec();
        let answer =
            agreement.encapsulate(&share, &mut rng).map_err(|error| format!("no answer: {error}"))?;
        let secret = key.agree(&answer.share).map_err(|error| format!("no secret: {error}"))?;
        cases.given(&[("share", &share), ("answer", &answer.share)]);
        cases.expect(secret == answer.secret, "the two sides have different secrets");
        cases.expect(
            is_canonical(agreement.group(), &share, From::Generated),
            "a generated share is not canonically encoded",
        );
        cases.expect(
            is_canonical(agreement.group(), &answer.share, From::Answer),
            "a responder's share is not canonically encoded",
        );
        if let Some(wanted) = widths(agreement.group()) {
            let got = Widths { share: share.len(), answer: answer.share.len(), secret: secret.len() };
            cases.equal(&got, &wanted, "lengths");
        }
        shares.push(share);
        shares.push(answer.share);
    }
    cases.given(&[]);
    let count = shares.len();
    shares.sort();
    shares.dedup();
    cases.equal(&shares.len(), &count, "distinct ephemeral keys");
    // A failing generator must cause an error, unless the module uses its own generator.
    let broken = agreement.generate(&mut Broken).map(|key| key.share().to_vec());
    match (broken, agreement.generate(&mut Broken).map(|key| key.share().to_vec())) {
        (Err(error), _) => cases.equal(&error, &CryptoError::RandomFailed, "a generator that fails"),
        (Ok(one), two) => cases.expect(two != Ok(one), "a generator that fails gives the same key again"),
    }
    // The same seed gives the same key, unless the module uses its own generator.
    let seeded = || agreement.generate(&mut Seeded::new(12)).map(|key| key.share().to_vec());
    let from_seed = seeded().map_err(|error| format!("with a seeded generator: {error}"))?;
    if seeded() == Ok(from_seed.clone()) {
        let other = agreement.generate(&mut Seeded::new(13)).map(|key| key.share().to_vec());
        cases.expect(other != Ok(from_seed), "another seed gives the same key");
    } else {
        cases.skip();
    }
    Ok(())
}

fn x25519(cases: &mut Cases, agreement: &dyn KeyAgreement, rng: ProviderRng<'_>) -> Outcomes {
    for point in LOW_ORDER {
        // RFC 7748 section 5 requires the top bit to be ignored.
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

/// RFC 9846 section 4.3.8.1: shares are "padded to the left with zeros to the size of p in bytes", and "Peers
/// MUST validate each other's public key Y by ensuring that 1 < Y < p-1."
fn named_field(cases: &mut Cases, agreement: &dyn KeyAgreement, p: &[u8], rng: ProviderRng<'_>) -> Outcomes {
    for (number, what) in [
        (vec![], "0"),
        (vec![1], "1"),
        (less(p, 1), "p - 1"),
        (p.to_vec(), "p"),
        (vec![0xff; p.len()], "2^n - 1"),
    ] {
        refused(cases, agreement, rng, &padded(&number, p.len()), &format!("the share {what}"))?;
    }
    refused(cases, agreement, rng, &[2], "a share without leading zeros")?;
    any(cases, agreement, rng)
}

fn any(cases: &mut Cases, agreement: &dyn KeyAgreement, rng: ProviderRng<'_>) -> Outcomes {
    let good = agreement.generate(&mut rng.clone()).map_err(|error| error.to_string())?.share().to_vec();
    refused(cases, agreement, rng, &[], "an empty share")?;
    refused(cases, agreement, rng, prefix(&good, good.len() - 1), "one byte less")?;
    refused(cases, agreement, rng, &[&good[..], &[0]].concat(), "one byte more")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_canonical_below_the_prime() {
        let mut share = prime(NamedGroup::X25519).unwrap().to_vec();
        share.reverse();
        assert!(!is_canonical(NamedGroup::X25519, &share, From::Generated));
        assert!(is_canonical(NamedGroup::X25519, &changed(&share, 0, 1), From::Answer));
        assert!(!is_canonical(NamedGroup::X25519, &changed(&[9; 32], 31, 0x80), From::Answer));
        for group in [NamedGroup::SECP256R1, NamedGroup::SECP384R1, NamedGroup::SECP521R1] {
            let p = prime(group).unwrap();
            let below = less(p, 1);
            let point = |form: u8, x: &[u8], y: &[u8]| [&[form], x, y].concat();
            assert!(is_canonical(group, &point(4, &below, &below), From::Generated));
            for bad in
                [point(4, p, &below), point(4, &below, p), point(6, &below, &below), point(2, &below, &[])]
            {
                assert!(!is_canonical(group, &bad, From::Generated));
            }
        }
    }
}
