//! The last step: the parts of the builder are checked for consistency.

use super::{ClientTrust, Inner, ServerConfig, ServerConfigBuilder, ServerCredentials, TicketSource};
use crate::{
    binding::{self, Parts, PeerVerification},
    error::ConfigError,
    raw_keys,
    sessions::Sessions,
    suites::{Means, check_psks},
    versions::Versions,
};
use alloc::sync::Arc;
use cairn_crypto::HashAlgorithm;
use cairn_handshake::{ClientAuthentication, ExternalPskUse, ResumptionPolicy};
use cairn_schedule::Side;
#[cfg(feature = "std")]
use cairn_session::ReplayWindow;
use cairn_session::{TicketKey, Tickets};
use cairn_x509::{ChainVerifier, Holder};
#[cfg(feature = "std")]
use core::time::Duration;

/// The hellos with early data that are remembered in each window of time, by default.
#[cfg(feature = "std")]
const REMEMBERED: usize = 10_000;

impl ServerConfigBuilder {
    /// Checks the parts for consistency and creates the configuration.
    ///
    /// # Errors
    /// [`ConfigError::NoCredential`], [`ConfigError::CredentialsNeverUsed`],
    /// [`ConfigError::NoSuiteForCredentials`], [`ConfigError::NoClientTrust`],
    /// [`ConfigError::TwoKindsOfTrust`], [`ConfigError::ClientsNotAsked`], [`ConfigError::RawKeysUnchecked`],
    /// [`ConfigError::LaterWithoutTls13`], [`ConfigError::CrlsUnchecked`], [`ConfigError::NoClock`],
    /// [`ConfigError::NoPsk`], [`ConfigError::PskReused`], [`ConfigError::PsksWithoutCertificates`],
    /// [`ConfigError::ExternalPsksNeverUsed`], [`ConfigError::ReplayWindowTooShort`],
    /// [`ConfigError::TicketsUnsupported`], [`ConfigError::Certificate`] and
    /// [`ConfigError::DelegatedKeyMismatch`] for a delegated credential, [`ConfigError::Policy`], or
    /// [`ConfigError::Crypto`] when the provider fails.
    pub fn build(self) -> Result<ServerConfig, ConfigError> {
        let Self {
            mut policy,
            suites,
            signature_schemes,
            psks,
            external_psks,
            mut credentials,
            ask_for_credentials,
            client_roots,
            client_crls,
            client_raw_keys,
            any_raw_key,
            ask_for_verification,
            ..
        } = self;
        let clock = self.common.clock()?;
        let has_credentials = ask_for_credentials || !credentials.is_empty();
        let means = Means {
            psks: &psks,
            external_psks: external_psks.exist() || self.ask_for_external_psks,
            certificates: has_credentials,
        };
        let versions = self.versions.authenticated_by(&means);
        if versions.tls13() && suites.have_tls13() {
            policy = policy.with_tls13(suites.preset());
            suites.set_tls13(&mut policy.tls13.suites);
        }
        if let Some(groups) = self.groups {
            policy.groups = groups;
        }
        let issues_tickets = !matches!(self.tickets, TicketSource::Nobody);
        let is_resuming = self.sessions.are_kept() || issues_tickets;
        policy.resumption =
            is_resuming.then_some(ResumptionPolicy { tickets: issues_tickets, ..self.resumption });
        policy.key_log = self.common.key_log.is_some();
        policy.signature_schemes = suites.schemes(signature_schemes, &policy.provider);
        if versions.tls12() {
            policy.tls12.suites = suites.suites(Side::Server, &policy.provider, &policy.floor, &means);
            if !policy.tls13.suites.is_empty() {
                suites.omit_without_group(&mut policy.tls12.suites, &policy.groups);
            }
        } else {
            policy.tls12.suites.clear();
        }
        check_psks(&policy.tls12.suites, &psks)?;
        if versions.tls12() && versions.tls13() {
            external_psks.check_other_version(&psks)?;
        }
        let with_certificates = policy.tls13.external_psk_use == ExternalPskUse::WithCertificate;
        let has_external_psks = external_psks.exist() || self.ask_for_external_psks;
        policy.tls13.external_psks = !policy.tls13.suites.is_empty() && has_external_psks;
        if policy.tls13.external_psks {
            let must_ask = matches!(policy.client_authentication, ClientAuthentication::Require { .. });
            if must_ask && !with_certificates {
                return Err(ConfigError::PsksWithoutCertificates);
            }
            let caller_answers =
                matches!(self.tickets, TicketSource::Caller) || matches!(self.sessions, Sessions::Ask);
            if caller_answers && external_psks.exist() {
                return Err(ConfigError::ExternalPsksNeverUsed);
            }
            if !has_credentials && !with_certificates {
                // RFC 9846 section 4.3.11: a PSK has a hash "or default to SHA-256 if no such algorithm is
                // defined."
                let hash =
                    external_psks.as_slice().first().map_or(HashAlgorithm::Sha256, |psk| psk.psk.hash());
                policy.tls13.only_psks = Some(hash);
            }
        }
        // Clients of both versions would negotiate TLS 1.3 and fail, if every key of ours serves TLS 1.2
        // alone.
        if versions == Versions::Both
            && !policy.tls13.external_psks
            && !policy.tls12.suites.is_empty()
            && !credentials.is_empty()
            && !credentials.iter().any(|credential| policy.can_serve_tls13_with(credential))
        {
            policy.tls13.suites.clear();
        }
        policy.check()?;
        let by_psk = policy.tls13.external_psks && !with_certificates;
        let shows_certificate = (!policy.tls13.suites.is_empty() && !by_psk)
            || policy.tls12.suites.iter().any(|suite| suite.shows_certificate());
        if !has_credentials && shows_certificate {
            return Err(ConfigError::NoCredential);
        }
        credentials.verify_delegated(Holder::Server, &policy.provider, clock.now())?;
        let credentials = match ask_for_credentials {
            false => ServerCredentials::Own(credentials),
            true if credentials.is_empty() => ServerCredentials::Ask,
            true => return Err(ConfigError::CredentialsNeverUsed),
        };
        if let ServerCredentials::Own(credentials) = &credentials
            && !credentials.is_empty()
            && !policy.can_serve_without_credential()
            && !credentials.iter().any(|credential| policy.can_serve_with(credential))
        {
            return Err(ConfigError::NoSuiteForCredentials);
        }
        let has_roots = client_roots.as_ref().is_some_and(|roots| !roots.is_empty());
        if ask_for_verification && !client_raw_keys.is_empty() {
            return Err(ConfigError::TwoKindsOfTrust);
        }
        if any_raw_key && !ask_for_verification {
            return Err(ConfigError::RawKeysUnchecked);
        }
        policy.client_certificate_types =
            raw_keys::types(any_raw_key || !client_raw_keys.is_empty(), has_roots || ask_for_verification);
        if client_crls.is_some() && !has_roots {
            return Err(ConfigError::CrlsUnchecked);
        }
        let later = &policy.tls13.post_handshake_authentication;
        if *later != ClientAuthentication::None && !versions.tls13() {
            return Err(ConfigError::LaterWithoutTls13);
        }
        // Either one says that clients are asked.
        let asked = match &policy.client_authentication {
            ClientAuthentication::None => later,
            in_handshake => in_handshake,
        };
        let client_trust = match (asked, ask_for_verification, client_roots) {
            (ClientAuthentication::None, true, _) => return Err(ConfigError::ClientsNotAsked),
            (ClientAuthentication::None, false, _) => ClientTrust::NotAsked,
            (_, true, Some(_)) => return Err(ConfigError::TwoKindsOfTrust),
            (_, true, None) => ClientTrust::Ask,
            (_, false, Some(roots)) if !roots.is_empty() || !client_raw_keys.is_empty() => {
                let verifier = ChainVerifier::new(&policy.provider, roots);
                let verifier = match client_crls {
                    Some((crls, policy)) => verifier.with_crls(crls, policy),
                    None => verifier,
                };
                ClientTrust::Known { verifier, raw_keys: client_raw_keys }
            }
            _ => return Err(ConfigError::NoClientTrust),
        };
        let asks: &[u8] = match policy.client_authentication {
            ClientAuthentication::None => b"clients are not asked",
            ClientAuthentication::Request { .. } => b"clients are asked",
            ClientAuthentication::Require { .. } => b"clients must show a certificate",
        };
        let binding = Parts {
            role: "server",
            provider: &policy.provider,
            context_id: self.context_id.as_deref(),
            peer_verification: match &client_trust {
                ClientTrust::NotAsked => PeerVerification::NoCertificates,
                ClientTrust::Known { verifier, .. } => PeerVerification::Verifier(verifier),
                ClientTrust::Ask => PeerVerification::Caller,
            },
            raw_keys: match &client_trust {
                ClientTrust::Known { raw_keys, .. } => Some(raw_keys),
                ClientTrust::NotAsked | ClientTrust::Ask => None,
            },
            settings: &[asks],
            credentials: match &credentials {
                ServerCredentials::Own(credentials) => Some(binding::names(credentials)),
                ServerCredentials::Ask => None,
            },
            psks: &psks,
            external_psks: external_psks.as_slice(),
            ask_for_external_psks: self.ask_for_external_psks,
        }
        .binding()?;
        if let Some(resumption) = &mut policy.resumption {
            resumption.binding = binding;
            resumption.unverified_peers = matches!(client_trust, ClientTrust::Ask);
        }
        let provider = Arc::new(policy.provider.clone());
        let tickets = match self.tickets {
            TicketSource::Keys(_) if !TicketKey::is_supported_by(&provider) => {
                return Err(ConfigError::TicketsUnsupported);
            }
            TicketSource::Keys(keys) => {
                Some(Tickets::new(Arc::clone(&provider), keys).with_lifetime(self.resumption.lifetime))
            }
            TicketSource::Nobody | TicketSource::Caller => None,
        };
        // The window does not know earlier hellos, so it accepts none for its own length, which starts now.
        #[cfg(feature = "std")]
        let replay_window = match policy.tls13.early_data {
            Some(early) => {
                let window = self.replay_window.unwrap_or_else(|| Arc::new(ReplayWindow::new(REMEMBERED)));
                if window.window() < Duration::from_millis(u64::from(early.window)).saturating_mul(2) {
                    return Err(ConfigError::ReplayWindowTooShort);
                }
                window.record(&[], clock.now());
                Some(window)
            }
            None => None,
        };
        Ok(ServerConfig {
            inner: Arc::new(Inner {
                provider,
                policy: Arc::new(policy),
                credentials,
                psks,
                external_psks: external_psks.into_table(),
                ask_for_external_psks: self.ask_for_external_psks,
                hide_psk_identities: self.hide_psk_identities,
                client_trust,
                sessions: self.sessions,
                tickets,
                #[cfg(feature = "std")]
                replay_window,
                clock,
                key_log: self.common.key_log,
            }),
        })
    }
}
