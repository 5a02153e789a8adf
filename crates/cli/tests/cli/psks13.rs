//! `--psk` in TLS 1.3: external PSKs, plain and imported (RFC 9258).

use crate::support::{Finished, Kind, Pki, Serve, cairn, run};

const PSK: &str = "device 7:00112233445566778899aabbccddeeff";

/// A client without certificates to trust, which sends `hello`.
fn visit(server: &Serve, options: &[&str]) -> Finished {
    run(cairn(&["connect", &server.address, "--wait", "0", "--send", "hello"]).args(options))
}

#[test]
fn psk_authenticates_without_certificates() {
    let server = Serve::with(&[], &["--tls", "1.3", "--psk", PSK, "--once", "1"]);
    let done = visit(&server, &["--tls", "1.3", "--psk", PSK]).expect_code(0);
    assert_eq!(done.out(), "hello");
    done.expect_words(&[
        "PSK identity  device 7",
        "session       new, with an external PSK (psk_dhe_ke)",
        "the peer is   authenticated by pre-shared key",
    ]);
    server.finish().expect_words(&["PSK device 7 full: 5 bytes echoed"]);
}

#[test]
fn psk_with_another_key_is_rejected() {
    let server = Serve::with(&[], &["--tls", "1.3", "--psk", PSK, "--once", "1"]);
    visit(&server, &["--tls", "1.3", "--psk", "device 7:00"]).expect_code(4).expect_words(&["decrypt_error"]);
    server.finish().expect_code(4);
}

/// RFC 9257 section 6: "Each PSK [...] MUST be at least 128 bits long".
#[test]
fn short_psk_needs_a_lower_floor() {
    let short = ["--tls", "1.3", "--psk", "device 7:0011"];
    let server = Serve::with(&[], &[&short[..], &["--once", "1"]].concat());
    let words = ["an external PSK must have at least 128 bits, but it has 16"];
    visit(&server, &short).expect_code(4).expect_words(&words);
    server.finish().expect_code(4);
    let server = Serve::with(&[], &[&short[..], &["--once", "1"]].concat());
    visit(&server, &[&short[..], &["--floor", "psk=0"]].concat()).expect_code(4);
    server.finish().expect_code(4).expect_words(&words).expect_words(&["hint: --floor sets the minimum"]);
    let lower = [&short[..], &["--floor", "psk=0"]].concat();
    let server = Serve::with(&[], &[&lower[..], &["--once", "1"]].concat());
    visit(&server, &lower).expect_code(0);
    server.finish().expect_code(0);
}

#[test]
fn imported_psk_needs_the_same_context() {
    let arguments = ["--tls", "1.3", "--psk", PSK, "--psk-import=client 7, server 1", "--once", "3"];
    let server = Serve::with(&[], &arguments);
    let import = ["--tls", "1.3", "--psk", PSK];
    visit(&server, &[&import[..], &["--psk-import=client 7, server 1"]].concat()).expect_code(0);
    for other in [&["--psk-import"][..], &[]] {
        visit(&server, &[&import[..], other].concat()).expect_code(4).expect_words(&["decrypt_error"]);
    }
    server.finish().expect_code(4).expect_words(&["hint: The client offered none of the keys of --psk"]);
}

#[test]
fn key_serves_both_versions_only_if_it_is_imported() {
    let pki = Pki::new();
    let import = ["--tls", "both", "--psk", PSK, "--psk-import"];
    let server = Serve::with(&[], &[&import[..], &["--once", "2"]].concat());
    visit(&server, &import).expect_code(0).expect_words(&["version       TLS 1.3"]);
    visit(&server, &["--tls", "1.2", "--psk", PSK]).expect_code(0).expect_words(&["TLS 1.2"]);
    server.finish().expect_code(0);

    let server = Serve::start(&pki, Kind::P256, &[]);
    let words =
        ["--psk with both versions: one key must not be used directly in both versions", "--psk-import"];
    for versions in [&["--tls", "both"][..], &[]] {
        let psk = [versions, &["--psk", PSK]].concat();
        visit(&server, &psk).expect_code(1).expect_words(&words);
        run(cairn(&["serve", "--listen", "127.0.0.1:0"]).args(&psk)).expect_code(1).expect_words(&words);
    }
    visit(&server, &["--tls", "1.2", "--psk", PSK, "--psk-import"])
        .expect_code(1)
        .expect_words(&["--psk-import: only TLS 1.3 imports keys"]);
}

/// RFC 8773.
#[test]
fn certificates_authenticate_beside_the_psk() {
    let pki = Pki::new();
    let with = ["--tls", "1.3", "--psk", PSK, "--psk-with-certificates"];
    let server = Serve::start(&pki, Kind::P256, &[&with[..], &["--once", "2"]].concat());
    let done = visit(&server, &[&with[..], &["--ca", &pki.ca]].concat()).expect_code(0);
    assert_eq!(done.out(), "hello");
    done.expect_words(&[
        "PSK identity   device 7",
        "session        new, with an external PSK beside the certificate (psk_dhe_ke)",
        "the peer is    authenticated by certificate",
    ]);
    visit(&server, &["--tls", "1.3", "--ca", &pki.ca]).expect_code(0).expect_words(&["session        new"]);
    server.finish();
    // A server that uses the key alone.
    let server = Serve::start(&pki, Kind::P256, &["--tls", "1.3", "--psk", PSK, "--once", "1"]);
    visit(&server, &[&with[..], &["--ca", &pki.ca]].concat())
        .expect_code(4)
        .expect_words(&["the server does not use an external PSK together with its certificate"]);
    server.finish();
}
