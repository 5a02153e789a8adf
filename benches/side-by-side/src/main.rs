//! Compares Cairn, rustls, OpenSSL and s2n-tls in the same process, taking turns, and the bare primitives,
//! which are the lower bound for every stack. Run it with `cargo xtask bench`, or here:
//!
//! ```sh
//! cargo run --release -- [--quick] [FILTER]
//! ```
//!
//! It prints JSON, an array of rows, and comments on standard error. To measure memory it runs itself again,
//! under valgrind (`heap`).

mod cairn;
mod dhat;
mod floor;
mod floor13;
mod heap;
mod lookups;
mod measure;
mod openssl_peer;
mod over_quinn;
mod pipe;
mod quic;
mod rustls_peer;
mod s2n_peer;
mod setup;
mod stacks;

use measure::{Contender, Effort, Row, in_turn};
use serde_json::Value;
use setup::{Bulk, Group, Key, Material, Psk, Resume, Setup, Suite, Tls13, Work};
use stacks::{STACKS, stack};
use std::{env, process::ExitCode};

/// The maximum plaintext length of a record.
const RECORD: usize = 16_384;

fn main() -> ExitCode {
    let mut effort = Effort::Full;
    let mut filter = String::new();
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [mode, errand @ ..] = arguments.as_slice()
        && mode == heap::ERRAND
    {
        return heap::run_errand(errand);
    }
    for argument in arguments {
        match argument.as_str() {
            "--quick" => effort = Effort::Quick,
            other if !other.starts_with('-') => filter = other.to_owned(),
            other => {
                eprintln!("unknown option {other}");
                return ExitCode::FAILURE;
            }
        }
    }
    // The common part of the names of a measurement may contain the filter, or the filter may contain it.
    let common = filter.replace("-rustcrypto", "").replace("rustcrypto", "");
    let wanted = |name: &str| name.contains(&common) || common.contains(name);
    let mut rows = Vec::new();
    handshakes(effort, &wanted, &mut rows);
    records(effort, &wanted, &mut rows);
    key_updates(effort, &wanted, &mut rows);
    quic::rows(effort, &wanted, &mut rows);
    over_quinn::rows(effort, &wanted, &mut rows);
    rows.retain(|row| row.name.contains(&filter));
    let mut rows: Vec<Value> = rows.iter().map(Row::to_json).collect();
    match heap::rows(effort, &filter) {
        Ok(of_heap) => rows.extend(of_heap),
        Err(why) => eprintln!("memory is not measured: {why}"),
    }
    rows.extend(lookups::rows(effort, &filter));
    println!("{:#}", Value::Array(rows));
    ExitCode::SUCCESS
}

/// The primitives of a handshake, to be run many times.
fn floor(setup: &Setup, material: &Material, wire: &setup::Wire) -> Box<dyn FnMut() -> measure::Sides> {
    if setup.tls13.is_some() {
        let mut floor = floor13::Handshake::new(setup, material, wire);
        Box::new(move || floor.run())
    } else {
        let mut floor = floor::Handshake::new(setup, material, wire);
        Box::new(move || floor.run())
    }
}

fn key_updates(effort: Effort, wanted: &impl Fn(&str) -> bool, rows: &mut Vec<Row>) {
    const COUNT: usize = 16;
    let names = ["client", "server"].map(|side| format!("keyupdate13-{side}"));
    if !names.iter().any(|name| wanted(name)) {
        return;
    }
    let setup = Setup::FULL13;
    let material = Material::new(setup.key);
    let mut channels: Vec<_> = STACKS
        .iter()
        .filter_map(|column| Some((*column, stack(column, &setup, &material)?.key_updates(COUNT)?)))
        .collect();
    let mut floor = floor13::KeyUpdates::new(setup.suite, COUNT);
    let mut contenders: Vec<_> =
        channels.iter_mut().map(|(column, channel)| Contender::new(column, || channel.transfer())).collect();
    contenders.push(Contender::new(Row::FLOOR, || floor.run()));
    let results = in_turn(effort, &mut contenders);
    rows.extend(Row::both(&names[0], &names[1], &results));
}

