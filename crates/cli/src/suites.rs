//! `cairn suites`: the supported suites, groups and signature schemes, and their providers.

use crate::{
    failure::Failure,
    names::{self, list},
    output::{heading, print},
    provider::{Named, providers_for},
};
use cairn_tls::{
    Policy, Protection, Provider, SUITES, TLS13_SUITES, Tls12Suite, Tls13Suite, Versions,
    crypto::{Algorithm, KeyKind},
    wire::{NamedGroup, SignatureScheme},
};
use core::fmt::{self, Write};

/// List the supported cipher suites, groups and signature schemes, and their providers.
///
/// Cipher suites of both versions, groups and signature schemes, each in order of preference, by their IANA
/// names. If the build has more than one provider, each has its own tables.
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
    /// Only suites and groups of these versions of TLS: 1.2, 1.3 or both.
    #[arg(long, value_name = "VERSIONS", value_parser = names::versions, default_value = "both")]
    tls: Versions,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Table {
    Suites,
    Groups,
    Schemes,
}

/// The lists to print.
struct Lists<'a> {
    provider: &'a Provider,
    tls12: Vec<&'static Tls12Suite>,
    tls13: Vec<&'static Tls13Suite>,
    groups: Vec<NamedGroup>,
    schemes: Vec<SignatureScheme>,
}

impl<'a> Lists<'a> {
    fn new(args: &Args, provider: &'a Provider) -> Self {
        let (has_tls12, has_tls13) = (args.tls != Versions::Tls13, args.tls != Versions::Tls12);
        let tls12: Vec<&'static Tls12Suite> = match args.policy {
            _ if !has_tls12 => Vec::new(),
            _ if args.all => SUITES.iter().collect(),
            Some(policy) => policy.suites().collect(),
            // The suites that a configuration starts with.
            None => Policy::default().suites().filter(|suite| !suite.uses_psk()).collect(),
        };
        let tls13: Vec<&'static Tls13Suite> = match args.policy {
            _ if !has_tls13 => Vec::new(),
            _ if args.all => TLS13_SUITES.iter().collect(),
            policy => policy.unwrap_or_default().supported_tls13_suites(provider).collect(),
        };
        let groups = provider.groups.iter().map(|group| group.group());
        let schemes = provider.schemes().into_iter();
        Self {
            provider,
            tls12,
            tls13,
            groups: groups.filter(|group| has_tls13 || !is_for_tls13_only(*group)).collect(),
            schemes: schemes
                .filter(|scheme| has_tls12 && is_in_tls12(*scheme) || has_tls13 && is_in_tls13(*scheme))
                .collect(),
        }
    }

    fn names(&self, table: Table) -> Vec<String> {
        match table {
            Table::Suites => {
                let tls13 = self.tls13.iter().map(|suite| suite.id);
                tls13.chain(self.tls12.iter().map(|suite| suite.id)).map(|id| id.to_string()).collect()
            }
            Table::Groups => self.groups.iter().map(ToString::to_string).collect(),
            Table::Schemes => self.schemes.iter().map(ToString::to_string).collect(),
        }
    }
}

/// ML-KEM, alone or in a hybrid: TLS 1.2 has no message for its ciphertext.
fn is_for_tls13_only(group: NamedGroup) -> bool {
    group.is_post_quantum()
}

/// Whether CertificateVerify of TLS 1.3 may have this scheme.
fn is_in_tls13(scheme: SignatureScheme) -> bool {
    KeyKind::for_certificate_verify(scheme).is_some()
}

/// Whether TLS 1.2 can sign with this scheme: with all but ML-DSA (draft-ietf-tls-mldsa).
fn is_in_tls12(scheme: SignatureScheme) -> bool {
    !matches!(scheme, SignatureScheme::MLDSA44 | SignatureScheme::MLDSA65 | SignatureScheme::MLDSA87)
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let providers = providers_for(args.policy)?;
    if let Some(table) = args.names {
        let names = providers.iter().flat_map(|named| Lists::new(args, &named.provider).names(table));
        let mut lines: Vec<String> = Vec::new();
        for name in names {
            if !lines.contains(&name) {
                lines.push(name);
            }
        }
        return print(lines.iter().map(|name| format!("{name}\n")).collect::<String>());
    }
    let mut text = String::new();
    for Named { name, provider } in &providers {
        if providers.len() > 1 {
            text.push_str(&format!("{}Provider {name}\n\n", if text.is_empty() { "" } else { "\n" }));
        }
        // Writing to a string cannot fail.
        let _always = write_tables(&mut text, &Lists::new(args, provider));
    }
    print(text)
}

