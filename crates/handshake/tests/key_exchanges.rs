//! The key exchanges: each suite completes and is resumed, each exchange sends exactly its messages, groups
//! are chosen as RFC 7919 requires, and failures to decrypt a premaster secret are not observable.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod support;

use cairn_crypto::{
    Algorithm, CryptoError, EphemeralKey, KeyAgreement, KeySpec, SecretBytes, rand_core::TryCryptoRng,
};
use cairn_handshake::{
    ClientAuthentication, ClientPolicy, Credential, HandshakeErrorKind, Machine, Psk, Requirement,
    ServerPolicy, Session,
};
use cairn_schedule::{Authentication, Protection, SUITES, Suite, Tls12Suite};
use cairn_wire::{
    ClientExtension, ExtensionType, HandshakeType as H, KeyExchangeAlgorithm as Kx, List, NamedGroup,
    SessionId,
};
use std::sync::Arc;
use support::{
    End, Wire, agree,
    edit::{self, body, body_of, client_hello},
    encrypts_then_macs, legacy, pair, run,
    walk::named_suite,
};

/// A kind of key that fits the suite.
fn spec(suite: &Tls12Suite) -> KeySpec {
    match suite.authentication {
        Authentication::Ecdsa => KeySpec::EcP256,
        _ => KeySpec::Rsa { bits: 2048 },
    }
}

fn suite_pair(
    suite: &'static Tls12Suite,
    client: impl FnOnce(&mut ClientPolicy),
    server: impl FnOnce(&mut ServerPolicy),
) -> (End, End) {
    pair(
        spec(suite),
        |policy| {
            policy.tls12.suites = vec![suite];
            client(policy);
        },
        |policy| {
            policy.tls12.suites = vec![suite];
            server(policy);
        },
    )
}

fn complete((mut client, mut server): (End, End)) -> (End, End) {
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server), "{:?} {:?}", client.log, server.log);
    (client, server)
}

#[test]
fn every_suite_completes_and_is_resumed_by_id_and_by_ticket() {
    for suite in SUITES {
        for tickets in [false, true] {
            let new = |sessions: Option<(Box<Session>, Box<Session>)>| {
                let (mut client, mut server) = suite_pair(
                    suite,
                    |client| client.resumption.as_mut().unwrap().tickets = tickets,
                    |server| server.resumption.as_mut().unwrap().tickets = tickets,
                );
                (client.session, server.session) = sessions.unzip();
                complete((client, server))
            };
            let (client, server) = new(None);
            let summary = client.complete.as_ref().unwrap();
            assert_eq!((summary.suite().id(), summary.is_resumed()), (suite.id, false));
            let identity = suite.uses_psk().then_some(&b"client"[..]);
            assert_eq!(summary.psk_identity.as_deref(), identity, "{}", suite.id);
            assert_eq!(summary.peer_chain.is_some(), suite.shows_certificate(), "{}", suite.id);
            let signed = matches!(suite.key_exchange, Kx::Dhe | Kx::Ecdhe);
            assert_eq!(summary.server_signature_scheme().is_some(), signed, "{}", suite.id);
            assert_eq!(summary.group().is_some(), suite.is_forward_secret(), "{}", suite.id);

            let theirs = if tickets { server.sealed } else { server.saved };
            let (client, server) = new(client.saved.zip(theirs));
            for end in [client, server] {
                let summary = end.complete.unwrap();
                assert!(summary.is_resumed(), "{}", suite.id);
                assert_eq!(summary.psk_identity.as_deref(), identity, "{}", suite.id);
            }
        }
    }
}

#[test]
fn every_key_exchange_works_without_extended_master_secret() {
    for suite in SUITES {
        let (mut client, mut server) = suite_pair(suite, |_| {}, |_| {});
        run(&mut client, &mut server, |from_client, wire| {
            if from_client {
                client_hello(wire, |parts| parts.remove(ExtensionType::EXTENDED_MASTER_SECRET));
            }
        });
        // The hello was modified, so Finished does not verify. The premaster secret and earlier messages were
        // accepted.
        assert_eq!(server.kind(), Some(HandshakeErrorKind::WrongFinished), "{}: {:?}", suite.id, server.log);
    }
}

