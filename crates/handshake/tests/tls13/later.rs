//! Authentication of the client after the handshake (RFC 9846 section 4.7.2).

use crate::{
    outcome::{MALFORMED, MISPLACED, Refusal, illegal},
    support::{
        End, Wire, credential, external_psk_pair, go_on, later_pair, pair, raw, retried_pair, run,
        server_policy, tls13_mutual_pair, tls13_pair, tls13_resuming_pair,
    },
};
use cairn_crypto::KeySpec;
use cairn_handshake::{
    ClientAuthentication, ClientPolicy, Floor, HandshakeErrorKind as Kind, Input, Misuse, PeerProof, Policy,
    ServerPolicy, Shortfall,
};
use cairn_schedule::Epoch;
use cairn_wire::{
    AlertDescription as A, ExtensionType as X, HandshakeType as H, KeyUpdateRequest, SignatureScheme as S,
};
use std::{collections::BTreeSet, sync::Arc};

pub(crate) const P384: KeySpec = KeySpec::EcP384;

const REQUEST: ClientAuthentication = ClientAuthentication::Request { authorities: Vec::new() };
const REQUIRE: ClientAuthentication = ClientAuthentication::Require { authorities: Vec::new() };

/// Two sides after the handshake, on which a certificate can be requested.
pub(crate) fn ready() -> (End, End) {
    let (mut client, mut server) = later_pair(P384, |_| {}, |_| {});
    run(&mut client, &mut server, |_, _| {});
    assert_eq!((client.machine.state(), server.machine.state()), ("Authenticable", "Authenticable"));
    (client, server)
}

/// The response of a client to one request, as it is sent.
pub(crate) fn response() -> (End, End, Vec<Wire>) {
    let (mut client, mut server) = ready();
    server.step(Input::RequestCertificate);
    client.receive(&server.out.pop_front().unwrap());
    let sent: Vec<Wire> = client.out.drain(..).collect();
    assert_eq!(sent.len(), 3);
    (client, server, sent)
}

pub(crate) fn check(end: &End, refusal: Refusal, what: &str) {
    let kind = end.kind().unwrap_or_else(|| panic!("{what}: accepted, {:?}", end.log));
    match refusal {
        Refusal::As(expected, alert) => assert_eq!((kind, kind.alert()), (expected, Some(alert)), "{what}"),
        Refusal::Decode(alert) => {
            assert!(matches!(kind, Kind::Decode(_)), "{what}: {kind:?}");
            assert_eq!(kind.alert(), Some(alert), "{what}");
        }
    }
    assert!(end.authentications.is_empty(), "{what}");
}

pub(crate) fn update() -> Input<'static> {
    Input::UpdateKeys { request_update: KeyUpdateRequest::UpdateNotRequested }
}

#[test]
fn client_authenticates_when_the_server_requests_it() {
    let (mut client, mut server) = ready();
    assert_eq!(server.complete.as_ref().unwrap().security().peer, PeerProof::None);
    let before = server.log.len();
    server.step(Input::RequestCertificate);
    assert_eq!(
        (server.machine.state(), server.machine.outstanding_certificate_requests()),
        ("CertificateRequested", 1)
    );
    go_on(&mut client, &mut server, |_, _| {});
    assert_eq!((client.kind(), server.kind()), (None, None));
    // No application data passes between Certificate and Finished.
    assert_eq!(
        server.log[before..],
        ["send certificate_request", "read data closes", "read data opens", "client authentication"]
    );
    assert!(server.takes_application_data() && server.sends_application_data());
    assert_eq!(
        (server.machine.state(), server.machine.outstanding_certificate_requests()),
        ("Authenticable", 0)
    );
    let [authentication] = &server.authentications[..] else { panic!("{:?}", server.authentications) };
    let identity = authentication.identity.as_ref().unwrap();
    assert_eq!((authentication.request, identity.verified), (0, true));
    assert_eq!(*identity.chain, client.credential.as_ref().unwrap().chain);
    assert_eq!(identity.proof.scheme, Some(S::ECDSA_SECP384R1_SHA384));
    let mut summary = server.complete.unwrap();
    summary.authenticate_client(authentication);
    assert_eq!(summary.security().peer, PeerProof::Certificate);
    assert_eq!(summary.client_signature_scheme(), Some(S::ECDSA_SECP384R1_SHA384));
    assert_eq!(summary.peer_chain.as_ref(), Some(&identity.chain));
    // The client knows what it has proved, and its server has not changed.
    let [authentication] = &client.authentications[..] else { panic!("{:?}", client.authentications) };
    let mut summary = client.complete.unwrap();
    let server_chain = summary.peer_chain.clone();
    summary.authenticate_client(authentication);
    assert_eq!(summary.client_signature_scheme(), Some(S::ECDSA_SECP384R1_SHA384));
    assert_eq!(summary.peer_chain, server_chain);
    assert!(summary.evidence.peer_verified);
}

