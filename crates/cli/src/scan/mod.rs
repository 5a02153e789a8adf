//! `cairn scan`: the settings of a server and their weaknesses.

mod args;
mod chains;
mod eliminate;
mod facts;
mod features;
mod findings;
mod handshakes;
mod json;
mod keys;
mod pace;
mod probe;
mod report;
mod robot;
mod seen;
mod suite_kinds;
mod suites;

pub(crate) use args::Args;

use crate::{
    failure::{Code, Failure},
    files::Trusted,
    net,
    output::{print, warn},
    provider::provider_for,
};
use cairn_tls::Policy;
use core::time::Duration;
use facts::Facts;
use pace::Pace;
use probe::Probe;
use seen::Seen;

/// The number of stages of a scan.
const STAGES: usize = 13;

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let name = args.destination.name()?;
    let trusted = trusted(args)?;
    let provider = provider_for(Some(Policy::Legacy))?;
    let starttls = args.destination.starttls()?;
    let target = &args.destination.target;
    let (host, port) = (&target.host, target.port(starttls));
    let timeout = Duration::from_secs(args.timeout);
    let mut pace = Pace::new(args.rate, STAGES);
    pace.next();
    let first = net::connect(host, port, timeout)?;
    let mut probe = Probe::new(&first, &name, starttls, provider, timeout, pace)?;
    drop(first);
    let scanned = scan(&mut probe);
    probe.pace.end();
    let (mut facts, seen) = scanned?;
    facts.target = host.with_port(port);
    facts.address = probe.address();
    facts.name = name.to_string();
    facts.connections = probe.pace.connections;
    facts.chains = chains::assess(&seen.chains, &probe.provider, trusted.roots, &name);
    facts.malformed.clone_from(&probe.malformed);
    facts.not_tested.clone_from(&probe.not_tested);
    facts.primes = seen.primes;
    facts.primes.sort_by_key(|prime| prime.bits);
    let findings = findings::of(&facts);
    print(if args.json { json::text(&facts, &findings) } else { report::text(&facts, &findings) })?;
    let worst = findings.iter().map(|finding| finding.kind.severity).max();
    match (args.fail_on, worst) {
        (Some(limit), Some(worst)) if worst >= limit => Err(Failure::new(
            Code::Findings,
            format!("there are findings of severity {worst}; --fail-on {limit} permits only lower ones"),
        )),
        _ => Ok(()),
    }
}

/// The authorities by which chains are judged.
fn trusted(args: &Args) -> Result<Trusted, Failure> {
    if !args.ca.is_empty() {
        return Trusted::from_files(&args.ca, &[]);
    }
    Ok(Trusted::from_platform().unwrap_or_else(|failure| {
        warn(format_args!("no certificate chain can be accepted: {failure}"));
        Trusted::default()
    }))
}

/// All stages.
fn scan(probe: &mut Probe) -> Result<(Facts, Seen), Failure> {
    let (mut facts, mut seen) = (Facts::default(), Seen::default());
    for version in suites::VERSIONS {
        probe.pace.stage(version.name().unwrap_or_default());
        facts.versions.push(suites::of_version(probe, version, &mut seen)?);
    }
    if facts.accepted().next().is_none() {
        return Err(Failure::new(Code::Tls, "the server accepts no version of TLS with any cipher suite")
            .hint("It may not speak TLS on this port, or only for another name: --name NAME."));
    }
    probe.pace.stage("groups");
    facts.groups13 = keys::groups13(probe, &facts)?;
    facts.groups12 = keys::groups12(probe, &facts, &mut seen)?;
    probe.pace.stage("signature schemes");
    facts.schemes12 = keys::schemes12(probe, &facts, &mut seen)?;
    facts.schemes13 = features::schemes13(probe, &facts, &mut seen)?;
    probe.pace.stage("features");
    let mut features = features::of_hellos(probe, &facts, &mut seen)?;
    probe.pace.stage("application protocols");
    facts.alpn = features::alpn(probe, &facts)?;
    probe.pace.stage("sessions of TLS 1.2");
    features::of_handshakes12(probe, &facts, &mut features)?;
    probe.pace.stage("sessions of TLS 1.3");
    features::of_handshakes13(probe, &facts, &mut features, &mut seen)?;
    facts.features = features;
    probe.pace.stage("compression of certificates");
    facts.certificate_compression = features::certificate_compression(probe, &facts)?;
    suites::ask_again(probe, &facts)?;
    // The last test: servers may refuse a client that has sent malformed messages.
    probe.pace.stage("RSA key exchange");
    facts.robot = robot::of(probe, &facts)?;
    Ok((facts, seen))
}