fn handshakes(effort: Effort, wanted: &impl Fn(&str) -> bool, rows: &mut Vec<Row>) {
    let full = |key, mutual| Setup { key, mutual, ..Setup::FULL };
    let resume = |suite, resume| Setup { suite, resume, ..Setup::FULL };
    let full13 = |key, group| Setup { key, tls13: Some(Tls13 { group, retry: false }), ..Setup::FULL13 };
    let resume13 = |suite, psk| Setup { suite, resume: Resume::Psk(psk), ..Setup::FULL13 };
    let retried = Some(Tls13 { group: Group::X25519, retry: true });
    let scenarios = [
        ("full-ecdsa", full(Key::Ecdsa, false)),
        ("full-rsa", full(Key::Rsa, false)),
        ("full-mutual-ecdsa", full(Key::Ecdsa, true)),
        ("resume-id-sha256", resume(Suite::Aes128, Resume::Id)),
        ("resume-id-sha384", resume(Suite::Aes256, Resume::Id)),
        ("resume-ticket-sha256", resume(Suite::Aes128, Resume::Ticket)),
        ("resume-ticket-sha384", resume(Suite::Aes256, Resume::Ticket)),
        ("full13-ecdsa-x25519", full13(Key::Ecdsa, Group::X25519)),
        ("full13-ecdsa-mlkem", full13(Key::Ecdsa, Group::Hybrid)),
        ("full13-rsa-x25519", full13(Key::Rsa, Group::X25519)),
        ("full13-rsa-mlkem", full13(Key::Rsa, Group::Hybrid)),
        ("full13-mutual-ecdsa", Setup { mutual: true, ..Setup::FULL13 }),
        ("full13-hrr", Setup { tls13: retried, ..Setup::FULL13 }),
        ("resume13-dhe-sha256", resume13(Suite::Aes128, Psk::KeyExchange)),
        ("resume13-dhe-sha384", resume13(Suite::Aes256, Psk::KeyExchange)),
        ("resume13-ke-sha256", resume13(Suite::Aes128, Psk::Alone)),
        ("resume13-ke-sha384", resume13(Suite::Aes256, Psk::Alone)),
        ("early13", resume13(Suite::Aes128, Psk::EarlyData)),
    ];
    for (name, setup) in scenarios {
        if !wanted(name) {
            continue;
        }
        let material = Material::new(setup.key);
        let mut stacks: Vec<_> =
            STACKS.iter().filter_map(|column| Some((*column, stack(column, &setup, &material)?))).collect();
        let mut wire = None;
        eprintln!("{name}: bytes of a handshake, client and server:");
        for (column, stack) in &mut stacks {
            let shaken = stack.shake().wire;
            eprintln!("    {column} {shaken}");
            // Cairn comes first.
            wire.get_or_insert(shaken);
        }
        let mut floor = floor(&setup, &material, &wire.expect("stacks"));
        let mut contenders: Vec<_> =
            stacks.iter_mut().map(|(column, stack)| Contender::new(column, || stack.shake().times)).collect();
        contenders.push(Contender::new(Row::FLOOR, &mut floor));
        let results = in_turn(effort, &mut contenders);
        rows.extend(Row::both(&format!("{name}-client"), &format!("{name}-server"), &results));
    }
}

fn records(effort: Effort, wanted: &impl Fn(&str) -> bool, rows: &mut Vec<Row>) {
    let mut jobs = Vec::new();
    for (version, full, length) in [("", Setup::FULL, RECORD), ("13", Setup::FULL13, RECORD)] {
        for (name, suite) in [("aes128", Suite::Aes128), ("aes256", Suite::Aes256), ("chacha", Suite::Chacha)]
        {
            for (way, bulk) in [("zerocopy", Bulk::InPlace), ("plain", Bulk::Copied)] {
                let names =
                    ["send", "recv"].map(|direction| format!("bulk{version}-{direction}-{name}-{way}"));
                jobs.push((names, Setup { suite, ..full }, Work { bulk, length, count: 16 }));
            }
        }
        for length in [64, 1024] {
            let names = ["write", "read"].map(|direction| format!("{direction}{version}-{length}"));
            jobs.push((names, full, Work { bulk: Bulk::Copied, length, count: 64 }));
        }
    }
    for ([send, receive], setup, work) in jobs {
        if !(wanted(&send) || wanted(&receive)) {
            continue;
        }
        let material = Material::new(setup.key);
        let mut channels: Vec<_> = STACKS
            .iter()
            .filter_map(|column| Some((*column, stack(column, &setup, &material)?.channel(work)?)))
            .collect();
        let mut floor = floor::Records::new(&setup, work);
        let mut contenders: Vec<_> = channels
            .iter_mut()
            .map(|(column, channel)| Contender::new(column, || channel.transfer()))
            .collect();
        contenders.push(Contender::new(Row::FLOOR, || floor.run()));
        let results = in_turn(effort, &mut contenders);
        rows.extend(Row::both(&send, &receive, &results));
    }
}
