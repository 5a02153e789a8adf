//! A store that loses its records, and a replica that takes over.

use crate::{
    fleet::{Client, identity},
    forwarder::Forwarder,
    hub,
    load::{Flight, Load},
    network::{Cut, HUB, Network, back, inside},
    process::{Fast, Process, REPLAY_WINDOW, Settings},
    server::RedisServer,
};
use cairn_tokio::tls::Versions;
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// The member in whose namespace the replica is.
const REPLICA: u8 = 3;

#[test]
fn no_connection_fails_and_no_replay_of_a_stored_session_is_accepted_after_a_loss() {
    let name = "failover::no_connection_fails_and_no_replay_of_a_stored_session_is_accepted_after_a_loss";
    hub::run(name, async || losses(false).await);
}

#[test]
fn no_connection_fails_and_no_replay_of_a_ticket_with_its_session_is_accepted_after_a_loss() {
    let name =
        "failover::no_connection_fails_and_no_replay_of_a_ticket_with_its_session_is_accepted_after_a_loss";
    hub::run(name, async || losses(true).await);
}

/// A group of two stores under a fixed address.
struct Stores {
    network: Network,
    primary: RedisServer,
    replica: RedisServer,
    forwarder: Forwarder,
}

const FIXED: SocketAddr = SocketAddr::new(back(HUB), 6379);
const PRIMARY: SocketAddr = SocketAddr::new(back(HUB), 6380);
const OF_REPLICA: SocketAddr = SocketAddr::new(back(REPLICA), 6379);

impl Stores {
    async fn start(network: Network) -> Self {
        let listen = ["--bind", "*", "--protected-mode", "no", "--repl-diskless-sync-delay", "0", "--port"];
        let primary = RedisServer::start_with(&[], &[&listen[..], &["6380"]].concat());
        let (inside, host) = (inside(REPLICA), PRIMARY.ip().to_string());
        let inside: Vec<&str> = inside.iter().map(String::as_str).collect();
        let of = ["6379", "--replicaof", &host, "6380"];
        let replica = RedisServer::start_with(&inside, &[&listen[..], &of].concat());
        let forwarder = Forwarder::start(FIXED, PRIMARY).await;
        Self { network, primary, replica, forwarder }
    }

    /// Waits until the replica receives the records of the primary.
    async fn replicate(&self) {
        let begun = Instant::now();
        while !self.replica.command::<String>(&[b"INFO", b"replication"]).contains("master_link_status:up") {
            assert!(begun.elapsed() < Duration::from_secs(30), "the replica does not find its primary");
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// The replica loses its primary and then takes over, without the last records. Returns the flights of
    /// sessions that it still has, although they are used up.
    async fn fail_over(&mut self, load: &Load) -> Vec<Flight> {
        self.replicate().await;
        let unused = load.new_sessions().await;
        // The replica receives the records of these sessions.
        sleep(Duration::from_millis(300)).await;
        self.network.cut(REPLICA, Cut::Silent);
        let flights = load.use_up(&unused).await;
        let (kept, written) = (self.replica.names("*:binder:*"), self.primary.names("*:binder:*"));
        let lost = written.iter().filter(|name| !kept.contains(name)).count();
        println!("the replica lacks {lost} records of early data");
        // A busy store may not have answered one of them in time.
        assert!(flights.len() >= 10 && lost >= flights.len() / 2, "{} flights", flights.len());
        self.primary.kill();
        self.forwarder.set(None);
        load.replay(&flights[..1]).await;
        self.network.heal(REPLICA, Cut::Silent);
        self.replica.command::<()>(&[b"REPLICAOF", b"NO", b"ONE"]);
        self.forwarder.set(Some(OF_REPLICA));
        flights
    }
}

/// The ways in which records are lost.
#[derive(Clone, Copy, Debug)]
enum Loss {
    Flush,
    Restart,
    Failover,
}

async fn losses(in_tickets: bool) {
    let mut stores = Stores::start(Network::new(REPLICA + 1)).await;
    let (identity, clock) = (identity(), Fast::new());
    let servers = Process::start(REPLICA, &identity, &Settings { store: FIXED, in_tickets, clock });
    let client = Client::with_clock(&identity, Versions::Tls13, Arc::new(clock));
    let load = Load::start(&client, servers.iter().map(|server| server.address).collect());
    for loss in [Loss::Flush, Loss::Restart, Loss::Failover] {
        // The window has passed.
        for server in &servers {
            server.accepts().await;
        }
        sleep(Duration::from_millis(300)).await;
        let mut flights = load.recent();
        match loss {
            Loss::Flush => stores.primary.command::<()>(&[b"FLUSHALL"]),
            Loss::Restart => {
                stores.primary.kill();
                load.replay(&flights[..5]).await;
                stores.primary.start_again();
            }
            Loss::Failover => flights = stores.fail_over(&load).await,
        }
        println!("{loss:?}");
        // Until the flights are not fresh any more, and the servers accept early data again.
        let begun = Instant::now();
        while begun.elapsed() < REPLAY_WINDOW + Duration::from_millis(500) {
            load.replay(&flights).await;
        }
    }
    for server in &servers {
        server.accepts().await;
    }
    load.check(servers).await;
}
