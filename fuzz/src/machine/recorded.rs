//! The scenarios of the machines, each with the messages of a handshake.

use super::end::{End, Said, agree};
use crate::scenarios::scenarios;
use crate::world::{self, Scenario, machine_scenarios};
use cairn_handshake::Session;
use cairn_tls::Side;
use std::sync::{Arc, OnceLock};

/// The session that the client offers, and the one that the server has stored. A ticket contains its session.
pub(super) type Sessions = [Option<Arc<Session>>; 2];

/// A scenario with what a run of it needs and leaves.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) scenario: &'static Scenario,
    sessions: Sessions,
    /// The input of the client and of the server in a handshake without an attacker.
    pub(super) got: [Vec<Said>; 2],
}

impl Recorded {
    /// A new machine of this scenario.
    pub(super) fn end(&self, side: Side) -> End<'_> {
        End::new(self.scenario, &self.sessions, side)
    }

    /// Both machines, after [`rewind`](world::rewind).
    pub(super) fn ends(&self) -> [End<'_>; 2] {
        world::rewind();
        [Side::Client, Side::Server].map(|side| self.end(side))
    }

    /// Records a run without interference. Returns the session that the client stores, and whether both sides
    /// have resumed one.
    fn record(&mut self) -> (Option<Arc<Session>>, bool) {
        let mut got = [Vec::new(), Vec::new()];
        let mut ends = self.ends();
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
            assert!(end.first.is_some() && end.error.is_none(), "{:?}: {:?}", self.scenario, end.error);
        }
        agree(&ends);
        let resumed =
            ends.iter().all(|end| end.first.as_ref().is_some_and(|first| first.summary.is_resumed()));
        let [saved, _] = ends.map(|end| end.saved);
        self.got = got;
        (saved, resumed)
    }
}

/// Runs each scenario once. An input selects one by its index, so new ones come last.
pub(super) fn recorded() -> &'static [Recorded] {
    static SCENARIOS: OnceLock<Vec<Scenario>> = OnceLock::new();
    static MADE: OnceLock<Vec<Recorded>> = OnceLock::new();
    MADE.get_or_init(|| {
        let mut made = Vec::new();
        for scenario in scenarios().iter().chain(SCENARIOS.get_or_init(machine_scenarios)) {
            let sessions = [Side::Client, Side::Server].map(|side| scenario.session(side));
            let mut recorded = Recorded { scenario, sessions, got: Default::default() };
            let (saved, _) = recorded.record();
            // The scenarios of a connection have their session from an earlier one.
            if scenario.name.ends_with("with a ticket") {
                recorded.sessions[0] = saved;
                let (_, resumed) = recorded.record();
                assert!(resumed, "{scenario:?}");
            }
            made.push(recorded);
        }
        made
    })
}
