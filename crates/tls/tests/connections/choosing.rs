//! A configuration chosen for one connection: by a server after the ClientHello, and by a client in advance.

use crate::support::{
    Kind, Pair, SetClock, client, client_identity, provider, roots, server, server_identity,
};
use cairn_tls::{
    Answer, ClientConfig, Connection, HandshakeErrorKind, Misuse, PeerProof, Question, QuestionId,
    ServerConfig, ServerName, session::ServerCache, wire::AlertDescription,
};
use std::sync::Arc;

/// A server configuration that asks for a configuration for each connection.
fn asking() -> ServerConfig {
    server(Kind::P256).alpn(["default"]).ask_for_configuration().build().unwrap()
}

fn alpn_client() -> ClientConfig {
    client().alpn(["other", "default"]).build().unwrap()
}

/// Runs the handshake up to the question.
fn to_the_question(client: &ClientConfig) -> (Pair, QuestionId) {
    let mut pair = Pair::new(client, &asking());
    pair.run();
    let id = pair.server.asked.take().unwrap();
    (pair, id)
}

#[test]
fn caller_gets_the_client_hello_and_may_keep_the_configuration() {
    let (mut pair, id) = to_the_question(&alpn_client());
    {
        let Some((_, Question::ChooseConfiguration(choose))) = pair.server.conn.question() else {
            panic!("another question");
        };
        assert_eq!(choose.server_name().as_deref(), Some(&b"server.test"[..]));
        let hello = choose.client_hello().unwrap();
        assert!(hello.cipher_suites.len() > 3 && !choose.client_hello_bytes().is_empty());
    }
    // Nothing has been sent to the client yet, and the answer may take any time.
    pair.run();
    assert!(pair.server.outbox.is_empty() && !pair.complete());
    pair.server.conn.answer(id, Answer::Configured, &mut pair.server.outbox).unwrap();
    pair.run();
    assert!(pair.complete());
    assert_eq!(pair.server.summary().alpn.as_deref(), Some(&b"default"[..]));
}

#[test]
fn malformed_client_hello_fails_before_the_question() {
    let mut hello = Vec::new();
    Connection::client(&alpn_client(), ServerName::parse("server.test").unwrap()).start(&mut hello).unwrap();
    // Without its last byte, the extensions are longer than the message.
    let record = hello.len() - 5;
    for (length, alert) in [(record, None), (record - 1, Some(AlertDescription::DECODE_ERROR))] {
        let mut server = Connection::server(&asking());
        server.start(&mut Vec::new()).unwrap();
        let mut input = hello[..5 + length].to_vec();
        input[3..5].copy_from_slice(&u16::try_from(length).unwrap().to_be_bytes());
        input[6..9].copy_from_slice(&u32::try_from(length - 4).unwrap().to_be_bytes()[1..]);
        let failed = server.receive(&mut input, &mut Vec::new()).err();
        assert_eq!(failed.and_then(|error| error.alert), alert);
        assert_eq!(server.question().is_some(), alert.is_none());
    }
}

#[test]
fn chosen_configuration_replaces_all_settings() {
    let identity = client_identity(Kind::P256);
    let chain: Vec<&[u8]> = identity.chain().collect();
    let client = client().alpn(["other", "default"]).credential(&chain, identity.signing_key().clone());
    let client = client.unwrap().build().unwrap();
    // Other protocols, another credential, a client certificate, another store.
    let store = Arc::new(ServerCache::new(4));
    let other = server(Kind::Ed25519)
        .alpn(["other"])
        .require_client_certificates(roots())
        .sessions(store.clone())
        .context_id(b"other")
        .build()
        .unwrap();
    for resumed in [false, true] {
        let (mut pair, id) = to_the_question(&client);
        pair.server.conn.set_server_config(&other).unwrap();
        pair.server.conn.answer(id, Answer::Configured, &mut pair.server.outbox).unwrap();
        pair.run();
        assert!(pair.complete(), "{} / {}", pair.client.fault(), pair.server.fault());
        let (ours, theirs) = (pair.client.summary(), pair.server.summary());
        assert_eq!(theirs.is_resumed(), resumed);
        assert_eq!(ours.alpn.as_deref(), Some(&b"other"[..]));
        let shown = ours.peer_chain.as_ref().unwrap().end_entity();
        assert_eq!(shown, Some(server_identity(Kind::Ed25519).certificate()));
        assert_eq!(theirs.security().peer, PeerProof::Certificate);
        assert_eq!(store.len(), 1);
        pair.client.write(b"question");
        pair.run();
        assert_eq!(pair.server.data, b"question");
    }
}

