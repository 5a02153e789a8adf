//! The versions, their cipher suites, and whose order of suites decides.

use super::{
    eliminate::eliminate,
    facts::{Facts, Order, VersionFacts},
    probe::{Answer, Probe, hello::Hello},
    seen::Seen,
    suite_kinds::is_tls13,
};
use crate::failure::Failure;
use cairn_tls::wire::{AlertDescription, CipherSuite, ProtocolVersion};

/// All versions, the newest first.
pub(super) const VERSIONS: [ProtocolVersion; 5] = [
    ProtocolVersion::TLS_1_3,
    ProtocolVersion::TLS_1_2,
    ProtocolVersion::TLS_1_1,
    ProtocolVersion::TLS_1_0,
    ProtocolVersion::SSL_3_0,
];

/// The number of suites in a hello for servers that do not accept many.
const FEW: usize = 64;

/// The suites to offer in a version: all registered ones.
fn candidates(version: ProtocolVersion) -> Vec<CipherSuite> {
    let is_signal = |suite: CipherSuite| {
        matches!(
            suite,
            CipherSuite::TLS_NULL_WITH_NULL_NULL
                | CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV
                | CipherSuite::TLS_FALLBACK_SCSV
        )
    };
    let wants_tls13 = version == ProtocolVersion::TLS_1_3;
    let known = CipherSuite::KNOWN.iter().copied();
    known.filter(|suite| !is_signal(*suite) && is_tls13(*suite) == wants_tls13).collect()
}

/// A hello for these suites.
pub(super) fn hello(version: ProtocolVersion, suites: &[CipherSuite]) -> Hello {
    let mut hello = Hello::new(version, suites);
    if version == ProtocolVersion::SSL_3_0 {
        // SSL 3.0 has no extensions, so this stands for renegotiation_info (RFC 5746 section 3.3).
        hello.suites.push(CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV);
    }
    hello
}

/// Tests a version.
pub(super) fn of_version(
    probe: &mut Probe,
    version: ProtocolVersion,
    seen: &mut Seen,
) -> Result<VersionFacts, Failure> {
    let all = candidates(version);
    let mut suites = accepted(probe, version, &all, seen)?;
    if suites.is_empty() && all.len() > FEW && !is_refusal(&probe.ask(&hello(version, &all))?) {
        // The server may not understand a hello of this size.
        let mut found = Vec::new();
        for few in all.chunks(FEW) {
            found.extend(accepted(probe, version, few, seen)?);
        }
        // Only a hello with all of them shows the server's order.
        suites = accepted(probe, version, &found, seen)?;
        found.retain(|suite| !suites.contains(suite));
        suites.extend(found);
    }
    let order = match other_order(&suites) {
        Some(other) => match probe.ask(&hello(version, &other))?.flight() {
            Some(flight) if Some(&flight.suite) == suites.first() => Order::Server,
            Some(_) => Order::Client,
            None => Order::Unknown,
        },
        None => Order::Unknown,
    };
    Ok(VersionFacts { version, suites, order })
}

/// The accepted suites in an order that begins with another one than the first; `None` if there is no other.
///
/// Some servers with an order of their own prefer ChaCha20 if the client lists it first, as clients without
/// hardware for AES do. So another suite comes first, if there is one.
fn other_order(suites: &[CipherSuite]) -> Option<Vec<CipherSuite>> {
    let (_, rest) = suites.split_first()?;
    let is_chacha = |suite: CipherSuite| suite.name().is_some_and(|name| name.contains("CHACHA20"));
    let first = rest.iter().rev().copied().find(|suite| !is_chacha(*suite)).or(rest.last().copied())?;
    let others = suites.iter().copied().filter(|suite| *suite != first);
    Some([first].into_iter().chain(others).collect())
}

/// The accepted suites among these.
fn accepted(
    probe: &mut Probe,
    version: ProtocolVersion,
    offer: &[CipherSuite],
    seen: &mut Seen,
) -> Result<Vec<CipherSuite>, Failure> {
    let mut share = false;
    eliminate(offer, |left| {
        let mut hello = Hello { share, ..hello(version, left) };
        let mut flight = probe.ask(&hello)?.flight();
        if flight.is_none() && version == ProtocolVersion::TLS_1_3 && left.len() == offer.len() {
            // The server may send no HelloRetryRequest.
            (share, hello.share) = (true, true);
            flight = probe.ask(&hello)?.flight();
        }
        Ok(flight.filter(|flight| flight.version == version).map(|flight| {
            seen.flight(&flight);
            flight.suite
        }))
    })
}

/// Notes that the report may be incomplete if the server refuses its newest version now: some servers limit
/// connections by closing them, which looks like a refusal.
pub(super) fn ask_again(probe: &mut Probe, facts: &Facts) -> Result<(), Failure> {
    let Some(known) = facts.accepted().next() else { return Ok(()) };
    let hello = Hello { share: true, ..hello(known.version, &known.suites) };
    if probe.ask(&hello)?.flight().is_none() {
        probe.not_tested(format!(
            "{} was accepted at first and is refused now. The server may limit connections, so this report \
            may be incomplete; --rate N opens at most N per second.",
            known.version
        ));
    }
    Ok(())
}

/// Whether a server has understood the hello and refuses it.
fn is_refusal(answer: &Answer) -> bool {
    matches!(
        answer,
        Answer::Flight(_)
            | Answer::Alert(
                AlertDescription::HANDSHAKE_FAILURE
                    | AlertDescription::PROTOCOL_VERSION
                    | AlertDescription::INSUFFICIENT_SECURITY
            )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chacha20_comes_first_only_if_there_is_no_other_suite() {
        let [aes, other, chacha] = [
            CipherSuite::TLS_AES_128_GCM_SHA256,
            CipherSuite::TLS_AES_256_GCM_SHA384,
            CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
        ];
        assert_eq!(other_order(&[aes, other, chacha]), Some(vec![other, aes, chacha]));
        assert_eq!(other_order(&[aes, chacha]), Some(vec![chacha, aes]));
        assert_eq!(other_order(&[chacha, aes]), Some(vec![aes, chacha]));
        assert_eq!(other_order(&[aes]), None);
        assert_eq!(other_order(&[]), None);
    }

    #[test]
    fn suites_of_each_version_are_offered_without_signals() {
        let new = candidates(ProtocolVersion::TLS_1_3);
        assert!(new.contains(&CipherSuite::TLS_AES_128_GCM_SHA256) && new.len() < 20);
        assert!(new.contains(&CipherSuite::TLS_SHA256_SHA256));
        let old = candidates(ProtocolVersion::TLS_1_0);
        assert!(old.contains(&CipherSuite::TLS_RSA_EXPORT_WITH_RC4_40_MD5) && old.len() > 300);
        assert!(!old.contains(&CipherSuite::TLS_FALLBACK_SCSV));
        assert!(old.iter().all(|suite| !new.contains(suite)));
    }
}
