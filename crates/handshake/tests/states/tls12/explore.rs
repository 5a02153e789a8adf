//! The inputs that are tried in TLS 1.2.

use super::{
    model::{CONFIGS, Config, LETTERS},
    run::{Run, Step},
};
use crate::explore::{Figures, Next, PIECES, Random, Walk, again};
use crate::{
    pair::{Fate, Pair},
    support::walk::Version,
};
use cairn_schedule::Side;
use std::collections::BTreeSet;

/// The number of refused requests on a path, below the machine's limit.
const IDLE_REQUESTS: usize = 4;

impl Walk for Run {
    const VERSION: Version = Version::Tls12;
    type Config = Config;
    const CONFIGS: &'static [Config] = &CONFIGS;
    const LETTERS: &'static [&'static str] = &LETTERS;
    type Step = Step;

    fn name(config: &Config) -> &'static str {
        config.name
    }

    fn new(config: &'static Config, own: Side) -> Result<Self, String> {
        Self::start(config, own)
    }

    fn take(&mut self, step: Step) -> Result<Fate, String> {
        match step {
            Step::Hear(letter, piece) => self.hear(letter, piece),
            Step::Renegotiate => self.renegotiate(),
        }
    }

    fn pair(&self) -> &Pair {
        &self.pair
    }

    fn place(&self) -> BTreeSet<usize> {
        self.pair.model.at().clone()
    }

    fn is_complete(&self) -> bool {
        self.completed > 0
    }

    fn gates(&self) -> Option<(bool, bool)> {
        Some((self.reads_data, self.writes_data))
    }

    fn steps(&self, way: &[Step]) -> Vec<Step> {
        let heard = Self::words(self.pair.own).into_iter().map(|letter| Step::Hear(letter, usize::MAX));
        // Refused requests could be repeated without end.
        let asked = way.iter().filter(|step| **step == Step::Renegotiate).count();
        let asks = self.may_renegotiate() && asked < handshakes(self.config);
        heard.chain(asks.then_some(Step::Renegotiate)).collect()
    }

    fn goes_on(&self) -> bool {
        self.begun <= handshakes(self.config)
    }

    /// The last message of a path in fragments, interrupted by ChangeCipherSpec, and under other keys.
    fn vary(config: &'static Config, own: Side, way: &[Step], figures: &mut Figures) {
        let Some((Step::Hear(letter, _), before)) = way.split_last() else { return };
        if ["ChangeCipherSpec", "NoRenegotiation"].contains(letter) {
            return;
        }
        let mut way = before.to_vec();
        way.push(Step::Hear(letter, 3));
        let came = again::<Self>(config, own, &way).map(|_| Fate::Taken);
        figures.end::<Self>(config, own, &way, came);
        cut(config, own, before, letter, figures);
        for later in [true, false] {
            let came = again::<Self>(config, own, before).and_then(|mut run| {
                let epoch = if later { Some(run.read + 1) } else { run.read.checked_sub(1) };
                epoch.map_or(Ok(()), |epoch| run.under_other_keys(letter, epoch))
            });
            figures.end::<Self>(config, own, &way, came.map(|()| Fate::Refused));
        }
    }

    fn at_last(config: &'static Config, own: Side, way: &[Step], figures: &mut Figures) {
        cut(config, own, way, "Finished", figures);
    }

    fn random_step(&self, random: &mut Random, way: &[Step]) -> Next<Step> {
        let right = self.permitted();
        let step = if random.below(12) == 0 {
            Step::Hear(random.of(&Self::words(self.pair.own)), usize::MAX)
        } else if self.may_renegotiate() && random.below(3) == 0 {
            Step::Renegotiate
        } else {
            Step::Hear(random.of(&right), random.of(&PIECES))
        };
        let is_request = |step: &&Step| matches!(step, Step::Hear("HelloRequest" | "ClientHello", _));
        let is_idle = matches!(step, Step::Hear(letter, _) if right.contains(&letter)) && is_request(&&step);
        let idled = way.iter().filter(is_request).count();
        if is_idle && idled == IDLE_REQUESTS || self.begun > 6 { Next::Omitted } else { Next::Step(step) }
    }
}

/// The number of handshakes on a path that is explored.
const fn handshakes(config: &Config) -> usize {
    if config.renegotiation { 2 } else { 1 }
}

/// A message interrupted by ChangeCipherSpec: in its header, and before its end.
fn cut(config: &'static Config, own: Side, way: &[Step], letter: &'static str, figures: &mut Figures) {
    for length in [2, usize::MAX] {
        let came = again::<Run>(config, own, way).and_then(|mut run| run.cut(letter, length));
        figures.end::<Run>(config, own, way, came.map(|()| Fate::Refused));
    }
}
