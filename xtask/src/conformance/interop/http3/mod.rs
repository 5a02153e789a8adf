//! HTTP/3 with other implementations of QUIC. Each cell is a connection, or two of which the second resumes
//! the session, with requests and answers. The reports of both sides are compared with the expectations.
//!
//! A peer is a file that implements [`Peer`] and a line in [`peers`]. It returns a reason for every case that
//! it does not support.

mod case;
mod cell;
mod chromium;
mod curl;
mod driven;
mod lossy;
mod ngtcp2;
mod ours;
mod peer;
mod run;
mod table;

use std::env;

use super::case::Role;
use super::world::World;
use crate::conformance::suite::{Context, Outcome, Row, Suite, Tool};
use crate::conformance::{parallel, tables};
use cell::{Cell, Present};
use peer::Peer;

pub(in crate::conformance) const SUITE: Suite = Suite {
    name: "http3",
    about: "HTTP/3 with other implementations of QUIC, with Cairn on either side",
    case: "a cell: a connection with a peer, or two of which the second resumes the session",
    needs: &[Tool { program: "openssl", package: "openssl" }],
    run,
};

/// Names of the peers to test, separated by commas; all if not set.
const CHOICE: &str = "CAIRN_HTTP3_PEERS";

type Peers = Vec<Box<dyn Peer>>;

/// All peers, in the order of the table.
fn peers() -> Peers {
    vec![
        Box::new(curl::Curl),
        Box::new(ngtcp2::Ngtcp2),
        Box::new(driven::quinn()),
        Box::new(driven::aioquic()),
        Box::new(driven::quiche()),
        Box::new(chromium::Chromium),
    ]
}

fn run(context: &Context) -> Result<Vec<Row>, String> {
    let world = World::new(context)?;
    let (present, mut rows) = gather(&world)?;
    let done = play(&world, &present);
    tables::keep(&context.folder, "features", &table::grid(&present, &done).html())?;
    rows.splice(0..0, table::of_peers(&present, &done));
    rows.extend(table::of_features(&present, &done));
    Ok(rows)
}

/// The peers that are installed or can be built, and rows for the missing ones.
fn gather(world: &World) -> Result<(Vec<Present>, Vec<Row>), String> {
    let (chosen, left) = choose(peers(), env::var(CHOICE).ok().as_deref())?;
    let (mut present, mut rows) = (Vec::new(), Vec::new());
    if !left.is_empty() {
        let row = Row::new("other peers", Outcome::NotOffered);
        rows.push(row.detail(format!("excluded by {CHOICE}: {}", left.join(", "))));
    }
    for peer in chosen {
        if let Some(missing) = peer.tools().iter().find(|tool| !tool.is_there()) {
            rows.push(Row { subject: peer.name().to_owned(), ..Row::missing(missing) });
            continue;
        }
        match peer.prepare(world) {
            Ok(version) => present.push(Present { peer, version }),
            Err(why) => rows.push(Row::new(peer.name(), Outcome::NotRun).detail(why)),
        }
    }
    if present.is_empty() && rows.is_empty() {
        Err("there is no peer".to_owned())
    } else {
        Ok((present, rows))
    }
}

/// Selects peers by name, and returns the names of the others. An unknown name is an error, because it would
/// otherwise exclude a peer unnoticed.
fn choose(peers: Peers, choice: Option<&str>) -> Result<(Peers, Vec<&'static str>), String> {
    let Some(choice) = choice else { return Ok((peers, Vec::new())) };
    let names: Vec<&str> = choice.split(',').map(str::trim).collect();
    let known: Vec<&'static str> = peers.iter().map(|peer| peer.name()).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(name)) {
        return Err(format!("{CHOICE}: there is no peer {name:?}; there are: {}", known.join(", ")));
    }
    let (chosen, left): (Peers, Peers) = peers.into_iter().partition(|peer| names.contains(&peer.name()));
    Ok((chosen, left.iter().map(|peer| peer.name()).collect()))
}

/// Runs all cells, several at a time.
fn play(world: &World, present: &[Present]) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (peer, one) in present.iter().enumerate() {
        for ours in Role::BOTH.into_iter().filter(|ours| one.peer.plays_against(*ours)) {
            for feature in case::features() {
                cells.extend(
                    feature.cases.into_iter().map(|(name, case)| (peer, ours, feature.name, name, case)),
                );
            }
        }
    }
    parallel::each(&cells, |(place, ours, feature, name, case)| {
        let result =
            present.get(*place).map_or(Ok(()), |one| run::run(world, one.peer.as_ref(), *ours, case));
        Cell { peer: *place, ours: *ours, feature, name: name.clone(), result }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;

    #[test]
    fn peers_are_selected_by_name_and_unknown_names_are_rejected() {
        let (chosen, left) = choose(peers(), Some("curl")).unwrap();
        assert_eq!(chosen.len(), 1);
        assert!(left.contains(&"ngtcp2") && !left.contains(&"curl"), "{left:?}");
        assert_eq!(choose(peers(), None).unwrap().0.len(), peers().len());
        let why = choose(peers(), Some("curl,ngctp2")).err().unwrap();
        assert!(why.contains("ngctp2") && why.contains("ngtcp2"), "{why}");
    }

    #[test]
    fn peers_have_their_own_letters() {
        let letters: BTreeSet<char> = peers().iter().map(|peer| peer.letter()).collect();
        assert_eq!(letters.len(), peers().len());
    }
}
