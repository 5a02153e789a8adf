//! Ten megabytes, in each direction, with each peer.

use crate::{
    connect_openssl::SServer,
    support::{Kind, Pki, Serve, cairn, installed, run_with_input},
};
use std::process::Command;

const SIZE: usize = 10 << 20;

/// Bytes that do not repeat soon, so that a piece that is lost or comes twice shows.
fn noise() -> Vec<u8> {
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    (0..SIZE)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        })
        .collect()
}

#[track_caller]
fn same(came: &[u8], sent: &[u8]) {
    assert_eq!(came.len(), sent.len());
    let differ = came.iter().zip(sent).position(|(came, sent)| came != sent);
    assert_eq!(differ, None, "the first byte that differs");
}

#[test]
fn an_echo_of_our_own_brings_all_of_it_back() {
    let pki = Pki::new();
    let noise = noise();
    for kind in [Kind::P256, Kind::Rsa] {
        let server = Serve::start(&pki, kind, &["--once", "2"]);
        let suite = if kind.is_rsa() {
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
        } else {
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
        };
        // Closed at once when all is said, and after some silence: either way all of it comes back first. That it is all
        // can be told of the first alone, in which the server closes too before we give up.
        for (wait, code) in [("0", 0), ("1", 9)] {
            let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--wait", wait]);
            let done = run_with_input(command.args(["--suites", suite]), &noise).expect_code(code);
            same(&done.stdout, &noise);
        }
        server.finish().expect_code(0).expect_words(&[&format!("{SIZE} bytes echoed")]);
    }
}

#[test]
fn openssl_gets_all_of_it_back() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let noise = noise();
    let server = Serve::start(&pki, Kind::P256, &["--timeout", "5"]);
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &server.address, "-tls1_2", "-CAfile", &pki.ca]);
    // Ends when the server, tired of the silence, says close_notify.
    command.args(["-quiet", "-ign_eof"]);
    let done = run_with_input(&mut command, &noise);
    same(&done.stdout, &noise);
    assert!(server.log().contains("timed out"), "{}", server.log());
}

#[test]
fn a_large_file_comes_from_openssl_whole() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let noise = noise();
    pki.folder.write("large.bin", &noise);
    let server = SServer::in_folder(&pki, Kind::P256, &["-HTTP"], pki.folder.path());
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca]);
    // With -HTTP the file is the whole response.
    let done = run_with_input(&mut command, b"GET /large.bin HTTP/1.0\r\n\r\n").expect_code(0);
    same(&done.stdout, &noise);
}

#[test]
fn a_large_file_goes_to_openssl_whole() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let noise = noise();
    // What comes stands between lines of its own.
    let server = SServer::start(&pki, Kind::Rsa, &["-naccept", "1"]);
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--wait", "0", "-q"]);
    run_with_input(&mut command, &noise).expect_code(0);
    let out = server.finish().stdout;
    let start = out.windows(64).position(|window| window == &noise[..64]).expect("the first bytes");
    same(&out[start..start + SIZE], &noise);
}

#[test]
fn a_text_goes_over_each_connection() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &[]);
    let send = |more: &[&str]| {
        let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--name", "localhost", "-q"]);
        run_with_input(command.args(["--send", "hello\n", "--wait", "0"]).args(more), b"not this")
            .expect_code(0)
            .out()
    };
    assert_eq!(send(&[]), "hello\n");
    assert_eq!(send(&["--reconnect", "1"]), "hello\nhello\nreconnect 1 of 1: resumed\n");
}
