//! Compression of certificates (RFC 8879).

use crate::{
    pair::{Pair, Sent, policies},
    support::{
        compression::{WORDS, Words, compress, words},
        edit,
    },
};
use cairn_handshake::{
    CertificateCompression, ClientAuthentication, ClientPolicy, DecompressionError, HandshakeErrorKind as E,
    Policy, ServerPolicy, Stapled, Tls13Summary,
};
use cairn_schedule::Side;
use cairn_wire::{
    AlertDescription, CertificateCompressionAlgorithm, CompressedCertificate, Decode, Encode, HandshakeType,
    Reader, Writer,
};
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

/// Policies with the same algorithms on both sides, and client authentication.
fn mutual() -> (ClientPolicy, ServerPolicy) {
    let (mut client, mut server) = policies();
    client.tls13.certificate_compression = words();
    server.tls13.certificate_compression = words();
    server.client_authentication = ClientAuthentication::Require { authorities: Vec::new() };
    (client, server)
}

fn parameters(pair: &Pair, side: Side) -> Tls13Summary {
    let end = if side == Side::Client { &pair.client } else { &pair.server };
    end.summary.as_ref().unwrap().tls13().unwrap().clone()
}

/// The algorithms in which the server and the client have compressed their certificates.
fn used(pair: &Pair) -> [Option<CertificateCompressionAlgorithm>; 2] {
    let of = |side| {
        let Tls13Summary { server_certificate_compression, client_certificate_compression, .. } =
            parameters(pair, side);
        [server_certificate_compression, client_certificate_compression]
    };
    assert_eq!(of(Side::Client), of(Side::Server));
    of(Side::Client)
}

/// The messages with certificates that the server and the client have sent.
fn sent(pair: &Pair) -> [Vec<HandshakeType>; 2] {
    let certificates = [HandshakeType::CERTIFICATE, HandshakeType::COMPRESSED_CERTIFICATE];
    [&pair.server, &pair.client].map(|end| {
        let types = end.sent.iter().map(|(_, msg_type)| *msg_type);
        types.filter(|msg_type| certificates.contains(msg_type)).collect()
    })
}

const PLAIN: HandshakeType = HandshakeType::CERTIFICATE;
const COMPRESSED: HandshakeType = HandshakeType::COMPRESSED_CERTIFICATE;

#[test]
fn both_certificates_are_compressed() {
    let (client, server) = mutual();
    let pair = Pair::shake(client, server);
    assert_eq!(used(&pair), [Some(WORDS), Some(WORDS)]);
    assert_eq!(sent(&pair), [vec![COMPRESSED], vec![COMPRESSED]]);
    for end in [&pair.client, &pair.server] {
        let chain = end.summary.as_ref().unwrap().peer_chain.clone().unwrap();
        assert!(chain.iter().eq([&b"a certificate in DER"[..], b"its issuer"]));
    }
}

#[test]
fn certificate_is_compressed_after_hello_retry_request() {
    let (mut client, mut server) = mutual();
    client.tls13.key_shares = vec![cairn_wire::NamedGroup::X25519];
    server.groups = vec![cairn_wire::NamedGroup::SECP256R1];
    let pair = Pair::shake(client, server);
    assert!(parameters(&pair, Side::Client).retried);
    assert_eq!(used(&pair), [Some(WORDS), Some(WORDS)]);
}

#[test]
fn server_certificate_is_compressed_without_client_authentication() {
    let (client, mut server) = mutual();
    server.client_authentication = ClientAuthentication::None;
    let pair = Pair::shake(client, server);
    assert_eq!(used(&pair), [Some(WORDS), None]);
    assert_eq!(sent(&pair), [vec![COMPRESSED], vec![]]);
}

#[test]
fn no_certificate_is_compressed_unless_both_sides_have_an_algorithm() {
    let only = |client_has: bool, server_has: bool| {
        let (mut client, mut server) = mutual();
        if !client_has {
            client.tls13.certificate_compression.clear();
        }
        if !server_has {
            server.tls13.certificate_compression.clear();
        }
        Pair::shake(client, server)
    };
    for pair in [only(true, false), only(false, true), only(false, false)] {
        assert_eq!(used(&pair), [None, None]);
        assert_eq!(sent(&pair), [vec![PLAIN], vec![PLAIN]]);
    }
}

