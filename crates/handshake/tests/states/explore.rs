//! Runs a machine along every path of the model, and tries every input in each state.

use super::{
    model::{Config, LETTERS},
    run::{Fate, Run, Step},
};
use cairn_schedule::Side;
use std::collections::{BTreeMap, BTreeSet};

/// The number of refused requests on a path, below the machine's limit.
const IDLE_REQUESTS: usize = 4;

/// The words that can be sent to a side. An empty Certificate of a server is a fault of the message, not of
/// its order.
fn words(own: Side) -> impl Iterator<Item = &'static str> {
    LETTERS.into_iter().filter(move |letter| own == Side::Server || *letter != "EmptyCertificate")
}

/// The inputs that were tried, and the results.
#[derive(Debug, Default)]
pub struct Figures {
    /// Positions in the figures, of all configurations.
    pub places: BTreeSet<(&'static str, BTreeSet<usize>)>,
    /// The machine's states that received an input, and the inputs that they accepted.
    pub rows: BTreeSet<(&'static str, &'static str)>,
    /// The gates for reading and writing in each state, before and after the first handshake is complete.
    pub gates: BTreeMap<(&'static str, bool), BTreeSet<(bool, bool)>>,
    /// The number of complete paths.
    pub sequences: u64,
    pub taken: u64,
    pub refused: u64,
    pub unequal: u64,
    pub unsaid: u64,
    pub differences: Vec<String>,
}

impl Figures {
    fn end(&mut self, config: &'static Config, own: Side, way: &[Step], came: Result<Fate, String>) {
        self.sequences += 1;
        match came {
            Ok(Fate::Taken) => self.taken += 1,
            Ok(Fate::Refused) => self.refused += 1,
            Ok(Fate::Unequal) => self.unequal += 1,
            Ok(Fate::Unsaid) => self.unsaid += 1,
            Err(why) => self.differences.push(format!("{own:?}, {}, {way:?}: {why}", config.name)),
        }
    }

    fn looked_at(&mut self, run: &Run) {
        self.places.insert((run.config.name, run.model.at().clone()));
        self.rows.extend(run.end.steps.iter().map(|(state, input, _)| (*state, *input)));
        if run.end.kind().is_none() {
            let state = (run.end.machine.state(), run.completed > 0);
            self.gates.entry(state).or_default().insert((run.reads_data, run.writes_data));
        }
    }
}

/// Repeats a path whose steps were checked before.
fn again(config: &'static Config, own: Side, way: &[Step]) -> Result<Run, String> {
    let mut run = Run::new(config, own)?;
    for step in way {
        match run.take(*step)? {
            Fate::Taken => {}
            other => return Err(format!("{step:?} was taken before, and now: {other:?}")),
        }
    }
    Ok(run)
}

/// Explores every path of a configuration with up to `handshakes` handshakes and up to `idle` words that are
/// not in the figure, and tries every word in each state.
pub fn exhaust(config: &'static Config, own: Side, handshakes: usize, idle: usize, figures: &mut Figures) {
    assert!(idle <= IDLE_REQUESTS);
    let mut todo: Vec<(Vec<Step>, usize)> = vec![(Vec::new(), 0)];
    while let Some((way, idled)) = todo.pop() {
        let here = match again(config, own, &way) {
            Ok(run) => run,
            Err(why) => {
                figures.end(config, own, &way, Err(why));
                continue;
            }
        };
        figures.looked_at(&here);
        let mut steps: Vec<Step> = words(own).map(Step::Hear).collect();
        // Refused requests could be repeated without end.
        let asked = way.iter().filter(|step| **step == Step::Renegotiate).count();
        steps.extend((here.may_renegotiate() && asked < handshakes).then_some(Step::Renegotiate));
        for step in steps {
            let mut way = way.clone();
            way.push(step);
            let went = again(config, own, &way[..way.len() - 1])
                .and_then(|mut run| run.take(step).map(|fate| (run, fate)));
            let (run, fate) = match went {
                Ok(went) => went,
                Err(why) => {
                    figures.end(config, own, &way, Err(why));
                    continue;
                }
            };
            figures.end(config, own, &way, Ok(fate));
            figures.rows.extend(run.end.steps.iter().map(|(state, input, _)| (*state, *input)));
            if fate == Fate::Taken {
                in_pieces(config, own, &way, figures);
                let idled = idled + usize::from(run.model.at() == here.model.at());
                if idled <= idle && run.begun() <= handshakes {
                    todo.push((way, idled));
                }
            }
        }
        cut(config, own, &way, "Finished", figures);
    }
}

/// The last message of a path in fragments, interrupted by ChangeCipherSpec, and under other keys.
fn in_pieces(config: &'static Config, own: Side, way: &[Step], figures: &mut Figures) {
    let Some((Step::Hear(letter), before)) = way.split_last() else { return };
    if ["ChangeCipherSpec", "NoRenegotiation"].contains(letter) {
        return;
    }
    let mut way = before.to_vec();
    way.push(Step::HearInPieces(letter, 3));
    let came = again(config, own, &way).map(|_| Fate::Taken);
    figures.end(config, own, &way, came);
    cut(config, own, before, letter, figures);
    for later in [true, false] {
        let came = again(config, own, before).and_then(|mut run| {
            let epoch = if later { Some(run.read + 1) } else { run.read.checked_sub(1) };
            epoch.map_or(Ok(()), |epoch| run.under_other_keys(letter, epoch))
        });
        figures.end(config, own, &way, came.map(|()| Fate::Refused));
    }
}

/// A message interrupted by ChangeCipherSpec: in its header, and before its end.
fn cut(config: &'static Config, own: Side, way: &[Step], letter: &'static str, figures: &mut Figures) {
    for length in [2, usize::MAX] {
        let came = again(config, own, way).and_then(|mut run| run.cut(letter, length));
        figures.end(config, own, way, came.map(|()| Fate::Refused));
    }
}

/// One random path, mostly of permitted words, up to the first that is not permitted or to this many steps.
pub fn stroll(config: &'static Config, own: Side, random: &mut Random, steps: usize, figures: &mut Figures) {
    let mut way = Vec::new();
    let mut idled = 0;
    let all: Vec<&'static str> = words(own).collect();
    let mut run = match Run::new(config, own) {
        Ok(run) => run,
        Err(why) => return figures.end(config, own, &way, Err(why)),
    };
    let mut came = Ok(Fate::Taken);
    for _ in 0..steps {
        let right: Vec<&'static str> =
            words(own).filter(|letter| run.model.heard(letter).is_some()).collect();
        let step = if random.below(12) == 0 {
            Step::Hear(all[random.below(all.len())])
        } else if run.may_renegotiate() && random.below(3) == 0 {
            Step::Renegotiate
        } else {
            let letter = right[random.below(right.len())];
            let pieces = [1, 2, 3, 5, 17, 100, usize::MAX];
            Step::HearInPieces(letter, pieces[random.below(pieces.len())])
        };
        let idle = match step {
            Step::Hear(letter) | Step::HearInPieces(letter, _) => {
                ["HelloRequest", "ClientHello"].contains(&letter) && run.model.heard(letter).is_some()
            }
            Step::Renegotiate => false,
        };
        if (idle && idled == IDLE_REQUESTS) || run.begun() > 6 {
            continue;
        }
        way.push(step);
        came = run.take(step);
        idled += usize::from(idle);
        figures.looked_at(&run);
        match came {
            Ok(Fate::Taken) => {}
            Ok(Fate::Unsaid) => {
                way.pop();
            }
            _ => break,
        }
    }
    figures.end(config, own, &way, came);
}

/// `SplitMix64`: reproducible numbers.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    }
}

/// Whether a row's input comes from the peer, so that the path continues.
pub fn is_heard(input: &str) -> bool {
    LETTERS.contains(&input)
}
