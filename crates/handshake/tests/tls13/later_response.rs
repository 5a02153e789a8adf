//! The client's response to a request after the handshake (RFC 9846 section 4.7.2), as the server judges it.

use crate::{
    later::{check, ready, response, update},
    outcome::{MALFORMED, MISPLACED, Refusal, illegal, unsolicited},
    support::{Wire, edit, edit::message, go_on, raw},
};
use cairn_crypto::KeyKind;
use cairn_handshake::{Event, HandshakeErrorKind as Kind, Input, Item, RawMessage};
use cairn_schedule::Epoch;
use cairn_wire::{
    Alert, AlertDescription as A, ExtensionMessage as In, ExtensionType as X, HandshakeType as H,
    SignatureScheme as S,
};

#[test]
fn each_field_of_the_response_is_checked() {
    type Change = fn(&mut Wire);
    let signature = Refusal::As(Kind::BadSignature, A::DECRYPT_ERROR);
    let finished = Refusal::As(Kind::WrongFinished, A::DECRYPT_ERROR);
    let rsa = Kind::SchemeNotForKey(S::RSA_PSS_RSAE_SHA256, KeyKind::EcP384);
    let cases: [(&str, Change, Refusal); 12] = [
        (
            "no context",
            |wire| raw::certificate(wire, |message| message.context.clear()),
            illegal(Kind::WrongRequestContext),
        ),
        (
            "another context",
            |wire| raw::certificate(wire, |message| message.context[31] ^= 1),
            illegal(Kind::WrongRequestContext),
        ),
        (
            "an empty certificate",
            |wire| raw::certificate(wire, |message| message.entries[0].0.clear()),
            MALFORMED,
        ),
        (
            "an OCSP response",
            |wire| {
                raw::certificate(wire, |message| {
                    message.entries[0].1.add(X::STATUS_REQUEST, &[1, 0, 0, 1, 7]);
                });
            },
            unsolicited(X::STATUS_REQUEST, In::Certificate),
        ),
        (
            "server_name",
            |wire| raw::certificate(wire, |message| message.entries[0].1.add(X::SERVER_NAME, &[])),
            MISPLACED,
        ),
        ("another chain", |wire| raw::certificate(wire, |message| message.entries[0].0[3] ^= 1), signature),
        ("another scheme", |wire| raw::certificate_verify(wire, S::RSA_PSS_RSAE_SHA256), illegal(rsa)),
        (
            "a scheme that was not requested",
            |wire| raw::certificate_verify(wire, S::ECDSA_SHA1),
            illegal(Kind::SchemeNotOffered(S::ECDSA_SHA1)),
        ),
        (
            "another signature",
            |wire| edit::body(wire, H::CERTIFICATE_VERIFY, |body| *body.last_mut().unwrap() ^= 1),
            signature,
        ),
        ("another Finished", |wire| edit::body(wire, H::FINISHED, |body| body[0] ^= 1), finished),
        (
            "a short Finished",
            |wire| edit::body(wire, H::FINISHED, |body| body.truncate(body.len() - 1)),
            MALFORMED,
        ),
        ("a long Finished", |wire| edit::body(wire, H::FINISHED, |body| body.push(0)), MALFORMED),
    ];
    for (what, change, refusal) in cases {
        let (_client, mut server, sent) = response();
        for mut wire in sent {
            change(&mut wire);
            if server.kind().is_none() {
                server.receive(&wire);
            }
        }
        check(&server, refusal, what);
    }
    let (mut client, mut server) = ready();
    server.peer_key = None;
    server.step(Input::RequestCertificate);
    go_on(&mut client, &mut server, |_, _| {});
    check(&server, Refusal::As(Kind::PeerRejected(A::UNKNOWN_CA), A::UNKNOWN_CA), "an unknown authority");
}

