//! The results as rows of the report.

use super::case::Role;
use super::cell::{Aspect, Cell, Present, Subject};
use super::peer::{No, Peer};
use super::totals::Totals;
use crate::conformance::suite::{Outcome, Row};

fn failures<'a>(present: &[Present], cells: impl Iterator<Item = &'a Cell>) -> Vec<String> {
    cells
        .filter_map(|cell| match &cell.result {
            Err(No::Failed(why)) => {
                let peer = present.get(cell.peer).map_or_else(String::new, |present| present.peer.title());
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

/// One row per peer: its letter, and the totals of its cells.
pub(super) fn of_peers(present: &[Present], done: &[Cell]) -> Vec<Row> {
    let row = |(place, Present { peer, version }): (usize, &Present)| {
        let cells = done.iter().filter(|cell| cell.peer == place);
        let totals: Totals = cells.map(|cell| &cell.result).collect();
        totals.row_of_peer(peer.letter(), &peer.title(), version)
    };
    present.iter().enumerate().map(row).collect()
}

/// One row per cipher suite. A letter stands for a peer with which it passed.
pub(super) fn of_suites(suites: &[String], present: &[Present], done: &[Cell]) -> Vec<Row> {
    let row = |suite: &String| {
        let is_suite = |cell: &&Cell| matches!(cell.subject, Subject::Suite(_)) && cell.case.suite == *suite;
        let cells: Vec<&Cell> = done.iter().filter(is_suite).collect();
        let (mut parts, mut lacks) = (Vec::new(), Vec::new());
        for ours in Role::BOTH {
            let mut columns = Vec::new();
            for column in Column::ALL.into_iter().filter(|column| column.is_of(suite)) {
                let (name, letters) = (column.name(), letters(column, ours, present, &cells));
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
        let totals: Totals = cells.iter().map(|cell| &cell.result).collect();
        Row::new(suite, outcome).counts(totals.passed, totals.failed).detail(lines.join("\n"))
    };
    suites.iter().map(row).collect()
}

/// The reasons why no peer passed: for peers with the suite, the feature that they lack.
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
        present.iter().enumerate().filter(|(place, _)| !have(*place)).map(|(_, one)| one.peer.title());
    let others = others.collect::<Vec<_>>().join(", ");
    if !others.is_empty() {
        reasons.push(format!("without the suite: {others}"));
    }
    reasons.join("; ")
}

/// The columns of a suite's row, for each side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// A suite without the choice between MAC-then-encrypt and encrypt-then-MAC.
    Full,
    EncryptThenMac,
    MacThenEncrypt,
    Id,
    Ticket,
}

impl Column {
    pub(super) const ALL: [Self; 5] =
        [Self::Full, Self::EncryptThenMac, Self::MacThenEncrypt, Self::Id, Self::Ticket];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::EncryptThenMac => "EtM",
            Self::MacThenEncrypt => "no EtM",
            Self::Id => "ID",
            Self::Ticket => "ticket",
        }
    }

    /// Returns `true` if the column applies to a suite.
    pub(super) fn is_of(self, suite: &str) -> bool {
        let cbc = suite.contains("_CBC_");
        match self {
            Self::Full => !cbc,
            Self::EncryptThenMac | Self::MacThenEncrypt => cbc,
            Self::Id | Self::Ticket => true,
        }
    }

    /// Returns `true` if a cell with this peer belongs to the column. A peer without encrypt_then_mac belongs
    /// to the column without it.
    pub(super) fn has(self, aspect: Aspect, peer: &dyn Peer) -> bool {
        match self {
            Self::Full => aspect == Aspect::Full,
            Self::EncryptThenMac => aspect == Aspect::Full && peer.knows_etm(),
            Self::MacThenEncrypt => aspect == Aspect::NoEtm || (aspect == Aspect::Full && !peer.knows_etm()),
            Self::Id => aspect == Aspect::Id,
            Self::Ticket => aspect == Aspect::Ticket,
        }
    }
}

/// The letters of the peers that passed.
fn letters(column: Column, ours: Role, present: &[Present], cells: &[&Cell]) -> String {
    let letter = |(place, one): (usize, &Present)| {
        let mut of_peer =
            cells.iter().filter(|cell| cell.ours == ours && cell.peer == place && cell.result.is_ok());
        let went_well = of_peer.any(
            |cell| matches!(cell.subject, Subject::Suite(aspect) if column.has(aspect, one.peer.as_ref())),
        );
        went_well.then(|| one.peer.letter())
    };
    present.iter().enumerate().filter_map(letter).collect()
}

/// One row for each peer, role and feature.
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
                    &format!("{}, our {}: {name}", peer.title(), ours.name()),
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
    let totals: Totals = cells.iter().map(|cell| &cell.result).collect();
    Row::new(subject, outcome).counts(totals.passed, totals.failed).detail(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::super::case::Case;
    use super::super::{gnutls::GnuTls, nss::Nss};
    use super::*;

    const CBC: &str = "TLS_RSA_WITH_AES_128_CBC_SHA";
    const GCM: &str = "TLS_RSA_WITH_AES_128_GCM_SHA256";

    fn present() -> Vec<Present> {
        let one = |peer: Box<dyn Peer>| Present { peer, version: "1".to_owned() };
        vec![one(Box::new(GnuTls::installed())), one(Box::new(Nss::installed()))]
    }

    fn cell(peer: usize, ours: Role, suite: &str, aspect: Aspect, result: Result<(), No>) -> Cell {
        Cell { peer, ours, subject: Subject::Suite(aspect), case: Case::of_suite(suite), result }
    }

    /// All cells of a row, with the first peer.
    fn complete(suite: &str) -> Vec<Cell> {
        let aspects = [Aspect::Full, Aspect::Id, Aspect::Ticket, Aspect::NoEtm];
        let both = |aspect| Role::BOTH.map(|ours| cell(0, ours, suite, aspect, Ok(())));
        aspects.into_iter().flat_map(both).collect()
    }

    fn row(suite: &str, cells: &[Cell]) -> Row {
        of_suites(&[suite.to_owned()], &present(), cells).remove(0)
    }

    #[test]
    fn row_lists_the_peers_that_passed() {
        let mut cells = complete(CBC);
        // A peer without encrypt_then_mac counts in the column without it.
        cells.push(cell(1, Role::Client, CBC, Aspect::Full, Ok(())));
        let row = row(CBC, &cells);
        assert_eq!(row.outcome, Outcome::Passed);
        assert_eq!(
            row.detail,
            "our client: EtM G, no EtM GN, ID G, ticket G; our server: EtM G, no EtM G, ID G, ticket G"
        );
        assert_eq!((row.passed, row.failed), (9, 0));
    }

    #[test]
    fn missing_cells_have_a_reason_and_are_not_passed() {
        let mut cells = complete(GCM);
        cells.retain(|cell| cell.subject != Subject::Suite(Aspect::Ticket) || cell.ours == Role::Client);
        let why = No::NotOffered("it has no tickets".to_owned());
        cells.push(cell(0, Role::Server, GCM, Aspect::Ticket, Err(why)));
        let told = row(GCM, &cells);
        assert_eq!(told.outcome, Outcome::NotOffered);
        assert!(
            told.detail.ends_with("\nour server, ticket: it has no tickets; without the suite: NSS"),
            "{}",
            told.detail
        );
        // No peer has the suite.
        assert_eq!(row(GCM, &[]).outcome, Outcome::NotOffered);
    }

    #[test]
    fn one_failure_fails_the_row_of_its_suite_and_of_its_peer() {
        let mut cells = complete(GCM);
        cells.push(cell(1, Role::Server, GCM, Aspect::Full, Err(No::Failed("no page".to_owned()))));
        let row = row(GCM, &cells);
        assert_eq!((row.outcome, row.failed), (Outcome::Failed, 1));
        assert!(row.detail.contains("FAILED with NSS, our server, Full: no page"), "{}", row.detail);
        let peers = of_peers(&present(), &cells);
        assert_eq!([peers[0].outcome, peers[1].outcome], [Outcome::Passed, Outcome::Failed]);
    }

    #[test]
    fn feature_row_lists_passed_and_unsupported_cases() {
        let feature = |name: &str, result| Cell {
            subject: Subject::Feature("groups", name.to_owned()),
            ..cell(0, Role::Client, GCM, Aspect::Full, result)
        };
        let no = || Err(No::NotOffered("too short".to_owned()));
        let rows = of_features(&present(), &[feature("a", Ok(())), feature("b", no()), feature("c", no())]);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].subject, "GnuTLS, our client: groups");
        assert_eq!(rows[0].detail, "a\nnot b, c: too short");
        assert_eq!(rows[0].outcome, Outcome::Passed);
    }
}
