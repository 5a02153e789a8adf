//! A server of the fleet in a process and a network namespace of its own.

use crate::{
    fleet::root,
    network::{front, inside},
};
use cairn_redis::{RedisSessions, redis};
use cairn_tokio::{
    TlsAcceptor,
    tls::{Clock, ServerConfig, SystemClock, UnixTime, Versions, x509::issue::Identity},
};
use std::{
    collections::HashMap,
    env, fs,
    io::{self, BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

/// Tells a process its part in the test.
pub(crate) const PART: &str = "CAIRN_FLEET_PART";

/// The port of the servers.
const PORT: u16 = 443;

/// The servers do not accept early data for this time after the store could have lost records.
///
/// A ClientHello is fresh for twice the window of 10 seconds of the servers' policy. These are four seconds
/// here, because the clocks of the fleet are faster than that of the store.
pub(crate) const REPLAY_WINDOW: Duration = Duration::from_millis(4200);

/// A server tries again so soon after the store has failed. Flights from before the fault are still fresh.
const PAUSE: Duration = Duration::from_millis(200);

/// The time limit for a report of a server.
const PATIENCE: Duration = Duration::from_secs(30);

/// A clock that is five times as fast as that of the system. It begins at the time of the system.
#[derive(Clone, Copy)]
pub(crate) struct Fast {
    begun: u64,
}

impl Fast {
    pub(crate) fn new() -> Self {
        Self { begun: SystemClock.now().as_millis() }
    }
}

impl Clock for Fast {
    fn now(&self) -> UnixTime {
        UnixTime::from_millis(self.begun + 5 * (SystemClock.now().as_millis() - self.begun))
    }
}

/// The counters of a server that tests look at.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// Sessions that were found in the store.
    pub(crate) found: u64,
    /// Operations on the store that failed or took too long.
    pub(crate) failed: u64,
    /// Operations that were not tried, because the breaker was open.
    pub(crate) skipped: u64,
}

/// What a server has reported.
#[derive(Default)]
struct Reports {
    is_ready: bool,
    /// The early data that it has accepted.
    early: Vec<String>,
    counts: Option<Counts>,
}

/// The process of a server. It is ended on drop.
pub(crate) struct Process {
    pub(crate) address: SocketAddr,
    child: Child,
    reports: Arc<Mutex<Reports>>,
    reader: Option<JoinHandle<()>>,
}

/// The settings of a fleet.
pub(crate) struct Settings {
    /// The address of the store.
    pub(crate) store: SocketAddr,
    /// Whether tickets contain the sessions, which are otherwise in the store.
    pub(crate) in_tickets: bool,
    pub(crate) clock: Fast,
}

impl Process {
    /// Starts servers in the namespaces of the first members.
    pub(crate) fn start(members: u8, identity: &Identity, settings: &Settings) -> Vec<Self> {
        fs::write(file("chain.pem"), identity.chain_pem()).unwrap();
        fs::write(file("key.pem"), identity.key().to_pem().as_bytes()).unwrap();
        let started: Vec<Self> = (0..members).map(|member| Self::start_one(member, settings)).collect();
        for process in &started {
            process.wait("it is ready", |reports| reports.is_ready.then_some(()));
        }
        started
    }

    fn start_one(member: u8, settings: &Settings) -> Self {
        let address = SocketAddr::new(front(member), PORT);
        let part = format!("{address} {} {} {}", settings.store, settings.in_tickets, settings.clock.begun);
        let words = inside(member);
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).args(env::args_os()).env(PART, part);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let reports = Arc::<Mutex<Reports>>::default();
        let (output, shared) = (child.stdout.take().unwrap(), Arc::clone(&reports));
        let read = move || {
            for line in BufReader::new(output).lines() {
                shared.lock().unwrap().take(&line.unwrap());
            }
        };
        Self { address, child, reports, reader: Some(thread::spawn(read)) }
    }

    /// Waits until it accepts early data of a further connection.
    pub(crate) async fn accepts(&self) {
        let accepted = || self.reports.lock().unwrap().early.len();
        let (before, begun) = (accepted(), Instant::now());
        while accepted() == before {
            let (address, counts) = (self.address, || self.counts());
            assert!(begun.elapsed() < PATIENCE, "{address} accepts no early data: {:?}", counts());
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Its counters now.
    pub(crate) fn counts(&self) -> Counts {
        self.reports.lock().unwrap().counts = None;
        io::Write::write_all(&mut self.child.stdin.as_ref().unwrap(), b"count\n").unwrap();
        self.wait("its counters", |reports| reports.counts)
    }

    fn wait<T>(&self, what: &str, ready: impl Fn(&Reports) -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = ready(&self.reports.lock().unwrap()) {
                return found;
            }
            assert!(begun.elapsed() < PATIENCE, "the server {} does not report: {what}", self.address);
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends these servers. Returns how often each piece of early data was accepted in the fleet.
    pub(crate) fn end(processes: Vec<Self>) -> HashMap<String, u64> {
        let mut accepted = HashMap::new();
        for mut process in processes {
            process.stop();
            for early in std::mem::take(&mut process.reports.lock().unwrap().early) {
                *accepted.entry(early).or_default() += 1;
            }
        }
        accepted
    }

    /// Ends it, and reads its last reports.
    fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Reports {
    fn take(&mut self, line: &str) {
        match line.split_once(' ') {
            Some(("early", data)) => self.early.push(data.into()),
            Some(("counts", numbers)) => {
                let mut numbers = numbers.split(' ').map(|number| number.parse().unwrap());
                let mut next = || numbers.next().unwrap();
                self.counts = Some(Counts { found: next(), failed: next(), skipped: next() });
            }
            _ if line == "ready" => self.is_ready = true,
            // From the test harness.
            _ => {}
        }
    }
}

fn file(name: &str) -> std::path::PathBuf {
    env::temp_dir().join(name)
}

/// Runs a server until it is ended. `part` has its settings.
pub(crate) fn serve(part: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let words: Vec<&str> = part.split(' ').collect();
        let [address, store, in_tickets, begun] = words.try_into().unwrap();
        let clock = Arc::new(Fast { begun: begun.parse().unwrap() });
        let client = redis::Client::open(format!("redis://{store}/")).unwrap();
        let sessions = RedisSessions::builder(client, root()).replay_window(REPLAY_WINDOW).breaker(5, PAUSE);
        let sessions = sessions.clock(clock.clone()).build().unwrap();
        let config = ServerConfig::builder().clock(clock).versions(Versions::Tls13);
        let (chain, key) = (fs::read(file("chain.pem")).unwrap(), fs::read(file("key.pem")).unwrap());
        let config = config.credential_pem(&chain, &key).unwrap().ask_for_sessions().early_data(100);
        let is_in_tickets = in_tickets.parse().unwrap();
        let config = if is_in_tickets { config.tickets(sessions.ticket_keys()) } else { config };
        let acceptor = TlsAcceptor::new(config.build().unwrap()).answerer(sessions.clone());
        sessions.flush().await;
        let listener = TcpListener::bind(address).await.unwrap();
        thread::spawn(move || report_counts(&sessions));
        println!("\nready");
        loop {
            let (tcp, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            // An attacker's connection fails.
            tokio::spawn(async move { timeout(Duration::from_secs(10), answer(&acceptor, tcp)).await });
        }
    });
}

/// Reports the counters for each line of the standard input.
fn report_counts(sessions: &RedisSessions) {
    for _line in io::stdin().lines() {
        let metrics = sessions.metrics();
        println!("counts {} {} {}", metrics.found, metrics.errors + metrics.timeouts, metrics.skipped);
    }
}

/// Reports early data as soon as it has come, and sends a byte after the handshake.
async fn answer(acceptor: &TlsAcceptor, tcp: TcpStream) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    let mut stream = acceptor.accept_early(tcp).map_err(|failed| failed.error)?;
    let mut data = [0; 100];
    let length = stream.read_early(&mut data).await?;
    if length > 0 {
        println!("early {}", String::from_utf8_lossy(&data[..length]));
        assert_eq!(stream.read_early(&mut data).await?, 0, "early data is a single record here");
    }
    let mut stream = stream.complete().await.map_err(|failed| failed.error)?;
    stream.write_all(b"x").await?;
    stream.read_to_end(&mut Vec::new()).await?;
    stream.shutdown().await
}
