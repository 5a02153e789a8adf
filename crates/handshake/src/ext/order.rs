//! A random order of the extensions of ClientHello, so that servers keep tolerating every order. RFC 9846
//! section 4.3: "extensions MAY appear in any order, with the exception of "pre_shared_key"".

use crate::error::HandshakeErrorKind;
use cairn_crypto::RandomSource;
use cairn_wire::{ClientExtension, ExtensionType};

/// An order of all extension types. A second ClientHello keeps the order of the first, whatever it adds or
/// omits (RFC 9846 section 4.2.2).
#[derive(Clone, Copy)]
pub(crate) struct Order(u64);

impl Order {
    pub(crate) fn draw(random: &dyn RandomSource) -> Result<Self, HandshakeErrorKind> {
        let mut seed = [0; 8];
        random.fill(&mut seed)?;
        Ok(Self(u64::from_be_bytes(seed)))
    }

    pub(crate) fn sort(self, extensions: &mut [ClientExtension<'_>]) {
        extensions.sort_by_key(|extension| self.rank(extension.extension_type()));
    }

    /// A number that depends on the type and on the seed: SplitMix64, which need not resist an attacker.
    const fn rank(self, extension_type: ExtensionType) -> u64 {
        let (ExtensionType(number), Self(seed)) = (extension_type, self);
        let [high, low] = number.to_be_bytes();
        let number = u64::from_be_bytes([0, 0, 0, 0, 0, 0, high, low]);
        let mut mixed = seed.wrapping_add(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{collections::BTreeSet, vec::Vec};

    fn order_of(seed: u64, types: &[u16]) -> Vec<u16> {
        let extension =
            |number: &u16| ClientExtension::Unknown { extension_type: ExtensionType(*number), data: &[] };
        let mut extensions: Vec<_> = types.iter().map(extension).collect();
        Order(seed).sort(&mut extensions);
        extensions.iter().map(|extension| extension.extension_type().0).collect()
    }

    #[test]
    fn every_order_of_three_extensions_occurs() {
        let orders: BTreeSet<_> = (0..100).map(|seed| order_of(seed, &[0, 10, 13])).collect();
        assert_eq!(orders.len(), 6);
    }

    #[test]
    fn order_of_the_others_stays_if_an_extension_is_added() {
        for seed in 0..100 {
            let mut longer = order_of(seed, &[0, 10, 13, 43, 44, 51]);
            longer.retain(|number| *number != 44);
            assert_eq!(longer, order_of(seed, &[51, 43, 13, 10, 0]), "{seed}");
        }
    }
}
