//! Cases about certificates, signatures and Finished.

//! The modification of a handshake for each kind of error.

use crate::case::{Case, P256, client_of, default_pair, honest, suite_pair, tampered};
use crate::support::{
    Wire, credential,
    edit::{body, client_hello},
    mutual_pair, pair, resuming_pair, run,
};
use cairn_crypto::{KeyKind, KeySpec, PublicKey};
use cairn_handshake::ClientAuthentication;
use cairn_schedule::Epoch;
use cairn_wire::{AlertDescription as A, ExtensionType, HandshakeType as H, NamedGroup, SignatureScheme};

/// Inserts CertificateRequest before ServerHelloDone.
fn ask_for_a_certificate(wire: &mut Wire) {
    if let Wire::Handshake(_, bytes) = wire
        && bytes[0] == 14
    {
        bytes.splice(..0, [13, 0, 0, 8, 1, 64, 0, 2, 4, 3, 0, 0]);
    }
}

#[rustfmt::skip]
pub(crate) fn cases() -> Vec<Case> {
    Vec::from(cases! {
    CertificateCurveNotOffered, "a P-384 certificate for a client of X25519", Some(A::ILLEGAL_PARAMETER), || {
        // The server does not receive supported_groups, so it cannot know that the client refuses P-384.
        let of_x25519 = vec![NamedGroup::X25519];
        let ends = pair(KeySpec::EcP384, |client| client.groups = of_x25519.clone(), |server| {
            server.groups = of_x25519.clone();
        });
        tampered(ends, |wire| client_hello(wire, |parts| {
            parts.remove(ExtensionType::SUPPORTED_GROUPS);
        })).0
    };
    SchemeNotOffered, "SHA-1 by the server", Some(A::ILLEGAL_PARAMETER), || {
        tampered(default_pair(), |wire| body(wire, H::SERVER_KEY_EXCHANGE, |body| {
            let at = 4 + usize::from(body[3]);
            body[at..at + 2].copy_from_slice(&[2, 3]);
        })).0
    };
    SchemeNotOffered, "SHA-1 by the client", Some(A::ILLEGAL_PARAMETER), || {
        tampered(mutual_pair(P256, P256, |_| {}, |_| {}), |wire| body(wire, H::CERTIFICATE_VERIFY, |body| {
            body[..2].copy_from_slice(&[2, 3]);
        })).1
    };
    SchemeNotForKey, "RSA with an EC key", Some(A::ILLEGAL_PARAMETER), || {
        tampered(default_pair(), |wire| body(wire, H::SERVER_KEY_EXCHANGE, |body| {
            let at = 4 + usize::from(body[3]);
            body[at..at + 2].copy_from_slice(&[4, 1]);
        })).0
    };
    SchemeNotForKey, "RSA with the client's EC key", Some(A::ILLEGAL_PARAMETER), || {
        tampered(mutual_pair(P256, P256, |_| {}, |_| {}), |wire| body(wire, H::CERTIFICATE_VERIFY, |body| {
            body[..2].copy_from_slice(&[4, 1]);
        })).1
    };
    SchemeNotForKey, "ECDSA with an Ed25519 key", Some(A::ILLEGAL_PARAMETER), || {
        tampered(pair(KeySpec::Ed25519, |_| {}, |_| {}), |wire| body(wire, H::SERVER_KEY_EXCHANGE, |body| {
            let at = 4 + usize::from(body[3]);
            assert_eq!(body[at..at + 2], [8, 7]);
            body[at..at + 2].copy_from_slice(&[4, 3]);
        })).0
    };
    SchemeNotForKey, "Ed25519 with an EC key", Some(A::ILLEGAL_PARAMETER), || {
        tampered(default_pair(), |wire| body(wire, H::SERVER_KEY_EXCHANGE, |body| {
            let at = 4 + usize::from(body[3]);
            body[at..at + 2].copy_from_slice(&[8, 7]);
        })).0
    };
    EmptyCertificateList, "by the server", Some(A::DECODE_ERROR), || {
        tampered(default_pair(), |wire| body(wire, H::CERTIFICATE, |body| *body = vec![0, 0, 0])).0
    };
    RequestByAnonymousServer, "with DH_anon", Some(A::HANDSHAKE_FAILURE), || {
        tampered(suite_pair("TLS_DH_anon_WITH_AES_128_GCM_SHA256"), ask_for_a_certificate).0
    };
    UnexpectedMessage, "CertificateRequest with a pre-shared key", Some(A::UNEXPECTED_MESSAGE), || {
        tampered(suite_pair("TLS_DHE_PSK_WITH_AES_128_GCM_SHA256"), ask_for_a_certificate).0
    };
    UnexpectedMessage, "CertificateRequest twice", Some(A::UNEXPECTED_MESSAGE), || {
        tampered(mutual_pair(P256, P256, |_| {}, |_| {}), ask_for_a_certificate).0
    };
    CertificateRequired, "the client has none", Some(A::HANDSHAKE_FAILURE), || {
        honest(pair(P256, |_| {}, |server| {
            server.client_authentication = ClientAuthentication::Require { authorities: Vec::new() };
        })).1
    };
    PeerRejected, "by the client, for its authority", Some(A::UNKNOWN_CA), || {
        let (mut client, mut server) = default_pair();
        client.peer_key = None;
        run(&mut client, &mut server, |_, _| {});
        client
    };
    PeerRejected, "by the server, for its authority", Some(A::UNKNOWN_CA), || {
        let (mut client, mut server) = mutual_pair(P256, P256, |_| {}, |_| {});
        server.peer_key = None;
        run(&mut client, &mut server, |_, _| {});
        server
    };
    WrongKeyForSuite, "an RSA key for an ECDSA suite", Some(A::UNSUPPORTED_CERTIFICATE), || {
        let (mut client, mut server) = default_pair();
        client.peer_key = Some(PublicKey { kind: KeyKind::Rsa, bits: vec![] });
        run(&mut client, &mut server, |_, _| {});
        client
    };
    WrongKeyForSuite, "an Ed25519 key for an RSA suite", Some(A::UNSUPPORTED_CERTIFICATE), || {
        let (mut client, mut server) = pair(KeySpec::Rsa { bits: 2048 }, |_| {}, |_| {});
        client.peer_key = Some(credential(KeySpec::Ed25519).1);
        run(&mut client, &mut server, |_, _| {});
        client
    };
    KeyMayNotSign, "the server's", Some(A::UNSUPPORTED_CERTIFICATE), || {
        let (mut client, mut server) = default_pair();
        client.may_sign = false;
        run(&mut client, &mut server, |_, _| {});
        client
    };
    SchemeNotForKey, "another scheme than the only one of the key", Some(A::ILLEGAL_PARAMETER), || {
        let (mut client, mut server) = default_pair();
        client.only_scheme = Some(SignatureScheme::RSA_PSS_PSS_SHA256);
        run(&mut client, &mut server, |_, _| {});
        client
    };
    KeyMayNotSign, "the client's", Some(A::UNSUPPORTED_CERTIFICATE), || {
        let (mut client, mut server) = mutual_pair(P256, P256, |_| {}, |_| {});
        server.may_sign = false;
        run(&mut client, &mut server, |_, _| {});
        server
    };
    BadSignature, "of ServerKeyExchange", Some(A::DECRYPT_ERROR), || {
        tampered(default_pair(), |wire| {
            body(wire, H::SERVER_KEY_EXCHANGE, |body| *body.last_mut().unwrap() ^= 1);
        }).0
    };
    BadSignature, "of CertificateVerify", Some(A::DECRYPT_ERROR), || {
        tampered(mutual_pair(P256, P256, |_| {}, |_| {}), |wire| {
            body(wire, H::CERTIFICATE_VERIFY, |body| *body.last_mut().unwrap() ^= 1);
        }).1
    };
    BadSignature, "with another server's random", Some(A::DECRYPT_ERROR), || {
        client_of(|parts| parts.hello.random.0[0] ^= 1)
    };
    WrongFinished, "by the client", Some(A::DECRYPT_ERROR), || {
        tampered(default_pair(), |wire| if let Wire::Handshake(epoch, _) = *wire && epoch == Epoch::tls12(1) {
            body(wire, H::FINISHED, |body| body[0] ^= 1);
        }).1
    };
    WrongFinished, "by the server, in a resumption", Some(A::DECRYPT_ERROR), || {
        tampered(resuming_pair(|_| {}, |_| {}), |wire| body(wire, H::FINISHED, |body| body[11] ^= 1)).0
    };
    KeyMayNotEncrypt, "RSA key exchange, certificate for signatures", Some(A::UNSUPPORTED_CERTIFICATE), || {
        let (mut client, server) = suite_pair("TLS_RSA_WITH_AES_128_GCM_SHA256");
        client.may_encrypt = false;
        honest((client, server)).0
    };
    })
}
