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
mod heap;
mod lookups;
mod measure;
mod openssl_peer;
mod pipe;
mod rustls_peer;
mod s2n_peer;
mod setup;

use measure::{Contender, Effort, Row, in_turn};
use serde_json::Value;
use setup::{Bulk, Key, Material, Resume, Setup, Stack, Suite, Work};
use std::{env, process::ExitCode};

/// The stacks and the primitives, by the names of their columns.
fn stack(column: &str, setup: &Setup, material: &Material) -> Option<Box<dyn Stack>> {
    Some(match column {
        Row::CAIRN => Box::new(cairn::Cairn::new(setup, material, cairn_tls::default_provider())),
        Row::RUSTCRYPTO => Box::new(cairn::Cairn::new(setup, material, cairn_tls::rustcrypto_provider())),
        Row::RUSTLS => Box::new(rustls_peer::Rustls::new(setup, material)),
        Row::OPENSSL => Box::new(openssl_peer::OpenSsl::new(setup, material)?),
        Row::S2N => Box::new(s2n_peer::S2n::new(setup, material)?),
        _ => return None,
    })
}

const STACKS: [&str; 5] = [Row::CAIRN, Row::RUSTLS, Row::OPENSSL, Row::S2N, Row::RUSTCRYPTO];

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

fn handshakes(effort: Effort, wanted: &impl Fn(&str) -> bool, rows: &mut Vec<Row>) {
    let full = |key, mutual| Setup { key, mutual, ..Setup::FULL };
    let resume = |suite, resume| Setup { suite, resume, ..Setup::FULL };
    let scenarios = [
        ("full-ecdsa", full(Key::Ecdsa, false)),
        ("full-rsa", full(Key::Rsa, false)),
        ("full-mutual-ecdsa", full(Key::Ecdsa, true)),
        ("resume-id-sha256", resume(Suite::Aes128, Resume::Id)),
        ("resume-id-sha384", resume(Suite::Aes256, Resume::Id)),
        ("resume-ticket-sha256", resume(Suite::Aes128, Resume::Ticket)),
        ("resume-ticket-sha384", resume(Suite::Aes256, Resume::Ticket)),
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
        let mut floor = floor::Handshake::new(&setup, &material, &wire.expect("stacks"));
        let mut contenders: Vec<_> =
            stacks.iter_mut().map(|(column, stack)| Contender::new(column, || stack.shake().times)).collect();
        contenders.push(Contender::new(Row::FLOOR, || floor.run()));
        let results = in_turn(effort, &mut contenders);
        rows.extend(Row::both(&format!("{name}-client"), &format!("{name}-server"), &results));
    }
}

fn records(effort: Effort, wanted: &impl Fn(&str) -> bool, rows: &mut Vec<Row>) {
    let mut jobs = Vec::new();
    for (name, suite) in [("aes128", Suite::Aes128), ("aes256", Suite::Aes256), ("chacha", Suite::Chacha)] {
        for (way, bulk) in [("zerocopy", Bulk::InPlace), ("plain", Bulk::Copied)] {
            let names = [format!("bulk-send-{name}-{way}"), format!("bulk-recv-{name}-{way}")];
            jobs.push((names, suite, Work { bulk, length: RECORD, count: 16 }));
        }
    }
    for length in [64, 1024] {
        let names = [format!("write-{length}"), format!("read-{length}")];
        jobs.push((names, Suite::Aes128, Work { bulk: Bulk::Copied, length, count: 64 }));
    }
    for ([send, receive], suite, work) in jobs {
        if !(wanted(&send) || wanted(&receive)) {
            continue;
        }
        let setup = Setup { suite, ..Setup::FULL };
        let material = Material::new(setup.key);
        let mut channels: Vec<_> = STACKS
            .iter()
            .filter_map(|column| Some((*column, stack(column, &setup, &material)?.channel(work)?)))
            .collect();
        let mut floor = floor::Records::new(suite, work);
        let mut contenders: Vec<_> = channels
            .iter_mut()
            .map(|(column, channel)| Contender::new(column, || channel.transfer()))
            .collect();
        contenders.push(Contender::new(Row::FLOOR, || floor.run()));
        let results = in_turn(effort, &mut contenders);
        rows.extend(Row::both(&send, &receive, &results));
    }
}
