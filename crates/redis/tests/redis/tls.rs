//! TLS between the servers and their store.

use crate::{
    fleet::{Client, Server, identity, root, settings},
    server::RedisServer,
};
use cairn_redis::{RedisSessions, RedisSessionsBuilder, SetupError};
use cairn_tokio::{
    TlsAcceptor, TlsConnector,
    tls::{ClientConfig, ServerConfig, Versions, x509::Roots, x509::issue::Identity},
};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, UnixStream},
    sync::watch,
    time::timeout,
};

const LONG: Duration = Duration::from_secs(20);

/// Terminates TLS in front of a store on a Unix socket.
struct Terminator {
    address: SocketAddr,
    identity: Identity,
    cut: watch::Sender<()>,
    /// The number of connections whose handshake was complete.
    complete: Arc<AtomicUsize>,
}

impl Terminator {
    async fn start(redis: &RedisServer) -> Self {
        let identity = identity();
        let chain: Vec<&[u8]> = identity.chain().collect();
        let config = ServerConfig::builder().credential(&chain, identity.signing_key().clone()).unwrap();
        let acceptor = TlsAcceptor::new(config.build().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, store) = (listener.local_addr().unwrap(), redis.socket());
        let (cut, cuts) = watch::channel(());
        let complete = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&complete);
        tokio::spawn(async move {
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                let (acceptor, store) = (acceptor.clone(), store.clone());
                let (mut cuts, count) = (cuts.clone(), Arc::clone(&count));
                cuts.mark_unchanged();
                tokio::spawn(async move {
                    let Ok(mut tls) = acceptor.accept(tcp).await else { return };
                    count.fetch_add(1, Ordering::SeqCst);
                    let mut store = UnixStream::connect(store).await.unwrap();
                    tokio::select! {
                        _ended = copy_bidirectional(&mut tls, &mut store) => {}
                        _cut = cuts.changed() => {}
                    }
                });
            }
        });
        Self { address, identity, cut, complete }
    }

    /// Settings of a server that trusts this certificate.
    fn settings(&self, trusted: &Identity) -> RedisSessionsBuilder {
        let client = redis::Client::open(format!("redis://localhost:{}/", self.address.port())).unwrap();
        RedisSessions::builder(client, root()).tls(connector(trusted)).time_limit(LONG)
    }
}

fn connector(trusted: &Identity) -> TlsConnector {
    let mut roots = Roots::new();
    roots.add_der(trusted.certificate()).unwrap();
    TlsConnector::new(ClientConfig::builder().trust(roots).build().unwrap())
}

#[tokio::test]
async fn sessions_are_shared_by_tls_also_after_the_connection_was_lost() {
    let Some(redis) = RedisServer::start() else { return };
    let store = Terminator::start(&redis).await;
    let identity = identity();
    let client = Client::new(&identity, Versions::Tls13);
    let first = Server::new(&identity, Versions::Tls13, store.settings(&store.identity)).await;
    let second = Server::new(&identity, Versions::Tls13, store.settings(&store.identity)).await;
    let session = client.session(&first).await;
    assert!(client.connect(&second, Some(&session)).await.is_resumed);
    assert_eq!(store.complete.load(Ordering::SeqCst), 2);

    store.cut.send_replace(());
    let resuming = async {
        loop {
            // Until the servers have connected again, the store has no new session.
            let connected = client.connect(&first, None).await;
            if client.connect(&second, connected.sessions.first()).await.is_resumed {
                break;
            }
        }
    };
    timeout(LONG, resuming).await.unwrap();
    assert!(store.complete.load(Ordering::SeqCst) >= 4);
}

#[tokio::test]
async fn a_store_whose_certificate_is_not_trusted_gets_no_command() {
    let Some(redis) = RedisServer::start() else { return };
    let store = Terminator::start(&redis).await;
    let identity = identity();
    let client = Client::new(&identity, Versions::Tls13);
    let server = Server::new(&identity, Versions::Tls13, store.settings(&identity)).await;
    let session = client.session(&server).await;
    assert!(!client.connect(&server, Some(&session)).await.is_resumed);
    let metrics = server.sessions.metrics();
    assert!(metrics.errors > 0 && metrics.stored == 0, "{metrics:?}");
    assert_eq!(redis.names("*"), [""; 0]);
}

#[tokio::test]
async fn tls_needs_a_host() {
    let Some(redis) = RedisServer::start() else { return };
    let error = settings(&redis).tls(connector(&identity())).build().unwrap_err();
    assert!(matches!(error, SetupError::NoHost), "{error:?}");
    assert_eq!(error.to_string(), "TLS to the store needs the address of a host: redis://host:port/");
}
