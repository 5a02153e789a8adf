//! Early data is accepted once, and not at all while the store could have lost a record.

use crate::{
    fleet::{Client, Server, accepted, identity, root, settings},
    server::RedisServer,
};
use cairn_redis::{RedisSessions, RedisSessionsBuilder};
use cairn_tokio::tls::{Session, Versions, x509::issue::Identity};
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;

const DATA: &[u8] = b"GET / HTTP/1.0";

/// A connection takes less time, and a test can wait for its end.
const WINDOW: Duration = Duration::from_millis(1500);

fn windowed(redis: &RedisServer) -> RedisSessionsBuilder {
    settings(redis).replay_window(WINDOW)
}

async fn window() {
    // The store counts in milliseconds.
    sleep(WINDOW + Duration::from_millis(10)).await;
}

/// A server that stores sessions, or one whose tickets contain them.
async fn server(identity: &Identity, redis: &RedisServer, in_tickets: bool) -> Server {
    Server::with(identity, Versions::Tls13, windowed(redis), |config, sessions| {
        let config = config.early_data(1000);
        if in_tickets { config.tickets(sessions.ticket_keys()) } else { config }
    })
    .await
}

/// Two servers and a client, after the first window.
async fn fleet(redis: &RedisServer, in_tickets: bool) -> (Server, Server, Client) {
    let identity = identity();
    let first = server(&identity, redis, in_tickets).await;
    let second = server(&identity, redis, in_tickets).await;
    window().await;
    (first, second, Client::new(&identity, Versions::Tls13))
}

/// A flight whose early data a server has accepted.
async fn accepted_flight(client: &Client, server: &Server) -> (Arc<Session>, Vec<u8>) {
    let session = client.session(server).await;
    let flight = client.early_flight(&session, DATA).await;
    assert_eq!(accepted(server, &flight).await, DATA, "{:?}", server.sessions.metrics());
    assert!(server.sessions.metrics().early_data_accepted > 0);
    (session, flight)
}

#[tokio::test]
async fn early_data_of_a_stored_session_is_accepted_once() {
    let Some(mut redis) = RedisServer::start() else { return };
    let (first, second, client) = fleet(&redis, false).await;
    let (_, flight) = accepted_flight(&client, &first).await;
    for server in [&first, &second] {
        assert!(accepted(server, &flight).await.is_empty());
    }
    redis.command::<()>(&[b"FLUSHALL"]);
    for server in [&first, &second] {
        assert!(accepted(server, &flight).await.is_empty());
    }
    redis.kill();
    redis.start_again();
    for server in [&first, &second] {
        assert!(accepted(server, &flight).await.is_empty());
    }
    window().await;
    for server in [&first, &second] {
        assert!(accepted(server, &flight).await.is_empty());
    }
    assert_eq!(first.sessions.metrics().early_data_accepted, 1);
    assert_eq!(second.sessions.metrics().early_data_accepted, 0);
}

#[tokio::test]
async fn early_data_of_a_ticket_that_contains_the_session_is_accepted_once() {
    let Some(mut redis) = RedisServer::start() else { return };
    let (first, second, client) = fleet(&redis, true).await;
    let (_, flight) = accepted_flight(&client, &first).await;
    for server in [&first, &second] {
        assert!(accepted(server, &flight).await.is_empty());
        assert_eq!(server.sessions.metrics().replays_refused, 1);
    }
    redis.command::<()>(&[b"FLUSHALL"]);
    assert!(accepted(&second, &flight).await.is_empty());
    assert_eq!(second.sessions.metrics().early_data_refused, 1);
    window().await;
    let (_, flight) = accepted_flight(&client, &first).await;
    redis.kill();
    assert!(accepted(&second, &flight).await.is_empty());
    redis.start_again();
    assert!(accepted(&second, &flight).await.is_empty());
    assert_eq!(second.sessions.metrics().early_data_accepted, 0);
}

