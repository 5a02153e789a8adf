//! The order of messages: in every place of every flow, every message is sent. The legal orders are written
//! from RFC 9846 section 2 and appendix A, and not from the machine's tables.

use crate::support::{
    End, Wire, compression::words, edit::message, go_on, names::MESSAGES, raw, retried_pair, run,
    tls13_mutual_pair, tls13_pair,
};
use cairn_crypto::KeySpec::EcP256;
use cairn_handshake::{ClientAuthentication, HandshakeErrorKind as Kind};
use cairn_schedule::Side;
use cairn_wire::{AlertDescription as A, HandshakeHeader, HandshakeType};
use std::collections::BTreeMap;

/// One configuration of two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Plain,
    Retried,
    ClientAuthentication,
    WithoutClientCertificate,
    /// With client authentication too.
    CompressedCertificates,
}

const FLOWS: [Flow; 5] = [
    Flow::Plain,
    Flow::Retried,
    Flow::ClientAuthentication,
    Flow::WithoutClientCertificate,
    Flow::CompressedCertificates,
];

impl Flow {
    fn pair(self) -> (End, End) {
        match self {
            Self::Plain => tls13_pair(EcP256, |_| {}, |_| {}),
            Self::Retried => retried_pair(|_| {}, |_| {}),
            Self::ClientAuthentication => tls13_mutual_pair(EcP256, |_| {}, |_| {}),
            Self::CompressedCertificates => tls13_mutual_pair(
                EcP256,
                |client| client.tls13.certificate_compression = words(),
                |server| server.tls13.certificate_compression = words(),
            ),
            Self::WithoutClientCertificate => tls13_pair(
                EcP256,
                |_| {},
                |server| {
                    server.client_authentication = ClientAuthentication::Request { authorities: Vec::new() };
                },
            ),
        }
    }

    /// The messages that a side receives (figures 1 and 2).
    fn received(self, side: Side) -> &'static [&'static str] {
        match (side, self) {
            (Side::Client, Self::Plain) => {
                &["ServerHello", "EncryptedExtensions", "Certificate", "CertificateVerify", "Finished"]
            }
            (Side::Client, Self::Retried) => &[
                "ServerHello",
                "ServerHello",
                "EncryptedExtensions",
                "Certificate",
                "CertificateVerify",
                "Finished",
            ],
            (Side::Client, Self::ClientAuthentication | Self::WithoutClientCertificate) => &[
                "ServerHello",
                "EncryptedExtensions",
                "CertificateRequest",
                "Certificate",
                "CertificateVerify",
                "Finished",
            ],
            (Side::Client, Self::CompressedCertificates) => &[
                "ServerHello",
                "EncryptedExtensions",
                "CertificateRequest",
                "CompressedCertificate",
                "CertificateVerify",
                "Finished",
            ],
            (Side::Server, Self::CompressedCertificates) => {
                &["ClientHello", "CompressedCertificate", "CertificateVerify", "Finished"]
            }
            (Side::Server, Self::Plain) => &["ClientHello", "Finished"],
            (Side::Server, Self::Retried) => &["ClientHello", "ClientHello", "Finished"],
            (Side::Server, Self::ClientAuthentication) => {
                &["ClientHello", "Certificate", "CertificateVerify", "Finished"]
            }
            (Side::Server, Self::WithoutClientCertificate) => &["ClientHello", "Certificate", "Finished"],
        }
    }

    /// The messages that may come after this number of messages. A server decides by a certificate whether
    /// CertificateRequest comes, so a client expects either. A sender of a certificate may compress it if
    /// the receiver has offered that, and need not (RFC 8879 section 4).
    fn legal(self, side: Side, count: usize) -> &'static [&'static str] {
        match (side, self.received(side).get(count)) {
            (Side::Client, Some(&"CertificateRequest")) if self == Self::CompressedCertificates => {
                &["CertificateRequest", "Certificate", "CompressedCertificate"]
            }
            (_, Some(&"CompressedCertificate")) => &["Certificate", "CompressedCertificate"],
            (Side::Client, Some(&"CertificateRequest")) => &["CertificateRequest", "Certificate"],
            (Side::Client, Some(&"Certificate")) if matches!(self, Self::Plain | Self::Retried) => {
                &["CertificateRequest", "Certificate"]
            }
            (_, Some(_)) => &self.received(side)[count..=count],
            // Section 4.7: a server sends tickets. Neither has offered post_handshake_auth.
            (Side::Client, None) => &["NewSessionTicket", "KeyUpdate"],
            (Side::Server, None) => &["KeyUpdate"],
        }
    }
}

