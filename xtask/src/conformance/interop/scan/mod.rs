//! `cairn scan` of servers with known configurations: OpenSSL, GnuTLS, nginx, Java, Go and Cairn, in strong
//! and weak ones.
//!
//! A case is one property of a server. It passes if the scan finds exactly what is configured; for the list
//! of findings, exactly the expected ones.

mod lab;
mod properties;
mod servers;

use std::fs;

use serde_json::Value;

use crate::conformance::suite::{Context, Outcome, Row, Suite, Tool};
use crate::conformance::tables;
use lab::Lab;
use servers::server::Server;

pub(in crate::conformance) const SUITE: Suite = Suite {
    name: "scan",
    about: "`cairn scan` of servers with known configurations",
    case: "a property of a server that the scan must find",
    needs: &[Tool { program: "openssl", package: "openssl" }],
    run,
};

/// A property of a server: its name, the configured value, and the one that was found.
struct Compared {
    property: &'static str,
    configured: String,
    found: String,
}

impl Compared {
    fn is_right(&self) -> bool {
        self.configured == self.found
    }
}

fn run(context: &Context) -> Result<Vec<Row>, String> {
    let lab = Lab::new(context)?;
    let (mut rows, mut done) = (Vec::new(), Vec::new());
    for server in servers::all() {
        if let Some(missing) = server.tools.iter().find(|tool| !tool.is_there()) {
            rows.push(Row { subject: server.name.to_owned(), ..Row::missing(missing) });
            continue;
        }
        match of_server(&lab, &server) {
            Ok(compared) => {
                rows.push(row(server.name, &compared));
                done.push((server.name, compared));
            }
            Err(why) => rows.push(Row::new(server.name, Outcome::Failed).counts(0, 1).detail(why)),
        }
    }
    tables::keep(&context.folder, "found", &html(&done))?;
    let (table, path) = (markdown(&done), context.folder.join("table.md"));
    fs::write(&path, &table).map_err(|e| format!("{} cannot be written: {e}", path.display()))?;
    if rows.iter().all(|row| row.outcome == Outcome::Passed) {
        let page = fs::read_to_string(context.root.join("docs/scan.md")).unwrap_or_default();
        rows.push(if page.contains(&table) {
            Row::new("the table in docs/scan.md", Outcome::Passed)
        } else {
            let what = format!("it differs from {}", path.display());
            Row::new("the table in docs/scan.md", Outcome::Failed).detail(what)
        });
    }
    Ok(rows)
}

/// Starts a server, scans it, and compares.
fn of_server(lab: &Lab, server: &Server) -> Result<Vec<Compared>, String> {
    let mut running = (server.launch)(lab)?.start()?;
    let port = (server.ready)(&mut running)?;
    let report: Value = lab.scan(port)?;
    let compared = server.expected.iter().map(|(property, configured)| Compared {
        property,
        configured: properties::sorted(configured),
        found: properties::of(&report, property),
    });
    Ok(compared.collect())
}

fn row(name: &str, compared: &[Compared]) -> Row {
    let wrong: Vec<&Compared> = compared.iter().filter(|one| !one.is_right()).collect();
    let failed = u64::try_from(wrong.len()).unwrap_or(u64::MAX);
    let passed = u64::try_from(compared.len()).unwrap_or(u64::MAX).saturating_sub(failed);
    let outcome = if wrong.is_empty() { Outcome::Passed } else { Outcome::Failed };
    let detail = wrong
        .iter()
        .map(|one| format!("{}: configured {}; found {}", one.property, one.configured, one.found));
    Row::new(name, outcome).counts(passed, failed).detail(detail.collect::<Vec<_>>().join("\n"))
}

fn html(done: &[(&str, Vec<Compared>)]) -> String {
    let mut html = String::from(
        "<table><caption>Servers of the suite scan: configured and found</caption>\n\
         <tr><th>server</th><th>property</th><th>configured</th><th>found</th></tr>\n",
    );
    for (name, compared) in done {
        for one in compared {
            let found = if one.is_right() { "the same".to_owned() } else { tables::escape(&one.found) };
            let (name, configured) = (tables::escape(name), tables::escape(&one.configured));
            html += &format!(
                "<tr><td>{name}</td><td>{}</td><td>{configured}</td><td>{found}</td></tr>\n",
                one.property
            );
        }
    }
    html + "</table>\n"
}

/// The table of `docs/scan.md`.
fn markdown(done: &[(&str, Vec<Compared>)]) -> String {
    let mut text = String::from("| server | property | configured | found |\n|---|---|---|---|\n");
    for (name, compared) in done {
        for (place, one) in compared.iter().enumerate() {
            let name = if place == 0 { *name } else { "" };
            let found = if one.is_right() { "the same" } else { &one.found };
            text += &format!("| {name} | {} | {} | {found} |\n", one.property, one.configured);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_with_a_difference_has_failed() {
        let of =
            |found: &str| Compared { property: "alpn", configured: "h2".to_owned(), found: found.to_owned() };
        assert_eq!(row("a", &[of("h2")]).outcome, Outcome::Passed);
        let row = row("a", &[of("h2"), of("none")]);
        assert_eq!((row.outcome, row.passed, row.failed), (Outcome::Failed, 1, 1));
        assert!(row.detail.contains("alpn: configured h2; found none"), "{}", row.detail);
        assert!(markdown(&[("a", vec![of("none")])]).contains("| a | alpn | h2 | none |"));
    }
}
