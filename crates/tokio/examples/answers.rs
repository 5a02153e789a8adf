//! A server whose answers come from elsewhere: the certificate for a name from a database, a signature from a
//! process that holds the key, and sessions from a store that several servers share. Only the connection that
//! asks waits for them.
//!
//! ```text
//! cargo run -p cairn-tokio --example answers
//! ```
//!
//! Database, key holder and store are parts of this program that answer late.
#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core, reason = "an example has std")]

use cairn_tokio::{
    Answerer, Reply, TlsAcceptor, TlsConnector, TlsStream,
    tls::{
        Answer, ClientConfig, FindSession, Notice, Question, ServerConfig, ServerName, Session,
        SessionAnswer, UnixTime, Versions,
        crypto::KeySpec,
        wire::{SessionId, SignatureScheme},
        x509::issue::{Identity, Template},
    },
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    sync::{mpsc, oneshot},
    time::sleep,
};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A message to sign, and where the signature goes.
type Request = (SignatureScheme, Vec<u8>, oneshot::Sender<Result<Vec<u8>>>);

/// Has signatures made by the holder of a key, which answers a second late.
#[derive(Clone)]
struct Signer(mpsc::Sender<Request>);

impl Signer {
    fn start(identity: Arc<Identity>) -> Self {
        let (sender, mut requests) = mpsc::channel::<Request>(100);
        tokio::spawn(async move {
            while let Some((scheme, message, reply)) = requests.recv().await {
                sleep(Duration::from_secs(1)).await;
                let provider = cairn_tokio::tls::default_provider();
                let signature = identity.signing_key().sign(scheme, &message, &mut provider.rng());
                // The connection may be gone.
                let _gone = reply.send(signature.map_err(Into::into));
            }
        });
        Self(sender)
    }

    async fn sign(&self, scheme: SignatureScheme, message: Vec<u8>) -> Result<Vec<u8>> {
        let (sender, signature) = oneshot::channel();
        self.0.send((scheme, message, sender)).await?;
        signature.await?
    }
}

impl Answerer for Signer {
    fn answer(&self, question: &Question<'_>) -> Reply {
        let Question::Sign(sign) = question else { return Reply::Declined };
        // The question borrows from the connection, so the future takes what it needs.
        let (signer, scheme, message) = (self.clone(), sign.scheme, sign.message.to_vec());
        Reply::later(async move { Ok(Answer::Signature(signer.sign(scheme, message).await?)) })
    }
}

/// Certificates by name, in a database.
#[derive(Clone)]
struct Database(Arc<HashMap<String, ServerConfig>>);

impl Database {
    async fn find(&self, name: &str) -> Option<ServerConfig> {
        sleep(Duration::from_millis(50)).await;
        self.0.get(name).cloned()
    }
}

impl Answerer for Database {
    fn answer(&self, question: &Question<'_>) -> Reply {
        let Question::ChooseConfiguration(choose) = question else { return Reply::Declined };
        let name = choose.server_name().map(|name| String::from_utf8_lossy(&name).into_owned());
        let database = self.clone();
        Reply::later(async move {
            let name = name.ok_or("the client names no server")?;
            database.find(&name).await.ok_or_else(|| format!("there is no certificate for {name}").into())
        })
    }
}

/// Sessions of several servers.
#[derive(Clone, Default)]
struct Sessions(Arc<Mutex<HashMap<SessionId, Arc<Session>>>>);

impl Sessions {
    async fn find(&self, id: SessionId) -> Option<Arc<Session>> {
        sleep(Duration::from_millis(5)).await;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }
}

impl Answerer for Sessions {
    fn answer(&self, question: &Question<'_>) -> Reply {
        let Question::FindSession(FindSession::ById { session_id }) = question else {
            return Reply::Declined;
        };
        let (sessions, id) = (self.clone(), **session_id);
        Reply::later(async move {
            let session = sessions.find(id).await;
            let now = UnixTime::from_secs(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs());
            Ok(Answer::Session(SessionAnswer { session, now }))
        })
    }

    fn notice(&self, notice: &Notice) {
        // The session of a client with tickets has no ID.
        if let Notice::SaveSession(session) = notice
            && let Some(tls12) = session.tls12()
        {
            let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            sessions.insert(*tls12.session_id(), Arc::clone(session));
        }
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    run().await
}

async fn run() -> Result<()> {
    let provider = cairn_tokio::tls::default_provider();
    let template = Template::server("a.example").dns("a.example").valid(0, 4_000_000_000);
    let identity = Arc::new(template.self_signed(&provider, KeySpec::EcP256)?);
    // The store of this example keeps sessions of TLS 1.2 only.
    let config = || -> Result<_> {
        let config = ServerConfig::builder().credential_elsewhere(&[identity.certificate()])?;
        Ok(config.versions(Versions::Tls12).ask_for_sessions().context_id(b"example"))
    };
    let database = Database(Arc::new(HashMap::from([("a.example".to_owned(), config()?.build()?)])));
    let answers = Signer::start(Arc::clone(&identity)).or(database).or(Sessions::default());
    let acceptor = TlsAcceptor::new(config()?.ask_for_configuration().build()?).answerer(answers);

    let client = ClientConfig::builder().trust_pem(identity.certificate_pem().as_bytes())?.build()?;
    let connector = TlsConnector::new(client);
    for expected in [false, true] {
        let begun = Instant::now();
        let tls = connect(&connector, &acceptor, "a.example").await?;
        let resumed = tls.summary().is_some_and(|summary| summary.is_resumed());
        println!("resumed: {resumed}, after {:?}", begun.elapsed());
        // Only a full handshake needs the signature.
        if resumed != expected || (begun.elapsed() < Duration::from_secs(1)) != resumed {
            return Err("an answer was not used".into());
        }
    }
    Ok(())
}

/// A connection over which the server has said hello.
async fn connect(
    connector: &TlsConnector,
    acceptor: &TlsAcceptor,
    name: &str,
) -> Result<TlsStream<DuplexStream>> {
    let (to_server, to_client) = tokio::io::duplex(100_000);
    let acceptor = acceptor.clone();
    let server = tokio::spawn(async move {
        let mut tls = acceptor.accept(to_client).await?;
        tls.write_all(b"hello").await?;
        tls.shutdown().await
    });
    let mut tls = connector.connect(ServerName::parse(name)?, to_server).await?;
    let mut hello = Vec::new();
    tls.read_to_end(&mut hello).await?;
    server.await??;
    if hello == b"hello" { Ok(tls) } else { Err("the server said something else".into()) }
}

#[cfg(test)]
#[tokio::test]
async fn answers_come_from_elsewhere() -> Result<()> {
    run().await
}