/// The messages that the server sends after its hello.
fn said(server: &End) -> Vec<&str> {
    let said = server.log.iter().filter_map(|line| line.strip_prefix("send "));
    said.skip(1).take_while(|line| !line.contains("change_cipher_spec")).collect()
}

#[test]
fn each_key_exchange_has_its_own_messages() {
    const C: &str = "certificate";
    const K: &str = "server_key_exchange";
    const R: &str = "certificate_request";
    const D: &str = "server_hello_done";
    for (suite, hint, expected) in [
        ("TLS_RSA_WITH_AES_128_CBC_SHA", false, &[C, R, D][..]),
        ("TLS_RSA_WITH_AES_128_CBC_SHA", true, &[C, R, D]),
        ("TLS_DHE_RSA_WITH_AES_128_CBC_SHA", false, &[C, K, R, D]),
        ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", false, &[C, K, R, D]),
        ("TLS_DH_anon_WITH_AES_128_CBC_SHA", false, &[K, D]),
        ("TLS_ECDH_anon_WITH_AES_128_CBC_SHA", false, &[K, D]),
        ("TLS_PSK_WITH_AES_128_CBC_SHA", false, &[D]),
        ("TLS_PSK_WITH_AES_128_CBC_SHA", true, &[K, D]),
        ("TLS_DHE_PSK_WITH_AES_128_CBC_SHA", false, &[K, D]),
        ("TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA", false, &[K, D]),
        ("TLS_RSA_PSK_WITH_AES_128_CBC_SHA", false, &[C, D]),
        ("TLS_RSA_PSK_WITH_AES_128_CBC_SHA", true, &[C, K, D]),
    ] {
        let (_, server) = complete(suite_pair(
            named_suite(suite),
            |_| {},
            |server| {
                server.client_authentication = ClientAuthentication::Request { authorities: Vec::new() };
                server.tls12.psk_identity_hint = hint.then(|| b"which".to_vec());
            },
        ));
        assert_eq!(said(&server), expected, "{suite}, hint: {hint}");
    }
}

const DHE: &str = "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256";

/// The group of a DHE handshake with a client that lists these groups.
fn group_for(theirs: Option<&[NamedGroup]>, ours: &[NamedGroup]) -> Option<NamedGroup> {
    group_for_key(None, theirs, ours)
}

/// The same, with a server whose key has a modulus of this many bits.
fn group_for_key(
    modulus_bits: Option<usize>,
    theirs: Option<&[NamedGroup]>,
    ours: &[NamedGroup],
) -> Option<NamedGroup> {
    let (mut client, mut server) =
        suite_pair(named_suite(DHE), |_| {}, |server| server.groups = ours.to_vec());
    let credential = Credential::clone(server.credential.as_ref().unwrap()).with_modulus_bits(modulus_bits);
    server.credential = Some(Arc::new(credential));
    let theirs: Option<Vec<_>> = theirs.map(<[_]>::to_vec);
    let mut said_prime = None;
    run(&mut client, &mut server, |from_client, wire| {
        if let Some(body) = body_of(wire, H::SERVER_KEY_EXCHANGE) {
            said_prime = Some(u16::from_be_bytes([body[0], body[1]]));
        }
        if from_client {
            client_hello(wire, |parts| {
                parts.remove(ExtensionType::SUPPORTED_GROUPS);
                if let Some(theirs) = &theirs {
                    let theirs = theirs.clone().leak();
                    parts.extensions.push(ClientExtension::SupportedGroups(List::from_items(theirs)));
                }
            });
        }
    });
    match said_prime? {
        256 => Some(NamedGroup::FFDHE2048),
        384 => Some(NamedGroup::FFDHE3072),
        512 => Some(NamedGroup::FFDHE4096),
        other => panic!("{other}"),
    }
}

