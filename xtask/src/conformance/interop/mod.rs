//! A matrix of real peers. Each cell is a connection, or two of which the second resumes the session, with
//! data in both directions. Cairn's report of the negotiated parameters is compared with the expected ones.
//!
//! The matrix answers two questions. For every cipher suite of Cairn: which peers interoperate with it, with
//! Cairn on either side, with full handshakes and resumption by session ID and ticket, with and without
//! encrypt_then_mac. For every peer: which groups, signature schemes, client certificates, forms of
//! resumption and renegotiation, and record sizes it supports together with Cairn.
//!
//! In cases of TLS 1.3 the peer's own report is compared too ([`Peer::own_words`]).
//!
//! A peer is a file that implements [`Peer`] and a line in [`peers`]. It returns a reason for every case that
//! it does not support.

mod botan;
mod botan13;
mod browser;
mod case;
mod case13;
mod cell;
mod check;
mod debian13;
mod driven;
mod gnutls;
mod gnutls13;
mod gnutls_names;
mod grid;
mod http3;
mod matrices;
mod nss;
mod nss13;
mod openssl;
mod openssl13;
mod openssl_names;
mod ours;
mod peer;
mod process;
mod programs;
mod root;
mod run;
mod scan;
mod table;
mod totals;
mod world;

use alloc::collections::{BTreeSet, VecDeque};
use core::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::{env, thread};

use super::suite::{Context, Outcome, Row, Suite, Tool};
use super::tables;
use case::{Case, Resumption, Role};
use cell::{Aspect, Cell, Present, Subject};
use debian13::Edition;
use peer::Peer;
use run::Bench;
use world::World;

pub(super) use browser::SUITE as BROWSER;
pub(super) use http3::SUITE as HTTP3;
pub(super) use scan::SUITE as SCAN;

pub(super) const SUITE: Suite = Suite {
    name: "interop",
    about: "real peers, with Cairn on either side: every cipher suite, and other negotiated features",
    case: "a cell: a connection with a peer, or two of which the second resumes the session",
    needs: &[Tool { program: "openssl", package: "openssl" }],
    run,
};

/// Names of the peers to test, separated by commas; all if not set.
const CHOICE: &str = "CAIRN_INTEROP_PEERS";

/// A part of the names of the features to test, without the cipher suites; everything if not set.
const FEATURES: &str = "CAIRN_INTEROP_FEATURES";

/// The number of cases that run in sequence, with one peer in one role, before another thread may take the
/// rest.
const SCENE: usize = 48;

type Peers = Vec<Box<dyn Peer>>;

/// All peers, in the order of the table.
fn peers() -> Peers {
    vec![
        Box::new(openssl::OpenSsl::new(Edition::Installed)),
        Box::new(openssl::OpenSsl::new(Edition::Debian13)),
        Box::new(gnutls::GnuTls::new(Edition::Installed)),
        Box::new(gnutls::GnuTls::new(Edition::Debian13)),
        Box::new(nss::Nss(Edition::Installed)),
        Box::new(nss::Nss(Edition::Debian13)),
        Box::new(botan::Botan(Edition::Installed)),
        Box::new(botan::Botan(Edition::Debian13)),
        Box::new(driven::bouncy_castle()),
        Box::new(driven::jsse()),
        Box::new(driven::go()),
        Box::new(driven::rustls()),
        Box::new(driven::s2n_tls()),
        Box::new(driven::boring()),
        Box::new(programs::Curl(Edition::Installed)),
        Box::new(programs::Curl(Edition::Debian13)),
        Box::new(programs::Nginx(Edition::Installed)),
        Box::new(programs::Nginx(Edition::Debian13)),
        Box::new(programs::Stunnel),
    ]
}

fn run(context: &Context) -> Result<Vec<Row>, String> {
    let world = World::new(context)?;
    let (present, mut rows) = gather(&world)?;
    let features = env::var(FEATURES).ok();
    if let Some(part) = &features {
        let detail = format!("excluded by {FEATURES}: all but the features with {part:?} in their names");
        rows.push(Row::new("other cells", Outcome::NotOffered).detail(detail));
    }
    let mut scenes = VecDeque::new();
    for (place, Present { peer, .. }) in present.iter().enumerate() {
        for ours in Role::BOTH {
            let mut cells = cells(&world, place, peer.as_ref(), ours)?;
            cells.retain(|cell| features.as_deref().is_none_or(|part| cell.subject.is_feature(part)));
            scenes.extend(cells.chunks(SCENE).map(<[Cell]>::to_vec));
        }
    }
    let done = play(&world, &present, scenes);
    // Without their cells, the rows of suites would only say so.
    let suites: &[String] = if features.is_none() { &world.suites } else { &[] };
    tables::keep(&context.folder, "1-suites", &matrices::of_suites(suites, &present, &done).html())?;
    tables::keep(&context.folder, "2-features", &matrices::of_features(&present, &done).html())?;
    rows.splice(0..0, table::of_peers(&present, &done));
    rows.extend(table::of_suites(suites, &present, &done));
    rows.extend(table::of_features(&present, &done));
    Ok(rows)
}

/// The installed peers, and rows for the missing ones.
fn gather(world: &World) -> Result<(Vec<Present>, Vec<Row>), String> {
    let choice = env::var(CHOICE).ok();
    let (chosen, left) = choose(peers(), choice.as_deref())?;
    let (mut present, mut rows) = (Vec::new(), Vec::new());
    if !left.is_empty() {
        let row = Row::new("other peers", Outcome::NotOffered);
        rows.push(row.detail(format!("excluded by {CHOICE}: {}", left.join(", "))));
    }
    for peer in chosen {
        let missing: Vec<&Tool> = peer.tools().iter().filter(|tool| !tool.is_there()).collect();
        if missing.is_empty() {
            match peer.prepare(world) {
                Ok(version) => present.push(Present { peer, version }),
                Err(why) => rows.push(Row::new(peer.title(), Outcome::NotRun).detail(why)),
            }
        } else {
            let row = |tool: &&Tool| Row { subject: peer.title(), ..Row::missing(tool) };
            rows.extend(missing.first().map(row));
        }
    }
    if present.is_empty() { Err("no peer is installed".to_owned()) } else { Ok((present, rows)) }
}

