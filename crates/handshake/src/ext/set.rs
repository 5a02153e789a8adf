//! Sets of extensions.

use cairn_wire::ExtensionType;

/// The types of extension in a hello: those that IANA has assigned up to 62, and renegotiation_info. These
/// include all that we send except GREASE, which is never in a set (RFC 8701).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExtensionSet(u64);

impl ExtensionSet {
    pub(crate) const fn contains(self, extension_type: ExtensionType) -> bool {
        self.0 & Self::bit(extension_type) != 0
    }

    const fn bit(extension_type: ExtensionType) -> u64 {
        match extension_type {
            ExtensionType(number @ 0..=62) => 1 << number,
            ExtensionType::RENEGOTIATION_INFO => 1 << 63,
            _ => 0,
        }
    }
}

impl FromIterator<ExtensionType> for ExtensionSet {
    fn from_iter<I: IntoIterator<Item = ExtensionType>>(types: I) -> Self {
        Self(types.into_iter().fold(0, |set, extension_type| set | Self::bit(extension_type)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_contains_inserted_extensions_but_no_grease() {
        let all = (0..=u16::MAX).map(ExtensionType);
        let known = |extension_type: &ExtensionType| {
            extension_type.0 <= 62 || *extension_type == ExtensionType::RENEGOTIATION_INFO
        };
        let full: ExtensionSet = all.clone().collect();
        for extension_type in all {
            assert_eq!(full.contains(extension_type), known(&extension_type), "{extension_type:?}");
            let alone: ExtensionSet = [extension_type].into_iter().collect();
            assert_eq!(alone.contains(extension_type), known(&extension_type), "{extension_type:?}");
            assert!(!alone.contains(ExtensionType(extension_type.0 ^ 1)), "{extension_type:?}");
            assert!(!(extension_type.is_grease() && full.contains(extension_type)));
        }
    }
}
