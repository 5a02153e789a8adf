//! `curl` and `cairn serve --http`.

use crate::support::{Finished, KINDS, Kind, Pki, Serve, for_every_combination, installed_with, run};
use std::process::Command;

/// Only curl with OpenSSL accepts OpenSSL's suite names.
pub(crate) fn curl_is_there() -> bool {
    installed_with("curl", "OpenSSL")
}

pub(crate) fn curl(server: &Serve, pki: &Pki, arguments: &[&str]) -> Finished {
    let url = format!("https://localhost:{}/some/path?query", server.port);
    let mut command = Command::new("curl");
    // No other address of the host, and no proxies or settings of the environment.
    command.args(["--disable", "--silent", "--show-error", "--noproxy", "*", "--ipv4", "--max-time", "50"]);
    command.args(["--tlsv1.2", "--tls-max", "1.2", "--cacert", &pki.ca]);
    run(command.args(arguments).arg(url))
}

#[test]
fn every_suite_group_and_kind_of_key_interoperates() {
    if !curl_is_there() {
        return;
    }
    for_every_combination(|server, pki, suite, group| {
        curl(server, pki, &["--ciphers", suite.openssl]).expect_code(0).expect_words(&[
            &format!("cipher suite   {}", suite.iana),
            &format!("group          {}", group.iana),
            "request        GET /some/path?query",
        ]);
    });
}

#[test]
fn page_format_depends_on_the_client() {
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
fn client_authenticates_with_every_kind_of_key() {
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
fn curl_rejects_an_untrusted_server_and_serve_reports_it() {
    if !curl_is_there() {
        return;
    }
    let pki = Pki::new();
    let mut server = Serve::with(&[pki.expired_server()], &["--http"]);
    assert_eq!(curl(&server, &pki, &[]).code(), 60);
    server.wait_for_text("certificate_expired");
}
