//! supported_groups (RFC 8422 section 5.1.1, RFC 7919).

use super::ClientExtensions;
use alloc::vec::Vec;
use cairn_crypto::{KeyKind, Provider};
use cairn_wire::{ClientExtension, List, NamedGroup};

/// What a client offers.
pub(crate) fn offer(groups: &[NamedGroup]) -> Option<ClientExtension<'_>> {
    (!groups.is_empty()).then(|| ClientExtension::SupportedGroups(List::from_items(groups)))
}

/// What a client can take, as far as the server needs to remember it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientGroups {
    /// The group for the key exchange: the server's first that the client takes. A client that does not send the
    /// extension leaves the choice to the server (RFC 8422 section 4).
    pub(crate) for_key_exchange: Option<NamedGroup>,
    /// The curves of certificates that the client takes; `None` is any.
    certificate_curves: Option<Vec<NamedGroup>>,
}

/// The curves that certificates in use are on.
const CERTIFICATE_CURVES: [NamedGroup; 3] =
    [NamedGroup::SECP256R1, NamedGroup::SECP384R1, NamedGroup::SECP521R1];

impl ClientGroups {
    pub(crate) fn read(ours: &[NamedGroup], provider: &Provider, extensions: &ClientExtensions<'_>) -> Self {
        let theirs = super::client(extensions, |extension| match extension {
            ClientExtension::SupportedGroups(groups) => Some(groups),
            _ => None,
        });
        let takes = |group: NamedGroup| theirs.is_none_or(|theirs| theirs.contains(&group));
        Self {
            for_key_exchange: ours
                .iter()
                .copied()
                .find(|group| takes(*group) && provider.group(*group).is_some()),
            certificate_curves: theirs.map(|theirs| {
                CERTIFICATE_CURVES.into_iter().filter(|curve| theirs.contains(curve)).collect()
            }),
        }
    }

    /// Whether the client takes a certificate with a key of this kind: a curve must be among its groups (RFC 8422
    /// section 5.1.1).
    pub(crate) fn takes_certificate(&self, kind: KeyKind) -> bool {
        let curve = match kind {
            KeyKind::EcP256 => NamedGroup::SECP256R1,
            KeyKind::EcP384 => NamedGroup::SECP384R1,
            KeyKind::EcP521 => NamedGroup::SECP521R1,
            _ => return true,
        };
        self.certificate_curves.as_ref().is_none_or(|curves| curves.contains(&curve))
    }
}
