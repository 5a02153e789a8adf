//! EncryptedExtensions, CertificateRequest, Certificate, CertificateVerify and Finished of the server, each
//! wrong in each field (RFC 9846 sections 4.4 and 4.5), as the client judges them.

use crate::{
    outcome::{MALFORMED, MISPLACED, Refusal, illegal, receiving, unsolicited},
    support::{End, Wire, credential, edit, raw, run, staple, tls13_mutual_pair, tls13_pair},
};
use KeySpec::EcP256;
use cairn_crypto::{KeyKind, KeySpec};
use cairn_handshake::HandshakeErrorKind as Kind;
use cairn_schedule::Side;
use cairn_wire::{
    AlertDescription as A, CertificateStatusType, CertificateType, ExtensionFault, ExtensionMessage as In,
    ExtensionType as X, HandshakeType as H, SignatureScheme as S,
};

fn default_pair() -> (End, End) {
    tls13_pair(EcP256, |_| {}, |_| {})
}

/// The client of a handshake whose EncryptedExtensions are rewritten.
fn with_extensions(pair: (End, End), change: impl Fn(&mut raw::Extensions)) -> End {
    receiving(Side::Client, pair, |wire| raw::encrypted_extensions(wire, &change))
}

#[test]
fn extension_that_belongs_elsewhere_is_refused_in_encrypted_extensions() {
    for (extension_type, data) in [
        (X::SUPPORTED_VERSIONS, &[3, 4][..]),
        (X::KEY_SHARE, &[0, 29, 0, 1, 9]),
        (X::PRE_SHARED_KEY, &[0, 0]),
        (X::COOKIE, &[0, 1, 7]),
        (X::SIGNATURE_ALGORITHMS, &[0, 2, 4, 3]),
        (X::STATUS_REQUEST, &[]),
        (X::SIGNED_CERTIFICATE_TIMESTAMP, &[]),
        (X::CERTIFICATE_AUTHORITIES, &[0, 3, 0, 1, 7]),
        (X::EXTENDED_MASTER_SECRET, &[]),
        (X::ENCRYPT_THEN_MAC, &[]),
        (X::SESSION_TICKET, &[]),
        (X::RENEGOTIATION_INFO, &[0]),
        (X::EC_POINT_FORMATS, &[1, 0]),
        (X::PADDING, &[]),
        (X::PSK_KEY_EXCHANGE_MODES, &[1, 1]),
        (X::POST_HANDSHAKE_AUTH, &[]),
    ] {
        let client = with_extensions(default_pair(), |extensions| extensions.add(extension_type, data));
        MISPLACED.check(&client, &extension_type.to_string());
    }
}

#[test]
fn unsolicited_extension_is_refused_in_encrypted_extensions() {
    for (extension_type, data) in [
        (X::APPLICATION_LAYER_PROTOCOL_NEGOTIATION, &[0, 3, 2, b'h', b'2'][..]),
        (X::RECORD_SIZE_LIMIT, &[4, 0]),
        (X::MAX_FRAGMENT_LENGTH, &[1]),
        (X::CLIENT_CERTIFICATE_TYPE, &[2]),
        (X::SERVER_CERTIFICATE_TYPE, &[2]),
        (X::EARLY_DATA, &[]),
        (X(0xffce), &[1, 2]),
        (X(0x2a2a), &[]),
    ] {
        let client = with_extensions(default_pair(), |extensions| extensions.add(extension_type, data));
        unsolicited(extension_type, In::EncryptedExtensions).check(&client, &extension_type.to_string());
    }
}

