//! Runs a machine along every path of the model, and tries every input in each state.

use super::super::explore::Random;
use super::{
    model::{Config, LETTERS},
    run::{Fate, Run, Step},
};
use cairn_schedule::Side;
use cairn_wire::KeyUpdateRequest::{UpdateNotRequested, UpdateRequested};
use std::collections::{BTreeMap, BTreeSet};

/// The words that can be sent to a side. An empty Certificate of a server is a fault of the message, not of
/// its order, and ChangeCipherSpec concerns the record layer only.
fn words(own: Side) -> impl Iterator<Item = &'static str> {
    LETTERS.into_iter().filter(move |letter| match *letter {
        "EmptyCertificate" => own == Side::Server,
        letter => letter != "ChangeCipherSpec",
    })
}

/// The inputs of a side's own.
const OWN: [Step; 3] =
    [Step::UpdateKeys(UpdateNotRequested), Step::UpdateKeys(UpdateRequested), Step::RequestCertificate];

/// The inputs that were tried, and the results.
#[derive(Debug, Default)]
pub struct Figures {
    /// Positions in the figures, of all configurations.
    pub places: BTreeSet<(&'static str, BTreeSet<usize>)>,
    /// The machine's states that received an input, and the inputs that they accepted.
    pub rows: BTreeSet<(&'static str, &'static str)>,
    /// The gates for reading and writing in each state after the handshake.
    pub gates: BTreeMap<&'static str, BTreeSet<(bool, bool)>>,
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
            Err(why) => self.differences.push(format!("{own:?}, TLS 1.3{}, {way:?}: {why}", config.name)),
        }
    }

    fn looked_at(&mut self, run: &Run) {
        self.places.insert((run.config.name, run.model.place()));
        self.rows.extend(run.end.steps.iter().map(|(state, input, _)| (*state, *input)));
        if run.end.kind().is_none() && run.completed {
            let gates = (run.end.takes_application_data(), run.end.sends_application_data());
            self.gates.entry(run.end.machine.state()).or_default().insert(gates);
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

/// Explores every path of a configuration with up to `idle` steps that lead to the same place in the figure,
/// and tries every word and every input of our own in each state.
pub fn exhaust(config: &'static Config, own: Side, idle: usize, figures: &mut Figures) {
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
        for step in words(own).map(|letter| Step::Hear(letter, usize::MAX)).chain(OWN) {
            if is_too_often(step, &way) {
                continue;
            }
            let went = again(config, own, &way).and_then(|mut run| run.take(step).map(|fate| (run, fate)));
            let mut way = way.clone();
            way.push(step);
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
                let idled = idled + usize::from(run.model.place() == here.model.place());
                if idled <= idle {
                    todo.push((way, idled));
                }
            }
        }
    }
}

/// The last message of a path in fragments, and under other keys: all of it, what follows its header, and its
/// last byte.
fn in_pieces(config: &'static Config, own: Side, way: &[Step], figures: &mut Figures) {
    let Some((Step::Hear(letter, _), before)) = way.split_last() else { return };
    let mut pieces = before.to_vec();
    pieces.push(Step::Hear(letter, 3));
    let came = again(config, own, &pieces).map(|_| Fate::Taken);
    figures.end(config, own, &pieces, came);
    let epochs = match again(config, own, before) {
        Ok(run) => run.other_epochs(),
        Err(why) => return figures.end(config, own, before, Err(why)),
    };
    for other in epochs {
        for length in [0, 4, usize::MAX] {
            let came =
                again(config, own, before).and_then(|mut run| run.under_other_keys(letter, length, other));
            figures.end(config, own, way, came);
        }
    }
}

/// One random path, mostly of permitted words, up to the first that is not permitted or to this many steps.
pub fn stroll(config: &'static Config, own: Side, random: &mut Random, steps: usize, figures: &mut Figures) {
    let mut way = Vec::new();
    let all: Vec<&'static str> = words(own).collect();
    let mut run = match Run::new(config, own) {
        Ok(run) => run,
        Err(why) => return figures.end(config, own, &way, Err(why)),
    };
    let mut came = Ok(Fate::Taken);
    for _ in 0..steps {
        let right: Vec<&'static str> =
            words(own).filter(|letter| run.model.heard(letter).is_some()).collect();
        let piece = [1, 2, 3, 5, 17, 100, usize::MAX][random.below(7)];
        let step = if random.below(20) == 0 {
            Step::Hear(all[random.below(all.len())], piece)
        } else if run.completed && random.below(3) == 0 {
            OWN[random.below(OWN.len())]
        } else if right.is_empty() {
            break;
        } else {
            Step::Hear(right[random.below(right.len())], piece)
        };
        if is_too_often(step, &way) {
            continue;
        }
        way.push(step);
        came = run.take(step);
        figures.looked_at(&run);
        match came {
            Ok(Fate::Taken) => {}
            Ok(Fate::Unsaid) => {
                way.pop();
            }
            // Misuse has no effect.
            Ok(Fate::Refused) if !matches!(step, Step::Hear(..)) => {}
            _ => break,
        }
    }
    figures.end(config, own, &way, came);
}

/// Whether a step would exceed a limit: of the figures, or below that of the machine.
fn is_too_often(step: Step, way: &[Step]) -> bool {
    let count = |is_one: fn(&Step) -> bool| way.iter().filter(|step| is_one(step)).count();
    match step {
        Step::RequestCertificate => count(|step| *step == Step::RequestCertificate) == 2,
        Step::Hear("HelloRequest", _) => count(|step| matches!(step, Step::Hear("HelloRequest", _))) == 3,
        Step::Hear("KeyUpdate" | "KeyUpdateRequested", _) => {
            count(|step| matches!(step, Step::Hear("KeyUpdate" | "KeyUpdateRequested", _))) == 30
        }
        _ => false,
    }
}
