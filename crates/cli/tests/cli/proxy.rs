//! `cairn proxy`, between `cairn connect` and `cairn serve`.

use crate::support::{Finished, Kind, Peer, Pki, Serve, cairn, run};
use std::{io::Write as _, net::TcpStream};

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
fn check_says_what_is_wrong_with_the_settings() {
    let pki = Pki::new();
    let file = pki.folder.write("proxy.toml", settings(&pki, "127.0.0.1:1"));
    run(&mut cairn(&["proxy", "--check", &file])).expect_code(0);
    let file = pki.folder.write("proxy.toml", "[[listener]]\nname = 'front'\nlisten = 'here'\n");
    let done = run(&mut cairn(&["proxy", "--check", &file]));
    done.expect_code(1).expect_words(&["listener \"front\": there is no [[listener.route]]"]);
}
