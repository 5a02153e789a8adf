//! Answers that come later.

use super::support::{builders, connect, identity, localhost, tcp, try_connect};
use cairn_tokio::{
    Answerer, Reply, TlsAcceptor, TlsConnector, Unanswered,
    tls::{
        Answer, ClientConfig, Notice, Question, ServerConfig, Versions, x509::Roots, x509::issue::Identity,
    },
};
use core::time::Duration;
use std::{
    io,
    sync::{Arc, Mutex},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Signs a second late.
struct Late(Identity);

impl Answerer for Late {
    fn answer(&self, question: &Question<'_>) -> Reply {
        let Question::Sign(sign) = question else { return Reply::Declined };
        let provider = cairn_tokio::tls::default_provider();
        let signature = self.0.signing_key().sign(sign.scheme, sign.message, &mut provider.rng());
        Reply::later(async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok(Answer::Signature(signature.map_err(|error| error.to_string())?))
        })
    }
}

/// Has no answer.
struct Broken;

impl Answerer for Broken {
    fn answer(&self, question: &Question<'_>) -> Reply {
        match question {
            Question::Sign(_) => Reply::failed("the HSM is gone"),
            _ => Reply::Declined,
        }
    }
}

/// Never answers.
struct Silent;

impl Answerer for Silent {
    fn answer(&self, _: &Question<'_>) -> Reply {
        Reply::later(core::future::pending::<Result<Answer, _>>())
    }
}

/// A server whose key is elsewhere, and a client that trusts it.
fn remote() -> (TlsConnector, TlsAcceptor, Identity) {
    let identity = identity();
    let mut roots = Roots::new();
    roots.add_der(identity.certificate()).unwrap();
    let chain: Vec<&[u8]> = identity.chain().collect();
    let server = ServerConfig::builder().credential_elsewhere(&chain).unwrap().build().unwrap();
    let client = ClientConfig::builder().trust(roots).build().unwrap();
    (TlsConnector::new(client), TlsAcceptor::new(server), identity)
}

#[tokio::test(start_paused = true)]
async fn a_signature_may_come_late() {
    let (client, server, identity) = remote();
    let ends = (client, server.answerer(Late(identity)));
    let begun = tokio::time::Instant::now();
    let (mut client, mut server) = connect(&ends, tokio::io::duplex(100_000)).await;
    assert_eq!(begun.elapsed(), Duration::from_secs(1));
    server.write_all(b"signed").await.unwrap();
    let mut signed = [0; 6];
    client.read_exact(&mut signed).await.unwrap();
}

#[tokio::test]
async fn a_question_without_an_answer_says_why() {
    let (client, server, _) = remote();
    let ends = (client, server);
    let (failed, _) = try_connect(&ends, tcp().await).await;
    failed.unwrap_err();
    let (_, failed) = try_connect(&ends, tcp().await).await;
    let words = "the question Sign was not answered: no answerer is set that answers it";
    assert_eq!(failed.unwrap_err().to_string(), words);
    let ends = (ends.0, ends.1.answerer(Broken));
    let (_, failed) = try_connect(&ends, tcp().await).await;
    let error = failed.unwrap_err().error;
    assert_eq!(error.to_string(), "the question Sign was not answered: the HSM is gone");
    assert!(error.get_ref().unwrap().is::<Unanswered>());
}

#[tokio::test(start_paused = true)]
async fn an_answer_has_a_time_limit() {
    let (client, server, _) = remote();
    let ends = (client, server.answerer(Silent).answer_timeout(Some(Duration::from_secs(2))));
    let (client, server) = try_connect(&ends, tokio::io::duplex(100_000)).await;
    let words = "the question Sign was not answered: there was no answer within 2s";
    assert_eq!(server.unwrap_err().to_string(), words);
    client.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_is_late_names_its_question() {
    let (client, server, _) = remote();
    let server = server.answerer(Silent).answer_timeout(None);
    let (failed, client) = {
        let (a, b) = tokio::io::duplex(100_000);
        tokio::join!(server.accept(a), client.connect(localhost(), b))
    };
    let words = "the handshake was not complete within 30s: it waits for an answer to the question Sign";
    assert_eq!(failed.unwrap_err().to_string(), words);
    assert_eq!(client.unwrap_err().error.kind(), io::ErrorKind::TimedOut);
}

/// Chooses a configuration by name.
struct ByName(ServerConfig);

impl Answerer for ByName {
    fn answer(&self, question: &Question<'_>) -> Reply {
        match question {
            Question::ChooseConfiguration(_) => {
                let config = self.0.clone();
                Reply::later(async move { Ok(config) })
            }
            _ => Reply::Declined,
        }
    }
}

#[tokio::test]
async fn a_configuration_may_come_later_and_answerers_are_combined() {
    let (client, server, identity) = remote();
    drop(server);
    let chain: Vec<&[u8]> = identity.chain().collect();
    let chosen = ServerConfig::builder().credential_elsewhere(&chain).unwrap().build().unwrap();
    let (_, other) = builders(Versions::Both);
    let first = other.ask_for_configuration().build().unwrap();
    tokio::time::pause();
    let ends = (client, TlsAcceptor::new(first).answerer(ByName(chosen).or(Late(identity))));
    connect(&ends, tokio::io::duplex(100_000)).await;
}

/// A store of sessions in memory, as a fleet has one elsewhere.
#[derive(Clone, Default)]
struct Store(Arc<Mutex<Vec<Arc<cairn_tokio::tls::Session>>>>);

impl Answerer for Store {
    fn answer(&self, question: &Question<'_>) -> Reply {
        let Question::FindSession(_) = question else { return Reply::Declined };
        let store = self.clone();
        Reply::later(async move {
            tokio::task::yield_now().await;
            let session = store.0.lock().unwrap().pop();
            let now = cairn_tokio::tls::UnixTime::from_secs(now());
            Ok(Answer::Session(cairn_tokio::tls::SessionAnswer { session, now }))
        })
    }

    fn notice(&self, notice: &Notice) {
        if let Notice::SaveSession(session) = notice {
            self.0.lock().unwrap().push(Arc::clone(session));
        }
    }
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

#[tokio::test]
async fn sessions_may_come_from_a_store_elsewhere() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        let (client, server) = builders(versions);
        let store = Store::default();
        let client = TlsConnector::new(client.ask_for_sessions().build().unwrap());
        let server = TlsAcceptor::new(server.own_tickets().build().unwrap());
        let ends = (client.answerer(store.clone()), server);
        for is_resumed in [false, true] {
            let (mut client, mut server) = connect(&ends, tcp().await).await;
            assert_eq!(client.summary().unwrap().is_resumed(), is_resumed, "{versions:?}");
            server.write_all(b"x").await.unwrap();
            client.read_exact(&mut [0]).await.unwrap();
        }
    }
}
