//! `curl` and `cairn serve --http`.

use crate::support::{Finished, GROUPS, KINDS, Kind, Pki, SUITES, Serve, installed_with, run};
use std::process::Command;

/// Only one that is built with OpenSSL takes OpenSSL's names of suites.
pub(crate) fn curl_is_there() -> bool {
    installed_with("curl", "OpenSSL")
}

pub(crate) fn curl(server: &Serve, pki: &Pki, arguments: &[&str]) -> Finished {
    let url = format!("https://localhost:{}/some/path?query", server.port);
    let mut command = Command::new("curl");
    // Of the host, only this address; of the environment's proxies and its own settings, nothing.
    command.args(["--disable", "--silent", "--show-error", "--noproxy", "*", "--ipv4", "--max-time", "50"]);
    command.args(["--tlsv1.2", "--tls-max", "1.2", "--cacert", &pki.ca]);
    run(command.args(arguments).arg(url))
}

#[test]
fn every_suite_group_and_kind_of_key() {
    if !curl_is_there() {
        return;
    }
    let pki = Pki::new();
    let mut combinations = 0;
    for kind in KINDS {
        // The server decides on the group: the client offers the curve of the certificate too.
        for group in GROUPS {
            let server = Serve::start(&pki, kind, &["--http", "--groups", group.iana]);
            for suite in SUITES.iter().filter(|suite| suite.fits(kind)) {
                curl(&server, &pki, &["--ciphers", suite.openssl]).expect_code(0).expect_words(&[
                    &format!("cipher suite   {}", suite.iana),
                    &format!("group          {}", group.iana),
                    "request        GET /some/path?query",
                ]);
                combinations += 1;
            }
        }
    }
    assert_eq!(combinations, 60);
}

#[test]
fn a_page_for_browsers_and_one_for_terminals() {
    if !curl_is_there() {
        return;
    }
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--http", "--alpn", "http/1.1"]);
    let plain = curl(&server, &pki, &[]).expect_code(0).out();
    assert!(
        plain.starts_with("Cairn: this connection\n") && plain.contains("protocol       http/1.1"),
        "{plain}"
    );
    let html = curl(&server, &pki, &["--header", "Accept: text/html"]).expect_code(0).out();
    assert!(html.starts_with("<!doctype html>") && html.contains("<td>TLS 1.2</td>"), "{html}");
    let head = curl(&server, &pki, &["--head"]).expect_code(0).out();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    let post = curl(&server, &pki, &["--include", "--data", "x"]).expect_code(0).out();
    assert!(post.starts_with("HTTP/1.1 405 "), "{post}");
}

#[test]
fn a_client_proves_itself_with_every_kind_of_key() {
    if !curl_is_there() {
        return;
    }
    let pki = Pki::new();
    let arguments = ["--http", "--client-ca", &pki.ca, "--require-client-cert"];
    let server = Serve::start(&pki, Kind::P256, &arguments);
    for kind in KINDS {
        let files = pki.client(kind);
        curl(&server, &pki, &["--cert", &files.cert, "--key", &files.key])
            .expect_code(0)
            .expect_words(&["client signed", "CN=Test client"]);
    }
    assert_ne!(curl(&server, &pki, &[]).code(), 0);
}

#[test]
fn a_server_that_curl_does_not_know_is_told_so() {
    if !curl_is_there() {
        return;
    }
    let pki = Pki::new();
    let mut server = Serve::with(&[pki.expired_server()], &["--http"]);
    assert_eq!(curl(&server, &pki, &[]).code(), 60);
    server.wait_for_text("certificate_expired");
}
