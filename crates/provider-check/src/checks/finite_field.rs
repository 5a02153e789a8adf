//! Checks of Diffie-Hellman over finite fields, against powers computed here.

use super::name;
use crate::cases::Cases;
use crate::fixtures::{Group, groups, padded};
use crate::generators::Broken;
use crate::names::FINITE_FIELD;
use crate::number::{first_short_power, less, power};
use crate::runner::{Outcomes, Runner};
use cairn_crypto::{CryptoError, FiniteField, FiniteFieldGroup, ProviderRng};
use hex_literal::hex;

pub(super) fn run(runner: &mut Runner<'_>) {
    let provider = runner.provider;
    if let Some(dh) = &provider.finite_field {
        let by = dh.implementation();
        runner.row(FINITE_FIELD, by, name::TWO_SIDES, |cases| two_sides(cases, &**dh, provider.rng()));
        runner.row(FINITE_FIELD, by, name::INVALID, |cases| invalid(cases, &**dh, provider.rng()));
    }
}

/// A prime of 2048 bits that equals `SHORT`^2 + `SHORT` + 1. `SHORT` has half its width and order 3 modulo
/// it.
const P: [u8; 256] = hex!(
    "fe08b4fac3038daf132ecbaf6a1cccc954710d515350fb341f5018ad6c625d8a"
    "3e0314fbaefdb9bbc5d259461e17aa6dc12a4adcce1b62238a5030b963221cfa"
    "bcfcfea175bf5c756eed1d88026a7061ef4ba03b15717de1c1b1cc2b1207d784"
    "93b25be54e7f26cbf5e63b8c0329ec79bd802a2d9fb297d869a2f0686e0f348b"
    "163e847af8a6588c3501c37f4053a12e72cb39f917d9e0d0155cfcd7c345358a"
    "880a58addbfde1e0e4f532398f8832e41c397fb2d8b6dbb58541a3807b48ecaa"
    "6f6b952710d684879c77544f31435260d45ac205dd5046171469db1ac8d91d1b"
    "ca87622edc17ed0acac1a4b812c928ea4102c29c10de526407b4bf07d40f7301"
);
const SHORT: [u8; 128] = hex!(
    "ff03de543a34341aa2fc6e1b80487d0caafa01451bd2052f73f7fa469b215892"
    "5217be83ed2286d992bb12157c95987727a6e517da322297c19572d6320e00ce"
    "a0b3add0e6bfabd8811419f60c348f0b3ecc543ad68dd7dc5be23d2e50d4363f"
    "dfbd75836c8577afe7040102230f105bc4fbe0c372de62ad787df66003998cff"
);

impl Group {
    fn value(&self) -> FiniteFieldGroup<'_> {
        FiniteFieldGroup { p: &self.p, g: &self.g }
    }
}

