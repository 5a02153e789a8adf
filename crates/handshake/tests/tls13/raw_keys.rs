//! Raw public keys in TLS 1.3 (RFC 7250, RFC 9846 section 4.5.1).

use crate::{
    outcome::{MALFORMED, Refusal, illegal, receiving},
    support::{End, credential, raw, run, tls13_pair},
};
use cairn_crypto::KeySpec::EcP256;
use cairn_handshake::{CertificateChain, ClientAuthentication, Credential, HandshakeErrorKind as Kind};
use cairn_schedule::Side;
use cairn_wire::{AlertDescription as A, CertificateType};
use std::sync::Arc;

const RAW: CertificateType = CertificateType::RAW_PUBLIC_KEY;
const X509: CertificateType = CertificateType::X509;
const SPKI: &[u8] = b"a SubjectPublicKeyInfo";

fn raw_key() -> Arc<Credential> {
    let chain = CertificateChain::raw_public_key(SPKI).unwrap();
    Arc::new(Credential { chain, ..Credential::clone(&credential(EcP256).0) })
}

/// Two sides that accept these types, both with a raw public key.
fn ends(client: &[CertificateType], server: &[CertificateType]) -> (End, End) {
    let (mut client, mut server) = tls13_pair(
        EcP256,
        |policy| {
            policy.server_certificate_types = client.to_vec();
            policy.client_certificate_types = client.to_vec();
        },
        |policy| {
            policy.client_certificate_types = server.to_vec();
            policy.client_authentication = ClientAuthentication::Require { authorities: Vec::new() };
        },
    );
    client.credential = Some(raw_key());
    server.credential = Some(raw_key());
    server.peer_key.clone_from(&client.peer_key);
    (client, server)
}

#[test]
fn both_sides_authenticate_with_raw_public_keys() {
    for types in [&[RAW][..], &[RAW, X509]] {
        let (mut client, mut server) = ends(types, types);
        run(&mut client, &mut server, |_, _| {});
        for end in [&client, &server] {
            assert_eq!(end.kind(), None);
            let summary = end.complete.as_ref().unwrap();
            assert_eq!(summary.peer_chain.as_ref().unwrap().as_raw_public_key(), Some(SPKI));
        }
    }
}

#[test]
fn sides_without_a_certificate_type_in_common_are_refused() {
    let refusal = Refusal::As(Kind::NoSharedCertificateType, A::UNSUPPORTED_CERTIFICATE);
    // The client wants a certificate, and the server has a key.
    refusal.check(&receiving(Side::Server, ends(&[X509], &[X509]), |_| {}), "the server's");
    // The server wants a certificate, and the client has a key.
    refusal.check(&receiving(Side::Server, ends(&[RAW], &[X509]), |_| {}), "the client's");
}

#[test]
fn certificate_message_has_one_key() {
    for side in [Side::Client, Side::Server] {
        let end = receiving(side, ends(&[RAW], &[RAW]), |wire| {
            raw::certificate(wire, |message| message.entries.push(message.entries[0].clone()));
        });
        illegal(Kind::SeveralRawPublicKeys).check(&end, "two keys");
        let end = receiving(side, ends(&[RAW], &[RAW]), |wire| {
            raw::certificate(wire, |message| message.entries[0].0.clear());
        });
        MALFORMED.check(&end, "an empty key");
        let end = receiving(side, ends(&[RAW], &[RAW]), |wire| {
            raw::certificate(wire, |message| message.entries.clear());
        });
        let refusal = match side {
            Side::Client => Refusal::As(Kind::EmptyCertificateList, A::DECODE_ERROR),
            Side::Server => Refusal::As(Kind::ClientCertificateMissing, A::CERTIFICATE_REQUIRED),
        };
        refusal.check(&end, "no key");
    }
}
