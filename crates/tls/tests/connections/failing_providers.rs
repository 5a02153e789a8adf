//! Providers that fail, and providers combined from several.

use crate::support::{
    End, Fuse, Kind, Pair, SetClock, client_identity, client_provider, line, roots, server_identity,
    server_provider,
};
use cairn_crypto::{AeadAlgorithm, KeyStores, Provider};
use cairn_tls::{
    CertificateChain, ClientConfig, Connection, Credential, ServerConfig, Side, Summary, Tls12Summary,
    wire::AlertDescription, wire::CipherSuite, wire::NamedGroup, x509::issue::Identity,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A handshake of some kind.
struct Case {
    name: &'static str,
    suite: CipherSuite,
    kind: Kind,
    resumption: Resumption,
    mutual: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Resumption {
    None,
    Id,
    Ticket,
}

const fn case(name: &'static str, suite: CipherSuite) -> Case {
    Case { name, suite, kind: Kind::P256, resumption: Resumption::None, mutual: false }
}

const GCM: CipherSuite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;

/// The kinds whose suites this build supports.
fn cases() -> Vec<Case> {
    type S = CipherSuite;
    let mut cases = vec![
        case("ECDHE", GCM),
        Case { mutual: true, ..case("mutual", GCM) },
        Case { resumption: Resumption::Id, ..case("resumed by ID", GCM) },
        Case { resumption: Resumption::Ticket, ..case("resumed by ticket", GCM) },
        Case { mutual: true, resumption: Resumption::Ticket, ..case("mutual, resumed", GCM) },
        Case { kind: Kind::Rsa, ..case("RSA", S::TLS_RSA_WITH_AES_128_GCM_SHA256) },
        Case { kind: Kind::Rsa, ..case("DHE", S::TLS_DHE_RSA_WITH_AES_128_GCM_SHA256) },
        Case { kind: Kind::Rsa, ..case("CBC", S::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA) },
        case("CBC with SHA-384", S::TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384),
        case("PSK", S::TLS_PSK_WITH_AES_128_GCM_SHA256),
        case("ECDHE_PSK", S::TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256),
        case("DHE_PSK with CCM-8", S::TLS_PSK_DHE_WITH_AES_128_CCM_8),
        Case { kind: Kind::Rsa, ..case("RSA_PSK", S::TLS_RSA_PSK_WITH_AES_128_CBC_SHA256) },
        case("anonymous", S::TLS_ECDH_anon_WITH_AES_128_CBC_SHA),
    ];
    cases.retain(|case| cairn_tls::suite(case.suite).is_some());
    cases
}

fn credential(fuse: &Fuse, provider: &Provider, identity: &Identity) -> Arc<Credential> {
    let chain: Vec<&[u8]> = identity.chain().collect();
    let chain = CertificateChain::new(&chain).unwrap();
    let credential = Credential::new(chain, fuse.signing_key(identity.signing_key()));
    Arc::new(match provider.keys.load_decrypting(identity.key().as_der()) {
        Ok(key) => credential.with_decrypting_key(fuse.decrypting_key(&key)),
        Err(_) => credential,
    })
}

impl Case {
    fn client(&self, fuse: &Fuse) -> ClientConfig {
        let builder = crate::support::tls12_client(fuse.provider(client_provider())).clock(SetClock::new());
        let suite = cairn_tls::suite(self.suite).unwrap();
        let builder = if suite.shows_certificate() { builder.trust(roots()) } else { builder };
        let builder = if suite.uses_psk() { builder.psk(b"somebody", b"a key").unwrap() } else { builder };
        let builder = if self.mutual {
            let identity = client_identity(Kind::P256);
            builder.credential_value(credential(fuse, client_provider(), identity)).unwrap()
        } else {
            builder
        };
        let builder = if self.resumption == Resumption::None { builder.no_resumption() } else { builder };
        builder.suites(&[self.suite]).unwrap().build().unwrap()
    }

    fn server(&self, fuse: &Fuse) -> ServerConfig {
        let builder = crate::support::tls12_server(fuse.provider(server_provider())).clock(SetClock::new());
        let suite = cairn_tls::suite(self.suite).unwrap();
        let builder = if suite.shows_certificate() {
            builder.credential_value(credential(fuse, server_provider(), server_identity(self.kind))).unwrap()
        } else {
            builder
        };
        let builder = if suite.uses_psk() { builder.psk(b"somebody", b"a key").unwrap() } else { builder };
        let builder = if self.mutual { builder.require_client_certificates(roots()) } else { builder };
        let builder = match self.resumption {
            Resumption::None => builder.no_resumption(),
            Resumption::Id => builder,
            Resumption::Ticket => builder.no_resumption().own_tickets(),
        };
        builder.context_id(b"test").suites(&[self.suite]).unwrap().build().unwrap()
    }

    /// Two configurations, with a stored session if the kind of handshake needs one.
    fn configs(&self, failing: Side, fuse: &Fuse) -> (ClientConfig, ServerConfig) {
        let sound = Fuse::new();
        let (of_client, of_server) = if failing == Side::Client { (fuse, &sound) } else { (&sound, fuse) };
        let configs = (self.client(of_client), self.server(of_server));
        if self.resumption != Resumption::None {
            Pair::ready(&configs.0, &configs.1);
        }
        configs
    }
}

fn shake(client: &ClientConfig, server: &ServerConfig) -> Pair {
    let client = End::started(Connection::client(client, crate::support::name()));
    let mut pair = Pair { client, server: End::started(Connection::server(server)) };
    pair.run();
    pair
}

/// The parameters that must not become weaker, whatever failed.
fn strength(summary: &Summary) -> impl PartialEq + core::fmt::Debug + use<> {
    let Tls12Summary { suite, protection, extended_master_secret, secure_renegotiation, .. } =
        *summary.tls12().unwrap();
    (suite.id, protection, extended_master_secret, secure_renegotiation, summary.peer_chain.is_some())
}

/// Lets each provider call fail in turn. Then the connection ends with an error and an alert, or the
/// handshake completes with the same security as without the failure.
#[test]
fn failure_of_any_provider_call_is_an_error_and_never_a_downgrade() {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for case in cases() {
        for failing in [Side::Client, Side::Server] {
            let sound = Fuse::new();
            let (client, server) = case.configs(failing, &sound);
            let good = shake(&client, &server);
            let place = format!("{}, {failing}", case.name);
            assert!(good.complete(), "{place}: {} / {}", good.client.fault(), good.server.fault());
            assert_eq!(good.client.summary().is_resumed(), case.resumption != Resumption::None, "{place}");

            let fuse = Fuse::new();
            let mut configs = case.configs(failing, &fuse);
            let mut calls = 0;
            loop {
                fuse.set(calls);
                let pair = shake(&configs.0, &configs.1);
                if !fuse.has_blown() {
                    assert!(
                        pair.complete(),
                        "{place}: nothing failed in {calls} calls, but the result differs"
                    );
                    break;
                }
                let place = format!("{place}, call {calls}");
                check(&pair, &good, failing, &place, &mut seen);
                // A side that failed has no session.
                fuse.set(usize::MAX / 2);
                if case.resumption != Resumption::None {
                    configs = case.configs(failing, &fuse);
                }
                calls += 1;
            }
            assert!(calls > 15, "{place}: only {calls} calls");
        }
    }
    for (fault, count) in seen {
        println!("{count:5}  {fault}");
    }
}

fn check(pair: &Pair, good: &Pair, failing: Side, place: &str, seen: &mut BTreeMap<String, usize>) {
    let (ours, theirs) = match failing {
        Side::Client => (&pair.client, &pair.server),
        Side::Server => (&pair.server, &pair.client),
    };
    let both = format!("{place}: {} / {}", ours.fault(), theirs.fault());
    if pair.complete() {
        // If a ticket or session cannot be used or issued, the handshake continues without it.
        for (end, good) in [(&pair.client, &good.client), (&pair.server, &good.server)] {
            assert_eq!(
                format!("{:?}", strength(end.summary())),
                format!("{:?}", strength(good.summary())),
                "{both}"
            );
        }
        *seen.entry("complete without it".into()).or_default() += 1;
        return;
    }
    let fault = ours.error.as_ref().or(theirs.error.as_ref()).unwrap_or_else(|| panic!("{place}: silence"));
    assert!(!fault.to_string().is_empty(), "{both}");
    *seen.entry(line(fault)).or_default() += 1;
    let Some(alert) = fault.alert else {
        // A side that cannot encrypt cannot send an alert.
        return assert_eq!(fault.state, "writing", "no alert: {both}");
    };
    // The side whose provider failed reports it. Where the failure must stay hidden (the premaster secret, a
    // tag), the peer's Finished does not verify; and a signature that cannot be checked counts as invalid.
    let others = [
        AlertDescription::BAD_RECORD_MAC,
        AlertDescription::DECRYPT_ERROR,
        AlertDescription::BAD_CERTIFICATE,
    ];
    assert!(alert == AlertDescription::INTERNAL_ERROR || others.contains(&alert), "{both}");
}

/// A provider with the RSA algorithms of one provider and some of the algorithms of another, in another
/// order.
#[test]
fn providers_can_be_combined_filtered_and_reordered() {
    let (rsa, rest) = (server_provider(), client_provider());
    let mut mixed = Provider::empty(Arc::clone(&rest.random));
    mixed.verifiers = rsa.verifiers.iter().filter(|verifier| verifier.key_kind().is_rsa()).cloned().collect();
    mixed.rsa_encryption.clone_from(&rsa.rsa_encryption);
    mixed.keys = Arc::new(KeyStores(vec![Arc::clone(&rsa.keys)]));
    let mut mixed = mixed.completed_by(rest);
    assert_eq!(mixed.verifiers.len(), rest.verifiers.len());
    assert!(mixed.verifiers.first().unwrap().key_kind().is_rsa(), "existing algorithms are preferred");

    // Without AES, and with P-384 first.
    mixed.aeads.retain(|aead| aead.algorithm() == AeadAlgorithm::ChaCha20Poly1305);
    mixed.groups.sort_by_key(|group| group.group() != NamedGroup::SECP384R1);
    for kind in [Kind::Rsa, Kind::P256] {
        let identity = server_identity(kind);
        let chain: Vec<&[u8]> = identity.chain().collect();
        let server = crate::support::tls12_server(mixed.clone())
            .credential(&chain, mixed.keys.load(identity.key().as_der()).unwrap())
            .unwrap()
            .clock(SetClock::new());
        let client = crate::support::tls12_client(mixed.clone()).trust(roots()).clock(SetClock::new());
        let pair = Pair::ready(&client.build().unwrap(), &server.build().unwrap());
        let summary = pair.client.summary();
        assert!(summary.suite().id().to_string().contains("CHACHA20_POLY1305"), "{}", summary.suite().id());
        assert_eq!(summary.group(), Some(NamedGroup::SECP384R1));
    }
    // With a peer that supports only AES there is no suite in common, and both sides report it.
    let client = crate::support::tls12_client(mixed).trust(roots()).clock(SetClock::new()).build().unwrap();
    let server = crate::support::server(Kind::P256).suites(&[GCM]).unwrap().build().unwrap();
    let mut pair = Pair::new(&client, &server);
    pair.run();
    assert_eq!(pair.server.error.unwrap().alert, Some(AlertDescription::HANDSHAKE_FAILURE));
}
