//! `docs/states.md`: the machine's tables, drawn.

use cairn_handshake::{Table, transitions};
use core::fmt::Write as _;
use std::{fs, path::Path};

const HEAD: &str = "# The states of the handshake

Drawn from the transition tables themselves (`cairn_handshake::transitions`), one diagram for each. An arrow says what is
taken in a state and where it leads: a message of the peer, ChangeCipherSpec, or the answer to a question. What has no
arrow is `unexpected_message`. Two inputs are sorted out before the tables: a client that is negotiating ignores HelloRequest
(RFC 5246 section 7.4.1.1), and alerts but for `no_renegotiation` (`NoRenegotiation` here) are in no table. A state that
leads out of its table is drawn as the end or the beginning of the other.

After a change of a table: `CAIRN_WRITE_DOCS=1 cargo test -p cairn-handshake --test states diagrams`.
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
        "docs/states.md is not what the tables say: CAIRN_WRITE_DOCS=1 draws it anew"
    );
}
