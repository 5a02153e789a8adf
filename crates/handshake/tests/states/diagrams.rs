//! `docs/states.md`: the machine's tables, drawn.

use cairn_handshake::{Table, transitions};
use core::fmt::Write as _;
use std::{fs, path::Path};

const HEAD: &str = "# The states of the handshake

Generated from the transition tables (`cairn_handshake::transitions`), one diagram for each table. The label of an arrow is an
input that the state accepts: a message of the peer, ChangeCipherSpec, or the answer to a question. The arrow leads to a
possible next state. Any other input is `unexpected_message`. Two inputs are handled before the tables: a client ignores
HelloRequest while it is negotiating (RFC 5246 section 7.4.1.1), and no table contains alerts, except for `no_renegotiation`
(`NoRenegotiation` here). A state without arrows belongs to another table, where the handshake continues.

After a change of a table, run `CAIRN_WRITE_DOCS=1 cargo test -p cairn-handshake --test states diagrams`.
";

fn draw(table: &Table) -> String {
    let mut out = format!("\n## {}\n\n```mermaid\nstateDiagram-v2\n", table.name);
    let first = table.rows.first().map_or("", |row| row.state);
    writeln!(out, "    [*] --> {first}").unwrap();
    for row in table.rows {
        for next in row.next {
            writeln!(out, "    {} --> {next}: {}", row.state, row.input).unwrap();
        }
    }
    out + "```\n"
}

#[test]
fn the_diagrams_are_those_of_the_tables() {
    let drawn: String = [HEAD.to_owned()].into_iter().chain(transitions().iter().map(draw)).collect();
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
