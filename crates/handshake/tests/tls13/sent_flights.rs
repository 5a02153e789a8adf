//! The messages that follow ServerHello, as they are sent (RFC 9846 sections 4.3 to 4.5).

use crate::support::{End, edit, raw, run, staple, tls13_mutual_pair, tls13_pair};
use cairn_crypto::KeySpec::EcP256;
use cairn_handshake::{ClientPolicy, HandshakeErrorKind as Kind, ServerPolicy};
use cairn_schedule::{Direction, Epoch};
use cairn_wire::{ExtensionType as X, HandshakeType, NamedGroup};

/// The types of the extensions in the messages of a handshake between this pair, which completes.
#[derive(Debug, Default)]
struct Sent {
    encrypted: Vec<X>,
    supported_groups: Option<Vec<u8>>,
    request: Option<(Vec<u8>, Vec<X>)>,
    /// The contexts of both Certificate messages, and the extensions of their entries.
    certificates: Vec<(Vec<u8>, Vec<Vec<X>>)>,
    order: Vec<(bool, HandshakeType)>,
}

fn types(extensions: &raw::Extensions) -> Vec<X> {
    extensions.0.iter().map(|(number, _)| X(*number)).collect()
}

fn sent((mut client, mut server): (End, End)) -> Sent {
    let mut sent = Sent::default();
    run(&mut client, &mut server, |from_client, wire| {
        if let crate::support::Wire::Handshake(_, bytes) = &*wire {
            sent.order.push((from_client, HandshakeType(bytes[0])));
        }
        raw::encrypted_extensions(wire, |extensions| {
            sent.encrypted = types(extensions);
            sent.supported_groups = extensions.get(X::SUPPORTED_GROUPS).map(<[u8]>::to_vec);
        });
        raw::certificate_request(wire, |request| {
            sent.request = Some((request.context.clone(), types(&request.extensions)));
        });
        raw::certificate(wire, |message| {
            let entries = message.entries.iter().map(|(_, extensions)| types(extensions)).collect();
            sent.certificates.push((message.context.clone(), entries));
        });
    });
    assert_eq!((client.kind(), server.kind()), (None, None));
    assert!(client.complete.is_some() && server.complete.is_some());
    sent
}

const ALPN: X = X::APPLICATION_LAYER_PROTOCOL_NEGOTIATION;

/// RFC 9846 section 4.3: "Implementations MUST NOT send extension responses [...] if the remote endpoint did
/// not send the corresponding extension requests".
#[test]
fn server_answers_only_what_the_client_requests() {
    let able = |server: &mut ServerPolicy| {
        server.alpn_protocols = vec![b"h2".to_vec()];
        server.record_size_limit = Some(1000);
    };
    for requests in [false, true] {
        let client = |client: &mut ClientPolicy| {
            if requests {
                client.alpn_protocols = vec![b"h2".to_vec()];
            }
            client.record_size_limit = requests.then_some(1000);
            (client.status_request, client.signed_certificate_timestamps) = (requests, requests);
        };
        let (client, mut server) = tls13_pair(EcP256, client, able);
        staple(&mut server);
        let sent = sent((client, server));
        let (encrypted, first) = if requests {
            let statements = vec![X::STATUS_REQUEST, X::SIGNED_CERTIFICATE_TIMESTAMP];
            (vec![X::SERVER_NAME, X::RECORD_SIZE_LIMIT, ALPN], statements)
        } else {
            (vec![X::SERVER_NAME], vec![])
        };
        assert_eq!(sent.encrypted, encrypted);
        // RFC 9846 section 4.5.1: the context of the server's Certificate "SHALL be zero length".
        assert_eq!(sent.certificates, [(vec![], vec![first, vec![]])]);
        assert_eq!(sent.request, None);
    }
}

