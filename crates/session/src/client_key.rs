//! What a client's session is found by.

use alloc::sync::Arc;
use core::fmt;

/// What a client's session is found by: to whom it may be offered, and on whose behalf.
///
/// Two connections have equal keys if a session of the one can be offered by the other. The handshake compares what the
/// session itself carries (see [`cairn_handshake::NotResumed`]); the key is for finding it:
///
/// - `configuration` stands for all that the verdict about the server depended on: trust anchors, verification policy,
///   pre-shared keys, client credentials. The digests of [`cairn_handshake::Binding`] do.
/// - `server` says whom the connection is to: name or address, and port. Host names are equal whatever their case
///   (RFC 6066 section 3), these bytes are not: put names here in one spelling, lower case, say.
///
/// The two never run into each other: `("a", "bc")` is another key than `("ab", "c")`. A clone shares the bytes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ClientKey {
    // First what sooner differs.
    server: Arc<[u8]>,
    configuration: Arc<[u8]>,
}

impl ClientKey {
    /// The key of connections to `server` under `configuration`.
    #[must_use]
    pub fn new(configuration: &[u8], server: &[u8]) -> Self {
        Self::shared(configuration.into(), server.into())
    }

    /// As [`ClientKey::new`], of parts that are at hand to be shared.
    #[must_use]
    pub const fn shared(configuration: Arc<[u8]>, server: Arc<[u8]>) -> Self {
        Self { server, configuration }
    }

    /// What tells the configuration.
    #[must_use]
    pub fn configuration(&self) -> &[u8] {
        &self.configuration
    }

    /// What tells the server.
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
    /// The server; of the configuration the length only, since nobody knows what somebody put into it.
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
    fn the_parts_never_run_into_each_other() {
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
    fn printing_shows_the_server_and_no_configuration() {
        let shown = format!("{:?}", ClientKey::new(b"hidden", b"example.com:443\n"));
        assert_eq!(shown, "ClientKey(example.com:443\\n, 6 bytes of configuration)");
    }
}
