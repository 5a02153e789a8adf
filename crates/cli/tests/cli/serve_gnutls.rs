//! `gnutls-cli` and `cairn serve`.

use crate::support::{Finished, KINDS, Kind, Pki, Serve, for_every_combination, installed, run_with_input};
use std::process::Command;

pub(crate) const TLS_1_2: &str = "NORMAL:-VERS-ALL:+VERS-TLS1.2";

pub(crate) fn gnutls_cli(
    server: &Serve,
    pki: &Pki,
    priority: &str,
    arguments: &[&str],
    input: &str,
) -> Finished {
    let mut command = Command::new("gnutls-cli");
    command.args(["--port", &server.port.to_string(), "--x509cafile", &pki.ca, "--priority", priority]);
    command.args(["--sni-hostname", "localhost", "--verify-hostname", "localhost"]);
    run_with_input(command.args(arguments).arg("127.0.0.1"), input.as_bytes())
}

#[test]
fn every_suite_group_and_kind_of_key_interoperates() {
    if !installed("gnutls-cli") {
        return;
    }
    for_every_combination(|server, pki, suite, group| {
        gnutls_cli(server, pki, &suite.priority(), &[], "GET / HTTP/1.0\r\n\r\n")
            .expect_code(0)
            .expect_words(&[
                "The certificate is trusted",
                &format!("cipher suite   {}", suite.iana),
                &format!("group          {}", group.iana),
            ]);
    });
}

#[test]
fn session_is_resumed() {
    if !installed("gnutls-cli") {
        return;
    }
    let pki = Pki::new();
    for kind in [Kind::P256, Kind::Rsa] {
        let server = Serve::start(&pki, kind, &["--http"]);
        gnutls_cli(&server, &pki, TLS_1_2, &["--resume"], "GET / HTTP/1.0\r\n\r\n")
            .expect_code(0)
            .expect_words(&["This is a resumed session", "resumed        yes"]);
    }
    let server = Serve::start(&pki, Kind::P256, &["--http", "--tickets"]);
    gnutls_cli(&server, &pki, TLS_1_2, &["--resume"], "GET / HTTP/1.0\r\n\r\n")
        .expect_code(0)
        .expect_words(&["This is a resumed session", "resumed        yes"]);
}

#[test]
fn client_authenticates_with_every_kind_of_key() {
    if !installed("gnutls-cli") {
        return;
    }
    let pki = Pki::new();
    let arguments = ["--http", "--client-ca", &pki.ca, "--require-client-cert"];
    let server = Serve::start(&pki, Kind::Rsa, &arguments);
    for kind in KINDS {
        let files = pki.client(kind);
        let proof = ["--x509certfile", &files.cert, "--x509keyfile", &files.key];
        gnutls_cli(&server, &pki, TLS_1_2, &proof, "GET / HTTP/1.0\r\n\r\n")
            .expect_code(0)
            .expect_words(&["client signed", "CN=Test client"]);
    }
}

#[test]
fn application_protocol_is_negotiated() {
    if !installed("gnutls-cli") {
        return;
    }
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--http", "--alpn", "http/1.1"]);
    gnutls_cli(&server, &pki, TLS_1_2, &["--alpn", "h2", "--alpn", "http/1.1"], "GET / HTTP/1.0\r\n\r\n")
        .expect_code(0)
        .expect_words(&["protocol       http/1.1"]);
}