#[test]
fn client_without_a_certificate_declines() {
    let (mut client, mut server) = ready();
    client.credential = None;
    server.step(Input::RequestCertificate);
    let mut sent = Vec::new();
    go_on(&mut client, &mut server, |from_client, wire| {
        if let (true, Wire::Handshake(_, bytes)) = (from_client, wire) {
            sent.push(bytes[0]);
        }
    });
    assert_eq!((client.kind(), server.kind()), (None, None));
    assert_eq!(sent, [H::CERTIFICATE.0, H::FINISHED.0]);
    for end in [&client, &server] {
        let [authentication] = &end.authentications[..] else { panic!("{:?}", end.authentications) };
        assert_eq!((authentication.request, &authentication.identity), (0, &None));
    }
    let mut summary = server.complete.clone().unwrap();
    summary.authenticate_client(&server.authentications[0]);
    assert_eq!(Some(summary), server.complete);
    assert!(server.takes_application_data());
}

#[test]
fn empty_certificate_is_refused_if_one_is_required() {
    let (mut client, mut server) =
        later_pair(P384, |_| {}, |server| server.tls13.post_handshake_authentication = REQUIRE);
    client.credential = None;
    run(&mut client, &mut server, |_, _| {});
    server.step(Input::RequestCertificate);
    go_on(&mut client, &mut server, |_, _| {});
    check(&server, Refusal::As(Kind::ClientCertificateMissing, A::CERTIFICATE_REQUIRED), "required");
    assert_eq!(client.kind(), Some(Kind::PeerAlert(A::CERTIFICATE_REQUIRED)));
}

/// RFC 9846 section 4.3.6: "Servers MUST NOT send a post-handshake CertificateRequest to clients which do not
/// offer this extension."
#[test]
fn certificate_is_requested_only_from_a_client_that_permits_it() {
    let request = |end: &mut End| end.machine.step(Input::RequestCertificate, &mut end.flight).unwrap_err();
    let refused = Misuse::NoPostHandshakeAuthentication;
    for (offered, permitted) in [(false, true), (true, false), (false, false)] {
        let (mut client, mut server) = later_pair(
            P384,
            |client| client.tls13.post_handshake_auth = offered,
            |server| {
                if !permitted {
                    server.tls13.post_handshake_authentication = ClientAuthentication::None;
                }
            },
        );
        run(&mut client, &mut server, |_, _| {});
        // Without it, no transcript is kept.
        assert_eq!(server.machine.state(), "Established", "{offered}, {permitted}");
        assert_eq!(client.machine.state(), if offered { "Authenticable" } else { "Established" });
        assert_eq!(request(&mut server), refused, "{offered}, {permitted}");
        assert!(server.machine.is_established() && server.flight.is_empty());
    }
    let (mut client, mut server) = later_pair(P384, |_| {}, |_| {});
    client.start();
    server.start();
    assert_eq!(request(&mut server), refused, "before the hello");
    server.receive(&client.out.pop_front().unwrap());
    assert_eq!(request(&mut server), refused, "during the handshake");
    let (mut client, mut server) = ready();
    assert_eq!(request(&mut client), refused, "a client");
    let mut policy = server_policy().with_tls13(Policy::Modern);
    policy.tls13.post_handshake_authentication = ClientAuthentication::None;
    server.machine.set_server_policy(policy.into()).unwrap();
    assert_eq!(request(&mut server), refused, "a later policy");
    let (mut client, mut server) =
        pair(P384, |_| {}, |server| server.tls13.post_handshake_authentication = REQUEST);
    run(&mut client, &mut server, |_, _| {});
    assert_eq!(request(&mut server), refused, "TLS 1.2");
}

