//! Runs one path repeatedly, for a profiler or a counting tool such as `cargo xtask counts`. Only calls of
//! `counted` are to be counted.
//!
//! ```sh
//! cargo run --release -p cairn-benches --bin path -- resume-id-sha256 1000
//! ```
#![allow(clippy::expect_used, reason = "a measurement tool")]

use cairn_benches::{Pair, Resume, configs};
use cairn_crypto::KeySpec;
use cairn_tls::{ClientConfig, ServerConfig, wire::CipherSuite};
use core::hint::black_box;
use std::{env, process::ExitCode};

/// The maximum length of data in a record.
const RECORD: usize = 16_384;

const SHA256: CipherSuite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
const SHA384: CipherSuite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384;
const TLS13: CipherSuite = CipherSuite::TLS_AES_128_GCM_SHA256;

/// Runs a path the given number of times.
type Path = (&'static str, fn(u32));

/// Both ends of a handshake, from their creation to their drop; or one end of one record of 16 KiB, from or
/// to the caller's buffer.
const PATHS: [Path; 12] = [
    ("full-ecdsa", |rounds| handshakes(KeySpec::EcP256, SHA256, Resume::No, rounds)),
    ("full-rsa", |rounds| {
        let suite = CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;
        handshakes(KeySpec::Rsa { bits: 2048 }, suite, Resume::No, rounds);
    }),
    ("resume-id-sha256", |rounds| handshakes(KeySpec::EcP256, SHA256, Resume::Id, rounds)),
    ("resume-id-sha384", |rounds| handshakes(KeySpec::EcP256, SHA384, Resume::Id, rounds)),
    ("resume-ticket-sha256", |rounds| handshakes(KeySpec::EcP256, SHA256, Resume::Ticket, rounds)),
    ("full13-ecdsa", |rounds| handshakes(KeySpec::EcP256, TLS13, Resume::No, rounds)),
    ("resume13-dhe-sha256", |rounds| handshakes(KeySpec::EcP256, TLS13, Resume::Ticket, rounds)),
    ("resume13-ke-sha256", |rounds| handshakes(KeySpec::EcP256, TLS13, Resume::PskAlone, rounds)),
    ("bulk-send", |rounds| records(rounds, SHA256, Side::Send)),
    ("bulk-recv", |rounds| records(rounds, SHA256, Side::Receive)),
    ("bulk13-send", |rounds| records(rounds, TLS13, Side::Send)),
    ("bulk13-recv", |rounds| records(rounds, TLS13, Side::Receive)),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Send,
    Receive,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let names = || PATHS.map(|(name, _)| name);
    let [path, rounds] = arguments.as_slice() else {
        eprintln!("usage: path {} ROUNDS", names().join("|"));
        return ExitCode::FAILURE;
    };
    let (Some((_, run)), Ok(rounds)) = (PATHS.iter().find(|(name, _)| name == path), rounds.parse()) else {
        eprintln!("unknown path or invalid number; the paths are {}", names().join(", "));
        return ExitCode::FAILURE;
    };
    run(rounds);
    ExitCode::SUCCESS
}

/// The part to be counted; tools find it by its name.
#[inline(never)]
fn counted<T>(work: impl FnOnce() -> T) -> T {
    // Something follows the call, so that it is not a tail call, which would not be visible in a stack trace.
    black_box(work())
}

fn handshakes(spec: KeySpec, suite: CipherSuite, resume: Resume, rounds: u32) {
    let (client, server) = configs(spec, suite, resume);
    // The first handshake establishes the session and initializes everything; the second resumes.
    shake_hands(&client, &server, false);
    shake_hands(&client, &server, resume != Resume::No);
    for _ in 0..rounds {
        counted(|| shake_hands(&client, &server, resume != Resume::No));
    }
}

fn shake_hands(client: &ClientConfig, server: &ServerConfig, resumed: bool) {
    let mut pair = Pair::new(client, server);
    pair.shake_hands();
    assert_eq!(pair.client.summary().map(|summary| summary.is_resumed()), Some(resumed), "as configured");
}

fn records(rounds: u32, suite: CipherSuite, side: Side) {
    let (client, server) = configs(KeySpec::EcP256, suite, Resume::No);
    let mut pair = Pair::new(&client, &server);
    pair.shake_hands();
    let data = vec![7; RECORD];
    // In TLS 1.3 the content type follows the data, and is decrypted with it.
    let (mut wire, mut came, mut out) =
        (vec![0; pair.client.writer().sealed_len(RECORD)], vec![0; RECORD + 1], Vec::new());
    for round in 0..=rounds {
        // The first is not counted.
        let here = |of| side == of && round > 0;
        came.fill(0);
        let send = || {
            pair.client.write_slice(&data, &mut wire).expect("write");
        };
        perform(here(Side::Send), send);
        let receive = || {
            pair.server.receive_data(&mut wire, &mut came, &mut out).expect("receive").expect("data");
        };
        perform(here(Side::Receive), receive);
        assert_eq!(came.get(..RECORD), Some(data.as_slice()), "everything was received");
    }
}

fn perform(is_counted: bool, work: impl FnOnce()) {
    if is_counted {
        counted(work);
    } else {
        work();
    }
}
