//! What a server decides beside suites.

use super::ServerConfigBuilder;
use cairn_handshake::{Requirement, SuiteOrder};

/// # Protocol details of a server
impl ServerConfigBuilder {
    /// Whose order of suites counts. By default the server's.
    pub const fn suite_order(mut self, order: SuiteOrder) -> Self {
        self.policy.suite_order = order;
        self
    }

    /// Ignores max_fragment_length (RFC 6066 section 4). By default a client that asks for short records has them, for it
    /// may have no room for others.
    pub const fn ignore_max_fragment_length(mut self) -> Self {
        self.policy.max_fragment_length = false;
        self
    }

    /// Refuses clients without renegotiation_info or its SCSV (RFC 5746 section 4.3). By default they are let in: this
    /// server does not renegotiate with them.
    pub fn require_secure_renegotiation(mut self) -> Self {
        self.policy.secure_renegotiation = Requirement::Require;
        self
    }
}
