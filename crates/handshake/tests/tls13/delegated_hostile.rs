//! Delegated credentials that are not valid (RFC 9345 section 4.1), as both sides judge them.

use crate::{
    outcome::{MALFORMED, Refusal, illegal, receiving},
    support::{
        End, Fields, Wire, client_accepts, credential, delegated, delegated_mutual_pair, delegated_pair,
        go_on, later_pair, provider, raw, run, server_accepts, tls13_mutual_pair, tls13_pair,
    },
};
use KeySpec::EcP256;
use cairn_crypto::{KeySpec, PrivateKeyDer};
use cairn_handshake::{CertificateChain, Credential, HandshakeErrorKind as Kind, Input};
use cairn_schedule::Side;
use cairn_wire::{
    AlertDescription as A, CertificateType, ExtensionFault, ExtensionMessage as In, ExtensionType as X,
    SignatureScheme as S,
};
use std::sync::Arc;

/// The side that accepts the other's delegated credential, after Certificate has been changed.
fn judged(side: Side, change: impl Fn(&mut raw::Certificate)) -> End {
    let pair = if side == Side::Client { delegated_pair() } else { delegated_mutual_pair() };
    receiving(side, pair, |wire| raw::certificate(wire, &change))
}

const SIDES: [Side; 2] = [Side::Client, Side::Server];

/// RFC 9345 section 4.1.1: "If the client receives a delegated credential without having indicated support
/// in its ClientHello, then the client MUST abort the handshake with an "unexpected_message" alert."
/// Section 4.1.2 says the same of a server.
#[test]
fn unsolicited_delegated_credential_is_unexpected_message() {
    let fault =
        ExtensionFault::Unsolicited { extension_type: X::DELEGATED_CREDENTIAL, message: In::Certificate };
    let refusal = Refusal::As(Kind::Extension(fault), A::UNEXPECTED_MESSAGE);
    let encoded = delegated().1.encode();
    for side in SIDES {
        for place in [0, 1] {
            let pair = match side {
                Side::Client => tls13_pair(EcP256, |_| {}, server_accepts),
                Side::Server => tls13_mutual_pair(EcP256, client_accepts, |_| {}),
            };
            let end = receiving(side, pair, |wire| {
                raw::certificate(wire, |message| {
                    message.entries[place].1.add(X::DELEGATED_CREDENTIAL, &encoded);
                });
            });
            refusal.check(&end, "unsolicited");
        }
    }
}

#[test]
fn schemes_that_were_not_offered_are_illegal_parameter() {
    let fields = delegated().1;
    for (scheme, algorithm, expected) in [
        (
            S::ECDSA_SECP256R1_SHA256,
            fields.algorithm,
            Kind::DelegatedSchemeNotOffered(S::ECDSA_SECP256R1_SHA256),
        ),
        (S::RSA_PSS_RSAE_SHA256, fields.algorithm, Kind::DelegatedSchemeNotOffered(S::RSA_PSS_RSAE_SHA256)),
        (S(0x0a0a), fields.algorithm, Kind::DelegatedSchemeNotOffered(S(0x0a0a))),
        (S::ED25519, S::ECDSA_SHA1, Kind::DelegationAlgorithmNotOffered(S::ECDSA_SHA1)),
        (S::ED25519, S::MLDSA44, Kind::DelegationAlgorithmNotOffered(S::MLDSA44)),
        (S::ED25519, S(0x0a0a), Kind::DelegationAlgorithmNotOffered(S(0x0a0a))),
    ] {
        let changed = Fields { scheme, algorithm, ..fields.clone() }.encode();
        for side in SIDES {
            let end = judged(side, |message| message.entries[0].1.set(X::DELEGATED_CREDENTIAL, &changed));
            illegal(expected).check(&end, "not offered");
        }
    }
}

