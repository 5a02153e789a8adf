//! The effect of one client of `cairn serve` on others.

use crate::support::{Kind, Pki, Serve, cairn, run, run_with_input};
use cairn_tls::{ClientConfig, ServerName, Stream};
use core::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use std::{io::Write, net::TcpStream, thread, time::Instant};

/// Starts this many clients that send a byte from time to time while the flag is set.
fn drip(address: &str, clients: usize, on: &'static AtomicBool) -> Vec<thread::JoinHandle<()>> {
    let config = ClientConfig::builder().danger_accept_any_certificate().build().unwrap();
    let drop_by = |_| {
        let tcp = TcpStream::connect(address).unwrap();
        let name = ServerName::parse("localhost").unwrap();
        let mut tls = Stream::client(&config, name, tcp).unwrap();
        tls.handshake().unwrap();
        thread::spawn(move || {
            while on.load(Ordering::SeqCst) && tls.write_all(b"G").and_then(|()| tls.flush()).is_ok() {
                thread::sleep(Duration::from_millis(300));
            }
        })
    };
    (0..clients).map(drop_by).collect()
}

/// Slow clients occupy all slots; another client must be served nevertheless.
fn another_is_served(on: &'static AtomicBool, arguments: &[&str]) {
    let pki = Pki::new();
    let mut all = vec!["--timeout", "3", "--max-connections", "2"];
    all.extend(arguments);
    let server = Serve::start(&pki, Kind::P256, &all);
    let slow = drip(&server.address, 2, on);
    let start = Instant::now();
    let arguments = ["connect", &server.address, "--ca", &pki.ca, "--wait", "0"];
    let done = run_with_input(&mut cairn(&arguments), b"GET / HTTP/1.0\r\n\r\n").expect_code(0);
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    assert!(!done.out().is_empty());
    on.store(false, Ordering::SeqCst);
    slow.into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn slow_request_is_ended_and_others_are_served() {
    static ON: AtomicBool = AtomicBool::new(true);
    another_is_served(&ON, &["--http"]);
}

#[test]
fn slow_echo_is_ended_if_others_wait() {
    static ON: AtomicBool = AtomicBool::new(true);
    another_is_served(&ON, &[]);
}

#[test]
fn slow_echo_stays_while_no_client_waits() {
    static ON: AtomicBool = AtomicBool::new(true);
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--timeout", "3", "--max-connections", "2"]);
    let slow = drip(&server.address, 1, &ON);
    thread::sleep(Duration::from_secs(5));
    assert_eq!(server.log(), "", "it is still there");
    ON.store(false, Ordering::SeqCst);
    slow.into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn http_accepts_only_its_own_alpn_protocols() {
    let pki = Pki::new();
    let mut server = Serve::start(&pki, Kind::P256, &["--http", "--alpn", "h2"]);
    server.wait_for_text("--http does not speak h2");
    let connect = |address: &str, protocols: &str| {
        let mut command = cairn(&["connect", address, "--ca", &pki.ca, "--alpn", protocols]);
        run_with_input(&mut command, b"GET / HTTP/1.0\r\n\r\n")
    };
    connect(&server.address, "h2,http/1.1").expect_code(0).expect_words(&["protocol       http/1.1"]);
    connect(&server.address, "h2").expect_code(4).expect_words(&["no_application_protocol", "--alpn"]);
    // An echo accepts any protocol that is configured.
    let server = Serve::start(&pki, Kind::P256, &["--alpn", "h2"]);
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--alpn", "h2", "--wait", "0"]);
    run_with_input(&mut command, b"hello").expect_code(0).expect_words(&["protocol       h2"]);
}

#[test]
fn request_that_its_client_does_not_complete_is_no_failure() {
    let pki = Pki::new();
    for tls in ["1.2", "1.3"] {
        let server = Serve::start(&pki, Kind::P256, &["--http", "--once", "1", "--tls", tls]);
        let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--wait", "0"]);
        run(command.args(["--send", "GET / HTTP/1.0\r\n"])).expect_code(0);
        server.finish().expect_code(0).expect_words(&["incomplete request"]);
    }
}

#[test]
fn missing_common_parameters_are_reported_by_cause() {
    let pki = Pki::new();
    for (server, client, words) in [
        (
            &["--suites", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"][..],
            &["--suites", "TLS_ECDHE_ECDSA_WITH_AES_128_CCM"][..],
            &["The client offers TLS_ECDHE_ECDSA_WITH_AES_128_CCM", "--policy compatible"][..],
        ),
        (
            &["--suites", "TLS_AES_128_GCM_SHA256"],
            &["--suites", "TLS_AES_256_GCM_SHA384"],
            &["The client offers TLS_AES_256_GCM_SHA384; this server accepts TLS_AES_128_GCM_SHA256"],
        ),
        (&[], &["--suites", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"], &["a key of EC P-256"]),
        (
            &["--tls", "1.2", "--groups", "x25519"],
            &["--groups", "secp384r1"],
            &["none is in common", "--groups"],
        ),
        (&["--groups", "x25519"], &["--groups", "secp384r1"], &["none is in common", "--groups"]),
    ] {
        let mut arguments = vec!["--once", "1"];
        arguments.extend(server);
        let server = Serve::start(&pki, Kind::P256, &arguments);
        run(cairn(&["connect", &server.address, "--ca", &pki.ca]).args(client))
            .expect_code(4)
            .expect_words(&["handshake_failure", "Offered were the suites", "--groups"]);
        server.finish().expect_code(4).expect_words(words);
    }
}

#[test]
fn listen_address_may_be_a_url_or_a_port() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--http"]);
    for target in [
        format!("https://localhost:{}/a/path?x=https://y", server.port),
        format!(":{}", server.port),
        format!("https://user:password@127.0.0.1:{}", server.port),
    ] {
        let mut command = cairn(&["connect", &target, "--ca", &pki.ca]);
        run_with_input(&mut command, b"GET / HTTP/1.0\r\n\r\n")
            .expect_code(0)
            .expect_words(&["HTTP/1.1 200 OK"]);
    }
    run(&mut cairn(&["connect", "http://localhost/"])).expect_code(2).expect_words(&["does not use TLS"]);
    run(&mut cairn(&["serve", "--cert", "a", "--key", "b", "--listen", "8443"]))
        .expect_code(2)
        .expect_words(&["127.0.0.1:8443"]);
}
