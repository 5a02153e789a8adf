//! Many handshakes with few sessions.

use super::{
    handshakes::{acceptor, client, connect_async, runtime},
    hsm::{Kind, with_softhsm},
};
use cairn_pkcs11::{Error, KeyOptions, Signer};
use cairn_tls::{Versions, crypto::SigningKey};
use cairn_tokio::TlsConnector;
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

#[test]
fn hundreds_of_handshakes_share_two_sessions() {
    with_softhsm("load::hundreds_of_handshakes_share_two_sessions", |hsm| {
        let (_, public) = hsm.token_with("web", Kind::P256);
        let key = hsm.open_with("web", &public, KeyOptions::default().sessions(2)).unwrap();
        assert_eq!(key.max_sessions(), 2);
        let acceptor = acceptor(&key);
        let connectors =
            [Versions::Tls12, Versions::Tls13].map(|versions| TlsConnector::new(client(hsm, versions)));
        runtime().block_on(async {
            let mut tasks = tokio::task::JoinSet::new();
            for number in 0..12 {
                let (connector, acceptor) = (connectors[number % 2].clone(), acceptor.clone());
                tasks.spawn(async move {
                    for _ in 0..25 {
                        connect_async(&connector, &acceptor).await;
                    }
                });
            }
            while let Some(task) = tasks.join_next().await {
                task.unwrap();
            }
        });
    });
}

#[test]
fn a_signature_waits_no_longer_than_its_limit() {
    with_softhsm("load::a_signature_waits_no_longer_than_its_limit", |hsm| {
        let (_, public) = hsm.token_with("web", Kind::Rsa);
        let key = hsm.open_with("web", &public, KeyOptions::default().sessions(1)).unwrap();
        let scheme = key.schemes()[0];
        let limit = Duration::from_millis(5);
        let signer = Signer::new(key).time_limit(limit);
        runtime().block_on(async {
            // One session cannot make that many signatures in this time.
            let calls: Vec<_> = (0..300)
                .map(|_| {
                    let signer = signer.clone();
                    tokio::spawn(async move { signer.sign(scheme, b"a message".to_vec()).await })
                })
                .collect();
            let mut late = 0;
            for call in calls {
                match call.await.unwrap() {
                    Ok(_) => {}
                    Err(Error::TimedOut(time)) if time == limit => late += 1,
                    Err(other) => panic!("{other:?}"),
                }
            }
            assert!(late > 0);
            // The calls that were given up end and free the session.
            let patient = signer.clone().time_limit(Duration::from_secs(20));
            patient.sign(scheme, b"a message".to_vec()).await.unwrap();
        });
        // Blocking calls at the same time. They do not wait, and only one of them has the session.
        let options = KeyOptions::default().sessions(1).wait(Duration::ZERO);
        let key = hsm.open_with("web", &public, options).unwrap();
        let (end, busy) = (Instant::now() + Duration::from_secs(20), AtomicBool::new(false));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !busy.load(Ordering::SeqCst) && Instant::now() < end {
                        match key.sign_message(scheme, b"a message") {
                            Ok(_) => {}
                            Err(Error::Busy(Duration::ZERO)) => busy.store(true, Ordering::SeqCst),
                            Err(other) => panic!("{other:?}"),
                        }
                    }
                });
            }
        });
        assert!(busy.into_inner());
        key.sign_message(scheme, b"a message").unwrap();
    });
}
