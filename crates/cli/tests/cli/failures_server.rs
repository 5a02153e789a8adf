//! `cairn serve` and faulty clients: the message, the alert sent, and the exit code.

use crate::support::{Kind, Pki, SUITES, Serve, alert_in, cairn, installed, run, speak};
use cairn_tls::x509::issue::Template;
use core::time::Duration;
use std::{
    io::{Read, Write},
    net::TcpStream,
    process::Command,
};

const UNEXPECTED_MESSAGE: u8 = 10;
const RECORD_OVERFLOW: u8 = 22;
const DECODE_ERROR: u8 = 50;
const PROTOCOL_VERSION: u8 = 70;

fn s_client(server: &Serve, pki: &Pki) -> Command {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &server.address, "-CAfile", &pki.ca, "-servername", "localhost"]);
    command.args(["-tls1_2", "-state", "-msg", "-verify_return_error"]);
    command
}

#[test]
fn malformed_record_is_answered_with_an_alert_and_reported() {
    let pki = Pki::new();
    let hello_of_version_1_0 = {
        // A complete ClientHello of TLS 1.0: no extensions, one suite.
        let mut hello = vec![22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 1];
        hello.extend([7; 32]);
        hello.extend([0, 0, 2, 0, 47, 1, 0]);
        hello
    };
    for (bytes, alert, words) in [
        (&b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"[..], UNEXPECTED_MESSAGE, "plain HTTP"),
        (b"SSH-2.0-OpenSSH_9.9\r\n", UNEXPECTED_MESSAGE, "SSH"),
        (&[0xff; 512], UNEXPECTED_MESSAGE, "expected a TLS record"),
        (b"\x80\x2e\x01\x03\x03\0\x15", PROTOCOL_VERSION, "SSL 2.0"),
        (b"\x16\x03\x01\xff\xff", RECORD_OVERFLOW, "at most 16384 bytes"),
        (b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", DECODE_ERROR, "ClientHello"),
        (b"\x16\x03\x01\x00\x04\x0e\x00\x00\x00", UNEXPECTED_MESSAGE, "unexpected"),
        (b"\x17\x03\x03\x00\x01\x00", UNEXPECTED_MESSAGE, "application data"),
        (b"\x14\x03\x03\x00\x01\x01", UNEXPECTED_MESSAGE, "ChangeCipherSpec"),
        (&hello_of_version_1_0, PROTOCOL_VERSION, "no version in common"),
    ] {
        let server = Serve::start(&pki, Kind::P256, &["--once", "1"]);
        let answer = speak(&server.address, bytes, false);
        assert_eq!(alert_in(&answer), Some(alert), "{words}: {answer:02x?}");
        let done = server.finish().expect_code(4).expect_words(&[words]);
        assert_eq!(done.err().lines().count(), 1, "a line for a client: {}", done.err());
    }
}

#[test]
fn client_that_disconnects_is_a_truncation() {
    let pki = Pki::new();
    for bytes in [&b"\x16\x03\x01"[..], &b"\x16\x03\x01\x00\x40\x01"[..]] {
        let server = Serve::start(&pki, Kind::P256, &["--once", "1"]);
        let answer = speak(&server.address, bytes, true);
        assert_eq!(alert_in(&answer), None, "nothing is wrong but the end: {answer:02x?}");
        server.finish().expect_code(6).expect_words(&["without close_notify"]);
    }
}

#[test]
fn connection_without_a_byte_is_not_an_error() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--once", "1"]);
    let answer = speak(&server.address, b"", true);
    assert_eq!(alert_in(&answer), None, "nothing is wrong: {answer:02x?}");
    let done = server.finish().expect_code(0).expect_words(&["closed without a byte"]);
    assert_eq!(done.err().lines().count(), 1, "{}", done.err());
    let server = Serve::start(&pki, Kind::P256, &["--once", "1", "--quiet"]);
    speak(&server.address, b"", true);
    assert_eq!(server.finish().expect_code(0).err(), "");
}

#[test]
fn silent_client_is_disconnected_at_the_timeout() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--once", "2", "--timeout", "1"]);
    let mut silent = TcpStream::connect(&server.address).unwrap();
    silent.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // A client that sends a byte from time to time: the time limit of the handshake applies nevertheless.
    let mut slow = TcpStream::connect(&server.address).unwrap();
    for byte in [22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3, 0, 0, 0, 0, 0] {
        std::thread::sleep(Duration::from_millis(150));
        if slow.write_all(&[byte]).is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    silent.read_to_end(&mut answer).unwrap();
    assert_eq!(answer, [21, 3, 3, 0, 2, 1, 0], "close_notify");
    drop(slow);
    server.finish().expect_code(3).expect_words(&["timed out"]);
}

#[test]
fn no_shared_suite_is_handshake_failure() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--once", "1"]);
    // An RSA suite, and an ECDSA key.
    let client = run(s_client(&server, &pki).args(["-cipher", SUITES[1].openssl]));
    assert_ne!(client.code(), 0);
    client.expect_words(&["fatal handshake_failure"]);
    server.finish().expect_code(4).expect_words(&["no cipher suite in common", "hint"]);

    let server = Serve::start(&pki, Kind::P256, &["--once", "1", "--groups", "x25519"]);
    let client = run(s_client(&server, &pki).args(["-groups", "P-384"]));
    assert_ne!(client.code(), 0);
    client.expect_words(&["fatal handshake_failure"]);
    server.finish().expect_code(4);
}

