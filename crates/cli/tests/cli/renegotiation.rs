//! Renegotiation with other stacks, requested by each side.

use crate::{
    connect_openssl::SServer,
    serve_curl::{curl, curl_is_there},
    serve_gnutls::{TLS_1_2, gnutls_cli},
    serve_openssl::{get, s_client},
    support::{Kind, Peer, Pki, Serve, cairn, installed, run_with_input},
};

/// A server that requests a renegotiation, and a certificate in it.
fn asking(pki: &Pki) -> Serve {
    Serve::start(
        pki,
        Kind::P256,
        &["--http", "--renegotiate", "--client-ca", &pki.ca, "--require-client-cert"],
    )
}

#[test]
fn serve_requests_a_certificate_in_a_renegotiation() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    for kind in [Kind::P256, Kind::Rsa] {
        let files = pki.client(kind);
        let shown = ["client signed", "client         CN=", "request        GET /"];
        let mut server = asking(&pki);
        get(&server, &pki, &["-cert", &files.cert, "-key", &files.key]).expect_code(0).expect_words(&shown);
        server.wait_for_text(", renegotiated: GET / 200 OK");
        if curl_is_there() {
            let mut server = asking(&pki);
            curl(&server, &pki, &["--cert", &files.cert, "--key", &files.key])
                .expect_code(0)
                .expect_words(&shown[..2]);
            server.wait_for_text(", renegotiated: GET");
        }
    }
    // A client without a certificate completes the first handshake but not the second.
    let mut server = asking(&pki);
    get(&server, &pki, &[]);
    server.wait_for_text("handshake_failure");
}

#[test]
fn client_may_refuse_a_renegotiation_for_an_optional_certificate() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let mut server = Serve::start(&pki, Kind::P256, &["--http", "--renegotiate", "--client-ca", &pki.ca]);
    get(&server, &pki, &["-no_renegotiation"]).expect_words(&["200 OK"]);
    server.wait_for_text(", renegotiation refused: GET / 200 OK");
}

#[test]
fn renegotiation_requested_by_other_clients() {
    if installed("openssl") {
        let pki = Pki::new();
        let mut server = Serve::start(&pki, Kind::P256, &["--renegotiation", "allowed", "--trace"]);
        let mut client = Peer::start(&mut s_client(&server, &pki));
        client.wait_for_text("Verify return code: 0 (ok)");
        for round in 1..=3 {
            client.write(format!("text {round}\n").as_bytes());
            client.wait_for_text(&format!("text {round}\n"));
            client.write(b"R\n");
            // Text sent immediately would be read as part of the command.
            client.wait_for("RENEGOTIATING", |text| {
                (text.matches("RENEGOTIATING").count() == round).then_some(())
            });
        }
        client.write(b"the last\n");
        client.wait_for_text("the last\n");
        client.write(b"Q\n");
        client.finish();
        server.wait_for_text("bytes echoed");
        let hellos = server.log().matches("<- ClientHello").count();
        assert_eq!(hellos, 4, "{}", server.log());
    }
    if installed("gnutls-cli") {
        let pki = Pki::new();
        let mut server = Serve::start(&pki, Kind::P256, &["--http", "--renegotiation", "allowed", "--trace"]);
        gnutls_cli(&server, &pki, TLS_1_2, &["--rehandshake"], "GET / HTTP/1.0\r\n\r\n")
            .expect_code(0)
            .expect_words(&["ReHandshake was completed", "request        GET /"]);
        server.wait_for_text("GET / 200 OK");
        assert_eq!(server.log().matches("<- ClientHello").count(), 2, "{}", server.log());
    }
}

