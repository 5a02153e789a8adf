//! Negotiation in the hellos: extensions, versions, sessions (RFC 5246, 5746, 6066, 7301, 7627, 8422).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod support;

use cairn_crypto::{KeySpec, PrivateKeyDer};
use cairn_handshake::{
    CertificateChain, ClientAuthentication, Credential, HandshakeErrorKind, Machine, Misuse, ServerPolicy,
    Tls12Reference, UnixTime,
};
use cairn_schedule::Epoch;
use cairn_wire::{
    CipherSuite, ClientExtension, ClientHello, CompressionMethod, Decode, EcPointFormat, ExtensionType as X,
    Extensions, HandshakeType, List, NameType, NamedGroup, ProtocolVersion, Random, ServerExtension,
    ServerHello, ServerName, SessionId, SignatureScheme,
};
use std::sync::Arc;
use support::{
    End, NOW, Wire, agree, client_policy, credential,
    edit::{self, body_of, client_hello, server_hello},
    legacy::{self, old_extensions},
    mutual_pair, pair, resuming_pair, run, tls12_mut,
};

/// The types of a ServerHello's extensions.
fn types(body: &[u8]) -> Vec<X> {
    let hello = ServerHello::decode_exact(body).unwrap();
    hello.extensions.iter().flat_map(|extensions| extensions.types()).collect()
}

/// Runs a handshake with a modified ClientHello, and returns the extensions of ServerHello.
fn answered(
    edit: impl for<'a> Fn(&mut edit::ClientParts<'a>),
    (mut client, mut server): (End, End),
) -> Vec<X> {
    let mut found = None;
    run(&mut client, &mut server, |_, wire| {
        client_hello(wire, &edit);
        found = body_of(wire, HandshakeType::SERVER_HELLO).map(|body| types(&body)).or(found.take());
    });
    found.unwrap_or_else(|| panic!("no ServerHello: {:?}", server.log))
}

#[test]
fn server_responds_only_to_offered_extensions() {
    let all = answered(|_| {}, pair(KeySpec::EcP256, |_| {}, |_| {}));
    assert_eq!(all, [X::SERVER_NAME, X::EXTENDED_MASTER_SECRET, X::RENEGOTIATION_INFO, X::EC_POINT_FORMATS]);
    for removed in all.clone() {
        let rest = answered(|parts| parts.remove(removed), pair(KeySpec::EcP256, |_| {}, |_| {}));
        let expected: Vec<_> = all.iter().copied().filter(|extension| *extension != removed).collect();
        assert_eq!(rest, expected, "without {removed}");
    }
    // The SCSV is equivalent to the extension (RFC 5746 section 3.6).
    let scsv = answered(
        |parts| {
            parts.remove(X::RENEGOTIATION_INFO);
            parts.suites.push(CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV);
        },
        pair(KeySpec::EcP256, |_| {}, |_| {}),
    );
    assert_eq!(scsv, all);
    // Names of other types are not host names; unknown extensions are ignored.
    let strange = answered(
        |parts| {
            parts.remove(X::SERVER_NAME);
            let names = &[ServerName { name_type: NameType(9), name: b"somebody" }];
            parts.extensions.push(ClientExtension::ServerName(List::from_items(names)));
            let unknown = ClientExtension::Unknown { extension_type: X(0x2a2a), data: b"grease" };
            parts.extensions.push(unknown);
        },
        pair(KeySpec::EcP256, |_| {}, |_| {}),
    );
    assert_eq!(strange, [X::EXTENDED_MASTER_SECRET, X::RENEGOTIATION_INFO, X::EC_POINT_FORMATS]);
}

#[test]
fn resumption_omits_server_name_and_ec_point_formats() {
    // RFC 6066 section 3: no server_name; RFC 8422 section 4: ec_point_formats has no effect.
    let resumed = answered(|_| {}, resuming_pair(|_| {}, |_| {}));
    assert_eq!(resumed, [X::EXTENDED_MASTER_SECRET, X::RENEGOTIATION_INFO]);
    let unfit = answered(
        |parts| {
            parts.remove(X::EC_POINT_FORMATS);
            parts.remove(X::SUPPORTED_GROUPS);
            parts.remove(X::SIGNATURE_ALGORITHMS);
            parts.extensions.push(ClientExtension::EcPointFormats(List::from_items(&[EcPointFormat(1)])));
        },
        resuming_pair(|_| {}, |_| {}),
    );
    assert_eq!(unfit, resumed);
}

