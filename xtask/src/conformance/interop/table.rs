//! What came of it, as rows of the report.

use super::case::Role;
use super::peer::No;
use super::world::World;
use super::{Aspect, Cell, Present, Subject};
use crate::conformance::suite::{Outcome, Row};

fn failures<'a>(present: &[Present], cells: impl Iterator<Item = &'a Cell>) -> Vec<String> {
    cells
        .filter_map(|cell| match &cell.result {
            Err(No::Failed(why)) => {
                let peer = present.get(cell.peer).map_or("?", |present| present.peer.name());
                let what = match &cell.subject {
                    Subject::Suite(aspect) => format!("{aspect:?}"),
                    Subject::Feature(_, name) => name.clone(),
                };
                Some(format!("FAILED with {peer}, our {}, {what}: {why}", cell.ours.name()))
            }
            _ => None,
        })
        .collect()
}

fn count(cells: &[&Cell], passed: bool) -> u64 {
    let counts = |cell: &&&Cell| match cell.result {
        Ok(()) => passed,
        Err(No::Failed(_)) => !passed,
        Err(No::NotOffered(_)) => false,
    };
    u64::try_from(cells.iter().filter(counts).count()).unwrap_or(u64::MAX)
}

/// A row for each peer: the letter that stands for it below, and all of its cells.
pub(super) fn of_peers(present: &[Present], done: &[Cell]) -> Vec<Row> {
    let row = |(place, Present { peer, version }): (usize, &Present)| {
        let cells: Vec<&Cell> = done.iter().filter(|cell| cell.peer == place).collect();
        let (passed, failed) = (count(&cells, true), count(&cells, false));
        let outcome = if failed == 0 && passed > 0 { Outcome::Passed } else { Outcome::Failed };
        Row::new(format!("{} = {} {version}", peer.letter(), peer.name()), outcome)
            .detail(format!("{passed} cells passed, {failed} failed"))
    };
    present.iter().enumerate().map(row).collect()
}

/// A row for each suite. A letter is a peer with which it went well.
pub(super) fn of_suites(world: &World, present: &[Present], done: &[Cell]) -> Vec<Row> {
    let row = |suite: &String| {
        let is_suite = |cell: &&Cell| matches!(cell.subject, Subject::Suite(_)) && cell.case.suite == *suite;
        let cells: Vec<&Cell> = done.iter().filter(is_suite).collect();
        let (mut parts, mut lacks) = (Vec::new(), Vec::new());
        for ours in Role::BOTH {
            let mut columns = Vec::new();
            for (name, letters, wanted) in columns_of(suite, ours, present, &cells) {
                if !wanted {
                    continue;
                }
                if letters.is_empty() {
                    lacks.push(format!("our {}, {name}: {}", ours.name(), reasons(ours, present, &cells)));
                }
                columns.push(format!("{name} {}", if letters.is_empty() { "-" } else { &letters }));
            }
            parts.push(format!("our {}: {}", ours.name(), columns.join(", ")));
        }
        let faults = failures(present, cells.iter().copied());
        let outcome = match (faults.is_empty(), lacks.is_empty()) {
            (false, _) => Outcome::Failed,
            (true, false) => Outcome::NotOffered,
            (true, true) => Outcome::Passed,
        };
        let mut lines = vec![parts.join("; ")];
        lines.extend(lacks);
        lines.extend(faults);
        Row::new(suite, outcome).counts(count(&cells, true), count(&cells, false)).detail(lines.join("\n"))
    };
    world.suites.iter().map(row).collect()
}

/// Why nobody could be found: those that have the suite, and what they cannot do with it.
fn reasons(ours: Role, present: &[Present], cells: &[&Cell]) -> String {
    let mut reasons: Vec<String> = Vec::new();
    for cell in cells.iter().filter(|cell| cell.ours == ours) {
        if let Err(No::NotOffered(why)) = &cell.result
            && !reasons.contains(why)
        {
            reasons.push(why.clone());
        }
    }
    let have = |place| cells.iter().any(|cell| cell.ours == ours && cell.peer == place);
    let others =
        present.iter().enumerate().filter(|(place, _)| !have(*place)).map(|(_, one)| one.peer.name());
    reasons.push(format!("{} lack the suite", others.collect::<Vec<_>>().join(", ")));
    reasons.join("; ")
}

