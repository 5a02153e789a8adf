//! The cipher suites and signature schemes of a configuration: those of its policy that the provider
//! supports, or those that the caller lists.

use crate::{error::ConfigError, psks::Psks};
use alloc::vec::Vec;
use cairn_crypto::Provider;
use cairn_handshake::{Floor, Policy, has_group_for, is_legacy_scheme};
use cairn_schedule::{
    Side, Tls12Suite,
    tls13::{self, Tls13Suite},
};
use cairn_wire::{CipherSuite, NamedGroup, SignatureScheme};

/// The source of the cipher suites.
#[derive(Clone, Debug)]
pub(crate) enum SuiteChoice {
    /// The suites of a policy, as far as the rest of the configuration can use them.
    Policy(Policy),
    /// The suites that the caller lists.
    Listed(Listed),
}

/// The suites that a caller lists, by version, each in the order of the list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listed {
    tls12: Vec<&'static Tls12Suite>,
    tls13: Vec<&'static Tls13Suite>,
}

impl Default for SuiteChoice {
    fn default() -> Self {
        Self::Policy(Policy::default())
    }
}

/// The means of authentication that the configuration has.
pub(crate) struct Means<'a> {
    /// The pre-shared keys of TLS 1.2.
    pub(crate) psks: &'a Psks,
    /// Whether there are external PSKs of TLS 1.3.
    pub(crate) external_psks: bool,
    /// Whether a certificate or raw public key of the server can be shown or verified.
    pub(crate) certificates: bool,
}

impl SuiteChoice {
    /// The policy, or the default one if the suites are listed.
    pub(crate) fn preset(&self) -> Policy {
        match self {
            Self::Policy(policy) => *policy,
            Self::Listed(_) => Policy::default(),
        }
    }

    /// Returns `true` if there are suites of TLS 1.3 to choose from.
    pub(crate) fn have_tls13(&self) -> bool {
        match self {
            Self::Policy(_) => true,
            Self::Listed(listed) => !listed.tls13.is_empty(),
        }
    }

    /// Replaces the suites of the preset by those that are listed. One that is listed is not omitted, so that
    /// [`cairn_handshake::ClientPolicy::check`] reports what is wrong with it.
    pub(crate) fn set_tls13(&self, suites: &mut Vec<&'static Tls13Suite>) {
        if let Self::Listed(listed) = self {
            suites.clone_from(&listed.tls13);
        }
    }

    /// The suites of TLS 1.2, most preferred first. A suite that is listed is not omitted, so that
    /// [`cairn_handshake::ClientPolicy::check`] reports what is wrong with it.
    pub(crate) fn suites(
        &self,
        side: Side,
        provider: &Provider,
        floor: &Floor,
        means: &Means<'_>,
    ) -> Vec<&'static Tls12Suite> {
        let by_psk = means.psks.exist();
        match self {
            Self::Policy(policy) => policy
                .supported_suites(side, provider)
                .filter(|suite| by_psk || !suite.uses_psk())
                // Without a PSK all suites remain, so that the missing certificate is reported.
                .filter(|suite| means.certificates || !by_psk || !suite.shows_certificate())
                .filter(|suite| floor.admits(side, suite))
                .collect(),
            Self::Listed(listed) => listed.tls12.clone(),
        }
    }

    /// The groups may serve TLS 1.3 alone, as hybrid groups do. Then the suites of TLS 1.2 that need others
    /// are omitted, unless they are listed.
    pub(crate) fn omit_without_group(&self, suites: &mut Vec<&'static Tls12Suite>, groups: &[NamedGroup]) {
        if matches!(self, Self::Policy(_)) {
            suites.retain(|suite| has_group_for(suite, groups));
        }
    }

    /// The signature schemes to accept. `listed` are those that the caller lists. Schemes with SHA-1 or
    /// SHA-224 take effect with [`Policy::Legacy`], and if the caller lists both suites and schemes.
    pub(crate) fn schemes(
        &self,
        listed: Option<Vec<SignatureScheme>>,
        provider: &Provider,
    ) -> Vec<SignatureScheme> {
        match (self, listed) {
            (Self::Policy(policy), None) => policy.signature_schemes(provider),
            (Self::Listed(_), None) => Policy::default().signature_schemes(provider),
            (Self::Policy(Policy::Legacy) | Self::Listed(_), Some(schemes)) => schemes,
            (Self::Policy(_), Some(mut schemes)) => {
                schemes.retain(|scheme| !is_legacy_scheme(*scheme));
                schemes
            }
        }
    }
}

/// Checks that there are pre-shared keys if suites need them.
pub(crate) fn check_psks(suites: &[&'static Tls12Suite], psks: &Psks) -> Result<(), ConfigError> {
    match suites.iter().find(|suite| suite.uses_psk()) {
        Some(suite) if !psks.exist() => Err(ConfigError::NoPsk(suite.id)),
        _ => Ok(()),
    }
}

/// Suites by name.
pub(crate) fn by_name(names: &[CipherSuite]) -> Result<Listed, ConfigError> {
    let mut listed = Listed::default();
    for id in names {
        if let Some(suite) = tls13::suite(*id) {
            listed.tls13.push(suite);
        } else if let Some(suite) = cairn_schedule::suite(*id) {
            listed.tls12.push(suite);
        } else if cairn_schedule::suite_needs_legacy(*id) {
            return Err(ConfigError::SuiteNeedsLegacy(*id));
        } else {
            return Err(ConfigError::UnknownSuite(*id));
        }
    }
    Ok(listed)
}
