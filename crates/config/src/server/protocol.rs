//! The server's own settings of the protocol.

use super::ServerConfigBuilder;
use cairn_handshake::{Requirement, SuiteOrder};

/// # Server protocol
///
/// Settings of the protocol that only a server has.
///
/// ```
/// # #[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
/// # {
/// use cairn_config::ServerConfig;
/// use cairn_handshake::SuiteOrder;
///
/// let server = ServerConfig::builder().suite_order(SuiteOrder::Client).require_secure_renegotiation();
/// # }
/// ```
impl ServerConfigBuilder {
    /// Which side's order of cipher suites is used. By default the server's.
    pub const fn suite_order(mut self, order: SuiteOrder) -> Self {
        self.policy.suite_order = order;
        self
    }

    /// The maximum length in bits of the groups of RFC 7919 that the server uses if none is listed in
    /// [`ServerConfigBuilder::groups`]. By default 3072. A short ClientHello can request such a key exchange,
    /// and its cost grows with the cube of the length: 25 to 50 ms with 8192 bits.
    pub const fn max_finite_field(mut self, bits: u16) -> Self {
        self.policy.tls12.max_finite_field = bits;
        self
    }

    /// Ignores max_fragment_length (RFC 6066 section 4). By default a client's request is accepted, because
    /// the client may not have the memory for longer records.
    pub const fn ignore_max_fragment_length(mut self) -> Self {
        self.policy.tls12.max_fragment_length = false;
        self
    }

    /// Refuses clients that send neither renegotiation_info nor its SCSV (RFC 5746 section 4.3). By default
    /// they are accepted, and the server does not renegotiate with them.
    pub fn require_secure_renegotiation(mut self) -> Self {
        self.policy.tls12.secure_renegotiation = Requirement::Require;
        self
    }
}
