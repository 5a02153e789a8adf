//! Memory: the size of an idle connection, and the allocations of a handshake.
//!
//! This program runs itself twice for one contender and one row, the second time with more connections. The
//! difference is their cost, without one-time initialization. It also runs itself with ten thousand open
//! connections, to read their memory from the system.

use crate::dhat::{self, Blocks, Place};
use crate::floor;
use crate::measure::{Effort, Row};
use crate::setup::{End, Group, Material, Resume, Setup, Suite, Tls13};
use crate::stacks::stack;
use serde_json::{Map, Value, json};
use std::{
    any::Any,
    env, fs,
    ops::Add,
    process::{self, Command, ExitCode},
    thread,
};

/// The first argument of a run for one contender and one row. The other arguments are the column, the row,
/// and the number of connections.
pub(crate) const ERRAND: &str = "--errand";

const COLUMNS: [&str; 5] = [Row::CAIRN, Row::RUSTLS, Row::OPENSSL, Row::S2N, Row::FLOOR];

/// Open connections.
struct Idle {
    name: &'static str,
    setup: Setup,
    end: End,
    /// Whether the peer's chain is retained, together with all negotiated parameters.
    chain: bool,
}

/// Connections that release as much memory as they can.
const FRUGAL: Setup = Setup { frugal: true, ..Setup::FULL };
const MUTUAL: Setup = Setup { mutual: true, ..FRUGAL };
const FRUGAL13: Setup = Setup { frugal: true, ..Setup::FULL13 };
const MUTUAL13: Setup = Setup { mutual: true, ..FRUGAL13 };

const IDLE: [Idle; 8] = [
    Idle { name: "idle-connection-client", setup: FRUGAL, end: End::Client, chain: false },
    Idle { name: "idle-connection-client-chain", setup: FRUGAL, end: End::Client, chain: true },
    Idle { name: "idle-connection-server", setup: MUTUAL, end: End::Server, chain: false },
    Idle { name: "idle-connection-server-chain", setup: MUTUAL, end: End::Server, chain: true },
    Idle { name: "idle13-connection-client", setup: FRUGAL13, end: End::Client, chain: false },
    Idle { name: "idle13-connection-client-chain", setup: FRUGAL13, end: End::Client, chain: true },
    Idle { name: "idle13-connection-server", setup: MUTUAL13, end: End::Server, chain: false },
    Idle { name: "idle13-connection-server-chain", setup: MUTUAL13, end: End::Server, chain: true },
];

/// Handshakes, from the creation of an end to its drop.
const SHAKEN: [(&str, Setup); 5] = [
    ("heap-full-ecdsa", Setup::FULL),
    ("heap-resume-id-sha256", Setup { resume: Resume::Id, ..Setup::FULL }),
    ("heap-resume-ticket-sha256", Setup { resume: Resume::Ticket, ..Setup::FULL }),
    ("heap13-full-ecdsa-x25519", Setup::FULL13),
    ("heap13-full-ecdsa-mlkem", Setup { tls13: HYBRID, ..Setup::FULL13 }),
];

const HYBRID: Option<Tls13> = Some(Tls13 { group: Group::Hybrid, retry: false });

/// All rows whose name contains `filter`.
pub(crate) fn rows(effort: Effort, filter: &str) -> Result<Vec<Value>, String> {
    let mut rows = Vec::new();
    for idle in IDLE {
        if !idle.name.contains(filter) {
            continue;
        }
        eprintln!("{}", idle.name);
        let mut row = Map::new();
        row.insert("name".to_owned(), json!(idle.name));
        for column in COLUMNS {
            let Some([left]) = difference(column, idle.name, [&|place| place.left])? else { continue };
            row.insert(format!("{column}_bytes"), json!(left.bytes.round()));
            row.insert(format!("{column}_blocks"), json!(left.blocks.round()));
            if column != Row::FLOOR {
                let many = if effort == Effort::Quick { "1000" } else { "10000" };
                row.insert(format!("{column}_resident_bytes"), json!(resident(column, idle.name, many)?));
            }
        }
        rows.push(Value::Object(row));
    }
    for (name, _) in SHAKEN {
        let sides = [("client", "Sides::client"), ("server", "Sides::server")];
        let mut both = sides.map(|(side, function)| (format!("{name}-{side}"), function, Map::new()));
        if !both.iter().any(|(name, ..)| name.contains(filter)) {
            continue;
        }
        eprintln!("{name}");
        for column in COLUMNS {
            let by = |place: &Place, function: &str| {
                let whose = place.stack.iter().any(|frame| frame.contains(function));
                if whose { place.allocated } else { Blocks::default() }
            };
            let [(_, client, _), (_, server, _)] = &both;
            let of: [&dyn Fn(&Place) -> Blocks; 2] = [&|place| by(place, client), &|place| by(place, server)];
            let Some(sides) = difference(column, name, of)? else { continue };
            for (each, (name, function, row)) in sides.iter().zip(&mut both) {
                if each.blocks == 0.0 {
                    return Err(format!("{name}: no allocation of {column} within {function}"));
                }
                row.insert(format!("{column}_allocations"), json!(tenths(each.blocks)));
                row.insert(format!("{column}_bytes"), json!(each.bytes.round()));
            }
        }
        for (name, _, mut row) in both {
            row.insert("name".to_owned(), json!(name));
            if name.contains(filter) {
                rows.push(Value::Object(row));
            }
        }
    }
    Ok(rows)
}

