//! A configuration tells which questions it leaves to its caller.

use crate::support::{Kind, client, server, server_identity};

#[test]
fn configuration_that_answers_all_questions_asks_nothing() {
    assert!(client().build().unwrap().asks().is_empty());
    assert!(server(Kind::P256).build().unwrap().asks().is_empty());
}

#[test]
fn each_question_for_the_caller_is_named() {
    let none =
        || cairn_config::ClientConfig::builder().clock(std::sync::Arc::new(crate::support::FixedClock));
    let chain: Vec<&[u8]> = server_identity(Kind::P256).chain().collect();
    assert_eq!(none().ask_for_verification().build().unwrap().asks(), ["ask_for_verification"]);
    assert_eq!(client().ask_for_credentials().build().unwrap().asks(), ["ask_for_credentials"]);
    assert_eq!(client().ask_for_sessions().build().unwrap().asks(), ["ask_for_sessions"]);
    let elsewhere = client().credential_elsewhere(&chain).unwrap().build().unwrap();
    assert_eq!(elsewhere.asks(), ["credential_elsewhere"]);

    let server = || server(Kind::P256);
    assert_eq!(server().ask_for_configuration().build().unwrap().asks(), ["ask_for_configuration"]);
    assert_eq!(server().ask_for_sessions().build().unwrap().asks(), ["ask_for_sessions"]);
    assert_eq!(server().ask_for_tickets().build().unwrap().asks(), ["ask_for_tickets"]);
    assert_eq!(server().ask_for_external_psks().build().unwrap().asks(), ["ask_for_external_psks"]);
    let elsewhere = server().credential_elsewhere(&chain).unwrap().build().unwrap();
    assert_eq!(elsewhere.asks(), ["credential_elsewhere"]);
    let none =
        || cairn_config::ServerConfig::builder().clock(std::sync::Arc::new(crate::support::FixedClock));
    assert_eq!(none().ask_for_credentials().build().unwrap().asks(), ["ask_for_credentials"]);
    let verifying = server().ask_for_client_verification(cairn_handshake::ClientAuthentication::Request {
        authorities: Vec::new(),
    });
    assert_eq!(verifying.build().unwrap().asks(), ["ask_for_client_verification"]);
}
