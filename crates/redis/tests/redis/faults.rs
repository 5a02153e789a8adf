//! A store that is slow, dead, full or wrong costs full handshakes. No connection fails.

use crate::{
    fleet::{BOTH, Client, Server, identity, settings},
    server::RedisServer,
};
use cairn_redis::RedisSessions;
use cairn_tokio::tls::{Session, Versions};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// Connects again and again, and offers each time a session of the last connection.
async fn connect_until(ended: &AtomicBool, client: &Client, servers: &[Server]) -> (u64, u64, Duration) {
    let (mut connected, mut failed, mut slowest) = (0, 0, Duration::ZERO);
    let mut session: Option<Arc<Session>> = None;
    while !ended.load(Ordering::Relaxed) {
        for server in servers {
            let begun = Instant::now();
            match client.try_connect(server, session.as_ref()).await {
                Ok(connection) => {
                    connected += 1;
                    session = connection.sessions.into_iter().next().or(session);
                }
                Err(error) => {
                    eprintln!("{error}");
                    failed += 1;
                }
            }
            slowest = slowest.max(begun.elapsed());
        }
    }
    (connected, failed, slowest)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn no_connection_fails_or_hangs_whatever_happens_to_the_store() {
    let Some(mut redis) = RedisServer::start() else { return };
    for versions in BOTH {
        let identity = identity();
        let client = Client::new(&identity, versions);
        let limits = || settings(&redis).time_limit(Duration::from_millis(50)).breaker(3, LITTLE);
        let first = Server::new(&identity, versions, limits()).await;
        let second = Server::new(&identity, versions, limits()).await;
        let servers = vec![first.clone(), second.clone()];
        let ended = Arc::new(AtomicBool::new(false));
        let loops: Vec<_> = (0..2)
            .map(|_| {
                let (ended, client, servers) = (Arc::clone(&ended), client.clone(), servers.clone());
                tokio::spawn(async move { connect_until(&ended, &client, &servers).await })
            })
            .collect();
        sleep(LITTLE).await;
        redis.signal("STOP");
        sleep(LITTLE * 3).await;
        redis.signal("CONT");
        sleep(LITTLE).await;
        redis.command::<()>(&[b"FLUSHALL"]);
        sleep(LITTLE).await;
        redis.kill();
        sleep(LITTLE * 3).await;
        redis.start_again();
        sleep(LITTLE).await;
        ended.store(true, Ordering::Relaxed);
        for task in loops {
            let (connected, failed, slowest) = task.await.unwrap();
            println!(
                "{versions:?}: connections failed: {failed} of {connected}; the slowest took {slowest:?}"
            );
            assert_eq!(failed, 0);
            assert!(connected > 10);
            assert!(slowest < Duration::from_secs(5), "{slowest:?}");
        }
        for server in &servers {
            let metrics = server.sessions.metrics();
            assert!(metrics.timeouts > 0 && metrics.errors > 0 && metrics.breaker_opened > 1, "{metrics:?}");
            assert!(metrics.skipped > 0, "{metrics:?}");
        }
        resumes_again(&client, &first, &second).await;
    }
}

const LITTLE: Duration = Duration::from_millis(300);

/// Waits until a session of one server is resumed on the other.
async fn resumes_again(client: &Client, first: &Server, second: &Server) {
    let begun = Instant::now();
    loop {
        let session = client.connect(first, None).await.sessions.into_iter().next().unwrap();
        if client.connect(second, Some(&session)).await.is_resumed {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", second.sessions.metrics());
        sleep(LITTLE).await;
    }
}

#[tokio::test]
async fn a_server_starts_while_the_store_is_away() {
    let Some(mut redis) = RedisServer::start() else { return };
    redis.kill();
    let identity = identity();
    let client = Client::new(&identity, Versions::Tls13);
    let first = Server::new(&identity, Versions::Tls13, settings(&redis).breaker(3, LITTLE)).await;
    let second = Server::new(&identity, Versions::Tls13, settings(&redis).breaker(3, LITTLE)).await;
    let session = client.session(&first).await;
    assert!(!client.connect(&second, Some(&session)).await.is_resumed);
    assert!(first.sessions.metrics().dropped > 0);
    redis.start_again();
    resumes_again(&client, &first, &second).await;
}

#[tokio::test]
async fn garbage_leads_to_a_full_handshake() {
    let Some(redis) = RedisServer::start() else { return };
    for versions in BOTH {
        let (first, second, client) = Server::pair(&redis, versions).await;
        redis.command::<()>(&[b"FLUSHDB"]);
        let session = client.session(&first).await;
        let names = redis.names("cairn:session:*");
        for garbage in [&b""[..], &[0; 10], &[0xff; 200], &vec![1; 1_000_000]] {
            for name in &names {
                redis.command::<()>(&[b"SET", name.as_bytes(), garbage]);
            }
            assert!(!client.connect(&second, Some(&session)).await.is_resumed, "{versions:?}");
        }
        for name in &names {
            redis.command::<()>(&[b"DEL", name.as_bytes()]);
            redis.command::<()>(&[b"HSET", name.as_bytes(), b"field", b"value"]);
        }
        assert!(!client.connect(&second, Some(&session)).await.is_resumed, "{versions:?}");
        assert_eq!(second.sessions.metrics().refused, 4);
    }
}

#[tokio::test]
async fn every_changed_byte_of_a_record_leads_to_a_full_handshake() {
    let Some(redis) = RedisServer::start() else { return };
    let (first, second, client) = Server::pair(&redis, Versions::Tls12).await;
    let session = client.session(&first).await;
    let name = redis.names("cairn:session:*").pop().unwrap();
    let record: Vec<u8> = redis.command(&[b"GET", name.as_bytes()]);
    for place in (0..record.len()).step_by(7) {
        let mut changed = record.clone();
        changed[place] ^= 1;
        redis.command::<()>(&[b"SET", name.as_bytes(), &changed]);
        assert!(!client.connect(&second, Some(&session)).await.is_resumed);
    }
    redis.command::<()>(&[b"SET", name.as_bytes(), &record]);
    assert!(client.connect(&second, Some(&session)).await.is_resumed);
}

#[tokio::test]
async fn the_record_of_another_session_leads_to_a_full_handshake() {
    let Some(redis) = RedisServer::start() else { return };
    for versions in BOTH {
        let (first, second, client) = Server::pair(&redis, versions).await;
        redis.command::<()>(&[b"FLUSHDB"]);
        let session = client.session(&first).await;
        let ours = redis.names("cairn:session:*");
        client.session(&first).await;
        let other = redis.names("cairn:session:*").into_iter().find(|name| !ours.contains(name)).unwrap();
        let record: Vec<u8> = redis.command(&[b"GET", other.as_bytes()]);
        for name in &ours {
            redis.command::<()>(&[b"SET", name.as_bytes(), &record]);
        }
        assert!(!client.connect(&second, Some(&session)).await.is_resumed, "{versions:?}");
    }
}

#[tokio::test]
async fn a_full_store_drops_sessions() {
    let Some(redis) = RedisServer::start() else { return };
    for versions in BOTH {
        redis.set("maxmemory", "0");
        let (first, second, client) = Server::pair(&redis, versions).await;
        let stored = client.session(&first).await;
        redis.set("maxmemory", "1");
        let session = client.session(&first).await;
        assert!(first.sessions.metrics().dropped > 0);
        assert!(!client.connect(&second, Some(&session)).await.is_resumed, "{versions:?}");
        // A session that is in the store can be read and used up.
        assert!(client.connect(&second, Some(&stored)).await.is_resumed, "{versions:?}");
    }
}

#[tokio::test]
async fn a_full_queue_drops_sessions() {
    let Some(redis) = RedisServer::start() else { return };
    let identity = identity();
    let client = Client::new(&identity, Versions::Tls13);
    let settings = settings(&redis).queue(1).time_limit(Duration::from_secs(60));
    let first = Server::new(&identity, Versions::Tls13, settings).await;
    redis.signal("STOP");
    for _ in 0..5 {
        client.try_connect(&first, None).await.unwrap();
    }
    redis.signal("CONT");
    first.sessions.flush().await;
    let metrics = first.sessions.metrics();
    assert!(metrics.dropped > 0 && metrics.stored > 0, "{metrics:?}");
    assert_eq!(metrics.dropped + metrics.stored, 10);
}

#[tokio::test]
async fn the_task_ends_with_the_last_clone() {
    let Some(redis) = RedisServer::start() else { return };
    // One of the connections is that of the command.
    let connections = async |expected| {
        let begun = Instant::now();
        while redis.command::<String>(&[b"CLIENT", b"LIST"]).lines().count() != expected {
            assert!(begun.elapsed() < Duration::from_secs(10));
            sleep(Duration::from_millis(10)).await;
        }
    };
    let sessions: RedisSessions = settings(&redis).build().unwrap();
    sessions.flush().await;
    connections(2).await;
    drop(sessions);
    connections(1).await;
}

#[tokio::test]
async fn a_session_is_removed_after_a_fatal_alert() {
    use cairn_tokio::Answerer;
    use cairn_tokio::tls::Notice;
    let Some(redis) = RedisServer::start() else { return };
    let (first, second, client) = Server::pair(&redis, Versions::Tls12).await;
    let session = client.session(&first).await;
    first.sessions.notice(&Notice::ForgetSession(*session.id()));
    first.sessions.flush().await;
    assert!(!client.connect(&second, Some(&session)).await.is_resumed);
}