#[test]
fn content_of_encrypted_extensions_is_checked() {
    let pair = || {
        let protocols = || vec![b"h2".to_vec()];
        tls13_pair(
            EcP256,
            |client| {
                client.alpn_protocols = protocols();
                client.record_size_limit = Some(1000);
                client.tls12.max_fragment_length = cairn_handshake::MaxFragmentLength::from_bytes(512);
                client.server_certificate_types =
                    vec![CertificateType::X509, CertificateType::RAW_PUBLIC_KEY];
            },
            |server| {
                server.alpn_protocols = protocols();
                server.record_size_limit = Some(1000);
            },
        )
    };
    const ALPN: X = X::APPLICATION_LAYER_PROTOCOL_NEGOTIATION;
    let pgp = CertificateType::OPEN_PGP;
    let cases: [(&str, X, &[u8], Refusal); 9] = [
        ("another protocol", ALPN, &[0, 3, 2, b'h', b'3'], illegal(Kind::ApplicationProtocolNotOffered)),
        ("two protocols", ALPN, &[0, 6, 2, b'h', b'2', 2, b'h', b'3'], MALFORMED),
        ("no protocol", ALPN, &[0, 0], MALFORMED),
        ("a name", X::SERVER_NAME, &[0, 4, 0, 0, 1, b'a'], MALFORMED),
        ("63 bytes", X::RECORD_SIZE_LIMIT, &[0, 63], illegal(Kind::RecordSizeLimitTooSmall { limit: 63 })),
        ("one byte", X::RECORD_SIZE_LIMIT, &[64], MALFORMED),
        ("both limits", X::MAX_FRAGMENT_LENGTH, &[1], illegal(Kind::TwoRecordLimits)),
        ("OpenPGP", X::SERVER_CERTIFICATE_TYPE, &[1], illegal(Kind::CertificateTypeNotOffered(pgp))),
        ("no type", X::SERVER_CERTIFICATE_TYPE, &[], MALFORMED),
    ];
    for (what, extension_type, data, refusal) in cases {
        let client = with_extensions(pair(), |extensions| extensions.set(extension_type, data));
        refusal.check(&client, what);
    }
    let client = with_extensions(pair(), |extensions| extensions.add(X::SERVER_NAME, &[]));
    MALFORMED.check(&client, "server_name twice");
}

/// RFC 9846 section 4.3.7: "servers are permitted to send the "supported_groups" extension to the client."
#[test]
fn supported_groups_in_encrypted_extensions_are_ignored() {
    let client =
        with_extensions(default_pair(), |extensions| extensions.add(X::SUPPORTED_GROUPS, &[0, 2, 0, 23]));
    // The message is accepted. The signature over the transcript shows that it was changed.
    assert_eq!(client.kind(), Some(Kind::BadSignature));
}

#[test]
fn each_field_of_certificate_request_is_checked() {
    type Change = fn(&mut raw::CertificateRequest);
    let cases: [(&str, Change, Refusal); 9] = [
        ("a context", |request| request.context = vec![1], illegal(Kind::WrongRequestContext)),
        (
            "no signature_algorithms",
            |request| request.extensions.remove(X::SIGNATURE_ALGORITHMS),
            Refusal::As(Kind::MissingExtension(X::SIGNATURE_ALGORITHMS), A::MISSING_EXTENSION),
        ),
        (
            "an empty signature_algorithms",
            |request| request.extensions.set(X::SIGNATURE_ALGORITHMS, &[0, 0]),
            MALFORMED,
        ),
        (
            "signature_algorithms twice",
            |request| request.extensions.add(X::SIGNATURE_ALGORITHMS, &[0, 2, 4, 3]),
            MALFORMED,
        ),
        ("no authorities", |request| request.extensions.add(X::CERTIFICATE_AUTHORITIES, &[0, 0]), MALFORMED),
        ("key_share", |request| request.extensions.add(X::KEY_SHARE, &[0, 0]), MISPLACED),
        (
            "supported_groups",
            |request| request.extensions.add(X::SUPPORTED_GROUPS, &[0, 2, 0, 23]),
            MISPLACED,
        ),
        (
            "an application protocol",
            |request| {
                request.extensions.add(X::APPLICATION_LAYER_PROTOCOL_NEGOTIATION, &[0, 3, 2, b'h', b'2']);
            },
            MISPLACED,
        ),
        ("early_data", |request| request.extensions.add(X::EARLY_DATA, &[]), MISPLACED),
    ];
    for (what, change, refusal) in cases {
        let pair = tls13_mutual_pair(EcP256, |_| {}, |_| {});
        let client = receiving(Side::Client, pair, |wire| raw::certificate_request(wire, change));
        refusal.check(&client, what);
    }
    // Unknown extensions are ignored, also reserved ones, and so are unknown OIDs in oid_filters (section
    // 4.3.5). The signature shows the change.
    let filters = [0, 8, 3, 0x2a, 3, 4, 0, 2, 5, 0];
    for (extension_type, data) in [(X(0xffce), &[1][..]), (X(0x3a3a), &[1]), (X::OID_FILTERS, &filters)] {
        let pair = tls13_mutual_pair(EcP256, |_| {}, |_| {});
        let client = receiving(Side::Client, pair, |wire| {
            raw::certificate_request(wire, |request| request.extensions.add(extension_type, data));
        });
        assert_eq!(client.kind(), Some(Kind::BadSignature));
    }
}

