//! The results as matrices: that of cipher suites, and that of features.

use super::case::Role;
use super::cell::{Cell, Present, Subject};
use super::grid::{Grid, Line, Square};
use super::peer::No;
use super::table::Column;
use crate::conformance::suite::Outcome;

/// Rows are cipher suites, grouped by key exchange; for each side there is a group of columns. A square
/// contains the letters of the peers.
pub(super) fn of_suites(suites: &[String], present: &[Present], done: &[Cell]) -> Grid {
    let columns = Column::ALL.map(|column| column.name().to_owned());
    let line = |suite: &String| {
        let of_suite: Vec<&Cell> = done.iter().filter(|cell| cell.case.suite == *suite).collect();
        let square = |(ours, column): (Role, Column)| {
            column.is_of(suite).then(|| {
                let what = format!("{suite}, our {}, {}", ours.name(), column.name());
                of_column(&what, ours, column, present, &of_suite)
            })
        };
        let places = Role::BOTH.into_iter().flat_map(|ours| Column::ALL.map(|column| (ours, column)));
        Line {
            part: key_exchange(suite).to_owned(),
            name: suite.clone(),
            squares: places.map(square).collect(),
        }
    };
    let mut rows: Vec<Line> = suites.iter().map(line).collect();
    rows.sort_by_key(|row| suites.iter().position(|suite| key_exchange(suite) == row.part));
    Grid {
        title: "cipher suites: the peers with which each one passed",
        parts: Role::BOTH.map(|ours| (format!("our {}", ours.name()), columns.to_vec())).into(),
        rows,
        legend: [
            (Outcome::Passed, "passed with these peers"),
            (Outcome::NotOffered, "no installed peer supports it"),
            (Outcome::Failed, "failed with the peers in bold letters"),
        ],
        notes: notes(present),
    }
}

/// The first half of a cipher suite's name.
fn key_exchange(suite: &str) -> &str {
    suite.split("_WITH_").next().unwrap_or(suite)
}

fn of_column(what: &str, ours: Role, column: Column, present: &[Present], of_suite: &[&Cell]) -> Square {
    let (mut good, mut bad) = (String::new(), String::new());
    let mut tip = vec![what.to_owned()];
    for (place, Present { peer, .. }) in present.iter().enumerate() {
        let cells = of_suite.iter().filter(|cell| {
            let here = |aspect| column.has(aspect, peer.as_ref());
            cell.peer == place
                && cell.ours == ours
                && matches!(cell.subject, Subject::Suite(aspect) if here(aspect))
        });
        for cell in cells {
            match &cell.result {
                Ok(()) => good.push(peer.letter()),
                Err(No::Failed(_)) => bad.push(peer.letter()),
                Err(No::NotOffered(_)) => {}
            }
            tip.push(told(&peer.title(), &cell.result));
        }
    }
    let outcome = match (bad.is_empty(), good.is_empty()) {
        (false, _) => Outcome::Failed,
        (true, true) => Outcome::NotOffered,
        (true, false) => Outcome::Passed,
    };
    Square { outcome, good, bad, tip: tip.join("\n") }
}

/// Rows are features and their cases; for each side, the columns are the peers.
pub(super) fn of_features(present: &[Present], done: &[Cell]) -> Grid {
    let mut cases: Vec<(&str, &str)> = Vec::new();
    for cell in done {
        if let Subject::Feature(feature, case) = &cell.subject
            && !cases.contains(&(feature, case))
        {
            cases.push((feature, case));
        }
    }
    let line = |(feature, case): (&str, &str)| {
        let square = |(ours, place): (Role, usize)| {
            let mut cells = done.iter().filter(|cell| cell.ours == ours && cell.peer == place);
            let cell = cells
                .find(|cell| matches!(&cell.subject, Subject::Feature(f, c) if *f == feature && c == case))?;
            let name = present.get(place)?.peer.title();
            let (outcome, good, bad) = match &cell.result {
                Ok(()) => (Outcome::Passed, "✓", ""),
                Err(No::NotOffered(_)) => (Outcome::NotOffered, "–", ""),
                Err(No::Failed(_)) => (Outcome::Failed, "", "✗"),
            };
            let tip = format!("{feature}: {case}, our {}\n{}", ours.name(), told(&name, &cell.result));
            Some(Square { outcome, good: good.to_owned(), bad: bad.to_owned(), tip })
        };
        let places = Role::BOTH.into_iter().flat_map(|ours| (0..present.len()).map(move |one| (ours, one)));
        Line {
            part: feature.to_owned(),
            name: format!("{feature}: {case}"),
            squares: places.map(square).collect(),
        }
    };
    let peers: Vec<String> = present.iter().map(|one| one.peer.letter().to_string()).collect();
    Grid {
        title: "features: what each peer supports together with Cairn",
        parts: Role::BOTH.map(|ours| (format!("our {}", ours.name()), peers.clone())).into(),
        rows: cases.into_iter().map(line).collect(),
        legend: [
            (Outcome::Passed, "✓ passed"),
            (Outcome::NotOffered, "– the peer does not support it"),
            (Outcome::Failed, "✗ failed"),
        ],
        notes: notes(present),
    }
}

