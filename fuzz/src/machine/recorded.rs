//! The messages of a handshake in each scenario.

use super::end::{End, Said, agree};
use crate::scenarios::scenarios;
use crate::world::{self, Scenario};
use cairn_tls::Side;
use std::sync::OnceLock;

/// The input of each machine in a handshake without an attacker: that of the client and that of the server.
pub(super) type Got = [Vec<Said>; 2];

/// Runs each scenario once.
pub(super) fn transcripts() -> &'static [Got] {
    static MADE: OnceLock<Vec<Got>> = OnceLock::new();
    MADE.get_or_init(|| scenarios().iter().map(shake_hands).collect())
}

fn shake_hands(scenario: &'static Scenario) -> Got {
    world::rewind();
    let mut ends = [Side::Client, Side::Server].map(|side| End::new(scenario, side));
    let mut got = [Vec::new(), Vec::new()];
    for again in [false, true] {
        if again {
            ends[0].renegotiate();
        }
        while let Some(from) = ends.iter().position(|end| !end.out.is_empty()) {
            let said = ends[from].out.pop_front().unwrap();
            got[1 - from].push(said.clone());
            ends[1 - from].take(&said);
        }
    }
    assert!(ends.iter().all(|end| end.first.is_some() && end.error.is_none()), "{scenario:?}");
    agree(&ends);
    got
}
