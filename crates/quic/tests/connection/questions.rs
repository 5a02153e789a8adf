//! Questions that the caller answers, late.

use crate::pair::{Pair, client, identity, server};
use cairn_quic::{
    ClientConfig, ClientConfigBuilder, ConfigError, ConfigNotSet, ErrorKind, Level, ServerConfig, Versions,
    default_provider,
    handshake::{Answer, Misuse, PeerKey, Question},
    x509::CertificateFacts,
};
use cairn_wire::AlertDescription;

fn asking_config() -> ClientConfigBuilder {
    ClientConfig::builder().ask_for_verification().alpn(["h3"])
}

/// A pair whose client asks which certificate it trusts, and has the whole flight of the server.
fn asking() -> Pair {
    asking_with(&asking_config().build().unwrap(), &server().build().unwrap())
}

fn asking_with(client: &ClientConfig, server: &ServerConfig) -> Pair {
    let mut pair = Pair::new(client, server);
    pair.start();
    pair.run().unwrap();
    let (_, question) = pair.client.connection.question().unwrap();
    assert_eq!(question.name(), "VerifyPeer");
    pair
}

/// The client trusts the server's certificate.
fn trust(pair: &mut Pair) {
    let (id, question) = pair.client.connection.question().unwrap();
    let Question::VerifyPeer(peer) = question else { panic!("{question:?}") };
    let facts = CertificateFacts::from_der(peer.chain.end_entity().unwrap()).unwrap();
    let public_key = facts.public_key.unwrap();
    let key = PeerKey { public_key, may_sign: true, may_encrypt: true, only_scheme: None };
    pair.client.connection.answer(id, Answer::PeerVerified(key.into())).unwrap();
    pair.client.take_events();
}

/// A server whose key is in another process.
#[test]
fn signature_comes_later() {
    let chain: Vec<&[u8]> = identity().chain().collect();
    let config = ServerConfig::builder().credential_elsewhere(&chain).unwrap().alpn(["h3"]).build().unwrap();
    let mut pair = Pair::new(&client().build().unwrap(), &config);
    pair.start();
    pair.run().unwrap();
    let (id, question) = pair.server.connection.question().unwrap();
    let Question::Sign(sign) = question else { panic!("{question:?}") };
    let signature = identity().signing_key().sign(sign.scheme, sign.message, &mut default_provider().rng());
    pair.server.connection.answer(id, Answer::Signature(signature.unwrap())).unwrap();
    pair.server.take_events();
    pair.run().unwrap();
    pair.check();
}

/// The bytes after the message that leads to the question are processed after the answer.
#[test]
fn bytes_wait_for_an_answer() {
    let mut pair = asking();
    let (id, _) = pair.client.connection.question().unwrap();
    let wrong = pair.client.connection.answer(id, Answer::Configured);
    assert_eq!(wrong, Err(Misuse::WrongAnswer { question: "VerifyPeer" }));
    // The question is still pending.
    trust(&mut pair);
    pair.run().unwrap();
    pair.check();
}

#[test]
fn refused_certificate_ends_the_connection() {
    let mut pair = asking();
    let (id, _) = pair.client.connection.question().unwrap();
    let rejected = Answer::PeerRejected { alert: AlertDescription::UNKNOWN_CA };
    pair.client.connection.answer(id, rejected).unwrap();
    let error = pair.client.connection.error().unwrap();
    assert_eq!((error.code(), error.alert()), (0x0130, Some(AlertDescription::UNKNOWN_CA)));
    assert_eq!(pair.client.read(Level::Handshake, &[0]), Err(error));
}

#[test]
fn bytes_that_wait_are_limited() {
    let mut pair = asking();
    // The rest of the server's flight waits too.
    for sent in 0..63 {
        assert_eq!(pair.client.read(Level::Handshake, &[0; 1024]), Ok(()), "{sent} KiB");
    }
    let error = pair.client.read(Level::Handshake, &[0; 1024]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::BufferExceeded { limit: 65_536 });
    assert_eq!(error.code(), 0x0d);
    assert!(pair.client.connection.question().is_none());
}

/// RFC 9001 section 4.1.3: the bytes are not held back until the next question is answered.
#[test]
fn bytes_left_when_a_level_ends_are_a_violation_although_a_question_is_pending() {
    let client = asking_config().ask_for_credentials().build().unwrap();
    let server = server().require_client_certificates(crate::pair::roots()).build().unwrap();
    for left in [0, 1, 60_000] {
        let mut pair = asking_with(&client, &server);
        pair.client.read(Level::Handshake, &vec![0; left]).unwrap();
        // Finished of the server follows: it ends the level, and asks for a certificate.
        trust(&mut pair);
        let asked = pair.client.connection.question().map(|(_, question)| question.name());
        let expected = (left > 0).then_some(ErrorKind::NotConsumed { level: Level::Handshake });
        assert_eq!(pair.client.connection.error().map(|error| error.kind), expected, "{left}");
        assert_eq!(asked, (left == 0).then_some("ChooseClientCredential"));
    }
}

#[test]
fn bytes_that_come_with_the_question_are_limited() {
    let mut pair = Pair::new(&asking_config().build().unwrap(), &server().build().unwrap());
    pair.start();
    let error = loop {
        let passed = pair.pass(&mut |from_client, level, bytes| {
            if !from_client && level == Level::Handshake {
                bytes.extend([0; 65_536]);
            }
        });
        match passed {
            Ok(more) => assert!(more, "the bytes are stored"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind, ErrorKind::BufferExceeded { limit: 65_536 });
    assert!(pair.client.connection.question().is_none());
}

/// A server with one configuration for each name of its clients.
#[test]
fn configuration_is_chosen_late_and_must_suit_quic() {
    let asking = server().ask_for_configuration().build().unwrap();
    let mut pair = Pair::new(&client().alpn(["h3", "other"]).build().unwrap(), &asking);
    let other = server().alpn(["other"]).build().unwrap();
    let early = pair.server.connection.set_server_config(&other);
    assert!(matches!(early, Err(ConfigNotSet::Misuse(Misuse::NotComplete))), "{early:?}");
    pair.start();
    pair.run().unwrap();
    let (id, question) = pair.server.connection.question().unwrap();
    assert_eq!(question.name(), "ChooseConfiguration");

    let of_tls12 = server().versions(Versions::Tls12).build().unwrap();
    let refused = pair.server.connection.set_server_config(&of_tls12);
    assert!(matches!(refused, Err(ConfigNotSet::Config(ConfigError::QuicWithoutTls13))), "{refused:?}");
    let without_protocol = server().alpn::<&str>([]).build().unwrap();
    let refused = pair.server.connection.set_server_config(&without_protocol);
    assert!(matches!(refused, Err(ConfigNotSet::Config(ConfigError::QuicWithoutProtocol))), "{refused:?}");

    pair.server.connection.set_server_config(&other).unwrap();
    pair.server.connection.answer(id, Answer::Configured).unwrap();
    pair.server.take_events();
    pair.run().unwrap();
    assert_eq!(pair.client.connection.summary().unwrap().alpn.as_deref(), Some(&b"other"[..]));
}
