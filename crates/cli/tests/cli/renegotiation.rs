//! A second handshake over the first, with peers of others, asked for by each side.

use crate::{
    connect_openssl::SServer,
    serve_curl::{curl, curl_is_there},
    serve_gnutls::{TLS_1_2, gnutls_cli},
    serve_openssl::{get, s_client},
    support::{Kind, Peer, Pki, Serve, cairn, installed, run_with_input},
};

/// A server that asks for a second handshake, and in that for a certificate.
fn asking(pki: &Pki) -> Serve {
    Serve::start(
        pki,
        Kind::P256,
        &["--http", "--renegotiate", "--client-ca", &pki.ca, "--require-client-cert"],
    )
}

#[test]
fn a_server_asks_clients_of_others_for_a_certificate_later() {
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
    // Who has none is let in to the first handshake and not to the second.
    let mut server = asking(&pki);
    get(&server, &pki, &[]);
    server.wait_for_text("handshake_failure");
}

/// What a client sends before it refuses is not served, and neither is what comes with its close_notify.
#[test]
fn a_server_that_requires_a_certificate_later_serves_no_client_that_refuses() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let mut server = asking(&pki);
    let refused = get(&server, &pki, &["-no_renegotiation"]);
    assert!(!refused.out().contains("200 OK"), "{}", refused.out());
    server.wait_for_text("the client refused the renegotiation");
    assert!(!server.log().contains("200 OK"), "{}", server.log());
    // Where a certificate is only asked for, the connection goes on.
    let mut server = Serve::start(&pki, Kind::P256, &["--http", "--renegotiate", "--client-ca", &pki.ca]);
    get(&server, &pki, &["-no_renegotiation"]).expect_words(&["200 OK"]);
    server.wait_for_text(", renegotiation refused: GET / 200 OK");
}

#[test]
fn a_client_of_others_asks() {
    if installed("openssl") {
        let pki = Pki::new();
        let mut server = Serve::start(&pki, Kind::P256, &["--renegotiation", "allowed", "--trace"]);
        let mut client = Peer::start(&mut s_client(&server, &pki));
        client.wait_for_text("Verify return code: 0 (ok)");
        for round in 1..=3 {
            client.write(format!("text {round}\n").as_bytes());
            client.wait_for_text(&format!("text {round}\n"));
            client.write(b"R\n");
            // What follows at once would be taken for the rest of the command.
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
fn our_client_asks() {
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
    // One that is not willing says so, and goes on.
    let server = SServer::start(&pki, Kind::P256, &["-rev"]);
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--name", "localhost"]);
    let done = run_with_input(command.args(["--renegotiate", "--wait", "0"]), b"hello\n").expect_code(0);
    assert_eq!(done.out(), "olleh\n");
    assert!(done.err().contains("the server refused the renegotiation"), "{}", done.err());
}

#[test]
fn a_server_of_others_asks_our_client_for_a_certificate_too() {
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
    // As its manual has it: `r` renegotiates, `R` asks for a certificate as well.
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
fn our_client_refuses_by_default_and_goes_on() {
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
fn both_ends_ours() {
    let pki = Pki::new();
    let files = pki.client(Kind::P256);
    let mut server = asking(&pki);
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--name", "localhost"]);
    command.args(["--renegotiation", "allowed", "--cert", &files.cert, "--key", &files.key]);
    let done = run_with_input(&mut command, b"GET / HTTP/1.0\r\n\r\n").expect_code(0);
    assert!(done.out().contains("client         CN="), "{}", done.out());
    server.wait_for_text(", renegotiated: GET / 200 OK");
    // A client that refuses, as is the default, is not served where a certificate is required.
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
    // Where it is only asked for, it is.
    let mut server = Serve::start(&pki, Kind::P256, &["--http", "--renegotiate", "--client-ca", &pki.ca]);
    let done = connect(&server.address).expect_code(0).expect_words(&["--renegotiation allowed"]);
    assert!(done.out().contains("sent no certificate"), "{}", done.out());
    server.wait_for_text(", renegotiation refused: GET / 200 OK");
}

#[test]
fn a_client_of_others_that_refuses_is_not_served_where_a_certificate_is_required() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let mut server = asking(&pki);
    let done = get(&server, &pki, &["-no_renegotiation"]);
    assert!(!done.out().contains("HTTP/1.1 200"), "{}", done.all());
    server.wait_for_text("refused the renegotiation in which");
}
