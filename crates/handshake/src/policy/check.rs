//! Checks of policies: reports faults that would make every handshake fail, before the first handshake.

use super::{
    ClientAuthentication, ClientPolicy, ExternalPskUse, ResumptionPolicy, ServerPolicy,
    error::PolicyError,
    lists::{MAX_LIST, check_list},
    suites::{check_suites, has_group_for, is_signed},
};
use crate::{
    ext::{certificate_type, record_size_limit},
    kx::{ffdhe, key_fits},
    record_sizes::MAX_PLAINTEXT,
};
use alloc::vec::Vec;
use cairn_crypto::Provider;
use cairn_schedule::{Side, Tls12Suite};
use cairn_wire::{CertificateType, NamedGroup, SignatureScheme};

impl ClientPolicy {
    /// Checks whether the policy can work: the provider supports all of it, each list fits into its message,
    /// and the parts are consistent.
    ///
    /// The machine does not call this; it is for the creator of a policy. With an inconsistent policy the
    /// handshake fails with `internal_error`, or because nothing is in common.
    ///
    /// # Errors
    /// [`PolicyError`]: the first inconsistency.
    pub fn check(&self) -> Result<(), PolicyError> {
        if self.tls12.suites.is_empty() && self.tls13.suites.is_empty() {
            return Err(PolicyError::NoSuites);
        }
        check_suites(Side::Client, &self.tls12.suites, &self.provider, &self.floor)?;
        self.check_tls13()?;
        check_groups(&self.tls12.suites, &self.groups, &self.provider)?;
        if !self.tls13.suites.is_empty() || self.tls12.suites.iter().any(|suite| is_signed(suite)) {
            check_schemes(&self.signature_schemes, &self.provider)?;
        }
        if !self.certificate_signature_schemes.is_empty() {
            check_schemes(&self.certificate_signature_schemes, &self.provider)?;
        }
        for suite in self.tls12.suites.iter().filter(|suite| is_signed(suite)) {
            let served = self.provider.verifiers.iter().any(|verifier| {
                self.signature_schemes.contains(&verifier.scheme())
                    && key_fits(suite.authentication, verifier.key_kind())
            });
            if !served {
                return Err(PolicyError::SuiteWithoutScheme(suite.id));
            }
        }
        check_certificate_types(&self.server_certificate_types)?;
        check_certificate_types(&self.client_certificate_types)?;
        check_protocols(&self.alpn_protocols)?;
        check_record_size_limit(self.record_size_limit)?;
        check_resumption(self.resumption.as_ref())
    }
}

impl ServerPolicy {
    /// Checks whether the policy can work: the provider supports all of it, each list fits into its message,
    /// and the parts are consistent.
    ///
    /// The machine does not call this; it is for the creator of a policy. With an inconsistent policy the
    /// handshake fails with `internal_error`, or because nothing is in common.
    ///
    /// # Errors
    /// [`PolicyError`]: the first inconsistency.
    pub fn check(&self) -> Result<(), PolicyError> {
        if self.tls12.suites.is_empty() && self.tls13.suites.is_empty() {
            return Err(PolicyError::NoSuites);
        }
        check_suites(Side::Server, &self.tls12.suites, &self.provider, &self.floor)?;
        self.check_tls13()?;
        if self.floor.authenticated_peer && self.client_authentication == ClientAuthentication::None {
            let by_psk = self.tls13.external_psks && self.tls13.external_psk_use == ExternalPskUse::Alone;
            let tls12 = self.tls12.suites.iter().filter(|suite| !suite.uses_psk()).map(|suite| suite.id);
            let tls13 = self.tls13.suites.iter().filter(|_| !by_psk).map(|suite| suite.id);
            if let Some(suite) = tls12.chain(tls13).next() {
                return Err(PolicyError::ClientsNotAuthenticated(suite));
            }
        }
        check_groups(&self.tls12.suites, &self.groups, &self.provider)?;
        check_certificate_types(&self.client_certificate_types)?;
        let authentications = [&self.client_authentication, &self.tls13.post_handshake_authentication];
        for authorities in authentications.into_iter().filter_map(ClientAuthentication::authorities) {
            check_schemes(&self.signature_schemes, &self.provider)?;
            for name in authorities {
                if name.is_empty() || name.len() > MAX_LIST {
                    return Err(PolicyError::AuthorityLength { length: name.len() });
                }
            }
            check_list(
                "certificate_authorities",
                authorities.iter().map(|name| name.len().saturating_add(2)),
            )?;
        }
        check_protocols(&self.alpn_protocols)?;
        check_record_size_limit(self.record_size_limit)?;
        check_resumption(self.resumption.as_ref())
    }
}

fn check_groups(
    suites: &[&'static Tls12Suite],
    groups: &[NamedGroup],
    provider: &Provider,
) -> Result<(), PolicyError> {
    if !suites.iter().all(|suite| has_group_for(suite, groups)) {
        return Err(PolicyError::NoGroups);
    }
    check_list("supported_groups", groups.iter().map(|_| 2))?;
    let offered = |group: NamedGroup| {
        provider.group(group).is_some()
            || (ffdhe::by_name(group).is_some() && provider.finite_field.is_some())
    };
    match groups.iter().find(|group| !offered(**group)) {
        Some(group) => Err(PolicyError::GroupNotInProvider(*group)),
        None => Ok(()),
    }
}

fn check_schemes(schemes: &[SignatureScheme], provider: &Provider) -> Result<(), PolicyError> {
    if schemes.is_empty() {
        return Err(PolicyError::NoSignatureSchemes);
    }
    check_list("signature_algorithms", schemes.iter().map(|_| 2))?;
    let known = |scheme| provider.verifiers.iter().any(|verifier| verifier.scheme() == scheme);
    match schemes.iter().find(|scheme| !known(**scheme)) {
        Some(scheme) => Err(PolicyError::SchemeNotInProvider(*scheme)),
        None => Ok(()),
    }
}

fn check_certificate_types(types: &[CertificateType]) -> Result<(), PolicyError> {
    if certificate_type::are_known(types) { Ok(()) } else { Err(PolicyError::CertificateTypes) }
}

fn check_protocols(protocols: &[Vec<u8>]) -> Result<(), PolicyError> {
    for name in protocols {
        if name.is_empty() || name.len() > 0xff {
            return Err(PolicyError::ProtocolNameLength { length: name.len() });
        }
    }
    check_list("protocol_name_list", protocols.iter().map(|name| name.len().saturating_add(1)))
}

const fn check_record_size_limit(limit: Option<u16>) -> Result<(), PolicyError> {
    match limit {
        Some(bytes) if bytes < record_size_limit::MIN || bytes > MAX_PLAINTEXT => {
            Err(PolicyError::RecordSizeLimit { bytes })
        }
        _ => Ok(()),
    }
}

const fn check_resumption(policy: Option<&ResumptionPolicy>) -> Result<(), PolicyError> {
    const MAX: u32 = ResumptionPolicy::MAX_LIFETIME;
    match policy {
        Some(&ResumptionPolicy { lifetime: seconds, .. }) if seconds > MAX => {
            Err(PolicyError::SessionLifetimeTooLong { seconds, max: MAX })
        }
        _ => Ok(()),
    }
}