#[test]
fn chosen_configuration_can_refuse_the_client() {
    let (mut pair, id) = to_the_question(&alpn_client());
    let other = server(Kind::P256).alpn(["none of these"]).build().unwrap();
    pair.server.conn.set_server_config(&other).unwrap();
    pair.server.conn.answer(id, Answer::Configured, &mut pair.server.outbox).unwrap();
    pair.run();
    assert_eq!(
        pair.server.conn.reader().error().unwrap().alert,
        Some(AlertDescription::NO_APPLICATION_PROTOCOL)
    );
}

#[test]
fn unanswerable_question_ends_the_handshake_and_a_wrong_answer_changes_nothing() {
    let (mut pair, id) = to_the_question(&alpn_client());
    let wrong = pair.server.conn.answer(id, Answer::Credential(None), &mut pair.server.outbox);
    assert_eq!(wrong, Err(Misuse::WrongAnswer { question: "ChooseConfiguration" }));
    pair.server.conn.answer(id, Answer::Failed, &mut pair.server.outbox).unwrap();
    pair.run();
    let error = *pair.server.conn.reader().error().unwrap();
    let cairn_tls::ErrorKind::Handshake(handshake) = error.kind else { panic!("{error}") };
    assert_eq!(handshake.kind, HandshakeErrorKind::QuestionFailed);
    assert_eq!(error.alert, Some(AlertDescription::INTERNAL_ERROR));
    assert!(!pair.complete());
}

#[test]
fn configuration_can_only_be_set_during_its_question() {
    let other = server(Kind::Ed25519).build().unwrap();
    let mut early = Connection::server(&asking());
    assert_eq!(early.set_server_config(&other), Err(Misuse::NotComplete));
    let (mut pair, id) = to_the_question(&alpn_client());
    pair.server.conn.answer(id, Answer::Configured, &mut pair.server.outbox).unwrap();
    assert_eq!(pair.server.conn.set_server_config(&other), Err(Misuse::NotComplete));
    pair.run();
    assert!(pair.complete());
}

#[test]
fn client_configuration_can_be_changed_for_one_connection() {
    let server = server(Kind::P256).alpn(["one", "two"]).build().unwrap();
    let common = client().build().unwrap();
    let with_protocol = |name: &str| common.with_alpn([name]).unwrap();
    assert_eq!(Pair::ready(&common, &server).client.summary().alpn, None);
    let varied = Pair::ready(&with_protocol("two"), &server);
    assert_eq!(varied.client.summary().alpn.as_deref(), Some(&b"two"[..]));
    // Everything else is shared with the original configuration, including its sessions.
    assert!(varied.client.summary().is_resumed());
    assert!(common.with_alpn([""]).is_err());

    assert!(!Pair::ready(&common.with_full_handshakes(), &server).client.summary().is_resumed());
    assert!(Pair::ready(&common, &server).client.summary().is_resumed());

    // The caller and the roots verify differently, so the sessions are separate.
    let asks = common.with_verification_asked().unwrap();
    let name = || ServerName::parse("server.test").unwrap();
    let mut pair = Pair::of(Connection::client(&asks, name()), Connection::server(&server));
    pair.run();
    let id = pair.client.asked.take().unwrap();
    assert!(matches!(pair.client.conn.question(), Some((_, Question::VerifyPeer(_)))));
    let refused = Answer::PeerRejected { alert: AlertDescription::CERTIFICATE_REVOKED };
    pair.client.conn.answer(id, refused, &mut pair.client.outbox).unwrap();
    pair.run();
    assert!(!pair.complete());
    let careless = crate::support::tls12_client(provider().clone()).danger_accept_any_certificate();
    let careless = careless.clock(SetClock::new()).build().unwrap().with_verification_asked().unwrap();
    let mut pair = Pair::new(&careless, &server);
    pair.run();
    assert!(pair.client.asked.is_some());
}