#[test]
fn sender_chooses_the_first_of_its_algorithms_that_the_peer_accepts() {
    let code = |number| CertificateCompressionAlgorithm(0x4000 + number);
    let list = |numbers: &[u16]| -> Vec<Arc<dyn CertificateCompression>> {
        numbers
            .iter()
            .map(|number| -> Arc<dyn CertificateCompression> { Arc::new(Words(code(*number))) })
            .collect()
    };
    let (mut client, mut server) = mutual();
    client.tls13.certificate_compression = list(&[5, 3, 2]);
    server.tls13.certificate_compression = list(&[1, 2, 3]);
    let pair = Pair::shake(client, server);
    assert_eq!(used(&pair), [Some(code(2)), Some(code(3))]);
    let (mut client, mut server) = mutual();
    client.tls13.certificate_compression = list(&[4, 5]);
    server.tls13.certificate_compression = list(&[6, 7]);
    assert_eq!(used(&Pair::shake(client, server)), [None, None]);
}

/// An algorithm with results of its own, which counts its calls.
#[derive(Debug)]
struct Fixed {
    result: Option<usize>,
    calls: AtomicUsize,
}

impl CertificateCompression for Fixed {
    fn algorithm(&self) -> CertificateCompressionAlgorithm {
        WORDS
    }

    fn compress(&self, _certificate: &[u8]) -> Option<Arc<[u8]>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.result.map(|length| vec![0; length].into())
    }

    fn decompress(&self, _compressed: &[u8], _certificate: &mut [u8]) -> Result<(), DecompressionError> {
        Err(DecompressionError::Malformed)
    }
}

#[test]
fn certificate_that_the_algorithm_does_not_compress_is_sent_as_it_is() {
    for result in [None, Some(0)] {
        let fixed = Arc::new(Fixed { result, calls: AtomicUsize::new(0) });
        let (client, mut server) = mutual();
        server.tls13.certificate_compression = vec![Arc::<Fixed>::clone(&fixed)];
        server.client_authentication = ClientAuthentication::None;
        let pair = Pair::shake(client, server);
        assert_eq!(used(&pair), [None, None], "{result:?}");
        assert_eq!(sent(&pair)[0], [PLAIN], "{result:?}");
        assert_eq!(fixed.calls.load(Ordering::Relaxed), 1, "{result:?}");
    }
}

#[test]
fn empty_certificate_of_a_client_is_not_compressed() {
    let (client, mut server) = mutual();
    server.client_authentication = ClientAuthentication::Request { authorities: Vec::new() };
    let mut pair = Pair::new(client, server);
    pair.client.credential = None;
    pair.start();
    pair.run();
    pair.check();
    assert_eq!(used(&pair), [Some(WORDS), None]);
    assert_eq!(sent(&pair)[1], [PLAIN]);
}

#[test]
fn stapled_statements_are_part_of_the_compressed_message() {
    let (mut client, server) = mutual();
    client.status_request = true;
    client.signed_certificate_timestamps = true;
    let mut pair = Pair::new(client, server);
    let stapled = Stapled {
        ocsp_response: Some(b"its issuer says: good".to_vec()),
        signed_certificate_timestamps: vec![b"one".to_vec()],
    };
    let credential = pair.server.credential.take().unwrap();
    let credential = cairn_handshake::Credential::clone(&credential).with_stapled(stapled.clone());
    pair.server.credential = Some(Arc::new(credential));
    pair.start();
    pair.run();
    pair.check();
    assert_eq!(used(&pair)[0], Some(WORDS));
    assert_eq!(pair.client.summary.as_ref().unwrap().stapled, stapled);
}

#[test]
fn compression_is_ignored_in_tls12() {
    let provider = cairn_provider_aws_lc::provider();
    let mut client = ClientPolicy::modern(provider.clone());
    client.tls13.certificate_compression = words();
    let (_, server) = mutual();
    let mut pair = Pair::new(client, server);
    pair.server.step(cairn_handshake::Input::Start { now: crate::pair::NOW });
    pair.client.step(cairn_handshake::Input::Start { now: crate::pair::NOW });
    let Some(Sent::Message(_, hello)) = pair.client.queue.front() else { panic!("no ClientHello") };
    assert!(!has_extension(hello), "a client without TLS 1.3 sends no compress_certificate");
    // A server of TLS 1.2 does not look at the extension, whatever it contains.
    let (client, mut server) = mutual();
    server.tls13.suites.clear();
    let mut pair = Pair::new(client.with_tls13(Policy::Modern), server);
    pair.start();
    let mut seen = false;
    pair.pass(&mut |_, sent| {
        if let Sent::Message(_, hello) = sent {
            seen = replace_extension(hello, &[3, 0, 1, 0]);
        }
    });
    assert!(seen);
    assert_eq!(pair.server.error, None);
}

