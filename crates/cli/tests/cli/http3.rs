//! `connect --http3` and `serve --http3`.

use crate::support::{Finished, Kind, Pki, Serve, cairn, free_port, retry, run, run_with_input};
use cairn_tls::x509::issue::Template;
use std::{net::UdpSocket, time::Instant};

/// A server of HTTP/3.
fn serve(pki: &Pki, options: &[&str]) -> Serve {
    Serve::start(pki, Kind::P256, &[&["--http", "--http3"], options].concat())
}

/// A client that trusts the authority.
fn connect(pki: &Pki, server: &Serve, options: &[&str]) -> Finished {
    let url = format!("https://{}/some/path?query", server.address);
    run(cairn(&["connect", "--http3", &url, "--ca", &pki.ca]).args(options))
}

#[test]
fn page_comes_over_http3_and_both_sides_report_the_connection() {
    let pki = Pki::new();
    let server = serve(&pki, &["--once", "1"]);
    let done = connect(&pki, &server, &[]).expect_code(0);
    let page = done.out();
    assert!(page.starts_with("Cairn: this connection\n"), "{page}");
    for words in ["  request        GET /some/path?query\n", "  transport      HTTP/3 over QUIC version 1\n"]
    {
        assert!(page.contains(words), "{words:?} in {page}");
    }
    assert!(done.err().starts_with(&format!("connected to {} (QUIC)\n", server.address)), "{}", done.err());
    done.expect_words(&["protocol       h3", "the peer is    authenticated by certificate"]);
    server.finish().expect_code(0).expect_words(&[" ALPN h3 full", ", HTTP/3: 1 request\n"]);
}

#[test]
fn each_address_of_the_host_is_tried() {
    let pki = Pki::new();
    // It listens on 127.0.0.1, and ::1 comes first on many machines.
    let server = serve(&pki, &[]);
    let start = Instant::now();
    let url = format!("https://localhost:{}/", server.port);
    // The time limit of the first address must not pass before the second is tried.
    run(&mut cairn(&["connect", "--http3", &url, "--ca", &pki.ca, "--show-cert", "--timeout", "50"]))
        .expect_code(0)
        .expect_words(&["connected to 127.0.0.1:", "DNS:localhost"]);
    assert!(start.elapsed() < core::time::Duration::from_secs(45), "{:?}", start.elapsed());
}

#[test]
fn address_is_printed_only_when_both_sockets_are_bound() {
    let pki = Pki::new();
    let files = pki.server(Kind::P256);
    let (port, done) = retry(|| {
        let port = free_port();
        let _taken = UdpSocket::bind(("127.0.0.1", port)).ok()?;
        let address = format!("127.0.0.1:{port}");
        let arguments =
            ["serve", "--listen", &address, "--http", "--http3", "--cert", &files.cert, "--key", &files.key];
        let done = run(&mut cairn(&arguments)).expect_code(1);
        // Another process may have taken the port of TCP.
        let is_tcp = done.err().contains(&format!("cannot listen on {address}"));
        (!is_tcp).then_some((port, done))
    });
    assert_eq!(done.out(), "");
    done.expect_words(&[&format!("cannot listen on UDP port {port}")]);
}

#[test]
fn sessions_are_resumed_with_and_without_tickets_that_contain_them() {
    let pki = Pki::new();
    for options in [&["--once", "3"][..], &["--once", "3", "--tickets"]] {
        let server = serve(&pki, options);
        let done = connect(&pki, &server, &["--reconnect", "2"]).expect_code(0);
        let lines = ["reconnect 1 of 2: resumed\n", "reconnect 2 of 2: resumed\n"];
        assert!(lines.iter().all(|line| done.out().contains(line)), "{}", done.all());
        let log = server.finish().expect_code(0).err();
        assert_eq!(log.matches(" resumed, HTTP/3: 1 request\n").count(), 2, "{log}");
    }
}

#[test]
fn sessions_that_are_not_resumed_have_exit_code_8() {
    let pki = Pki::new();
    let server = serve(&pki, &["--no-resumption", "--once", "2"]);
    let done = connect(&pki, &server, &["--reconnect", "1"]).expect_code(8);
    done.expect_words(&["reconnect 1 of 1: not resumed", "0 of 1 connections were resumed"]);
    server.finish();
}

#[test]
fn request_in_early_data_is_answered_once() {
    let pki = Pki::new();
    let server = serve(&pki, &["--early-data", "1000", "--once", "2"]);
    let done = connect(&pki, &server, &["--reconnect", "1", "--early-request"]).expect_code(0);
    assert_eq!(done.out().matches("GET /some/path?query").count(), 2, "{}", done.all());
    done.expect_words(&["reconnect 1 of 1: resumed, early data accepted"]);
    server.finish().expect_words(&[" resumed, HTTP/3, early data accepted: 1 request\n"]);
}

#[test]
fn request_is_sent_again_when_its_early_data_is_rejected() {
    let pki = Pki::new();
    // With such tickets the server accepts none in its first seconds.
    let server = serve(&pki, &["--tickets", "--early-data", "1000", "--once", "2"]);
    let done = connect(&pki, &server, &["--reconnect", "1", "--early-request"]).expect_code(0);
    assert_eq!(done.out().matches("GET /some/path?query").count(), 2, "{}", done.all());
    done.expect_words(&["reconnect 1 of 1: resumed, early data rejected"]);
    server.finish().expect_words(&[" resumed, HTTP/3, early data rejected: 1 request\n"]);
}

