//! The results as rows of the report, and as a matrix.

use super::cell::{Cell, Present};
use crate::conformance::interop::case::Role;
use crate::conformance::interop::grid::{Grid, Line, Square};
use crate::conformance::interop::peer::No;
use crate::conformance::interop::totals::Totals;
use crate::conformance::suite::{Outcome, Row};

/// One row for each peer, with the totals of its cells.
pub(super) fn of_peers(present: &[Present], done: &[Cell]) -> Vec<Row> {
    let row = |(place, Present { peer, version }): (usize, &Present)| {
        let cells = done.iter().filter(|cell| cell.peer == place);
        let totals: Totals = cells.map(|cell| &cell.result).collect();
        totals.row_of_peer(peer.letter(), peer.name(), version)
    };
    present.iter().enumerate().map(row).collect()
}

/// One row for each peer, role and feature.
pub(super) fn of_features(present: &[Present], done: &[Cell]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for (place, Present { peer, .. }) in present.iter().enumerate() {
        for ours in Role::BOTH {
            let cells: Vec<&Cell> =
                done.iter().filter(|cell| cell.peer == place && cell.ours == ours).collect();
            for part in cells.chunk_by(|one, next| one.feature == next.feature) {
                let name = part.first().map_or("", |cell| cell.feature);
                rows.push(of_feature(&format!("{}, our {}: {name}", peer.name(), ours.name()), part));
            }
        }
    }
    rows
}

fn of_feature(subject: &str, cells: &[&Cell]) -> Row {
    let passed: Vec<&str> =
        cells.iter().filter(|cell| cell.result.is_ok()).map(|cell| cell.name.as_str()).collect();
    let totals: Totals = cells.iter().map(|cell| &cell.result).collect();
    let outcome = match (totals.failed, totals.passed) {
        (1.., _) => Outcome::Failed,
        (0, 0) => Outcome::NotOffered,
        (0, _) => Outcome::Passed,
    };
    let mut lines = Vec::new();
    if !passed.is_empty() {
        lines.push(passed.join(", "));
    }
    lines.extend(cells.iter().filter_map(|cell| match &cell.result {
        Ok(()) => None,
        Err(No::NotOffered(why)) => Some(format!("not {}: {why}", cell.name)),
        Err(No::Failed(why)) => Some(format!("FAILED {}: {why}", cell.name)),
    }));
    Row::new(subject, outcome).counts(totals.passed, totals.failed).detail(lines.join("\n"))
}

/// Rows are features and their cases; for each side, the columns are the peers.
pub(super) fn grid(present: &[Present], done: &[Cell]) -> Grid {
    let columns: Vec<(Role, usize)> = Role::BOTH
        .into_iter()
        .flat_map(|ours| {
            let plays = move |(_, one): &(usize, &Present)| one.peer.plays_against(ours);
            present.iter().enumerate().filter(plays).map(move |(place, _)| (ours, place))
        })
        .collect();
    let letter = |place: usize| present.get(place).map_or(' ', |one| one.peer.letter()).to_string();
    let part = |ours: Role| {
        let letters = columns.iter().filter(|(own, _)| *own == ours).map(|(_, place)| letter(*place));
        (format!("our {}", ours.name()), letters.collect())
    };
    let mut names: Vec<(&str, &str)> = Vec::new();
    for cell in done {
        if !names.contains(&(cell.feature, &cell.name)) {
            names.push((cell.feature, &cell.name));
        }
    }
    let line = |(feature, name): (&str, &str)| {
        let square = |(ours, place): &(Role, usize)| {
            let mut all = done.iter().filter(|cell| cell.feature == feature && cell.name == name);
            let cell = all.find(|cell| cell.ours == *ours && cell.peer == *place)?;
            let (outcome, good, bad, tip) = match &cell.result {
                Ok(()) => (Outcome::Passed, "✓", "", "passed"),
                Err(No::NotOffered(why)) => (Outcome::NotOffered, "–", "", why.as_str()),
                Err(No::Failed(why)) => (Outcome::Failed, "", "✗", why.as_str()),
            };
            Some(Square { outcome, good: good.to_owned(), bad: bad.to_owned(), tip: tip.to_owned() })
        };
        Line {
            part: feature.to_owned(),
            name: format!("{feature}: {name}"),
            squares: columns.iter().map(square).collect(),
        }
    };
    let note = |Present { peer, version }: &Present| format!("{} = {} {version}", peer.letter(), peer.name());
    Grid {
        title: "HTTP/3: what each peer supports together with Cairn",
        parts: Role::BOTH.map(part).into(),
        rows: names.iter().copied().map(line).collect(),
        legend: [
            (Outcome::Passed, "✓ passed"),
            (Outcome::NotOffered, "– not supported by the peer, or by Cairn's command"),
            (Outcome::Failed, "✗ failed"),
        ],
        notes: present.iter().map(note).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::case::features;
    use super::super::{curl::Curl, ngtcp2::Ngtcp2};
    use super::*;

    fn present() -> Vec<Present> {
        vec![
            Present { peer: Box::new(Curl), version: "1".to_owned() },
            Present { peer: Box::new(Ngtcp2), version: "2".to_owned() },
        ]
    }

    /// Cells of the feature "suites" with these results.
    fn cells(results: &[Result<(), No>]) -> Vec<Cell> {
        let feature = features().into_iter().nth(1).unwrap();
        let cases = feature.cases.into_iter().zip(results);
        let cell = |((name, _), result): ((String, _), &Result<(), No>)| Cell {
            peer: 0,
            ours: Role::Server,
            feature: feature.name,
            name,
            result: result.clone(),
        };
        cases.map(cell).collect()
    }

    #[test]
    fn row_names_what_passed_and_the_reasons_of_the_others() {
        let failed = No::Failed("no page".to_owned());
        let done = cells(&[Ok(()), Err(No::NotOffered("it is old".to_owned())), Err(failed)]);
        let row = &of_features(&present(), &done)[0];
        assert_eq!(row.subject, "curl, our server: suites");
        assert_eq!((row.outcome, row.passed, row.failed), (Outcome::Failed, 1, 1));
        assert!(row.detail.starts_with("TLS_AES_128_GCM_SHA256\nnot "), "{}", row.detail);
        assert!(row.detail.ends_with(": no page"), "{}", row.detail);
        assert_eq!(of_peers(&present(), &done)[0].outcome, Outcome::Failed);
    }

    #[test]
    fn peer_without_a_passed_cell_has_failed() {
        let rows = of_peers(&present(), &cells(&[Ok(())]));
        assert_eq!([rows[0].outcome, rows[1].outcome], [Outcome::Passed, Outcome::Failed]);
    }

    #[test]
    fn client_has_no_column_as_a_server() {
        let grid = grid(&present(), &cells(&[Ok(()), Ok(())]));
        let columns: Vec<usize> = grid.parts.iter().map(|(_, columns)| columns.len()).collect();
        assert_eq!(columns, [1, 2], "our client has ngtcp2 alone");
        assert_eq!(grid.rows.len(), 2);
        let there: Vec<bool> = grid.rows[0].squares.iter().map(Option::is_some).collect();
        assert_eq!(there, [false, true, false]);
    }
}
