//! The server configurations of a command line.

use super::{args::Args, delegate::with_delegated};
use crate::{
    explain,
    failure::{Code, Failure},
    files::{self, Pair, Trusted},
    names::{compressions, list, with_renegotiate},
    output::warn,
    provider::provider_for,
    psk::{self, Tls13Use},
    versions::need_tls13,
};
use alloc::sync::Arc;
use cairn_tls::{
    ConfigError, KeyLogFile, ServerConfig, ServerConfigBuilder, TicketCounts, Versions,
    crypto::KeyKind,
    wire::{Decode, List, Reader, SerializedSct},
    x509::{CrlPolicy, Roots},
};
use zeroize::Zeroizing;

/// The application protocols of --http.
const SPOKEN: [&str; 2] = ["http/1.1", "http/1.0"];

/// The result of reading the command line.
pub(super) struct Configs {
    /// The configuration of the first handshake.
    pub(super) first: ServerConfig,
    /// The configuration of the renegotiation, if the client is asked for one.
    pub(super) later: Option<ServerConfig>,
    /// The configuration of HTTP/3, if it is spoken.
    #[cfg(feature = "http3")]
    pub(super) http3: Option<ServerConfig>,
    /// The authorities trusted for client certificates.
    pub(super) trusted: Trusted,
    /// The kinds of the keys in our certificates.
    pub(super) keys: Vec<KeyKind>,
}

/// The files that all configurations use. They are read once, because a passphrase may be asked for.
struct Opened<'a> {
    pairs: Vec<Pair<'a>>,
    /// The roots for client certificates.
    roots: Roots,
    /// The key of `--raw-key`, decrypted.
    raw_key: Option<Zeroizing<Vec<u8>>>,
    key_log: Option<Arc<KeyLogFile>>,
}

/// Reads all files and builds the configurations.
pub(super) fn configs(args: &Args) -> Result<Configs, Failure> {
    if args.cert.len() != args.key.len() {
        return Err(Failure::new(Code::Local, "each --cert needs a --key, in the same order")
            .hint("A file that holds both is named with both options."));
    }
    for (option, files) in [("--ocsp", &args.ocsp), ("--sct", &args.sct)] {
        if files.len() > args.cert.len() {
            let words = format!("each {option} belongs to a --cert, in the same order");
            return Err(Failure::new(Code::Local, words));
        }
    }
    let pairs = args.cert.iter().zip(&args.key);
    let pairs = pairs.map(|(cert, key)| Pair::read(cert, key, &args.passphrases));
    let pairs: Vec<Pair<'_>> = pairs.collect::<Result<_, _>>()?;
    pairs.iter().for_each(Pair::warn_of_dates);
    let trusted = Trusted::from_files(args.client_ca.as_slice(), &args.trust_client_cert)?;
    let raw_key = args.raw_key.as_ref().map(|path| files::key_file(path, &args.passphrases)).transpose()?;
    let key_log = if args.key_log { Some(Arc::new(files::key_log()?)) } else { None };
    let keys: Vec<KeyKind> = pairs.iter().filter_map(Pair::key_kind).collect();
    let opened = Opened { pairs, roots: trusted.roots.clone(), raw_key, key_log };
    warn_of_protocols(args);
    let protocols = protocols(args);
    let config = |protocols: &[&str], asks| config(args, &opened, asks, protocols);
    let first = config(&protocols, !args.renegotiate)?;
    warn_of_static_rsa(&first, &keys);
    let later = if args.renegotiate { Some(config(&protocols, true)?) } else { None };
    Ok(Configs {
        first,
        later,
        #[cfg(feature = "http3")]
        http3: if args.http3 { Some(config(&["h3"], true)?) } else { None },
        trusted,
        keys,
    })
}