/// RFC 9846 section 4.4.2: "servers which are authenticating with an external PSK MUST NOT send the
/// CertificateRequest message in the main handshake or request post-handshake authentication." After a
/// resumption they may.
#[test]
fn certificate_is_requested_after_a_resumption_and_not_after_an_external_psk() {
    let client = |client: &mut ClientPolicy| client.tls13.post_handshake_auth = true;
    let server = |server: &mut ServerPolicy| server.tls13.post_handshake_authentication = REQUEST;
    let both = |policy: &mut ServerPolicy| {
        server(policy);
        policy.client_authentication = REQUEST;
    };
    let (mut ours, mut theirs) = external_psk_pair(client, both);
    run(&mut ours, &mut theirs, |_, _| {});
    assert!(!theirs.log.iter().any(|line| line == "send certificate_request"), "{:?}", theirs.log);
    assert_eq!((ours.kind(), theirs.kind()), (None, None));
    assert_eq!((ours.machine.state(), theirs.machine.state()), ("Established", "Established"));
    let refused = theirs.machine.step(Input::RequestCertificate, &mut theirs.flight).unwrap_err();
    assert_eq!(refused, Misuse::NoPostHandshakeAuthentication);
    let (mut ours, mut theirs) = tls13_resuming_pair(client, server);
    let (own, public) = credential(P384);
    (ours.credential, theirs.peer_key) = (Some(own), Some(public));
    run(&mut ours, &mut theirs, |_, _| {});
    assert!(theirs.complete.as_ref().unwrap().is_resumed());
    theirs.step(Input::RequestCertificate);
    go_on(&mut ours, &mut theirs, |_, _| {});
    assert_eq!((ours.kind(), theirs.kind(), theirs.authentications.len()), (None, None, 1));
}

#[test]
fn post_handshake_auth_is_empty_and_stays_in_the_second_hello() {
    let (mut client, mut server) = later_pair(P384, |_| {}, |_| {});
    run(&mut client, &mut server, |_, wire| {
        raw::client_hello(wire, |hello| hello.extensions.set(X::POST_HANDSHAKE_AUTH, &[0]));
    });
    check(&server, MALFORMED, "a content");
    let (mut client, mut server) = retried_pair(
        |client| client.tls13.post_handshake_auth = true,
        |server| server.tls13.post_handshake_authentication = REQUEST,
    );
    let mut hellos = 0;
    run(&mut client, &mut server, |_, wire| {
        raw::client_hello(wire, |hello| {
            hellos += usize::from(hello.extensions.get(X::POST_HANDSHAKE_AUTH) == Some(&[]));
        });
    });
    assert_eq!(hellos, 2);
    server.step(Input::RequestCertificate);
    go_on(&mut client, &mut server, |_, _| {});
    assert_eq!((server.kind(), server.authentications.len()), (None, 1));
}

