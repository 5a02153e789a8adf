//! `cairn proxy`, between `cairn connect` and `cairn serve`.

use crate::support::{Echo, Finished, Kind, PATIENCE, Peer, Pki, Serve, cairn, run};
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

/// The settings of a listener that terminates TLS, and originates it to this upstream.
fn settings(pki: &Pki, upstream: &str) -> String {
    let files = pki.server(Kind::P256);
    format!(
        "drain_seconds = 20\n[[listener]]\nname = 'front'\nlisten = '127.0.0.1:0'\n[listener.tls]\n\
         [[listener.tls.certificate]]\nchain = '{}'\nkey = '{}'\n[[listener.route]]\n\
         upstream = '{upstream}'\n[listener.route.tls]\nca = '{}'\nserver_name = 'localhost'\n",
        files.cert, files.key, pki.ca
    )
}

/// A running proxy and the address of its listener.
fn start(file: &str) -> (Peer, String) {
    let mut proxy = Peer::start(&mut cairn(&["proxy", file]));
    let address = proxy
        .wait_for("an address", |text| Some(text.split_once('\n')?.0.strip_prefix("front: ")?.to_owned()));
    (proxy, address)
}

fn visit(pki: &Pki, address: &str) -> Finished {
    run(&mut cairn(&[
        "connect",
        address,
        "--ca",
        &pki.ca,
        "--name",
        "localhost",
        "--wait",
        "0",
        "--send",
        "hello",
    ]))
}

#[test]
fn proxy_forwards_reloads_and_stops_by_signals() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P384, &[]);
    let file = pki.folder.write("proxy.toml", settings(&pki, &server.address));
    let (mut proxy, address) = start(&file);
    let done = visit(&pki, &address).expect_code(0);
    assert_eq!(done.out(), "hello");

    pki.folder.write("proxy.toml", "colour = 'blue'\n");
    proxy.signal("HUP");
    proxy.wait_for_text("not reloaded, the old settings stay in use");
    assert_eq!(visit(&pki, &address).expect_code(0).out(), "hello");
    pki.folder.write("proxy.toml", settings(&pki, &server.address));
    proxy.signal("HUP");
    proxy.wait_for_text("cairn: reloaded");
    assert_eq!(visit(&pki, &address).expect_code(0).out(), "hello");

    proxy.signal("TERM");
    proxy.finish().expect_code(0).expect_words(&["closed: listener front", "tls TLS 1.3"]);
}

#[test]
fn log_connections_false_omits_connections_that_end_as_they_should() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P384, &[]);
    let quiet = format!("log_connections = false\n{}", settings(&pki, &server.address));
    let (mut proxy, address) = start(&pki.folder.write("proxy.toml", quiet));
    visit(&pki, &address).expect_code(0);
    // A client without TLS.
    TcpStream::connect(&address).unwrap().write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    proxy.wait_for_text("refused: listener front");
    proxy.signal("TERM");
    let done = proxy.finish().expect_code(0);
    let log = String::from_utf8_lossy(&done.stderr);
    assert!(log.contains("refused:") && !log.contains("closed:"), "{log}");
}

#[test]
fn the_first_connection_above_the_limit_of_a_client_is_logged_with_its_address() {
    let (pki, upstream) = (Pki::new(), Echo::start());
    let text = format!(
        "[[listener]]\nname = 'front'\nlisten = '127.0.0.1:0'\naccept_proxy = true\n\
         max_connections_per_client = 1\n[[listener.route]]\nupstream = '{}'\n",
        upstream.address
    );
    let (proxy, address) = start(&pki.folder.write("proxy.toml", text));
    let visit = |port: u16| {
        let mut tcp = TcpStream::connect(&address).unwrap();
        tcp.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(tcp, "PROXY TCP4 192.0.2.7 192.0.2.8 {port} 443\r\n").unwrap();
        // The proxy may close first.
        let _sent = tcp.write_all(b"x");
        tcp.read_exact(&mut [0]).is_ok().then_some(tcp)
    };
    let open = visit(1001).unwrap();
    for port in [1002, 1003] {
        assert!(visit(port).is_none());
    }
    drop(open);
    proxy.signal("TERM");
    let done = proxy.finish().expect_code(0).expect_words(&[
        "refused: listener front, client 192.0.2.7:1002, reason the client has as many open connections",
        "closed: listener front, client 192.0.2.7:1001",
    ]);
    assert!(!done.all().contains("192.0.2.7:1003"), "{}", done.all());
}

#[test]
fn check_says_what_is_wrong_with_the_settings() {
    let pki = Pki::new();
    let file = pki.folder.write("proxy.toml", settings(&pki, "127.0.0.1:1"));
    run(&mut cairn(&["proxy", "--check", &file])).expect_code(0);
    let file = pki.folder.write("proxy.toml", "[[listener]]\nname = 'front'\nlisten = 'here'\n");
    let done = run(&mut cairn(&["proxy", "--check", &file]));
    done.expect_code(1).expect_words(&["listener \"front\": there is no [[listener.route]]"]);
}
