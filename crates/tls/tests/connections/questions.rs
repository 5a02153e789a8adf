//! Questions that the caller answers: late, wrongly, or not at all.

use crate::support::{
    End, KINDS, Kind, LATER, Pair, SetClock, authority, client, client_identity, line, provider, roots,
    server, server_identity,
};
use cairn_tls::{
    Answer, CertificateChain, ClientAuthentication, ClientConfig, Credential, HandshakeErrorKind, Misuse,
    Notice, PeerKey, Progress, Question, QuestionId, ServerConfig, Session, SessionAnswer, Side, UnixTime,
    credential_elsewhere,
    wire::{AlertDescription, SignatureScheme},
    x509::{CertificateFacts, KeyUsage, issue::Template},
};
use std::{
    sync::{Arc, mpsc},
    thread,
};

/// A credential with a remote key.
fn keyless(identity: &cairn_tls::x509::issue::Identity) -> Arc<Credential> {
    let chain: Vec<&[u8]> = identity.chain().collect();
    let credential = Credential::new(CertificateChain::new(&chain).unwrap(), identity.signing_key().clone());
    Arc::new(Credential { key: None, ..credential })
}

fn asks_for_everything() -> (ClientConfig, ServerConfig) {
    let client = crate::support::tls12_client(provider().clone())
        .ask_for_verification()
        .ask_for_credentials()
        .ask_for_sessions()
        .clock(SetClock::new())
        .build()
        .unwrap();
    let server = crate::support::tls12_server(provider().clone())
        .ask_for_credentials()
        .ask_for_sessions()
        .context_id(b"test")
        .ask_for_client_verification(ClientAuthentication::Require { authorities: vec![] })
        .clock(SetClock::new())
        .build()
        .unwrap();
    (client, server)
}

/// The correct answer to a question.
fn right(question: &Question<'_>, session: Option<&Arc<Session>>) -> Answer {
    match question {
        Question::FindSession(_) => Answer::Session(SessionAnswer {
            session: session.cloned(),
            now: UnixTime::from_secs(crate::support::NOW),
        }),
        Question::ChooseServerCredential(choose) => {
            assert_eq!(choose.server_name(), Some(&b"server.test"[..]));
            assert!(choose.client_hello().unwrap().cipher_suites.len() > 3);
            let credential = keyless(server_identity(Kind::P256));
            assert!(choose.suits(&credential));
            Answer::Credential(Some(credential))
        }
        Question::ChooseClientCredential(choose) => {
            let credential = keyless(client_identity(Kind::Ed25519));
            assert!(choose.suits(&credential));
            Answer::Credential(Some(credential))
        }
        Question::Sign(sign) => {
            let key = [server_identity(Kind::P256), client_identity(Kind::Ed25519)]
                .into_iter()
                .find(|identity| Some(identity.certificate()) == sign.credential.chain.end_entity())
                .unwrap()
                .signing_key();
            Answer::Signature(key.sign(sign.scheme, sign.message, &mut provider().rng()).unwrap())
        }
        Question::VerifyPeer(peer) => {
            let facts = CertificateFacts::from_der(peer.chain.end_entity().unwrap()).unwrap();
            let public_key = facts.public_key.unwrap();
            Answer::PeerVerified(
                PeerKey { public_key, may_sign: true, may_encrypt: true, only_scheme: None }.into(),
            )
        }
        other => panic!("{other:?}"),
    }
}

/// Runs until neither side has output, and passes each question to `answer`.
fn run(pair: &mut Pair, mut answer: impl FnMut(&mut End, QuestionId)) {
    loop {
        pair.run();
        let ends = [&mut pair.client, &mut pair.server];
        let mut asked = false;
        for end in ends {
            // A client's first question comes before there is anything to receive.
            end.take(b"");
            if let Some(id) = end.asked.take() {
                answer(end, id);
                end.take(b"");
                asked = true;
            }
        }
        if !asked && pair.client.outbox.is_empty() && pair.server.outbox.is_empty() {
            return;
        }
    }
}

/// Answers a question of an end.
fn answer(end: &mut End, id: QuestionId, answer: Answer) {
    end.conn.answer(id, answer, &mut end.outbox).unwrap();
}