#[test]
fn renegotiation_requested_by_connect() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let server = SServer::start(&pki, Kind::P256, &["-client_renegotiation", "-rev"]);
    let connect = || {
        let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--name", "localhost"]);
        command.args(["--renegotiate", "--wait", "0"]);
        command
    };
    let done = run_with_input(&mut connect(), b"hello\n").expect_code(0);
    assert_eq!(done.out(), "olleh\n");
    assert!(done.err().lines().any(|line| line == "renegotiated"), "{}", done.err());
    // A server that refuses sends a warning, and the connection continues.
    let server = SServer::start(&pki, Kind::P256, &["-rev"]);
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--name", "localhost"]);
    let done = run_with_input(command.args(["--renegotiate", "--wait", "0"]), b"hello\n").expect_code(0);
    assert_eq!(done.out(), "olleh\n");
    assert!(done.err().contains("the server refused the renegotiation"), "{}", done.err());
}

#[test]
fn renegotiation_requested_by_other_servers_with_a_certificate() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let files = pki.client(Kind::P256);
    let mut server = SServer::start(&pki, Kind::P256, &["-CAfile", &pki.ca, "-naccept", "1"]);
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--name", "localhost"]);
    command.args(["--renegotiation", "allowed", "--cert", &files.cert, "--key", &files.key, "--trace"]);
    let mut client = Peer::start(&mut command);
    client.write(b"before\n");
    server.wait_for_text("before\n");
    // From its manual: `r` renegotiates, `R` also asks for a certificate.
    server.write(b"r\n");
    server.wait_for_text("SSL_do_handshake -> 1");
    client.write(b"between\n");
    server.wait_for_text("between\n");
    server.write(b"R\n");
    server.wait_for_text("verify return:1");
    client.write(b"after\n");
    server.wait_for_text("after\n");
    server.write(b"back\n");
    client.wait_for_text("back\n");
    let log = client.stderr();
    assert_eq!(log.matches("-> ClientHello").count(), 3, "{log}");
    assert_eq!(log.matches("-> CertificateVerify").count(), 1, "{log}");
    server.kill();
    client.kill();
}

#[test]
fn connect_refuses_renegotiation_by_default_and_continues() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let mut server = SServer::start(&pki, Kind::P256, &["-naccept", "1"]);
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--name", "localhost", "--trace"]);
    let mut client = Peer::start(&mut command);
    client.write(b"before\n");
    server.wait_for_text("before\n");
    server.write(b"r\n");
    client.wait_for_text("no_renegotiation");
    client.kill();
    server.kill();
}

#[test]
fn renegotiation_between_connect_and_serve() {
    let pki = Pki::new();
    let files = pki.client(Kind::P256);
    let mut server = asking(&pki);
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--name", "localhost"]);
    command.args(["--renegotiation", "allowed", "--cert", &files.cert, "--key", &files.key]);
    let done = run_with_input(&mut command, b"GET / HTTP/1.0\r\n\r\n").expect_code(0);
    assert!(done.out().contains("client         CN="), "{}", done.out());
    server.wait_for_text(", renegotiated: GET / 200 OK");
    // A client that refuses, as is the default, is not served if a certificate is required.
    let mut server = asking(&pki);
    let connect = |address: &str| {
        let mut command = cairn(&["connect", address, "--ca", &pki.ca, "--name", "localhost"]);
        run_with_input(&mut command, b"GET / HTTP/1.0\r\n\r\n")
    };
    let done = connect(&server.address);
    assert_ne!(done.code(), 0, "{}", done.all());
    assert!(done.out().is_empty(), "{}", done.out());
    done.expect_words(&["--renegotiation allowed"]);
    server.wait_for_text("refused the renegotiation in which");
    // If it is only requested, the client is served.
    let mut server = Serve::start(&pki, Kind::P256, &["--http", "--renegotiate", "--client-ca", &pki.ca]);
    let done = connect(&server.address).expect_code(0).expect_words(&["--renegotiation allowed"]);
    assert!(done.out().contains("sent no certificate"), "{}", done.out());
    server.wait_for_text(", renegotiation refused: GET / 200 OK");
}

#[test]
fn client_refusing_a_renegotiation_is_not_served_if_a_certificate_is_required() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let mut server = asking(&pki);
    let done = get(&server, &pki, &["-no_renegotiation"]);
    assert!(!done.out().contains("HTTP/1.1 200"), "{}", done.all());
    server.wait_for_text("refused the renegotiation in which");
}