/// A side that has received this number of messages from an honest peer.
fn after(flow: Flow, side: Side, count: usize) -> End {
    let (mut client, mut server) = flow.pair();
    let mut seen = 0;
    client.start();
    server.start();
    go_on(&mut client, &mut server, |from_client, wire| {
        if from_client != (side == Side::Server) {
            return;
        }
        if let Wire::Handshake(..) = wire {
            seen += 1;
        }
        if seen > count {
            // Nothing more is delivered: an empty fragment has no effect.
            *wire = Wire::Handshake(Default::default(), Vec::new());
        }
    });
    let mut end = if side == Side::Client { client } else { server };
    assert_eq!(end.kind(), None, "{flow:?}, {side:?}, {count}: {:?}", end.log);
    end.out.clear();
    end
}

/// A well-formed message of each type.
fn corpus() -> BTreeMap<u8, Vec<u8>> {
    let mut found = BTreeMap::from([
        (HandshakeType::HELLO_REQUEST.0, message(HandshakeType::HELLO_REQUEST, &[])),
        (HandshakeType::END_OF_EARLY_DATA.0, message(HandshakeType::END_OF_EARLY_DATA, &[])),
        (HandshakeType::KEY_UPDATE.0, message(HandshakeType::KEY_UPDATE, &[0])),
        (HandshakeType::NEW_SESSION_TICKET.0, raw::NewSessionTicket::new().message()),
    ]);
    for flow in [Flow::ClientAuthentication, Flow::CompressedCertificates] {
        let (mut client, mut server) = flow.pair();
        run(&mut client, &mut server, |_, wire| {
            if let Wire::Handshake(_, bytes) = wire {
                found.entry(bytes[0]).or_insert_with(|| bytes.clone());
            }
        });
    }
    for number in 0..=u8::MAX {
        found.entry(number).or_insert_with(|| message(HandshakeType(number), &[]));
    }
    found
}

#[test]
fn every_message_is_taken_only_in_its_place() {
    let corpus = corpus();
    for flow in FLOWS {
        for side in [Side::Client, Side::Server] {
            for count in 0..=flow.received(side).len() {
                let legal = flow.legal(side, count);
                for (number, bytes) in &corpus {
                    let what = format!("{flow:?}, {side:?}, after {count}: {}", HandshakeType(*number));
                    let name = MESSAGES.iter().find(|(msg_type, _)| msg_type.0 == *number);
                    let is_legal = name.is_some_and(|(_, name)| legal.contains(name));
                    // A client that can still negotiate TLS 1.2 ignores HelloRequest.
                    let is_ignored = *number == 0 && side == Side::Client && count == 0;
                    let mut end = after(flow, side, count);
                    let header = HandshakeHeader { msg_type: HandshakeType(*number), length: 0 };
                    let at_header = end.machine.check_header(&header);
                    end.receive(&Wire::Handshake(end.machine.read_epoch(), bytes.clone()));
                    let alert = end.kind().and_then(|kind| kind.alert());
                    if is_legal || is_ignored {
                        assert_eq!(at_header, Ok(()), "{what}");
                        assert!(alert != Some(A::UNEXPECTED_MESSAGE), "{what}: {:?}", end.kind());
                    } else {
                        assert!(is_unexpected(at_header.err(), *number), "{what}");
                        assert!(is_unexpected(end.kind(), *number), "{what}: {:?}", end.kind());
                        assert_eq!(alert, Some(A::UNEXPECTED_MESSAGE), "{what}");
                    }
                }
            }
        }
    }
}

/// Whether a message of this type is unexpected. CompressedCertificate has a kind of its own where it could
/// be offered.
fn is_unexpected(kind: Option<Kind>, number: u8) -> bool {
    let is_compressed = number == HandshakeType::COMPRESSED_CERTIFICATE.0;
    match kind {
        Some(Kind::UnexpectedMessage { .. }) => true,
        Some(Kind::CompressedCertificateNotOffered) => is_compressed,
        _ => false,
    }
}

/// Application data passes in neither direction before both Finished messages (RFC 9846 section 4.5.3). A
/// server could send some after its own; ours does not.
#[test]
fn application_data_passes_only_after_the_handshake() {
    for flow in FLOWS {
        for side in [Side::Client, Side::Server] {
            let all = flow.received(side).len();
            for count in 0..=all {
                let end = after(flow, side, count);
                let what = format!("{flow:?}, {side:?}, after {count}");
                let is_complete = count == all;
                assert_eq!(end.takes_application_data(), is_complete, "{what}");
                assert_eq!(end.sends_application_data(), is_complete, "{what}");
                assert_eq!(end.machine.is_complete(), is_complete, "{what}");
            }
        }
    }
}