/// The columns of a suite: their names, the letters of those with whom it went well, and whether the suite has them.
fn columns_of(
    suite: &str,
    ours: Role,
    present: &[Present],
    cells: &[&Cell],
) -> [(&'static str, String, bool); 5] {
    let cbc = suite.contains("_CBC_");
    let letters = |wanted: &dyn Fn(Aspect, &Present) -> bool| -> String {
        let letter = |(place, one): (usize, &Present)| {
            let mut of_peer =
                cells.iter().filter(|cell| cell.ours == ours && cell.peer == place && cell.result.is_ok());
            let went_well =
                of_peer.any(|cell| matches!(cell.subject, Subject::Suite(aspect) if wanted(aspect, one)));
            went_well.then(|| one.peer.letter())
        };
        present.iter().enumerate().filter_map(letter).collect()
    };
    let is = |one: Aspect| letters(&move |aspect, _| aspect == one);
    let etm = letters(&|aspect, one| aspect == Aspect::Full && one.peer.knows_etm());
    let no_etm =
        letters(&|aspect, one| aspect == Aspect::NoEtm || (aspect == Aspect::Full && !one.peer.knows_etm()));
    [
        ("full", is(Aspect::Full), !cbc),
        ("EtM", etm, cbc),
        ("no EtM", no_etm, cbc),
        ("ID", is(Aspect::Id), true),
        ("ticket", is(Aspect::Ticket), true),
    ]
}

/// A row for each peer, role and feature.
pub(super) fn of_features(present: &[Present], done: &[Cell]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (place, Present { peer, .. }) in present.iter().enumerate() {
        for ours in Role::BOTH {
            let mut names: Vec<&str> = Vec::new();
            let of_peer = |cell: &&Cell| cell.peer == place && cell.ours == ours;
            for cell in done.iter().filter(of_peer) {
                if let Subject::Feature(name, _) = cell.subject
                    && !names.contains(&name)
                {
                    names.push(name);
                }
            }
            for name in names {
                let is_feature = |cell: &&Cell| {
                    of_peer(cell) && matches!(cell.subject, Subject::Feature(one, _) if one == name)
                };
                let cells: Vec<&Cell> = done.iter().filter(is_feature).collect();
                rows.push(of_feature(
                    &format!("{}, our {}: {name}", peer.name(), ours.name()),
                    present,
                    &cells,
                ));
            }
        }
    }
    rows
}

fn of_feature(subject: &str, present: &[Present], cells: &[&Cell]) -> Row {
    let mut passed = Vec::new();
    let mut absent: Vec<(&str, Vec<&str>)> = Vec::new();
    for cell in cells {
        let Subject::Feature(_, name) = &cell.subject else { continue };
        match &cell.result {
            Ok(()) => passed.push(name.as_str()),
            Err(No::NotOffered(why)) => match absent.iter_mut().find(|(reason, _)| reason == why) {
                Some((_, names)) => names.push(name),
                None => absent.push((why, vec![name])),
            },
            Err(No::Failed(_)) => {}
        }
    }
    let faults = failures(present, cells.iter().copied());
    let outcome = match (faults.is_empty(), passed.is_empty()) {
        (false, _) => Outcome::Failed,
        (true, true) => Outcome::NotOffered,
        (true, false) => Outcome::Passed,
    };
    let mut lines = Vec::new();
    if !passed.is_empty() {
        lines.push(passed.join(", "));
    }
    lines.extend(absent.iter().map(|(why, names)| format!("not {}: {why}", names.join(", "))));
    lines.extend(faults);
    Row::new(subject, outcome).counts(count(cells, true), count(cells, false)).detail(lines.join("\n"))
}