#[test]
fn no_shared_version_is_protocol_version() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--tls", "1.2", "--once", "1"]);
    let client =
        run(Command::new("openssl").args(["s_client", "-connect", &server.address, "-tls1_3", "-msg"]));
    assert_ne!(client.code(), 0);
    client.expect_words(&["fatal protocol_version"]);
    server.finish().expect_code(4).expect_words(&["version"]);
}

#[test]
fn no_shared_protocol_is_no_application_protocol() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--once", "1", "--alpn", "http/1.1"]);
    let client = run(s_client(&server, &pki).args(["-alpn", "h2"]));
    assert_ne!(client.code(), 0);
    client.expect_words(&["SSL alert number 120"]);
    server.finish().expect_code(4).expect_words(&["no application protocol in common"]);
}

#[test]
fn client_without_acceptable_certificate_is_refused() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let (expired, stranger) = (pki.expired_client(), pki.stranger(&Template::client("Stranger")));
    let not_a_client = pki.server(Kind::P256);
    for (files, alert, code, words) in [
        (None, "fatal handshake_failure", 4, "sent no certificate"),
        (Some(&expired), "fatal certificate_expired", 5, "expired"),
        (Some(&stranger), "fatal unknown_ca", 5, "was issued by \"CN=Other CA\""),
        (Some(&not_a_client), "fatal unsupported_certificate", 5, "extended key usage"),
    ] {
        let arguments = ["--once", "1", "--client-ca", &pki.ca, "--require-client-cert"];
        let server = Serve::start(&pki, Kind::P256, &arguments);
        let mut command = s_client(&server, &pki);
        if let Some(files) = files {
            command.args(["-cert", &files.cert, "-key", &files.key]);
        }
        let client = run(&mut command);
        assert_ne!(client.code(), 0, "{words}");
        client.expect_words(&[alert]);
        server.finish().expect_code(code).expect_words(&[words]);
    }
}

#[test]
fn client_below_the_floor_is_refused() {
    let pki = Pki::new();
    let client = pki.client(Kind::P256);
    for (floor, cert, code, words) in [
        ("authenticated,112", true, 0, &[][..]),
        ("authenticated,112", false, 4, &["the peer must be authenticated", "--floor sets the minimum"]),
        ("192", true, 4, &["at least 192 bits of strength are required", "--floor sets the minimum"]),
    ] {
        let options = ["--once", "1", "--client-ca", &pki.ca, "--floor", floor];
        let server = Serve::start(&pki, Kind::P256, &options);
        let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--send", "x", "--wait", "0"]);
        if cert {
            command.args(["--cert", &client.cert, "--key", &client.key]);
        }
        run(&mut command).expect_code(code);
        server.finish().expect_code(code).expect_words(words);
    }
    // Without a request for certificates no client could be served.
    let files = pki.server(Kind::P256);
    for tls in ["1.2", "1.3", "both"] {
        let mut command = cairn(&["serve", "--cert", &files.cert, "--key", &files.key, "--tls", tls]);
        run(command.args(["--listen", "127.0.0.1:0", "--once", "1", "--floor", "authenticated"]))
            .expect_code(1)
            .expect_words(&["clients must be authenticated, but no certificate is requested", "--client-ca"]);
    }
}

#[test]
fn alerts_of_the_client_are_reported() {
    let pki = Pki::new();
    for (files, arguments, words) in [
        (pki.server(Kind::P256), &["--name", "example.org"][..], "bad_certificate"),
        (pki.expired_server(), &[], "certificate_expired"),
        (pki.stranger(&Template::server("x").dns("localhost")), &[], "unknown_ca"),
    ] {
        let server = Serve::with(&[files], &["--once", "1"]);
        let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca]);
        if arguments.is_empty() {
            command.args(["--name", "localhost"]);
        }
        run(command.args(arguments)).expect_code(5);
        server.finish().expect_code(4).expect_words(&["the peer ended the connection", words]);
    }
}
