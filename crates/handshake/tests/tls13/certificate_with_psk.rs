//! Certificates together with an external PSK (RFC 8773).

use crate::{
    outcome::{MALFORMED, Refusal, illegal, receiving},
    support::{
        End, TICKET, Wire, certificate_with_psk_pair, credential, external_psk_pair, go_on, raw, run,
        tls13_pair, tls13_ticket_pair,
    },
};
use KeySpec::EcP256;
use cairn_crypto::{HashAlgorithm, KeySpec};
use cairn_handshake::{
    Answer, ClientAuthentication, ClientPolicy, ExternalPskUse, Floor, HandshakeErrorKind as Kind, Input,
    KnownPsk, Machine, NotResumed, OfferedPsk, PeerProof, Policy, PolicyError, PskChoice, PskModes, Question,
    ResumptionPolicy, ServerPolicy, Shortfall,
};
use cairn_schedule::{Side, tls13::Psk};
use cairn_wire::{
    AlertDescription as A, ExtensionFault, ExtensionMessage as In, ExtensionType as X, HandshakeType as H,
    NamedGroup, PskKeyExchangeMode,
};
use std::sync::Arc;

const BOTH: X = X::TLS_CERT_WITH_EXTERN_PSK;

/// A change of a client's policy.
type Change<'a> = &'a dyn Fn(&mut ClientPolicy);

/// Runs a handshake that succeeds.
fn shake((mut client, mut server): (End, End)) -> (End, End) {
    run(&mut client, &mut server, |_, _| {});
    assert_eq!((client.kind(), server.kind()), (None, None));
    (client, server)
}

fn require(policy: &mut ServerPolicy) {
    policy.client_authentication = ClientAuthentication::Require { authorities: Vec::new() };
}

/// A pair with client authentication.
fn mutual() -> (End, End) {
    let (mut client, mut server) = certificate_with_psk_pair(|_| {}, require);
    let (own, public) = credential(KeySpec::EcP384);
    client.credential = Some(own);
    server.peer_key = Some(public);
    (client, server)
}

fn sent(end: &End) -> Vec<&str> {
    end.log.iter().filter_map(|line| line.strip_prefix("send ")).collect()
}

#[test]
fn handshake_with_both_has_certificate_and_certificate_verify() {
    let (client, server) = shake(certificate_with_psk_pair(|_| {}, |_| {}));
    let expected = ["server_hello", "encrypted_extensions", "certificate", "certificate_verify", "finished"];
    let others = |name: &&str| *name != "change_cipher_spec" && *name != "new_session_ticket";
    assert_eq!(sent(&server).into_iter().filter(others).collect::<Vec<_>>(), expected);
    for end in [&client, &server] {
        let summary = end.complete.as_ref().unwrap();
        let tls13 = summary.tls13().unwrap();
        assert_eq!((tls13.psk, tls13.certificate_with_psk), (Some(PskKeyExchangeMode::PSK_DHE_KE), true));
        assert_eq!(summary.psk_identity.as_deref(), Some(&b"identity"[..]));
        assert!(summary.group().is_some() && !summary.is_resumed());
        assert!(summary.server_signature_scheme().is_some());
        let security = summary.security();
        assert!(security.certificate_with_psk);
    }
    // The certificate authenticates, and not the PSK.
    assert_eq!(client.complete.unwrap().security().peer, PeerProof::Certificate);
}

#[test]
fn report_tells_handshakes_with_both_from_others() {
    let (plain, _) = shake(tls13_pair(EcP256, |_| {}, |_| {}));
    assert!(!plain.complete.unwrap().security().certificate_with_psk);
    let (alone, _) = shake(external_psk_pair(|_| {}, |_| {}));
    let summary = alone.complete.unwrap();
    assert!(!summary.security().certificate_with_psk && !summary.tls13().unwrap().certificate_with_psk);
    assert_eq!(summary.security().peer, PeerProof::Psk);
}

