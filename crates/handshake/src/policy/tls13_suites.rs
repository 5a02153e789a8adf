//! The suites and key shares of TLS 1.3 in a policy.

use super::{
    ClientPolicy, ExternalPskUse, PskModes, ServerPolicy, error::PolicyError, lists::check_list,
    preset::Policy,
};
use crate::{certificate_compression::CertificateCompression, security::Floor};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{KeyKind, Provider};
use cairn_schedule::tls13::{SUITES, Tls13Suite};
use cairn_wire::{NamedGroup, SignatureScheme};

impl Policy {
    /// The TLS 1.3 suites of the policy that the provider supports, in our order of preference.
    pub fn supported_tls13_suites(self, provider: &Provider) -> impl Iterator<Item = &'static Tls13Suite> {
        SUITES
            .iter()
            .filter(move |suite| suite.grade() <= self.last() && check_suite(suite, provider).is_ok())
    }
}

impl ClientPolicy {
    /// Also offers TLS 1.3, with the suites of this preset and the hybrid groups: all that the provider
    /// supports and the floor admits. The key shares are those of [`ClientPolicy::choose_key_shares`]. The
    /// client takes care of middleboxes.
    #[must_use]
    pub fn with_tls13(mut self, preset: Policy) -> Self {
        add_hybrids(&mut self.groups, &self.provider);
        self.tls13.suites = suites(preset, &self.provider, &self.floor);
        self.tls13.middlebox_compatibility = true;
        self.choose_key_shares();
        self
    }

    /// Chooses the groups to send a key share for: of the policy's groups that the provider supports, the
    /// first that is post-quantum and the first that is not. So both a server that knows the new groups and
    /// one that does not can answer without HelloRetryRequest.
    pub fn choose_key_shares(&mut self) {
        let Self { groups, provider, tls13, .. } = self;
        let usable = || groups.iter().copied().filter(|group| provider.group(*group).is_some());
        let first = |post_quantum| usable().find(|group| group.is_post_quantum() == post_quantum);
        let chosen = [first(true), first(false)];
        tls13.key_shares = usable().filter(|group| chosen.contains(&Some(*group))).collect();
    }

    /// Checks that nothing leads to a handshake without an external PSK, if that is required together with
    /// certificates. RFC 8773 section 4 excludes early data, and section 7 resumption.
    fn check_external_psk_use(&self) -> Result<(), PolicyError> {
        if self.tls13.external_psk_use == ExternalPskUse::Alone {
            return Ok(());
        }
        for (is_in_conflict, with) in [
            (
                self.tls13.suites.is_empty() || self.tls13.external_psks.is_empty(),
                "a policy without such PSKs",
            ),
            (!self.tls12.suites.is_empty(), "TLS 1.2"),
            (self.resumption.is_some(), "resumption"),
            (self.tls13.early_data, "early data"),
            (self.tls13.psk_modes == PskModes::PskAlone, "psk_ke alone"),
        ] {
            if is_in_conflict {
                return Err(PolicyError::CertificateWithPsk { with });
            }
        }
        Ok(())
    }

    /// Checks the part for TLS 1.3.
    pub(super) fn check_tls13(&self) -> Result<(), PolicyError> {
        check_suites(&self.tls13.suites, &self.provider, &self.floor)?;
        if let Some(group) = self.tls13.key_shares.iter().find(|group| !self.groups.contains(group)) {
            return Err(PolicyError::KeyShareNotInGroups(*group));
        }
        check_compression(&self.tls13.certificate_compression)?;
        check_delegated(&self.tls13.delegated_credential_schemes, &self.provider)?;
        self.check_external_psk_use()?;
        if self.tls13.suites.is_empty() {
            return Ok(());
        }
        check_groups(&self.groups)?;
        check_order(&self.signature_schemes)?;
        check_order(&self.certificate_signature_schemes)
    }
}

impl ServerPolicy {
    /// Also accepts TLS 1.3, with the suites of this preset and the hybrid groups: all that the provider
    /// supports and the floor admits.
    #[must_use]
    pub fn with_tls13(mut self, preset: Policy) -> Self {
        add_hybrids(&mut self.groups, &self.provider);
        self.tls13.suites = suites(preset, &self.provider, &self.floor);
        self
    }

    /// Checks the part for TLS 1.3.
    pub(super) fn check_tls13(&self) -> Result<(), PolicyError> {
        check_suites(&self.tls13.suites, &self.provider, &self.floor)?;
        check_compression(&self.tls13.certificate_compression)?;
        check_delegated(&self.tls13.delegated_credential_schemes, &self.provider)?;
        if self.tls13.suites.is_empty() { Ok(()) } else { check_groups(&self.groups) }
    }
}