/// Warns if an RSA key also decrypts premaster secrets of TLS 1.2, because a fault there would let an
/// attacker impersonate the server in TLS 1.3 (RFC 9846 appendix F.10).
fn warn_of_static_rsa(config: &ServerConfig, keys: &[KeyKind]) {
    if config.policy().mixes_static_rsa_with_tls13() && keys.contains(&KeyKind::Rsa) {
        warn(
            "the RSA key serves TLS 1.3, and the RSA key exchange of TLS 1.2 uses it too: a fault there \
            would let an attacker impersonate this server in TLS 1.3 (RFC 9846 appendix F.10); \
            --policy compatible has no such suites, and --tls 1.2 does without TLS 1.3",
        );
    }
}

/// The application protocols to accept; with --http only its own.
fn protocols(args: &Args) -> Vec<&str> {
    let named = args.alpn.iter().map(String::as_str);
    if !args.http || args.alpn.is_empty() {
        return named.collect();
    }
    let spoken: Vec<&str> = named.filter(|name| SPOKEN.contains(name)).collect();
    if spoken.is_empty() { SPOKEN.into() } else { spoken }
}

fn warn_of_protocols(args: &Args) {
    let unspoken: Vec<&str> =
        args.alpn.iter().map(String::as_str).filter(|name| args.http && !SPOKEN.contains(name)).collect();
    if !unspoken.is_empty() {
        warn(format_args!(
            "--alpn: --http does not speak {}; offered instead: {}",
            list(&unspoken, ToString::to_string),
            list(&protocols(args), ToString::to_string)
        ));
    }
}

/// Adds the files of `--sct` and `--ocsp` for the certificate with this number to the last credential.
fn with_statements(
    mut builder: ServerConfigBuilder,
    args: &Args,
    number: usize,
) -> Result<ServerConfigBuilder, Failure> {
    if let Some(path) = args.sct.get(number) {
        builder = with_timestamps(builder, &files::read(path)?).map_err(|error| files::about(path, error))?;
    }
    if let Some(path) = args.ocsp.get(number) {
        builder = builder.ocsp_response(&files::read(path)?).map_err(|error| files::refused(path, &error))?;
    }
    Ok(builder)
}