/// RFC 8773 section 5.2: "This restriction is removed when the "tls_cert_with_extern_psk" extension is
/// negotiated, allowing certificate-based authentication for both the client and the server."
#[test]
fn client_authenticates_with_a_certificate_beside_the_psk() {
    let (client, server) = shake(mutual());
    assert!(sent(&server).contains(&"certificate_request"));
    assert!(sent(&client).contains(&"certificate_verify"));
    let summary = server.complete.unwrap();
    assert_eq!(summary.security().peer, PeerProof::Certificate);
    assert!(summary.security().certificate_with_psk);
}

#[test]
fn client_without_a_certificate_is_refused_although_it_has_the_psk() {
    let (mut client, mut server) = mutual();
    client.credential = None;
    run(&mut client, &mut server, |_, _| {});
    Refusal::As(Kind::ClientCertificateMissing, A::CERTIFICATE_REQUIRED).check(&server, "no certificate");
}

#[test]
fn client_is_authenticated_after_a_handshake_with_both() {
    let (mut client, mut server) = certificate_with_psk_pair(
        |policy| policy.tls13.post_handshake_auth = true,
        |policy| {
            let later = ClientAuthentication::Request { authorities: Vec::new() };
            policy.tls13.post_handshake_authentication = later;
        },
    );
    let (own, public) = credential(KeySpec::EcP384);
    client.credential = Some(own);
    server.peer_key = Some(public);
    let (mut client, mut server) = shake((client, server));
    server.step(Input::RequestCertificate);
    go_on(&mut client, &mut server, |_, _| {});
    assert_eq!((client.kind(), server.kind()), (None, None));
    assert!(server.authentications[0].identity.is_some());
}

#[test]
fn hello_has_the_companions_and_no_others() {
    let (mut client, mut server) = certificate_with_psk_pair(|_| {}, |_| {});
    let mut hello = None;
    let mut answer = None;
    run(&mut client, &mut server, |from_client, wire| {
        if from_client {
            raw::client_hello(wire, |read| hello = Some(read.extensions.clone()));
        } else {
            raw::server_hello(wire, |read| answer = Some(read.extensions.clone()));
        }
    });
    let hello = hello.unwrap();
    assert_eq!(hello.get(BOTH), Some(&[][..]));
    assert!([X::KEY_SHARE, X::PRE_SHARED_KEY].iter().all(|companion| hello.get(*companion).is_some()));
    // psk_dhe_ke alone.
    assert_eq!(hello.get(X::PSK_KEY_EXCHANGE_MODES), Some(&[1, 1][..]));
    assert_eq!(hello.get(X::EARLY_DATA), None);
    let answer = answer.unwrap();
    assert_eq!(answer.get(BOTH), Some(&[][..]));
    assert!([X::KEY_SHARE, X::PRE_SHARED_KEY].iter().all(|companion| answer.get(*companion).is_some()));
}

#[test]
fn second_hello_has_the_same_extension() {
    let (mut client, mut server) = certificate_with_psk_pair(
        |policy| policy.tls13.key_shares = vec![NamedGroup::X25519],
        |policy| policy.groups = vec![NamedGroup::SECP256R1],
    );
    let mut hellos = 0;
    run(&mut client, &mut server, |from_client, wire| {
        if from_client {
            raw::client_hello(wire, |hello| {
                hellos += 1;
                assert_eq!(hello.extensions.get(BOTH), Some(&[][..]));
            });
        }
    });
    assert_eq!((hellos, client.kind(), server.kind()), (2, None, None));
    assert!(client.complete.unwrap().security().certificate_with_psk);
}