/// A DelegatedCredential with a key and a signature of one byte.
const CREDENTIAL: &[u8] = &[0, 0, 0, 1, 4, 3, 0, 0, 1, 7, 4, 3, 0, 1, 7];

#[test]
fn each_field_of_certificate_is_checked() {
    type Change = fn(&mut raw::Certificate);
    let in_certificate = |extension_type| unsolicited(extension_type, In::Certificate);
    let fault =
        ExtensionFault::Unsolicited { extension_type: X::DELEGATED_CREDENTIAL, message: In::Certificate };
    let cases: [(&str, Change, Refusal); 10] = [
        ("a context", |message| message.context = vec![0], illegal(Kind::WrongRequestContext)),
        (
            "no certificates",
            |message| message.entries.clear(),
            Refusal::As(Kind::EmptyCertificateList, A::DECODE_ERROR),
        ),
        ("an empty certificate", |message| message.entries[0].0.clear(), MALFORMED),
        ("an empty certificate behind", |message| message.entries[1].0.clear(), MALFORMED),
        (
            "an application protocol",
            |message| {
                message.entries[0].1.add(X::APPLICATION_LAYER_PROTOCOL_NEGOTIATION, &[0, 3, 2, b'h', b'2']);
            },
            MISPLACED,
        ),
        ("server_name behind", |message| message.entries[1].1.add(X::SERVER_NAME, &[]), MISPLACED),
        (
            "an unknown extension",
            |message| message.entries[0].1.add(X(0xffce), &[]),
            in_certificate(X(0xffce)),
        ),
        (
            "an unknown extension behind",
            |message| message.entries[1].1.add(X(0xffce), &[]),
            in_certificate(X(0xffce)),
        ),
        (
            "an OCSP response twice",
            |message| {
                message.entries[0].1.add(X::STATUS_REQUEST, &[1, 0, 0, 1, 7]);
                message.entries[0].1.add(X::STATUS_REQUEST, &[1, 0, 0, 1, 7]);
            },
            MALFORMED,
        ),
        // RFC 9345 section 4.1.1.
        (
            "a delegated credential",
            |message| message.entries[0].1.add(X::DELEGATED_CREDENTIAL, CREDENTIAL),
            Refusal::As(Kind::Extension(fault), A::UNEXPECTED_MESSAGE),
        ),
    ];
    for (what, change, refusal) in cases {
        let client = receiving(Side::Client, default_pair(), |wire| raw::certificate(wire, change));
        refusal.check(&client, what);
    }
}

/// A server that staples.
fn stapling(requests: bool) -> (End, End) {
    let (client, mut server) = tls13_pair(
        EcP256,
        |client| (client.status_request, client.signed_certificate_timestamps) = (requests, requests),
        |_| {},
    );
    staple(&mut server);
    (client, server)
}

