//! The parameters of a session must still be acceptable.

use crate::attempt::{RESUMED, Setting, WAYS, attempt, outcome, server_finds, suite_with};
use crate::support::edit::offered_in_hello;
use cairn_handshake::{ClientPolicy, NotResumed, ServerPolicy};
use cairn_wire::{KeyExchangeAlgorithm, NamedGroup, SignatureScheme};

#[test]
fn session_with_refused_parameters_is_not_resumed() {
    type Policies<'a> = (Option<&'a dyn Fn(&mut ClientPolicy)>, Option<&'a dyn Fn(&mut ServerPolicy)>);
    let p256 = NamedGroup::SECP256R1;
    let first: Policies<'_> = (Some(&move |policy| policy.groups = vec![p256]), None);
    let scheme = SignatureScheme::ECDSA_SECP256R1_SHA256;
    let others = move |schemes: &mut Vec<SignatureScheme>| schemes.retain(|other| *other != scheme);
    let ecdsa_only = move |policy: &mut ClientPolicy| policy.groups = vec![p256];
    let cases: [(Policies<'_>, Setting<'_>, NotResumed); 2] = [
        (
            first,
            Setting {
                client: Some(&|policy| policy.groups.retain(|group| *group == NamedGroup::SECP384R1)),
                ..Setting::default()
            },
            NotResumed::Group,
        ),
        (
            (Some(&ecdsa_only), None),
            Setting {
                client: Some(&move |policy| {
                    ecdsa_only(policy);
                    others(&mut policy.signature_schemes);
                }),
                ..Setting::default()
            },
            NotResumed::SignatureScheme,
        ),
    ];
    for by in WAYS {
        for ((client, server), after, reason) in &cases {
            let before = Setting { client: *client, server: *server, ..Setting::default() };
            let (ours, theirs) = before.sessions(by);
            let (mut client, _) = after.pair(by);
            client.session = Some(ours);
            drop(theirs);
            client.start();
            // The test only checks that no session is offered.
            assert!(offered_in_hello(&client).session_id.is_empty(), "{by:?}: {reason:?}");
        }
        // The server's limits on the client's signature scheme.
        let mutual = Setting { mutual: true, ..Setting::default() };
        let (ours, theirs) = mutual.sessions(by);
        let signed = theirs.evidence.client_proof.unwrap().scheme.unwrap();
        let after = Setting {
            mutual: true,
            server: Some(&move |policy| policy.signature_schemes.retain(|other| *other != signed)),
            ..Setting::default()
        };
        let found = attempt(&after, by, ours, theirs);
        assert_eq!(found, server_finds(NotResumed::SignatureScheme), "{by:?}");
        // The same for the group.
        let (ours, theirs) = Setting::default().sessions(by);
        let used = theirs.evidence.group.unwrap();
        let after = Setting {
            server: Some(&move |policy| policy.groups.retain(|other| *other != used)),
            ..Setting::default()
        };
        let found = attempt(&after, by, ours, theirs);
        assert_eq!(found, server_finds(NotResumed::Group), "{by:?}");
    }
}

#[test]
fn session_with_a_too_small_finite_field_is_not_resumed() {
    let suite = Some(suite_with(KeyExchangeAlgorithm::DhePsk));
    for by in WAYS {
        let before = Setting { suite, ..Setting::default() };
        assert_eq!(outcome(&before, &before, by), RESUMED, "{by:?}");
        let (ours, theirs) = before.sessions(by);
        let least = Setting {
            suite,
            client: Some(&|policy| policy.tls12.finite_field_bits = 8192..=8192),
            ..Setting::default()
        };
        let (mut client, _) = least.pair(by);
        client.session = Some(ours);
        drop(theirs);
        client.start();
        assert!(offered_in_hello(&client).session_id.is_empty(), "{by:?}");
    }
}
