//! The groups and signature schemes of key exchanges.

use super::{
    eliminate::eliminate,
    facts::Facts,
    probe::{Probe, hello::Hello},
    seen::Seen,
    suite_kinds::exchanges,
};
use crate::failure::Failure;
use cairn_tls::wire::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};

/// Whether a group is for TLS 1.3 alone.
fn is_for_tls13(group: NamedGroup) -> bool {
    group.is_post_quantum()
        || matches!(
            group,
            NamedGroup::BRAINPOOLP256R1TLS13
                | NamedGroup::BRAINPOOLP384R1TLS13
                | NamedGroup::BRAINPOOLP512R1TLS13
                | NamedGroup::X25519KYBER768DRAFT00
                | NamedGroup::SECP256R1KYBER768DRAFT00
        )
}

/// The suites with these key exchanges.
fn select(suites: &[CipherSuite], starts: &[&str]) -> Vec<CipherSuite> {
    suites.iter().copied().filter(|suite| exchanges(*suite, starts)).collect()
}

/// The groups of TLS 1.3. The server asks for a share of the group that it chooses.
pub(super) fn groups13(probe: &mut Probe, facts: &Facts) -> Result<Vec<NamedGroup>, Failure> {
    let version = ProtocolVersion::TLS_1_3;
    let Some(known) = facts.version(version) else { return Ok(Vec::new()) };
    let explicit = [NamedGroup::ARBITRARY_EXPLICIT_PRIME_CURVES, NamedGroup::ARBITRARY_EXPLICIT_CHAR2_CURVES];
    let all: Vec<NamedGroup> =
        NamedGroup::KNOWN.iter().copied().filter(|group| !explicit.contains(group)).collect();
    eliminate(&all, |left| {
        let hello = Hello { groups: left.to_vec(), ..Hello::new(version, &known.suites) };
        Ok(probe.ask(&hello)?.flight().and_then(|flight| flight.group))
    })
}

/// The groups for ECDHE in TLS 1.2 and before.
pub(super) fn groups12(
    probe: &mut Probe,
    facts: &Facts,
    seen: &mut Seen,
) -> Result<Vec<NamedGroup>, Failure> {
    let Some(known) = facts.newest_old() else { return Ok(Vec::new()) };
    let all: Vec<NamedGroup> = NamedGroup::KNOWN
        .iter()
        .copied()
        .filter(|group| !is_for_tls13(*group) && !group.is_ffdhe() && group.0 < 0xff00)
        .collect();
    let mut found = Vec::new();
    for starts in [&["ECDHE_RSA", "ECDHE_PSK", "ECDH_anon"][..], &["ECDHE_ECDSA"]] {
        let suites = select(&known.suites, starts);
        if suites.is_empty() {
            continue;
        }
        let mut ask = |groups: &[NamedGroup]| -> Result<Option<NamedGroup>, Failure> {
            let hello = Hello { groups: groups.to_vec(), ..Hello::new(known.version, &suites) };
            let flight = probe.ask(&hello)?.flight();
            Ok(flight.and_then(|flight| {
                seen.flight(&flight);
                flight.group
            }))
        };
        let mut groups = eliminate(&all, &mut ask)?;
        // Some servers use a key of ECDSA only if its curve is among the groups (RFC 8422 section 5.1.1), so
        // the first choices are offered once more, after all others.
        if starts == ["ECDHE_ECDSA"] {
            let others: Vec<NamedGroup> =
                all.iter().copied().filter(|group| !groups.contains(group)).collect();
            let kept = groups.clone();
            groups.extend(eliminate(&others, |left| ask(&[left, &kept].concat()))?);
        }
        found.extend(groups.into_iter().filter(|group| !found.contains(group)).collect::<Vec<_>>());
    }
    // A server may choose its own prime for clients without groups of finite fields (RFC 7919 section 4).
    let dhe = select(&known.suites, &["DHE_", "DH_anon"]);
    if !dhe.is_empty() {
        let hello = Hello { groups: vec![NamedGroup::SECP256R1], ..Hello::new(known.version, &dhe) };
        if let Some(flight) = probe.ask(&hello)?.flight() {
            seen.flight(&flight);
        }
    }
    Ok(found)
}

/// The signature schemes of ServerKeyExchange in TLS 1.2.
pub(super) fn schemes12(
    probe: &mut Probe,
    facts: &Facts,
    seen: &mut Seen,
) -> Result<Vec<SignatureScheme>, Failure> {
    let version = ProtocolVersion::TLS_1_2;
    let Some(known) = facts.version(version) else { return Ok(Vec::new()) };
    let mut found: Vec<SignatureScheme> = Vec::new();
    for starts in [&["ECDHE_RSA", "DHE_RSA"][..], &["ECDHE_ECDSA"], &["DHE_DSS"]] {
        let suites = select(&known.suites, starts);
        if suites.is_empty() {
            continue;
        }
        let schemes = eliminate(SignatureScheme::KNOWN, |left| {
            let hello = Hello { schemes: left.to_vec(), ..Hello::new(version, &suites) };
            let flight = probe.ask(&hello)?.flight().filter(|flight| flight.version == version);
            Ok(flight.and_then(|flight| {
                seen.flight(&flight);
                flight.scheme
            }))
        })?;
        found.extend(schemes);
    }
    Ok(found)
}