fn two_sides(cases: &mut Cases, dh: &dyn FiniteField, mut rng: ProviderRng<'_>) -> Outcomes {
    for group in groups().iter().filter(|group| group.name.starts_with("ffdhe")) {
        let (name, p) = (group.name, &group.p);
        let new_key = |rng: &mut ProviderRng<'_>| {
            dh.generate(group.value(), rng).map_err(|error| format!("{name}: no key: {error}"))
        };
        // The other side is computed here with a known exponent. It uses only the share of the key.
        let exponent = [1, 0, 1];
        let ours = power(&group.g, &exponent, p).ok_or("no power")?;
        let key = new_key(&mut rng)?;
        let share = key.share().to_vec();
        canonical(cases, &share, p, name);
        let secret = key.agree(&ours).map_err(|error| format!("{name}: no secret: {error}"))?;
        let wanted = power(&share, &exponent, p).ok_or("no power")?;
        cases.expect(secret.expose() == wanted, || format!("{name}: the secret is not the expected power"));

        let key = new_key(&mut rng)?;
        cases.expect(key.share() != share, || format!("{name}: an ephemeral key was repeated"));
        let answer = dh
            .encapsulate(group.value(), key.share(), &mut rng)
            .map_err(|error| format!("{name}: no answer: {error}"))?;
        canonical(cases, &answer.share, p, name);
        let secret = key.agree(&answer.share).map_err(|error| format!("{name}: no secret: {error}"))?;
        cases.expect(secret == answer.secret, || format!("{name}: the two sides have different secrets"));
    }
    let groups = groups();
    let group = groups.first().ok_or("no group")?;
    // A secret with leading zeros is still as wide as the prime.
    let key = dh.generate(group.value(), &mut rng).map_err(|error| error.to_string())?;
    let (exponent, wanted) = first_short_power(key.share(), &group.p).ok_or("no power")?;
    let ours = power(&group.g, &exponent.to_be_bytes(), &group.p).ok_or("no power")?;
    let secret = key.agree(&ours).map_err(|error| error.to_string())?;
    cases.expect(secret.expose() == wanted, "a secret that begins with zeros is not as wide as the prime");
    let small = padded(&[2], group.p.len());
    for (share, what) in
        [(&small[..], "a share that begins with zeros"), (&[2][..], "a share without its zeros")]
    {
        let key = dh.generate(group.value(), &mut rng).map_err(|error| error.to_string())?;
        let ours = key.share().to_vec();
        let secret = key.agree(share).map_err(|error| format!("{what}: {error}"))?;
        // The generator is 2. With 2 as the peer's share, the secret equals the share of the key.
        cases.expect(secret.expose() == ours, || format!("{what}: another secret"));
    }
    own_shares_with_leading_zeros(cases, dh, &mut rng);
    // Leading zeros of the prime and the generator do not matter.
    let (p, g) = ([&[0, 0], &group.p[..]].concat(), [0, 0, 2]);
    let key = dh.generate(FiniteFieldGroup { p: &p, g: &g }, &mut rng);
    let key = key.map_err(|error| format!("a prime with leading zeros: {error}"))?;
    cases.equal(&key.share().len(), &group.p.len(), "a prime with leading zeros: length of the share");
    match dh.generate(group.value(), &mut Broken) {
        Err(error) => cases.equal(&error, &CryptoError::RandomFailed, "a generator that fails"),
        Ok(one) => {
            let two = dh.generate(group.value(), &mut Broken).map_err(|error| error.to_string())?;
            cases.expect(one.share() != two.share(), "a generator that fails gives the same key again");
        }
    }
    Ok(())
}

/// Checks that a generated share is as wide as the prime and lies between 1 and p - 1. RFC 7919 section 3
/// does not require the width, but RFC 9846 section 4.3.8.1 and current peers do.
fn canonical(cases: &mut Cases, share: &[u8], p: &[u8], name: &str) {
    cases.given(&[("share", share)]);
    cases.equal(&share.len(), &p.len(), || format!("{name}: length of the share"));
    let share = padded(share, p.len());
    let in_range = share > padded(&[1], p.len()) && share < less(p, 1);
    cases.expect(in_range, || format!("{name}: a share that is not between 1 and p - 1"));
    cases.given(&[]);
}

/// Only one in 256 random shares has a leading zero byte, which is too rare to wait for. With the generator
/// [`SHORT`] one in three does; the others are p - 1 - [`SHORT`], and 1, which is not a valid share.
fn own_shares_with_leading_zeros(cases: &mut Cases, dh: &dyn FiniteField, rng: &mut ProviderRng<'_>) {
    let group = FiniteFieldGroup { p: &P, g: &SHORT };
    let mut short = 0;
    for _ in 0..40 {
        // A provider that draws the share 1 may return an error, and a provider that validates groups may
        // reject this one.
        let Ok(key) = dh.generate(group, rng) else { continue };
        if key.share().iter().find(|byte| **byte != 0) == SHORT.first() {
            short += 1;
            cases.given(&[("share", key.share())]);
            cases.equal(&key.share().len(), &P.len(), "length of a generated share with leading zeros");
        }
    }
    cases.given(&[]);
    if short == 0 {
        cases.skip();
    }
}