#[test]
fn every_question_can_be_answered_late() {
    let (client, server) = asks_for_everything();
    let mut sessions: [Option<Arc<Session>>; 2] = [None, None];
    for resumed in [false, true] {
        let mut asked = Vec::new();
        let mut pair = Pair::new(&client, &server);
        run(&mut pair, |end, id| {
            let side = end.conn.reader().side();
            let (pending, question) = end.conn.question().unwrap();
            assert_eq!(pending, id);
            asked.push(format!("{side:?} {}", question.name()));
            let right = right(&question, sessions[side as usize].as_ref());

            // While the question is pending, nothing is read and nothing is lost.
            let mut record = b"\x15\x03\x03\x00\x02\x02\x28".to_vec();
            let received = end.conn.receive(&mut record, &mut end.outbox).unwrap();
            assert_eq!((received.consumed, received.progress), (0, Progress::Question(id)));
            // An answer of another kind is refused.
            let wrong = match right {
                Answer::Signature(_) => Answer::Credential(None),
                _ => Answer::Signature(vec![]),
            };
            let refused = end.conn.answer(id, wrong, &mut end.outbox);
            assert!(matches!(refused, Err(Misuse::WrongAnswer { .. })), "{refused:?}");
            answer(end, id, right);
            let stale = end.conn.answer(id, Answer::Failed, &mut end.outbox);
            assert_eq!(stale, Err(Misuse::StaleAnswer));
        });
        assert!(pair.complete(), "{} / {}", pair.client.fault(), pair.server.fault());
        assert_eq!(pair.client.summary().is_resumed(), resumed);
        let expected: &[&str] = if resumed {
            &["Client FindSession", "Server FindSession"]
        } else {
            &[
                "Client FindSession",
                "Server ChooseServerCredential",
                "Server Sign",
                "Client VerifyPeer",
                "Client ChooseClientCredential",
                "Client Sign",
                "Server VerifyPeer",
            ]
        };
        assert_eq!(asked, expected);

        pair.client.write(b"data");
        pair.run();
        assert_eq!(pair.server.data, b"data");
        for (place, end) in [&mut pair.client, &mut pair.server].into_iter().enumerate() {
            let notice = end.conn.reader_mut().next_notice();
            match notice {
                Some(Notice::SaveSession(session)) if !resumed => sessions[place] = Some(session),
                None if resumed => {}
                other => panic!("{other:?}"),
            }
            assert!(end.conn.reader_mut().next_notice().is_none());
        }
        if resumed {
            // An error: the session store must remove this session.
            pair.client.write(b"data");
            *pair.client.outbox.last_mut().unwrap() ^= 1;
            pair.run();
            for end in [&mut pair.client, &mut pair.server] {
                let notice = end.conn.reader_mut().next_notice();
                let id = *sessions[0].as_ref().unwrap().tls12().unwrap().session_id();
                assert!(
                    matches!(notice, Some(Notice::ForgetSession(forgotten)) if forgotten == id),
                    "{notice:?}"
                );
            }
        }
    }
}

#[test]
fn every_question_that_cannot_be_answered_ends_the_handshake() {
    let (client, server) = asks_for_everything();
    for number in 0..7 {
        let mut pair = Pair::new(&client, &server);
        let mut asked = 0;
        let mut which = None;
        run(&mut pair, |end, id| {
            let (_, question) = end.conn.question().unwrap();
            let right = right(&question, None);
            if asked == number {
                which = Some(end.conn.reader().side());
                answer(end, id, Answer::Failed);
            } else {
                answer(end, id, right);
            }
            asked += 1;
        });
        let (failed, other) = match which.unwrap() {
            Side::Client => (&pair.client, &pair.server),
            Side::Server => (&pair.server, &pair.client),
        };
        let error = failed.error.unwrap();
        let cairn_tls::ErrorKind::Handshake(kind) = error.kind else { panic!("{error}") };
        assert_eq!(kind.kind, HandshakeErrorKind::QuestionFailed);
        assert_eq!(error.alert, Some(AlertDescription::INTERNAL_ERROR));
        assert!(failed.conn.question().is_none());
        assert!(
            line(&other.error.unwrap()).contains("PeerAlert(internal_error)"),
            "{number}: {}",
            other.fault()
        );
    }
}

#[test]
fn caller_can_verify_the_chain() {
    let builder =
        crate::support::tls12_client(provider().clone()).ask_for_verification().clock(SetClock::new());
    let mut pair = Pair::new(&builder.build().unwrap(), &server(Kind::P256).build().unwrap());
    run(&mut pair, |end, id| {
        answer(end, id, Answer::PeerRejected { alert: AlertDescription::CERTIFICATE_REVOKED });
    });
    assert!(pair.client.fault().contains("PeerRejected(certificate_revoked)"), "{}", pair.client.fault());
    assert!(pair.server.fault().contains("PeerAlert(certificate_revoked)"), "{}", pair.server.fault());
}