/// Requests that are sent together are answered one after the other, each with its own context.
#[test]
fn several_requests_are_answered_in_their_order() {
    let (mut client, mut server) = ready();
    for _ in 0..3 {
        server.step(Input::RequestCertificate);
    }
    let (mut asked, mut answered) = (Vec::new(), Vec::new());
    go_on(&mut client, &mut server, |from_client, wire| {
        raw::certificate_request(wire, |request| asked.push(request.context.clone()));
        if from_client {
            raw::certificate(wire, |certificate| answered.push(certificate.context.clone()));
        }
    });
    assert_eq!((client.kind(), server.kind()), (None, None));
    assert_eq!(asked, answered);
    assert_eq!(asked.iter().collect::<BTreeSet<_>>().len(), 3);
    // RFC 9846 section 4.4.2: the context is unpredictable.
    let random: BTreeSet<_> = asked.iter().map(|context| &context[4..]).collect();
    assert!(random.len() == 3 && asked.iter().all(|context| context.len() == 32));
    let numbers: Vec<u32> = server.authentications.iter().map(|each| each.request).collect();
    assert_eq!(numbers, [0, 1, 2]);
}

/// RFC 9846 section 4.7.2: clients "MAY respond to them in a different order than they were received".
#[test]
fn server_accepts_responses_in_another_order() {
    let (mut client, mut server) = ready();
    server.step(Input::RequestCertificate);
    server.step(Input::RequestCertificate);
    for _ in 0..2 {
        client.receive(&server.out.pop_front().unwrap());
    }
    let sent: Vec<Wire> = client.out.drain(..).collect();
    for wire in sent[3..].iter().chain(&sent[..3]) {
        server.receive(wire);
    }
    assert_eq!(server.kind(), None);
    let numbers: Vec<u32> = server.authentications.iter().map(|each| each.request).collect();
    assert_eq!(numbers, [1, 0]);
}

#[test]
fn outstanding_requests_are_limited() {
    let (mut client, mut server) =
        later_pair(P384, |_| {}, |server| server.limits.max_certificate_requests = 2);
    run(&mut client, &mut server, |_, _| {});
    server.step(Input::RequestCertificate);
    server.step(Input::RequestCertificate);
    let refused = server.machine.step(Input::RequestCertificate, &mut server.flight).unwrap_err();
    assert_eq!(refused, Misuse::TooManyCertificateRequests { limit: 2 });
    // An answer makes room for another one.
    go_on(&mut client, &mut server, |_, _| {});
    server.step(Input::RequestCertificate);
    go_on(&mut client, &mut server, |_, _| {});
    assert_eq!((server.kind(), server.authentications.len()), (None, 3));
}

/// A client answers any number of requests, if the server also sends application data.
#[test]
fn requests_with_application_data_in_between_are_not_limited() {
    let (mut client, mut server) = ready();
    for round in 0..40 {
        server.step(Input::RequestCertificate);
        go_on(&mut client, &mut server, |_, _| {});
        assert_eq!((client.kind(), server.kind()), (None, None), "request {round}");
        client.machine.application_data_came();
    }
    let numbers: Vec<u32> = client.authentications.iter().map(|each| each.request).collect();
    assert_eq!(numbers, (0..40).collect::<Vec<_>>());
    // Without it, the limit is that of the policy.
    for _ in 0..=16 {
        server.step(Input::RequestCertificate);
        go_on(&mut client, &mut server, |_, _| {});
    }
    assert_eq!(client.kind(), Some(Kind::TooManyCertificateRequests { limit: 16 }));
}

