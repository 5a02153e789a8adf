//! The state of a TLS 1.2 connection that outlives a handshake.

use super::{established::Tls12Established, renegotiation::Renegotiations};
use cairn_wire::SessionId;

/// The state of a TLS 1.2 connection that outlives a handshake.
#[derive(Default)]
pub(crate) struct Tls12Connection {
    /// The result of the last complete handshake, which a renegotiation must agree with.
    pub(crate) last: Option<Tls12Established>,
    /// The session that this connection created or resumed, which a fatal alert invalidates. It is known
    /// before the handshake is complete.
    pub(crate) session_in_use: SessionId,
    pub(crate) renegotiations: Renegotiations,
}