#[test]
fn malformed_delegated_credential_is_decode_error() {
    let whole = delegated().1.encode();
    let mut longer = whole.clone();
    longer.push(0);
    for side in SIDES {
        for end in 0..whole.len() {
            let end =
                judged(side, |message| message.entries[0].1.set(X::DELEGATED_CREDENTIAL, &whole[..end]));
            MALFORMED.check(&end, "truncated");
        }
        let end = judged(side, |message| message.entries[0].1.set(X::DELEGATED_CREDENTIAL, &longer));
        MALFORMED.check(&end, "longer");
        let end = judged(side, |message| message.entries[0].1.add(X::DELEGATED_CREDENTIAL, &whole));
        MALFORMED.check(&end, "twice");
    }
}

#[test]
fn malformed_lists_of_schemes_are_decode_error() {
    for data in [&[][..], &[0], &[0, 0], &[0, 1, 8], &[0, 3, 8, 7, 8], &[0, 2, 8, 7, 0], &[0, 4, 8, 7]] {
        let server = receiving(Side::Server, delegated_pair(), |wire| {
            raw::client_hello(wire, |hello| hello.extensions.set(X::DELEGATED_CREDENTIAL, data));
        });
        MALFORMED.check(&server, "ClientHello");
        let client = receiving(Side::Client, delegated_mutual_pair(), |wire| {
            raw::certificate_request(wire, |request| {
                request.extensions.set(X::DELEGATED_CREDENTIAL, data);
            });
        });
        MALFORMED.check(&client, "CertificateRequest");
    }
}

/// RFC 9345 section 4.1.1: "the client SHOULD ignore delegated credentials sent as extensions to any other
/// certificate", and section 4.1.2 likewise.
#[test]
fn delegated_credential_of_another_certificate_is_ignored() {
    let changed = Fields { scheme: S(0x0a0a), ..delegated().1 }.encode();
    for side in SIDES {
        let end = judged(side, |message| message.entries[1].1.add(X::DELEGATED_CREDENTIAL, &changed));
        // The signature over the transcript shows the change.
        assert_eq!(end.kind(), Some(Kind::BadSignature));
    }
}

/// RFC 9345 section 4.1.3: "Verify that dc_cert_verify_algorithm matches the scheme indicated in the peer's
/// CertificateVerify message".
#[test]
fn other_scheme_in_certificate_verify_is_illegal_parameter() {
    for side in SIDES {
        for scheme in [S::ECDSA_SECP256R1_SHA256, S::ECDSA_SECP384R1_SHA384, S::RSA_PSS_RSAE_SHA256] {
            let pair = if side == Side::Client { delegated_pair() } else { delegated_mutual_pair() };
            let end = receiving(side, pair, |wire| raw::certificate_verify(wire, scheme));
            illegal(Kind::OtherDelegatedScheme(scheme)).check(&end, "another scheme");
        }
    }
}

/// A peer that has only the key of the certificate, and not that of the credential.
#[test]
fn signature_of_another_key_is_decrypt_error() {
    for side in SIDES {
        let (mut client, mut server) =
            if side == Side::Client { delegated_pair() } else { delegated_mutual_pair() };
        let end = if side == Side::Client { &mut server } else { &mut client };
        let own = Credential::clone(end.credential.as_ref().unwrap());
        let pkcs8 = provider().keys.generate(KeySpec::Ed25519, &mut provider().rng()).unwrap();
        let other = provider().keys.load(PrivateKeyDer::Pkcs8(pkcs8.expose())).unwrap();
        end.credential = Some(Arc::new(Credential { key: Some(other), ..own }));
        run(&mut client, &mut server, |_, _| {});
        let end = if side == Side::Client { client } else { server };
        Refusal::As(Kind::BadSignature, A::DECRYPT_ERROR).check(&end, "another key");
    }
}