#[test]
fn server_chooses_its_first_finite_field_that_the_client_lists() {
    use NamedGroup as G;
    let curves = [G::X25519, G::SECP256R1];
    let all = [G::FFDHE2048, G::FFDHE3072];
    // A client that lists no finite field does not support RFC 7919.
    assert_eq!(group_for(None, &curves), Some(G::FFDHE2048));
    assert_eq!(group_for(Some(&curves), &curves), Some(G::FFDHE2048));
    assert_eq!(group_for(Some(&curves), &[G::FFDHE3072, G::X25519]), Some(G::FFDHE3072));
    assert_eq!(group_for(Some(&[G::FFDHE3072, G::FFDHE2048]), &all), Some(G::FFDHE2048));
    assert_eq!(group_for(Some(&[G::FFDHE3072]), &all), Some(G::FFDHE3072));
    assert_eq!(group_for(Some(&[G::FFDHE3072]), &curves), Some(G::FFDHE3072));
    // A client that lists only other finite fields, even unknown ones, must not get a different one (section
    // 4).
    assert_eq!(group_for(Some(&[G::FFDHE4096]), &all), None);
    assert_eq!(group_for(Some(&[NamedGroup(0x01fc)]), &curves), None);
}

#[test]
fn server_chooses_the_clients_first_finite_field_as_strong_as_the_key() {
    use NamedGroup as G;
    let all = [G::FFDHE2048, G::FFDHE3072, G::FFDHE4096];
    // The example of RFC 7919 section 4.
    assert_eq!(group_for_key(Some(3072), Some(&[G::FFDHE2048, G::FFDHE4096]), &all), Some(G::FFDHE4096));
    for (modulus_bits, field) in [(2048, G::FFDHE2048), (3072, G::FFDHE3072), (4096, G::FFDHE4096)] {
        assert_eq!(group_for_key(Some(modulus_bits), Some(&all), &all), Some(field));
        // Fields that the policy does not list are used up to the server's maximum.
        let implied = field.min(G::FFDHE3072);
        assert_eq!(group_for_key(Some(modulus_bits), Some(&all), &[G::X25519]), Some(implied));
    }
    // If no field is as strong, the strongest is used.
    assert_eq!(group_for_key(Some(4096), Some(&[G::FFDHE3072, G::FFDHE2048]), &all), Some(G::FFDHE3072));
    // If the client lists none and the length of the key is unknown, the first is used.
    assert_eq!(group_for_key(Some(4096), Some(&[G::X25519]), &all), Some(G::FFDHE2048));
    assert_eq!(group_for_key(None, Some(&all), &all), Some(G::FFDHE2048));
}

#[test]
fn server_uses_finite_fields_above_its_limit_only_if_listed() {
    use NamedGroup as G;
    let curves = [G::X25519, G::SECP256R1];
    for field in [G::FFDHE4096, G::FFDHE6144, G::FFDHE8192] {
        assert_eq!(group_for(Some(&[field]), &curves), None, "{field}");
    }
    assert_eq!(group_for(Some(&[G::FFDHE4096]), &[G::FFDHE4096]), Some(G::FFDHE4096));
    // The maximum is the policy's.
    let with_maximum = |bits: u16| {
        let (mut client, mut server) = suite_pair(
            named_suite("TLS_DH_anon_WITH_AES_256_GCM_SHA384"),
            |client| client.groups = vec![G::FFDHE4096],
            |server| {
                server.groups = curves.to_vec();
                server.tls12.max_finite_field = bits;
            },
        );
        run(&mut client, &mut server, |_, _| {});
        server.complete.as_ref().and_then(|summary| summary.group()).ok_or(server.kind())
    };
    assert_eq!(with_maximum(3072), Err(Some(HandshakeErrorKind::NoSharedField)));
    assert_eq!(with_maximum(4096), Ok(G::FFDHE4096));
}