fn tenths(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// The row of one contender.
struct Each {
    blocks: f64,
    bytes: f64,
}

/// The counts for one additional connection or handshake; `None` if the contender does not support it.
fn difference<const N: usize>(
    column: &str,
    row: &str,
    of: [&dyn Fn(&Place) -> Blocks; N],
) -> Result<Option<[Each; N]>, String> {
    const LESS: u32 = 8;
    const MORE: u32 = 24;
    if !has(column, row) {
        return Ok(None);
    }
    let count = |count: u32| dhat::run(&[ERRAND, column, row, &count.to_string()]);
    let (less, more) = thread::scope(|scope| {
        let less = scope.spawn(|| count(LESS));
        let more = count(MORE);
        (less.join().expect("no panic"), more)
    });
    let (less, more) = (less?, more?);
    let each = |less: u64, more: u64| (more as f64 - less as f64) / f64::from(MORE - LESS);
    Ok(Some(of.map(|of| {
        let sum = |places: &[Place]| places.iter().map(of).fold(Blocks::default(), Blocks::add);
        let (less, more) = (sum(&less), sum(&more));
        Each { blocks: each(less.blocks, more.blocks), bytes: each(less.bytes, more.bytes) }
    })))
}

/// The additional memory per connection, in bytes, as reported by the system.
fn resident(column: &str, row: &str, count: &str) -> Result<u64, String> {
    let program = env::current_exe().map_err(|e| format!("this program's name: {e}"))?;
    let output = Command::new(program)
        .args([ERRAND, column, row, count])
        .output()
        .map_err(|e| format!("this program could not be started: {e}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    said.trim().parse().map_err(|_| format!("{column}, {row}: {said:?} is not a number of bytes"))
}

fn setup(row: &str) -> Option<Setup> {
    if let Some(idle) = IDLE.iter().find(|idle| idle.name == row) {
        return Some(idle.setup);
    }
    SHAKEN.iter().find(|(name, _)| *name == row).map(|(_, setup)| *setup)
}

/// Returns `true` if a contender supports the work of a row.
fn has(column: &str, row: &str) -> bool {
    let Some(setup) = setup(row) else { return false };
    if column == Row::FLOOR {
        return IDLE.iter().any(|idle| idle.name == row);
    }
    stack(column, &setup, &Material::new(setup.key)).is_some()
}

/// One run for one contender and one row.
pub(crate) fn run_errand(arguments: &[String]) -> ExitCode {
    let [column, row, count] = arguments else { return ExitCode::FAILURE };
    let (Some(setup), Ok(count)) = (setup(row), count.parse::<usize>()) else { return ExitCode::FAILURE };
    let material = Material::new(setup.key);
    let mut stack = stack(column, &setup, &material);
    let Some(idle) = IDLE.iter().find(|idle| idle.name == row) else {
        let Some(stack) = &mut stack else { return ExitCode::FAILURE };
        for _ in 0..count {
            stack.shake();
        }
        return ExitCode::SUCCESS;
    };
    let mut keep = || match &mut stack {
        Some(stack) => stack.keep(idle.end, idle.chain),
        None => floor::two_keys(Suite::Aes128),
    };
    // The same for any number, so that it does not count.
    let mut kept: Vec<Box<dyn Any>> = Vec::with_capacity(10_100);
    // One-time initialization by the first connections does not count.
    kept.extend((0..4).map(|_| keep()));
    let before = resident_bytes();
    kept.extend((0..count).map(|_| keep()));
    println!("{}", resident_bytes().saturating_sub(before) / u64::try_from(count.max(1)).expect("count"));
    // Now, while all of them are open.
    process::exit(0);
}

/// The resident memory of this program, as reported by the system. All supported systems have pages of 4 KiB.
fn resident_bytes() -> u64 {
    let pages = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4096
}
