//! `cairn connect` and faulty servers: the message, the alert sent, and the exit code.

use crate::{
    connect_openssl::SServer,
    support::{Kind, Pki, RawServer, SUITES, alert_in, cairn, free_port, installed, run, run_with_input},
};
use cairn_tls::x509::issue::Template;
use core::time::Duration;
use std::time::Instant;

const UNEXPECTED_MESSAGE: u8 = 10;
const DECODE_ERROR: u8 = 50;

#[test]
fn rejected_certificate_is_exit_code_5_with_its_alert() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let good = pki.server(Kind::P256);
    let cases = [
        (&good, "example.org", "fatal bad_certificate", "not for this name"),
        (&good, "127.0.0.2", "fatal bad_certificate", "not for this name"),
        (&pki.expired_server(), "localhost", "fatal certificate_expired", "a certificate expired at 20"),
        (
            &pki.stranger(&Template::server("x").dns("localhost")),
            "localhost",
            "fatal unknown_ca",
            "was issued by \"CN=Other CA\"",
        ),
        (&pki.client(Kind::P256), "localhost", "fatal unsupported_certificate", "extended key usage"),
    ];
    for (files, name, alert, words) in cases {
        let mut server = SServer::with(files, &["-msg", "-naccept", "1"]);
        let done = run(&mut cairn(&["connect", &server.address, "--ca", &pki.ca, "--name", name]));
        // The server's certificates are reported too.
        done.expect_code(5).expect_words(&[words, "alert sent", "subject:"]);
        server.wait_for_text(alert);
    }
}

#[test]
fn platform_roots_are_the_default_trust() {
    let pki = Pki::new();
    let folder = &pki.folder;
    // A platform whose only root is another authority's, then one without roots.
    let files = pki.stranger(&Template::server("x").dns("localhost"));
    let server = crate::support::Serve::start(&pki, Kind::P256, &["--once", "3"]);
    let connect = |roots: &str| {
        let mut command = cairn(&["connect", &server.address, "--name", "localhost"]);
        run(command.env("SSL_CERT_FILE", roots).env("SSL_CERT_DIR", folder.path().join("no-such-folder")))
    };
    connect(&files.cert).expect_code(1).expect_words(&["no trusted roots"]);
    let other = folder.write(
        "other.pem",
        {
            let provider = cairn_tls::default_provider();
            let template = Template::authority("Other").valid(0, 4_000_000_000);
            template.self_signed(&provider, cairn_tls::crypto::KeySpec::EcP256).unwrap()
        }
        .certificate_pem(),
    );
    connect(&other).expect_code(5).expect_words(&["the platform does not have it", "--ca"]);
    // If the platform trusts the authority, no option is needed.
    run_with_input(
        cairn(&["connect", &server.address, "--name", "localhost", "--wait", "0"])
            .env("SSL_CERT_FILE", &pki.ca),
        b"trusted\n",
    )
    .expect_code(0)
    .expect_words(&["trusted"]);
    // A client that accepts any certificate prints a warning.
    run(&mut cairn(&["connect", &server.address, "--insecure", "--wait", "0"]))
        .expect_code(0)
        .expect_words(&["not checked"]);
}

#[test]
fn no_shared_suite_is_reported_with_a_hint() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let server = SServer::start(&pki, Kind::Rsa, &[]);
    let done = run(&mut cairn(&["connect", &server.address, "--ca", &pki.ca, "--suites", SUITES[0].iana]));
    done.expect_code(4).expect_words(&["handshake_failure", "hint", "--suites"]);
    let only_1_3 = SServer::with(&pki.server(Kind::P256), &["-tls1_3"]);
    run(&mut cairn(&["connect", &only_1_3.address, "--insecure", "--tls", "1.2"]))
        .expect_code(4)
        .expect_words(&["protocol_version", "hint: --tls names the versions to speak"]);
}