/// The suite that a server with all of these suites chooses for a client with these suites and groups.
fn suite_for(ours: &[&str], suites: &[&str], groups: &'static [NamedGroup]) -> Option<&'static str> {
    let named = |names: &[&str]| names.iter().map(|name| named_suite(name)).collect::<Vec<_>>();
    let (mut client, mut server) = pair(
        KeySpec::Rsa { bits: 2048 },
        |client| client.tls12.suites = named(suites),
        |server| {
            server.tls12.suites = named(ours);
            server.groups = vec![NamedGroup::X25519, NamedGroup::FFDHE2048];
        },
    );
    let mut chosen = None;
    run(&mut client, &mut server, |_, wire| {
        client_hello(wire, |parts| {
            parts.remove(ExtensionType::SUPPORTED_GROUPS);
            parts.extensions.push(ClientExtension::SupportedGroups(List::from_items(groups)));
        });
        edit::server_hello(wire, |parts| chosen = parts.hello.cipher_suite.name());
    });
    chosen
}

#[test]
fn dhe_suite_is_skipped_if_the_client_lists_only_other_finite_fields() {
    const ECDHE: &str = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
    const RSA: &str = "TLS_RSA_WITH_AES_128_GCM_SHA256";
    use NamedGroup as G;
    let ours = [DHE, ECDHE, RSA];
    // A client that lists a field and no suite for it.
    assert_eq!(suite_for(&ours, &[ECDHE, RSA], &[G::FFDHE2048, G::X25519]), Some(ECDHE));
    // A client that lists only unsupported fields, known or unknown.
    for field in [&[G::FFDHE3072][..], &[NamedGroup(0x01ff)]] {
        assert_eq!(suite_for(&ours, &[DHE, RSA], field.to_vec().leak()), Some(RSA));
        assert_eq!(suite_for(&ours, &[DHE], field.to_vec().leak()), None);
    }
    assert_eq!(suite_for(&ours, &[DHE, RSA], &[G::FFDHE2048]), Some(DHE));
    // 512 is outside of the range for finite fields.
    assert_eq!(suite_for(&ours, &[DHE, RSA], &[NamedGroup(0x0200)]), Some(DHE));
}

#[test]
fn server_chooses_no_group_below_its_floor() {
    let with_floor = |bits: u16, suite: &str| {
        let (mut client, mut server) = suite_pair(
            named_suite(suite),
            |_| {},
            |server| {
                server.floor.bits = bits;
                server.groups = vec![NamedGroup::X25519, NamedGroup::SECP384R1];
            },
        );
        run(&mut client, &mut server, |_, _| {});
        server.complete.as_ref().and_then(|summary| summary.group())
    };
    // The keys are large enough for these groups.
    let (dh, ecdh) = ("TLS_DH_anon_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA384");
    assert_eq!(with_floor(112, dh), Some(NamedGroup::FFDHE2048));
    assert_eq!(with_floor(128, dh), Some(NamedGroup::FFDHE3072));
    assert_eq!(with_floor(150, dh), Some(NamedGroup::FFDHE4096));
    assert_eq!(with_floor(128, ecdh), Some(NamedGroup::X25519));
    assert_eq!(with_floor(129, ecdh), Some(NamedGroup::SECP384R1));
}

#[test]
fn finite_field_below_2048_bits_is_refused_by_default() {
    // RFC 7919 section 3.1 permits a minimum of 768 or 1024 bits; the default is 2048 (RFC 9325 section 4.4).
    for bits in [512, 767, 768, 1023, 1024, 2047] {
        let suite = named_suite("TLS_DH_anon_WITH_AES_128_GCM_SHA256");
        let (mut client, mut server) = suite_pair(suite, |_| {}, |_| {});
        run(&mut client, &mut server, |_, wire| {
            body(wire, H::SERVER_KEY_EXCHANGE, |body| {
                let mut prime = vec![0xff; usize::div_ceil(bits, 8)];
                prime[0] >>= prime.len() * 8 - bits;
                let length = u16::try_from(prime.len()).unwrap().to_be_bytes();
                *body = [&length[..], &prime, &[0, 1, 2, 0, 1, 4]].concat();
            });
        });
        let bits = u32::try_from(bits).unwrap();
        assert_eq!(client.kind(), Some(HandshakeErrorKind::FieldTooSmall { bits, min: 2048 }));
    }
}

#[test]
fn finite_fields_are_offered_only_with_dhe_suites() {
    for (suite, offered) in [(DHE, true), ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", false)] {
        let (mut client, _) = suite_pair(named_suite(suite), |_| {}, |_| {});
        client.start();
        let hello = body_of(&client.out.pop_front().unwrap(), H::CLIENT_HELLO).unwrap();
        assert_eq!(hello.windows(6).any(|at| at == [1, 0, 1, 1, 1, 2]), offered, "{suite}");
    }
}

/// A modification of the body of a message.
type Edit = Box<dyn Fn(&mut Vec<u8>)>;

/// The server's output for a client whose ClientKeyExchange is modified: every byte except random ones.
fn heard(suite: &str, edit: impl Fn(&mut Vec<u8>), fails: Option<&'static str>) -> (Vec<String>, Vec<Wire>) {
    let (mut client, mut server) = suite_pair(named_suite(suite), |_| {}, |_| {});
    server.fails = fails;
    let mut heard = Vec::new();
    run(&mut client, &mut server, |from_client, wire| {
        if from_client {
            body(wire, H::CLIENT_KEY_EXCHANGE, &edit);
        } else if !matches!(wire, Wire::Handshake(..)) {
            heard.push(wire.clone());
        }
    });
    let states = server.steps.iter().map(|(before, input, after)| {
        let input = if *input == "an answer that says no" { "PremasterDecrypted" } else { input };
        format!("{before} {input} {after}")
    });
    (states.collect(), heard)
}

#[test]
fn premaster_decryption_failures_are_indistinguishable() {
    for (suite, at) in
        [("TLS_RSA_WITH_AES_128_GCM_SHA256", 2), ("TLS_RSA_PSK_WITH_AES_128_GCM_SHA256", 2 + 6 + 2)]
    {
        let encrypted = |premaster: &'static [u8]| {
            move |body: &mut Vec<u8>| {
                let provider = support::provider();
                let (_, key) = support::credential(KeySpec::Rsa { bits: 2048 });
                let rsa = provider.rsa_encryption.as_ref().unwrap();
                let new = rsa.encrypt(&key.bits, premaster, &mut provider.rng()).unwrap();
                body.truncate(at);
                body.extend(new);
            }
        };
        let variants: [(&str, Edit); 9] = [
            ("a bit is wrong", Box::new(move |body| body[at + 100] ^= 1)),
            ("zero", Box::new(move |body| body[at..].fill(0))),
            ("more than the modulus", Box::new(move |body| body[at..].fill(0xff))),
            ("another version", Box::new(encrypted(&[2; 48]))),
            ("TLS 1.0", Box::new(encrypted([&[3, 1][..], &[7; 46]].concat().leak()))),
            ("TLS 1.2 and another secret", Box::new(encrypted([&[3, 3][..], &[7; 46]].concat().leak()))),
            ("too short", Box::new(encrypted(&[3; 47]))),
            ("too long", Box::new(encrypted(&[3; 49]))),
            ("nothing", Box::new(encrypted(&[]))),
        ];
        let (states, said) = heard(suite, |body| body[at + 7] ^= 0x80, None);
        assert!(states.last().unwrap().starts_with("AwaitFinished Finished"), "{states:?}");
        for (what, edit) in variants {
            assert_eq!(heard(suite, edit, None), (states.clone(), said.clone()), "{suite}, {what}");
        }
        // A ciphertext of another length fails visibly, with the same response. So does a missing answer.
        let cut = |body: &mut Vec<u8>| {
            body.pop();
            let length = u16::try_from(body.len() - at).unwrap().to_be_bytes();
            body[at - 2..at].copy_from_slice(&length);
        };
        assert_eq!(heard(suite, cut, None), (states.clone(), said.clone()), "{suite}, cut");
        let failed = heard(suite, |_| {}, Some("DecryptPremaster"));
        assert_eq!(failed, (states, said), "{suite}, a question that failed");
    }
}

