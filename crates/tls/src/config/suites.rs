//! Which suites, groups and schemes a configuration begins with: all that the stack and the provider both have.

use crate::ConfigError;
use alloc::vec::Vec;
use cairn_crypto::Provider;
use cairn_schedule::{Protection, SUITES, Suite};
use cairn_wire::{CipherSuite, NamedGroup};

/// The suites that a provider can do, in our order of preference.
pub(crate) fn of_provider(provider: &Provider) -> Vec<&'static Suite> {
    SUITES.iter().filter(|suite| can_do(provider, suite)).collect()
}

fn can_do(provider: &Provider, suite: &Suite) -> bool {
    let cipher = match suite.protection {
        Protection::Aead { algorithm, .. } => provider.aead(algorithm).is_some(),
        _ => false,
    };
    cipher && provider.hash(suite.prf_hash).is_some() && provider.hmac(suite.prf_hash).is_some()
}

/// The groups that a provider can do, in its order of preference.
pub(crate) fn groups_of_provider(provider: &Provider) -> Vec<NamedGroup> {
    provider.groups.iter().map(|group| group.group()).collect()
}

/// Suites by name.
pub(crate) fn by_name(names: &[CipherSuite]) -> Result<Vec<&'static Suite>, ConfigError> {
    names.iter().map(|id| cairn_schedule::suite(*id).ok_or(ConfigError::UnknownSuite(*id))).collect()
}
