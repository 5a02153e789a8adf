//! The cipher suites and groups of a configuration: those of its policy that the provider supports.

use super::psks::Psks;
use crate::ConfigError;
use alloc::vec::Vec;
use cairn_crypto::Provider;
use cairn_handshake::check_suite;
use cairn_schedule::{Grade, SUITES, Side, Tls12Suite};
use cairn_wire::{CipherSuite, NamedGroup, SignatureScheme};

/// The cipher suites that a configuration uses by default. Suites without encryption or authentication are in
/// no policy; they must be listed explicitly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Policy {
    /// Ephemeral keys on elliptic curves, and AES-GCM or ChaCha20-Poly1305.
    #[default]
    Modern,
    /// In addition, for older or smaller peers: DHE, AES-CBC and AES-CCM, all with forward secrecy. Without
    /// the cargo feature `legacy`, only AES-CCM.
    Compatible,
    /// In addition, for old peers: suites without forward secrecy and 3DES; and signatures with SHA-1 and
    /// SHA-224 as the last choice, if the provider has them (`with_legacy_signatures`). Without the cargo
    /// feature `legacy`, only PSK suites.
    Legacy,
}

impl Policy {
    /// The lowest grade in the policy.
    const fn last(self) -> Grade {
        match self {
            Self::Modern => Grade::Modern,
            Self::Compatible => Grade::Compatible,
            Self::Legacy => Grade::Legacy,
        }
    }

    /// The suites of the policy in our order of preference, whatever the provider supports. They include PSK
    /// suites, which a configuration without pre-shared keys omits.
    pub fn suites(self) -> impl Iterator<Item = &'static Tls12Suite> {
        SUITES.iter().filter(move |suite| suite.grade() <= self.last())
    }
}

/// The suites of a policy that the provider supports, in our order of preference.
pub(crate) fn of_provider(
    policy: Policy,
    side: Side,
    provider: &Provider,
    with_psk: bool,
) -> Vec<&'static Tls12Suite> {
    policy
        .suites()
        .filter(|suite| (with_psk || !suite.uses_psk()) && check_suite(side, suite, provider).is_ok())
        .collect()
}

/// Whether signatures with SHA-1 and SHA-224 are accepted, if the provider has them: with [`Policy::Legacy`],
/// and if the caller sets both suites and signature schemes.
pub(crate) fn take_legacy_schemes(by_policy: Option<Policy>, schemes_are_named: bool) -> bool {
    by_policy.map_or(schemes_are_named, |policy| policy == Policy::Legacy)
}

/// Whether a signature scheme uses SHA-1 or SHA-224.
pub(crate) const fn is_legacy_scheme(scheme: SignatureScheme) -> bool {
    matches!(
        scheme,
        SignatureScheme::RSA_PKCS1_SHA1
            | SignatureScheme::ECDSA_SHA1
            | SignatureScheme::RSA_PKCS1_SHA224
            | SignatureScheme::ECDSA_SHA224
    )
}

/// The groups that the provider supports, in its order of preference.
pub(crate) fn groups_of_provider(provider: &Provider) -> Vec<NamedGroup> {
    provider.groups.iter().map(|group| group.group()).collect()
}

/// Checks that there are pre-shared keys if suites need them.
pub(crate) fn check_psks(suites: &[&'static Tls12Suite], psks: &Psks) -> Result<(), ConfigError> {
    match suites.iter().find(|suite| suite.uses_psk()) {
        Some(suite) if !psks.exist() => Err(ConfigError::NoPsk(suite.id)),
        _ => Ok(()),
    }
}

/// Suites by name.
pub(crate) fn by_name(names: &[CipherSuite]) -> Result<Vec<&'static Tls12Suite>, ConfigError> {
    let find = |id: &CipherSuite| {
        cairn_schedule::suite(*id).ok_or(if cairn_schedule::suite_needs_legacy(*id) {
            ConfigError::SuiteNeedsLegacy(*id)
        } else {
            ConfigError::UnknownSuite(*id)
        })
    };
    names.iter().map(find).collect()
}