#[test]
fn server_negotiates_tls_1_2_with_a_client_of_a_higher_version() {
    let later = |parts: &mut edit::ClientParts<'_>| parts.hello.client_version = ProtocolVersion(0x0304);
    answered(later, pair(KeySpec::EcP256, |_| {}, |_| {}));
    // supported_versions takes precedence over client_version (RFC 8446 section 4.2.1).
    for client_version in [0x0301, 0x0303, 0x7f7f] {
        answered(
            |parts| {
                parts.hello.client_version = ProtocolVersion(client_version);
                let versions = &[ProtocolVersion(0x2a2a), ProtocolVersion(0x0304), ProtocolVersion::TLS_1_2];
                parts.extensions.push(ClientExtension::SupportedVersions(List::from_items(versions)));
            },
            pair(KeySpec::EcP256, |_| {}, |_| {}),
        );
    }
}

/// The curve that a server with these groups uses for a client that does not send supported_groups.
fn curve_without_supported_groups(groups: &[NamedGroup]) -> Option<NamedGroup> {
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |server| server.groups = groups.to_vec());
    let mut curve = None;
    run(&mut client, &mut server, |_, wire| {
        client_hello(wire, |parts| parts.remove(X::SUPPORTED_GROUPS));
        if let Some(body) = body_of(wire, HandshakeType::SERVER_KEY_EXCHANGE) {
            curve = Some(NamedGroup(u16::from_be_bytes([body[1], body[2]])));
        }
    });
    curve
}

#[test]
fn client_without_supported_groups_gets_secp256r1() {
    use NamedGroup as G;
    assert_eq!(curve_without_supported_groups(&[G::X25519, G::SECP384R1, G::SECP256R1]), Some(G::SECP256R1));
    // If the server does not support it, its own first group.
    assert_eq!(curve_without_supported_groups(&[G::X25519, G::SECP384R1]), Some(G::X25519));
    assert_eq!(curve_without_supported_groups(&[G::SECP384R1, G::X25519]), Some(G::SECP384R1));
}

#[test]
fn absent_signature_algorithms_implies_sha_1() {
    let legacy = cairn_provider_aws_lc::with_legacy_signatures(cairn_provider_aws_lc::provider());
    let takes_sha1 = |server: &mut ServerPolicy| {
        server.provider = legacy.clone();
        server.signature_schemes.push(SignatureScheme::ECDSA_SHA1);
    };
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, takes_sha1);
    let der = legacy.keys.generate(KeySpec::EcP256, &mut legacy.rng()).unwrap();
    let key = legacy.keys.load(PrivateKeyDer::Pkcs8(der.expose())).unwrap();
    let chain = CertificateChain::new(&[b"end entity"]).unwrap();
    server.credential = Some(Arc::new(Credential::new(chain, key)));
    let mut schemes = Vec::new();
    run(&mut client, &mut server, |_, wire| {
        client_hello(wire, |parts| {
            parts.remove(X::SIGNATURE_ALGORITHMS);
            parts.remove(X::SUPPORTED_GROUPS);
        });
        if let Some(body) = body_of(wire, HandshakeType::SERVER_KEY_EXCHANGE) {
            // Curve type, curve, and a point of secp256r1 after its length; then the scheme.
            assert_eq!(body[..4], [3, 0, 23, 65]);
            schemes.push(SignatureScheme(u16::from_be_bytes([body[69], body[70]])));
        }
    });
    assert_eq!(schemes, [SignatureScheme::ECDSA_SHA1], "{:?}", server.log);

    // Without a shared scheme, negotiation fails.
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    run(&mut client, &mut server, |_, wire| {
        client_hello(wire, |parts| parts.remove(X::SIGNATURE_ALGORITHMS));
    });
    assert_eq!(server.error().unwrap().kind, HandshakeErrorKind::NoSharedCipherSuite);
}

