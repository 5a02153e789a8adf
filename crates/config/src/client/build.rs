//! The last step: the parts of the builder are checked for consistency.

use super::{ClientConfig, ClientConfigBuilder, ClientCredentials, Inner, Trust};
use crate::{
    error::ConfigError,
    raw_keys,
    sessions::Sessions,
    suites::{Means, check_psks},
};
use alloc::sync::Arc;
use cairn_handshake::ExternalPskUse;
use cairn_schedule::Side;
use cairn_x509::{ChainVerifier, Holder, Roots, Stapling};

impl ClientConfigBuilder {
    /// Checks the parts for consistency and creates the configuration.
    ///
    /// # Errors
    /// [`ConfigError::NoTrust`], [`ConfigError::TwoKindsOfTrust`], [`ConfigError::CredentialsNeverUsed`],
    /// [`ConfigError::NoClock`], [`ConfigError::NoPsk`], [`ConfigError::StaplingUnchecked`],
    /// [`ConfigError::CrlsUnchecked`], [`ConfigError::RawKeysUnchecked`], [`ConfigError::PskReused`],
    /// [`ConfigError::Certificate`] and [`ConfigError::DelegatedKeyMismatch`] for a delegated credential,
    /// [`ConfigError::Policy`], or [`ConfigError::Crypto`] when the provider fails.
    pub fn build(self) -> Result<ClientConfig, ConfigError> {
        let Self {
            mut policy,
            suites,
            versions,
            key_shares,
            middlebox_compatibility,
            groups,
            signature_schemes,
            psks,
            external_psks,
            roots,
            without_roots,
            raw_keys,
            crls,
            any_raw_key,
            stapling,
            mut credentials,
            ask_for_credentials,
            credential_types,
            any_authority,
            mut sessions,
            resumption,
            context_id,
            common,
        } = self;
        let with_certificates = policy.tls13.external_psk_use == ExternalPskUse::WithCertificate;
        if with_certificates {
            // A certificate is never used with the PSK of a session (RFC 8773 section 7).
            sessions = Sessions::None;
        }
        let clock = common.clock()?;
        let has_roots = roots.as_ref().is_some_and(|roots| !roots.is_empty());
        let trusts_nobody = without_roots.is_none() && !has_roots && raw_keys.is_empty();
        let means = Means { psks: &psks, external_psks: external_psks.exist(), certificates: !trusts_nobody };
        let versions = versions.authenticated_by(&means);
        if versions.tls13() && suites.have_tls13() {
            policy = policy.with_tls13(suites.preset());
            policy.tls13.middlebox_compatibility = middlebox_compatibility;
            suites.set_tls13(&mut policy.tls13.suites);
        }
        if let Some(groups) = groups {
            policy.groups = groups;
            policy.choose_key_shares();
        }
        if let Some(key_shares) = key_shares
            && !policy.tls13.suites.is_empty()
        {
            policy.tls13.key_shares = key_shares;
        }
        policy.resumption = sessions.are_kept().then_some(resumption);
        policy.key_log = common.key_log.is_some();
        if without_roots.is_some() && !raw_keys.is_empty() {
            return Err(ConfigError::TwoKindsOfTrust);
        }
        if without_roots.is_none() && any_raw_key {
            return Err(ConfigError::RawKeysUnchecked);
        }
        policy.server_certificate_types =
            raw_keys::types(any_raw_key || !raw_keys.is_empty(), has_roots || without_roots.is_some());
        policy.client_certificate_types = credential_types.unwrap_or_else(|| credentials.types());
        policy.signature_schemes = suites.schemes(signature_schemes, &policy.provider);
        if versions.tls12() {
            policy.tls12.suites = suites.suites(Side::Client, &policy.provider, &policy.floor, &means);
            if !policy.tls13.suites.is_empty() {
                suites.omit_without_group(&mut policy.tls12.suites, &policy.groups);
            }
        } else {
            policy.tls12.suites.clear();
        }
        // Without trust, a client with external PSKs accepts only those in TLS 1.3.
        let only_psks = trusts_nobody && external_psks.exist() && !with_certificates;
        let sees_certificates = (!only_psks && !policy.tls13.suites.is_empty())
            || policy.tls12.suites.iter().any(|suite| suite.shows_certificate());
        policy.status_request = sees_certificates && stapling != Stapling::Ignore;
        // An OCSP response is not checked if chains are not verified here, and a raw public key has none.
        if stapling == Stapling::Require && (without_roots.is_some() || !raw_keys.is_empty()) {
            return Err(ConfigError::StaplingUnchecked);
        }
        if crls.is_some() && !has_roots {
            return Err(ConfigError::CrlsUnchecked);
        }
        check_psks(&policy.tls12.suites, &psks)?;
        if versions.tls12() && versions.tls13() {
            external_psks.check_other_version(&psks)?;
        }
        if versions.tls13() {
            policy.tls13.external_psks = external_psks.into_offered();
        }
        policy.check()?;
        credentials.verify_delegated(Holder::Client, &policy.provider, clock.now())?;
        let credentials = match ask_for_credentials {
            false => ClientCredentials::Own { credentials, any_authority },
            true if credentials.is_empty() => ClientCredentials::Ask,
            true => return Err(ConfigError::CredentialsNeverUsed),
        };
        let trust = match (without_roots, roots) {
            (Some(_), Some(_)) => return Err(ConfigError::TwoKindsOfTrust),
            (Some(trust), None) => trust,
            (None, Some(roots)) if !roots.is_empty() => {
                let mut verifier = ChainVerifier::new(&policy.provider, roots);
                if let Some((crls, policy)) = crls {
                    verifier = verifier.with_crls(crls, policy);
                }
                let verifier = Arc::new(match policy.certificate_signature_schemes.as_slice() {
                    [] => verifier,
                    schemes => verifier.with_certificate_schemes(schemes),
                });
                Trust::Known { verifier, raw_keys }
            }
            // Certificates cannot be verified then. With raw public keys the type X.509 is not offered; with
            // external PSKs alone, every certificate is rejected.
            (None, _)
                if !raw_keys.is_empty() || (!policy.tls13.external_psks.is_empty() && !sees_certificates) =>
            {
                let verifier = Arc::new(ChainVerifier::new(&policy.provider, Roots::new()));
                Trust::Known { verifier, raw_keys }
            }
            (None, _) if sees_certificates => return Err(ConfigError::NoTrust),
            // No server could be authenticated.
            (None, _) => Trust::Ask,
        };
        let mut inner = Inner {
            provider: Arc::new(policy.provider.clone()),
            policy: Arc::new(policy),
            trust,
            stapling,
            credentials,
            psks,
            sessions,
            context_id,
            session_scope: [].into(),
            clock,
            key_log: common.key_log,
        };
        inner.bind_sessions()?;
        Ok(ClientConfig { inner: Arc::new(inner) })
    }
}
