//! Stapled OCSP responses and certificate timestamps: when the server sends them, and their positions.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod support;

use cairn_crypto::KeySpec;
use cairn_handshake::{ClientPolicy, Credential, HandshakeErrorKind, Stapled};
use cairn_wire::{
    CertificateStatus, CertificateStatusType, Decode, ExtensionType, HandshakeType as H, ServerExtension,
};
use std::sync::Arc;
use support::{
    End, OCSP_RESPONSE, TIMESTAMPS, Wire, agree, credential,
    edit::{body, body_of, client_hello, server_hello},
    pair, resuming_pair, run, staple,
    walk::run_without_status,
};

/// Runs a pair, and returns it with the extension types of ServerHello.
fn run_and_look(client: &mut End, server: &mut End) -> Vec<ExtensionType> {
    let mut types = Vec::new();
    run(client, server, |_, wire| server_hello(wire, |parts| types = parts.types()));
    types
}

fn stapled(response: &[u8]) -> Stapled {
    Stapled {
        ocsp_response: Some(response.to_vec()),
        signed_certificate_timestamps: TIMESTAMPS.map(<[u8]>::to_vec).to_vec(),
    }
}

#[test]
fn certificate_status_follows_certificate() {
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    staple(&mut server);
    let types = run_and_look(&mut client, &mut server);
    assert!(types.contains(&ExtensionType::STATUS_REQUEST));
    assert!(agree(&client, &server));
    let sent: Vec<_> = server.log.iter().filter_map(|line| line.strip_prefix("send ")).collect();
    assert_eq!(sent[..4], ["server_hello", "certificate", "certificate_status", "server_key_exchange"]);
    assert_eq!(client.stapled, Some(stapled(OCSP_RESPONSE)), "in the question");
    assert_eq!(client.complete.unwrap().stapled(), Some(&stapled(OCSP_RESPONSE)), "in the summary");
    assert!(server.complete.unwrap().stapled().is_none(), "the server's summary has what it sent");
}

