//! Compression of certificates (RFC 8879).

use crate::{
    pair::{Pair, Sent, policies},
    support::compression::{WORDS, Words, words},
};
use cairn_handshake::{
    CertificateCompression, ClientAuthentication, ClientPolicy, DecompressionError, Policy, ServerPolicy,
    Stapled, Tls13Summary,
};
use cairn_schedule::Side;
use cairn_wire::{AlertDescription, CertificateCompressionAlgorithm, HandshakeType};
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

/// Policies with the same algorithms on both sides, and client authentication.
pub(crate) fn mutual() -> (ClientPolicy, ServerPolicy) {
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

pub(crate) const PLAIN: HandshakeType = HandshakeType::CERTIFICATE;
pub(crate) const COMPRESSED: HandshakeType = HandshakeType::COMPRESSED_CERTIFICATE;

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
    assert_eq!(pair.client.summary.as_ref().unwrap().stapled(), Some(&stapled));
}

#[test]
fn compression_is_ignored_in_tls12() {
    let provider = cairn_provider_aws_lc::provider();
    let mut client = ClientPolicy::tls12_only(Policy::Modern, provider.clone());
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
