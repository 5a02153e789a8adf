//! Runs one path so many times, for a profiler, or for a tool that counts instructions or allocations: the difference
//! between two numbers of rounds is what the rounds cost, without the set-up.
//!
//! ```sh
//! cargo run --release -p cairn-benches --example path -- resume-id-sha256 1000
//! ```
#![allow(missing_docs, clippy::expect_used, reason = "a tool for measuring")]

use cairn_benches::{Pair, configs};
use cairn_crypto::KeySpec;
use cairn_tls::wire::CipherSuite;
use std::{env, process::ExitCode};

const PATHS: [&str; 4] = ["full-ecdsa", "full-rsa", "resume-id-sha256", "resume-id-sha384"];

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let (Some(path), Some(rounds)) = (arguments.next(), arguments.next().and_then(|n| n.parse().ok())) else {
        eprintln!("usage: path {} ROUNDS", PATHS.join("|"));
        return ExitCode::FAILURE;
    };
    let (spec, suite) = match path.as_str() {
        "full-ecdsa" => (KeySpec::EcP256, CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
        "full-rsa" => (KeySpec::Rsa { bits: 2048 }, CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256),
        "resume-id-sha256" => (KeySpec::EcP256, CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
        "resume-id-sha384" => (KeySpec::EcP256, CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384),
        _ => {
            eprintln!("no such path; there are {}", PATHS.join(", "));
            return ExitCode::FAILURE;
        }
    };
    let resumed = path.starts_with("resume");
    let (client, server) = configs(spec, suite, resumed);
    // The first makes the session.
    Pair::new(&client, &server).shake_hands();
    for _ in 0..rounds {
        client_and_server(&mut Pair::new(&client, &server), resumed);
    }
    ExitCode::SUCCESS
}

/// Of its own, so that a profiler finds it.
#[inline(never)]
fn client_and_server(pair: &mut Pair, resumed: bool) {
    pair.shake_hands();
    assert_eq!(pair.client.summary().map(|summary| summary.resumed), Some(resumed), "as it was meant");
}