/// Adds a `SignedCertificateTimestampList`.
fn with_timestamps(builder: ServerConfigBuilder, file: &[u8]) -> Result<ServerConfigBuilder, String> {
    let mut reader = Reader::new(file);
    let list = reader
        .vec16(1, u16::MAX.into(), "SignedCertificateTimestampList")
        .and_then(|mut list| List::<SerializedSct<'_>>::decode(&mut list));
    let list = list.and_then(|list| reader.finish("end of the list").map(|()| list));
    let timestamps: Vec<&[u8]> =
        list.map_err(|error| error.to_string())?.iter().map(|timestamp| timestamp.0).collect();
    builder.certificate_timestamps(&timestamps).map_err(|error| error.to_string())
}

/// Adds the keys of `--psk`.
fn with_psks(mut builder: ServerConfigBuilder, args: &Args) -> Result<ServerConfigBuilder, Failure> {
    for psk in &args.psk {
        let (identity, key) = (psk.identity.as_bytes(), psk.key.expose());
        let used = psk::of(args.versions()?, args.psk_import.as_deref())?;
        if used.tls12 {
            builder = builder.psk(identity, key)?;
        }
        builder = match used.tls13 {
            Some(Tls13Use::Plain) => builder.external_psk(identity, key, psk::HASH)?,
            Some(Tls13Use::Imported(context)) => builder.imported_psk(identity, key, context)?,
            None => builder,
        };
    }
    Ok(builder)
}

/// Builds one configuration, with or without a request for client certificates.
fn config(
    args: &Args,
    opened: &Opened<'_>,
    asks_for_certificates: bool,
    protocols: &[&str],
) -> Result<ServerConfig, Failure> {
    let pairs = &opened.pairs;
    let provider = provider_for(args.policy)?;
    let mut builder = ServerConfig::builder_with(provider.clone());
    if args.delegate {
        need_tls13(args.versions()?, "--delegate", "has delegated credentials")?;
    }
    for (number, pair) in pairs.iter().enumerate() {
        if args.delegate {
            builder = with_delegated(builder, pair, &provider)?;
            builder = with_statements(builder, args, number)?;
        }
        builder =
            builder.credential_pem(&pair.cert_file, &pair.key_file).map_err(|error| pair.failure(&error))?;
        builder = with_statements(builder, args, number)?;
    }
    if let (Some(path), Some(key)) = (&args.raw_key, &opened.raw_key) {
        builder = builder.raw_public_key_pem(key).map_err(|error| files::refused(path, &error))?;
    }
    if asks_for_certificates && args.asks_for_certificates() {
        let roots = opened.roots.clone();
        if let Some(path) = &args.trust_key {
            builder = builder
                .trust_client_raw_public_keys_pem(&files::read(path)?)
                .map_err(|error| files::refused(path, &error))?;
        }
        if !args.crl.is_empty() {
            builder = builder.client_crls(files::crls(&args.crl)?, CrlPolicy::default());
        }
        builder = match (args.ask_later, args.require_client_cert) {
            (false, true) => builder.require_client_certificates(roots),
            (false, false) => builder.request_client_certificates(roots),
            (true, true) => builder.require_client_certificates_later(roots),
            (true, false) => builder.request_client_certificates_later(roots),
        };
    }
    if !protocols.is_empty() {
        builder = builder.alpn(protocols);
    }
    if !args.suites.is_empty() {
        builder = builder.suites(&args.suites)?;
    }
    if let Some(policy) = args.policy {
        builder = builder.policy(policy);
    }
    if !args.compress_certificates.is_empty() {
        need_tls13(args.versions()?, "--compress-certificates", "compresses certificates")?;
    }
    builder =
        builder.versions(args.versions()?).certificate_compression(compressions(&args.compress_certificates));
    if let Some(floor) = args.floor {
        builder = builder.floor(floor);
    }
    builder = with_psks(builder, args)?;
    if args.psk_with_certificates {
        need_tls13(args.versions()?, "--psk-with-certificates", "uses a key and certificates together")?;
        builder = builder.external_psks_with_certificates();
    }
    if args.psk_hide_identities {
        if args.versions()? == Versions::Tls13 {
            let words = "--psk-hide-identities: this setting is for TLS 1.2";
            return Err(Failure::new(Code::Local, words).hint(
                "In TLS 1.3, a server without --cert hides identities by itself, and one with --cert cannot.",
            ));
        }
        builder = builder.hide_psk_identities();
    }
    if !args.groups.is_empty() {
        builder = builder.groups(&args.groups);
    }
    if let Some(bytes) = args.record_size_limit {
        builder = builder.record_size_limit(bytes);
    }
    if args.tickets.is_some() {
        builder = builder.own_tickets();
    }
    if let Some(Some(number)) = args.tickets {
        let by_default = TicketCounts::default();
        let max_requested = by_default.max_requested.max(number);
        builder = builder.ticket_counts(TicketCounts { full: number, resumed: number, max_requested });
    }
    if let Some(bytes) = args.early_data {
        need_tls13(args.versions()?, "--early-data", "has early data")?;
        builder = builder.early_data(bytes);
    }
    if args.no_resumption {
        builder = builder.no_resumption();
    }
    builder = builder.renegotiation(with_renegotiate(args.renegotiation, args.renegotiate));
    if let Some(key_log) = &opened.key_log {
        builder = builder.key_log(Arc::<KeyLogFile>::clone(key_log));
    }
    builder.build().map_err(|error| {
        let failure = explain::config::failure(&error, args.floor.is_some());
        if !matches!(error, ConfigError::NoSuiteForCredentials) {
            return failure;
        }
        let keys: Vec<KeyKind> = pairs.iter().filter_map(Pair::key_kind).collect();
        let failure = pairs.iter().filter_map(Pair::limits).fold(failure, Failure::hint);
        failure.hint(format!(
            "The certificates have keys of {}: an RSA key serves suites with RSA in their names, every other \
            key those with ECDSA; --suites or --policy names the suites.",
            list(&keys, ToString::to_string)
        ))
    })
}
