//! Misuse of the API: streams over transports that fail at any step, with calls in any order; and readers and
//! writers whose orders come late, in another order, not at all, or from another connection.
//!
//! For any sequence of calls there is no panic and no endless loop, no plaintext is sent that must be
//! encrypted, and one side reads exactly the data that the other has written, in order and once.

mod orders;
mod streams;
mod told;

use crate::scenarios::{byte_of, scenario, scenarios};
use crate::script::Script;
use crate::world;
use cairn_tls::Side;

/// One input: the first byte selects the scenario, the second whether streams or orders are misused, and the
/// rest the steps.
///
/// # Panics
/// If an invariant does not hold.
pub fn run(input: &[u8]) {
    let mut script = Script(input);
    let (scenario, _) = scenario(script.byte());
    let orders = script.byte() & 1 == 1;
    world::rewind();
    if orders {
        orders::Pair::new(scenario, script).run();
    } else {
        streams::Pair::new(scenario, script).run();
    }
}

/// Each scenario with a correct sequence of either kind, and with each single misuse at some positions in it.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for place in 0..scenarios().len() {
        let first = byte_of(place, Side::Client);
        for (kind, good, deeds) in [(0, streams::GOOD, streams::DEEDS), (1, orders::GOOD, orders::DEEDS)] {
            let good = good.repeat(12);
            seeds.push([&[first, kind][..], &good].concat());
            for deed in deeds {
                for at in [0, 6, 40] {
                    let (before, after) = good.split_at(at);
                    seeds.push([&[first, kind][..], before, &[deed, 5], after].concat());
                }
            }
        }
    }
    seeds
}

/// A correct sequence of either kind completes every scenario. Otherwise misuse would never come far.
///
/// # Panics
/// If one does not.
pub fn check() {
    for scenario in scenarios() {
        world::rewind();
        let good = streams::GOOD.repeat(12);
        let mut pair = streams::Pair::new(scenario, Script(&good));
        pair.run();
        assert!(pair.has_exchanged(), "{scenario:?}: streams");
        world::rewind();
        let good = orders::GOOD.repeat(12);
        let mut pair = orders::Pair::new(scenario, Script(&good));
        pair.run();
        assert!(pair.has_exchanged(), "{scenario:?}: orders");
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn correct_use_completes_every_scenario() {
        super::check();
    }

    #[test]
    fn every_initial_input_passes() {
        super::seeds().iter().for_each(|seed| super::run(seed));
    }
}
