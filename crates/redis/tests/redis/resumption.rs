//! Sessions are resumed on another server, and tickets are used once.

use crate::{
    fleet::{BOTH, Client, Server, identity, settings},
    server::RedisServer,
};
use cairn_tokio::tls::{Session, SessionState, Versions, crypto::SecretBytes};
use std::{sync::Arc, time::Duration};

#[tokio::test]
async fn a_second_server_resumes_the_session_of_the_first() {
    let Some(redis) = RedisServer::start() else { return };
    for versions in BOTH {
        let (first, second, client) = Server::pair(&redis, versions).await;
        let session = client.session(&first).await;
        assert!(client.connect(&second, Some(&session)).await.is_resumed, "{versions:?}");
        assert_eq!(second.sessions.metrics().found, 1);
        assert_eq!(second.sessions.metrics().refused, 0);
    }
}

#[tokio::test]
async fn a_session_of_tls_1_2_may_be_resumed_again() {
    let Some(redis) = RedisServer::start() else { return };
    let (first, second, client) = Server::pair(&redis, Versions::Tls12).await;
    let session = client.session(&first).await;
    for server in [&second, &first, &second] {
        assert!(client.connect(server, Some(&session)).await.is_resumed);
    }
}

#[tokio::test]
async fn a_ticket_is_used_once() {
    let Some(redis) = RedisServer::start() else { return };
    let (first, second, client) = Server::pair(&redis, Versions::Tls13).await;
    let session = client.session(&first).await;
    assert!(client.connect(&second, Some(&session)).await.is_resumed);
    for server in [&first, &second] {
        assert!(!client.connect(server, Some(&session)).await.is_resumed);
    }
    assert_eq!(second.sessions.metrics().consumed, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_servers_with_the_same_ticket_one_resumes() {
    let Some(redis) = RedisServer::start() else { return };
    let (first, second, client) = Server::pair(&redis, Versions::Tls13).await;
    for _ in 0..20 {
        let session = client.session(&first).await;
        let (one, other) =
            tokio::join!(client.connect(&first, Some(&session)), client.connect(&second, Some(&session)));
        assert!(one.is_resumed != other.is_resumed);
    }
}

#[tokio::test]
async fn a_false_binder_evicts_nothing() {
    let Some(redis) = RedisServer::start() else { return };
    let (first, second, client) = Server::pair(&redis, Versions::Tls13).await;
    let session = client.session(&first).await;
    let mut forged = Session::clone(&session);
    let SessionState::Tls13(tls13) = &mut forged.state else { panic!("a session of TLS 1.3") };
    tls13.psk = SecretBytes::from(vec![0; tls13.psk.len()]);
    let failed = client.try_connect(&second, Some(&Arc::new(forged))).await.err().unwrap();
    let error = cairn_tokio::tls::tls_error(&failed.error).unwrap();
    assert!(error.to_string().contains("the peer ended the connection with decrypt_error"), "{error}");
    assert!(client.connect(&second, Some(&session)).await.is_resumed);
}

#[tokio::test]
async fn fleets_with_another_root_key_or_prefix_share_nothing() {
    let Some(redis) = RedisServer::start() else { return };
    for versions in BOTH {
        let identity = identity();
        let client = Client::new(&identity, versions);
        let first = Server::new(&identity, versions, settings(&redis)).await;
        let session = client.session(&first).await;
        let root = cairn_redis::RootKey::new(&[8; 32]).unwrap();
        let other = cairn_redis::RedisSessions::builder(redis.client(), root);
        for settings in [other, settings(&redis).prefix("other")] {
            let second = Server::new(&identity, versions, settings).await;
            assert!(!client.connect(&second, Some(&session)).await.is_resumed);
        }
        assert!(
            client.connect(&first, Some(&session)).await.is_resumed,
            "{versions:?} {:?}",
            first.sessions.metrics()
        );
    }
}

#[tokio::test]
async fn the_store_has_no_ids_and_no_secrets_and_everything_expires() {
    let Some(redis) = RedisServer::start() else { return };
    for versions in BOTH {
        let (first, _, client) = Server::pair(&redis, versions).await;
        let session = client.session(&first).await;
        let id = session.ticket().unwrap_or(session.id().as_bytes()).to_vec();
        let secret = match &session.state {
            SessionState::Tls12(tls12) => tls12.master_secret.expose().to_vec(),
            SessionState::Tls13(tls13) => tls13.psk.expose().to_vec(),
        };
        let names = redis.names("cairn:session:*");
        assert!(!names.is_empty());
        for name in &names {
            let record: Vec<u8> = redis.command(&[b"GET", name.as_bytes()]);
            for hidden in [&id[..], &secret, b"localhost"] {
                assert!(!record.windows(hidden.len()).any(|part| part == hidden));
            }
            let hex: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(!name.contains(&hex[..8]));
            let memory: u64 = redis.command(&[b"MEMORY", b"USAGE", name.as_bytes()]);
            println!("{versions:?}: a session takes {memory} bytes");
            assert!(memory < 400, "{memory}");
            let expires: i64 = redis.command(&[b"PTTL", name.as_bytes()]);
            assert!((80_000_000..=86_400_000).contains(&expires), "{expires}");
        }
        let salts = redis.names("cairn:salt:*");
        assert!(salts.len() >= 2, "the next one is published before it is used");
        for salt in salts {
            assert!(redis.command::<i64>(&[b"TTL", salt.as_bytes()]) > 0);
        }
    }
}

/// A store may keep a record for longer than it was told to.
#[tokio::test]
async fn an_expired_session_is_refused_even_if_the_store_still_has_it() {
    let Some(redis) = RedisServer::start() else { return };
    for versions in BOTH {
        let identity = identity();
        let client = Client::new(&identity, versions);
        let first = Server::new(&identity, versions, settings(&redis).lifetime(2)).await;
        let second = Server::new(&identity, versions, settings(&redis).lifetime(2)).await;
        let session = client.session(&first).await;
        for name in redis.names("cairn:session:*") {
            assert_eq!(redis.command::<i64>(&[b"PERSIST", name.as_bytes()]), 1);
        }
        tokio::time::sleep(Duration::from_millis(2500)).await;
        assert!(!client.connect(&second, Some(&session)).await.is_resumed, "{versions:?}");
        let metrics = second.sessions.metrics();
        assert_eq!((metrics.refused, metrics.found), (1, 0));
        redis.command::<()>(&[b"FLUSHALL"]);
    }
}
