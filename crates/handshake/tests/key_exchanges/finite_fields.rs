//! Finite fields are chosen as RFC 7919 requires.

use crate::pairs::suite_pair;
use crate::support::{
    edit::{self, body, body_of, client_hello},
    pair, run,
    walk::named_suite,
};
use cairn_crypto::KeySpec;
use cairn_handshake::{Credential, HandshakeErrorKind};
use cairn_wire::{ClientExtension, ExtensionType, HandshakeType as H, List, NamedGroup};
use std::sync::Arc;

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