/// The suites of a preset that the provider supports and the floor admits.
fn suites(preset: Policy, provider: &Provider, floor: &Floor) -> Vec<&'static Tls13Suite> {
    preset.supported_tls13_suites(provider).filter(|suite| floor.admits_tls13(suite)).collect()
}

/// Puts the hybrid groups of the provider before the others, in its order.
fn add_hybrids(groups: &mut Vec<NamedGroup>, provider: &Provider) {
    let hybrids = provider.groups.iter().map(|group| group.group());
    let hybrids = hybrids.filter(|group| group.components().is_some() && !groups.contains(group));
    *groups = hybrids.chain(groups.iter().copied()).collect();
}

fn check_suites(
    suites: &[&'static Tls13Suite],
    provider: &Provider,
    floor: &Floor,
) -> Result<(), PolicyError> {
    check_list("cipher_suites", suites.iter().map(|_| 2))?;
    if let Some(suite) = suites.iter().find(|suite| !floor.admits_tls13(suite)) {
        return Err(PolicyError::BelowFloor(suite.id));
    }
    suites.iter().try_for_each(|suite| check_suite(suite, provider))
}

/// The maximum length in bytes of the list in compress_certificate (RFC 8879 section 3).
const MAX_COMPRESSION: usize = 254;

/// Checks that each algorithm is listed once, and that the list fits into its extension.
fn check_compression(algorithms: &[Arc<dyn CertificateCompression>]) -> Result<(), PolicyError> {
    let codes: Vec<_> = algorithms.iter().map(|each| each.algorithm()).collect();
    let length = codes.len().saturating_mul(2);
    if length > MAX_COMPRESSION {
        return Err(PolicyError::ListTooLong { list: "compress_certificate", length, max: MAX_COMPRESSION });
    }
    let is_repeated = |(place, code): (usize, &_)| codes.iter().take(place).any(|other| other == code);
    match codes.iter().enumerate().find(|each| is_repeated(*each)) {
        Some((_, algorithm)) => Err(PolicyError::CompressionRepeated(*algorithm)),
        None => Ok(()),
    }
}

/// Checks that delegated credentials may use each scheme (RFC 9345 section 4), and that the provider can
/// verify it.
fn check_delegated(schemes: &[SignatureScheme], provider: &Provider) -> Result<(), PolicyError> {
    check_list("delegated_credential", schemes.iter().map(|_| 2))?;
    for scheme in schemes.iter().copied() {
        let kind = KeyKind::for_delegated_credential(scheme);
        let kind = kind.ok_or(PolicyError::SchemeNotForDelegation(scheme))?;
        if provider.verifier(kind, scheme).is_none() {
            return Err(PolicyError::SchemeNotInProvider(scheme));
        }
    }
    Ok(())
}

/// RFC 9846 section 4.3.7: "The "named_group_list" MUST NOT contain any duplicate entries." Handshakes with
/// certificates, and the mode `psk_dhe_ke`, need a group.
fn check_groups(groups: &[NamedGroup]) -> Result<(), PolicyError> {
    if groups.is_empty() {
        return Err(PolicyError::NoTls13Groups);
    }
    let is_second =
        |(place, group): &(usize, &NamedGroup)| groups.iter().take(*place).any(|other| other == *group);
    let twice = groups.iter().enumerate().find(is_second);
    twice.map_or(Ok(()), |(_, group)| Err(PolicyError::GroupListedTwice(*group)))
}

/// RFC 9846 section 4.3.3, of schemes with SHA-1: "Clients offering these values MUST list them as the lowest
/// priority (listed after all other algorithms in SignatureSchemeList)."
fn check_order(schemes: &[SignatureScheme]) -> Result<(), PolicyError> {
    let is_sha1 = |scheme: &&SignatureScheme| {
        matches!(**scheme, SignatureScheme::RSA_PKCS1_SHA1 | SignatureScheme::ECDSA_SHA1)
    };
    let others = schemes.iter().filter(|scheme| !is_sha1(scheme)).count();
    let early = schemes.iter().take(others).find(is_sha1);
    early.map_or(Ok(()), |scheme| Err(PolicyError::Sha1SchemeNotLast(*scheme)))
}

fn check_suite(suite: &Tls13Suite, provider: &Provider) -> Result<(), PolicyError> {
    let Tls13Suite { id, aead, hash } = *suite;
    if provider.hash(hash).is_none() || provider.hmac(hash).is_none() {
        return Err(PolicyError::PrfHashNotInProvider { suite: id, hash });
    }
    if provider.aead(aead).is_none() {
        return Err(PolicyError::AeadNotInProvider { suite: id, aead });
    }
    Ok(())
}
