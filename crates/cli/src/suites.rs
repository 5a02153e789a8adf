//! `cairn suites`: what is supported, and by which provider.

use crate::{
    failure::Failure,
    names::{self, list},
    output::print,
    provider::provider_for,
};
use cairn_tls::{Policy, Protection, Provider, SUITES, Tls12Suite, crypto::KeyKind, wire::NamedGroup};
use core::fmt::Write;

/// List what is supported, and by which provider.
///
/// Cipher suites, groups and signature schemes, each in order of preference, by their IANA names.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print only names, one per line: of suites, groups or schemes.
    #[arg(long, value_name = "TABLE")]
    names: Option<Table>,
    /// Suites of this policy: modern, compatible or legacy. Suites with pre-shared keys are included; those
    /// without encryption or authentication are in no policy, and must be named.
    #[arg(long, value_name = "POLICY", value_parser = names::policy)]
    policy: Option<Policy>,
    /// All supported suites, however weak.
    #[arg(long, conflicts_with = "policy")]
    all: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Table {
    Suites,
    Groups,
    Schemes,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let provider = provider_for(args.policy)?;
    let suites: Vec<&'static Tls12Suite> = match args.policy {
        _ if args.all => SUITES.iter().collect(),
        Some(policy) => policy.suites().collect(),
        // The suites that a configuration starts with.
        None => Policy::default().suites().filter(|suite| !suite.uses_psk()).collect(),
    };
    let suites = &suites;
    let names: Vec<String> = match args.names {
        None => return print(tables(&provider, suites)),
        Some(Table::Suites) => suites.iter().map(|suite| suite.id.to_string()).collect(),
        Some(Table::Groups) => groups(&provider).into_iter().map(|(group, _)| group.to_string()).collect(),
        Some(Table::Schemes) => provider.schemes().iter().map(ToString::to_string).collect(),
    };
    print(names.iter().map(|name| format!("{name}\n")).collect::<String>())
}

/// The groups of a provider with their implementation: hybrids, curves, ML-KEM, and the finite fields of RFC
/// 7919.
fn groups(provider: &Provider) -> Vec<(NamedGroup, &'static str)> {
    provider.groups.iter().map(|group| (group.group(), group.implementation())).collect()
}

fn tables(provider: &Provider, suites: &[&'static Tls12Suite]) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _always = write_tables(&mut text, provider, suites);
    text
}

fn write_tables(text: &mut String, provider: &Provider, suites: &[&'static Tls12Suite]) -> core::fmt::Result {
    writeln!(
        text,
        "Cipher suites (TLS 1.2)                              cipher                  PRF      by"
    )?;
    for suite in suites {
        let (cipher, by) = match suite.protection {
            Protection::Aead { algorithm, .. } => {
                (algorithm.to_string(), provider.aead(algorithm).map(|aead| aead.implementation()))
            }
            Protection::Cbc { cipher, mac, .. } => (
                format!("{cipher}, {mac}"),
                provider.block_cipher(cipher).map(|cipher| cipher.implementation()),
            ),
            Protection::Null { mac } => {
                (format!("none, {mac}"), provider.hmac(mac).map(|hmac| hmac.implementation()))
            }
            _ => (String::new(), None),
        };
        let (id, hash, by) = (suite.id, suite.prf_hash.to_string(), by.unwrap_or("none"));
        writeln!(text, "  {id:<50} {cipher:<23} {hash:<8} {by}")?;
    }
    writeln!(text, "\nGroups                                               by")?;
    for (group, by) in groups(provider) {
        writeln!(text, "  {group:<50} {by}")?;
    }
    writeln!(text, "\nSignature schemes                                    keys                    by")?;
    for scheme in provider.schemes() {
        let of_scheme: Vec<_> =
            provider.verifiers.iter().filter(|verifier| verifier.scheme() == scheme).collect();
        let kinds: Vec<KeyKind> = of_scheme.iter().map(|verifier| verifier.key_kind()).collect();
        let kinds = short(&kinds);
        let by = of_scheme.first().map_or("none", |verifier| verifier.implementation());
        writeln!(text, "  {scheme:<50} {kinds:<23} {by}")?;
    }
    writeln!(text, "\nPrivate keys                                         by")?;
    writeln!(text, "  {:<50} {}", "PKCS #8, PKCS #1, SEC 1; PEM or DER", provider.keys.implementation())
}

/// Prints `EC P-256, P-384, P-521` instead of repeating `EC`.
fn short(kinds: &[KeyKind]) -> String {
    let mut names = list(kinds, |kind| *kind);
    if kinds.len() > 1 && kinds.iter().all(|kind| kind.is_ecdsa()) {
        names = format!("EC {}", names.replace("EC ", ""));
    }
    names
}
