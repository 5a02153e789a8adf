//! Runs a machine along every path of the model, and tries every input in each state.

use crate::{
    pair::{Fate, Pair},
    support::walk::Version,
};
use cairn_schedule::Side;
use core::fmt::Debug;
use std::collections::{BTreeMap, BTreeSet};

/// One side that follows a path of its version's model.
pub trait Walk: Sized {
    const VERSION: Version;
    /// Every configuration that is explored, with its name.
    type Config: 'static;
    const CONFIGS: &'static [Self::Config];
    /// The words that can be sent to a side.
    const LETTERS: &'static [&'static str];
    /// One step of a path.
    type Step: Copy + Debug + PartialEq;

    fn name(config: &Self::Config) -> &'static str;
    /// The words that can be sent to this side. An empty Certificate of a server is a fault of the message,
    /// not of its order, and ChangeCipherSpec of TLS 1.3 concerns the record layer only.
    fn words(own: Side) -> Vec<&'static str> {
        let is_one = |letter: &&str| match *letter {
            "EmptyCertificate" => own == Side::Server,
            "ChangeCipherSpec" => Self::VERSION == Version::Tls12,
            _ => true,
        };
        Self::LETTERS.iter().copied().filter(is_one).collect()
    }
    /// Those that are permitted now.
    fn permitted(&self) -> Vec<&'static str> {
        let mut words = Self::words(self.pair().own);
        words.retain(|letter| self.pair().model.heard(letter).is_some());
        words
    }
    /// One side before its first step.
    fn new(config: &'static Self::Config, own: Side) -> Result<Self, String>;
    /// Executes a step, and compares the result with the model.
    fn take(&mut self, step: Self::Step) -> Result<Fate, String>;
    fn pair(&self) -> &Pair;
    /// The position in the figure. A step that does not change it is idle.
    fn place(&self) -> BTreeSet<usize>;
    /// Whether a handshake is complete.
    fn is_complete(&self) -> bool;
    /// Whether application data may be received and sent. `None` if that depends on more than the machine's
    /// state.
    fn gates(&self) -> Option<(bool, bool)>;
    /// Every step that is tried after this path.
    fn steps(&self, way: &[Self::Step]) -> Vec<Self::Step>;
    /// Whether the paths that begin with this one are explored.
    fn goes_on(&self) -> bool {
        true
    }
    /// Variants of the last step of a path, which was taken.
    fn vary(config: &'static Self::Config, own: Side, way: &[Self::Step], figures: &mut Figures);
    /// The inputs that are tried at the end of a path, apart from its steps.
    fn at_last(_: &'static Self::Config, _: Side, _: &[Self::Step], _: &mut Figures) {}
    /// A random step, mostly a permitted one: [`Next::Omitted`] if it would exceed a limit.
    fn random_step(&self, random: &mut Random, way: &[Self::Step]) -> Next<Self::Step>;
    /// Whether a step that was refused had no effect.
    fn is_own(_: Self::Step) -> bool {
        false
    }
}

/// A random step.
pub enum Next<Step> {
    Step(Step),
    Omitted,
    /// There is none.
    End,
}

/// The inputs that were tried, and the results.
#[derive(Debug, Default)]
pub struct Figures {
    /// The positions in the figures at which the machine stood.
    pub places: BTreeSet<(&'static str, BTreeSet<usize>)>,
    /// The machine's states that received an input, and the inputs that they accepted.
    pub rows: BTreeSet<(&'static str, &'static str)>,
    /// The gates for reading and writing in each state, before and after a handshake is complete.
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
    pub fn end<W: Walk>(
        &mut self,
        config: &W::Config,
        own: Side,
        way: &[W::Step],
        came: Result<Fate, String>,
    ) {
        self.sequences += 1;
        match came {
            Ok(Fate::Taken) => self.taken += 1,
            Ok(Fate::Refused) => self.refused += 1,
            Ok(Fate::Unequal) => self.unequal += 1,
            Ok(Fate::Unsaid) => self.unsaid += 1,
            Err(why) => {
                let (version, name) = (W::VERSION, W::name(config));
                self.differences.push(format!("{own:?}, {version:?}, {name}, {way:?}: {why}"));
            }
        }
    }

    fn heard<W: Walk>(&mut self, run: &W) {
        self.rows.extend(run.pair().end.steps.iter().map(|(state, input, _)| (*state, *input)));
    }

    fn looked_at<W: Walk>(&mut self, config: &W::Config, run: &W) {
        self.places.insert((W::name(config), run.place()));
        self.heard(run);
        if run.pair().end.kind().is_none()
            && let Some(gates) = run.gates()
        {
            let state = (run.pair().end.machine.state(), run.is_complete());
            self.gates.entry(state).or_default().insert(gates);
        }
    }
}

/// Repeats a path whose steps were checked before.
pub fn again<W: Walk>(config: &'static W::Config, own: Side, way: &[W::Step]) -> Result<W, String> {
    let mut run = W::new(config, own)?;
    for step in way {
        match run.take(*step)? {
            Fate::Taken => {}
            other => return Err(format!("{step:?} was taken before, and now: {other:?}")),
        }
    }
    Ok(run)
}

/// Explores every path of a configuration with up to `idle` steps that lead to the same place in the figure,
/// and tries every step in each state.
pub fn exhaust<W: Walk>(config: &'static W::Config, own: Side, idle: usize, figures: &mut Figures) {
    let mut todo: Vec<(Vec<W::Step>, usize)> = vec![(Vec::new(), 0)];
    while let Some((way, idled)) = todo.pop() {
        let here = match again::<W>(config, own, &way) {
            Ok(run) => run,
            Err(why) => {
                figures.end::<W>(config, own, &way, Err(why));
                continue;
            }
        };
        figures.looked_at(config, &here);
        for step in here.steps(&way) {
            let went =
                again::<W>(config, own, &way).and_then(|mut run| run.take(step).map(|fate| (run, fate)));
            let mut way = way.clone();
            way.push(step);
            let (run, fate) = match went {
                Ok(went) => went,
                Err(why) => {
                    figures.end::<W>(config, own, &way, Err(why));
                    continue;
                }
            };
            figures.end::<W>(config, own, &way, Ok(fate));
            figures.heard(&run);
            if fate == Fate::Taken {
                W::vary(config, own, &way, figures);
                let idled = idled + usize::from(run.place() == here.place());
                if idled <= idle && run.goes_on() {
                    todo.push((way, idled));
                }
            }
        }
        W::at_last(config, own, &way, figures);
    }
}

/// One random path, mostly of permitted words, up to the first that is not permitted or to this many steps.
pub fn stroll<W: Walk>(
    config: &'static W::Config,
    own: Side,
    random: &mut Random,
    steps: usize,
    figures: &mut Figures,
) {
    let mut way = Vec::new();
    let mut run = match W::new(config, own) {
        Ok(run) => run,
        Err(why) => return figures.end::<W>(config, own, &way, Err(why)),
    };
    let mut came = Ok(Fate::Taken);
    for _ in 0..steps {
        let step = match run.random_step(random, &way) {
            Next::Step(step) => step,
            Next::Omitted => continue,
            Next::End => break,
        };
        way.push(step);
        came = run.take(step);
        figures.looked_at(config, &run);
        match came {
            Ok(Fate::Taken) => {}
            Ok(Fate::Unsaid) => {
                way.pop();
            }
            // Misuse has no effect.
            Ok(Fate::Refused) if W::is_own(step) => {}
            _ => break,
        }
    }
    figures.end::<W>(config, own, &way, came);
}

/// The number of bytes in each fragment of a message.
pub const PIECES: [usize; 7] = [1, 2, 3, 5, 17, 100, usize::MAX];

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

    /// One of these.
    pub fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}