/// RFC 9846 section 4.4.2: the context prevents "replay of client CertificateVerify messages". It is signed
/// as part of CertificateRequest.
#[test]
fn response_to_one_request_does_not_answer_another() {
    let (_client, mut server, sent) = response();
    server.step(Input::RequestCertificate);
    let mut second = Vec::new();
    raw::certificate_request(&mut server.out.pop_front().unwrap(), |request| {
        second.clone_from(&request.context);
    });
    for mut wire in sent {
        raw::certificate(&mut wire, |certificate| certificate.context.clone_from(&second));
        if server.kind().is_none() {
            server.receive(&wire);
        }
    }
    check(&server, Refusal::As(Kind::BadSignature, A::DECRYPT_ERROR), "for the other request");
}

/// The base key of Finished is the traffic secret in use, so a KeyUpdate after the response was computed
/// makes it wrong (RFC 9846 section 4.5).
#[test]
fn finished_under_an_outdated_secret_is_refused() {
    let (mut client, mut server, sent) = response();
    client.step(update());
    server.receive(&client.out.pop_front().unwrap());
    for wire in sent {
        let Wire::Handshake(epoch, bytes) = wire else { panic!("{wire:?}") };
        assert_eq!(epoch, Epoch::Application(0));
        server.receive(&Wire::Handshake(Epoch::Application(1), bytes));
    }
    check(&server, Refusal::As(Kind::WrongFinished, A::DECRYPT_ERROR), "after a KeyUpdate");
}

/// RFC 9846 section 4.7.2: the messages of a response "MUST appear consecutively on the wire with no
/// intervening messages of other type or from other responses."
#[test]
fn nothing_comes_between_the_messages_of_a_response() {
    for place in 1..3 {
        for between in [message(H::KEY_UPDATE, &[0]), message(H::KEY_UPDATE, &[1])] {
            let (_client, mut server, sent) = response();
            sent[..place].iter().for_each(|wire| server.receive(wire));
            assert!(!server.takes_application_data(), "after {place}");
            assert_eq!(server.machine.outstanding_certificate_requests(), 1, "after {place}");
            assert!(server.sends_application_data(), "after {place}");
            server.receive(&Wire::Handshake(server.machine.read_epoch(), between));
            let kind = Kind::UnexpectedMessage { got: "KeyUpdate" };
            check(&server, Refusal::As(kind, A::UNEXPECTED_MESSAGE), "KeyUpdate");
        }
        let (_client, mut server, sent) = response();
        sent[..place].iter().for_each(|wire| server.receive(wire));
        server.receive(&Wire::Alert(Alert::warning(A::CLOSE_NOTIFY)));
        check(&server, Refusal::As(Kind::ClosedDuringHandshake, A::CLOSE_NOTIFY), "close_notify");
        // The start of another response.
        let (mut client, mut server) = ready();
        server.step(Input::RequestCertificate);
        server.step(Input::RequestCertificate);
        (0..2).for_each(|_| client.receive(&server.out.pop_front().unwrap()));
        let sent: Vec<Wire> = client.out.drain(..).collect();
        sent[..place].iter().chain(&sent[3..4]).for_each(|wire| server.receive(wire));
        let kind = Kind::UnexpectedMessage { got: "Certificate" };
        check(&server, Refusal::As(kind, A::UNEXPECTED_MESSAGE), "the next response");
    }
    // A response without a request.
    let (_client, mut server, sent) = response();
    sent.iter().for_each(|wire| server.receive(wire));
    server.receive(&sent[0]);
    assert_eq!(server.kind(), Some(Kind::UnexpectedMessage { got: "Certificate" }));
}

/// The event comes after the gate: what is received after it is from the new identity.
#[test]
fn event_is_in_order_with_the_gate_for_application_data() {
    let (_client, mut server, sent) = response();
    sent[..2].iter().for_each(|wire| server.receive(wire));
    let Wire::Handshake(epoch, finished) = &sent[2] else { panic!("{:?}", sent[2]) };
    let message = RawMessage { msg_type: H::FINISHED, bytes: finished };
    server.machine.step(Input::Message { epoch: *epoch, message }, &mut server.flight).unwrap();
    assert!(matches!(
        server.flight.items(),
        [Item::ApplicationData { .. }, Item::Event(Event::ClientAuthentication(_))]
    ));
}