/// The PSK has another hash than the suite that HelloRetryRequest has chosen.
#[test]
fn client_does_not_continue_without_its_psk_after_hello_retry_request() {
    let (client, mut server) = certificate_with_psk_pair(
        |policy| policy.tls13.key_shares = vec![NamedGroup::X25519],
        |policy| policy.groups = vec![NamedGroup::SECP256R1],
    );
    server.external_psk = None;
    let (mut client, mut server) = (client, server);
    run(&mut client, &mut server, |from_client, wire| {
        if !from_client {
            // TLS_AES_256_GCM_SHA384.
            raw::hello_retry_request(wire, |retry| retry.suite = cairn_wire::CipherSuite(0x1302));
        }
    });
    let refusal = Refusal::As(Kind::CertificateWithPskRefused, A::HANDSHAKE_FAILURE);
    refusal.check(&client, "another hash");
}

#[test]
fn server_without_the_psk_is_refused() {
    let refusal = Refusal::As(Kind::CertificateWithPskRefused, A::HANDSHAKE_FAILURE);
    let (client, mut server) = certificate_with_psk_pair(|_| {}, |_| {});
    server.external_psk = None;
    let (mut client, mut server) = (client, server);
    run(&mut client, &mut server, |_, _| {});
    refusal.check(&client, "a certificate alone");
    // A server that ignores the extension.
    let alone = |policy: &mut ServerPolicy| {
        policy.tls13.external_psk_use = ExternalPskUse::Alone;
    };
    let (mut client, mut server) = certificate_with_psk_pair(|_| {}, alone);
    run(&mut client, &mut server, |_, _| {});
    refusal.check(&client, "the PSK alone");
}

#[test]
fn server_does_not_use_a_psk_without_a_certificate() {
    let changes: [fn(&mut ServerPolicy); 2] = [|_| {}, require];
    for change in changes {
        let (mut client, mut server) = external_psk_pair(
            |_| {},
            |policy| {
                policy.tls13.external_psk_use = ExternalPskUse::WithCertificate;
                change(policy);
            },
        );
        let (own, public) = credential(KeySpec::EcP384);
        client.credential = Some(own);
        server.peer_key = Some(public);
        let (client, server) = shake((client, server));
        assert_eq!(server.not_resumed, Some(NotResumed::PskWithoutCertificate));
        let summary = client.complete.unwrap();
        assert_eq!(summary.security().peer, PeerProof::Certificate);
        assert!(!summary.security().certificate_with_psk);
        assert_eq!(summary.psk_identity, None);
    }
}

/// RFC 8773 section 7: "If the external PSK is known to any party other than the client and the server,
/// then the external PSK MUST NOT be the sole basis for authentication."
#[test]
fn psk_beside_a_certificate_authenticates_nobody() {
    let (mut client, server) = certificate_with_psk_pair(|_| {}, |_| {});
    client.credulous = true;
    let (client, server) = shake((client, server));
    assert_eq!(client.complete.unwrap().security().peer, PeerProof::Unchecked);
    // The client presents no certificate.
    assert_eq!(server.complete.unwrap().security().peer, PeerProof::None);
}

/// RFC 9257 section 6: "Each PSK [...] MUST be at least 128 bits long". A PSK beside certificates is no
/// exception.
#[test]
fn psk_of_less_than_128_bits_beside_a_certificate_is_insufficient_security_by_default() {
    let pair = |length: usize, at_client: u16, at_server: u16| {
        let key = || Psk::external(vec![7; length].into(), HashAlgorithm::Sha256).unwrap();
        let (mut client, mut server) = certificate_with_psk_pair(
            |policy| {
                policy.floor.psk_bits = at_client;
                policy.tls13.external_psks = vec![OfferedPsk { identity: b"identity".to_vec(), psk: key() }];
            },
            |policy| policy.floor.psk_bits = at_server,
        );
        server.external_psk = Some(key());
        run(&mut client, &mut server, |_, _| {});
        (client, server)
    };
    let by_default = Floor::default().psk_bits;
    let too_short = Kind::BelowFloor(Shortfall::PskTooShort { expected: 128, got: 120 });
    let refusal = Refusal::As(too_short, A::INSUFFICIENT_SECURITY);
    refusal.check(&pair(15, by_default, 0).0, "at the client");
    refusal.check(&pair(15, 0, by_default).1, "at the server");
    for (length, floor) in [(15, 0), (16, by_default)] {
        let (client, server) = pair(length, floor, floor);
        assert_eq!((client.kind(), server.kind()), (None, None));
        assert!(server.complete.unwrap().security().certificate_with_psk);
    }
}