fn invalid(cases: &mut Cases, dh: &dyn FiniteField, mut rng: ProviderRng<'_>) -> Outcomes {
    let groups = groups();
    let group = groups.first().ok_or("no group")?;
    let p = &group.p;
    for (share, what) in [
        (vec![], "no share at all"),
        (vec![0], "the share 0"),
        (vec![1], "the share 1"),
        (vec![0; p.len()], "the share 0 in full width"),
        (padded(&[1], p.len()), "the share 1 in full width"),
        (less(p, 1), "the share p - 1"),
        (p.clone(), "the share p"),
        (vec![0xff; p.len() + 1], "a share that is longer than the prime"),
        ([&[1], &p[..]].concat(), "a share beyond the prime"),
    ] {
        cases.given(&[("share", &share)]);
        let key = dh.generate(group.value(), &mut rng).map_err(|error| error.to_string())?;
        cases.refused(key.agree(&share), CryptoError::BadPeerShare, what);
        let answer = dh.encapsulate(group.value(), &share, &mut rng);
        cases.refused(answer, CryptoError::BadPeerShare, || format!("{what}, in an answer"));
    }
    let mut refused = |p: &[u8], g: &[u8], what: &str| {
        cases.given(&[("p", p), ("g", g)]);
        cases.refused(dh.generate(FiniteFieldGroup { p, g }, &mut rng), CryptoError::BadPeerShare, what);
    };
    refused(&[], &[2], "no prime");
    refused(&[0], &[2], "the prime 0");
    refused(&less(p, 1), &[2], "an even prime");
    refused(p, &[], "no generator");
    refused(p, &[0], "the generator 0");
    refused(p, &[1], "the generator 1");
    refused(p, &less(p, 1), "the generator p - 1");
    refused(p, p, "the generator p");
    refused(p, &[&[1], &p[..]].concat(), "a generator beyond the prime");

    cases.given(&[]);
    // A share of order 3 makes the secret 1 for every third key. A provider that rejects such a group need
    // not detect it.
    let odd = groups.iter().find(|group| group.name == "odd1031").ok_or("no group of 1031 bits")?;
    let Some(share) = of_order_3(&odd.p) else { return Err("no element of order 3".to_owned()) };
    for _ in 0..24 {
        let Ok(key) = dh.generate(odd.value(), &mut rng) else {
            cases.skip();
            break;
        };
        match key.agree(&share) {
            Ok(secret) => {
                let one = padded(&[1], odd.p.len());
                cases.expect(secret.expose() != one, "the secret 1, from a share of order 3");
            }
            Err(error) => cases.equal(&error, &CryptoError::BadPeerShare, "a share of order 3"),
        }
    }
    Ok(())
}

/// An element of the subgroup of order 3, modulo a prime that is 1 modulo 3.
fn of_order_3(p: &[u8]) -> Option<Vec<u8>> {
    let third = divided_by_3(&less(p, 1));
    let one = padded(&[1], p.len());
    (2..20).map(|base| power(&[base], &third, p)).find(|member| *member != Some(one.clone()))?
}

fn divided_by_3(number: &[u8]) -> Vec<u8> {
    let mut rest = 0_u16;
    let digits = number.iter().map(|byte| {
        let all = rest * 256 + u16::from(*byte);
        rest = all % 3;
        u8::try_from(all / 3).unwrap_or(0)
    });
    digits.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_generator_has_order_3() {
        let one = padded(&[1], P.len());
        assert_eq!(power(&SHORT, &[3], &P), Some(one));
        assert_eq!(power(&SHORT, &[1], &P), Some(padded(&SHORT, P.len())));
    }

    #[test]
    fn element_of_order_3_has_order_3() {
        let groups = groups();
        let p = &groups.iter().find(|group| group.name == "odd1031").unwrap().p;
        let member = of_order_3(p).unwrap();
        assert_eq!(power(&member, &[3], p).unwrap(), padded(&[1], p.len()));
        assert_ne!(member, padded(&[1], p.len()));
        assert_eq!(divided_by_3(&[3, 0]), [1, 0]);
    }
}
