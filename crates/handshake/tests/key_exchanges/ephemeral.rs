//! Ephemeral keys and their shared secrets.

use crate::pairs::suite_pair;
use crate::support::{
    End, agree,
    edit::{self, body_of},
    legacy, run,
    walk::named_suite,
};
use cairn_crypto::{
    Algorithm, CryptoError, EphemeralKey, KeyAgreement, KeySpec, SecretBytes, rand_core::TryCryptoRng,
};
use cairn_handshake::{Machine, Requirement};
use cairn_schedule::SUITES;
use cairn_wire::{ExtensionType, HandshakeType as H, KeyExchangeAlgorithm as Kx, NamedGroup, SessionId};
use std::sync::Arc;

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
    let mut provider = crate::support::provider();
    let small = |group| -> Arc<dyn KeyAgreement> { Arc::new(Small(group)) };
    provider.groups = provider.groups.into_iter().map(small).collect();
    let (own, public) = crate::support::credential(KeySpec::EcP256);

    let mut policy = crate::support::server_policy();
    policy.provider.groups.clone_from(&provider.groups);
    let mut server = End::new(Machine::server(Arc::new(policy)));
    server.credential = Some(own.clone());
    assert!(legacy::client_by(provider.clone(), &mut server, &[], &legacy::old_extensions()).finished);
    assert!(server.machine.is_established(), "{:?}", server.log);

    let mut policy = crate::support::client_policy();
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
