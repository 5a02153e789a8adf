//! CompressedCertificate that a side must not accept, and the alerts (RFC 8879 sections 4 and 5).

use crate::{
    compression::{COMPRESSED, PLAIN, mutual},
    pair::{Pair, Sent, policies},
    support::{
        compression::{WORDS, Words, compress, words},
        edit,
    },
};
use cairn_handshake::{
    CertificateCompression, ClientAuthentication, DecompressionError, HandshakeErrorKind as E,
};
use cairn_schedule::Side;
use cairn_wire::{
    AlertDescription, CertificateCompressionAlgorithm, CompressedCertificate, Decode, Encode, HandshakeType,
    Reader, Writer,
};

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
    // Section 4.5.1.3 of RFC 9846: without a certificate.
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