#[test]
fn ocsp_response_and_timestamps_are_in_the_first_entry() {
    for requests in [true, false] {
        let (mut client, mut server) = stapling(requests);
        let mut entries = Vec::new();
        run(&mut client, &mut server, |_, wire| {
            raw::certificate(wire, |message| {
                entries = message.entries.iter().map(|(_, extensions)| extensions.0.len()).collect();
            });
        });
        assert_eq!((client.kind(), server.kind()), (None, None));
        assert_eq!(entries, [if requests { 2 } else { 0 }, 0]);
        let stapled = client.stapled.unwrap();
        let expected = requests.then_some(crate::support::OCSP_RESPONSE);
        assert_eq!(stapled.ocsp_response.as_deref(), expected);
        assert_eq!(stapled.signed_certificate_timestamps.len(), if requests { 2 } else { 0 });
    }
}

#[test]
fn ocsp_response_and_timestamps_that_were_not_requested_are_refused() {
    for (extension_type, data) in
        [(X::STATUS_REQUEST, &[1, 0, 0, 1, 7][..]), (X::SIGNED_CERTIFICATE_TIMESTAMP, &[0, 3, 0, 1, 7])]
    {
        for place in [0, 1] {
            let client = receiving(Side::Client, stapling(false), |wire| {
                raw::certificate(wire, |message| message.entries[place].1.add(extension_type, data));
            });
            unsolicited(extension_type, In::Certificate).check(&client, &extension_type.to_string());
        }
    }
}

#[test]
fn malformed_statements_about_the_certificate_are_refused() {
    let kind = Kind::StatusTypeNotOffered(CertificateStatusType(2));
    let cases: [(&str, X, &[u8], Refusal); 5] = [
        ("a status of another type", X::STATUS_REQUEST, &[2, 0, 0, 1, 7], illegal(kind)),
        ("an empty response", X::STATUS_REQUEST, &[1, 0, 0, 0], MALFORMED),
        ("an empty extension", X::STATUS_REQUEST, &[], MALFORMED),
        ("no timestamps", X::SIGNED_CERTIFICATE_TIMESTAMP, &[0, 0], MALFORMED),
        ("an empty timestamp", X::SIGNED_CERTIFICATE_TIMESTAMP, &[0, 2, 0, 0], MALFORMED),
    ];
    for (what, extension_type, data, refusal) in cases {
        let client = receiving(Side::Client, stapling(true), |wire| {
            raw::certificate(wire, |message| message.entries[0].1.set(extension_type, data));
        });
        refusal.check(&client, what);
    }
}

const RSA: KeySpec = KeySpec::Rsa { bits: 2048 };

/// The client of a handshake whose CertificateVerify names this scheme.
fn with_scheme(spec: KeySpec, scheme: S) -> End {
    let pair = tls13_pair(spec, |client| client.signature_schemes.push(S::ECDSA_SHA1), |_| {});
    receiving(Side::Client, pair, |wire| raw::certificate_verify(wire, scheme))
}

/// RFC 9846 section 4.3.3: a scheme of ECDSA names its curve; PKCS #1 v1.5 and SHA-1 are for certificates
/// alone.
#[test]
fn scheme_of_certificate_verify_fits_the_key() {
    for (spec, kind, scheme) in [
        (EcP256, KeyKind::EcP256, S::ECDSA_SECP384R1_SHA384),
        (EcP256, KeyKind::EcP256, S::ECDSA_SECP521R1_SHA512),
        (EcP256, KeyKind::EcP256, S::ECDSA_SHA1),
        (EcP256, KeyKind::EcP256, S::ED25519),
        (EcP256, KeyKind::EcP256, S::RSA_PSS_RSAE_SHA256),
        (KeySpec::EcP384, KeyKind::EcP384, S::ECDSA_SECP256R1_SHA256),
        (KeySpec::EcP521, KeyKind::EcP521, S::ECDSA_SECP384R1_SHA384),
        (KeySpec::Ed25519, KeyKind::Ed25519, S::ECDSA_SECP256R1_SHA256),
        (RSA, KeyKind::Rsa, S::RSA_PKCS1_SHA256),
        (RSA, KeyKind::Rsa, S::RSA_PKCS1_SHA384),
        (RSA, KeyKind::Rsa, S::RSA_PKCS1_SHA512),
        (RSA, KeyKind::Rsa, S::RSA_PSS_PSS_SHA256),
        (RSA, KeyKind::Rsa, S::ECDSA_SECP256R1_SHA256),
    ] {
        let client = with_scheme(spec, scheme);
        illegal(Kind::SchemeNotForKey(scheme, kind)).check(&client, &format!("{kind}, {scheme}"));
    }
}

