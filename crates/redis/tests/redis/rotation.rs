//! The keys of a fleet.

use crate::{
    fleet::{BOTH, Client, Server, accepted, identity, settings},
    server::RedisServer,
};
use cairn_tokio::tls::Versions;
use std::time::{Duration, Instant};
use tokio::time::sleep;

#[tokio::test]
async fn sessions_survive_rotations() {
    let Some(redis) = RedisServer::start() else { return };
    let rotating = || settings(&redis).rotation(1).lifetime(5);
    for versions in BOTH {
        let identity = identity();
        let client = Client::new(&identity, versions);
        let first = Server::new(&identity, versions, rotating()).await;
        let second = Server::new(&identity, versions, rotating()).await;
        let (early, late) = (client.session(&first).await, client.session(&first).await);
        let salts = redis.names("cairn:salt:1:*");
        sleep(Duration::from_millis(2200)).await;
        assert!(
            client.connect(&second, Some(&early)).await.is_resumed,
            "{versions:?} {:?} {:?}",
            first.sessions,
            second.sessions.metrics()
        );
        // A server that started after the rotation has the older keys too.
        let third = Server::new(&identity, versions, rotating()).await;
        assert!(client.connect(&third, Some(&late)).await.is_resumed, "{versions:?}");
        let now = redis.names("cairn:salt:1:*");
        assert!(now.iter().any(|salt| !salts.contains(salt)));
        assert!(client.connect(&second, Some(&client.session(&third).await)).await.is_resumed);
    }
}

#[tokio::test]
async fn servers_agree_on_keys_again_after_the_store_has_lost_them() {
    let Some(redis) = RedisServer::start() else { return };
    let identity = identity();
    let client = Client::new(&identity, Versions::Tls13);
    let first = Server::new(&identity, Versions::Tls13, settings(&redis)).await;
    let lost = client.session(&first).await;
    redis.command::<()>(&[b"FLUSHALL"]);
    // It knows nothing of the first one's keys, and publishes its own.
    let second = Server::new(&identity, Versions::Tls13, settings(&redis)).await;
    assert!(!client.connect(&second, Some(&lost)).await.is_resumed);
    // The next write shows it to the first.
    sleep(Duration::from_millis(1000)).await;
    client.session(&first).await;
    first.sessions.flush().await;
    let session = client.session(&first).await;
    assert!(client.connect(&second, Some(&session)).await.is_resumed);
    let session = client.session(&second).await;
    assert!(client.connect(&first, Some(&session)).await.is_resumed);
}

#[tokio::test]
async fn a_server_looks_for_the_key_of_a_record_that_it_does_not_know() {
    let Some(redis) = RedisServer::start() else { return };
    let identity = identity();
    let client = Client::new(&identity, Versions::Tls13);
    let new = || Server::with(&identity, Versions::Tls13, settings(&redis), |config, _| config.early_data(9));
    let first = new().await;
    redis.command::<()>(&[b"FLUSHALL"]);
    let second = new().await;
    let session = client.session(&second).await;
    // The client goes away before the first server could write a session.
    let flight = client.early_flight(&session, b"early").await;
    sleep(Duration::from_millis(1000)).await;
    accepted(&first, &flight).await;
    assert_eq!((first.sessions.metrics().refused, first.sessions.metrics().found), (1, 0));
    let begun = Instant::now();
    while first.sessions.metrics().found == 0 {
        assert!(begun.elapsed() < Duration::from_secs(20));
        sleep(Duration::from_millis(10)).await;
        accepted(&first, &flight).await;
    }
}

#[tokio::test]
async fn servers_share_the_keys_of_tickets_and_keep_them_without_the_store() {
    let Some(mut redis) = RedisServer::start() else { return };
    for versions in BOTH {
        let identity = identity();
        let client = Client::new(&identity, versions);
        let new = || {
            Server::with(&identity, versions, settings(&redis), |config, sessions| {
                config.tickets(sessions.ticket_keys())
            })
        };
        let (first, second) = (new().await, new().await);
        let session = client.session(&first).await;
        assert!(client.connect(&second, Some(&session)).await.is_resumed, "{versions:?}");
        // Nothing is looked up for a ticket that contains the session.
        assert_eq!(second.sessions.metrics().found, 0);
        let session = client.session(&first).await;
        redis.kill();
        assert!(client.connect(&second, Some(&session)).await.is_resumed, "{versions:?}");
        redis.start_again();
    }
}
