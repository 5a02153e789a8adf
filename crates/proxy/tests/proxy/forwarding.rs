//! Forwarding: the data, and the choice of the upstream.

use super::support::{
    Folder, address, ask, ask_tls, connect, page, route, terminating, unix_upstream, upstream,
};
use cairn_tokio::tls::{Versions, tls_error};
use core::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[tokio::test]
async fn tls_is_terminated_and_half_closes_are_forwarded() {
    let folder = Folder::new();
    let settings = terminating("web", "127.0.0.1:0") + &route(upstream("plain").await);
    let proxy = folder.start(&settings).await.unwrap();
    let proxied = address(&proxy, "web");
    assert_eq!(ask_tls(&folder, "a.example", proxied).await.unwrap(), "plain: hello");
    // In TLS 1.2, close_notify closes both directions, so the response is awaited before.
    let config = folder.client().versions(Versions::Tls12);
    let mut tls = connect(config, "a.example", proxied).await.unwrap();
    tls.write_all(b"hello").await.unwrap();
    tls.shutdown().await.unwrap();
    assert_eq!(tls.read(&mut [0; 10]).await.unwrap(), 0);
}

#[tokio::test]
async fn names_choose_the_upstream_and_tls_may_pass() {
    let folder = Folder::new();
    folder.issue("a", "a.example");
    let passed = folder.tls_upstream("b.example").await;
    let mut settings = terminating("web", "127.0.0.1:0");
    settings += &format!("{}names = ['*.b.example', 'b.example']\npass = true\n", route(passed));
    settings += &format!("{}names = ['a.example']\n", route(upstream("first").await));
    let proxy = folder.start(&settings).await.unwrap();
    let proxied = address(&proxy, "web");
    assert_eq!(ask_tls(&folder, "a.example", proxied).await.unwrap(), "first: hello");
    // The certificate is that of the upstream.
    assert_eq!(ask_tls(&folder, "b.example", proxied).await.unwrap(), "b.example none: hello");
    let refused = ask_tls(&folder, "c.example", proxied).await.unwrap_err();
    assert!(
        tls_error(&refused).is_some() || refused.kind() == std::io::ErrorKind::UnexpectedEof,
        "{refused}"
    );
}

#[tokio::test]
async fn tls_is_originated_and_follows_the_protocol_of_the_client() {
    let folder = Folder::new();
    let secure = folder.tls_upstream("b.example").await;
    let tls = "[listener.route.tls]\nca = 'ca.pem'\nserver_name = 'b.example'\n";
    let mut settings =
        format!("[[listener]]\nname = 'plain'\nlisten = '127.0.0.1:0'\n{}{tls}", route(secure));
    settings += &format!(
        "{}{}{tls}",
        terminating("both", "127.0.0.1:0").replace("127.0.0.1:0", "127.0.0.2:0"),
        route(secure)
    );
    let proxy = folder.start(&settings).await.unwrap();
    let mut tcp = TcpStream::connect(address(&proxy, "plain")).await.unwrap();
    assert_eq!(ask(&mut tcp, "hello").await.unwrap(), "b.example none: hello");
    let both = address(&proxy, "both");
    let mut h2 = connect(folder.client().alpn(["h2"]), "a.example", both).await.unwrap();
    assert_eq!(ask(&mut h2, "hello").await.unwrap(), "b.example h2: hello");
}

