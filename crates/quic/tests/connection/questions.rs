//! Questions that the caller answers, late.

use crate::pair::{Pair, client, identity, server};
use cairn_quic::{
    ConfigError, ConfigNotSet, ErrorKind, Level, ServerConfig, Versions, default_provider,
    handshake::{Answer, Misuse, PeerKey, Question},
    x509::CertificateFacts,
};
use cairn_wire::AlertDescription;

/// A pair whose client asks which certificate it trusts, and has the whole flight of the server.
fn asking() -> Pair {
    let config = cairn_quic::ClientConfig::builder().ask_for_verification().alpn(["h3"]).build().unwrap();
    let mut pair = Pair::new(&config, &server().build().unwrap());
    pair.start();
    pair.run().unwrap();
    let (_, question) = pair.client.connection.question().unwrap();
    assert_eq!(question.name(), "VerifyPeer");
    pair
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
    let (id, question) = pair.client.connection.question().expect("a wrong answer changes nothing");
    let Question::VerifyPeer(peer) = question else { panic!("{question:?}") };
    let facts = CertificateFacts::from_der(peer.chain.end_entity().unwrap()).unwrap();
    let public_key = facts.public_key.unwrap();
    let key = PeerKey { public_key, may_sign: true, may_encrypt: true, only_scheme: None };
    pair.client.connection.answer(id, Answer::PeerVerified(key.into())).unwrap();
    pair.client.take_events();
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
    for sent in 0..64 {
        assert_eq!(pair.client.read(Level::Handshake, &[0; 1024]), Ok(()), "{sent} KiB");
    }
    let error = pair.client.read(Level::Handshake, &[0]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::BufferExceeded { limit: 65_536 });
    assert_eq!(error.code(), 0x0d);
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
