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
mod model;
mod run;
mod sides;
#[path = "../support/mod.rs"]
mod support;
mod tls13;

use cairn_schedule::Side;
use explore::{Figures, Random, exhaust, is_heard, stroll};
use model::CONFIGS;
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
    goes(Side::Client);
}

#[test]
fn server_accepts_exactly_the_messages_of_the_rfc_figures() {
    goes(Side::Server);
}

#[test]
fn client_of_tls13_accepts_exactly_the_messages_of_rfc_9846_appendix_a() {
    goes_in_tls13(Side::Client);
}

#[test]
fn server_of_tls13_accepts_exactly_the_messages_of_rfc_9846_appendix_a() {
    goes_in_tls13(Side::Server);
}

const fn name(side: Side) -> &'static str {
    match side {
        Side::Client => "client",
        Side::Server => "server",
    }
}

fn goes_in_tls13(side: Side) {
    use tls13::{
        explore::{Figures, exhaust, stroll},
        model::{CONFIGS, LETTERS},
    };
    let (mut all, mut strolled) = (Figures::default(), Figures::default());
    for (number, config) in CONFIGS.iter().enumerate() {
        exhaust(config, side, depth().min(4), &mut all);
        let mut random = Random(SEED + u64::try_from(number).unwrap());
        for _ in 0..walks() {
            stroll(config, side, &mut random, 60, &mut strolled);
        }
    }
    for (how, figures) in [("exhaustive", &all), ("random", &strolled)] {
        Told {
            version: "TLS+1.3",
            side: name(side),
            how,
            configurations: CONFIGS.len(),
            places: figures.places.len(),
            rows: &figures.rows,
            counts: [figures.sequences, figures.taken, figures.refused, figures.unequal, figures.unsaid],
            differences: figures.differences.len(),
        }
        .tell();
    }
    for figures in [&all, &strolled] {
        let first: Vec<_> = figures.differences.iter().take(20).collect();
        assert!(first.is_empty(), "{} differences: {first:#?}", figures.differences.len());
        for (state, gates) in &figures.gates {
            assert_eq!(gates.len(), 1, "{state}: whether application data may pass depends on the path");
        }
    }
    // The exploration must take every message in every state.
    let rows: BTreeSet<_> = tables(side, Version::Tls13)
        .flat_map(|table| table.rows)
        .filter(|row| LETTERS.contains(&row.input) && row.accepted)
        .map(|row| (row.state, row.input))
        .collect();
    let missed: Vec<_> = rows.iter().filter(|row| !all.rows.contains(row)).collect();
    assert!(missed.is_empty(), "no path takes {missed:?}");
}

fn goes(side: Side) {
    let (mut all, mut strolled) = (Figures::default(), Figures::default());
    for (number, config) in CONFIGS.iter().enumerate() {
        let handshakes = if config.renegotiation { 2 } else { 1 };
        exhaust(config, side, handshakes, depth().min(4), &mut all);
        let mut random = Random(SEED + u64::try_from(number).unwrap());
        for _ in 0..walks() {
            stroll(config, side, &mut random, 60, &mut strolled);
        }
    }
    for (how, figures) in [("exhaustive", &all), ("random", &strolled)] {
        Told {
            version: "TLS+1.2",
            side: name(side),
            how,
            configurations: CONFIGS.len(),
            places: figures.places.len(),
            rows: &figures.rows,
            counts: [figures.sequences, figures.taken, figures.refused, figures.unequal, figures.unsaid],
            differences: figures.differences.len(),
        }
        .tell();
    }
    for figures in [&all, &strolled] {
        let first: Vec<_> = figures.differences.iter().take(20).collect();
        assert!(first.is_empty(), "{} differences: {first:#?}", figures.differences.len());
    }
    for figures in [&all, &strolled] {
        for ((state, is_complete), gates) in &figures.gates {
            assert_eq!(gates.len(), 1, "{state}: whether application data may pass depends on the path");
            assert!(*is_complete || *gates == [(false, false)].into(), "{state}: data before Finished");
        }
    }
    // The exploration must reach every state.
    let rows: BTreeSet<_> = tables(side, Version::Tls12)
        .flat_map(|table| table.rows)
        // Messages that a state only refuses are refused at their header, before the table is consulted.
        .filter(|row| is_heard(row.input) && row.accepted)
        .map(|row| (row.state, row.input))
        .collect();
    let missed: Vec<_> = rows.iter().filter(|row| !all.rows.contains(row)).collect();
    assert!(missed.is_empty(), "no path takes {missed:?}");
}

/// The figures of one version, side and method.
struct Told<'a> {
    version: &'static str,
    side: &'static str,
    how: &'static str,
    configurations: usize,
    places: usize,
    rows: &'a BTreeSet<(&'static str, &'static str)>,
    /// Sequences, and how many were taken, refused, unequal and unsaid.
    counts: [u64; 5],
    differences: usize,
}

impl Told<'_> {
    /// One line for `cargo xtask conformance states`.
    fn tell(&self) {
        let Self { version, side, how, configurations, places, rows, counts, differences } = self;
        let [sequences, taken, refused, unequal, unsaid] = counts;
        let machine_states = rows.iter().map(|(state, _)| *state).collect::<BTreeSet<_>>().len();
        let depth = depth();
        println!(
            "states-figures version={version} side={side} how={how} configurations={configurations} \
             depth={depth} places={places} machine_states={machine_states} sequences={sequences} \
             taken={taken} refused={refused} unequal={unequal} unsaid={unsaid} differences={differences}"
        );
    }
}
