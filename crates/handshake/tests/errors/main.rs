//! Provokes every kind of error at least once, and checks its alert.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

#[macro_use]
mod case;
mod authentication;
mod extensions;
mod key_exchange;
mod messages;
mod negotiation;
mod own;
mod quic;
mod record_sizes;
mod renegotiation;
#[path = "../support/mod.rs"]
mod support;
mod tls13;

use cairn_handshake::{HandshakeErrorKind, Input, RawMessage};
use cairn_schedule::Epoch;
use cairn_wire::{HandshakeType, ProtocolVersion, section_in};
use case::{Case, default_pair};
use std::collections::BTreeSet;

/// All cases.
fn cases() -> Vec<Case> {
    [
        messages::cases(),
        negotiation::cases(),
        extensions::cases(),
        key_exchange::cases(),
        authentication::cases(),
        record_sizes::cases(),
        renegotiation::cases(),
        own::cases(),
        tls13::cases(),
        quic::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The name of a kind's variant.
fn variant(kind: HandshakeErrorKind) -> String {
    format!("{kind:?}").split(|c: char| !c.is_alphanumeric()).next().unwrap().to_owned()
}

/// Whether the kind is a limit or a failure of our own, which no RFC describes.
fn is_ours(kind: HandshakeErrorKind) -> bool {
    matches!(
        kind,
        HandshakeErrorKind::Aborted(_)
            | HandshakeErrorKind::MessageTooLong { .. }
            | HandshakeErrorKind::QuestionFailed
            | HandshakeErrorKind::Crypto(_)
            | HandshakeErrorKind::Encode(_)
            | HandshakeErrorKind::NotInProvider
    )
}

#[test]
fn each_kind_has_its_alert() {
    for case in cases() {
        let end = (case.run)();
        let what = format!("{}: {}", case.kind, case.how);
        let error = end.error().unwrap_or_else(|| panic!("{what}: no error, {:?}", end.log));
        assert_eq!(variant(error.kind), case.kind, "{what}: {error}");
        assert_eq!(error.alert(), case.alert, "{what}");
        // That alert is sent, and it is the last item sent.
        let last = end.log.last().unwrap();
        assert!(last.starts_with("failed"), "{what}: {:?}", end.log);
        assert_eq!(error.section().is_none(), is_ours(error.kind), "{what}");
        assert!(end.machine.question().is_none() && !end.machine.is_established(), "{what}");
    }
}

#[test]
fn every_error_kind_has_a_case() {
    let source = include_str!("../../src/error.rs");
    let enumeration =
        source.split("pub enum HandshakeErrorKind {").nth(1).unwrap().split("\n}").next().unwrap();
    let declared: BTreeSet<&str> = enumeration
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(|line| line.split(|c: char| !c.is_alphanumeric()).next().unwrap())
        .collect();
    let mut crossed: BTreeSet<&str> = cases().iter().map(|case| case.kind).collect();
    // No input leads to these. They report internal errors, and one needs very many renegotiations.
    crossed.extend(["Schedule", "TooManyHandshakes"]);
    assert_eq!(declared, crossed);
}

#[test]
fn error_message_has_expectation_state_and_section() {
    let mut server = default_pair().1;
    server.start();
    let message = RawMessage { msg_type: HandshakeType::FINISHED, bytes: &[20, 0, 0, 0] };
    server.step(Input::Message { epoch: Epoch::tls12(0), message });
    assert_eq!(
        server.error().unwrap().to_string(),
        "unexpected Finished, expected ClientHello (in state AwaitClientHello; RFC 5246 section 7.3)"
    );
}

#[test]
fn error_message_names_its_section_once() {
    for case in cases() {
        let error = (case.run)().error().unwrap();
        let message = error.to_string();
        let sections = usize::from(error.section().is_some());
        assert_eq!(message.matches("RFC ").count(), sections, "{}: {message}", case.kind);
        assert!(message.contains(error.section().unwrap_or_default()), "{}: {message}", case.kind);
        assert!(!error.message().to_string().contains("RFC "), "{}: {message}", case.kind);
    }
}

/// The kinds of one version alone. Their sections are in an RFC of that version, or in one for an extension.
const ONLY_TLS12: [&str; 8] = [
    "CertificateRequired",
    "NullCompressionMissing",
    "RenegotiationRefused",
    "RenegotiationTimedOut",
    "RequestByAnonymousServer",
    "TooManyHelloRequests",
    "UnknownSessionResumed",
    "ResumedWithOtherSuite",
];

/// In TLS 1.3, no error names a section of RFC 5246, which has no force there.
#[test]
fn errors_name_the_section_of_the_version_in_use() {
    let versions = [None, Some(ProtocolVersion::TLS_1_2), Some(ProtocolVersion::TLS_1_3)];
    let mut seen = [false; 3];
    for case in cases() {
        let end = (case.run)();
        let error = end.error().unwrap();
        let version = end.machine.version();
        seen[versions.iter().position(|known| *known == version).unwrap()] = true;
        let Some(section) = error.kind.section() else { continue };
        assert_eq!(error.section(), Some(section_in(version, section)), "{}: {}", case.kind, case.how);
        let is_only_tls12 = ONLY_TLS12.contains(&case.kind);
        assert!(!is_only_tls12 || version != Some(ProtocolVersion::TLS_1_3), "{}", case.kind);
        let in_tls13 = section_in(Some(ProtocolVersion::TLS_1_3), section);
        let is_old = in_tls13.starts_with("RFC 5246");
        assert!(!is_old || is_only_tls12 || case.kind == "Decode", "{}: {in_tls13}", case.kind);
    }
    assert_eq!(seen, [true; 3], "an error in each version");
    for kind in ONLY_TLS12 {
        assert!(cases().iter().any(|case| case.kind == kind), "no case has the kind {kind}");
    }
}

#[test]
fn failing_handshake_never_reports_completion() {
    for case in cases() {
        let end = (case.run)();
        let complete = end.log.iter().position(|line| line == "complete");
        let failed = end.log.iter().position(|line| line.starts_with("failed"));
        // Only errors after completion follow a completed handshake.
        let after = case.how.contains("after");
        assert_eq!(complete.is_some(), after, "{}: {}", case.kind, case.how);
        assert!(after || end.saved.is_none(), "a session of no handshake: {}: {}", case.kind, case.how);
        assert!(complete < failed, "{}: {}", case.kind, case.how);
    }
}