#[cfg(unix)]
#[tokio::test]
async fn sockets_of_unix_are_listened_on_and_connected_to() {
    let folder = Folder::new();
    unix_upstream(&folder.path("up.sock"), "unix");
    let listen = format!("unix:{}", folder.path("in.sock"));
    let settings = format!(
        "[[listener]]\nname = 'u'\nlisten = '{listen}'\n{}",
        route(format!("unix:{}", folder.path("up.sock")))
    );
    let proxy = folder.start(&settings).await.unwrap();
    let mut unix = tokio::net::UnixStream::connect(folder.path("in.sock")).await.unwrap();
    assert_eq!(ask(&mut unix, "hello").await.unwrap(), "unix: hello");
    // A socket that was left behind is replaced.
    proxy.stop().await;
    let proxy = folder.start(&settings).await.unwrap();
    let mut unix = tokio::net::UnixStream::connect(folder.path("in.sock")).await.unwrap();
    assert_eq!(ask(&mut unix, "again").await.unwrap(), "unix: again");
    drop(proxy);
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_in_place_of_a_socket_is_not_removed() {
    let folder = Folder::new();
    folder.put("precious", "data");
    let listen = format!("unix:{}", folder.path("precious"));
    let settings = format!("[[listener]]\nname = 'u'\nlisten = '{listen}'\n{}", route("127.0.0.1:1"));
    folder.start(&settings).await.unwrap_err();
    assert_eq!(std::fs::read_to_string(folder.path("precious")).unwrap(), "data");
}

#[tokio::test]
async fn addresses_of_clients_are_accepted_and_sent_by_the_proxy_protocol() {
    let folder = Folder::new();
    for version in ["v1", "v2"] {
        let plain = upstream("plain").await;
        let settings = format!(
            "[[listener]]\nname = 'p'\nlisten = '127.0.0.1:0'\naccept_proxy = true\n{}\
             send_proxy = '{version}'\n",
            route(plain)
        );
        let proxy = folder.start(&settings).await.unwrap();
        let mut tcp = TcpStream::connect(address(&proxy, "p")).await.unwrap();
        let response = ask(&mut tcp, "PROXY TCP4 192.0.2.9 198.51.100.1 7000 443\r\nhello").await.unwrap();
        assert!(response.ends_with("hello"), "{response:?}");
        if version == "v1" {
            assert_eq!(response, "plain: PROXY TCP4 192.0.2.9 198.51.100.1 7000 443\r\nhello");
        } else {
            // The address, after the signature of 12 bytes and 4 more.
            assert!(response.contains("\r\n\r\n\0\r\nQUIT\n"), "{response:?}");
        }
        let mut tcp = TcpStream::connect(address(&proxy, "p")).await.unwrap();
        tcp.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        assert_eq!(tcp.read(&mut [0; 10]).await.unwrap_or(0), 0);
    }
}

#[tokio::test]
async fn clients_need_a_certificate_with_a_permitted_name() {
    let folder = Folder::new();
    let mut settings = terminating("web", "127.0.0.1:0");
    settings = settings
        .replace("alpn = ['h2', 'http/1.1']", "client_ca = 'ca.pem'\nclient_names = ['*.clients.example']");
    settings += &route(upstream("plain").await);
    let proxy = folder.start(&format!("admin = '127.0.0.1:0'\n{settings}")).await.unwrap();
    let proxied = address(&proxy, "web");
    for (name, expected) in [("one.clients.example", true), ("two.example", false)] {
        let (chain, key) = folder.issue_client(name);
        let config = folder.client().credential_pem(chain.as_bytes(), key.as_bytes()).unwrap();
        let mut tls = connect(config, "a.example", proxied).await.unwrap();
        assert_eq!(ask(&mut tls, "hello").await.is_ok(), expected, "{name}");
    }
    ask_tls(&folder, "a.example", proxied).await.unwrap_err();
    let metrics = page(&proxy, "/metrics").await;
    assert!(metrics.contains("cairn_handshake_failures_total{listener=\"web\",reason=\"unauthorized\"} 1"));
    assert!(metrics.contains("version=\"1.3\",resumed=\"false\"} 2"), "{metrics}");
    assert!(page(&proxy, "/health").await.ends_with("ok\n"));
}

#[tokio::test]
async fn idle_connections_and_slow_clients_end() {
    let folder = Folder::new();
    let settings = terminating("web", "127.0.0.1:0")
        .replace("[listener.tls]", "idle_seconds = 1\nhandshake_seconds = 1\n[listener.tls]")
        + &route(upstream("plain").await);
    let proxy = folder.start(&settings).await.unwrap();
    let proxied = address(&proxy, "web");
    let mut silent = TcpStream::connect(proxied).await.unwrap();
    let mut idle = connect(folder.client(), "a.example", proxied).await.unwrap();
    let limit = Duration::from_secs(20);
    // The upstream has not closed, so an idle connection ends without close_notify.
    let mut said = Vec::new();
    let (silent, idle) = tokio::join!(tokio::time::timeout(limit, silent.read_to_end(&mut said)), async {
        let mut place = [0; 10];
        tokio::time::timeout(limit, idle.read(&mut place)).await
    });
    silent.unwrap().unwrap();
    // Both the proxy and its acceptor have the time limit. If the acceptor is first, it sends close_notify.
    assert!(matches!(said.as_slice(), [] | [21, 3, 3, 0, 2, 1, 0]), "{said:?}");
    assert_eq!(idle.unwrap().unwrap_err().kind(), std::io::ErrorKind::UnexpectedEof);
}

#[tokio::test]
async fn an_upstream_that_is_not_there_is_counted() {
    let folder = Folder::new();
    // A port without a listener.
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let settings = format!("admin = '127.0.0.1:0'\n{}{}", terminating("web", "127.0.0.1:0"), route(gone));
    let proxy = folder.start(&settings).await.unwrap();
    ask_tls(&folder, "a.example", address(&proxy, "web")).await.unwrap_err();
    let metrics = page(&proxy, "/metrics").await;
    assert!(metrics.contains("cairn_upstream_failures_total{listener=\"web\"} 1"), "{metrics}");
}
