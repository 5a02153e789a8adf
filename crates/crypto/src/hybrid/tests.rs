use super::*;
use crate::testing::{Toy, with_rng};
use alloc::{format, vec};

fn groups() -> Vec<Arc<dyn KeyAgreement>> {
    Toy::parts().into_iter().map(|part| -> Arc<dyn KeyAgreement> { part }).collect()
}

/// Each hybrid with the length of both shares (draft-ietf-tls-ecdhe-mlkem), and whether ML-KEM is first.
const HYBRIDS: [(NamedGroup, usize, usize, bool); 3] = [
    (NamedGroup::X25519MLKEM768, 1216, 1120, true),
    (NamedGroup::SECP256R1MLKEM768, 1249, 1153, false),
    (NamedGroup::SECP384R1MLKEM1024, 1665, 1665, false),
];

#[test]
fn hybrid_shares_have_the_lengths_of_the_draft() {
    let hybrids = Hybrid::all(&groups());
    assert_eq!(hybrids.len(), HYBRIDS.len());
    for (hybrid, (group, client, server, _)) in hybrids.iter().zip(HYBRIDS) {
        assert_eq!(hybrid.group(), group);
        with_rng(|rng| {
            let key = hybrid.generate(rng).unwrap();
            assert_eq!(key.share().len(), client, "{group}");
            assert_eq!(hybrid.encapsulate(key.share(), rng).unwrap().share.len(), server, "{group}");
        });
    }
}

#[test]
fn hybrid_concatenates_in_the_order_of_the_definition() {
    for (group, _, _, lattice_first) in HYBRIDS {
        // Other numbers in each part: the curve's shares are 11 and 0x8c, those of ML-KEM 21 and 0x96.
        let parts = Toy::parts();
        for part in &parts {
            let start = if part.name == "curves" { 10 } else { 20 };
            part.keys.store(start, core::sync::atomic::Ordering::Relaxed);
        }
        let parts: Vec<Arc<dyn KeyAgreement>> =
            parts.into_iter().map(|part| -> Arc<dyn KeyAgreement> { part }).collect();
        let hybrid = Hybrid::new(group, &parts).unwrap();
        with_rng(|rng| {
            let key = hybrid.generate(rng).unwrap();
            let answer = hybrid.encapsulate(key.share(), rng).unwrap();
            let ends = |share: &[u8]| (share[0], share[share.len() - 1]);
            let (client, server) = (ends(key.share()), ends(&answer.share));
            let secret = key.agree(&answer.share).unwrap();
            assert_eq!(secret, answer.secret);
            if lattice_first {
                assert_eq!((client, server), ((21, 11), (0x96, 0x8c)), "{group}");
                assert_eq!(secret.expose(), [21, 0x96, 11, 0x8c]);
            } else {
                assert_eq!((client, server), ((11, 21), (0x8c, 0x96)), "{group}");
                assert_eq!(secret.expose(), [11, 0x8c, 21, 0x96]);
            }
        });
    }
}

/// Shares that are wrong in one way each: their length, the first part, the second part.
fn invalid(good: &[u8]) -> [Vec<u8>; 5] {
    let last = good.len() - 1;
    let zeroed = |part: u8| good.iter().map(|byte| if *byte == part { 0 } else { *byte }).collect();
    [vec![], good[..last].to_vec(), [good, &[1]].concat(), zeroed(good[0]), zeroed(good[last])]
}

#[test]
fn hybrid_refuses_wrong_lengths_and_either_invalid_part() {
    for group in HYBRIDS.map(|(group, ..)| group) {
        let parts = groups();
        // The two parts of a share differ, so that one can be changed alone.
        let hybrid = Hybrid::new(group, &parts).unwrap();
        with_rng(|rng| {
            parts
                .iter()
                .find(|part| part.group() == group.components().unwrap()[0])
                .unwrap()
                .generate(rng)
                .unwrap();
            let share = hybrid.generate(rng).unwrap().share().to_vec();
            let answer = hybrid.encapsulate(&share, rng).unwrap().share;
            for bad in invalid(&share) {
                let refusal = hybrid.encapsulate(&bad, rng).unwrap_err();
                assert_eq!(refusal, CryptoError::BadPeerShare, "{group}");
            }
            for bad in invalid(&answer) {
                let refusal = hybrid.generate(rng).unwrap().agree(&bad).unwrap_err();
                assert_eq!(refusal, CryptoError::BadPeerShare, "{group}");
            }
        });
    }
}

#[test]
fn hybrid_needs_both_parts() {
    let all = groups();
    for (group, ..) in HYBRIDS {
        for missing in group.components().unwrap() {
            let rest: Vec<_> = all.iter().filter(|part| part.group() != missing).cloned().collect();
            assert!(Hybrid::new(group, &rest).is_none(), "{group} without {missing}");
        }
    }
    assert!(Hybrid::new(NamedGroup::X25519, &all).is_none());
    assert!(Hybrid::all(&[]).is_empty());
}

#[test]
fn component_of_a_hybrid_key_serves_its_own_group() {
    let parts = groups();
    let hybrid = Hybrid::new(NamedGroup::X25519MLKEM768, &parts).unwrap();
    with_rng(|rng| {
        for group in [NamedGroup::X25519, NamedGroup::MLKEM768] {
            let key = hybrid.generate(rng).unwrap();
            let share = key.component(group).unwrap().share().to_vec();
            let part = parts.iter().find(|part| part.group() == group).unwrap();
            let answer = part.encapsulate(&share, rng).unwrap();
            assert_eq!(key.into_component(group).unwrap().agree(&answer.share), Ok(answer.secret));
        }
        let key = hybrid.generate(rng).unwrap();
        assert!(key.component(NamedGroup::SECP256R1).is_none());
        assert!(key.component(NamedGroup::X25519MLKEM768).is_none());
        assert!(key.into_component(NamedGroup::SECP256R1).is_none());
    });
}

#[test]
fn hybrid_names_the_implementation_that_both_parts_share() {
    let mixed = Hybrid::new(NamedGroup::X25519MLKEM768, &groups()).unwrap();
    assert_eq!(mixed.implementation(), "several");
    assert_eq!(format!("{mixed:?}"), "X25519MLKEM768(MLKEM768 by lattices, x25519 by curves)");
    let one: [Arc<dyn KeyAgreement>; 2] =
        [Toy::new(NamedGroup::X25519, "one", (32, 32)), Toy::new(NamedGroup::MLKEM768, "one", (1184, 1088))];
    assert_eq!(Hybrid::new(NamedGroup::X25519MLKEM768, &one).unwrap().implementation(), "one");
}
