//! What a client offers beside suites.

use super::ClientConfigBuilder;
use cairn_handshake::Requirement;

/// # Protocol details of a client
impl ClientConfigBuilder {
    /// Does not offer encrypt_then_mac (RFC 7366), for servers that get it wrong. By default it is offered with suites
    /// of CBC; without it their records are MAC-then-encrypt (RFC 5246 section 6.2.3.2).
    pub fn no_encrypt_then_mac(mut self) -> Self {
        self.policy.encrypt_then_mac = false;
        self
    }

    /// Asks that no record of either side hold more plaintext than so many bytes: 512, 1024, 2048 or 4096
    /// (max_fragment_length, RFC 6066 section 4). For clients with little memory; a server may ignore it, and
    /// [`crate::Summary::max_fragment_length`] says what became of it.
    ///
    /// Servers that know record_size_limit go by that alone, so it is lowered to as much: say it after this where it is
    /// to be more.
    pub fn max_fragment_length(mut self, bytes: u16) -> Self {
        self.policy.max_fragment_length = Some(bytes);
        self.policy.record_size_limit = self.policy.record_size_limit.map(|limit| limit.min(bytes));
        self
    }

    /// Takes servers without renegotiation_info (RFC 5746 section 4.1). By default they are refused.
    pub fn allow_insecure_renegotiation_peers(mut self) -> Self {
        self.policy.secure_renegotiation = Requirement::Offer;
        self
    }

    /// Leaves the first message as long as it is. By default one of 256 to 511 bytes is padded to 512 (RFC 7685): some old
    /// servers never answer one of such a length, and nothing tells then why the connection hangs. A hello is in that range as
    /// a rule when it has a ticket in it.
    pub const fn no_padding(mut self) -> Self {
        self.policy.padding = false;
        self
    }

    /// Sends values that mean nothing among those that do (GREASE, RFC 8701), drawn anew for each connection: servers that
    /// mind what they do not know are found out before it matters.
    ///
    /// Off by default. It does nothing for the connection at hand, and who speaks TLS 1.2 alone meets servers that nobody
    /// mends any more; turn it on where you test, or where servers are yours.
    pub const fn grease(mut self) -> Self {
        self.policy.grease = true;
        self
    }
}
