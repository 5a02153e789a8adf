//! Hybrid groups: two key agreements whose secrets are concatenated (RFC 9954).

use crate::agreement::{Encapsulated, EphemeralKey, KeyAgreement};
use crate::algorithm::Algorithm;
use crate::error::CryptoError;
use crate::secret::SecretBytes;
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_wire::NamedGroup;
use rand_core::TryCryptoRng;

/// Key agreement in a hybrid group, composed of two others. The secret is safe while one of them is.
///
/// Shares and secrets are the concatenation of those of the parts, in the order of
/// [`NamedGroup::components`], "without any additional encoding or length fields" (RFC 9954 section 3.2).
/// [`CryptoError::BadPeerShare`] from either part, or a wrong total length, is the result of the whole.
pub struct Hybrid {
    group: NamedGroup,
    first: Part,
    second: Part,
}

/// One of the two parts, with the lengths of its shares.
struct Part {
    agreement: Arc<dyn KeyAgreement>,
    lengths: Lengths,
}

/// The lengths in bytes of the two shares of a part.
#[derive(Clone, Copy)]
struct Lengths {
    /// The share of the side that generates the key.
    generated: usize,
    /// The share of the side that encapsulates.
    encapsulated: usize,
}

impl Lengths {
    /// The lengths of a group that can be a part: FIPS 203 table 3, and RFC 9846 section 4.3.8.2.
    const fn of(group: NamedGroup) -> Option<Self> {
        let (generated, encapsulated) = match group {
            NamedGroup::MLKEM768 => (1184, 1088),
            NamedGroup::MLKEM1024 => (1568, 1568),
            NamedGroup::X25519 => (32, 32),
            NamedGroup::SECP256R1 => (65, 65),
            NamedGroup::SECP384R1 => (97, 97),
            _ => return None,
        };
        Some(Self { generated, encapsulated })
    }
}

impl Hybrid {
    /// Composes a hybrid group out of the groups of a provider; `None` if `group` is not a hybrid, or one of
    /// its [`NamedGroup::components`] is missing.
    #[must_use]
    pub fn new(group: NamedGroup, groups: &[Arc<dyn KeyAgreement>]) -> Option<Self> {
        let part = |name: NamedGroup| {
            let agreement = groups.iter().find(|agreement| agreement.group() == name)?;
            Some(Part { agreement: Arc::clone(agreement), lengths: Lengths::of(name)? })
        };
        let [first, second] = group.components()?;
        Some(Self { group, first: part(first)?, second: part(second)? })
    }

    /// All hybrid groups that can be composed out of `groups`, in order of preference: X25519MLKEM768,
    /// SecP256r1MLKEM768, SecP384r1MLKEM1024.
    #[must_use]
    pub fn all(groups: &[Arc<dyn KeyAgreement>]) -> Vec<Arc<dyn KeyAgreement>> {
        let hybrid = |group| -> Option<Arc<dyn KeyAgreement>> { Some(Arc::new(Self::new(group, groups)?)) };
        [NamedGroup::X25519MLKEM768, NamedGroup::SECP256R1MLKEM768, NamedGroup::SECP384R1MLKEM1024]
            .into_iter()
            .filter_map(hybrid)
            .collect()
    }

    /// [`Hybrid::all`], followed by `groups`. A provider fills [`crate::Provider::groups`] with it.
    #[must_use]
    pub fn all_first(groups: Vec<Arc<dyn KeyAgreement>>) -> Vec<Arc<dyn KeyAgreement>> {
        let mut all = Self::all(&groups);
        all.extend(groups);
        all
    }
}

impl core::fmt::Debug for Hybrid {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}({:?}, {:?})", self.group, self.first.agreement, self.second.agreement)
    }
}

impl Algorithm for Hybrid {
    /// The implementation of both parts, or `"several"`.
    fn implementation(&self) -> &'static str {
        let (first, second) = (self.first.agreement.implementation(), self.second.agreement.implementation());
        if first == second { first } else { "several" }
    }

    /// Returns `true` if both parts do.
    fn fips(&self) -> bool {
        self.first.agreement.fips() && self.second.agreement.fips()
    }
}

impl KeyAgreement for Hybrid {
    fn group(&self) -> NamedGroup {
        self.group
    }

    fn generate(
        &self,
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Box<dyn EphemeralKey>, CryptoError> {
        let component = |part: &Part, rng: &mut dyn TryCryptoRng<Error = CryptoError>| {
            let key = part.agreement.generate(rng)?;
            Ok(Component { group: part.agreement.group(), key, answer: part.lengths.encapsulated })
        };
        let (first, second) = (component(&self.first, rng)?, component(&self.second, rng)?);
        let share = [first.key.share(), second.key.share()].concat();
        Ok(Box::new(HybridKey { share, first, second }))
    }

    fn encapsulate(
        &self,
        peer_share: &[u8],
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Encapsulated, CryptoError> {
        let (first, second) = split(peer_share, self.first.lengths.generated, self.second.lengths.generated)?;
        let first = self.first.agreement.encapsulate(first, rng)?;
        let second = self.second.agreement.encapsulate(second, rng)?;
        Ok(Encapsulated {
            share: [&*first.share, &*second.share].concat(),
            secret: concatenate(&first.secret, &second.secret),
        })
    }
}

/// Splits a share. It is as long as the shares of both parts together, so that no byte is ignored.
fn split(share: &[u8], first: usize, second: usize) -> Result<(&[u8], &[u8]), CryptoError> {
    share.split_at_checked(first).filter(|(_, rest)| rest.len() == second).ok_or(CryptoError::BadPeerShare)
}

fn concatenate(first: &SecretBytes, second: &SecretBytes) -> SecretBytes {
    // With this capacity the vector is not reallocated, which would leave a copy behind.
    let mut secret = Vec::with_capacity(first.len().saturating_add(second.len()));
    secret.extend_from_slice(first.expose());
    secret.extend_from_slice(second.expose());
    SecretBytes::new(secret)
}

/// The key of one part.
struct Component {
    group: NamedGroup,
    key: Box<dyn EphemeralKey>,
    /// The length of the peer's share.
    answer: usize,
}

struct HybridKey {
    share: Vec<u8>,
    first: Component,
    second: Component,
}

impl EphemeralKey for HybridKey {
    fn share(&self) -> &[u8] {
        &self.share
    }

    fn agree(self: Box<Self>, peer_share: &[u8]) -> Result<SecretBytes, CryptoError> {
        let (first, second) = split(peer_share, self.first.answer, self.second.answer)?;
        let first = self.first.key.agree(first)?;
        let second = self.second.key.agree(second)?;
        Ok(concatenate(&first, &second))
    }

    fn component(&self, group: NamedGroup) -> Option<&dyn EphemeralKey> {
        [&self.first, &self.second].into_iter().find(|part| part.group == group).map(|part| &*part.key)
    }

    fn into_component(self: Box<Self>, group: NamedGroup) -> Option<Box<dyn EphemeralKey>> {
        [self.first, self.second].into_iter().find(|part| part.group == group).map(|part| part.key)
    }
}

#[cfg(test)]
mod tests;
