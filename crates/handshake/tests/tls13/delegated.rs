//! Delegated credentials (RFC 9345), as both sides present them.

use crate::support::{
    End, Fields, client_accepts, compression::words, credential, delegated_mutual_pair, delegated_pair,
    go_on, later_pair, pair, raw, retried_pair, run, server_accepts, tls13_mutual_pair, tls13_pair,
    tls13_ticket_pair, to_client, to_server,
};
use KeySpec::EcP256;
use cairn_crypto::KeySpec;
use cairn_handshake::{
    ClientAuthentication, ClientPolicy, Credential, DelegatedCredential, HandshakeErrorKind as Kind, Input,
    NotResumed, PeerProof, PolicyError, Proof, Question, RequestMismatch, ServerPolicy, UnixTime,
};
use cairn_wire::{ExtensionType as X, SignatureScheme as S};
use std::sync::Arc;

/// Changes of policies.
type ClientChange = fn(&mut ClientPolicy);
type ServerChange = fn(&mut ServerPolicy);

/// Runs a handshake that succeeds.
fn shake((mut client, mut server): (End, End)) -> (End, End) {
    run(&mut client, &mut server, |_, _| {});
    assert_eq!((client.kind(), server.kind()), (None, None));
    (client, server)
}

fn proofs(end: &End) -> [Option<Proof>; 2] {
    let evidence = end.complete.as_ref().unwrap().evidence;
    [evidence.server_proof, evidence.client_proof]
}

/// Whether each entry of this side's Certificate has the extension, and both sides after the handshake.
fn presented((mut client, mut server): (End, End), by_client: bool) -> (Vec<bool>, End, End) {
    let mut found = Vec::new();
    run(&mut client, &mut server, |from_client, wire| {
        if from_client == by_client {
            raw::certificate(wire, |message| {
                let entries = message.entries.iter();
                found = entries.map(|(_, each)| each.get(X::DELEGATED_CREDENTIAL).is_some()).collect();
            });
        }
    });
    (found, client, server)
}

/// This side presents no delegated credential, and the server fails with this error. Returns the client.
fn presents_none(pair: (End, End), by_client: bool, error: Kind) -> End {
    let (found, client, server) = presented(pair, by_client);
    assert!(!found.contains(&true));
    assert_eq!(server.kind(), Some(error));
    client
}

#[test]
fn server_authenticates_with_a_delegated_credential() {
    let (client, server) = shake(delegated_pair());
    for end in [&client, &server] {
        let [proof, _] = proofs(end);
        let proof = proof.unwrap();
        assert_eq!((proof.scheme, proof.delegated), (Some(S::ED25519), true));
        assert_eq!(end.complete.as_ref().unwrap().server_signature_scheme(), Some(S::ED25519));
    }
    let summary = client.complete.unwrap();
    assert_eq!(summary.security().peer, PeerProof::DelegatedCredential);
    assert!(PeerProof::DelegatedCredential.is_authenticated());
    // The identity is that of the certificate.
    assert_eq!(*summary.peer_chain.unwrap(), server.credential.unwrap().chain);
}

#[test]
fn client_authenticates_with_a_delegated_credential() {
    let (client, server) = shake(delegated_mutual_pair());
    for end in [&client, &server] {
        let [of_server, of_client] = proofs(end).map(Option::unwrap);
        assert_eq!((of_client.scheme, of_client.delegated), (Some(S::ED25519), true));
        assert!(!of_server.delegated);
    }
    assert_eq!(server.complete.unwrap().security().peer, PeerProof::DelegatedCredential);
}

#[test]
fn client_authenticates_with_a_delegated_credential_after_the_handshake() {
    let pair = later_pair(EcP256, |_| {}, server_accepts);
    let (mut client, mut server) = shake(to_client(pair));
    server.step(Input::RequestCertificate);
    go_on(&mut client, &mut server, |_, _| {});
    assert_eq!((client.kind(), server.kind()), (None, None));
    for end in [&client, &server] {
        let identity = end.authentications[0].identity.as_ref().unwrap();
        assert!(identity.proof.delegated);
    }
}

#[test]
fn delegated_credential_is_in_the_entry_of_the_end_entity() {
    for (pair, by_client) in [(delegated_pair(), false), (delegated_mutual_pair(), true)] {
        assert_eq!(presented(pair, by_client).0, [true, false]);
    }
}

/// RFC 9345 section 4.1.1: "if the extension is not present, the server MUST NOT send a delegated
/// credential."
#[test]
fn server_presents_none_to_a_client_that_does_not_offer() {
    presents_none(to_server(tls13_pair(EcP256, |_| {}, |_| {})), false, Kind::NoSharedSignatureScheme);
}