/// The place of the content of compress_certificate in a ClientHello, which is two bytes after its length.
fn place(hello: &[u8]) -> Option<usize> {
    let extension = [0, 27, 0, 3, 2, 0x40, 1];
    hello.windows(extension.len()).position(|window| window == extension).map(|place| place + 4)
}

fn has_extension(hello: &[u8]) -> bool {
    place(hello).is_some()
}

/// Replaces the content, which may have another length.
fn replace_extension(hello: &mut Vec<u8>, content: &[u8]) -> bool {
    let Some(at) = place(hello) else { return false };
    hello.splice(at..at + 3, content.iter().copied());
    hello[at - 1] = u8::try_from(content.len()).unwrap();
    // legacy_version, random, legacy_session_id, cipher_suites, legacy_compression_methods.
    let mut extensions = 4 + 2 + 32;
    extensions += 1 + usize::from(hello[extensions]);
    extensions += 2 + usize::from(u16::from_be_bytes([hello[extensions], hello[extensions + 1]]));
    extensions += 1 + usize::from(hello[extensions]);
    let length = u16::try_from(hello.len() - extensions - 2).unwrap();
    hello[extensions..extensions + 2].copy_from_slice(&length.to_be_bytes());
    let length = u32::try_from(hello.len() - 4).unwrap();
    hello[1..4].copy_from_slice(&length.to_be_bytes()[1..]);
    true
}

#[test]
fn malformed_compress_certificate_is_decode_error_if_the_server_uses_it() {
    for content in [&[0_u8][..], &[], &[3, 0, 1, 0], &[2, 0, 1, 0], &[4, 0, 1]] {
        for uses in [true, false] {
            let (client, mut server) = mutual();
            if !uses {
                server.tls13.certificate_compression.clear();
            }
            let mut pair = Pair::new(client, server);
            pair.start();
            pair.pass(&mut |_, sent| {
                if let Sent::Message(_, hello) = sent {
                    assert!(replace_extension(hello, content));
                }
            });
            let failed = pair.server.error.map(|kind| kind.alert());
            let expected = uses.then_some(Some(AlertDescription::DECODE_ERROR));
            assert_eq!(failed, expected, "{content:?}");
        }
    }
}

