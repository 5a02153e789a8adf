//! Checks of hybrid groups: the order of their parts, and the checks of each part.

use super::ml_kem::{NOT_REDUCED, with_coefficient};
use super::shares::{LOW_ORDER, refused_answer, refused_share, widths};
use crate::cases::Cases;
use crate::fixtures::{changed, prefix};
use crate::runner::Outcomes;
use cairn_crypto::{CryptoError, KeyAgreement, Provider, ProviderRng};
use cairn_wire::NamedGroup;

/// The share of the first part and that of the second, where the first has this length.
fn split(share: &[u8], first: usize) -> Result<(&[u8], &[u8]), String> {
    share.split_at_checked(first).ok_or_else(|| "the share is shorter than its first part".to_owned())
}

/// Compares a hybrid with its parts: shares and secrets are concatenated in the order of the definition (RFC
/// 9954 section 3.2, draft-ietf-tls-ecdhe-mlkem).
pub(super) fn composition(
    cases: &mut Cases,
    provider: &Provider,
    agreement: &dyn KeyAgreement,
    parts: [&dyn KeyAgreement; 2],
) -> Outcomes {
    let rng = provider.rng();
    let said = |error: CryptoError| error.to_string();
    let [first, second] = parts;
    let width = widths(first.group()).ok_or("the first part has an unknown length")?;
    for _ in 0..4 {
        // The hybrid generates, and its parts answer.
        let key = agreement.generate(&mut rng.clone()).map_err(said)?;
        let (one, two) = split(key.share(), width.share)?;
        cases.given(&[("share", key.share())]);
        let one = first.encapsulate(one, &mut rng.clone()).map_err(|error| format!("first part: {error}"))?;
        let two =
            second.encapsulate(two, &mut rng.clone()).map_err(|error| format!("second part: {error}"))?;
        let secret = key.agree(&[&*one.share, &*two.share].concat()).map_err(said)?;
        let wanted = [one.secret.expose(), two.secret.expose()].concat();
        cases.expect(secret.expose() == wanted, "the secret is not the concatenation in this order");

        // The parts generate, and the hybrid answers.
        let (one, two) = (
            first.generate(&mut rng.clone()).map_err(said)?,
            second.generate(&mut rng.clone()).map_err(said)?,
        );
        let share = [one.share(), two.share()].concat();
        let answer = agreement.encapsulate(&share, &mut rng.clone()).map_err(said)?;
        cases.given(&[("share", &share), ("answer", &answer.share)]);
        let (to_one, to_two) = split(&answer.share, width.answer)?;
        let wanted =
            [one.agree(to_one).map_err(said)?.expose(), two.agree(to_two).map_err(said)?.expose()].concat();
        cases.expect(answer.secret.expose() == wanted, "the secret of the answer is not the concatenation");
    }
    for part in parts {
        component(cases, provider, agreement, part, width.share)?;
    }
    Ok(())
}

/// A key may give away the key of one part, for a second share in the same ClientHello.
fn component(
    cases: &mut Cases,
    provider: &Provider,
    agreement: &dyn KeyAgreement,
    part: &dyn KeyAgreement,
    first: usize,
) -> Outcomes {
    let said = |error: CryptoError| error.to_string();
    let rng = provider.rng();
    let key = agreement.generate(&mut rng.clone()).map_err(said)?;
    let group = part.group();
    let Some(share) = key.component(group).map(|key| key.share().to_vec()) else {
        cases.skip();
        return Ok(());
    };
    let (one, two) = split(key.share(), first)?;
    let is_first = agreement.group().components().is_some_and(|[first, _]| first == group);
    cases.expect(share == if is_first { one } else { two }, || format!("{group}: another share"));
    let answer = part.encapsulate(&share, &mut rng.clone()).map_err(said)?;
    let secret = key.into_component(group).map(|key| key.agree(&answer.share));
    cases.equal(&secret, &Some(Ok(answer.secret)), || format!("{group}: the key of the part"));
    Ok(())
}

pub(super) fn invalid(
    cases: &mut Cases,
    agreement: &dyn KeyAgreement,
    [first, second]: [NamedGroup; 2],
    rng: ProviderRng<'_>,
) -> Outcomes {
    let key = agreement.generate(&mut rng.clone()).map_err(|error| format!("no key: {error}"))?;
    let share = key.share().to_vec();
    let answer = agreement.encapsulate(&share, &mut rng.clone()).map_err(|error| error.to_string())?.share;
    for (good, is_answer) in [(&share, false), (&answer, true)] {
        let mut refused = |bad: &[u8], what: &str| {
            if is_answer {
                refused_answer(cases, agreement, rng, bad, what)
            } else {
                refused_share(cases, agreement, rng, bad, what);
                Ok(())
            }
        };
        let width = widths(first).map(|widths| if is_answer { widths.answer } else { widths.share });
        let (one, two) = split(good, width.ok_or("the first part has an unknown length")?)?;
        refused(&[], "an empty share")?;
        refused(prefix(good, good.len() - 1), "one byte less")?;
        refused(&[&good[..], &[0]].concat(), "one byte more")?;
        refused(one, "the first part alone")?;
        refused(two, "the second part alone")?;
        // As an answer, exchanged parts are as valid as any ciphertext and any u-coordinate.
        if !is_answer {
            refused(&[two, one].concat(), "the parts exchanged")?;
        }
        for bad in invalid_parts(first, one, is_answer) {
            refused(&[&bad, two].concat(), &format!("an invalid share of {first}"))?;
        }
        for bad in invalid_parts(second, two, is_answer) {
            refused(&[one, &bad].concat(), &format!("an invalid share of {second}"))?;
        }
    }
    Ok(())
}

/// Invalid shares of a part, with the length of a valid one. Every ciphertext of ML-KEM is valid.
fn invalid_parts(group: NamedGroup, good: &[u8], is_answer: bool) -> Vec<Vec<u8>> {
    match group {
        NamedGroup::X25519 => LOW_ORDER.iter().map(|point| point.to_vec()).collect(),
        NamedGroup::SECP256R1 | NamedGroup::SECP384R1 => {
            vec![changed(good, good.len() - 1, 1), changed(good, 0, 2), vec![0; good.len()]]
        }
        _ if is_answer => Vec::new(),
        _ => NOT_REDUCED.map(|value| with_coefficient(good, 1, value)).to_vec(),
    }
}