#[test]
fn encrypt_then_mac_requires_a_block_cipher_and_both_sides() {
    for suite in SUITES {
        let cbc = matches!(suite.protection, Protection::Cbc { .. });
        for (ours, theirs) in [(true, true), (true, false), (false, true), (false, false)] {
            let new = |sessions: Option<(Box<Session>, Box<Session>)>| {
                let (mut client, mut server) = suite_pair(
                    suite,
                    |client| client.tls12.encrypt_then_mac = ours,
                    |server| server.tls12.encrypt_then_mac = theirs,
                );
                (client.session, server.session) = sessions.unzip();
                complete((client, server))
            };
            let expected = cbc && ours && theirs;
            let (client, server) = new(None);
            assert_eq!(
                client.complete.as_ref().unwrap().tls12().unwrap().protection.is_encrypt_then_mac(),
                expected,
                "{}",
                suite.id
            );
            assert!(client.keys.iter().all(|change| encrypts_then_macs(change) == expected), "{}", suite.id);
            let (client, _) = new(client.saved.zip(server.saved));
            let summary = client.complete.unwrap();
            assert_eq!(
                (summary.is_resumed(), summary.tls12().unwrap().protection.is_encrypt_then_mac()),
                (true, expected),
                "{}",
                suite.id
            );
        }
    }
}