#[test]
fn each_field_of_certificate_request_is_checked() {
    type Change = fn(&mut raw::CertificateRequest);
    let unique = illegal(Kind::RequestContextNotUnique);
    let missing = Kind::MissingExtension(X::SIGNATURE_ALGORITHMS);
    let cases: [(&str, Change, Refusal); 6] = [
        ("no context", |request| request.context.clear(), unique),
        (
            "no schemes",
            |request| request.extensions.remove(X::SIGNATURE_ALGORITHMS),
            Refusal::As(missing, A::MISSING_EXTENSION),
        ),
        ("an empty list", |request| request.extensions.set(X::SIGNATURE_ALGORITHMS, &[0, 0]), MALFORMED),
        ("key_share", |request| request.extensions.add(X::KEY_SHARE, &[0, 29]), MISPLACED),
        ("two lists", |request| request.extensions.add(X::SIGNATURE_ALGORITHMS, &[0, 2, 4, 3]), MALFORMED),
        ("post_handshake_auth", |request| request.extensions.add(X::POST_HANDSHAKE_AUTH, &[]), MISPLACED),
    ];
    for (what, change, refusal) in cases {
        let (mut client, mut server) = ready();
        server.step(Input::RequestCertificate);
        go_on(&mut client, &mut server, |_, wire| raw::certificate_request(wire, change));
        check(&client, refusal, what);
    }
    // An unknown extension is ignored: the client answers, and only the transcripts differ.
    let (mut client, mut server) = ready();
    server.step(Input::RequestCertificate);
    go_on(&mut client, &mut server, |_, wire| {
        raw::certificate_request(wire, |request| request.extensions.add(X(0xffce), &[1]));
    });
    check(&server, Refusal::As(Kind::BadSignature, A::DECRYPT_ERROR), "another transcript");
}

#[test]
fn client_refuses_a_context_that_was_used_before() {
    let (mut client, mut server) = ready();
    server.step(Input::RequestCertificate);
    let request = server.out.pop_front().unwrap();
    client.receive(&request);
    assert_eq!((client.kind(), client.authentications.len()), (None, 1));
    client.receive(&request);
    assert_eq!(client.kind(), Some(Kind::RequestContextNotUnique));
}

#[test]
fn response_after_key_updates_uses_the_secret_in_use() {
    let (mut client, mut server) = ready();
    for round in 0..3 {
        client.step(update());
        server.step(Input::RequestCertificate);
        server.step(update());
        go_on(&mut client, &mut server, |_, _| {});
        assert_eq!((client.kind(), server.kind()), (None, None));
        assert_eq!(server.authentications.len(), round + 1);
    }
}

