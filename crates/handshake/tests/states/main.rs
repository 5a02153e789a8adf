//! The state machine compared with the figures of the RFCs: a model of the message order, written from the
//! RFCs and not from the machine's tables, and an exploration that tries every word in every state.
//!
//! `CAIRN_STATES_DEPTH` sets the depth (default 0), and `CAIRN_WRITE_DOCS=1` regenerates `docs/states.md`.
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod automaton;
mod diagrams;
mod explore;
mod pair;
#[path = "../support/mod.rs"]
mod support;
mod tls12;
mod tls13;

use cairn_schedule::Side;
use explore::{Figures, Random, Walk, exhaust, stroll};
use std::collections::BTreeSet;
use support::walk::{Version, tables};

/// The seed of the random walks.
const SEED: u64 = 5246;

/// The depth: the number of words that are not in the figure, and of random walks.
fn depth() -> usize {
    std::env::var("CAIRN_STATES_DEPTH")
        .map_or(0, |depth| depth.parse().expect("CAIRN_STATES_DEPTH: a number"))
}

/// Random walks for each configuration and side.
fn walks() -> usize {
    [10, 100, 500, 1000, 5000].get(depth()).copied().unwrap_or(10_000)
}

#[test]
fn client_accepts_exactly_the_messages_of_the_rfc_figures() {
    goes::<tls12::run::Run>(Side::Client);
}

#[test]
fn server_accepts_exactly_the_messages_of_the_rfc_figures() {
    goes::<tls12::run::Run>(Side::Server);
}

#[test]
fn client_of_tls13_accepts_exactly_the_messages_of_rfc_9846_appendix_a() {
    goes::<tls13::run::Run>(Side::Client);
}

#[test]
fn server_of_tls13_accepts_exactly_the_messages_of_rfc_9846_appendix_a() {
    goes::<tls13::run::Run>(Side::Server);
}

fn goes<W: Walk>(side: Side) {
    let (mut all, mut strolled) = (Figures::default(), Figures::default());
    for (number, config) in W::CONFIGS.iter().enumerate() {
        exhaust::<W>(config, side, depth().min(4), &mut all);
        let mut random = Random(SEED + u64::try_from(number).unwrap());
        for _ in 0..walks() {
            stroll::<W>(config, side, &mut random, 60, &mut strolled);
        }
    }
    tell::<W>(side, "exhaustive", &all);
    tell::<W>(side, "random", &strolled);
    for figures in [&all, &strolled] {
        let first: Vec<_> = figures.differences.iter().take(20).collect();
        assert!(first.is_empty(), "{} differences: {first:#?}", figures.differences.len());
        for ((state, is_complete), gates) in &figures.gates {
            assert_eq!(gates.len(), 1, "{state}: whether application data may pass depends on the path");
            assert!(*is_complete || *gates == [(false, false)].into(), "{state}: data before Finished");
        }
    }
    // The exploration must take every message in every state.
    let rows: BTreeSet<_> = tables(side, W::VERSION)
        .flat_map(|table| table.rows)
        // Messages that a state only refuses are refused at their header, before the table is consulted.
        .filter(|row| W::LETTERS.contains(&row.input) && row.accepted)
        .map(|row| (row.state, row.input))
        .collect();
    let missed: Vec<_> = rows.iter().filter(|row| !all.rows.contains(row)).collect();
    assert!(missed.is_empty(), "no path takes {missed:?}");
}

/// One line for `cargo xtask conformance states`: the figures of one version, side and method.
fn tell<W: Walk>(side: Side, how: &str, figures: &Figures) {
    let version = match W::VERSION {
        Version::Tls12 => "TLS+1.2",
        Version::Tls13 => "TLS+1.3",
    };
    let side = match side {
        Side::Client => "client",
        Side::Server => "server",
    };
    let Figures { places, rows, sequences, taken, refused, unequal, unsaid, differences, .. } = figures;
    let machine_states = rows.iter().map(|(state, _)| *state).collect::<BTreeSet<_>>().len();
    println!(
        "states-figures version={version} side={side} how={how} configurations={} depth={} places={} \
         machine_states={machine_states} sequences={sequences} taken={taken} refused={refused} \
         unequal={unequal} unsaid={unsaid} differences={}",
        W::CONFIGS.len(),
        depth(),
        places.len(),
        differences.len(),
    );
}
