//! A server of the fleet that is cut off from the store.

use crate::{
    fleet::{Client, identity},
    hub,
    load::Load,
    network::{Cut, HUB, Network, back},
    process::{Fast, Process, REPLAY_WINDOW, Settings},
    server::RedisServer,
};
use cairn_tokio::tls::Versions;
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// The server that is cut off.
const LONELY: u8 = 0;

#[test]
fn no_connection_fails_and_no_replay_of_a_stored_session_is_accepted_during_a_cut() {
    let name = "partition::no_connection_fails_and_no_replay_of_a_stored_session_is_accepted_during_a_cut";
    hub::run(name, async || partition(false).await);
}

/// The server that is cut off can open such a ticket, but not find out whether it is used a second time.
#[test]
fn no_connection_fails_and_no_replay_of_a_ticket_with_its_session_is_accepted_during_a_cut() {
    let name =
        "partition::no_connection_fails_and_no_replay_of_a_ticket_with_its_session_is_accepted_during_a_cut";
    hub::run(name, async || partition(true).await);
}

async fn partition(in_tickets: bool) {
    let network = Network::new(3);
    let store = SocketAddr::new(back(HUB), 6379);
    let address = store.ip().to_string();
    let _redis =
        RedisServer::start_with(&[], &["--bind", &address, "--port", "6379", "--protected-mode", "no"]);
    let (identity, clock) = (identity(), Fast::new());
    let servers = Process::start(3, &identity, &Settings { store, in_tickets, clock });
    let client = Client::with_clock(&identity, Versions::Tls13, std::sync::Arc::new(clock));
    let load = Load::start(&client, servers.iter().map(|server| server.address).collect());
    sleep(REPLAY_WINDOW).await;
    let lonely = &servers[usize::from(LONELY)];
    for cut in [Cut::Silent, Cut::Down] {
        for server in &servers {
            server.accepts().await;
        }
        let flights = load.recent();
        let before = lonely.counts();
        network.cut(LONELY, cut);
        let begun = Instant::now();
        // Long enough for the breaker to open, and to try again.
        while begun.elapsed() < Duration::from_secs(4) {
            load.replay(&flights).await;
            load.replay(&load.recent()).await;
        }
        let after = lonely.counts();
        println!("{cut:?}: {before:?}, {after:?}");
        assert!(after.failed > before.failed && after.skipped > before.skipped, "it was cut off");
        network.heal(LONELY, cut);
        load.replay(&flights).await;
        load.replay(&load.recent()).await;
    }
    lonely.accepts().await;
    if !in_tickets {
        let found: Vec<u64> = servers.iter().map(|server| server.counts().found).collect();
        assert!(found.iter().all(|found| *found > 0), "{found:?}");
    }
    load.check(servers).await;
}
