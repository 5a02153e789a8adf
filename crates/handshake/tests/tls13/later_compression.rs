//! Compressed certificates (RFC 8879) in the authentication of the client after the handshake (RFC 9846
//! section
//! 4.7.2).

use crate::{
    later::{P384, check},
    outcome::{Refusal, illegal},
    support::{
        End, Wire,
        compression::{WORDS, Words, compress, words},
        edit::message,
        go_on, later_pair, run,
    },
};
use cairn_handshake::{CertificateCompression, HandshakeErrorKind as Kind, Input, ServerPolicy};
use cairn_wire::{
    AlertDescription as A, CompressedCertificate, Decode, Encode, HandshakeType as H, Reader, Writer,
};
use std::sync::Arc;

fn algorithms(are_listed: bool) -> Vec<Arc<dyn CertificateCompression>> {
    if are_listed { words() } else { Vec::new() }
}

/// Two sides after the handshake, with these algorithms.
fn ready(by_client: bool, by_server: bool) -> (End, End) {
    let (mut client, mut server) = later_pair(
        P384,
        |policy| policy.tls13.certificate_compression = algorithms(by_client),
        |policy| policy.tls13.certificate_compression = algorithms(by_server),
    );
    run(&mut client, &mut server, |_, _| {});
    assert_eq!((client.kind(), server.kind()), (None, None));
    (client, server)
}

/// The response of the client to the first message of the server that waits.
fn response(client: &mut End, server: &mut End) -> Vec<Wire> {
    client.receive(&server.out.pop_front().unwrap());
    client.out.drain(..).collect()
}

/// The type and the body of a message.
fn parts(wire: &Wire) -> (H, &[u8]) {
    let Wire::Handshake(_, bytes) = wire else { panic!("{wire:?}") };
    (H(bytes[0]), &bytes[4..])
}

/// Sends this Certificate in CompressedCertificate.
fn receive_compressed(server: &mut End, certificate: &[u8]) {
    let mut body = Vec::new();
    let compressed = CompressedCertificate {
        algorithm: WORDS,
        uncompressed_length: u32::try_from(certificate.len()).unwrap(),
        compressed_certificate_message: &compress(certificate),
    };
    compressed.encode(&mut Writer::vec(&mut body)).unwrap();
    let bytes = message(H::COMPRESSED_CERTIFICATE, &body);
    server.receive(&Wire::Handshake(server.machine.read_epoch(), bytes));
}

/// Changes the algorithms of the server's policy.
fn set_policy(server: &mut End, are_listed: bool) {
    let mut changed = None;
    let _pair = later_pair(
        P384,
        |_| {},
        |policy: &mut ServerPolicy| {
            policy.tls13.certificate_compression = algorithms(are_listed);
            changed = Some(policy.clone());
        },
    );
    server.machine.set_server_policy(Arc::new(changed.unwrap())).unwrap();
}

#[test]
fn client_compresses_its_certificate_if_the_request_permits_it() {
    for (by_client, by_server) in [(true, true), (true, false), (false, true), (false, false)] {
        let (mut client, mut server) = ready(by_client, by_server);
        for round in 0..2 {
            server.step(Input::RequestCertificate);
            let sent = response(&mut client, &mut server);
            let types: Vec<H> = sent.iter().map(|wire| parts(wire).0).collect();
            let first = if by_client && by_server { H::COMPRESSED_CERTIFICATE } else { H::CERTIFICATE };
            assert_eq!(types, [first, H::CERTIFICATE_VERIFY, H::FINISHED]);
            for wire in &sent {
                server.receive(wire);
            }
            assert_eq!((server.kind(), server.authentications.len()), (None, round + 1));
            let identity = server.authentications[round].identity.as_ref().unwrap();
            assert_eq!(*identity.chain, client.credential.as_ref().unwrap().chain);
            // Both sides report the algorithm.
            let algorithm = (by_client && by_server).then_some(WORDS);
            assert_eq!(identity.compression, algorithm);
            let of_client = client.authentications[round].identity.as_ref().unwrap();
            assert_eq!(of_client.compression, algorithm);
            let mut summary = server.complete.clone().unwrap();
            summary.authenticate_client(&server.authentications[round]);
            assert_eq!(summary.tls13().unwrap().client_certificate_compression, algorithm);
        }
    }
}

#[test]
fn empty_certificate_is_not_compressed() {
    let (mut client, mut server) = ready(true, true);
    client.credential = None;
    server.step(Input::RequestCertificate);
    let sent = response(&mut client, &mut server);
    assert_eq!(parts(&sent[0]).0, H::CERTIFICATE);
    for wire in &sent {
        server.receive(wire);
    }
    assert_eq!((server.kind(), server.authentications.len()), (None, 1));
}

#[test]
fn context_in_a_compressed_certificate_is_that_of_a_request() {
    for place in [0, 31] {
        let (mut client, mut server) = ready(true, true);
        server.step(Input::RequestCertificate);
        let sent = response(&mut client, &mut server);
        let sent = CompressedCertificate::decode(&mut Reader::new(parts(&sent[0]).1)).unwrap();
        let mut certificate = vec![0; usize::try_from(sent.uncompressed_length).unwrap()];
        Words(WORDS).decompress(sent.compressed_certificate_message, &mut certificate).unwrap();
        assert_eq!(certificate[0], 32, "the length of the context");
        certificate[1 + place] ^= 1;
        receive_compressed(&mut server, &certificate);
        check(&server, illegal(Kind::WrongRequestContext), "another context");
    }
}

/// Each request lists the algorithms of its policy.
#[test]
fn compression_of_a_response_is_judged_by_its_request() {
    let (mut client, mut server) = ready(true, true);
    server.step(Input::RequestCertificate);
    set_policy(&mut server, false);
    go_on(&mut client, &mut server, |_, _| {});
    assert_eq!((server.kind(), server.authentications.len()), (None, 1));

    let (mut client, mut server) = ready(true, false);
    server.step(Input::RequestCertificate);
    set_policy(&mut server, true);
    let sent = response(&mut client, &mut server);
    assert_eq!(parts(&sent[0]).0, H::CERTIFICATE);
    receive_compressed(&mut server, parts(&sent[0]).1);
    let refusal = Refusal::As(Kind::CompressedCertificateNotOffered, A::UNEXPECTED_MESSAGE);
    check(&server, refusal, "no request lists it");

    let (mut client, mut server) = ready(true, false);
    server.step(Input::RequestCertificate);
    set_policy(&mut server, true);
    let sent = response(&mut client, &mut server);
    server.step(Input::RequestCertificate);
    receive_compressed(&mut server, parts(&sent[0]).1);
    check(&server, illegal(Kind::CertificateCompressionNotOffered(WORDS)), "only another request lists it");
}

#[test]
fn compressed_certificate_without_a_request_is_unexpected_message() {
    let (mut client, mut server) = ready(true, true);
    server.step(Input::RequestCertificate);
    let sent = response(&mut client, &mut server);
    for wire in &sent {
        server.receive(wire);
    }
    assert_eq!(server.kind(), None);
    server.receive(&sent[0]);
    assert_eq!(server.kind(), Some(Kind::UnexpectedMessage { got: "CompressedCertificate" }));
}