#[test]
fn early_request_needs_a_ticket_that_permits_it() {
    let pki = Pki::new();
    let server = serve(&pki, &["--once", "2"]);
    let done = connect(&pki, &server, &["--reconnect", "1", "--early-request", "--quiet"]).expect_code(0);
    done.expect_words(&["resumed, no early data: there was no ticket for it"]);
    server.finish();
}

#[test]
fn client_proves_its_address_to_a_server_with_retry() {
    let pki = Pki::new();
    // A packet without a token is no connection, so it does not count.
    let server = serve(&pki, &["--retry", "--once", "2"]);
    connect(&pki, &server, &["--reconnect", "1"]).expect_code(0);
    server.finish().expect_code(0);
}

#[test]
fn keys_are_updated_between_two_requests() {
    let pki = Pki::new();
    let server = serve(&pki, &["--once", "1"]);
    let done = connect(&pki, &server, &["--key-update"]).expect_code(0);
    assert_eq!(done.out().matches("GET /some/path?query").count(), 2, "{}", done.all());
    server.finish().expect_code(0).expect_words(&["HTTP/3: 2 requests"]);
    let server = serve(&pki, &[]);
    connect(&pki, &server, &["--key-update=data"])
        .expect_code(1)
        .expect_words(&["hint: --key-update without"]);
}

#[test]
fn client_certificate_is_required_and_reported() {
    let pki = Pki::new();
    let files = pki.client(Kind::Ed25519);
    let server = serve(&pki, &["--client-ca", &pki.ca, "--require-client-cert", "--once", "2"]);
    let done = connect(&pki, &server, &["--cert", &files.cert, "--key", &files.key]).expect_code(0);
    done.expect_words(&["client signed  ed25519", "client         CN=Test client ed25519"]);
    connect(&pki, &server, &[]).expect_code(4).expect_words(&["certificate_required"]);
    server.finish().expect_code(4).expect_words(&["CN=Test client ed25519", "sent no certificate"]);
}

#[test]
fn protocol_that_the_server_does_not_speak_is_refused() {
    let pki = Pki::new();
    let server = serve(&pki, &["--once", "1"]);
    let done = connect(&pki, &server, &["--alpn", "other"]).expect_code(4);
    done.expect_words(&["the peer ended the connection with no_application_protocol"]);
    server.finish().expect_code(4).expect_words(&["no_application_protocol"]);
}

#[test]
fn untrusted_and_expired_certificates_have_exit_code_5() {
    let pki = Pki::new();
    let stranger = pki.stranger(&Template::server("Stranger").dns("localhost").ip([127, 0, 0, 1].into()));
    for (files, alert) in [(stranger, "unknown_ca"), (pki.expired_server(), "certificate_expired")] {
        let server = Serve::with(&[files], &["--http", "--http3", "--once", "1"]);
        connect(&pki, &server, &[]).expect_code(5);
        server.finish().expect_code(5).expect_words(&[alert]);
    }
}

#[test]
fn certificate_of_another_name_has_exit_code_5() {
    let pki = Pki::new();
    let server = serve(&pki, &[]);
    connect(&pki, &server, &["--name", "other.example"]).expect_code(5);
}

#[test]
fn silence_has_exit_code_3_and_names_udp() {
    let pki = Pki::new();
    // A socket that never answers.
    let silent = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("https://{}/", silent.local_addr().unwrap());
    let begun = Instant::now();
    let done =
        run(&mut cairn(&["connect", "--http3", &url, "--ca", &pki.ca, "--timeout", "1"])).expect_code(3);
    assert!(begun.elapsed().as_secs() >= 1);
    done.expect_words(&["timed out", "hint: QUIC needs UDP", "Without --http3"]);
}

#[test]
fn answers_over_tcp_announce_http3() {
    let pki = Pki::new();
    let announced = |options: &[&str]| {
        let server = Serve::start(&pki, Kind::P256, &[&["--http"], options].concat());
        let request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let arguments = ["connect", &server.address, "--ca", &pki.ca, "--name", "localhost"];
        let answer = run_with_input(&mut cairn(&arguments), request).expect_code(0).out();
        let line = answer.lines().find(|line| line.to_lowercase().starts_with("alt-svc:")).map(str::to_owned);
        (line, server.port)
    };
    let (line, port) = announced(&["--http3"]);
    assert!(line.as_ref().is_some_and(|line| line.contains(&format!("h3=\":{port}\""))), "{line:?}");
    assert_eq!(announced(&[]).0, None);
}

#[test]
fn suites_without_quic_are_refused_at_the_start() {
    let pki = Pki::new();
    let server = serve(&pki, &[]);
    connect(&pki, &server, &["--suites", "TLS_AES_128_CCM_8_SHA256"])
        .expect_code(1)
        .expect_words(&["RFC 9001 section 5.3"]);
    connect(&pki, &server, &["--tls", "1.2"]).expect_code(1).expect_words(&["TLS 1.3"]);
}

#[test]
fn options_of_tcp_are_refused() {
    let pki = Pki::new();
    let server = serve(&pki, &[]);
    connect(&pki, &server, &["--send", "text"]).expect_code(2).expect_words(&["--send"]);
    connect(&pki, &server, &["--trace"]).expect_code(2).expect_words(&["--trace"]);
    connect(&pki, &server, &["--early-request"]).expect_code(2).expect_words(&["--reconnect"]);
}