/// Selects peers by name, and returns the names of the others. An unknown name is an error, because it would
/// otherwise exclude a peer unnoticed.
fn choose(peers: Peers, choice: Option<&str>) -> Result<(Peers, Vec<&'static str>), String> {
    let Some(choice) = choice else { return Ok((peers, Vec::new())) };
    let names: Vec<&str> = choice.split(',').map(str::trim).collect();
    let mut known: Vec<&'static str> = peers.iter().map(|peer| peer.name()).collect();
    // Both editions of a peer have the same name.
    known.dedup();
    if let Some(name) = names.iter().find(|name| !known.contains(name)) {
        return Err(format!("{CHOICE}: there is no peer {name:?}; there are: {}", known.join(", ")));
    }
    let left = known.into_iter().filter(|name| !names.contains(name)).collect();
    Ok((peers.into_iter().filter(|peer| names.contains(&peer.name())).collect(), left))
}

/// All cells for a peer.
fn cells(world: &World, place: usize, peer: &dyn Peer, ours: Role) -> Result<Vec<Cell>, String> {
    let theirs: BTreeSet<String> = peer.suites(world, ours)?;
    if theirs.is_empty() {
        // The peer has no program for this side.
        return Ok(Vec::new());
    }
    let speaks_tls12 = peer.speaks_tls12();
    let both = || world.suites.iter().filter(|suite| speaks_tls12 && theirs.contains(*suite));
    let mut cells = Vec::new();
    let mut add = |subject, case| cells.push(Cell { peer: place, ours, subject, case, result: Ok(()) });
    for suite in both() {
        add(Subject::Suite(Aspect::Full), Case::of_suite(suite));
    }
    let in_depth = || both().filter(|suite| peer.in_depth(suite));
    // Grouped by aspect: a server that is configured for one aspect serves all suites.
    for (aspect, by) in [(Aspect::Id, Resumption::Id), (Aspect::Ticket, Resumption::Ticket)] {
        for suite in in_depth() {
            add(Subject::Suite(aspect), Case { resumption: Some(by), ..Case::of_suite(suite) });
        }
    }
    for suite in in_depth().filter(|suite| suite.contains("_CBC_") && peer.knows_etm()) {
        add(Subject::Suite(Aspect::NoEtm), Case { etm: false, ..Case::of_suite(suite) });
    }
    let of_tls13 = if peer.speaks_tls13() { case13::features() } else { Vec::new() };
    let of_tls12 = if speaks_tls12 { case::features() } else { Vec::new() };
    for feature in of_tls12.into_iter().chain(of_tls13) {
        for (name, case) in feature.cases {
            // Without the cipher suite, the feature cannot be tested.
            let result = if theirs.contains(&case.suite) {
                Ok(())
            } else {
                peer::not_offered("the peer lacks the suite")
            };
            cells.push(Cell {
                peer: place,
                ours,
                subject: Subject::Feature(feature.name, name),
                case,
                result,
            });
        }
    }
    Ok(cells)
}

/// Runs all scenes, several at a time.
fn play(world: &World, present: &[Present], scenes: VecDeque<Vec<Cell>>) -> Vec<Cell> {
    let threads = thread::available_parallelism().map_or(2, NonZeroUsize::get) + 1;
    let scenes: VecDeque<(usize, Vec<Cell>)> = scenes.into_iter().enumerate().collect();
    let (scenes, done) = (Mutex::new(scenes), Mutex::new(Vec::new()));
    let take = || scenes.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((number, mut scene)) = take() {
                    let Some((first, peer)) =
                        scene.first().and_then(|cell| Some((cell, present.get(cell.peer)?)))
                    else {
                        continue;
                    };
                    let mut bench = Bench::new(world, peer.peer.as_ref(), first.ours);
                    for cell in &mut scene {
                        if cell.result.is_ok() {
                            cell.result = bench.run(&cell.case);
                        }
                    }
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((number, scene));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().flat_map(|(_, scene)| scene).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_are_selected_by_name_and_unknown_names_are_rejected() {
        let names = |peers: &[Box<dyn Peer>]| peers.iter().map(|peer| peer.name()).collect::<Vec<_>>();
        let (chosen, left) = choose(peers(), Some("GnuTLS, OpenSSL")).unwrap();
        assert_eq!(names(&chosen), ["OpenSSL", "OpenSSL", "GnuTLS", "GnuTLS"], "both editions");
        assert!(!left.contains(&"OpenSSL") && left.contains(&"curl"), "{left:?}");
        assert_eq!(choose(peers(), None).unwrap().0.len(), peers().len());
        let why = choose(peers(), Some("OpenSSL,GnuTSL")).err().unwrap();
        assert!(why.contains("GnuTSL") && why.contains("GnuTLS"), "{why}");
    }

    #[test]
    fn editions_of_a_peer_have_their_own_titles_and_letters() {
        let titles: BTreeSet<String> = peers().iter().map(|peer| peer.title()).collect();
        let letters: BTreeSet<char> = peers().iter().map(|peer| peer.letter()).collect();
        assert_eq!((titles.len(), letters.len()), (peers().len(), peers().len()));
    }
}