/// A handshake in which one side's CompressedCertificate is replaced: the error of the other side.
fn replaced(from: Side, edit: impl Fn(CompressedCertificate<'_>) -> Vec<u8>) -> Option<E> {
    let (client, server) = mutual();
    replaced_in(Pair::new(client, server), from, edit)
}

fn replaced_in(mut pair: Pair, from: Side, edit: impl Fn(CompressedCertificate<'_>) -> Vec<u8>) -> Option<E> {
    pair.start();
    let mut seen = 0;
    let mut change = |from_client: bool, sent: &mut Sent| {
        if let Sent::Message(_, bytes) = sent
            && from_client == (from == Side::Client)
            && HandshakeType(bytes[0]) == COMPRESSED
        {
            seen += 1;
            let mut reader = Reader::new(&bytes[4..]);
            let body = edit(CompressedCertificate::decode(&mut reader).unwrap());
            *bytes = edit::message(COMPRESSED, &body);
        }
    };
    while pair.pass(&mut change) {}
    assert_eq!(seen, 1);
    if from == Side::Client { pair.server.error } else { pair.client.error }
}

fn encoded(message: CompressedCertificate<'_>) -> Vec<u8> {
    let mut body = Vec::new();
    message.encode(&mut Writer::vec(&mut body)).unwrap();
    body
}

const SIDES: [Side; 2] = [Side::Client, Side::Server];

#[test]
fn compressed_certificate_is_part_of_the_transcript_as_it_was_sent() {
    // Another encoding of the same certificate: two bytes for a word that the sender would replace.
    for from in SIDES {
        let error = replaced(from, |message| {
            let mut certificate = vec![0; usize::try_from(message.uncompressed_length).unwrap()];
            Words(WORDS).decompress(message.compressed_certificate_message, &mut certificate).unwrap();
            encoded(CompressedCertificate { compressed_certificate_message: &certificate, ..message })
        });
        assert_eq!(error, Some(E::BadSignature), "{from:?}");
    }
}

#[test]
fn algorithm_that_was_not_offered_is_illegal_parameter() {
    for from in SIDES {
        let other = CertificateCompressionAlgorithm::ZLIB;
        let error = replaced(from, |message| encoded(CompressedCertificate { algorithm: other, ..message }));
        let expected = E::CertificateCompressionNotOffered(other);
        assert_eq!(error, Some(expected), "{from:?}");
        assert_eq!(expected.alert(), Some(AlertDescription::ILLEGAL_PARAMETER));
    }
}

#[test]
fn compressed_certificate_that_was_not_solicited_is_unexpected_message() {
    for from in SIDES {
        let (mut client, mut server) = policies();
        server.client_authentication = ClientAuthentication::Require { authorities: Vec::new() };
        match from {
            Side::Client => client.tls13.certificate_compression = words(),
            Side::Server => server.tls13.certificate_compression = words(),
        }
        let mut pair = Pair::new(client, server);
        pair.start();
        let mut header = None;
        while pair.pass(&mut |from_client, sent| {
            if let Sent::Message(_, bytes) = sent
                && from_client == (from == Side::Client)
                && HandshakeType(bytes[0]) == PLAIN
            {
                let compressed = compress(&bytes[4..]);
                let message = CompressedCertificate {
                    algorithm: WORDS,
                    uncompressed_length: u32::try_from(bytes.len() - 4).unwrap(),
                    compressed_certificate_message: &compressed,
                };
                *bytes = edit::message(COMPRESSED, &encoded(message));
                header = Some(cairn_wire::HandshakeHeader { msg_type: COMPRESSED, length: 30 });
            }
        }) {
            if let Some(header) = header.take() {
                let end = if from == Side::Client { &pair.server } else { &pair.client };
                assert_eq!(end.error, Some(E::CompressedCertificateNotOffered), "{from:?}");
                assert!(end.machine.check_header(&header).is_err());
            }
        }
        let end = if from == Side::Client { &pair.server } else { &pair.client };
        assert_eq!(end.error.and_then(|kind| kind.alert()), Some(AlertDescription::UNEXPECTED_MESSAGE));
    }
}

#[test]
fn header_of_an_unsolicited_compressed_certificate_is_refused() {
    let header = |length| cairn_wire::HandshakeHeader { msg_type: COMPRESSED, length };
    for offers in [true, false] {
        let (mut client, server) = mutual();
        let limit = client.limits.max_certificate_message;
        if !offers {
            client.tls13.certificate_compression.clear();
        }
        let mut pair = Pair::new(client, server);
        pair.start();
        while pair.client.machine.state() != "AwaitCertificateOrRequest" {
            assert!(pair.pass(&mut |_, _| {}));
        }
        let refused = if offers { Ok(()) } else { Err(E::CompressedCertificateNotOffered) };
        assert_eq!(pair.client.machine.check_header(&header(100)), refused);
        // The limit of Certificate holds for the compressed message too.
        let long = pair.client.machine.check_header(&header(limit + 1));
        let too_long = E::MessageTooLong { limit, length: limit + 1 };
        assert_eq!(long, refused.and(Err(too_long)));
    }
}

#[test]
fn message_that_cannot_be_decompressed_is_bad_certificate() {
    type Edit = fn(CompressedCertificate<'_>) -> Vec<u8>;
    let cases: [(&str, Edit, DecompressionError); 6] = [
        (
            "corrupt",
            |message| {
                encoded(CompressedCertificate { compressed_certificate_message: &[0xff, 0x77], ..message })
            },
            DecompressionError::Malformed,
        ),
        (
            "one byte short",
            |message| {
                let uncompressed_length = message.uncompressed_length + 1;
                encoded(CompressedCertificate { uncompressed_length, ..message })
            },
            DecompressionError::WrongLength,
        ),
        (
            "one byte long",
            |message| {
                let uncompressed_length = message.uncompressed_length - 1;
                encoded(CompressedCertificate { uncompressed_length, ..message })
            },
            DecompressionError::WrongLength,
        ),
        (
            "no length",
            |message| encoded(CompressedCertificate { uncompressed_length: 0, ..message }),
            DecompressionError::WrongLength,
        ),
        (
            "with a byte after the end",
            |message| {
                let more = [message.compressed_certificate_message, &[0]].concat();
                encoded(CompressedCertificate { compressed_certificate_message: &more, ..message })
            },
            DecompressionError::WrongLength,
        ),
        (
            "truncated",
            |message| {
                let (_, less) = message.compressed_certificate_message.split_last().unwrap();
                encoded(CompressedCertificate { compressed_certificate_message: less, ..message })
            },
            DecompressionError::WrongLength,
        ),
    ];
    for (name, edit, error) in cases {
        for from in SIDES {
            let expected = E::CertificateNotDecompressed(error);
            assert_eq!(replaced(from, edit), Some(expected), "{name}, {from:?}");
            assert_eq!(expected.alert(), Some(AlertDescription::BAD_CERTIFICATE));
        }
    }
}

#[test]
fn uncompressed_length_has_the_limit_of_certificate() {
    for from in SIDES {
        let (client, server) = mutual();
        let limit = client.limits.max_certificate_message;
        for length in [limit + 1, 0xff_ffff] {
            let error = replaced(from, |message| {
                encoded(CompressedCertificate { uncompressed_length: length, ..message })
            });
            assert_eq!(error, Some(E::MessageTooLong { limit, length }), "{from:?}");
        }
        let at_limit = replaced_in(Pair::new(client, server), from, |message| {
            encoded(CompressedCertificate { uncompressed_length: limit, ..message })
        });
        assert_eq!(at_limit, Some(E::CertificateNotDecompressed(DecompressionError::WrongLength)));
    }
}

#[test]
fn empty_compressed_message_is_decode_error() {
    for from in SIDES {
        let error = replaced(from, |message| {
            let mut body = encoded(message);
            body.truncate(5);
            body.extend([0, 0, 0]);
            body
        });
        let alert = error.and_then(|kind| kind.alert());
        assert_eq!(alert, Some(AlertDescription::DECODE_ERROR), "{from:?}");
    }
}

#[test]
fn decompressed_certificate_is_judged_as_if_it_were_not_compressed() {
    let inside = |from, certificate: &'static [u8]| {
        replaced(from, move |message| {
            encoded(CompressedCertificate {
                uncompressed_length: u32::try_from(certificate.len()).unwrap(),
                compressed_certificate_message: &compress(certificate),
                ..message
            })
        })
    };
    // Section 4.5.1.4 of RFC 9846: without a certificate.
    assert_eq!(inside(Side::Server, &[0; 4]), Some(E::EmptyCertificateList));
    assert_eq!(inside(Side::Client, &[0; 4]), Some(E::ClientCertificateMissing));
    for from in SIDES {
        // With a request context.
        let error = inside(from, &[1, 9, 0, 0, 6, 0, 0, 1, b'x', 0, 0]);
        assert_eq!(error, Some(E::WrongRequestContext), "{from:?}");
        // With a byte after the list.
        let error = inside(from, &[0, 0, 0, 6, 0, 0, 1, b'x', 0, 0, 0]);
        assert_eq!(error.and_then(|kind| kind.alert()), Some(AlertDescription::DECODE_ERROR), "{from:?}");
        // With an extension that was not requested.
        let error = inside(from, &[0, 0, 0, 10, 0, 0, 1, b'x', 0, 4, 0, 18, 0, 0]);
        assert_eq!(error.map(|kind| kind.alert().is_some()), Some(true), "{from:?}");
    }
}

#[test]
fn client_may_send_an_empty_compressed_certificate_if_none_is_required() {
    let (client, mut server) = mutual();
    server.client_authentication = ClientAuthentication::Request { authorities: Vec::new() };
    let pair = Pair::new(client, server);
    let error = replaced_in(pair, Side::Client, |message| {
        encoded(CompressedCertificate {
            uncompressed_length: 4,
            compressed_certificate_message: &[0; 4],
            ..message
        })
    });
    // It counts as no certificate, so CertificateVerify must not follow.
    assert_eq!(error, Some(E::UnexpectedMessage { got: "CertificateVerify" }));
}