/// A certificate is never used with the PSK of a session, so none is issued.
#[test]
fn no_ticket_follows_a_handshake_with_both() {
    let (client, server) = shake(certificate_with_psk_pair(
        |_| {},
        |policy| policy.resumption = Some(ResumptionPolicy { tickets: true, ..ResumptionPolicy::default() }),
    ));
    assert!(!sent(&server).contains(&"new_session_ticket"));
    assert!(client.saved.is_none() && server.sealed.is_none());
}

#[test]
fn client_offers_no_session_with_the_extension() {
    let (first, _) = shake(tls13_ticket_pair(|_| {}, |_| {}));
    let (mut client, server) =
        certificate_with_psk_pair(|policy| policy.resumption = Some(ResumptionPolicy::default()), |_| {});
    client.session = first.saved;
    let (client, _) = shake((client, server));
    assert!(!client.complete.unwrap().is_resumed());
}

/// The server of a handshake whose ClientHello is rewritten.
fn hello(change: impl Fn(&mut raw::ClientHello)) -> End {
    receiving(Side::Server, certificate_with_psk_pair(|_| {}, |_| {}), |wire| {
        raw::client_hello(wire, &change);
    })
}

/// The client of a handshake whose ServerHello is rewritten.
fn answer(pair: (End, End), change: impl Fn(&mut raw::ServerHello)) -> End {
    receiving(Side::Client, pair, |wire| raw::server_hello(wire, &change))
}

/// Puts an extension before pre_shared_key, which is the last.
fn insert(extensions: &mut raw::Extensions, extension_type: X, data: &[u8]) {
    let psks = extensions.get(X::PRE_SHARED_KEY).map(<[u8]>::to_vec);
    extensions.set(extension_type, data);
    if let Some(psks) = psks {
        extensions.set(X::PRE_SHARED_KEY, &psks);
    }
}

#[test]
fn extension_with_early_data_is_illegal_parameter() {
    let server = hello(|hello| insert(&mut hello.extensions, X::EARLY_DATA, &[]));
    illegal(Kind::EarlyDataWithCertificate).check(&server, "early_data");
}

#[test]
fn companions_of_the_extension_are_required() {
    let server = hello(|hello| hello.extensions.remove(X::PRE_SHARED_KEY));
    let missing = |extension_type| Refusal::As(Kind::MissingExtension(extension_type), A::MISSING_EXTENSION);
    missing(X::PRE_SHARED_KEY).check(&server, "no PSK");
    let server = hello(|hello| hello.extensions.remove(X::KEY_SHARE));
    missing(X::KEY_SHARE).check(&server, "no share");
    let server = hello(|hello| hello.extensions.remove(X::PSK_KEY_EXCHANGE_MODES));
    missing(X::PSK_KEY_EXCHANGE_MODES).check(&server, "no modes");
    let server = hello(|hello| insert(&mut hello.extensions, X::PSK_KEY_EXCHANGE_MODES, &[1, 0]));
    illegal(Kind::PskModesWithoutKeyExchange).check(&server, "psk_ke");
    let server = hello(|hello| hello.extensions.remove(X::SIGNATURE_ALGORITHMS));
    // The binder covers the hello.
    illegal(Kind::WrongExternalBinder).check(&server, "no signature_algorithms");
    let server = hello(|hello| insert(&mut hello.extensions, BOTH, &[0]));
    MALFORMED.check(&server, "with content");
}

