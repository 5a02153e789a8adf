//! Every kind of error is provoked at least once, and says the alert that the RFC has for it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod cases;
#[path = "../support/mod.rs"]
mod support;

use cairn_handshake::{ErrorKind, Input, RawMessage};
use cairn_schedule::Epoch;
use cairn_wire::HandshakeType;
use cases::{cases, default_pair};
use std::collections::BTreeSet;

/// The name of a kind's variant.
fn variant(kind: ErrorKind) -> String {
    format!("{kind:?}").split(|c: char| !c.is_alphanumeric()).next().unwrap().to_owned()
}

#[test]
fn each_kind_has_its_alert() {
    for case in cases() {
        let end = (case.run)();
        let what = format!("{}: {}", case.kind, case.how);
        let error = end.error().unwrap_or_else(|| panic!("{what}: no error, {:?}", end.log));
        assert_eq!(variant(error.kind), case.kind, "{what}: {error}");
        assert_eq!(error.alert(), case.alert, "{what}");
        // What went out is that alert, and it went out last.
        let last = end.log.last().unwrap();
        assert!(last.starts_with("failed"), "{what}: {:?}", end.log);
        assert!(error.section().starts_with("RFC "), "{what}");
        assert!(end.machine.question().is_none() && !end.machine.is_established(), "{what}");
    }
}

#[test]
fn no_kind_is_forgotten() {
    let source = include_str!("../../src/error.rs");
    let enumeration = source.split("pub enum ErrorKind {").nth(1).unwrap().split("\n}").next().unwrap();
    let declared: BTreeSet<&str> = enumeration
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(|line| line.split(|c: char| !c.is_alphanumeric()).next().unwrap())
        .collect();
    let mut crossed: BTreeSet<&str> = cases().iter().map(|case| case.kind).collect();
    // No input leads there: they stand for what only a defect of our own could bring about, and for renegotiation.
    crossed.extend(["Schedule", "TooManyHandshakes"]);
    assert_eq!(declared, crossed);
}

#[test]
fn an_error_says_what_where_and_by_which_rule() {
    let mut server = default_pair().1;
    server.start();
    let message = RawMessage { msg_type: HandshakeType::FINISHED, bytes: &[20, 0, 0, 0] };
    server.step(Input::Message { epoch: Epoch(0), message });
    assert_eq!(
        server.error().unwrap().to_string(),
        "unexpected Finished, expected ClientHello (in state AwaitClientHello; RFC 5246 section 7.3)"
    );
}

#[test]
fn a_failing_handshake_never_says_that_it_is_complete() {
    for case in cases() {
        let end = (case.run)();
        let complete = end.log.iter().position(|line| line == "complete");
        let failed = end.log.iter().position(|line| line.starts_with("failed"));
        // Only what fails after a complete handshake has been complete.
        let after = case.how.contains("after");
        assert_eq!(complete.is_some(), after, "{}: {}", case.kind, case.how);
        assert!(after || end.saved.is_none(), "a session of no handshake: {}: {}", case.kind, case.how);
        assert!(complete < failed, "{}: {}", case.kind, case.how);
    }
}
