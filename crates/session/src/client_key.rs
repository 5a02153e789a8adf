//! The key of a client's session.

use alloc::sync::Arc;
use core::fmt;

/// The key of a client's session: the server to which it may be offered, and the configuration under which
/// this may happen.
///
/// Two connections have equal keys if either can offer sessions of the other. The handshake compares the
/// properties that the session itself contains (see [`cairn_handshake::NotResumed`]); the key serves to find
/// it:
///
/// - `configuration` represents everything on which the authentication of the server depended: trust anchors,
///   verification policy, pre-shared keys and client credentials. The digests in [`cairn_handshake::Binding`]
///   are suitable.
/// - `server` identifies the server: its name or address, and its port. Host names are compared without
///   regard to case (RFC 6066 section 3), but these bytes are not, so normalize names, for example to lower
///   case.
///
/// The two parts are separate: `("a", "bc")` is a different key than `("ab", "c")`. Clones share the bytes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ClientKey {
    // The part that is more likely to differ comes first.
    server: Arc<[u8]>,
    configuration: Arc<[u8]>,
}

impl ClientKey {
    /// Creates the key of connections to `server` under `configuration`.
    #[must_use]
    pub fn new(configuration: &[u8], server: &[u8]) -> Self {
        Self::shared(configuration.into(), server.into())
    }

    /// Like [`ClientKey::new`], for parts that are already shared.
    #[must_use]
    pub const fn shared(configuration: Arc<[u8]>, server: Arc<[u8]>) -> Self {
        Self { server, configuration }
    }

    /// The bytes that identify the configuration.
    #[must_use]
    pub fn configuration(&self) -> &[u8] {
        &self.configuration
    }

    /// The bytes that identify the server.
    #[must_use]
    pub fn server(&self) -> &[u8] {
        &self.server
    }

    /// Length of both parts in bytes.
    #[cfg(feature = "std")]
    pub(crate) fn len(&self) -> usize {
        self.configuration.len() + self.server.len()
    }
}

impl fmt::Debug for ClientKey {
    /// Prints the server, but only the length of the configuration, which may contain anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ClientKey({}, {} bytes of configuration)",
            self.server.escape_ascii(),
            self.configuration.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn parts_of_a_key_are_separate() {
        let keys = [
            ClientKey::new(b"a", b"bc"),
            ClientKey::new(b"ab", b"c"),
            ClientKey::new(b"abc", b""),
            ClientKey::new(b"", b"abc"),
        ];
        for (i, a) in keys.iter().enumerate() {
            for (j, b) in keys.iter().enumerate() {
                assert_eq!(a == b, i == j, "{a:?} {b:?}");
            }
        }
        assert_eq!(keys[0].configuration(), b"a");
        assert_eq!(keys[0].server(), b"bc");
    }

    #[test]
    fn debug_output_shows_the_server_but_not_the_configuration() {
        let shown = format!("{:?}", ClientKey::new(b"hidden", b"example.com:443\n"));
        assert_eq!(shown, "ClientKey(example.com:443\\n, 6 bytes of configuration)");
    }
}