fn told(peer: &str, result: &Result<(), No>) -> String {
    match result {
        Ok(()) => format!("{peer}: passed"),
        Err(No::NotOffered(why)) => format!("{peer}: not offered: {why}"),
        Err(No::Failed(why)) => format!("{peer}: FAILED: {why}"),
    }
}

/// The legend of the letters.
fn notes(present: &[Present]) -> Vec<String> {
    let note = |Present { peer, version }: &Present| {
        format!("{} = {} {}", peer.letter(), peer.title(), version.lines().next().unwrap_or_default())
    };
    present.iter().map(note).collect()
}

#[cfg(test)]
mod tests {
    use super::super::case::{self, Case};
    use super::super::{cell::Aspect, gnutls::GnuTls, nss::Nss, peer::Peer};
    use super::*;

    const CBC: &str = "TLS_RSA_WITH_AES_128_CBC_SHA";
    const GCM: &str = "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256";

    fn present() -> Vec<Present> {
        let one = |peer: Box<dyn Peer>| Present { peer, version: "1".to_owned() };
        vec![one(Box::new(GnuTls::installed())), one(Box::new(Nss::installed()))]
    }

    fn cell(peer: usize, ours: Role, suite: &str, aspect: Aspect, result: Result<(), No>) -> Cell {
        Cell { peer, ours, subject: Subject::Suite(aspect), case: Case::of_suite(suite), result }
    }

    #[test]
    fn square_has_the_letters_of_peers_that_passed_and_failed() {
        let no = No::NotOffered("no tickets".to_owned());
        let failed = No::Failed("no page".to_owned());
        let cells = [
            cell(0, Role::Client, GCM, Aspect::Full, Ok(())),
            cell(1, Role::Client, GCM, Aspect::Full, Err(failed)),
            cell(0, Role::Client, GCM, Aspect::Ticket, Err(no)),
            cell(0, Role::Server, CBC, Aspect::Full, Ok(())),
            cell(1, Role::Server, CBC, Aspect::Full, Ok(())),
            cell(0, Role::Server, CBC, Aspect::NoEtm, Ok(())),
        ];
        let grid = of_suites(&[GCM, CBC].map(str::to_owned), &present(), &cells);
        assert_eq!(grid.rows[0].squares.len(), 10);
        let of = |row: usize, column: usize| {
            let square = grid.rows[row].squares[column].as_ref()?;
            Some((square.outcome, square.good.as_str(), square.bad.as_str()))
        };
        let nobody = Some((Outcome::NotOffered, "", ""));
        let gcm = [Some((Outcome::Failed, "G", "N")), None, None, nobody, nobody];
        let cbc = [None, Some((Outcome::Passed, "G", "")), Some((Outcome::Passed, "GN", "")), nobody, nobody];
        for column in 0..5 {
            assert_eq!(of(0, column), gcm[column], "{column}");
            assert_eq!(of(1, column + 5), cbc[column], "{column}");
        }
        let tip = |column: usize| grid.rows[0].squares[column].as_ref().unwrap().tip.clone();
        assert!(tip(0).ends_with("our client, full\nGnuTLS: passed\nNSS: FAILED: no page"), "{}", tip(0));
        assert!(tip(4).ends_with("GnuTLS: not offered: no tickets"), "{}", tip(4));
        assert_ne!(grid.rows[0].part, grid.rows[1].part, "another key exchange");
        assert_eq!(grid.notes, ["G = GnuTLS 1", "N = NSS 1"]);
    }

    #[test]
    fn suites_of_a_key_exchange_are_grouped() {
        let suites = ["A_WITH_1", "B_WITH_1", "A_WITH_2", "C_WITH_1", "B_WITH_2"].map(str::to_owned);
        let grid = of_suites(&suites, &present(), &[]);
        let names: Vec<&str> = grid.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["A_WITH_1", "A_WITH_2", "B_WITH_1", "B_WITH_2", "C_WITH_1"]);
    }

    #[test]
    fn every_case_has_a_row_and_untested_peers_have_no_square() {
        let results = [Ok(()), Err(No::NotOffered("too short".to_owned())), Err(No::Failed("!".to_owned()))];
        let cells = case::features().into_iter().flat_map(|feature| {
            let cases = feature.cases.into_iter().zip(results.iter().cycle().cloned());
            cases.map(move |((name, case), result)| Cell {
                peer: 0,
                ours: Role::Client,
                subject: Subject::Feature(feature.name, name),
                case,
                result,
            })
        });
        let cells: Vec<Cell> = cells.collect();
        let grid = of_features(&present(), &cells);
        assert_eq!(grid.rows.len(), cells.len());
        let shown: Vec<Outcome> =
            grid.rows[0..3].iter().map(|row| row.squares[0].as_ref().unwrap().outcome).collect();
        assert_eq!(shown, [Outcome::Passed, Outcome::NotOffered, Outcome::Failed]);
        assert!(grid.rows.iter().all(|row| row.squares[1..].iter().all(Option::is_none)));
        assert_eq!(grid.rows[0].name, "groups: x25519");
    }
}