#[test]
fn required_client_certificate_is_reported() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let server =
        SServer::start(&pki, Kind::P256, &["-Verify", "1", "-CAfile", &pki.ca, "-verify_return_error"]);
    run(&mut cairn(&["connect", &server.address, "--ca", &pki.ca]))
        .expect_code(4)
        .expect_words(&["the peer ended the connection with", "handshake_failure"]);
    let stranger = pki.stranger(&Template::client("Stranger"));
    let arguments = ["--cert", &stranger.cert, "--key", &stranger.key];
    run(cairn(&["connect", &server.address, "--ca", &pki.ca]).args(arguments))
        .expect_code(4)
        .expect_words(&["the peer ended the connection with"]);
}

#[test]
fn malformed_record_is_answered_with_an_alert() {
    for (bytes, alert, words) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], Some(UNEXPECTED_MESSAGE), "plain HTTP"),
        (b"SSH-2.0-OpenSSH_9.9\r\n", Some(UNEXPECTED_MESSAGE), "SSH"),
        (&[0; 300], Some(UNEXPECTED_MESSAGE), "expected a TLS record"),
        (b"\x16\x03\x03\x00\x05\x02\x00\x00\x01\x00", Some(DECODE_ERROR), "ServerHello"),
        (b"\x16\x03\x03\x00\x04\x0e\x00\x00\x00", Some(UNEXPECTED_MESSAGE), "expected ServerHello"),
        (b"\x17\x03\x03\x00\x01\x00", Some(UNEXPECTED_MESSAGE), "application data"),
        (b"\x15\x03\x03\x00\x02\x02\x46", None, "protocol_version"),
        (b"\x15\x03\x03\x00\x02\x01\x00", None, "closed the connection during the handshake"),
    ] {
        let server = RawServer::answering(bytes, false);
        run(&mut cairn(&["connect", &server.address, "--insecure"])).expect_code(4).expect_words(&[words]);
        let came = server.came();
        match alert {
            Some(_) => assert_eq!(alert_in(&came), alert, "{words}: {came:02x?}"),
            None => assert!(!came.windows(6).any(|six| six[0] == 21 && six[5] == 2), "{words}: {came:02x?}"),
        }
    }
}

#[test]
fn server_that_disconnects_is_a_truncation() {
    for bytes in [&b""[..], &b"\x16\x03\x03"[..]] {
        let server = RawServer::answering(bytes, true);
        run(&mut cairn(&["connect", &server.address, "--insecure"]))
            .expect_code(6)
            .expect_words(&["without close_notify"]);
        server.came();
    }
    if !installed("openssl") {
        return;
    }
    // Killed in the middle of a conversation: the data received before is printed.
    let pki = Pki::new();
    let mut server = SServer::start(&pki, Kind::P256, &["-naccept", "1"]);
    let mut client =
        crate::support::Peer::start(&mut cairn(&["connect", &server.address, "--ca", &pki.ca, "-q"]));
    server.write(b"half of a sen");
    client.wait_for_text("half of a sen");
    server.kill();
    let done = client.finish().expect_code(6).expect_words(&["data may be missing"]);
    assert_eq!(done.out(), "half of a sen");
}

#[test]
fn no_connection_is_exit_code_3() {
    let port = free_port();
    run(&mut cairn(&["connect", &format!("127.0.0.1:{port}"), "--insecure"]))
        .expect_code(3)
        .expect_words(&["no connection to 127.0.0.1"]);
    run(&mut cairn(&["connect", "no-such-host.invalid", "--insecure"]))
        .expect_code(3)
        .expect_words(&["no-such-host.invalid", "no address is known"]);
    // A server that sends nothing.
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let start = Instant::now();
    run(&mut cairn(&["connect", &address, "--insecure", "--timeout", "1"]))
        .expect_code(3)
        .expect_words(&["timed out"]);
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn server_below_the_floor_is_refused_with_its_strength() {
    let pki = Pki::new();
    let server = crate::support::Serve::start(&pki, Kind::Rsa, &[]);
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--name", "localhost"]);
    let done = run_with_input(command.args(["--floor", "128"]), b"").expect_code(4);
    done.expect_words(&["at least 128 bits of strength are required, but the authentication has 112"]);
    let done = run(&mut cairn(&["connect", &server.address, "--floor", "high"])).expect_code(2);
    done.expect_words(&[
        "a floor has parts separated by commas: authenticated, forward-secrecy, a number of bits, psk=BITS",
    ]);
}
