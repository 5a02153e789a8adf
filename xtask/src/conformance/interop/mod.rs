//! A matrix of real peers: each cell is a connection, or one and another that resumes it, with data both ways, and
//! with our own report of what was agreed on held against what was to be.
//!
//! Two things are asked. Of every suite that Cairn speaks: which peers shake hands with it, with each of the two sides ours,
//! afresh, resumed by session ID and by ticket, with encrypt_then_mac and without. Of every peer: which groups, signature
//! schemes, client certificates, forms of resumption and renegotiation and which lengths of records it does with us.
//!
//! A peer is a file here that implements [`Peer`], and a line in [`peers`]. What it cannot do it says with a reason.

mod botan;
mod case;
mod driven;
mod gnutls;
mod grid;
mod nss;
mod openssl;
mod peer;
mod picture;
mod process;
mod programs;
mod run;
mod table;
mod world;

use alloc::collections::{BTreeSet, VecDeque};
use core::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::{env, thread};

use super::pictures;
use super::suite::{Context, Outcome, Row, Suite, Tool};
use case::{Case, Resumption, Role};
use peer::{No, Peer};
use run::Bench;
use world::World;

pub(super) const SUITE: Suite = Suite {
    name: "interop",
    about: "real peers, each with either side ours: every suite, and what else can be agreed on",
    case: "a cell: a connection with a peer, or one and another that resumes its session",
    needs: &[Tool { program: "openssl", package: "openssl" }],
    run,
};

/// Those to try, by name and parted by commas; all if this is not set.
const CHOICE: &str = "CAIRN_INTEROP_PEERS";

/// So many cases run one after the other, with one peer in one role, before another thread may take the rest.
const SCENE: usize = 48;

type Peers = Vec<Box<dyn Peer>>;

/// All peers, in the order of the table.
fn peers() -> Peers {
    vec![
        Box::new(openssl::OpenSsl::default()),
        Box::new(gnutls::GnuTls),
        Box::new(nss::Nss),
        Box::new(botan::Botan),
        Box::new(driven::bouncy_castle()),
        Box::new(driven::jsse()),
        Box::new(driven::go()),
        Box::new(driven::rustls()),
        Box::new(programs::Curl),
        Box::new(programs::Nginx),
        Box::new(programs::Stunnel),
    ]
}

/// What a cell of the matrix is about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Subject {
    /// A suite and one of its columns.
    Suite(Aspect),
    /// A feature, and which case of it.
    Feature(&'static str, String),
}

/// The columns of a suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Aspect {
    Full,
    Id,
    Ticket,
    /// A CBC suite without encrypt_then_mac.
    NoEtm,
}

/// One of them, to be tried or tried.
#[derive(Clone, Debug)]
struct Cell {
    /// Which of the peers.
    peer: usize,
    ours: Role,
    subject: Subject,
    case: Case,
    result: Result<(), No>,
}

/// A peer that is there.
struct Present {
    peer: Box<dyn Peer>,
    version: String,
}

fn run(context: &Context) -> Result<Vec<Row>, String> {
    let world = World::new(context)?;
    let (present, mut rows) = gather(&world)?;
    let mut scenes = VecDeque::new();
    for (place, Present { peer, .. }) in present.iter().enumerate() {
        for ours in Role::BOTH {
            let cells = cells(&world, place, peer.as_ref(), ours)?;
            scenes.extend(cells.chunks(SCENE).map(<[Cell]>::to_vec));
        }
    }
    let done = play(&world, &present, scenes);
    pictures::keep(&context.folder, "1-suites", &picture::of_suites(&world.suites, &present, &done).svg())?;
    pictures::keep(&context.folder, "2-features", &picture::of_features(&present, &done).svg())?;
    rows.splice(0..0, table::of_peers(&present, &done));
    rows.extend(table::of_suites(&world.suites, &present, &done));
    rows.extend(table::of_features(&present, &done));
    Ok(rows)
}

