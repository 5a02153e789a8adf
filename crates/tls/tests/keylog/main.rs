//! The key log (RFC 9850): Wireshark's `tshark` decrypts recorded connections with it.
//!
//! The connections are made in memory, so that nothing has to be captured from a network: their bytes are
//! written to a capture file as TCP segments. Without `tshark` the tests that need it check nothing: they
//! report that, and `xtask/tests/not_tested.rs` counts them as ignored. With `CAIRN_REQUIRE_PEERS=1` they
//! fail.
#![cfg(all(feature = "std", feature = "aws-lc", feature = "issue"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions
)]

extern crate alloc;

mod capture;
mod case;
mod recording;
mod tshark;

use alloc::collections::BTreeSet;
use case::{CASES, Case};
use recording::{Recording, record};
use tshark::{Opened, installed, open};

/// The labels of a connection of TLS 1.3 without early data (RFC 9850 section 2.1).
const TLS13_LABELS: [&str; 5] = [
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    "CLIENT_TRAFFIC_SECRET_0",
    "EXPORTER_SECRET",
    "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    "SERVER_TRAFFIC_SECRET_0",
];

fn labels(log: &str) -> Vec<&str> {
    let labels: BTreeSet<&str> = log.lines().filter_map(|line| line.split(' ').next()).collect();
    labels.into_iter().collect()
}

fn lines(log: &str) -> BTreeSet<&str> {
    log.lines().collect()
}

#[test]
fn both_sides_log_the_same_secrets_with_the_labels_of_rfc_9850() {
    for case in CASES {
        let recording = record(case);
        assert_eq!(lines(&recording.client_log), lines(&recording.server_log), "{}", case.name);
        let expected = if case.is_tls13() { &TLS13_LABELS[..] } else { &["CLIENT_RANDOM"] };
        assert_eq!(labels(&recording.client_log), expected, "{}", case.name);
        // A secret of TLS 1.3 is as long as the hash of the suite, the master secret 48 bytes.
        for line in recording.client_log.lines() {
            let secret = line.rsplit(' ').next().unwrap();
            assert_eq!(secret.len(), 2 * case.secret_len(), "{}: {line}", case.name);
        }
    }
}

/// `tshark` must decrypt exactly the data that was sent.
fn differences(case: &Case, recording: &Recording, opened: &Opened) -> Vec<String> {
    let mut differences = Vec::new();
    let expected = case.handshake_types();
    if opened.handshake_types != expected {
        differences.push(format!("handshake messages {:?}, expected {expected:?}", opened.handshake_types));
    }
    for (sender, sent, shown) in [
        ("client", &recording.client_data, &opened.client_data),
        ("server", &recording.server_data, &opened.server_data),
    ] {
        if sent != shown {
            let lengths = (shown.len(), sent.len());
            differences.push(format!("{} bytes of the {sender}'s data, expected {}", lengths.0, lengths.1));
        }
    }
    // close_notify of both.
    if opened.alerts != [0, 0] {
        differences.push(format!("alerts {:?}", opened.alerts));
    }
    differences
}

#[test]
fn tshark_decrypts_connections_with_the_key_log() {
    if !installed() {
        return;
    }
    let mut failed = Vec::new();
    for case in CASES {
        let recording = record(case);
        let opened = open(&recording, &recording.client_log, &case.file_name());
        let differences = differences(case, &recording, &opened);
        println!(
            "keylog-figures connection={} messages={} bytes={} differences={}",
            case.name.replace(' ', "+"),
            opened.handshake_types.len(),
            opened.client_data.len() + opened.server_data.len(),
            differences.len()
        );
        if !differences.is_empty() {
            failed.push(format!("{}: {}", case.name, differences.join("; ")));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn tshark_decrypts_nothing_with_the_secrets_of_another_connection() {
    if !installed() {
        return;
    }
    for case in CASES.iter().take(2) {
        let (recording, other) = (record(case), record(case));
        // The secrets of the other connection under the random of this one.
        let random = recording.client_log.split(' ').nth(1).unwrap();
        let strange = other.client_log.split(' ').nth(1).unwrap();
        let opened = open(&recording, &other.client_log.replace(strange, random), "other");
        assert!(opened.client_data.is_empty() && opened.server_data.is_empty(), "{}", case.name);
    }
}