#[test]
fn missing_credential_is_an_error_for_servers_only() {
    // A client without a credential continues without one; a server cannot.
    let client = client().ask_for_credentials().build().unwrap();
    let mut pair =
        Pair::new(&client, &server(Kind::P256).request_client_certificates(roots()).build().unwrap());
    run(&mut pair, |end, id| answer(end, id, Answer::Credential(None)));
    assert!(pair.complete());
    let server = crate::support::tls12_server(provider().clone()).ask_for_credentials().build().unwrap();
    let mut pair = Pair::new(&client, &server);
    run(&mut pair, |end, id| answer(end, id, Answer::Credential(None)));
    assert!(pair.server.fault().contains("handshake_failure"), "{}", pair.server.fault());
    // A credential that fits neither the client's suites nor its groups.
    let mut pair =
        Pair::new(&self::client().groups(&[cairn_tls::wire::NamedGroup::X25519]).build().unwrap(), &server);
    run(&mut pair, |end, id| {
        answer(end, id, Answer::Credential(Some(keyless(server_identity(Kind::P521)))));
    });
    assert!(pair.server.fault().contains("NoSharedCipherSuite"), "{}", pair.server.fault());
}

#[test]
fn wrong_signature_is_detected_by_the_peer() {
    let server = crate::support::tls12_server(provider().clone()).clock(SetClock::new());
    let server = server.credential_value(keyless(server_identity(Kind::P256))).unwrap().build().unwrap();
    let mut pair = Pair::new(&client().build().unwrap(), &server);
    run(&mut pair, |end, id| answer(end, id, Answer::Signature(vec![0x30, 0])));
    assert!(pair.client.fault().contains("BadSignature"), "{}", pair.client.fault());
}

#[test]
fn transport_end_during_a_question_is_a_truncation() {
    let (_, server) = asks_for_everything();
    let mut pair = Pair::new(&client().build().unwrap(), &server);
    pair.run();
    let id = pair.server.asked.unwrap();
    assert!(pair.server.conn.transport_ended().unwrap_err().is_truncation());
    assert!(pair.server.conn.question().is_none());
    let late = pair.server.conn.answer(id, Answer::Credential(None), &mut pair.server.outbox);
    assert!(matches!(late, Err(Misuse::Failed(_))), "{late:?}");
    assert!(pair.server.outbox.is_empty());
}

/// A key that signs in a separate thread for many connections of another thread, which do not wait for each
/// other.
#[test]
fn handshake_completes_with_a_remote_key() {
    type Job = (usize, QuestionId, SignatureScheme, Vec<u8>);
    let (jobs, to_do) = mpsc::channel::<Job>();
    let (done, signatures) = mpsc::channel();
    let signer = thread::spawn(move || {
        // It waits for all questions and answers the last one first.
        let jobs: Vec<Job> = to_do.iter().take(5).collect();
        for (which, id, scheme, message) in jobs.into_iter().rev() {
            let key = server_identity(Kind::P256).signing_key();
            done.send((which, id, key.sign(scheme, &message, &mut provider().rng()).unwrap())).unwrap();
        }
    });
    let server = crate::support::tls12_server(provider().clone()).clock(SetClock::new());
    let server = server.credential_value(keyless(server_identity(Kind::P256))).unwrap().build().unwrap();
    let client = client().no_resumption().build().unwrap();
    let mut pairs: Vec<Pair> = (0..5).map(|_| Pair::new(&client, &server)).collect();
    for (which, pair) in pairs.iter_mut().enumerate() {
        pair.run();
        let (id, question) = pair.server.conn.question().unwrap();
        let Question::Sign(sign) = question else { panic!("{question:?}") };
        jobs.send((which, id, sign.scheme, sign.message.to_vec())).unwrap();
    }
    // A connection with a local key continues in the meantime.
    let mut own = Pair::ready(&client, &self::server(Kind::P256).build().unwrap());
    own.client.write(b"meanwhile");
    own.run();
    assert_eq!(own.server.data, b"meanwhile");
    for (which, id, signature) in signatures {
        let pair = &mut pairs[which];
        answer(&mut pair.server, id, Answer::Signature(signature));
        pair.run();
        assert!(pair.complete(), "{}", pair.client.fault());
    }
    assert!(pairs.iter().all(Pair::complete));
    signer.join().unwrap();
}

