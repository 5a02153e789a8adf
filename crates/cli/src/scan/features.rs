//! Features that a hello or a handshake shows.

use super::{
    eliminate::eliminate,
    facts::{Facts, Features, Tested, VersionFacts},
    handshakes::{Client, Shaken, shake},
    probe::{Answer, Probe, hello::Hello},
    seen::Seen,
    suite_kinds::is_cbc,
    suites,
};
use crate::failure::Failure;
use cairn_tls::{
    ClientConfigBuilder, EarlyData, Handshake, Resumption, certificate_compressions,
    wire::{
        AlertDescription, CertificateCompressionAlgorithm, CipherSuite, ExtensionType, HandshakeType,
        NamedGroup, ProtocolVersion, SignatureScheme,
    },
};

/// Registered application protocols, the frequent ones first.
const PROTOCOLS: [&str; 24] = [
    "h2",
    "http/1.1",
    "http/1.0",
    "http/0.9",
    "h3",
    "spdy/3",
    "spdy/2",
    "spdy/1",
    "acme-tls/1",
    "dot",
    "doq",
    "imap",
    "pop3",
    "managesieve",
    "ftp",
    "smtp",
    "xmpp-client",
    "xmpp-server",
    "mqtt",
    "postgresql",
    "stun.turn",
    "webrtc",
    "ntske/1",
    "irc",
];

/// The early data of the test: an empty line, which is safe to replay.
const EARLY: &[u8] = b"\r\n";

/// The first letters of the schemes of each kind of key.
const SCHEME_KINDS: [&str; 5] = ["ecdsa", "ed", "rsa_pss_rsae", "rsa_pss_pss", "mldsa"];
/// The number of connections with early data: servers may refuse it for passing reasons.
const EARLY_ATTEMPTS: usize = 3;

/// Tests the features of TLS 1.2, or of the newest version before it, that a hello shows.
pub(super) fn of_hellos(probe: &mut Probe, facts: &Facts, seen: &mut Seen) -> Result<Features, Failure> {
    let mut features = Features::default();
    let Some(known) = facts.newest_old() else { return Ok(features) };
    let version = known.version;
    if let Some(flight) = probe.ask(&suites::hello(version, &known.suites))?.flight() {
        seen.flight(&flight);
        let has = |extension| Tested::from(flight.extensions.contains(&extension));
        features.secure_renegotiation = has(ExtensionType::RENEGOTIATION_INFO);
        features.client_certificate = Tested::from(flight.certificate_request);
        if version > ProtocolVersion::SSL_3_0 {
            features.extended_master_secret = has(ExtensionType::EXTENDED_MASTER_SECRET);
        }
    }
    let hello = Hello { compression: true, ..suites::hello(version, &known.suites) };
    if let Some(flight) = probe.ask(&hello)?.flight() {
        features.compression = Tested::from(flight.compression);
    }
    if let Some((version, cbc)) = facts.newest_with(is_cbc)
        && let Some(flight) = probe.ask(&suites::hello(version, &cbc))?.flight()
    {
        features.encrypt_then_mac =
            Tested::from(flight.extensions.contains(&ExtensionType::ENCRYPT_THEN_MAC));
    }
    features.fallback_scsv = fallback(probe, facts)?;
    Ok(features)
}

/// Whether a client that falls back to an older version is refused (RFC 7507).
fn fallback(probe: &mut Probe, facts: &Facts) -> Result<Tested, Failure> {
    let Some(older) = facts.accepted().nth(1) else { return Ok(Tested::Unknown) };
    let mut hello = suites::hello(older.version, &older.suites);
    hello.suites.push(CipherSuite::TLS_FALLBACK_SCSV);
    Ok(match probe.ask(&hello)? {
        Answer::Alert(AlertDescription::INAPPROPRIATE_FALLBACK) => Tested::Yes,
        Answer::Flight(_) => Tested::No,
        _ => Tested::Unknown,
    })
}

/// The application protocols, most preferred first.
pub(super) fn alpn(probe: &mut Probe, facts: &Facts) -> Result<Vec<String>, Failure> {
    let old = facts.newest_old().filter(|known| known.version > ProtocolVersion::SSL_3_0);
    let of_name = |chosen: &[u8]| PROTOCOLS.into_iter().find(|known| known.as_bytes() == chosen);
    let chosen = if let Some(known) = old {
        eliminate(&PROTOCOLS, |left| {
            let hello = Hello { alpn: left.to_vec(), ..suites::hello(known.version, &known.suites) };
            let flight = probe.ask(&hello)?.flight();
            Ok(flight.and_then(|flight| of_name(&flight.alpn?)))
        })?
    } else if let Some(known) = facts.accepted().next() {
        eliminate(&PROTOCOLS, |left| {
            let shaken = shake(probe, known, |builder| builder.alpn(left))?;
            Ok(shaken.and_then(|shaken| of_name(shaken.summary()?.alpn.as_deref()?)))
        })?
    } else {
        Vec::new()
    };
    Ok(chosen.into_iter().map(str::to_owned).collect())
}