#[test]
fn session_with_encrypt_then_mac_is_not_resumed_without_it() {
    let suite = named_suite("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA");
    for (ours, theirs) in [(true, false), (false, true)] {
        let (client, server) = complete(suite_pair(suite, |_| {}, |_| {}));
        let sessions = (client.saved, server.saved);
        let (mut client, mut server) = suite_pair(
            suite,
            |client| client.tls12.encrypt_then_mac = ours,
            |server| server.tls12.encrypt_then_mac = theirs,
        );
        (client.session, server.session) = sessions;
        let (client, _) = complete((client, server));
        assert!(!client.complete.unwrap().is_resumed());
    }
}

#[test]
fn different_psk_of_the_same_identity_fails_at_finished() {
    for suite in SUITES.iter().filter(|suite| suite.uses_psk()) {
        let (mut client, mut server) = suite_pair(suite, |_| {}, |_| {});
        client.psk = Some(Psk { identity: b"client".to_vec(), key: SecretBytes::from(&[8; 32][..]) });
        run(&mut client, &mut server, |_, _| {});
        assert_eq!(server.kind(), Some(HandshakeErrorKind::WrongFinished), "{}", suite.id);
    }
}

#[test]
fn required_client_authentication_excludes_suites_without_certificate_request() {
    let with_certificate = named_suite("TLS_RSA_WITH_AES_128_GCM_SHA256");
    for suite in SUITES.iter().filter(|suite| !suite.shows_certificate() || suite.uses_psk()) {
        let (mut client, mut server) = pair(
            KeySpec::Rsa { bits: 2048 },
            |client| client.tls12.suites = vec![suite],
            |server| {
                server.tls12.suites = vec![suite, with_certificate];
                server.client_authentication = ClientAuthentication::Require { authorities: Vec::new() };
            },
        );
        run(&mut client, &mut server, |_, _| {});
        assert_eq!(server.kind(), Some(HandshakeErrorKind::NoSharedCipherSuite), "{}", suite.id);
    }
}

#[test]
fn server_without_credential_chooses_suites_that_need_none() {
    let psk = named_suite("TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256");
    let ecdsa = named_suite("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
    for (credential, expected) in [(true, ecdsa), (false, psk)] {
        let suites = vec![ecdsa, psk];
        let (client, mut server) = pair(
            KeySpec::EcP256,
            |client| client.tls12.suites = suites.clone(),
            |server| server.tls12.suites = suites.clone(),
        );
        if !credential {
            server.credential = None;
        }
        let (client, _) = complete((client, server));
        assert_eq!(client.complete.unwrap().suite(), Suite::Tls12(expected));
    }
}

#[test]
fn required_extended_master_secret_works_with_every_key_exchange() {
    for suite in SUITES {
        let (client, _) = complete(suite_pair(
            suite,
            |client| client.tls12.extended_master_secret = Requirement::Require,
            |server| server.tls12.extended_master_secret = Requirement::Require,
        ));
        assert!(client.complete.unwrap().tls12().unwrap().extended_master_secret, "{}", suite.id);
    }
}

/// The length of the parameters at the start of ServerKeyExchange.
fn params_len(kx: Kx, body: &[u8]) -> usize {
    match kx {
        Kx::Ecdhe | Kx::EcdhAnon => 4 + usize::from(body[3]),
        _ => (0..3).fold(0, |at, _| at + 2 + usize::from(u16::from_be_bytes([body[at], body[at + 1]]))),
    }
}

#[test]
fn ephemeral_keys_are_generated_for_each_handshake() {
    for name in [
        "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_DH_anon_WITH_AES_128_GCM_SHA256",
        "TLS_ECDH_anon_WITH_AES_128_CBC_SHA",
    ] {
        let suite = named_suite(name);
        let mut shares: Vec<Vec<u8>> = Vec::new();
        for _ in 0..2 {
            let (mut client, mut server) = suite_pair(suite, |_| {}, |_| {});
            run(&mut client, &mut server, |_, wire| {
                if let Some(mut body) = body_of(wire, H::SERVER_KEY_EXCHANGE) {
                    // Without the signature, which covers the randoms and therefore always differs.
                    body.truncate(params_len(suite.key_exchange, &body));
                    shares.push(body);
                }
                shares.extend(body_of(wire, H::CLIENT_KEY_EXCHANGE));
            });
            assert!(agree(&client, &server), "{name}");
        }
        let [server, client, server_again, client_again] = &shares[..] else { panic!("{name}") };
        assert_ne!(server, server_again, "{name}");
        assert_ne!(client, client_again, "{name}");
    }
}

/// A curve whose shared secret is always the same and begins with zeros.
struct Small(Arc<dyn KeyAgreement>);

struct SmallKey(Box<dyn EphemeralKey>);

impl Algorithm for Small {
    fn implementation(&self) -> &'static str {
        "tests"
    }
}

