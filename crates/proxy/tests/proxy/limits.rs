//! Limits on connections, rates, handshakes and memory.

use super::support::{Folder, address, ask, ask_tls, connect, page, route, terminating, upstream};
use core::{net::SocketAddr, time::Duration};
use std::time::Instant;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
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

/// An upstream that greets each client and keeps the connection.
async fn greeting_upstream() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut tcp, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                tcp.write_all(b"hi").await?;
                tcp.read_to_end(&mut Vec::new()).await
            });
        }
    });
    address
}

#[tokio::test]
async fn a_client_with_too_many_open_connections_is_closed_and_others_are_served() {
    let folder = Folder::new();
    let upstream = greeting_upstream().await;
    let settings = |limit: &str| {
        format!(
            "admin = '127.0.0.1:0'\n[[listener]]\nname = 'a'\nlisten = '127.0.0.1:0'\n\
             accept_proxy = true\n{limit}\n{}",
            route(upstream)
        )
    };
    let mut proxy = folder.start(&settings("max_connections_per_client = 2")).await.unwrap();
    let place = address(&proxy, "a");
    // `None`: the connection is closed without data.
    let visit = async |client: &str| {
        let mut tcp = TcpStream::connect(place).await.unwrap();
        tcp.write_all(format!("PROXY TCP6 {client} 2001:db8::1 1 2\r\n").as_bytes()).await.unwrap();
        let mut greeting = [0; 2];
        let read = timeout(LONG, tcp.read_exact(&mut greeting)).await.unwrap();
        read.is_ok_and(|_| greeting == *b"hi").then_some(tcp)
    };
    // All addresses of a network of 64 bits count as one client.
    let first = visit("2001:db8:0:1::1").await.unwrap();
    let mut second = visit("2001:db8:0:1::2").await.unwrap();
    assert!(visit("2001:db8:0:1::1").await.is_none());
    assert!(visit("2001:db8:0:1:ffff::3").await.is_none());
    let _other = visit("2001:db8:0:2::1").await.unwrap();
    let metrics = page(&proxy, "/metrics").await;
    assert!(metrics.contains("reason=\"connections\"} 2"), "{metrics}");

    // The end of a connection makes room for another one.
    drop(first);
    let ended = async {
        while !page(&proxy, "/metrics").await.contains("cairn_connections_open{listener=\"a\"} 2\n") {
            tokio::task::yield_now().await;
        }
    };
    timeout(LONG, ended).await.unwrap();
    let _third = visit("2001:db8:0:1::1").await.unwrap();

    // A reload closes nothing, and the connections from before count.
    folder.put("proxy.toml", &settings("max_connections_per_client = 1"));
    proxy.reload().await.unwrap();
    assert!(visit("2001:db8:0:1::1").await.is_none());
    timeout(Duration::from_millis(300), second.read(&mut [0])).await.unwrap_err();
    folder.put("proxy.toml", &settings(""));
    proxy.reload().await.unwrap();
    let _fourth = visit("2001:db8:0:1::1").await.unwrap();
    folder.put("proxy.toml", &settings("max_connections_per_client = 3"));
    proxy.reload().await.unwrap();
    assert!(visit("2001:db8:0:1::1").await.is_none());
}
