//! The ephemeral keys of one ClientHello of TLS 1.3.

use crate::agreement::EphemeralKey;
use crate::error::CryptoError;
use crate::provider::Provider;
use crate::secret::SecretBytes;
use alloc::{boxed::Box, vec::Vec};
use cairn_wire::NamedGroup;
use core::fmt;
use rand_core::TryCryptoRng;

/// The ephemeral keys of one ClientHello, for the groups whose shares the client offers.
///
/// A group that is part of a hybrid in the same list gets its share from the hybrid's key: RFC 9954 section
/// 3.2 permits "the same key_exchange value for the same algorithm to be reused in multiple KeyShareEntry
/// records sent within the same ClientHello". So X25519 beside X25519MLKEM768 costs nothing.
///
/// "Clients and Servers MUST NOT reuse a key share for multiple connections" (RFC 9846 section 4.3.8):
/// [`KeyShares::agree`] consumes all keys, and after HelloRetryRequest new ones are generated.
pub struct KeyShares {
    keys: Vec<Key>,
    /// The offered groups in order, each with the place in `keys` of the key that serves it.
    offers: Vec<(NamedGroup, usize)>,
}

struct Key {
    group: NamedGroup,
    key: Box<dyn EphemeralKey>,
}

impl Key {
    /// This key, or its component, as a key of `group`.
    fn of(&self, group: NamedGroup) -> Option<&dyn EphemeralKey> {
        if self.group == group { Some(&*self.key) } else { self.key.component(group) }
    }
}

impl KeyShares {
    /// Generates a key for each group, in this order. A group that occurs twice gets one share, because
    /// "Clients MUST NOT offer multiple KeyShareEntry values for the same group" (RFC 9846 section 4.3.8).
    ///
    /// # Errors
    /// [`CryptoError::Unsupported`] if the provider lacks a group, and the errors of
    /// [`crate::KeyAgreement::generate`].
    pub fn generate(
        provider: &Provider,
        groups: &[NamedGroup],
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Self, CryptoError> {
        let mut shares = Self { keys: Vec::with_capacity(groups.len()), offers: Vec::new() };
        // Hybrids come first, so that their parts are there when another group needs them.
        let (hybrids, others): (Vec<_>, Vec<_>) =
            groups.iter().copied().partition(|group| group.components().is_some());
        for group in hybrids.into_iter().chain(others) {
            if shares.place(group).is_none() {
                let key = provider.group(group).ok_or(CryptoError::Unsupported)?.generate(rng)?;
                shares.keys.push(Key { group, key });
            }
        }
        shares.offers.reserve_exact(groups.len());
        for group in groups {
            if !shares.offers(*group) {
                let place = shares.place(*group).ok_or(CryptoError::Failed)?;
                shares.offers.push((*group, place));
            }
        }
        Ok(shares)
    }

    /// The place of the key that can serve a group.
    fn place(&self, group: NamedGroup) -> Option<usize> {
        self.keys.iter().position(|key| key.of(group).is_some())
    }

    /// The shares in order, with their groups: the entries of key_share.
    pub fn iter(&self) -> impl Iterator<Item = (NamedGroup, &[u8])> {
        self.offers
            .iter()
            .filter_map(|(group, place)| Some((*group, self.keys.get(*place)?.of(*group)?.share())))
    }

    /// Whether a share is offered for the group.
    #[must_use]
    pub fn offers(&self, group: NamedGroup) -> bool {
        self.offers.iter().any(|(offered, _)| *offered == group)
    }

    /// Computes the shared secret of the group that the server chose, from the server's share. All keys are
    /// consumed.
    ///
    /// # Errors
    /// [`CryptoError::Unsupported`] if no share was offered for the group, and the errors of
    /// [`EphemeralKey::agree`].
    pub fn agree(mut self, group: NamedGroup, peer_share: &[u8]) -> Result<SecretBytes, CryptoError> {
        let offer = self.offers.iter().find(|(offered, _)| *offered == group);
        let (_, place) = *offer.ok_or(CryptoError::Unsupported)?;
        if place >= self.keys.len() {
            return Err(CryptoError::Failed);
        }
        let Key { group: of, key } = self.keys.swap_remove(place);
        let key = if of == group { key } else { key.into_component(group).ok_or(CryptoError::Failed)? };
        key.agree(peer_share)
    }
}

impl fmt::Debug for KeyShares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyShares")?;
        f.debug_list().entries(self.offers.iter().map(|(group, _)| group)).finish()
    }
}

#[cfg(test)]
mod tests;