/// While a signature is awaited, the caller may update the keys. The response then follows as a whole, and
/// the question is still the same.
#[test]
fn client_sends_its_response_as_a_whole() {
    for updates in 0..3 {
        let (mut client, mut server) = ready();
        server.step(Input::RequestCertificate);
        let Some(Wire::Handshake(epoch, request)) = server.out.pop_front() else { panic!("no request") };
        let raw = cairn_handshake::RawMessage { msg_type: H::CERTIFICATE_REQUEST, bytes: &request };
        client.log.clear();
        client.step_once(Input::Message { epoch, message: raw });
        for state in ["ChoosingLaterCredential", "SigningLater"] {
            assert_eq!(client.machine.state(), state);
            assert!(client.sends_application_data() && client.takes_application_data());
            let asked = client.machine.question().unwrap().0;
            for _ in 0..updates {
                client.step_once(update());
                assert_eq!((client.machine.state(), client.machine.question().unwrap().0), (state, asked));
            }
            assert!(!client.log.iter().any(|line| line == "send certificate"), "{:?}", client.log);
            let (id, answer) = client.answer();
            client.step_once(Input::Answer(id, answer));
        }
        let expected =
            ["send certificate", "send certificate_verify", "send finished", "client authentication"];
        assert!(client.log.ends_with(&expected.map(String::from)), "{:?}", client.log);
        let epochs: Vec<Epoch> = client
            .out
            .iter()
            .rev()
            .take(3)
            .map(|wire| match wire {
                Wire::Handshake(epoch, _) => *epoch,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(epochs, [Epoch::Application(2 * updates); 3]);
        go_on(&mut client, &mut server, |_, _| {});
        assert_eq!((client.kind(), server.kind(), server.authentications.len()), (None, None, 1));
    }
}

/// As in a renegotiation of TLS 1.2, a client that has authenticated keeps its identity, because the
/// application relies on it.
#[test]
fn authenticated_client_keeps_its_identity() {
    for in_handshake in [true, false] {
        let authentication = if in_handshake { REQUIRE } else { ClientAuthentication::None };
        let (mut client, mut server) =
            later_pair(P384, |_| {}, |server| server.client_authentication = authentication);
        run(&mut client, &mut server, |_, _| {});
        for _ in 0..2 {
            server.step(Input::RequestCertificate);
            go_on(&mut client, &mut server, |_, _| {});
            assert_eq!((client.kind(), server.kind()), (None, None), "the same identity");
        }
        // A client that declines now keeps the identity that it has.
        let own = client.credential.take();
        server.step(Input::RequestCertificate);
        go_on(&mut client, &mut server, |_, _| {});
        assert_eq!((client.kind(), server.kind()), (None, None), "declined");
        let mut other = cairn_handshake::Credential::clone(own.as_ref().unwrap());
        other.chain = cairn_handshake::CertificateChain::new(&[b"another certificate"]).unwrap();
        client.credential = Some(Arc::new(other));
        server.step(Input::RequestCertificate);
        go_on(&mut client, &mut server, |_, _| {});
        let kind = server.kind().unwrap();
        assert_eq!((kind, kind.alert()), (Kind::PeerIdentityChanged, Some(A::ILLEGAL_PARAMETER)));
        assert_eq!(server.authentications.len(), 3);
    }
}

#[test]
fn floor_applies_to_the_new_identity() {
    let (mut client, mut server) =
        later_pair(KeySpec::EcP256, |_| {}, |server| server.floor = Floor { bits: 128, ..Floor::default() });
    let (own, public) = credential(KeySpec::Rsa { bits: 2048 });
    (client.credential, server.peer_key) = (Some(own), Some(public));
    run(&mut client, &mut server, |_, _| {});
    assert_eq!(server.kind(), None);
    server.step(Input::RequestCertificate);
    go_on(&mut client, &mut server, |_, _| {});
    let kind = server.kind().unwrap();
    assert!(matches!(kind, Kind::BelowFloor(Shortfall::TooWeak { expected: 128, .. })), "{kind:?}");
    assert_eq!(kind.alert(), Some(A::INSUFFICIENT_SECURITY));
    assert!(server.authentications.is_empty());
}

/// The request is judged by the policy that it was sent under.
#[test]
fn policy_of_the_request_decides_about_its_response() {
    let (mut client, mut server) = ready();
    client.credential = None;
    server.step(Input::RequestCertificate);
    let mut policy = server_policy().with_tls13(Policy::Modern);
    policy.tls13.post_handshake_authentication = REQUIRE;
    server.machine.set_server_policy(policy.into()).unwrap();
    go_on(&mut client, &mut server, |_, _| {});
    assert_eq!((server.kind(), server.authentications.len()), (None, 1));
    server.step(Input::RequestCertificate);
    go_on(&mut client, &mut server, |_, _| {});
    assert_eq!(server.kind(), Some(Kind::ClientCertificateMissing));
}

/// A client in a handshake of TLS 1.3 that has not offered it, and one with client authentication in the
/// handshake alone.
#[test]
fn request_without_the_offer_is_unexpected_message() {
    let mutual = || tls13_mutual_pair(P384, |_| {}, |_| {});
    for pair in [tls13_pair(P384, |_| {}, |_| {}), mutual()] {
        let (mut client, mut server) = pair;
        run(&mut client, &mut server, |_, _| {});
        let (_, mut other) = ready();
        other.step(Input::RequestCertificate);
        client.receive(&other.out.pop_front().unwrap());
        let kind = Kind::UnexpectedMessage { got: "CertificateRequest" };
        check(&client, Refusal::As(kind, A::UNEXPECTED_MESSAGE), "no offer");
    }
}
