//! The suites and key shares of TLS 1.3 in a policy.

use super::{
    ClientPolicy, ServerPolicy,
    error::PolicyError,
    lists::check_list,
    preset::Policy,
    tls13::{Tls13ClientPolicy, Tls13ServerPolicy},
};
use crate::security::Floor;
use cairn_crypto::Provider;
use cairn_schedule::tls13::{SUITES, Tls13Suite};
use cairn_wire::NamedGroup;

impl Policy {
    /// The TLS 1.3 suites of the policy that the provider supports, in our order of preference.
    pub fn supported_tls13_suites(self, provider: &Provider) -> impl Iterator<Item = &'static Tls13Suite> {
        SUITES
            .iter()
            .filter(move |suite| suite.grade() <= self.last() && check_suite(suite, provider).is_ok())
    }
}

impl ClientPolicy {
    /// Also offers TLS 1.3, with the suites of this preset: all that the provider supports. The client sends
    /// key shares for the first hybrid of the policy's groups and for the first other group, and takes care
    /// of middleboxes.
    #[must_use]
    pub fn with_tls13(mut self, preset: Policy) -> Self {
        let is_hybrid = |group: &NamedGroup| group.components().is_some();
        let hybrid = self.groups.iter().copied().find(is_hybrid);
        let other = self.groups.iter().copied().find(|group| !is_hybrid(group));
        self.tls13 = Tls13ClientPolicy {
            suites: preset.supported_tls13_suites(&self.provider).collect(),
            key_shares: hybrid.into_iter().chain(other).collect(),
            middlebox_compatibility: true,
        };
        self
    }

    /// Checks the part for TLS 1.3.
    pub(super) fn check_tls13(&self) -> Result<(), PolicyError> {
        check_suites(&self.tls13.suites, &self.provider, &self.floor)?;
        if let Some(group) = self.tls13.key_shares.iter().find(|group| !self.groups.contains(group)) {
            return Err(PolicyError::KeyShareNotInGroups(*group));
        }
        Ok(())
    }
}

impl ServerPolicy {
    /// Also accepts TLS 1.3, with the suites of this preset: all that the provider supports.
    #[must_use]
    pub fn with_tls13(mut self, preset: Policy) -> Self {
        self.tls13 = Tls13ServerPolicy { suites: preset.supported_tls13_suites(&self.provider).collect() };
        self
    }

    /// Checks the part for TLS 1.3.
    pub(super) fn check_tls13(&self) -> Result<(), PolicyError> {
        check_suites(&self.tls13.suites, &self.provider, &self.floor)
    }
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
