//! Both roles against a misbehaving peer that applies every kind of change to every field of every message.
//! It knows the keys and is otherwise correct. Tables (`table/*.md`) state the required results and the RFC
//! sections; a case without a row fails, and so does a row without a case. Then each run of messages is sent
//! in records split at every byte, joined, and of one byte.
//!
//! `CAIRN_HOSTILE_SHOW=1` prints each case with its verdict.

mod change;
mod flows;
mod messages;
mod peer;
mod records;
mod shape;
mod table;
mod verdict;

use change::{Change, Edit, changes};
use flows::{Flow, Try};
use peer::{Peer, Plan};
use std::collections::{BTreeMap, BTreeSet};
use table::Row;
use verdict::{Verdict, judge};

/// The results for one message.
#[derive(Default)]
struct Figures {
    cases: usize,
    accepted: usize,
    refused: usize,
    differences: Vec<String>,
}

#[test]
fn server_resists_a_hostile_client() {
    meets("server", &flows::to_server(), include_str!("table/to_server.md"));
}

#[test]
fn client_resists_a_hostile_server() {
    meets("client", &flows::to_client(), include_str!("table/to_client.md"));
}

fn meets(who: &str, flows: &[Flow], table: &'static str) {
    let rows = table::rows(table);
    let mut used = BTreeSet::new();
    let mut all: BTreeMap<String, Figures> = BTreeMap::new();
    for flow in flows {
        let honest = judge(flow, Plan::default()).map(|verdict| verdict.to_string());
        for (message, change, plan) in cases(flow) {
            let what = format!("{who} | {message} | {} | {}", change.field, change.how);
            let row = rows.iter().find(|row: &&Row| row.matches(&message, &change.field, &change.how));
            used.extend(row.map(|row| row.line));
            let verdict = judge(flow, plan);
            let figures = all.entry(message).or_default();
            figures.cases += 1;
            match verdict {
                Ok(Verdict::Accepted | Verdict::Resumed) => figures.accepted += 1,
                Ok(Verdict::Alert(_)) => figures.refused += 1,
                _ => {}
            }
            let said = verdict.map_or_else(|breach| breach, |verdict| verdict.to_string());
            if std::env::var_os("CAIRN_HOSTILE_SHOW").is_some() {
                println!("{what} | {said} | {}", flow.name);
            }
            match row {
                Some(row) if row.outcome == said => {}
                Some(row) if row.outcome == "unchanged" && honest.as_ref() == Ok(&said) => {}
                Some(row) => {
                    figures.differences.push(format!("{what}: {said}, line {}: {}", row.line, row.outcome));
                }
                None => figures.differences.push(format!("{what}: {said}, and no row")),
            }
        }
    }
    let mut differences = Vec::new();
    for (message, figures) in all {
        println!(
            "hostile-figures to={who} message={} cases={} accepted={} refused={} differences={}",
            message.replace(' ', "+"),
            figures.cases,
            figures.accepted,
            figures.refused,
            figures.differences.len(),
        );
        differences.extend(figures.differences);
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
    let idle: Vec<_> = rows.iter().filter(|row| !used.contains(&row.line)).collect();
    assert!(idle.is_empty(), "rows that no case needs: {idle:#?}");
}

/// Each change in a flow, with the name of the message or of its record in the tables.
fn cases(flow: &Flow) -> Vec<(String, Change, Plan)> {
    let mut honest = Peer::new(flow, Plan::default());
    let played = honest.play();
    assert_eq!(played, Ok(()), "{}: {:?} {:?}", flow.name, honest.victim.error, honest.alerts);
    let mut cases = Vec::new();
    for (i, said) in honest.said.iter().enumerate() {
        let of = || said.name.clone();
        let with_next = honest.said.get(i + 1).is_some_and(|next| next.turn == said.turn);
        let can_be = |change: &Change| {
            (with_next || !matches!(change.edit, Edit::MessageSwapped))
                && (flow.cut_everywhere || !change.deep)
        };
        let tried = |change: &Change| {
            let fits = |tried: &Try| tried.name == said.name && change.field.starts_with(tried.within);
            flow.tries.iter().any(fits) && can_be(change)
        };
        if flow.tries.iter().any(|tried| tried.name == said.name) {
            let all = changes(&said.shape, &said.bytes, said.header).into_iter().filter(tried);
            cases.extend(all.map(|change| {
                let plan = Plan { change: Some((of(), change.clone())), ..Plan::default() };
                (of(), change, plan)
            }));
        }
        if flow.records_of.contains(&&*said.name) {
            let all = changes(&messages::RECORD, &said.record, 0).into_iter();
            cases.extend(all.filter(|change| !matches!(change.edit, Edit::MessageSwapped)).map(|change| {
                let plan = Plan { record: Some((of(), change.clone())), ..Plan::default() };
                (format!("record of {}", said.name), change, plan)
            }));
        }
    }
    cases
}