#[test]
fn client_ignores_supported_groups_of_the_server() {
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    run(&mut client, &mut server, |_, wire| {
        server_hello(wire, |parts| {
            let groups = List::from_items(&[NamedGroup::SECP256R1]);
            parts.extensions.push(ServerExtension::SupportedGroups(groups));
        });
    });
    assert!(client.log.iter().any(|line| line == "send finished"), "{:?}", client.log);
}

#[test]
fn alpn_follows_the_servers_preference_also_on_resumption() {
    let names = |names: &[&str]| names.iter().map(|name| name.as_bytes().to_vec()).collect::<Vec<_>>();
    let with = |ours: &[&str], theirs: &[&str]| {
        let (ours, theirs) = (names(ours), names(theirs));
        pair(KeySpec::EcP256, |client| client.alpn_protocols = ours, |server| server.alpn_protocols = theirs)
    };
    let (mut client, mut server) = with(&["http/1.1", "h2"], &["h2", "http/1.1"]);
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server));
    assert_eq!(client.complete.unwrap().alpn.as_deref(), Some(&b"h2"[..]));
    let (ours, theirs) = (client.saved.unwrap(), server.saved.unwrap());

    let (mut client, mut server) = with(&["http/1.1"], &["h2", "http/1.1"]);
    (client.session, server.session) = (Some(ours), Some(theirs));
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server));
    let summary = client.complete.unwrap();
    assert_eq!((summary.is_resumed(), summary.alpn.as_deref()), (true, Some(&b"http/1.1"[..])));

    // A server without protocols ignores the extension, and a client that sends none gets none.
    for (ours, theirs) in [(&["h2"][..], &[][..]), (&[], &["h2"])] {
        let (mut client, mut server) = with(ours, theirs);
        run(&mut client, &mut server, |_, _| {});
        assert!(agree(&client, &server));
        assert_eq!(client.complete.unwrap().alpn, None);
    }
}

/// Performs a resumption and returns whether the session was resumed. The handshake completes in any case.
fn resumes((mut client, mut server): (End, End)) -> bool {
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server), "{:?} {:?}", client.log, server.log);
    client.complete.unwrap().is_resumed()
}

#[test]
fn session_is_resumed_only_if_all_its_parameters_are_still_acceptable() {
    assert!(resumes(resuming_pair(|_| {}, |_| {})));

    // Not by a client or server whose policy no longer has the suite.
    assert!(!resumes(resuming_pair(
        |client| client.tls12.suites.retain(|suite| suite.id.0 != 0xc02b),
        |_| {}
    )));
    assert!(!resumes(resuming_pair(
        |_| {},
        |server| server.tls12.suites.retain(|suite| suite.id.0 != 0xc02b)
    )));
    // Not if it is too old or from the future for either side.
    let (mut client, server) = resuming_pair(|_| {}, |_| {});
    client.session.as_mut().unwrap().authenticated_at = UnixTime::from_secs(NOW.as_secs() - 86_400);
    assert!(!resumes((client, server)));
    let (client, mut server) = resuming_pair(|_| {}, |_| {});
    server.session.as_mut().unwrap().authenticated_at = UnixTime::from_secs(NOW.as_secs() - 86_400);
    assert!(!resumes((client, server)));
    let (client, mut server) = resuming_pair(|_| {}, |_| {});
    server.session.as_mut().unwrap().authenticated_at = UnixTime::from_secs(NOW.as_secs() + 1);
    assert!(!resumes((client, server)));
    let (mut client, mut server) = resuming_pair(|_| {}, |_| {});
    client.session.as_mut().unwrap().authenticated_at = UnixTime::from_secs(NOW.as_secs() - 86_399);
    server.session.as_mut().unwrap().authenticated_at = UnixTime::from_secs(NOW.as_secs() - 86_399);
    assert!(resumes((client, server)));
    // Not by a server in another context.
    assert!(!resumes(resuming_pair(
        |_| {},
        |server| server.resumption.as_mut().unwrap().binding.context = cairn_handshake::Digest([1; 16])
    )));
    // Not for another name (RFC 6066 section 3), whichever side detects it.
    let (mut client, server) = resuming_pair(|_| {}, |_| {});
    client.session.as_mut().unwrap().server_name = Some(b"other.example"[..].into());
    assert!(!resumes((client, server)));
    for name in [Some(&b"other.example"[..]), None] {
        let (client, mut server) = resuming_pair(|_| {}, |_| {});
        server.session.as_mut().unwrap().server_name = name.map(Into::into);
        assert!(!resumes((client, server)));
    }
    // Not if either side has disabled resumption.
    assert!(!resumes(resuming_pair(|client| client.resumption = None, |_| {})));
    assert!(!resumes(resuming_pair(|_| {}, |server| server.resumption = None)));
    // Not if the store returned a different session.
    let (client, mut server) = resuming_pair(|_| {}, |_| {});
    let another = Tls12Reference::SessionId(SessionId::new(b"another").unwrap());
    tls12_mut(server.session.as_mut().unwrap()).reference = another;
    assert!(!resumes((client, server)));
}