impl KeyAgreement for Small {
    fn group(&self) -> NamedGroup {
        self.0.group()
    }

    fn generate(
        &self,
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Box<dyn EphemeralKey>, CryptoError> {
        Ok(Box::new(SmallKey(self.0.generate(rng)?)))
    }
}

impl EphemeralKey for SmallKey {
    fn share(&self) -> &[u8] {
        self.0.share()
    }

    fn agree(self: Box<Self>, peer_share: &[u8]) -> Result<SecretBytes, CryptoError> {
        let width = self.0.agree(peer_share)?.len();
        Ok(SecretBytes::from(&[&[0, 0][..], &vec![7; width - 2]].concat()[..]))
    }
}

#[test]
fn ecdhe_secret_keeps_its_leading_zeros() {
    // RFC 8422 section 5.10. The test plays the peer and uses the secret unchanged.
    let mut provider = support::provider();
    let small = |group| -> Arc<dyn KeyAgreement> { Arc::new(Small(group)) };
    provider.groups = provider.groups.into_iter().map(small).collect();
    let (own, public) = support::credential(KeySpec::EcP256);

    let mut policy = support::server_policy();
    policy.provider.groups.clone_from(&provider.groups);
    let mut server = End::new(Machine::server(Arc::new(policy)));
    server.credential = Some(own.clone());
    assert!(legacy::client_by(provider.clone(), &mut server, &[], &legacy::old_extensions()).finished);
    assert!(server.machine.is_established(), "{:?}", server.log);

    let mut policy = support::client_policy();
    policy.provider.groups.clone_from(&provider.groups);
    policy.tls12.secure_renegotiation = Requirement::Offer;
    let mut client = End::new(Machine::client(Arc::new(policy), None, None));
    client.peer_key = Some(public);
    assert!(legacy::server_by(provider, &mut client, &own, SessionId::EMPTY, &[]).finished);
    assert!(client.machine.is_established(), "{:?}", client.log);
}

#[test]
fn server_sends_ec_point_formats_only_with_ecdhe() {
    for suite in SUITES {
        let ecdhe = named_suite("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
        let (mut client, mut server) = suite_pair(
            suite,
            |client| client.tls12.suites.extend([ecdhe].iter().filter(|own| **own != suite)),
            |_| {},
        );
        let mut answered = None;
        run(&mut client, &mut server, |_, wire| {
            edit::server_hello(wire, |parts| {
                answered = Some(parts.types().contains(&ExtensionType::EC_POINT_FORMATS));
            });
        });
        let on_a_curve = matches!(suite.key_exchange, Kx::Ecdhe | Kx::EcdhAnon | Kx::EcdhePsk);
        assert_eq!(answered, Some(on_a_curve), "{}", suite.id);
    }
}