#[test]
fn owned_question_can_be_answered_in_another_thread() {
    let (client, server) = asks_for_everything();
    let mut pair = Pair::new(&client, &server);
    let mut asked = Vec::new();
    run(&mut pair, |end, id| {
        let question = end.conn.question().unwrap().1;
        let shown = format!("{question:?}");
        let owned = question.into_owned();
        assert_eq!(format!("{:?}", owned.as_question()), shown);
        asked.push(owned.as_question().name());
        let right = thread::spawn(move || right(&owned.as_question(), None)).join().unwrap();
        answer(end, id, right);
    });
    assert!(pair.complete(), "{} / {}", pair.client.fault(), pair.server.fault());
    for name in ["FindSession", "ChooseServerCredential", "ChooseClientCredential", "Sign", "VerifyPeer"] {
        assert!(asked.contains(&name), "{name} was not asked");
    }
}

#[test]
fn schemes_of_a_remote_key_follow_from_its_certificate() {
    for kind in KINDS {
        let identity = server_identity(kind);
        let chain: Vec<&[u8]> = identity.chain().collect();
        let credential = credential_elsewhere(CertificateChain::new(&chain).unwrap()).unwrap();
        let key = identity.signing_key();
        assert_eq!(credential.key_kind, kind.key_kind());
        assert!(credential.key.is_none() && !credential.may_decrypt);
        assert!(!credential.schemes.is_empty(), "{kind:?}");
        assert!(credential.schemes.iter().all(|scheme| key.schemes().contains(scheme)), "{kind:?}");
        assert_eq!(credential.modulus_bits.is_some(), kind == Kind::Rsa);

        let raw = cairn_tls::x509::raw_key::encode(key.public_key()).unwrap();
        let raw = credential_elsewhere(CertificateChain::raw_public_key(&raw).unwrap()).unwrap();
        assert_eq!((raw.key_kind, raw.schemes), (credential.key_kind, credential.schemes));

        let server = crate::support::tls12_server(provider().clone()).clock(SetClock::new());
        let server = server.credential_elsewhere(&chain).unwrap().build().unwrap();
        let mut pair = Pair::new(&client().build().unwrap(), &server);
        run(&mut pair, |end, id| {
            let Some((_, Question::Sign(sign))) = end.conn.question() else { panic!("another question") };
            let signature = key.sign(sign.scheme, sign.message, &mut provider().rng()).unwrap();
            answer(end, id, Answer::Signature(signature));
        });
        assert!(pair.complete(), "{kind:?}: {} / {}", pair.client.fault(), pair.server.fault());
        let shown = pair.client.summary().peer_certificate().unwrap().to_vec();
        assert_eq!(shown, identity.certificate());
    }
    assert!(credential_elsewhere(CertificateChain::new(&[b"no certificate"]).unwrap()).is_err());
}

#[test]
fn remote_key_has_no_schemes_if_key_usage_forbids_signatures() {
    let usage = KeyUsage { key_encipherment: true, ..KeyUsage::NONE };
    let template = Template::server("server").dns("server.test").valid(0, LATER).key_usage(Some(usage));
    let identity = template.issue(provider(), Kind::P256.spec(), authority()).unwrap();
    let chain: Vec<&[u8]> = identity.chain().collect();
    let credential = credential_elsewhere(CertificateChain::new(&chain).unwrap()).unwrap();
    assert!(credential.schemes.is_empty());
}

#[test]
fn rsassa_pss_key_with_parameters_has_one_scheme() {
    let file = include_bytes!("../../../x509/tests/fixtures/leaf-of-pss.pem");
    let certificates = cairn_tls::x509::pem::certificates(file).unwrap();
    let chain: Vec<&[u8]> = certificates.iter().map(Vec::as_slice).collect();
    let credential = credential_elsewhere(CertificateChain::new(&chain).unwrap()).unwrap();
    assert_eq!(credential.schemes, [SignatureScheme::RSA_PSS_PSS_SHA256]);
}

#[test]
fn messages_after_a_question_are_retained_in_any_fragmentation() {
    // The question is about the client's certificate. ClientKeyExchange and CertificateVerify arrive in the
    // same record or in others, followed by ChangeCipherSpec.
    let (client, server) = asks_for_everything();
    for pieces in [1, 7, 64, usize::MAX] {
        let mut pair = Pair::new(&client, &server);
        for _ in 0..20 {
            pair.run_in_pieces(pieces);
            for end in [&mut pair.client, &mut pair.server] {
                end.take(b"");
                if let Some(id) = end.asked.take() {
                    let right = right(&end.conn.question().unwrap().1, None);
                    answer(end, id, right);
                    end.take(b"");
                }
            }
        }
        assert!(pair.complete(), "{pieces}: {} / {}", pair.client.fault(), pair.server.fault());
        assert_eq!(
            pair.server.summary().peer_chain.as_ref().unwrap().end_entity(),
            Some(client_identity(Kind::Ed25519).certificate())
        );
    }
}
