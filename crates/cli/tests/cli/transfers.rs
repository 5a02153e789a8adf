//! Ten megabytes in each direction, with each peer.

use crate::{
    connect_openssl::SServer,
    support::{Kind, Pki, Serve, cairn, installed, run_with_input},
};
use std::process::Command;

const SIZE: usize = 10 << 20;

/// Bytes with a long period, so that lost or repeated pieces are detected.
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
fn echo_by_serve_is_complete() {
    let pki = Pki::new();
    let noise = noise();
    for kind in [Kind::P256, Kind::Rsa] {
        let server = Serve::start(&pki, kind, &["--once", "2"]);
        let suite = if kind.is_rsa() {
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
        } else {
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
        };
        // Closed immediately after the input, or after a silence: all data comes back first in both cases.
        // Only the first case shows that the answer is complete, because there the server closes before we
        // give up.
        for (wait, code) in [("0", 0), ("1", 9)] {
            let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--wait", wait]);
            let done = run_with_input(command.args(["--suites", suite]), &noise).expect_code(code);
            same(&done.stdout, &noise);
        }
        server.finish().expect_code(0).expect_words(&[&format!("{SIZE} bytes echoed")]);
    }
}

#[test]
fn echo_to_openssl_is_complete() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let noise = noise();
    let server = Serve::start(&pki, Kind::P256, &["--timeout", "5"]);
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &server.address, "-tls1_2", "-CAfile", &pki.ca]);
    // Ends when the server closes after a silence.
    command.args(["-quiet", "-ign_eof"]);
    let done = run_with_input(&mut command, &noise);
    same(&done.stdout, &noise);
    assert!(server.log().contains("timed out"), "{}", server.log());
}

#[test]
fn large_file_from_openssl_is_complete() {
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
fn large_file_to_openssl_is_complete() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let noise = noise();
    // The received data is between its own lines.
    let server = SServer::start(&pki, Kind::Rsa, &["-naccept", "1"]);
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--wait", "0", "-q"]);
    run_with_input(&mut command, &noise).expect_code(0);
    let out = server.finish().stdout;
    let start = out.windows(64).position(|window| window == &noise[..64]).expect("the first bytes");
    same(&out[start..start + SIZE], &noise);
}

#[test]
fn send_text_goes_over_each_connection() {
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
