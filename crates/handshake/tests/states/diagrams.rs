//! `docs/states.md`: the diagrams of the machine's tables.

use crate::support::walk::{Version, Walked, walked, walked_to_tls13};
use cairn_handshake::{Table, interrupts, transitions};
use cairn_schedule::Side;
use core::fmt::Write as _;
use std::{fs, path::Path};

const HEAD: &str = "# The states of the handshake

Generated from the transition tables (`cairn_handshake::transitions`), one diagram for each table. The label
of an arrow is an input that the state accepts: a message of the peer, ChangeCipherSpec, or the answer to a
question. The arrow leads to a state that follows. The arrows are those that the tests have taken, and the
tests take every row. Any other message is `unexpected_message`. A state without arrows belongs to another
table, where the handshake continues.
";

const INTERRUPTS: &str = "
## Alerts and HelloRequest

They are not part of a handshake and may come at any time, so they have a table of their own
(`cairn_handshake::interrupts`). `Decided` means that the table of the state decides; `Counted`, that the
input is ignored, but too many end the connection. A server never receives HelloRequest: for it, the message
is `unexpected_message`.

| input | state | effect |
|---|---|---|
";

const FOOT: &str = "
After a change of a table, run `CAIRN_WRITE_DOCS=1 cargo test -p cairn-handshake --test states diagrams`.
";

fn draw(table: &Table, walked: &Walked) -> String {
    let mut out = format!("\n## {}\n\n```mermaid\nstateDiagram-v2\n", table.name);
    let first = table.rows.first().map_or("", |row| row.state);
    writeln!(out, "    [*] --> {first}").unwrap();
    for row in table.rows {
        for next in walked.get(&(row.state, row.input)).into_iter().flatten() {
            writeln!(out, "    {} --> {next}: {}", row.state, row.input).unwrap();
        }
    }
    out + "```\n"
}

/// The steps of the flows whose states the table has.
fn walked_in(table: &Table) -> Walked {
    let side = if table.name.starts_with("client") { Side::Client } else { Side::Server };
    if table.name.ends_with("TLS 1.3") {
        return walked(side, Version::Tls13);
    }
    let mut steps = walked(side, Version::Tls12);
    if table.name.ends_with("hello") {
        for (from, to) in walked_to_tls13(side) {
            steps.entry(from).or_default().extend(to);
        }
    }
    steps
}

#[test]
fn diagrams_in_states_md_match_the_tables() {
    let mut drawn = HEAD.to_owned();
    for table in transitions() {
        drawn += &draw(&table, &walked_in(&table));
    }
    drawn += INTERRUPTS;
    for row in interrupts() {
        let states: Vec<_> = row.states.split('|').map(str::trim).collect();
        writeln!(drawn, "| {} | {} | {} |", row.input, states.join(", "), row.effect).unwrap();
    }
    drawn += FOOT;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/states.md");
    if std::env::var_os("CAIRN_WRITE_DOCS").is_some_and(|value| value == "1") {
        fs::write(&path, &drawn).unwrap();
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there.replace("\r\n", "\n") == drawn,
        "docs/states.md differs from the tables: CAIRN_WRITE_DOCS=1 rewrites it"
    );
}
