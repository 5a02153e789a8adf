//! The server's own settings of the protocol.

use super::ServerConfigBuilder;
#[cfg(feature = "std")]
use alloc::sync::Arc;
use cairn_handshake::{EarlyDataPolicy, Requirement, SuiteOrder};

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
    /// The side whose order of cipher suites is used. By default it is the server.
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

    /// Issues tickets with which clients of TLS 1.3 can send up to `max_bytes` of early data (RFC 9846
    /// section 2.3), and accepts it. Off by default: the documentation of the transport's `read_early`
    /// states the risks.
    ///
    /// A ClientHello with early data is accepted once. A stored session is used once. If tickets contain the
    /// sessions, the server remembers the hellos in a window of time
    /// ([`ServerConfigBuilder::replay_window`]), or asks the caller
    /// ([`ServerConfigBuilder::ask_for_sessions`]).
    pub const fn early_data(mut self, max_bytes: u32) -> Self {
        self.policy.tls13.early_data = Some(EarlyDataPolicy::new(max_bytes));
        self
    }

    /// Permits 0.5-RTT data to clients of TLS 1.3: application data before the client's Finished (RFC 9846
    /// section 2), for example the response to early data. Off by default, and nothing is sent early without
    /// a call of its own: the transport's `write_half_rtt`.
    ///
    /// **The client has proved nothing at that point**: its ClientHello may be a replay. A server that
    /// requests a client certificate sends no such data in that handshake, whatever this setting.
    pub const fn half_rtt_data(mut self) -> Self {
        self.policy.tls13.half_rtt_data = true;
        self
    }

    /// The window in which hellos with early data are remembered. The default is for 10,000 of them in 20
    /// seconds, for this configuration alone. Configurations that share ticket keys must share it.
    #[cfg(feature = "std")]
    pub fn replay_window(mut self, window: Arc<cairn_session::ReplayWindow>) -> Self {
        self.replay_window = Some(window);
        self
    }

    /// Accepts PSKs of TLS 1.3 without a key exchange, `psk_ke` (RFC 9846 section 4.3.9), from clients that
    /// offer no other mode. By default they get a full handshake, or a failure if the server has external
    /// PSKs alone: the keys of such a connection follow from the PSK, and it has no forward secrecy.
    pub const fn allow_psk_ke(mut self) -> Self {
        self.policy.tls13.psk_ke = true;
        self
    }

    /// Refuses clients that send neither renegotiation_info nor its SCSV (RFC 5746 section 4.3). By default
    /// they are accepted, and the server does not renegotiate with them.
    pub fn require_secure_renegotiation(mut self) -> Self {
        self.policy.tls12.secure_renegotiation = Requirement::Require;
        self
    }
}