/// The parts of a scan of TLS 1.2 with whole handshakes.
pub(super) fn of_handshakes12(
    probe: &mut Probe,
    facts: &Facts,
    features: &mut Features,
) -> Result<(), Failure> {
    let Some(known) = facts.version(ProtocolVersion::TLS_1_2) else { return Ok(()) };
    features.session_id = session_ids(probe, known)?;
    features.ticket = tickets(probe, known)?;
    if features.secure_renegotiation == Tested::Yes {
        features.client_renegotiation = client_renegotiation(probe, known)?;
    }
    Ok(())
}

/// Whether sessions of TLS 1.2 are resumed by their ID.
fn session_ids(probe: &mut Probe, known: &VersionFacts) -> Result<Tested, Failure> {
    let Some(mut shaken) = without_tickets(probe, known)? else { return Ok(Tested::Unknown) };
    let id = session_id(&shaken).filter(|id| !id.is_empty());
    // Some servers forget a session whose connection ends without close_notify.
    shaken.close(probe.timeout);
    match id {
        Some(id) => resumes(probe, &shaken, id, None),
        None => Ok(Tested::No),
    }
}

/// Whether sessions of TLS 1.2 are resumed with a ticket.
fn tickets(probe: &mut Probe, known: &VersionFacts) -> Result<Tested, Failure> {
    // The client keeps sessions: otherwise it would not ask for a ticket.
    let Some(client) = Client::new(probe, known, |builder| builder) else { return Ok(Tested::Unknown) };
    let shaken = client.shake(probe, &[])?.filter(|shaken| shaken.is_complete);
    let Some(mut shaken) = shaken else { return Ok(Tested::Unknown) };
    shaken.close(probe.timeout);
    match shaken.witness.ticket12() {
        Some(ticket) => resumes(probe, &shaken, vec![0x5a; 32], Some(ticket)),
        None => Ok(Tested::No),
    }
}

/// Whether a renegotiation that we begin completes, in TLS 1.2.
fn client_renegotiation(probe: &mut Probe, known: &VersionFacts) -> Result<Tested, Failure> {
    let Some(mut shaken) = without_tickets(probe, known)? else { return Ok(Tested::Unknown) };
    shaken.tls.transport_mut().set_deadline(Some(probe.timeout));
    Ok(match shaken.tls.renegotiate() {
        Ok(()) => Tested::from(matches!(shaken.tls.handshake(), Ok(Handshake::Complete))),
        Err(_) => Tested::Unknown,
    })
}

/// A complete handshake of TLS 1.2 without a ticket; `None` if there could be none.
fn without_tickets(probe: &mut Probe, known: &VersionFacts) -> Result<Option<Shaken>, Failure> {
    let shaken = shake(probe, known, ClientConfigBuilder::no_tickets)?;
    Ok(shaken.filter(|shaken| shaken.is_complete))
}

fn session_id(shaken: &Shaken) -> Option<Vec<u8>> {
    Some(shaken.summary()?.tls12()?.session_id.as_bytes().to_vec())
}

/// Whether the server resumes the session of a complete handshake: then it returns the session ID of the
/// hello (RFC 5246 section 7.3, RFC 5077 section 3.4), and sends no certificate.
fn resumes(
    probe: &mut Probe,
    shaken: &Shaken,
    session_id: Vec<u8>,
    ticket: Option<Vec<u8>>,
) -> Result<Tested, Failure> {
    let Some(summary) = shaken.summary() else { return Ok(Tested::Unknown) };
    let extended_master_secret = summary.tls12().is_some_and(|tls12| tls12.extended_master_secret);
    let hello = Hello {
        session_id,
        ticket,
        extended_master_secret,
        ..Hello::new(ProtocolVersion::TLS_1_2, &[summary.suite().id()])
    };
    Ok(match probe.ask(&hello)?.flight() {
        Some(flight) => Tested::from(flight.session_id == hello.session_id && flight.chain.is_empty()),
        None => Tested::Unknown,
    })
}

