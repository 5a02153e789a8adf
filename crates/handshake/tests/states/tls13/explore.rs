//! The inputs that are tried in TLS 1.3.

use super::{
    model::{CONFIGS, Config, LETTERS},
    run::{Run, Step},
};
use crate::explore::{Figures, Next, PIECES, Random, Walk, again};
use crate::{
    pair::{Fate, Pair},
    support::walk::Version,
};
use cairn_handshake::Input;
use cairn_schedule::Side;
use cairn_wire::KeyUpdateRequest::{UpdateNotRequested, UpdateRequested};
use std::collections::BTreeSet;

/// The inputs of a side's own.
const OWN: [Step; 3] =
    [Step::UpdateKeys(UpdateNotRequested), Step::UpdateKeys(UpdateRequested), Step::RequestCertificate];

impl Walk for Run {
    const VERSION: Version = Version::Tls13;
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
            Step::UpdateKeys(request_update) => {
                let word = match request_update {
                    UpdateNotRequested => "KeyUpdate",
                    UpdateRequested => "KeyUpdateRequested",
                };
                self.act(Input::UpdateKeys { request_update }, word)
            }
            Step::RequestCertificate => self.act(Input::RequestCertificate, "CertificateRequest"),
        }
    }

    fn pair(&self) -> &Pair {
        &self.pair
    }

    fn place(&self) -> BTreeSet<usize> {
        self.pair.model.place()
    }

    fn is_complete(&self) -> bool {
        self.completed
    }

    /// Before the handshake is complete, early data may pass in some of the paths to a state.
    fn gates(&self) -> Option<(bool, bool)> {
        self.completed.then_some((self.reads_data, self.writes_data))
    }

    fn steps(&self, way: &[Step]) -> Vec<Step> {
        let heard = Self::words(self.pair.own).into_iter().map(|letter| Step::Hear(letter, usize::MAX));
        heard.chain(OWN).filter(|step| !is_too_often(*step, way)).collect()
    }

    /// The last message of a path in fragments, and under other keys: all of it, what follows its header, and
    /// its last byte.
    fn vary(config: &'static Config, own: Side, way: &[Step], figures: &mut Figures) {
        let Some((Step::Hear(letter, _), before)) = way.split_last() else { return };
        let mut pieces = before.to_vec();
        pieces.push(Step::Hear(letter, 3));
        let came = again::<Self>(config, own, &pieces).map(|_| Fate::Taken);
        figures.end::<Self>(config, own, &pieces, came);
        let epochs = match again::<Self>(config, own, before) {
            Ok(run) => run.other_epochs(),
            Err(why) => return figures.end::<Self>(config, own, before, Err(why)),
        };
        for other in epochs {
            for length in [0, 4, usize::MAX] {
                let came = again::<Self>(config, own, before)
                    .and_then(|mut run| run.under_other_keys(letter, length, other));
                figures.end::<Self>(config, own, way, came);
            }
        }
    }

    fn random_step(&self, random: &mut Random, way: &[Step]) -> Next<Step> {
        let right = self.permitted();
        let piece = random.of(&PIECES);
        let step = if random.below(20) == 0 {
            Step::Hear(random.of(&Self::words(self.pair.own)), piece)
        } else if self.completed && random.below(3) == 0 {
            random.of(&OWN)
        } else if right.is_empty() {
            return Next::End;
        } else {
            Step::Hear(random.of(&right), piece)
        };
        if is_too_often(step, way) { Next::Omitted } else { Next::Step(step) }
    }

    fn is_own(step: Step) -> bool {
        !matches!(step, Step::Hear(..))
    }
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