#[test]
fn scheme_of_certificate_verify_is_one_that_was_offered() {
    for scheme in [S(0x0201), S::ED448, S(0x0a0a), S(0)] {
        illegal(Kind::SchemeNotOffered(scheme)).check(&with_scheme(EcP256, scheme), &scheme.to_string());
    }
}

#[test]
fn signature_of_certificate_verify_is_verified() {
    type Change = fn(&mut Vec<u8>);
    let cases: [(&str, Change, Refusal); 5] = [
        ("another signature", |body| *body.last_mut().unwrap() ^= 1, BAD_SIGNATURE),
        (
            "no signature",
            |body| {
                body.truncate(2);
                body.extend_from_slice(&[0, 0]);
            },
            BAD_SIGNATURE,
        ),
        ("a byte more", |body| body.push(0), MALFORMED),
        ("a byte less", |body| body.truncate(body.len() - 1), MALFORMED),
        ("nothing", Vec::clear, MALFORMED),
    ];
    for (what, change, refusal) in cases {
        for spec in [EcP256, RSA, KeySpec::Ed25519] {
            let pair = tls13_pair(spec, |_| {}, |_| {});
            let client = receiving(Side::Client, pair, |wire| {
                edit::body(wire, H::CERTIFICATE_VERIFY, change);
            });
            refusal.check(&client, what);
        }
    }
    // The key of another server.
    let (mut client, server) = default_pair();
    client.peer_key = Some(credential(KeySpec::EcP384).1);
    let client = receiving(Side::Client, (client, server), |_| {});
    let kind = Kind::SchemeNotForKey(S::ECDSA_SECP256R1_SHA256, KeyKind::EcP384);
    illegal(kind).check(&client, "another key");
    // The certificate does not permit signatures.
    let (mut client, server) = default_pair();
    client.may_sign = false;
    let client = receiving(Side::Client, (client, server), |_| {});
    Refusal::As(Kind::KeyMayNotSign, A::UNSUPPORTED_CERTIFICATE).check(&client, "key usage");
    let (mut client, server) = default_pair();
    client.peer_key = None;
    let client = receiving(Side::Client, (client, server), |_| {});
    Refusal::As(Kind::PeerRejected(A::UNKNOWN_CA), A::UNKNOWN_CA).check(&client, "an unknown authority");
}

const BAD_SIGNATURE: Refusal = Refusal::As(Kind::BadSignature, A::DECRYPT_ERROR);

#[test]
fn finished_is_verified_and_has_the_length_of_the_hash() {
    type Change = fn(&mut Vec<u8>);
    let wrong = Refusal::As(Kind::WrongFinished, A::DECRYPT_ERROR);
    let cases: [(&str, Change, Refusal); 5] = [
        ("the first bit", |body| body[0] ^= 0x80, wrong),
        ("the last bit", |body| *body.last_mut().unwrap() ^= 1, wrong),
        ("a byte more", |body| body.push(0), MALFORMED),
        ("a byte less", |body| body.truncate(body.len() - 1), MALFORMED),
        ("nothing", Vec::clear, MALFORMED),
    ];
    for (what, change, refusal) in cases {
        for side in [Side::Client, Side::Server] {
            for suite in cairn_schedule::tls13::SUITES.iter().take(2) {
                let pair = tls13_pair(EcP256, |client| client.tls13.suites = vec![suite], |_| {});
                let mut change = |wire: &mut Wire| edit::body(wire, H::FINISHED, change);
                refusal.check(&receiving(side, pair, &mut change), what);
            }
        }
    }
}