/// The scheme is the credential's, and the credential was issued for a key of another kind.
#[test]
fn scheme_that_does_not_fit_the_key_of_the_credential_is_illegal_parameter() {
    let (_, key) = credential(EcP256);
    let fields = Fields { scheme: S::ED25519, key: key.clone(), algorithm: S::ECDSA_SECP256R1_SHA256 };
    let (mut client, mut server) = delegated_pair();
    client.peer_key = Some(key.clone());
    let encoded = fields.encode();
    run(&mut client, &mut server, |from_client, wire| {
        if !from_client {
            raw::certificate(wire, |message| message.entries[0].1.set(X::DELEGATED_CREDENTIAL, &encoded));
        }
    });
    illegal(Kind::SchemeNotForKey(S::ED25519, key.kind)).check(&client, "another kind of key");
}

#[test]
fn answer_with_the_key_of_the_certificate_is_refused() {
    for side in SIDES {
        let (mut client, mut server) =
            if side == Side::Client { delegated_pair() } else { delegated_mutual_pair() };
        let (_, of_certificate) = credential(KeySpec::EcP384);
        let end = if side == Side::Client { &mut client } else { &mut server };
        end.peer_key = Some(of_certificate);
        run(&mut client, &mut server, |_, _| {});
        let end = if side == Side::Client { client } else { server };
        Refusal::As(Kind::QuestionFailed, A::INTERNAL_ERROR).check(&end, "the certificate's key");
    }
}

/// A raw public key has no DelegationUsage (RFC 9345 section 4.2).
#[test]
fn delegated_credential_of_a_raw_public_key_is_illegal_parameter() {
    const RAW: CertificateType = CertificateType::RAW_PUBLIC_KEY;
    let encoded = delegated().1.encode();
    let (client, mut server) = tls13_pair(
        EcP256,
        |policy| {
            client_accepts(policy);
            policy.server_certificate_types = vec![RAW];
        },
        |_| {},
    );
    let own = Credential::clone(server.credential.as_ref().unwrap());
    let chain = CertificateChain::raw_public_key(b"a SubjectPublicKeyInfo").unwrap();
    server.credential = Some(Arc::new(Credential { chain, ..own }));
    let client = receiving(Side::Client, (client, server), |wire| {
        raw::certificate(wire, |message| message.entries[0].1.add(X::DELEGATED_CREDENTIAL, &encoded));
    });
    illegal(Kind::DelegatedByRawPublicKey).check(&client, "a raw public key");
}

/// The rules are the same after the handshake.
#[test]
fn invalid_delegated_credential_after_the_handshake_ends_the_connection() {
    let fields = delegated().1;
    let unlisted = Fields { scheme: S::ECDSA_SECP256R1_SHA256, ..fields.clone() }.encode();
    let unoffered = Fields { algorithm: S::MLDSA44, ..fields.clone() }.encode();
    let fault =
        ExtensionFault::Unsolicited { extension_type: X::DELEGATED_CREDENTIAL, message: In::Certificate };
    for (accepts, encoded, expected) in [
        (true, unlisted, Kind::DelegatedSchemeNotOffered(S::ECDSA_SECP256R1_SHA256)),
        (true, unoffered, Kind::DelegationAlgorithmNotOffered(S::MLDSA44)),
        (true, fields.encode(), Kind::QuestionFailed),
        (false, fields.encode(), Kind::Extension(fault)),
    ] {
        let (mut client, mut server) = later_pair(
            EcP256,
            |_| {},
            |policy| {
                if accepts {
                    server_accepts(policy);
                }
            },
        );
        run(&mut client, &mut server, |_, _| {});
        server.step(Input::RequestCertificate);
        go_on(&mut client, &mut server, |from_client, wire: &mut Wire| {
            if from_client {
                raw::certificate(wire, |message| message.entries[0].1.set(X::DELEGATED_CREDENTIAL, &encoded));
            }
        });
        assert_eq!(server.kind(), Some(expected));
        assert!(server.authentications.is_empty());
    }
}