#[tokio::test]
async fn early_data_is_refused_after_a_restart_with_old_records() {
    let Some(mut redis) = RedisServer::start() else { return };
    let (first, second, client) = fleet(&redis, false).await;
    let session = client.session(&first).await;
    redis.command::<()>(&[b"SAVE"]);
    let flight = client.early_flight(&session, DATA).await;
    assert_eq!(accepted(&first, &flight).await, DATA);
    redis.kill();
    redis.start_again();
    // The ticket is back, and the marker of the former run.
    assert_eq!(redis.names("cairn:session:*").len(), 2);
    // The first operation notices that the connection is broken.
    while second.sessions.metrics().consumed == 0 {
        assert!(accepted(&second, &flight).await.is_empty());
    }
    let metrics = second.sessions.metrics();
    assert_eq!((metrics.consumed, metrics.early_data_refused, metrics.early_data_accepted), (1, 1, 0));
}

#[tokio::test]
async fn early_data_is_refused_if_the_store_may_evict_records() {
    let Some(redis) = RedisServer::start() else { return };
    let (first, second, client) = fleet(&redis, false).await;
    redis.set("maxmemory-policy", "allkeys-lru");
    let session = client.session(&first).await;
    let flight = client.early_flight(&session, DATA).await;
    assert!(accepted(&second, &flight).await.is_empty());
    // The session is resumed nevertheless.
    let metrics = second.sessions.metrics();
    assert_eq!((metrics.consumed, metrics.early_data_refused), (1, 1));
    // A record that was evicted is still missing after the policy changes.
    redis.set("maxmemory-policy", "noeviction");
    let session = client.session(&first).await;
    let flight = client.early_flight(&session, DATA).await;
    assert!(accepted(&second, &flight).await.is_empty());
    window().await;
    accepted_flight(&client, &second).await;
}

#[tokio::test]
async fn early_data_is_refused_if_the_policy_cannot_be_found_out() {
    let Some(redis) = RedisServer::start() else { return };
    let (first, second, client) = fleet(&redis, false).await;
    redis.command::<()>(&[b"ACL", b"SETUSER", b"default", b"-info"]);
    let session = client.session(&first).await;
    let flight = client.early_flight(&session, DATA).await;
    assert!(accepted(&second, &flight).await.is_empty());
    let metrics = second.sessions.metrics();
    assert_eq!((metrics.consumed, metrics.early_data_refused), (1, 1));
    assert!(metrics.errors > 0);
}

#[tokio::test]
async fn early_data_is_refused_in_the_first_window() {
    let Some(redis) = RedisServer::start() else { return };
    let identity = identity();
    let settings = settings(&redis).replay_window(Duration::from_secs(600));
    let first = Server::with(&identity, Versions::Tls13, settings, |config, _| config.early_data(1000)).await;
    let client = Client::new(&identity, Versions::Tls13);
    let session = client.session(&first).await;
    let flight = client.early_flight(&session, DATA).await;
    assert!(accepted(&first, &flight).await.is_empty());
    let metrics = first.sessions.metrics();
    assert_eq!((metrics.consumed, metrics.early_data_refused), (1, 1));
}

#[tokio::test]
async fn an_account_needs_the_documented_commands_only() {
    let Some(redis) = RedisServer::start() else { return };
    let identity = identity();
    let commands = ["+mget", "+get", "+set", "+del", "+ping", "+info", "+time"];
    let settings = RedisSessions::builder(redis.client_of_account(&commands), root()).replay_window(WINDOW);
    let settings = settings.time_limit(Duration::from_secs(10));
    let server =
        Server::with(&identity, Versions::Tls13, settings, |config, _| config.early_data(1000)).await;
    window().await;
    accepted_flight(&Client::new(&identity, Versions::Tls13), &server).await;
    let metrics = server.sessions.metrics();
    assert_eq!((metrics.errors, metrics.timeouts, metrics.dropped), (0, 0, 0), "{metrics:?}");
}