/// RFC 8773 section 5.1: "if the binder does not validate, the server MUST abort the handshake with an
/// "illegal_parameter" alert."
#[test]
fn wrong_binder_is_illegal_parameter() {
    let server = hello(|hello| *hello.extensions.get_mut(X::PRE_SHARED_KEY).last_mut().unwrap() ^= 1);
    illegal(Kind::WrongExternalBinder).check(&server, "a changed binder");
    let (client, mut server) = certificate_with_psk_pair(|_| {}, |_| {});
    server.external_psk = Some(Psk::external(vec![8; 32].into(), HashAlgorithm::Sha256).unwrap());
    let (mut client, mut server) = (client, server);
    run(&mut client, &mut server, |_, _| {});
    illegal(Kind::WrongExternalBinder).check(&server, "another key");
    // Removing the extension is noticed too: the binder covers it.
    let server = hello(|hello| hello.extensions.remove(BOTH));
    assert_eq!(server.not_resumed, Some(NotResumed::PskWithoutCertificate));
}

/// RFC 8773 section 5.1: "If a resumption PSK is listed along with the "tls_cert_with_extern_psk"
/// extension, the server MUST abort the handshake with an "illegal_parameter" alert."
#[test]
fn psk_of_a_session_beside_the_extension_is_illegal_parameter() {
    let (_, other) = shake(tls13_ticket_pair(|_| {}, |_| {}));
    let session = Arc::new(*other.sealed.unwrap());
    let external = Psk::external(vec![7; 32].into(), HashAlgorithm::Sha256).unwrap();
    let offered = |identity: &[u8]| OfferedPsk { identity: identity.to_vec(), psk: external.clone() };
    // A hello whose second identity is a ticket, or the first. The binder is not reached.
    for (identities, expected) in [
        ([&b"identity"[..], TICKET], Some(Kind::SessionWithCertificate)),
        ([TICKET, b"identity"], Some(Kind::SessionWithCertificate)),
        ([b"identity", b"another"], None),
        ([b"unknown", b"identity"], None),
    ] {
        let (mut client, mut server) = certificate_with_psk_pair(
            |policy| policy.tls13.external_psks = identities.map(offered).to_vec(),
            |policy| {
                policy.resumption = Some(ResumptionPolicy { tickets: true, ..ResumptionPolicy::default() });
            },
        );
        server.start();
        client.start();
        let mut questions = 0;
        // The server's questions are answered by identity.
        let mut at_server = |server: &mut End, wire: &Wire| {
            let Wire::Handshake(epoch, bytes) = wire else { return };
            let msg_type = H(bytes[0]);
            let message = cairn_handshake::RawMessage { msg_type, bytes };
            server.step_once(Input::Message { epoch: *epoch, message });
            while let cairn_handshake::Next::Ask(_) = server.next {
                let choice = match server.machine.question().unwrap() {
                    (id, Question::ChoosePsk(choose)) => {
                        questions += 1;
                        let psk = choose.identities().find_map(|(place, identity)| match identity {
                            TICKET => Some((place, KnownPsk::Session(Arc::clone(&session)))),
                            b"identity" => Some((place, KnownPsk::External(external.clone()))),
                            _ => None,
                        });
                        let now = crate::support::NOW;
                        Some((id, Answer::PskChoice(PskChoice { psk, now })))
                    }
                    _ => None,
                };
                let (id, answer) = choice.unwrap_or_else(|| server.answer());
                server.step_once(Input::Answer(id, answer));
            }
        };
        while let Some(wire) = client.out.pop_front() {
            at_server(&mut server, &wire);
            while let Some(wire) = server.out.pop_front() {
                client.receive(&wire);
            }
        }
        assert_eq!(server.kind(), expected, "{identities:?}");
        if let Some(kind) = expected {
            assert_eq!(kind.alert(), Some(A::ILLEGAL_PARAMETER));
        } else {
            assert!(server.complete.unwrap().security().certificate_with_psk);
            assert!(questions <= 2);
        }
    }
}

