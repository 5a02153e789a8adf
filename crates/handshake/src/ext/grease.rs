//! GREASE (RFC 8701): values that mean nothing, sent so that no server comes to lean on knowing all there are.
//!
//! A server that chooses one chooses what the client's policy does not have, and is refused as any other that does so.

use crate::ErrorKind;
use cairn_crypto::RandomSource;
use cairn_wire::{CipherSuite, ClientExtension, ExtensionType, NamedGroup, ProtocolName, SignatureScheme};
use smallvec::{Array, SmallVec};

/// The values of one ClientHello. Each stands before what the client means, where a server that minds is sure to stumble
/// on it; which it is, chance says (RFC 8701 section 5).
pub(crate) struct Grease {
    pub(crate) suite: CipherSuite,
    pub(crate) group: NamedGroup,
    pub(crate) scheme: SignatureScheme,
    pub(crate) certificate_scheme: SignatureScheme,
    protocol: [u8; 2],
    extensions: [ExtensionType; 2],
    content: [u8; 1],
}

impl Grease {
    pub(crate) fn draw(random: &dyn RandomSource) -> Result<Self, ErrorKind> {
        let mut drawn = [0; 8];
        random.fill(&mut drawn)?;
        let [suite, group, scheme, certificate_scheme, protocol, first, last, content] = drawn;
        let first = reserved(first);
        // No extension may come twice.
        let last = match reserved(last) {
            same if same == first => same ^ 0x1010,
            other => other,
        };
        Ok(Self {
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

    /// The extension that comes first: an empty one.
    pub(crate) const fn first(&self) -> ClientExtension<'_> {
        let [extension_type, _] = self.extensions;
        ClientExtension::Unknown { extension_type, data: &[] }
    }

    /// The extension that comes last, with something in it.
    pub(crate) const fn last(&self) -> ClientExtension<'_> {
        let [_, extension_type] = self.extensions;
        ClientExtension::Unknown { extension_type, data: &self.content }
    }
}

/// One of the sixteen reserved values (RFC 8701 section 2).
const fn reserved(drawn: u8) -> u16 {
    let byte = drawn & 0xf0 | 0x0a;
    u16::from_be_bytes([byte, byte])
}

/// A list with a value before it, for which there is `room`; without a value, or where the list is empty and its extension
/// not sent, it is the list itself.
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
    fn whatever_is_drawn_is_reserved_and_the_two_extensions_differ() {
        for byte in 0..=u8::MAX {
            let grease = Grease::draw(&Same(byte)).unwrap();
            let [first, last] = grease.extensions;
            assert!(first.is_grease() && last.is_grease() && first != last, "{byte:#x}");
            assert!(grease.suite.is_grease() && grease.group.is_grease() && grease.scheme.is_grease());
            assert!(grease.certificate_scheme.is_grease());
            assert!(SignatureScheme(u16::from_be_bytes(grease.protocol)).is_grease());
        }
    }

    #[test]
    fn an_empty_list_stays_empty() {
        let before = |value, list: &[u8]| before::<[u8; 2]>(value, list, &mut SmallVec::new()).to_vec();
        assert_eq!(before(Some(1), &[2, 3]), [1, 2, 3]);
        assert_eq!(before(None, &[2, 3]), [2, 3]);
        assert!(before(Some(1), &[]).is_empty());
    }
}