#[test]
fn server_presents_none_whose_schemes_the_client_does_not_list() {
    let unlisted = |policy: &mut ClientPolicy| {
        policy.tls13.delegated_credential_schemes = vec![S::ECDSA_SECP256R1_SHA256];
    };
    let no_algorithm = |policy: &mut ClientPolicy| {
        client_accepts(policy);
        policy.signature_schemes = vec![S::ECDSA_SECP384R1_SHA384, S::RSA_PSS_RSAE_SHA256, S::ED25519];
    };
    let changes: [ClientChange; 2] = [unlisted, no_algorithm];
    for change in changes {
        presents_none(to_server(tls13_pair(EcP256, change, |_| {})), false, Kind::NoSharedSignatureScheme);
    }
}

/// RFC 9345 section 4.1.2: "if the extension is not present, the client MUST NOT send a delegated
/// credential."
#[test]
fn client_presents_none_to_a_server_that_does_not_offer() {
    presents_none(to_client(tls13_mutual_pair(EcP256, |_| {}, |_| {})), true, Kind::ClientCertificateMissing);
}

#[test]
fn client_learns_why_its_delegated_credential_does_not_suit() {
    let unlisted = |policy: &mut ServerPolicy| {
        policy.tls13.delegated_credential_schemes = vec![S::ECDSA_SECP256R1_SHA256];
    };
    let cases: [(ServerChange, Option<RequestMismatch>); 3] = [
        (server_accepts, None),
        (unlisted, Some(RequestMismatch::SignatureSchemes)),
        (|_| {}, Some(RequestMismatch::DelegatedCredential)),
    ];
    for (change, expected) in cases {
        let stopped_after = |steps| {
            let (mut client, mut server) = to_client(tls13_mutual_pair(EcP256, |_| {}, change));
            client.steps_left = steps;
            run(&mut client, &mut server, |_, _| {});
            client
        };
        let is_asked = |client: &End| client.machine.state() == "ChoosingCredential";
        let client = (1..20).map(stopped_after).find(is_asked).unwrap();
        let Some((_, Question::ChooseClientCredential(choose))) = client.machine.question() else {
            panic!("no question")
        };
        let credential = client.credential.as_ref().unwrap();
        let found = (choose.mismatch(credential), choose.suits(credential));
        assert_eq!(found, (expected, expected.is_none()));
    }
}

/// RFC 9345 section 4.1.1: "When a (D)TLS version negotiated is less than 1.3, the server MUST ignore this
/// extension."
#[test]
fn delegated_credentials_are_not_used_in_tls12() {
    let to_tls12 = |policy: &mut ServerPolicy| policy.tls13.suites.clear();
    let pair = to_server(tls13_pair(EcP256, client_accepts, to_tls12));
    let client = presents_none(pair, false, Kind::NoSharedCipherSuite);
    assert!(client.complete.is_none());
    // The certificate's own key serves.
    let (mut client, mut server) = tls13_pair(EcP256, client_accepts, to_tls12);
    run(&mut client, &mut server, |_, _| {});
    assert_eq!((client.kind(), server.kind()), (None, None));
    let [proof, _] = proofs(&client);
    assert!(!proof.unwrap().delegated);
    // A client does not present one either.
    let (client, mut server) = to_client(tls13_mutual_pair(EcP256, |_| {}, to_tls12));
    server.machine = {
        let mut policy = crate::support::server_policy();
        policy.client_authentication = ClientAuthentication::Request { authorities: Vec::new() };
        cairn_handshake::Machine::server(Arc::new(policy))
    };
    let (client, server) = shake((client, server));
    assert_eq!(proofs(&client)[1], None);
    assert_eq!(server.complete.unwrap().security().peer, PeerProof::None);
}

#[test]
fn extension_is_sent_with_tls13_and_schemes_only() {
    let hello_lists = |pair: (End, End)| {
        let (mut client, mut server) = pair;
        let mut listed = None;
        run(&mut client, &mut server, |from_client, wire| {
            if from_client && listed.is_none() {
                raw::client_hello(wire, |hello| {
                    listed = Some(hello.extensions.get(X::DELEGATED_CREDENTIAL).map(<[u8]>::to_vec));
                });
            }
        });
        listed.unwrap()
    };
    let list = vec![0, 4, 0x05, 0x03, 0x08, 0x07];
    assert_eq!(hello_lists(tls13_pair(EcP256, client_accepts, |_| {})), Some(list));
    assert_eq!(hello_lists(tls13_pair(EcP256, |_| {}, |_| {})), None);
    assert_eq!(hello_lists(pair(EcP256, client_accepts, |_| {})), None);
}

#[test]
fn certificate_request_lists_the_schemes() {
    let list = vec![0, 4, 0x05, 0x03, 0x08, 0x07];
    let cases: [(ServerChange, Option<Vec<u8>>); 2] = [(server_accepts, Some(list)), (|_| {}, None)];
    for (change, expected) in cases {
        let (mut client, mut server) = tls13_mutual_pair(EcP256, |_| {}, change);
        let mut listed = None;
        run(&mut client, &mut server, |from_client, wire| {
            if !from_client {
                raw::certificate_request(wire, |request| {
                    listed = Some(request.extensions.get(X::DELEGATED_CREDENTIAL).map(<[u8]>::to_vec));
                });
            }
        });
        assert_eq!(listed, Some(expected));
        assert_eq!((client.kind(), server.kind()), (None, None));
    }
}

