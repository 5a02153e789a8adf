//! The security that a connection reports, the floor of a configuration, and channel bindings.

use crate::support::{
    End, Kind, LATER, Pair, SetClock, client, client_identity, provider, roots, server, server_identity,
};
use cairn_tls::{
    Answer, CertificateChain, ChannelBinding, ChannelBindingError, ConfigError, Credential, Floor, Misuse,
    PeerProof, Policy, Question, Renegotiation,
    crypto::HashAlgorithm,
    session::{NoSessions, decode_session, encode_session},
    wire::{CipherSuite, SignatureScheme},
};
use std::sync::Arc;

const ALL: [ChannelBinding; 3] =
    [ChannelBinding::TlsUnique, ChannelBinding::TlsServerEndPoint, ChannelBinding::TlsExporter];

/// A channel binding, which must be the same at both ends.
fn binding(pair: &Pair, binding: ChannelBinding) -> Result<Vec<u8>, ChannelBindingError> {
    let ours = pair.client.conn.reader().channel_binding(binding);
    assert_eq!(pair.server.conn.reader().channel_binding(binding), ours, "{binding}");
    ours
}

/// The message of the fault.
fn told(end: &End) -> String {
    end.error.as_ref().unwrap().to_string()
}

#[test]
fn channel_bindings_of_both_ends_are_equal_also_after_resumption() {
    let tickets = || server(Kind::P384).sessions(Arc::new(NoSessions)).own_tickets();
    for server in [server(Kind::P384).build().unwrap(), tickets().build().unwrap()] {
        let client = client().build().unwrap();
        let mut seen: Vec<Vec<Vec<u8>>> = Vec::new();
        for resumed in [false, true, true] {
            let pair = Pair::ready(&client, &server);
            assert_eq!(pair.client.summary().is_resumed(), resumed);
            let bindings: Vec<_> = ALL.map(|kind| binding(&pair, kind).unwrap()).to_vec();
            // The certificate is signed by our authority, with SHA-256.
            let hash = provider().hash(HashAlgorithm::Sha256).unwrap();
            let expected = hash.hash(&[server_identity(Kind::P384).certificate()]).unwrap();
            assert_eq!(bindings[1], expected.as_bytes());
            assert_eq!((bindings[0].len(), bindings[2].len()), (12, 32));
            for before in &seen {
                assert_ne!((&before[0], &before[2]), (&bindings[0], &bindings[2]));
            }
            seen.push(bindings);
        }
    }
}

#[test]
fn tls_server_end_point_is_undefined_for_signatures_without_a_hash() {
    let template = cairn_tls::x509::issue::Template::server("server").dns("server.test").valid(0, LATER);
    let identity = template.self_signed(provider(), Kind::Ed25519.spec()).unwrap();
    let server = crate::support::tls12_server(provider().clone())
        .credential(&[identity.certificate()], identity.signing_key().clone())
        .unwrap()
        .clock(SetClock::new())
        .build()
        .unwrap();
    let client = crate::support::tls12_client(provider().clone()).danger_accept_any_certificate();
    let pair = Pair::ready(&client.clock(SetClock::new()).build().unwrap(), &server);
    let error = pair.client.conn.reader().channel_binding(ChannelBinding::TlsServerEndPoint).unwrap_err();
    assert!(error.to_string().contains("RFC 5929 section 4.1"), "{error}");
    let error = pair.server.conn.reader().channel_binding(ChannelBinding::TlsServerEndPoint).unwrap_err();
    assert_eq!(error, ChannelBindingError::NoCertificate);
    assert!(binding(&pair, ChannelBinding::TlsExporter).is_ok());
}

#[test]
fn credential_chosen_by_the_caller_has_tls_server_end_point() {
    let server = crate::support::tls12_server(provider().clone())
        .ask_for_credentials()
        .clock(SetClock::new())
        .build()
        .unwrap();
    let mut pair = Pair::new(&client().build().unwrap(), &server);
    pair.run();
    let id = pair.server.asked.take().unwrap();
    let identity = server_identity(Kind::P256);
    let chain: Vec<&[u8]> = identity.chain().collect();
    let chain = CertificateChain::new(&chain).unwrap();
    let credential = Arc::new(Credential::new(chain, identity.signing_key().clone()));
    pair.server.conn.answer(id, Answer::Credential(Some(credential)), &mut pair.server.outbox).unwrap();
    pair.run();
    assert!(pair.complete());
    assert_eq!(binding(&pair, ChannelBinding::TlsServerEndPoint).unwrap().len(), 32);
}