#[test]
fn certificate_status_requires_request_and_response() {
    let unasked = || {
        let unasked = |client: &mut ClientPolicy| {
            client.status_request = false;
            client.signed_certificate_timestamps = false;
        };
        let (client, mut server) = pair(KeySpec::EcP256, unasked, |_| {});
        staple(&mut server);
        (client, server)
    };
    let empty = || {
        let (client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
        let with_nothing = Credential::clone(&credential(KeySpec::EcP256).0)
            .with_stapled(Stapled { ocsp_response: Some(Vec::new()), ..Stapled::default() });
        server.credential = Some(Arc::new(with_nothing));
        (client, server)
    };
    for (mut client, mut server) in [unasked(), empty(), pair(KeySpec::EcP256, |_| {}, |_| {})] {
        let types = run_and_look(&mut client, &mut server);
        for absent in [ExtensionType::STATUS_REQUEST, ExtensionType::SIGNED_CERTIFICATE_TIMESTAMP] {
            assert!(!types.contains(&absent));
        }
        assert!(agree(&client, &server));
        assert!(client.stapled.unwrap().is_empty());
    }
}

#[test]
fn status_request_of_another_type_is_ignored() {
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    staple(&mut server);
    let mut answered = false;
    run(&mut client, &mut server, |_, wire| {
        client_hello(wire, |parts| {
            for extension in &mut parts.extensions {
                if let cairn_wire::ClientExtension::StatusRequest(request) = extension {
                    let status_type = CertificateStatusType(2);
                    *request = cairn_wire::CertificateStatusRequest::Unknown { status_type, request: &[7] };
                }
            }
        });
        server_hello(wire, |parts| answered = parts.types().contains(&ExtensionType::STATUS_REQUEST));
    });
    assert!(!answered && !server.log.iter().any(|line| line == "send certificate_status"));
}

#[test]
fn resumption_has_no_certificate_status() {
    let (mut client, mut server) = resuming_pair(|_| {}, |_| {});
    staple(&mut server);
    let types = run_and_look(&mut client, &mut server);
    assert!(client.complete.as_ref().unwrap().is_resumed() && agree(&client, &server));
    for absent in [ExtensionType::STATUS_REQUEST, ExtensionType::SIGNED_CERTIFICATE_TIMESTAMP] {
        assert!(!types.contains(&absent));
    }
    assert!(client.complete.unwrap().stapled().unwrap().is_empty());
}

#[test]
fn no_certificate_status_without_a_certificate() {
    let (mut client, mut server) = support::walk::flow("TLS_PSK_WITH_AES_128_GCM_SHA256");
    staple(&mut server);
    let types = run_and_look(&mut client, &mut server);
    assert!(!types.contains(&ExtensionType::STATUS_REQUEST) && agree(&client, &server));
}

#[test]
fn timestamps_are_sent_independently_of_the_ocsp_response() {
    let (mut client, mut server) = pair(KeySpec::EcP256, |client| client.status_request = false, |_| {});
    staple(&mut server);
    let types = run_and_look(&mut client, &mut server);
    assert!(types.contains(&ExtensionType::SIGNED_CERTIFICATE_TIMESTAMP) && agree(&client, &server));
    let came = client.stapled.unwrap();
    assert_eq!((came.ocsp_response, came.signed_certificate_timestamps.len()), (None, TIMESTAMPS.len()));
}

#[test]
fn too_long_timestamps_are_an_encoding_error() {
    for timestamps in [vec![Vec::new()], vec![vec![7; 0x8000]; 2]] {
        let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
        let stapled = Stapled { signed_certificate_timestamps: timestamps, ..Stapled::default() };
        let credential = Credential::clone(&credential(KeySpec::EcP256).0).with_stapled(stapled);
        server.credential = Some(Arc::new(credential));
        run(&mut client, &mut server, |_, _| {});
        assert!(matches!(server.kind(), Some(HandshakeErrorKind::Encode(_))), "{:?}", server.kind());
    }
}

#[test]
fn server_may_omit_certificate_status() {
    let client = run_without_status("full");
    assert!(client.stapled.unwrap().ocsp_response.is_none());
}

#[test]
fn unannounced_certificate_status_is_unexpected_message() {
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    staple(&mut server);
    run(&mut client, &mut server, |_, wire| {
        server_hello(wire, |parts| parts.remove(ExtensionType::STATUS_REQUEST));
    });
    assert_eq!(client.kind(), Some(HandshakeErrorKind::UnexpectedMessage { got: "CertificateStatus" }));
    assert_eq!(client.error().unwrap().state, "AwaitServerKeyExchange");
}

#[test]
fn message_after_omitted_certificate_status_follows_the_key_exchange() {
    // The RSA key exchange has no ServerKeyExchange, with or without CertificateStatus.
    let (mut client, mut server) = support::walk::flow("TLS_RSA_WITH_AES_128_GCM_SHA256");
    run(&mut client, &mut server, |_, wire| {
        server_hello(wire, |parts| parts.extensions.push(ServerExtension::StatusRequest));
        if body_of(wire, H::SERVER_HELLO_DONE).is_some() {
            let Wire::Handshake(_, bytes) = wire else { return };
            *bytes = support::edit::message(H::SERVER_KEY_EXCHANGE, &[0; 8]);
        }
    });
    assert_eq!(client.kind(), Some(HandshakeErrorKind::UnexpectedMessage { got: "ServerKeyExchange" }));
    assert_eq!(
        client.error().unwrap().expected().collect::<Vec<_>>(),
        ["CertificateStatus", "CertificateRequest", "ServerHelloDone"]
    );
}

#[test]
fn empty_or_truncated_certificate_status_is_decode_error() {
    for edit in [|body: &mut Vec<u8>| body.truncate(4), |body: &mut Vec<u8>| *body = vec![1, 0, 0, 0]] {
        let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
        staple(&mut server);
        run(&mut client, &mut server, |_, wire| body(wire, H::CERTIFICATE_STATUS, edit));
        assert!(matches!(client.kind(), Some(HandshakeErrorKind::Decode(_))), "{:?}", client.kind());
    }
}

#[test]
fn certificate_status_has_the_encoding_of_rfc_6066() {
    let (mut client, mut server) = support::walk::flow("with a stapled response");
    let mut found = None;
    run(&mut client, &mut server, |_, wire| found = found.take().or(body_of(wire, H::CERTIFICATE_STATUS)));
    let found = found.unwrap();
    let status = CertificateStatus::decode_exact(&found).unwrap();
    assert_eq!((status.status_type, status.response), (CertificateStatusType::OCSP, OCSP_RESPONSE));
}

#[test]
fn finished_covers_certificate_status() {
    let (mut client, mut server) = support::walk::flow("with a stapled response");
    run(&mut client, &mut server, |_, wire| {
        body(wire, H::CERTIFICATE_STATUS, |body| *body.last_mut().unwrap() ^= 1);
    });
    assert_eq!(server.kind(), Some(HandshakeErrorKind::WrongFinished));
}

#[test]
fn status_request_has_empty_lists() {
    let (mut client, _) = pair(KeySpec::EcP256, |_| {}, |_| {});
    client.start();
    let hello = body_of(&client.out.pop_front().unwrap(), H::CLIENT_HELLO).unwrap();
    // status_request, of five bytes: ocsp, and two empty lists.
    assert!(hello.windows(9).any(|at| at == [0, 5, 0, 5, 1, 0, 0, 0, 0]), "{hello:02x?}");
}

#[test]
fn debug_output_of_stapled_data_shows_lengths_only() {
    assert_eq!(format!("{:?}", stapled(OCSP_RESPONSE)), "Stapled(OCSP response of 16 bytes, 2 timestamps)");
}
