//! Certificate and CertificateVerify of the client, each wrong in each field (RFC 9846 section 4.5), as the
//! server judges them.

use crate::{
    outcome::{MALFORMED, MISPLACED, Refusal, illegal, receiving, unsolicited},
    support::{End, edit, raw, run, tls13_mutual_pair},
};
use cairn_crypto::{KeyKind, KeySpec};
use cairn_handshake::{ClientAuthentication, HandshakeErrorKind as Kind, PeerProof};
use cairn_schedule::Side;
use cairn_wire::{
    AlertDescription as A, ExtensionMessage as In, ExtensionType as X, HandshakeType as H,
    SignatureScheme as S,
};

const P384: KeySpec = KeySpec::EcP384;

fn mutual(spec: KeySpec) -> (End, End) {
    tls13_mutual_pair(spec, |_| {}, |server| server.signature_schemes.push(S::ECDSA_SHA1))
}

const MISSING: Refusal = Refusal::As(Kind::ClientCertificateMissing, A::CERTIFICATE_REQUIRED);

#[test]
fn each_field_of_certificate_is_checked() {
    type Change = fn(&mut raw::Certificate);
    let cases: [(&str, Change, Refusal); 7] = [
        ("a context", |message| message.context = vec![1], illegal(Kind::WrongRequestContext)),
        ("no certificates", |message| message.entries.clear(), MISSING),
        ("an empty certificate", |message| message.entries[0].0.clear(), MALFORMED),
        (
            "an OCSP response",
            |message| message.entries[0].1.add(X::STATUS_REQUEST, &[1, 0, 0, 1, 7]),
            unsolicited(X::STATUS_REQUEST, In::Certificate),
        ),
        (
            "timestamps behind",
            |message| message.entries[1].1.add(X::SIGNED_CERTIFICATE_TIMESTAMP, &[0, 3, 0, 1, 7]),
            unsolicited(X::SIGNED_CERTIFICATE_TIMESTAMP, In::Certificate),
        ),
        (
            "an unknown extension",
            |message| message.entries[0].1.add(X(0xffce), &[]),
            unsolicited(X(0xffce), In::Certificate),
        ),
        ("server_name", |message| message.entries[0].1.add(X::SERVER_NAME, &[]), MISPLACED),
    ];
    for (what, change, refusal) in cases {
        let server = receiving(Side::Server, mutual(P384), |wire| raw::certificate(wire, change));
        refusal.check(&server, what);
    }
}

#[test]
fn scheme_of_certificate_verify_was_requested_and_fits_the_key() {
    let rsa = KeySpec::Rsa { bits: 2048 };
    for (spec, scheme, kind) in [
        (P384, S::ECDSA_SECP256R1_SHA256, Some(KeyKind::EcP384)),
        (P384, S::ECDSA_SHA1, Some(KeyKind::EcP384)),
        (P384, S::ED25519, Some(KeyKind::EcP384)),
        (rsa, S::RSA_PKCS1_SHA256, Some(KeyKind::Rsa)),
        (rsa, S::RSA_PSS_PSS_SHA256, Some(KeyKind::Rsa)),
        (P384, S::ED448, None),
        (rsa, S(0x0201), None),
    ] {
        let server = receiving(Side::Server, mutual(spec), |wire| raw::certificate_verify(wire, scheme));
        let kind = kind.map_or(Kind::SchemeNotOffered(scheme), |kind| Kind::SchemeNotForKey(scheme, kind));
        illegal(kind).check(&server, &scheme.to_string());
    }
}

#[test]
fn signature_of_certificate_verify_is_verified() {
    let bad = Refusal::As(Kind::BadSignature, A::DECRYPT_ERROR);
    let server = receiving(Side::Server, mutual(P384), |wire| {
        edit::body(wire, H::CERTIFICATE_VERIFY, |body| *body.last_mut().unwrap() ^= 1);
    });
    bad.check(&server, "another signature");
    let (client, mut server) = mutual(P384);
    server.may_sign = false;
    let server = receiving(Side::Server, (client, server), |_| {});
    Refusal::As(Kind::KeyMayNotSign, A::UNSUPPORTED_CERTIFICATE).check(&server, "key usage");
    let (client, mut server) = mutual(P384);
    server.peer_key = None;
    let server = receiving(Side::Server, (client, server), |_| {});
    Refusal::As(Kind::PeerRejected(A::UNKNOWN_CA), A::UNKNOWN_CA).check(&server, "an unknown authority");
}

/// RFC 9846 section 4.5.1: "If the server requests certificate-based client authentication but no suitable
/// certificate is available, the client MUST send a Certificate message containing no certificates".
#[test]
fn client_whose_key_fits_no_requested_scheme_sends_no_certificate() {
    let rsa = KeySpec::Rsa { bits: 2048 };
    for (spec, schemes) in [
        (P384, vec![S::ECDSA_SECP256R1_SHA256, S::RSA_PSS_RSAE_SHA256]),
        (rsa, vec![S::ECDSA_SECP256R1_SHA256, S::RSA_PKCS1_SHA256]),
    ] {
        for required in [true, false] {
            let (mut client, mut server) = tls13_mutual_pair(
                spec,
                |_| {},
                |server| {
                    server.signature_schemes.clone_from(&schemes);
                    if !required {
                        server.client_authentication =
                            ClientAuthentication::Request { authorities: Vec::new() };
                    }
                },
            );
            run(&mut client, &mut server, |_, _| {});
            if required {
                MISSING.check(&server, "required");
                continue;
            }
            assert_eq!((client.kind(), server.kind()), (None, None));
            assert!(!client.log.iter().any(|line| line == "send certificate_verify"), "{:?}", client.log);
            assert_eq!(server.complete.unwrap().security().peer, PeerProof::None);
        }
    }
}