#[test]
fn no_channel_binding_before_completion_or_after_take_summary() {
    let (client, server) = (client().build().unwrap(), server(Kind::P256).build().unwrap());
    let pair = Pair::new(&client, &server);
    for kind in ALL {
        assert_eq!(binding(&pair, kind), Err(ChannelBindingError::Handshake(Misuse::NotComplete)));
    }
    let mut pair = Pair::ready(&client, &server);
    for end in [&mut pair.client, &mut pair.server] {
        end.conn.reader_mut().take_summary().unwrap();
    }
    assert_eq!(binding(&pair, ChannelBinding::TlsServerEndPoint), Err(ChannelBindingError::SummaryTaken));
    assert!(binding(&pair, ChannelBinding::TlsUnique).is_ok());
}

#[test]
fn no_tls_exporter_binding_if_renegotiation_is_permitted() {
    let client = client().renegotiation(Renegotiation::Requested).build().unwrap();
    let server = server(Kind::P256).renegotiation(Renegotiation::Allowed).build().unwrap();
    let pair = Pair::ready(&client, &server);
    let refused = Err(ChannelBindingError::Handshake(Misuse::NotWithRenegotiation));
    assert_eq!(binding(&pair, ChannelBinding::TlsExporter), refused);
    assert!(binding(&pair, ChannelBinding::TlsUnique).is_ok());
}

#[test]
fn resumed_connection_reports_the_security_of_the_full_handshake_from_any_store() {
    let kinds = [Kind::Rsa, Kind::P256, Kind::Ed25519];
    for kind in kinds {
        let mutual = || {
            let identity = client_identity(Kind::P384);
            let chain: Vec<&[u8]> = identity.chain().collect();
            client().credential(&chain, identity.signing_key().clone()).unwrap().build().unwrap()
        };
        let asking = || server(kind).require_client_certificates(roots());
        for server in [asking().build().unwrap(), asking().own_tickets().build().unwrap()] {
            let client = mutual();
            let first = Pair::ready(&client, &server);
            let again = Pair::ready(&client, &server);
            for (first, again) in [(&first.client, &again.client), (&first.server, &again.server)] {
                let (before, after) = (first.summary().security(), again.summary().security());
                assert!(again.summary().is_resumed());
                assert_eq!(before.resumed_since, None);
                assert_eq!(after.resumed_since, Some(first.summary().authenticated_at));
                assert_eq!((before.strength, before.peer), (after.strength, after.peer));
                assert_eq!(after.peer, PeerProof::Certificate);
                let expected = if kind == Kind::Rsa { 112 } else { 128 };
                assert_eq!(after.strength.bits(), expected, "{kind:?}");
                assert!(after.forward_secrecy && after.bound_to_handshake && !after.sha1_signature);
            }
        }
    }
}

#[test]
fn security_report_survives_the_encoding_of_the_session() {
    let client = client().ask_for_sessions().build().unwrap();
    let mut pair = Pair::new(&client, &server(Kind::Rsa).build().unwrap());
    let Some((id, Question::FindSession(_))) = pair.client.conn.question() else { panic!("no question") };
    let now = cairn_tls::UnixTime::from_secs(crate::support::NOW);
    let nothing = Answer::Session(cairn_tls::SessionAnswer { session: None, now });
    pair.client.conn.answer(id, nothing, &mut pair.client.outbox).unwrap();
    pair.run();
    let Some(cairn_tls::Notice::SaveSession(session)) = pair.client.conn.reader_mut().next_notice() else {
        panic!("no session");
    };
    let kept = decode_session(encode_session(&session).unwrap().expose()).unwrap();
    assert_eq!(kept.evidence, pair.client.summary().evidence);
    assert_eq!(kept.evidence.server_proof.unwrap().key_bits, 112);
}

#[test]
fn handshake_below_the_floor_of_either_side_fails_and_reports_the_strength() {
    let strong = Floor { bits: 128, ..Floor::default() };
    let words = "at least 128 bits of strength are required, but the authentication has 112";
    let mut pair = Pair::new(&client().floor(strong).build().unwrap(), &server(Kind::Rsa).build().unwrap());
    pair.run();
    assert!(!pair.complete());
    assert!(told(&pair.client).contains(words), "{}", told(&pair.client));
    assert!(told(&pair.client).contains("RFC 5246 section 7.2.2"), "{}", told(&pair.client));
    assert!(told(&pair.server).contains("insufficient_security"), "{}", told(&pair.server));

    let mut pair = Pair::new(&client().build().unwrap(), &server(Kind::Rsa).floor(strong).build().unwrap());
    pair.run();
    assert!(told(&pair.server).contains(words), "{}", told(&pair.server));
    assert!(told(&pair.client).contains("insufficient_security"), "{}", told(&pair.client));
    assert!(pair.client.conn.summary().is_none() && pair.server.conn.summary().is_none());
}