/// The peers that are there, and rows for those that are not.
fn gather(world: &World) -> Result<(Vec<Present>, Vec<Row>), String> {
    let choice = env::var(CHOICE).ok();
    let (chosen, left) = choose(peers(), choice.as_deref())?;
    let (mut present, mut rows) = (Vec::new(), Vec::new());
    if !left.is_empty() {
        let row = Row::new("other peers", Outcome::NotOffered);
        rows.push(row.detail(format!("left out by {CHOICE}: {}", left.join(", "))));
    }
    for peer in chosen {
        let missing: Vec<&Tool> = peer.tools().iter().filter(|tool| !tool.is_there()).collect();
        if missing.is_empty() {
            match peer.prepare(world) {
                Ok(version) => present.push(Present { peer, version }),
                Err(why) => rows.push(Row::new(peer.name(), Outcome::NotRun).detail(why)),
            }
        } else {
            let row = |tool: &&Tool| Row { subject: peer.name().to_owned(), ..Row::missing(tool) };
            rows.extend(missing.first().map(row));
        }
    }
    if present.is_empty() { Err("there is no peer".to_owned()) } else { Ok((present, rows)) }
}

/// The peers that are chosen, and the names of the others. A name that no peer has would leave one out unnoticed.
fn choose(peers: Peers, choice: Option<&str>) -> Result<(Peers, Vec<&'static str>), String> {
    let Some(choice) = choice else { return Ok((peers, Vec::new())) };
    let names: Vec<&str> = choice.split(',').map(str::trim).collect();
    let known: Vec<&'static str> = peers.iter().map(|peer| peer.name()).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(name)) {
        return Err(format!("{CHOICE}: there is no peer {name:?}; there are: {}", known.join(", ")));
    }
    let left = known.into_iter().filter(|name| !names.contains(name)).collect();
    Ok((peers.into_iter().filter(|peer| names.contains(&peer.name())).collect(), left))
}

/// All that is to be tried with a peer.
fn cells(world: &World, place: usize, peer: &dyn Peer, ours: Role) -> Result<Vec<Cell>, String> {
    let theirs: BTreeSet<String> = peer.suites(world, ours)?;
    if theirs.is_empty() {
        // It has no such side.
        return Ok(Vec::new());
    }
    let both = || world.suites.iter().filter(|suite| theirs.contains(*suite));
    let mut cells = Vec::new();
    let mut add = |subject, case| cells.push(Cell { peer: place, ours, subject, case, result: Ok(()) });
    for suite in both() {
        add(Subject::Suite(Aspect::Full), Case::of_suite(suite));
    }
    let in_depth = || both().filter(|suite| peer.in_depth(suite));
    // Aspect by aspect: a server that is set up for one serves all suites.
    for (aspect, by) in [(Aspect::Id, Resumption::Id), (Aspect::Ticket, Resumption::Ticket)] {
        for suite in in_depth() {
            add(Subject::Suite(aspect), Case { resumption: Some(by), ..Case::of_suite(suite) });
        }
    }
    for suite in in_depth().filter(|suite| suite.contains("_CBC_") && peer.knows_etm()) {
        add(Subject::Suite(Aspect::NoEtm), Case { etm: false, ..Case::of_suite(suite) });
    }
    for feature in case::features() {
        for (name, case) in feature.cases {
            // Without the suite, nothing is said about the feature.
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

/// Runs all scenes, some at a time.
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
    fn peers_are_chosen_by_name_and_a_name_that_none_has_is_refused() {
        let names = |peers: &[Box<dyn Peer>]| peers.iter().map(|peer| peer.name()).collect::<Vec<_>>();
        let (chosen, left) = choose(peers(), Some("GnuTLS, OpenSSL")).unwrap();
        assert_eq!(names(&chosen), ["OpenSSL", "GnuTLS"]);
        assert_eq!(chosen.len() + left.len(), peers().len());
        assert_eq!(choose(peers(), None).unwrap().0.len(), peers().len());
        let why = choose(peers(), Some("OpenSSL,GnuTSL")).err().unwrap();
        assert!(why.contains("GnuTSL") && why.contains("GnuTLS"), "{why}");
    }
}
