//! The client configuration of a command line.

use super::{args::Args, session_file::SessionFile};
use crate::{
    explain,
    failure::Failure,
    files::{self, Pair, Trusted},
    names::{compressions, with_renegotiate},
    provider::provider_for,
    psk::{self, Tls13Use},
    versions::need_tls13,
};
use alloc::sync::Arc;
use cairn_tls::{ClientConfig, ServerName, x509::CrlPolicy};

/// The configuration, and the trusted roots. `sessions` are those of earlier runs.
pub(super) fn config(
    args: &Args,
    name: &ServerName,
    sessions: Option<Arc<SessionFile>>,
) -> Result<(ClientConfig, Trusted), Failure> {
    let mut builder = ClientConfig::builder_with(provider_for(args.policy)?);
    if let Some(sessions) = sessions {
        builder = builder.sessions(sessions);
    }
    let mut trusted = Trusted::default();
    if args.insecure {
        builder = builder.danger_accept_any_certificate();
    } else if !args.ca.is_empty() || !args.trust_cert.is_empty() {
        trusted = Trusted::from_files(&args.ca, &args.trust_cert)?;
        builder = builder.trust(trusted.roots.clone());
    } else if (args.psk.is_none() || args.psk_with_certificates) && args.trust_key.is_empty() {
        trusted = Trusted::from_platform()?;
        builder = builder.trust(trusted.roots.clone());
    }
    if !args.crl.is_empty() {
        builder = builder.crls(files::crls(&args.crl)?, CrlPolicy::default());
    }
    for path in &args.trust_key {
        builder = builder
            .trust_raw_public_keys_pem_for(name, &files::read(path)?)
            .map_err(|error| files::refused(path, &error))?;
    }
    if let Some(path) = &args.raw_key {
        let key = files::key_file(path, &args.passphrases)?;
        builder = builder.raw_public_key_pem(&key).map_err(|error| files::refused(path, &error))?;
    }
    if let (Some(cert), Some(key)) = (&args.cert, &args.key) {
        let pair = Pair::read(cert, key, &args.passphrases)?;
        pair.warn_of_dates();
        builder =
            builder.credential_pem(&pair.cert_file, &pair.key_file).map_err(|error| pair.failure(&error))?;
    }
    if args.cert.is_some() || args.raw_key.is_some() {
        // The server decides when it asks for it.
        builder = builder.post_handshake_auth();
    }
    if args.any_authority {
        builder = builder.show_certificate_to_any_authority();
    }
    if let Some(stapling) = args.ocsp {
        builder = builder.stapling(stapling);
    }
    if args.delegated_credentials {
        need_tls13(args.versions()?, "--delegated-credentials", "has delegated credentials")?;
        builder = builder.accept_delegated_credentials();
    }
    if args.sct {
        builder = builder.ask_for_certificate_timestamps();
    }
    if !args.alpn.is_empty() {
        builder = builder.alpn(&args.alpn);
    } else if args.uses_http3() {
        builder = builder.alpn(["h3"]);
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
    if let Some(psk) = &args.psk {
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
    if args.psk_with_certificates {
        need_tls13(args.versions()?, "--psk-with-certificates", "uses a key and certificates together")?;
        builder = builder.external_psks_with_certificates();
    }
    if !args.groups.is_empty() {
        builder = builder.groups(&args.groups);
    }
    if let Some(length) = args.max_fragment_length {
        builder = builder.max_fragment_length(length);
    }
    if let Some(bytes) = args.record_size_limit {
        builder = builder.record_size_limit(bytes);
    }
    if args.legacy_server_connect {
        builder = builder.allow_insecure_renegotiation_peers();
    }
    if args.grease {
        builder = builder.grease();
    }
    if args.sends_early_requests() {
        builder = builder.early_data();
    }
    if args.early_data.is_some() {
        need_tls13(args.versions()?, "--early-data", "has early data")?;
        builder = builder.early_data();
    }
    if args.no_tickets {
        builder = builder.no_tickets();
    }
    builder = builder.renegotiation(with_renegotiate(args.renegotiation, args.renegotiate));
    if let Some(path) = &args.key_log_file {
        builder = builder.key_log(Arc::new(files::key_log_at(path)?));
    } else if args.key_log {
        builder = builder.key_log(Arc::new(files::key_log()?));
    }
    let config = builder.build().map_err(|error| explain::config::failure(&error, args.floor.is_some()))?;
    Ok((config, trusted))
}