/// RFC 9846 section 4.3.7: "If the server has a group it prefers to the ones in the "key_share" extension but
/// is still willing to accept the ClientHello, it SHOULD send "supported_groups" to update the client's view
/// of its preferences; this extension SHOULD contain all groups the server supports".
#[test]
fn server_tells_its_groups_if_it_prefers_another() {
    let (one, other) = (NamedGroup::SECP256R1, NamedGroup::X25519);
    for (groups, is_told) in [([one, other], true), ([other, one], false)] {
        let sent = sent(tls13_pair(
            EcP256,
            |client| {
                client.groups = vec![other];
                client.tls13.key_shares = vec![other];
            },
            |server| server.groups = groups.to_vec(),
        ));
        assert_eq!(sent.supported_groups, is_told.then(|| raw::list16(&groups.map(|group| group.0))));
    }
}

/// RFC 9846 section 4.4.2: the context "SHALL be zero length unless used for the post-handshake
/// authentication exchanges", and "The "signature_algorithms" extension MUST be specified". Section 4.5.1:
/// "The client MUST send a Certificate message if and only if the server has requested certificate-based
/// client authentication via a CertificateRequest message".
#[test]
fn certificate_request_has_an_empty_context_and_signature_algorithms() {
    let requested = sent(tls13_mutual_pair(EcP256, |_| {}, |_| {}));
    assert_eq!(requested.request, Some((vec![], vec![X::SIGNATURE_ALGORITHMS])));
    let [_, (context, entries)] = &requested.certificates[..] else { panic!("two Certificate messages") };
    assert_eq!((context.len(), entries), (0, &vec![vec![], vec![]]));
    let server = |number| (false, HandshakeType(number));
    let client = |number| (true, HandshakeType(number));
    let first = [client(1), server(2), server(8), server(13), server(11), server(15), server(20)];
    assert_eq!(requested.order, [&first[..], &[client(11), client(15), client(20)]].concat());
    let not = sent(tls13_pair(EcP256, |_| {}, |_| {}));
    assert_eq!((not.request, not.certificates.len()), (None, 1));
    let first = [client(1), server(2), server(8), server(11), server(15), server(20), client(20)];
    assert_eq!(not.order, first);
}

/// RFC 9846 section 4.5.3: "Any records following a Finished message MUST be encrypted under the appropriate
/// application traffic key [...]. In particular, this includes any alerts sent by the server in response to
/// client Certificate and CertificateVerify messages."
#[test]
fn alert_of_a_server_after_its_finished_is_protected_with_application_keys() {
    let (mut client, mut server) = tls13_mutual_pair(EcP256, |_| {}, |_| {});
    run(&mut client, &mut server, |from_client, wire| {
        if from_client {
            edit::body(wire, HandshakeType::CERTIFICATE_VERIFY, |body| *body.last_mut().unwrap() ^= 1);
        }
    });
    assert_eq!(server.kind(), Some(Kind::BadSignature));
    let last = |direction| {
        let mut keys = server.keys.iter().rev();
        keys.find(|change| change.direction == direction).map(|change| change.epoch)
    };
    assert_eq!(last(Direction::Write), Some(Epoch::Application(0)));
    assert_eq!(last(Direction::Read), Some(Epoch::Handshake));
}

/// RFC 9846 appendix A.1: alerts of a client that "derive from post-ServerHello messages" SHOULD be protected
/// with the handshake keys.
#[test]
fn alert_of_a_client_after_server_hello_is_protected_with_handshake_keys() {
    for message in [HandshakeType::ENCRYPTED_EXTENSIONS, HandshakeType::FINISHED] {
        let (mut client, mut server) = tls13_pair(EcP256, |_| {}, |_| {});
        run(&mut client, &mut server, |_, wire| edit::body(wire, message, |body| body.push(0)));
        assert!(matches!(client.kind(), Some(Kind::Decode(_))), "{message}");
        let mut keys = client.keys.iter().rev();
        let last = keys.find(|change| change.direction == Direction::Write).map(|change| change.epoch);
        assert_eq!(last, Some(Epoch::Handshake), "{message}");
    }
}