#[test]
fn session_without_an_id_is_not_offered() {
    // A server without a store would echo its empty ID in ServerHello.
    let (mut client, server) = resuming_pair(|_| {}, |server| server.resumption = None);
    tls12_mut(client.session.as_mut().unwrap()).reference = Tls12Reference::SessionId(SessionId::EMPTY);
    assert!(!resumes((client, server)));
}

#[test]
fn server_may_send_another_session_id_or_none() {
    for id in [&b""[..], b"x", &[9; 32]] {
        let (mut client, _) = resuming_pair(
            |client| {
                client.tls12.secure_renegotiation = cairn_handshake::Requirement::Offer;
            },
            |_| {},
        );
        let own = credential(KeySpec::EcP256).0;
        let done = legacy::server(
            &mut client,
            &own,
            SessionId::new(id).unwrap(),
            &[ServerExtension::RenegotiationInfo(&[])],
        );
        assert!(done.finished);
        assert!(!client.complete.unwrap().is_resumed());
    }
}

#[test]
fn session_id_that_was_not_offered_is_a_new_session() {
    // The client offers no session, and the server sends the ID of a session from another connection.
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    let known = support::sessions().0;
    run(&mut client, &mut server, |_, wire| {
        server_hello(wire, |parts| parts.hello.session_id = *known.tls12().unwrap().session_id());
    });
    // A full handshake follows. It fails at Finished because the transcripts differ.
    assert!(client.log.iter().any(|line| line == "send client_key_exchange"));
}

#[test]
fn client_authentication_requirements_apply_to_resumption() {
    let policy = |server: &mut ServerPolicy, which: &ClientAuthentication| {
        server.client_authentication = which.clone();
    };
    let none = ClientAuthentication::None;
    let request = ClientAuthentication::Request { authorities: Vec::new() };
    let require = ClientAuthentication::Require { authorities: Vec::new() };
    for (before, now, with_certificate, resumed) in [
        (&none, &none, false, true),
        (&none, &request, false, true),
        (&none, &require, false, false),
        (&request, &require, false, false),
        (&request, &require, true, true),
        (&require, &request, true, true),
        (&require, &none, true, false),
    ] {
        let made = |which: &ClientAuthentication| {
            let (mut client, server) =
                mutual_pair(KeySpec::EcP256, KeySpec::EcP256, |_| {}, |server| policy(server, which));
            if !with_certificate && which != now {
                client.credential = None;
            }
            (client, server)
        };
        let (mut client, mut server) = made(before);
        run(&mut client, &mut server, |_, _| {});
        let (ours, theirs) = (client.saved.unwrap(), server.saved.unwrap());
        let (mut client, mut server) = made(now);
        if now == &require {
            client.credential = Some(credential(KeySpec::EcP256).0);
        }
        (client.session, server.session) = (Some(ours), Some(theirs));
        assert_eq!(resumes((client, server)), resumed, "{before:?}, then {now:?}, {with_certificate}");
    }
}