/// RFC 8773 section 5: "It MUST NOT appear in any other messages."
#[test]
fn extension_in_another_message_is_illegal_parameter() {
    let pair = || certificate_with_psk_pair(|_| {}, |_| {});
    let misplaced = Refusal::Decode(A::ILLEGAL_PARAMETER);
    let client = receiving(Side::Client, pair(), |wire| {
        raw::encrypted_extensions(wire, |extensions| extensions.add(BOTH, &[]));
    });
    misplaced.check(&client, "EncryptedExtensions");
    let client = receiving(Side::Client, pair(), |wire| {
        raw::certificate(wire, |message| message.entries[0].1.add(BOTH, &[]));
    });
    misplaced.check(&client, "Certificate");
    let client = receiving(Side::Client, mutual(), |wire| {
        raw::certificate_request(wire, |request| request.extensions.add(BOTH, &[]));
    });
    misplaced.check(&client, "CertificateRequest");
}

#[test]
fn server_hello_is_judged_by_what_was_offered() {
    let both = || certificate_with_psk_pair(|_| {}, |_| {});
    let missing = |extension_type| Refusal::As(Kind::MissingExtension(extension_type), A::MISSING_EXTENSION);
    let client = answer(both(), |hello| hello.extensions.remove(X::PRE_SHARED_KEY));
    missing(X::PRE_SHARED_KEY).check(&client, "no PSK");
    let client = answer(both(), |hello| hello.extensions.remove(X::KEY_SHARE));
    missing(X::KEY_SHARE).check(&client, "no share");
    let client = answer(both(), |hello| hello.extensions.remove(BOTH));
    let refusal = Refusal::As(Kind::CertificateWithPskRefused, A::HANDSHAKE_FAILURE);
    refusal.check(&client, "not accepted");
    let client = answer(both(), |hello| hello.extensions.set(BOTH, &[0]));
    MALFORMED.check(&client, "with content");
    // Not offered.
    let fault = ExtensionFault::Unsolicited { extension_type: BOTH, message: In::ServerHello };
    let unsolicited = Refusal::As(Kind::Extension(fault), A::UNSUPPORTED_EXTENSION);
    for pair in [external_psk_pair(|_| {}, |_| {}), tls13_pair(EcP256, |_| {}, |_| {})] {
        let client = answer(pair, |hello| hello.extensions.add(BOTH, &[]));
        unsolicited.check(&client, "unsolicited");
    }
}

#[test]
fn policy_of_a_client_excludes_handshakes_without_both() {
    let good = || {
        let psk = Psk::external(vec![7; 32].into(), HashAlgorithm::Sha256).unwrap();
        let mut policy = crate::support::client_policy().with_tls13(Policy::Modern);
        policy.tls12.suites.clear();
        policy.resumption = None;
        policy.tls13.external_psks = vec![OfferedPsk { identity: b"identity".to_vec(), psk }];
        policy.tls13.external_psk_use = ExternalPskUse::WithCertificate;
        policy
    };
    assert_eq!(good().check(), Ok(()));
    let tls12 = crate::support::client_policy().tls12.suites;
    let cases: [(&str, Change<'_>); 5] = [
        ("TLS 1.2", &|policy| policy.tls12.suites.clone_from(&tls12)),
        ("resumption", &|policy| policy.resumption = Some(ResumptionPolicy::default())),
        ("early data", &|policy| policy.tls13.early_data = true),
        ("psk_ke alone", &|policy| policy.tls13.psk_modes = PskModes::PskAlone),
        ("a policy without such PSKs", &|policy| policy.tls13.external_psks.clear()),
    ];
    for (with, change) in cases {
        let mut policy = good();
        change(&mut policy);
        assert_eq!(policy.check(), Err(PolicyError::CertificateWithPsk { with }));
    }
    drop(Machine::client(Arc::new(good()), None, None));
}
