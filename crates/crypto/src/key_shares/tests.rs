use super::*;
use crate::hybrid::Hybrid;
use crate::testing::{Toy, with_rng};
use alloc::{format, sync::Arc, vec};
use core::sync::atomic::Ordering;

const X25519: NamedGroup = NamedGroup::X25519;
const X25519MLKEM768: NamedGroup = NamedGroup::X25519MLKEM768;

/// A provider with the parts and the hybrids, and the parts to count their keys.
fn provider() -> (Provider, [Arc<Toy>; 5]) {
    let parts = Toy::parts();
    let mut provider = Provider::empty(Arc::new(crate::random::tests::nothing()));
    for part in &parts {
        provider.groups.push(Arc::<Toy>::clone(part));
    }
    provider.groups = Hybrid::all_first(provider.groups);
    (provider, parts)
}

#[test]
fn part_of_a_hybrid_is_generated_once() {
    for groups in [[X25519MLKEM768, X25519], [X25519, X25519MLKEM768]] {
        let (provider, parts) = provider();
        let shares = with_rng(|rng| KeyShares::generate(&provider, &groups, rng)).unwrap();
        let offered: Vec<_> = shares.iter().collect();
        assert_eq!(offered.iter().map(|(group, _)| *group).collect::<Vec<_>>(), groups);
        let of = |wanted| offered.iter().find(|(group, _)| *group == wanted).unwrap().1;
        assert!(of(X25519MLKEM768).ends_with(of(X25519)));
        assert_eq!(of(X25519).len(), 32);
        assert_eq!(parts[0].keys.load(Ordering::Relaxed), 1, "one key of X25519");
    }
}

#[test]
fn each_client_hello_has_fresh_keys() {
    let (provider, _) = provider();
    let [first, second] = [(), ()]
        .map(|()| with_rng(|rng| KeyShares::generate(&provider, &[X25519MLKEM768, X25519], rng)).unwrap());
    for ((group, one), (_, other)) in first.iter().zip(second.iter()) {
        assert_ne!(one, other, "{group}");
    }
}

#[test]
fn server_may_choose_the_hybrid_or_its_part() {
    for chosen in [X25519MLKEM768, X25519] {
        let (provider, _) = provider();
        with_rng(|rng| {
            let shares = KeyShares::generate(&provider, &[X25519MLKEM768, X25519], rng).unwrap();
            let (_, share) = shares.iter().find(|(group, _)| *group == chosen).unwrap();
            let answer = provider.group(chosen).unwrap().encapsulate(share, rng).unwrap();
            assert_eq!(shares.agree(chosen, &answer.share), Ok(answer.secret), "{chosen}");
        });
    }
}

#[test]
fn group_without_share_is_unsupported() {
    let (provider, _) = provider();
    with_rng(|rng| {
        // ML-KEM-768 is a part of the hybrid, but no share of its own was offered.
        let shares = KeyShares::generate(&provider, &[X25519MLKEM768], rng).unwrap();
        assert!(shares.offers(X25519MLKEM768));
        assert!(!shares.offers(NamedGroup::MLKEM768) && !shares.offers(X25519));
        assert_eq!(shares.agree(X25519, &[1; 32]), Err(CryptoError::Unsupported));
        let missing = KeyShares::generate(&provider, &[NamedGroup::X448], rng);
        assert_eq!(missing.err(), Some(CryptoError::Unsupported));
    });
}

#[test]
fn no_group_has_two_shares() {
    let (provider, _) = provider();
    let groups = [X25519, X25519, X25519MLKEM768, X25519MLKEM768];
    let shares = with_rng(|rng| KeyShares::generate(&provider, &groups, rng)).unwrap();
    assert_eq!(shares.iter().map(|(group, _)| group).collect::<Vec<_>>(), vec![X25519, X25519MLKEM768]);
    assert_eq!(format!("{shares:?}"), "KeyShares[x25519, X25519MLKEM768]");
    assert_eq!(with_rng(|rng| KeyShares::generate(&provider, &[], rng)).unwrap().iter().count(), 0);
}