#[test]
fn client_without_extensions_gets_a_hello_without_extensions() {
    let (_, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    let done = legacy::client(&mut server, &[], &old_extensions());
    assert!(done.finished && server.machine.is_established());
    let hello = ServerHello::decode_exact(&done.server_hello).unwrap();
    assert!(hello.extensions.is_none(), "a client without extensions gets no extension block");
    let summary = server.complete.as_ref().unwrap();
    assert!(
        !summary.tls12().unwrap().extended_master_secret && !summary.tls12().unwrap().secure_renegotiation
    );
    // RFC 7627 section 5.4: no exporters. Section 5.3: no resumption.
    let exported = server.machine.export_keying_material(b"EXPERIMENTAL", None, &mut [0; 8]);
    assert_eq!(exported, Err(Misuse::NoExtendedMasterSecret));
    assert!(hello.session_id.is_empty() && server.saved.is_none());

    // With the SCSV, the client supports secure renegotiation.
    let (_, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    let scsv = [CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV];
    let done = legacy::client(&mut server, &scsv, &old_extensions());
    assert!(done.finished && server.complete.as_ref().unwrap().tls12().unwrap().secure_renegotiation);
    assert_eq!(types(&done.server_hello), [X::RENEGOTIATION_INFO]);
}

#[test]
fn session_without_extended_master_secret_is_not_saved() {
    let mut policy = client_policy();
    policy.tls12.secure_renegotiation = cairn_handshake::Requirement::Offer;
    policy.tls12.renegotiation = cairn_handshake::Renegotiation::Allowed;
    let mut client = End::new(Machine::client(Arc::new(policy), Some("cairn.example".into()), None));
    let (own, public) = credential(KeySpec::EcP256);
    client.peer_key = Some(public);
    let done = legacy::server(&mut client, &own, SessionId::new(b"legacy").unwrap(), &[]);
    assert!(done.finished && client.machine.is_established(), "{:?}", client.log);
    assert!(client.saved.is_none());
    assert_eq!(client.complete.as_ref().unwrap().tls12().unwrap().session_id.as_bytes(), b"legacy");
    // RFC 5746 section 4.2: renegotiation with it is refused, whichever side requests it.
    let again = cairn_handshake::Input::Renegotiate { now: NOW };
    let asked = client.machine.step(again, &mut cairn_handshake::Flight::new());
    assert_eq!(asked.unwrap_err(), Misuse::NoSecureRenegotiation);
    client.out.clear();
    let epoch = client.machine.read_epoch();
    client.receive(&Wire::Handshake(epoch, vec![0, 0, 0, 0]));
    let refused = cairn_wire::Alert::warning(cairn_wire::AlertDescription::NO_RENEGOTIATION);
    assert_eq!(client.out.pop_front(), Some(Wire::Alert(refused)));
}

#[test]
fn sessions_without_extended_master_secret_are_not_resumed() {
    // RFC 7627 section 5.3. A client does not offer one.
    let (mut client, server) = resuming_pair(|_| {}, |_| {});
    tls12_mut(client.session.as_mut().unwrap()).extended_master_secret = false;
    assert!(!resumes((client, server)));
    // A server that supports the extension continues with a full handshake if the client sent it.
    let (client, mut server) = resuming_pair(|_| {}, |_| {});
    tls12_mut(server.session.as_mut().unwrap()).extended_master_secret = false;
    assert!(!resumes((client, server)));
    // The same for a client without the extension.
    let (mut client, mut server) = resuming_pair(|_| {}, |_| {});
    tls12_mut(server.session.as_mut().unwrap()).extended_master_secret = false;
    run(&mut client, &mut server, |_, wire| {
        client_hello(wire, |parts| parts.remove(X::EXTENDED_MASTER_SECRET));
    });
    assert!(server.log.iter().any(|line| line == "send certificate"), "{:?}", server.log);
}

#[test]
fn invalid_host_name_in_server_name_is_refused() {
    let long = vec![b'a'; 256];
    for (name, fits) in [
        (&b"cairn.example"[..], true),
        (&long[..255], true),
        (&long, false),
        (b"cairn example", false),
        (b"caf\xc3\xa9.example", false),
        (b"cairn.example\n", false),
    ] {
        let (_, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
        let names = [ServerName::host(name)];
        let mut extensions = old_extensions();
        extensions.push(ClientExtension::ServerName(List::from_items(&names)));
        if fits {
            assert!(legacy::client(&mut server, &[], &extensions).finished);
            assert_eq!(server.complete.unwrap().server_name.as_deref(), Some(name));
        } else {
            let hello = edit::encode(&ClientHello {
                client_version: ProtocolVersion::TLS_1_2,
                random: Random([0; 32]),
                session_id: SessionId::EMPTY,
                cipher_suites: List::from_items(&[CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]),
                compression_methods: List::from_items(&[CompressionMethod::NULL]),
                extensions: Some(Extensions::from_items(&extensions)),
            });
            server.start();
            server.receive(&Wire::Handshake(Epoch::tls12(0), hello));
            assert_eq!(server.kind(), Some(HandshakeErrorKind::BadServerName), "{name:?}");
        }
    }
}

#[test]
fn client_hello_follows_the_policy() {
    let mut policy = client_policy();
    policy.alpn_protocols = vec![b"h2".to_vec()];
    let mut client = End::new(Machine::client(Arc::new(policy), None, None));
    client.start();
    let Some(Wire::Handshake(_, bytes)) = client.out.pop_front() else { panic!("no hello") };
    let hello = ClientHello::decode_exact(&bytes[4..]).unwrap();
    assert_eq!(hello.client_version, ProtocolVersion::TLS_1_2);
    assert!(hello.session_id.is_empty());
    // RFC 5746 section 3.4: both the extension and the SCSV are not recommended.
    assert!(!hello.cipher_suites.contains(&CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV));
    let types: Vec<_> = hello.extensions.unwrap().types().collect();
    assert_eq!(
        types,
        [
            X::EXTENDED_MASTER_SECRET,
            X::RENEGOTIATION_INFO,
            X::SUPPORTED_GROUPS,
            X::STATUS_REQUEST,
            X::SIGNED_CERTIFICATE_TIMESTAMP,
            X::EC_POINT_FORMATS,
            X::APPLICATION_LAYER_PROTOCOL_NEGOTIATION,
            X::SIGNATURE_ALGORITHMS,
        ]
    );
}

#[test]
fn client_hello_has_the_same_extensions_when_resuming() {
    // The client cannot know whether the session will be resumed (RFC 5246 section 7.4.1.4).
    let session = support::sessions().0;
    let hello = |set: fn(&mut cairn_handshake::ClientPolicy), resuming: bool| {
        let (mut client, _) = pair(KeySpec::EcP256, set, |_| {});
        client.session = resuming.then(|| session.clone());
        client.start();
        body_of(&client.out.pop_front().unwrap(), HandshakeType::CLIENT_HELLO).unwrap()
    };
    let bodies = [false, true].map(|resuming| hello(|_| {}, resuming));
    let [new, resuming] = [0, 1].map(|i: usize| ClientHello::decode_exact(&bodies[i]).unwrap());
    assert_eq!(
        (new.session_id, resuming.session_id),
        (SessionId::EMPTY, *session.tls12().unwrap().session_id())
    );
    assert_eq!(resuming.extensions, new.extensions);
    let ours: Vec<_> = client_policy().tls12.suites.iter().map(|suite| suite.id).collect();
    for hello in [new, resuming] {
        assert!(hello.cipher_suites.iter().eq(ours.iter().copied()), "in the policy's order");
        assert!(hello.cipher_suites.contains(&session.suite().id()));
        assert!(hello.compression_methods.iter().eq([CompressionMethod::NULL]));
    }
    // A session is offered only together with its suite.
    let without = hello(|policy| policy.tls12.suites.retain(|suite| suite.id.0 != 0xc02b), true);
    assert_eq!(session.suite().id().0, 0xc02b);
    assert!(ClientHello::decode_exact(&without).unwrap().session_id.is_empty());
}

#[test]
fn every_hello_has_a_new_random() {
    let mut seen: Vec<Vec<u8>> = Vec::new();
    for resumed in [false, true, true] {
        let (mut client, mut server) =
            if resumed { resuming_pair(|_| {}, |_| {}) } else { pair(KeySpec::EcP256, |_| {}, |_| {}) };
        run(&mut client, &mut server, |_, wire| {
            // The first four bytes may be the time in old peers.
            client_hello(wire, |parts| seen.push(parts.hello.random.0[4..].to_vec()));
            server_hello(wire, |parts| seen.push(parts.hello.random.0[4..].to_vec()));
        });
        assert!(agree(&client, &server));
    }
    assert_eq!(seen.len(), 6);
    for (place, random) in seen.iter().enumerate() {
        assert!(!seen[..place].contains(random), "{place}");
        assert!(random.iter().any(|byte| *byte != random[0]));
    }
}
