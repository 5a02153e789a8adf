//! Limits on connections, rates, handshakes and memory.

use super::support::{Folder, address, ask, ask_tls, connect, page, route, terminating, upstream};
use core::time::Duration;
use std::time::Instant;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const LONG: Duration = Duration::from_secs(20);

fn with(settings: &str, more: &str) -> String {
    settings.replacen("listen = ", &format!("{more}\nlisten = "), 1)
}

#[tokio::test]
async fn silent_clients_do_not_keep_others_out() {
    let folder = Folder::new();
    let settings = with(&terminating("web", "127.0.0.1:0"), "max_handshakes = 3\nhandshake_seconds = 600");
    let settings = format!("admin = '127.0.0.1:0'\n{settings}{}", route(upstream("plain").await));
    let proxy = folder.start(&settings).await.unwrap();
    let web = address(&proxy, "web");
    let mut silent = Vec::new();
    for _ in 0..10 {
        silent.push(TcpStream::connect(web).await.unwrap());
    }
    let served = timeout(LONG, ask_tls(&folder, "a.example", web)).await.unwrap();
    assert_eq!(served.unwrap(), "plain: hello");
    // The oldest have ended, and no connection that forwards data has.
    let mut open = connect(folder.client(), "a.example", web).await.unwrap();
    open.write_all(b"x").await.unwrap();
    for _ in 0..3 {
        silent.push(TcpStream::connect(web).await.unwrap());
    }
    assert_eq!(timeout(LONG, silent[0].read(&mut [0])).await.unwrap().unwrap_or(0), 0);
    assert_eq!(timeout(LONG, ask(&mut open, "late")).await.unwrap().unwrap(), "plain: xlate");
    let metrics = page(&proxy, "/metrics").await;
    assert!(
        metrics.contains("cairn_handshake_failures_total{listener=\"web\",reason=\"oldest\"}"),
        "{metrics}"
    );
}

#[tokio::test]
async fn connections_above_the_rate_of_a_listener_wait() {
    let folder = Folder::new();
    let settings = "[[listener]]\nname = 'a'\nlisten = '127.0.0.1:0'\nconnections_per_second = 4\n";
    let proxy = folder.start(&format!("{settings}{}", route(upstream("plain").await))).await.unwrap();
    let begun = Instant::now();
    for _ in 0..7 {
        let mut tcp = TcpStream::connect(address(&proxy, "a")).await.unwrap();
        assert_eq!(ask(&mut tcp, "hello").await.unwrap(), "plain: hello");
    }
    // Four come at once, and three more within 250 milliseconds each.
    assert!(begun.elapsed() >= Duration::from_millis(740), "{:?}", begun.elapsed());
    assert!(begun.elapsed() < LONG);
}

#[tokio::test]
async fn a_client_above_its_rate_is_closed_and_others_are_served() {
    let folder = Folder::new();
    let settings = "admin = '127.0.0.1:0'\n[[listener]]\nname = 'a'\nlisten = '127.0.0.1:0'\n\
        accept_proxy = true\nclient_connections_per_second = 2\n";
    let proxy = folder.start(&format!("{settings}{}", route(upstream("plain").await))).await.unwrap();
    let visit = async |client: &str| {
        let mut tcp = TcpStream::connect(address(&proxy, "a")).await.unwrap();
        let response = ask(&mut tcp, &format!("PROXY TCP6 {client} 2001:db8::1 1 2\r\nhello")).await;
        response.is_ok_and(|response| response == "plain: hello")
    };
    // All addresses of a network of 64 bits count as one client.
    let network = ["2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:1:ffff::3", "2001:db8:0:1::1"];
    let mut served = Vec::new();
    for client in network {
        served.push(visit(client).await);
    }
    assert_eq!(served, [true, true, false, false]);
    assert!(visit("2001:db8:0:2::1").await);
    let metrics = page(&proxy, "/metrics").await;
    assert!(metrics.contains("reason=\"rate\"} 2"), "{metrics}");
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert!(visit("2001:db8:0:1::1").await);
}

#[tokio::test]
async fn a_client_above_its_rate_does_not_end_the_handshake_of_another() {
    let folder = Folder::new();
    let limits = "max_handshakes = 1\nclient_connections_per_second = 1\nhandshake_seconds = 600";
    let settings = with(&terminating("web", "127.0.0.1:0"), limits) + &route("127.0.0.1:1");
    let proxy = folder.start(&settings).await.unwrap();
    let mut first = TcpStream::connect(address(&proxy, "web")).await.unwrap();
    let mut refused = TcpStream::connect(address(&proxy, "web")).await.unwrap();
    assert_eq!(timeout(LONG, refused.read(&mut [0])).await.unwrap().unwrap_or(0), 0);
    timeout(Duration::from_millis(300), first.read(&mut [0])).await.unwrap_err();
}
