//! The scenarios that inputs select, and the recording of a connection in each.

use crate::end::End;
use crate::world::{Scenario, make_scenarios, rewind};
use crate::world13;
use cairn_tls::{Side, Summary};
use std::sync::OnceLock;

/// A recorded connection without an attacker.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcript {
    /// The bytes of the client and of the server: a handshake, some data, another handshake if it is
    /// permitted, close_notify.
    pub sent: [Vec<u8>; 2],
    /// The summaries of both sides.
    pub summaries: [Summary; 2],
}

/// Runs a scenario to its end.
///
/// # Panics
/// If the connection fails.
#[must_use]
pub fn shake_hands(scenario: &Scenario) -> Transcript {
    fn run(ends: &mut [End; 2], sent: &mut [Vec<u8>; 2]) {
        while ends.iter().any(|end| !end.outbox.is_empty()) {
            for side in 0..2 {
                let out = core::mem::take(&mut ends[side].outbox);
                sent[side].extend_from_slice(&out);
                ends[1 - side].take(&out);
            }
        }
    }
    rewind();
    let mut ends = [Side::Client, Side::Server].map(|side| End::new(scenario, side));
    let mut sent = [Vec::new(), Vec::new()];
    run(&mut ends, &mut sent);
    for end in &mut ends {
        assert!(end.conn.is_complete(), "{scenario:?}: {:?}", end.error);
        end.write(b"data");
    }
    ends[0].renegotiate();
    run(&mut ends, &mut sent);
    for end in &mut ends {
        assert!(end.conn.is_complete(), "{scenario:?}: {:?}", end.error);
        end.close();
    }
    let summaries = [0, 1].map(|side| ends[side].conn.summary().unwrap().clone());
    run(&mut ends, &mut sent);
    assert!(ends.iter().all(|end| end.closed && end.data == b"data"), "{scenario:?}");
    Transcript { sent, summaries }
}

/// The recording of each scenario, in their order.
pub fn transcripts() -> &'static [Transcript] {
    static MADE: OnceLock<Vec<Transcript>> = OnceLock::new();
    MADE.get_or_init(|| scenarios().iter().map(shake_hands).collect())
}

/// Every scenario. An input selects one by its index, so new ones come last.
pub fn scenarios() -> &'static [Scenario] {
    static MADE: OnceLock<Vec<Scenario>> = OnceLock::new();
    MADE.get_or_init(|| {
        let mut made = make_scenarios();
        made.extend(world13::make_scenarios());
        // A resumed session was negotiated in an earlier connection.
        for scenario in made.iter().filter(|scenario| scenario.resumes()) {
            let _full = shake_hands(scenario);
            assert!(scenario.session(Side::Client).is_some(), "{scenario:?}");
        }
        rewind();
        made
    })
}

/// The scenario that a byte selects; its highest bit selects a side.
#[must_use]
pub fn scenario(byte: u8) -> (&'static Scenario, Side) {
    let scenarios = scenarios();
    let side = if byte & 0x80 == 0 { Side::Client } else { Side::Server };
    (&scenarios[usize::from(byte & 0x7f) % scenarios.len()], side)
}

/// The byte with which [`scenario`] selects this one.
pub(crate) fn byte_of(place: usize, side: Side) -> u8 {
    u8::try_from(place).unwrap() | if side == Side::Server { 0x80 } else { 0 }
}

/// Every scenario succeeds, with the same result each time, and those that should resume a session do.
///
/// # Panics
/// If one does not.
pub fn check() {
    for scenario in scenarios() {
        let first = shake_hands(scenario);
        assert_eq!(first, shake_hands(scenario), "{scenario:?}");
        let resumed = first.summaries.iter().filter(|summary| summary.is_resumed()).count();
        assert_eq!(resumed, if scenario.resumes() { 2 } else { 0 }, "{scenario:?}");
    }
}