#[test]
fn delegated_credential_is_presented_after_hello_retry_request() {
    let (client, _) = shake(to_server(retried_pair(client_accepts, |_| {})));
    let summary = client.complete.unwrap();
    assert!(summary.tls13().unwrap().retried);
    assert_eq!(summary.security().peer, PeerProof::DelegatedCredential);
}

#[test]
fn delegated_credential_is_in_the_compressed_message() {
    let pair = tls13_pair(
        EcP256,
        |policy| {
            client_accepts(policy);
            policy.tls13.certificate_compression = words();
        },
        |policy| policy.tls13.certificate_compression = words(),
    );
    let (client, server) = shake(to_server(pair));
    assert!(server.log.contains(&"send compressed_certificate".into()), "{:?}", server.log);
    assert_eq!(client.complete.unwrap().security().peer, PeerProof::DelegatedCredential);
}

#[test]
fn proof_is_as_strong_as_the_weaker_key() {
    let strength = |algorithm| {
        let (own, key) = credential(KeySpec::EcP384);
        let fields = Fields { scheme: S::ECDSA_SECP384R1_SHA384, key, algorithm };
        let decoded = DelegatedCredential::decode(&fields.encode()).unwrap();
        let (mut client, mut server) = tls13_pair(EcP256, client_accepts, |_| {});
        client.peer_key = Some(fields.key);
        server.credential = Some(Arc::new(Credential::clone(&own).with_delegated_credential(decoded)));
        let (client, _) = shake((client, server));
        proofs(&client)[0].unwrap().bits()
    };
    assert_eq!(strength(S::ECDSA_SECP384R1_SHA384), 192);
    assert_eq!(strength(S::ECDSA_SECP256R1_SHA256), 128);
    // The signature of a key with 512 bits.
    assert!(strength(S::RSA_PSS_RSAE_SHA256) < 100);
}

#[test]
fn session_ends_with_the_verification_of_the_credential() {
    let (mut client, server) = to_server(tls13_ticket_pair(client_accepts, |_| {}));
    // The answer has the earlier of both ends.
    let until = UnixTime::from_secs(crate::support::NOW.as_secs() + 60);
    client.not_after = Some(until);
    let (client, _) = shake((client, server));
    let session = client.saved.unwrap();
    assert_eq!(session.not_after, Some(until));
    assert!(session.evidence.server_proof.unwrap().delegated);
    let at = |seconds| UnixTime::from_secs(until.as_secs() + seconds);
    assert!(!session.is_expired(at(0), 86_400) && session.is_expired(at(1), 86_400));
}

#[test]
fn session_is_not_resumed_unless_the_policy_still_accepts_the_credential() {
    let (client, server) = shake(to_server(tls13_ticket_pair(client_accepts, |_| {})));
    let (ours, theirs) = (client.saved, server.sealed);
    let cases: [(ClientChange, Option<NotResumed>); 3] = [
        (client_accepts, None),
        (|_| {}, Some(NotResumed::SignatureScheme)),
        (
            |policy| policy.tls13.delegated_credential_schemes = vec![S::ECDSA_SECP384R1_SHA384],
            Some(NotResumed::SignatureScheme),
        ),
    ];
    for (change, expected) in cases {
        let (mut client, mut server) = tls13_ticket_pair(change, |_| {});
        (client.session, server.session) = (ours.clone(), theirs.clone());
        let (client, _) = shake((client, server));
        assert_eq!(client.not_resumed, expected);
        let summary = client.complete.unwrap();
        assert_eq!(summary.is_resumed(), expected.is_none());
        let is_delegated = summary.security().peer == PeerProof::DelegatedCredential;
        assert_eq!(is_delegated, expected.is_none());
    }
}

#[test]
fn policies_list_only_schemes_that_are_allowed() {
    for (scheme, expected) in [
        (S::ED25519, None),
        (S::RSA_PSS_PSS_SHA256, None),
        (S::RSA_PSS_RSAE_SHA256, Some(PolicyError::SchemeNotForDelegation(S::RSA_PSS_RSAE_SHA256))),
        (S::RSA_PKCS1_SHA256, Some(PolicyError::SchemeNotForDelegation(S::RSA_PKCS1_SHA256))),
        (S::ECDSA_SHA1, Some(PolicyError::SchemeNotForDelegation(S::ECDSA_SHA1))),
        (S(0x0a0a), Some(PolicyError::SchemeNotForDelegation(S(0x0a0a)))),
    ] {
        let mut client = crate::support::client_policy().with_tls13(cairn_handshake::Policy::Modern);
        let mut server = crate::support::server_policy().with_tls13(cairn_handshake::Policy::Modern);
        client.tls13.delegated_credential_schemes = vec![scheme];
        server.tls13.delegated_credential_schemes = vec![scheme];
        assert_eq!(client.check().err(), expected);
        assert_eq!(server.check().err(), expected);
    }
}