/// The parts of a scan of TLS 1.3 with whole handshakes.
pub(super) fn of_handshakes13(
    probe: &mut Probe,
    facts: &Facts,
    features: &mut Features,
    seen: &mut Seen,
) -> Result<(), Failure> {
    let Some(known) = facts.version(ProtocolVersion::TLS_1_3) else { return Ok(()) };
    // With HelloRetryRequest, the server would reject early data.
    let implemented = |group: &NamedGroup| probe.provider.group(*group).is_some();
    let share: Vec<NamedGroup> = facts.groups13.iter().copied().find(implemented).into_iter().collect();
    let client = Client::new(probe, known, |builder| {
        let builder = builder.early_data().certificate_compression(Vec::new());
        if share.is_empty() { builder } else { builder.key_shares(&share) }
    });
    let Some(client) = client else { return Ok(()) };
    let Some(mut first) = client.shake(probe, &[])? else { return Ok(()) };
    first.close(probe.timeout);
    keep_chain(&first, seen);
    if first.witness.has(HandshakeType::CERTIFICATE_REQUEST) {
        features.client_certificate = Tested::Yes;
    } else if first.is_complete && features.client_certificate == Tested::Unknown {
        features.client_certificate = Tested::No;
    }
    if !first.is_complete {
        return Ok(());
    }
    features.max_early_data = first.witness.max_early_data();
    for _ in 0..EARLY_ATTEMPTS {
        let Some(mut next) = client.shake(probe, EARLY)? else { return Ok(()) };
        next.close(probe.timeout);
        let Some(summary) = next.summary() else { return Ok(()) };
        if features.psk != Tested::Yes {
            features.psk = Tested::from(summary.resumption == Resumption::ByPsk);
        }
        let outcome = summary.tls13().map(|tls13| tls13.early_data).unwrap_or_default();
        features.early_data = Tested::from(outcome == EarlyData::Accepted && next.early > 0);
        if features.early_data == Tested::Yes || features.max_early_data == 0 {
            return Ok(());
        }
    }
    Ok(())
}

fn keep_chain(shaken: &Shaken, seen: &mut Seen) {
    let (chain, ocsp) = shaken.witness.chain13();
    seen.chain(ProtocolVersion::TLS_1_3, &chain, ocsp.as_deref());
}

/// The signature schemes of CertificateVerify in TLS 1.3.
pub(super) fn schemes13(
    probe: &mut Probe,
    facts: &Facts,
    seen: &mut Seen,
) -> Result<Vec<SignatureScheme>, Failure> {
    let Some(known) = facts.version(ProtocolVersion::TLS_1_3) else { return Ok(Vec::new()) };
    let all = probe.provider.schemes();
    let offer: Vec<SignatureScheme> = all
        .iter()
        .copied()
        .filter(|scheme| cairn_tls::crypto::KeyKind::for_certificate_verify(*scheme).is_some())
        .collect();
    // Some servers choose a key by the first scheme that is offered, and refuse if none fits that key. So the
    // schemes of each kind of key are offered alone.
    let mut found = Vec::new();
    for kind in SCHEME_KINDS {
        let of_kind: Vec<SignatureScheme> =
            offer.iter().copied().filter(|scheme| scheme.to_string().starts_with(kind)).collect();
        found.extend(eliminate(&of_kind, |left| {
            let shaken = shake(probe, known, |builder| {
                builder
                    .certificate_compression(Vec::new())
                    .signature_schemes(left)
                    .certificate_signature_schemes(&all)
            })?;
            let Some(shaken) = shaken else { return Ok(None) };
            keep_chain(&shaken, seen);
            Ok(shaken.witness.scheme())
        })?);
    }
    Ok(found)
}

/// The algorithms in which the server compresses its certificate, among those of this build.
pub(super) fn certificate_compression(
    probe: &mut Probe,
    facts: &Facts,
) -> Result<Vec<CertificateCompressionAlgorithm>, Failure> {
    let Some(known) = facts.version(ProtocolVersion::TLS_1_3) else { return Ok(Vec::new()) };
    let all = certificate_compressions();
    let offer: Vec<CertificateCompressionAlgorithm> = all.iter().map(|one| one.algorithm()).collect();
    eliminate(&offer, |left| {
        let some = all.iter().filter(|one| left.contains(&one.algorithm())).cloned().collect::<Vec<_>>();
        let shaken = shake(probe, known, |builder| builder.certificate_compression(some))?;
        Ok(shaken.and_then(|shaken| shaken.summary()?.tls13()?.server_certificate_compression))
    })
}
