//! Clients that connect all the time, and an attacker who sends their first flights again.

use crate::{
    fleet::{Client, Connected},
    process::Process,
};
use cairn_tokio::tls::Session;
use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
    task::JoinHandle,
    time::{sleep, timeout},
};

/// The number of flights that are kept.
const RECENT: usize = 20;

/// A connection without a result after this time has failed.
const PATIENCE: Duration = Duration::from_secs(5);

/// No connection may take longer. The servers wait for the store for at most 150 ms, three times the limit of
/// an operation; the rest is for a busy machine.
const LATENCY: Duration = Duration::from_secs(2);

/// The first flight of a connection, with its early data.
pub(crate) type Flight = Vec<u8>;

/// The connections of all clients.
#[derive(Debug, Default)]
struct Tally {
    connected: u64,
    resumed: u64,
    failed: Vec<String>,
    slowest: Duration,
}

/// Clients that connect to each server in turn, and offer a session of the last connection with early data.
pub(crate) struct Load {
    shared: Arc<Shared>,
    clients: Vec<JoinHandle<()>>,
}

struct Shared {
    client: Client,
    servers: Vec<SocketAddr>,
    flights: Mutex<VecDeque<Flight>>,
    tally: Mutex<Tally>,
    connections: AtomicU64,
    ended: AtomicBool,
}

impl Load {
    pub(crate) fn start(client: &Client, servers: Vec<SocketAddr>) -> Self {
        let shared = Arc::new(Shared {
            client: client.clone(),
            servers,
            flights: Mutex::default(),
            tally: Mutex::default(),
            connections: AtomicU64::default(),
            ended: AtomicBool::default(),
        });
        let clients = (0..2)
            .map(|_| {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move { shared.run().await })
            })
            .collect();
        Self { shared, clients }
    }

    /// The last flights that were sent.
    pub(crate) fn recent(&self) -> Vec<Flight> {
        self.shared.flights.lock().unwrap().iter().cloned().collect()
    }

    /// Sessions from full handshakes with each server.
    pub(crate) async fn new_sessions(&self) -> Vec<Arc<Session>> {
        let mut sessions = Vec::new();
        for server in self.shared.servers.iter().cycle().take(RECENT / 2) {
            let (connected, _) = self.shared.connect(*server, None).await.unwrap();
            sessions.extend(connected.sessions);
        }
        sessions
    }

    /// Connects once with each of these sessions. Returns the flights.
    pub(crate) async fn use_up(&self, sessions: &[Arc<Session>]) -> Vec<Flight> {
        let mut flights = Vec::new();
        for (session, server) in sessions.iter().zip(self.shared.servers.iter().cycle()) {
            let (_, flight) = self.shared.connect(*server, Some(session)).await.unwrap();
            flights.push(flight);
        }
        flights
    }

    /// Sends these flights to each server again.
    pub(crate) async fn replay(&self, flights: &[Flight]) {
        for flight in flights {
            for server in &self.shared.servers {
                replay(flight, *server).await;
            }
        }
    }

    async fn end(self) -> Tally {
        self.shared.ended.store(true, Ordering::Relaxed);
        for client in self.clients {
            client.await.unwrap();
        }
        std::mem::take(&mut *self.shared.tally.lock().unwrap())
    }

    /// Ends clients and servers. Counts the connections that failed, and the replays that were accepted.
    pub(crate) async fn check(self, servers: Vec<Process>) {
        let tally = self.end().await;
        let accepted = Process::end(servers);
        let replays: u64 = accepted.values().map(|times| times - 1).sum();
        println!("connections failed: {} of {}", tally.failed.len(), tally.connected);
        println!("resumed: {}; the slowest took {:?}", tally.resumed, tally.slowest);
        println!("replays accepted: {replays}; early data accepted: {}", accepted.len());
        assert!(tally.failed.is_empty(), "{:?}", tally.failed);
        assert!(tally.connected > 100 && tally.resumed > 50 && accepted.len() > 50, "{tally:?}");
        assert!(tally.slowest < LATENCY, "{:?}", tally.slowest);
        assert_eq!(replays, 0, "{accepted:?}");
    }
}

impl Shared {
    async fn run(&self) {
        let mut session: Option<Arc<Session>> = None;
        while !self.ended.load(Ordering::Relaxed) {
            for server in &self.servers {
                let begun = Instant::now();
                let connecting = timeout(PATIENCE, self.connect(*server, session.as_ref()));
                let result = connecting.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
                let took = begun.elapsed();
                session = self.count(*server, result, took);
                sleep(Duration::from_millis(5)).await;
            }
        }
    }

    /// Counts a connection, and keeps its flight. Returns the session to offer next.
    fn count(
        &self,
        server: SocketAddr,
        result: io::Result<(Connected, Flight)>,
        took: Duration,
    ) -> Option<Arc<Session>> {
        let mut tally = self.tally.lock().unwrap();
        tally.slowest = tally.slowest.max(took);
        match result {
            Ok((connected, flight)) => {
                tally.connected += 1;
                tally.resumed += u64::from(connected.is_resumed);
                let mut flights = self.flights.lock().unwrap();
                flights.push_back(flight);
                if flights.len() > RECENT {
                    flights.pop_front();
                }
                connected.sessions.into_iter().next()
            }
            Err(error) => {
                tally.failed.push(format!("{server}: {error}"));
                None
            }
        }
    }

    /// Connects once. Returns also the first flight.
    async fn connect(
        &self,
        server: SocketAddr,
        session: Option<&Arc<Session>>,
    ) -> io::Result<(Connected, Flight)> {
        let tcp = TcpStream::connect(server).await?;
        tcp.set_nodelay(true)?;
        let early = self.connections.fetch_add(1, Ordering::Relaxed).to_string();
        let recorder = Recorder { tcp, flight: Vec::new(), is_answered: false };
        let (connected, mut stream) = self.client.connect_over(recorder, session, early.as_bytes()).await?;
        let flight = std::mem::take(&mut stream.get_mut().flight);
        stream.shutdown().await?;
        Ok((connected, flight))
    }
}

/// Sends a flight again, and waits until the server has decided about it.
async fn replay(flight: &[u8], server: SocketAddr) {
    let attack = async {
        let mut tcp = TcpStream::connect(server).await?;
        tcp.write_all(flight).await?;
        // The server reads the flight to its end, and then gives up.
        tcp.shutdown().await?;
        tcp.read_to_end(&mut Vec::new()).await
    };
    let length = timeout(PATIENCE, attack).await.expect("a server decides in time").unwrap();
    assert!(length > 0, "{server} has answered nothing");
}

/// A connection that keeps what is sent before anything has come.
struct Recorder {
    tcp: TcpStream,
    flight: Flight,
    is_answered: bool,
}

impl AsyncRead for Recorder {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.tcp).poll_read(cx, buf))?;
        self.is_answered = true;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Recorder {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let length = ready!(Pin::new(&mut self.tcp).poll_write(cx, data))?;
        if !self.is_answered {
            self.flight.extend_from_slice(&data[..length]);
        }
        Poll::Ready(Ok(length))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}
