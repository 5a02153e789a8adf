//! GREASE (RFC 8701): reserved values without meaning, sent so that servers keep tolerating unknown values.
//!
//! A server that chooses a reserved value chooses one that is not in the client's policy. It is refused like
//! any other such choice.

use crate::error::HandshakeErrorKind;
use cairn_crypto::RandomSource;
use cairn_wire::{
    CipherSuite, ClientExtension, ExtensionType, KeyShareEntry, NamedGroup, ProtocolName, ProtocolVersion,
    SignatureScheme,
};
use smallvec::{Array, SmallVec};

/// The reserved values of one ClientHello, chosen at random (RFC 8701 section 5). Each precedes the real
/// values, so that a server that does not tolerate it fails reliably.
pub(crate) struct Grease {
    pub(crate) version: ProtocolVersion,
    pub(crate) suite: CipherSuite,
    pub(crate) group: NamedGroup,
    pub(crate) scheme: SignatureScheme,
    pub(crate) certificate_scheme: SignatureScheme,
    protocol: [u8; 2],
    extensions: [ExtensionType; 2],
    content: [u8; 1],
}

impl Grease {
    pub(crate) fn draw(random: &dyn RandomSource) -> Result<Self, HandshakeErrorKind> {
        let mut drawn = [0; 9];
        random.fill(&mut drawn)?;
        let [version, suite, group, scheme, certificate_scheme, protocol, first, last, content] = drawn;
        let first = reserved(first);
        // A hello must not have two extensions of the same type.
        let last = match reserved(last) {
            same if same == first => same ^ 0x1010,
            other => other,
        };
        Ok(Self {
            version: ProtocolVersion(reserved(version)),
            suite: CipherSuite(reserved(suite)),
            group: NamedGroup(reserved(group)),
            scheme: SignatureScheme(reserved(scheme)),
            certificate_scheme: SignatureScheme(reserved(certificate_scheme)),
            protocol: reserved(protocol).to_be_bytes(),
            extensions: [ExtensionType(first), ExtensionType(last)],
            content: [content],
        })
    }

    pub(crate) const fn protocol(&self) -> ProtocolName<'_> {
        ProtocolName(&self.protocol)
    }

    /// A key share of the reserved group. RFC 9846 section 4.3.8: key_exchange has at least one byte.
    pub(crate) const fn key_share(&self) -> KeyShareEntry<'_> {
        KeyShareEntry { group: self.group, key_exchange: &self.content }
    }

    /// The first extension, which is empty.
    pub(crate) const fn first(&self) -> ClientExtension<'_> {
        let [extension_type, _] = self.extensions;
        ClientExtension::Unknown { extension_type, data: &[] }
    }

    /// The last extension, which is not empty.
    pub(crate) const fn last(&self) -> ClientExtension<'_> {
        let [_, extension_type] = self.extensions;
        ClientExtension::Unknown { extension_type, data: &self.content }
    }
}

/// One of the 16 reserved values (RFC 8701 section 2).
const fn reserved(drawn: u8) -> u16 {
    let byte = drawn & 0xf0 | 0x0a;
    u16::from_be_bytes([byte, byte])
}

/// Puts a reserved value before the list in the storage `room`. Returns the list itself if there is no value,
/// or if the list is empty, because its extension is then omitted.
#[inline]
pub(crate) fn before<'a, A: Array>(
    value: Option<A::Item>,
    list: &'a [A::Item],
    room: &'a mut SmallVec<A>,
) -> &'a [A::Item]
where
    A::Item: Clone,
{
    match value {
        Some(value) if !list.is_empty() => {
            room.push(value);
            room.extend(list.iter().cloned());
            room
        }
        _ => list,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_crypto::CryptoError;

    struct Same(u8);

    impl RandomSource for Same {
        fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
            out.fill(self.0);
            Ok(())
        }
    }

    #[test]
    fn grease_values_are_reserved_and_the_two_extensions_differ() {
        for byte in 0..=u8::MAX {
            let grease = Grease::draw(&Same(byte)).unwrap();
            let [first, last] = grease.extensions;
            assert!(first.is_grease() && last.is_grease() && first != last, "{byte:#x}");
            assert!(grease.suite.is_grease() && grease.group.is_grease() && grease.scheme.is_grease());
            assert!(grease.certificate_scheme.is_grease() && grease.version.is_grease());
            assert_eq!(grease.key_share().group, grease.group);
            assert!(SignatureScheme(u16::from_be_bytes(grease.protocol)).is_grease());
        }
    }

    #[test]
    fn empty_list_gets_no_grease() {
        let before = |value, list: &[u8]| before::<[u8; 2]>(value, list, &mut SmallVec::new()).to_vec();
        assert_eq!(before(Some(1), &[2, 3]), [1, 2, 3]);
        assert_eq!(before(None, &[2, 3]), [2, 3]);
        assert!(before(Some(1), &[]).is_empty());
    }
}
