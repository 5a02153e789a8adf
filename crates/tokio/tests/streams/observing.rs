//! Observers of handshakes and questions.

use super::support::{builders, connect, ends, localhost, tcp};
use cairn_tokio::{
    Answerer, ObservedHandshake, ObservedQuestion, Observer, Reply, TlsAcceptor, TlsConnector,
    tls::{Answer, Direction, Epoch, Question, SessionAnswer, Trace, Traced, UnixTime, Versions},
};
use std::sync::{Arc, Mutex};

/// Keeps a line for each observation.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    fn take(&self) -> Vec<String> {
        core::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Observer for Lines {
    fn handshake(&self, handshake: &ObservedHandshake<'_>) {
        let result = match handshake.result {
            Ok(summary) => format!("{}, resumed {}", summary.version(), summary.is_resumed()),
            Err(error) => format!("{:?}", error.kind()),
        };
        self.0.lock().unwrap().push(format!("{:?}: {result}", handshake.side));
    }

    fn question(&self, question: &ObservedQuestion) {
        self.0.lock().unwrap().push(format!("{} {}", question.question, question.is_answered));
    }
}

#[tokio::test]
async fn handshakes_and_their_failures_are_observed() {
    let (client, server) = ends(Versions::Both);
    let (of_client, of_server) = (Lines::default(), Lines::default());
    let ends = (client.observer(of_client.clone()), server.observer(of_server.clone()));
    connect(&ends, tcp().await).await;
    assert_eq!(of_client.take(), ["Client: TLS 1.3, resumed false"]);
    assert_eq!(of_server.take(), ["Server: TLS 1.3, resumed false"]);
    let (to_server, gone) = tcp().await;
    drop(gone);
    ends.0.connect(localhost(), to_server).await.unwrap_err();
    let lines = of_client.take();
    assert_eq!(lines.len(), 1);
    assert!(lines.iter().all(|line| line.starts_with("Client: ")), "{lines:?}");
}

impl Trace for Lines {
    fn trace(&self, direction: Direction, _: Epoch, message: Traced<'_>) {
        if let Traced::Handshake { msg_type, .. } = message {
            self.0.lock().unwrap().push(format!("{direction:?} {msg_type}"));
        }
    }
}

#[tokio::test]
async fn a_trace_gets_the_messages_of_both_directions_of_its_connections() {
    let (client, server) = ends(Versions::Tls12);
    let (of_client, of_server) = (Lines::default(), Lines::default());
    let traced = (
        client.clone().trace(Arc::new(of_client.clone())),
        server.clone().trace(Arc::new(of_server.clone())),
    );
    connect(&traced, tcp().await).await;
    let lines = of_client.take();
    assert_eq!(lines[..2], ["Write client_hello", "Read server_hello"]);
    assert_eq!(of_server.take().len(), lines.len());
    // The connector that was cloned has no trace.
    connect(&(client, server), tcp().await).await;
    assert!(of_client.take().is_empty() && of_server.take().is_empty());
}

/// Knows no session.
struct Empty;

impl Answerer for Empty {
    fn answer(&self, question: &Question<'_>) -> Reply {
        match question {
            Question::FindSession(_) => {
                let now = UnixTime::from_secs(1_800_000_000);
                Reply::now(Answer::Session(SessionAnswer { session: None, now }))
            }
            _ => Reply::Declined,
        }
    }
}

#[tokio::test]
async fn questions_are_observed() {
    let (client, server) = builders(Versions::Tls13);
    let client = TlsConnector::new(client.ask_for_sessions().build().unwrap()).answerer(Empty);
    let lines = Lines::default();
    let ends = (client.observer(lines.clone()), TlsAcceptor::new(server.build().unwrap()));
    connect(&ends, tcp().await).await;
    assert_eq!(lines.take(), ["FindSession true", "Client: TLS 1.3, resumed false"]);
}