#[test]
fn accepting_any_certificate_does_not_authenticate() {
    let careless = || crate::support::tls12_client(provider().clone()).danger_accept_any_certificate();
    let server = server(Kind::P256).build().unwrap();
    let pair = Pair::ready(&careless().clock(SetClock::new()).build().unwrap(), &server);
    assert_eq!(pair.client.summary().security().peer, PeerProof::Unchecked);
    let floor = Floor { authenticated_peer: true, ..Floor::default() };
    let client = careless().floor(floor).clock(SetClock::new()).build().unwrap();
    let mut pair = Pair::new(&client, &server);
    pair.run();
    assert!(told(&pair.client).contains("its certificate was not checked"), "{}", told(&pair.client));
}

#[cfg(feature = "legacy")]
#[test]
fn floor_removes_suites_of_a_policy_but_not_listed_suites() {
    let floor = Floor { authenticated_peer: true, forward_secrecy: true, bits: 128, ..Floor::default() };
    let built = client().policy(Policy::Legacy).floor(floor).build().unwrap();
    let suites = &built.policy().tls12.suites;
    assert!(suites.iter().all(|suite| suite.is_forward_secret()) && suites.len() > 10);
    assert!(!suites.iter().any(|suite| suite.id == CipherSuite::TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA));
    let named = client().suites(&[CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256]).unwrap().floor(floor);
    assert!(matches!(named.build(), Err(ConfigError::Policy(_))));
    // A server that requests no client certificates cannot require an authenticated peer.
    let unasked = server(Kind::P256).floor(floor).build().unwrap_err();
    assert!(unasked.to_string().contains("clients must be authenticated"), "{unasked}");
    assert!(server(Kind::P256).require_client_certificates(roots()).floor(floor).build().is_ok());
}

#[cfg(feature = "legacy")]
#[test]
fn sha_1_requires_the_legacy_policy_and_is_reported() {
    let sha1 = cairn_tls::with_legacy_signatures(provider().clone());
    let identity = server_identity(Kind::Rsa);
    let (chain, key) = (identity.chain_pem(), identity.key().to_pem());
    let server = |policy| {
        let server = crate::support::tls12_server(sha1.clone()).policy(policy).clock(SetClock::new());
        server.credential_pem(chain.as_bytes(), key.as_bytes()).unwrap().build().unwrap()
    };
    let client = |policy, schemes: &[SignatureScheme]| {
        let client = crate::support::tls12_client(sha1.clone()).trust(roots()).policy(policy);
        client.signature_schemes(schemes).clock(SetClock::new()).build()
    };
    let old = [SignatureScheme::RSA_PKCS1_SHA1, SignatureScheme::ECDSA_SHA1];
    assert!(client(Policy::Compatible, &old).is_err(), "nothing is left to check signatures with");
    let default = crate::support::tls12_client(sha1.clone()).trust(roots()).build().unwrap();
    assert!(!default.policy().signature_schemes.iter().any(|scheme| old.contains(scheme)));

    // If suites and schemes are both listed, the policy has no effect.
    let by_hand = || {
        let client = crate::support::tls12_client(sha1.clone()).trust(roots()).clock(SetClock::new());
        client.suites(&[CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]).unwrap()
    };
    assert!(!by_hand().build().unwrap().policy().signature_schemes.iter().any(|scheme| old.contains(scheme)));
    let named = by_hand().signature_schemes(&old).build().unwrap();
    assert_eq!(named.policy().signature_schemes, old);

    let client = client(Policy::Legacy, &old).unwrap();
    let suite = CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;
    assert!(client.policy().tls12.suites.iter().any(|known| known.id == suite));
    let pair = Pair::ready(&client, &server(Policy::Legacy));
    let security = pair.client.summary().security();
    assert!(security.sha1_signature && security.strength.proof == Some(63));
    // A server with another policy does not sign with SHA-1, and has no fallback.
    let mut pair = Pair::new(&client, &server(Policy::Compatible));
    pair.run();
    assert!(!pair.complete(), "{}", pair.server.fault());
}
