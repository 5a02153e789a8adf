//! The messages of a handshake in each scenario.

use super::end::{End, Said, agree};
use crate::scenarios::scenarios;
use crate::world::{self, Scenario};
use cairn_tls::Side;
use std::sync::OnceLock;

/// The input of each machine in a handshake without an attacker: that of the client and that of the server.
pub(super) type Got = [Vec<Said>; 2];

/// Both machines of a scenario.
pub(super) fn ends(scenario: &'static Scenario) -> [End; 2] {
    world::rewind();
    [Side::Client, Side::Server].map(|side| End::new(scenario, side))
}

/// Runs each scenario once.
pub(super) fn recorded() -> &'static [Got] {
    static MADE: OnceLock<Vec<Got>> = OnceLock::new();
    MADE.get_or_init(|| scenarios().iter().map(record).collect())
}

fn record(scenario: &'static Scenario) -> Got {
    let mut got = [Vec::new(), Vec::new()];
    let mut ends = ends(scenario);
    for again in [false, true] {
        if again {
            ends[0].act(0);
        }
        while let Some(from) = ends.iter().position(|end| !end.out.is_empty()) {
            let said = ends[from].out.pop_front().unwrap();
            let to = &mut ends[1 - from];
            if to.hears(&said) {
                to.take(&said);
                got[1 - from].push(said);
            }
        }
    }
    for end in &ends {
        let resumed = end.first.as_ref().map(|first| first.summary.is_resumed());
        assert_eq!(resumed, Some(scenario.resumes()), "{scenario:?}: {:?}", end.error);
        assert_eq!(end.error, None, "{scenario:?}");
    }
    agree(&ends);
    got
}