/// The implementation of an algorithm.
fn by<A: Algorithm + ?Sized>(algorithm: Option<&alloc::sync::Arc<A>>) -> &'static str {
    algorithm.map_or("none", |algorithm| algorithm.implementation())
}

fn write_tables(text: &mut String, lists: &Lists<'_>) -> fmt::Result {
    write_suites(text, lists)?;
    let provider = lists.provider;
    writeln!(
        text,
        "{}",
        heading("Groups                                             combines                quantum    by")
    )?;
    for group in &lists.groups {
        let parts = group.components().map(|parts| list(&parts, ToString::to_string)).unwrap_or_default();
        let quantum = if group.is_post_quantum() { "resistant" } else { "-" };
        writeln!(text, "  {group:<48} {parts:<23} {quantum:<10} {}", by(provider.group(*group)))?;
    }
    writeln!(
        text,
        "\n{}",
        heading("Signature schemes                                  keys                    signs      by")
    )?;
    for scheme in &lists.schemes {
        let of_scheme: Vec<_> =
            provider.verifiers.iter().filter(|verifier| verifier.scheme() == *scheme).collect();
        let kinds: Vec<KeyKind> = of_scheme.iter().map(|verifier| verifier.key_kind()).collect();
        let (kinds, by) = (short(&kinds), by(of_scheme.first().copied()));
        let signs = match (is_in_tls12(*scheme), is_in_tls13(*scheme)) {
            (true, true) => "1.2, 1.3",
            (true, false) => "1.2",
            (false, _) => "1.3",
        };
        writeln!(text, "  {scheme:<48} {kinds:<23} {signs:<10} {by}")?;
    }
    writeln!(
        text,
        "\n{}",
        heading("Private keys                                                                          by")
    )?;
    let forms = "PKCS #8, PKCS #1, SEC 1; PEM or DER";
    writeln!(text, "  {forms:<83} {}", provider.keys.implementation())?;
    writeln!(
        text,
        "\nA group that combines two others is as strong as the stronger one. ML-KEM resists a quantum\n\
         computer and needs TLS 1.3. Schemes for TLS 1.2 may also sign the certificates of TLS 1.3."
    )
}

fn write_suites(text: &mut String, lists: &Lists<'_>) -> fmt::Result {
    let provider = lists.provider;
    if !lists.tls13.is_empty() {
        writeln!(
            text,
            "{}",
            heading(
                "Cipher suites of TLS 1.3                           cipher                  hash       by"
            )
        )?;
    }
    for Tls13Suite { id, aead, hash } in &lists.tls13 {
        let (cipher, hash, by) = (aead.to_string(), hash.to_string(), by(provider.aead(*aead)));
        writeln!(text, "  {id:<48} {cipher:<23} {hash:<10} {by}")?;
    }
    if !lists.tls13.is_empty() {
        writeln!(text)?;
    }
    if !lists.tls12.is_empty() {
        writeln!(
            text,
            "{}",
            heading(
                "Cipher suites of TLS 1.2                           cipher                  PRF        by"
            )
        )?;
    }
    for suite in &lists.tls12 {
        let (cipher, by) = match suite.protection {
            Protection::Aead { algorithm, .. } => (algorithm.to_string(), by(provider.aead(algorithm))),
            Protection::Cbc { cipher, mac, .. } => {
                (format!("{cipher}, {mac}"), by(provider.block_cipher(cipher)))
            }
            Protection::Null { mac } => (format!("none, {mac}"), by(provider.hmac(mac))),
            _ => (String::new(), "none"),
        };
        let (id, hash) = (suite.id, suite.prf_hash.to_string());
        writeln!(text, "  {id:<48} {cipher:<23} {hash:<10} {by}")?;
    }
    if lists.tls12.is_empty() { Ok(()) } else { writeln!(text) }
}

/// Prints `EC P-256, P-384, P-521` instead of repeating `EC`.
fn short(kinds: &[KeyKind]) -> String {
    let mut names = list(kinds, |kind| *kind);
    if kinds.len() > 1 && kinds.iter().all(|kind| kind.is_ecdsa()) {
        names = format!("EC {}", names.replace("EC ", ""));
    }
    names
}
