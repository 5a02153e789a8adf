//! The phase of a connection, in any role and version.

use cairn_wire::ProtocolVersion;

/// The phase of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// [`crate::Input::Start`] has not come yet.
    NotStarted,
    /// The hellos are exchanged, in the first handshake or in a renegotiation. The version is not chosen yet.
    Negotiating,
    /// The version is chosen, and the handshake is in progress.
    Handshake(ProtocolVersion),
    /// A handshake is complete, and no other is in progress. A server that has sent HelloRequest is in this
    /// phase until the client answers: the request is a state of TLS 1.2.
    Established,
    /// The connection has ended.
    Failed,
}
