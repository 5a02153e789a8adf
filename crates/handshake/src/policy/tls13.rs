//! The parts of the policies for TLS 1.3 alone.

use super::ClientAuthentication;
use alloc::vec::Vec;
use cairn_schedule::tls13::Tls13Suite;
use cairn_wire::NamedGroup;

/// The part of a client's policy for TLS 1.3.
#[derive(Clone, Debug, Default)]
pub struct Tls13ClientPolicy {
    /// The cipher suites to offer, most preferred first. If there are none, TLS 1.3 is not offered.
    pub suites: Vec<&'static Tls13Suite>,
    /// The groups to send a key share for, each one of the policy's groups (RFC 9846 section 4.3.8). The
    /// shares are sent in the order of the policy's groups, as that section requires. If the server wants
    /// another group, it answers with HelloRetryRequest, which costs a round trip.
    pub key_shares: Vec<NamedGroup>,
    /// Whether to look like TLS 1.2 to middleboxes: a random legacy_session_id, and a ChangeCipherSpec
    /// without meaning (RFC 9846 appendix E.4).
    pub middlebox_compatibility: bool,
    /// Whether to offer post_handshake_auth: the server may then request a certificate at any time after the
    /// handshake (RFC 9846 section 4.3.6). The connection keeps the state of its transcript hash for that.
    pub post_handshake_auth: bool,
}

/// The part of a server's policy for TLS 1.3.
#[derive(Clone, Debug, Default)]
pub struct Tls13ServerPolicy {
    /// The cipher suites to accept, most preferred first. If there are none, TLS 1.3 is not negotiated.
    pub suites: Vec<&'static Tls13Suite>,
    /// How clients that offer post_handshake_auth are authenticated after the handshake, when the caller
    /// requests it ([`crate::Input::RequestCertificate`], RFC 9846 section 4.7.2). With
    /// [`ClientAuthentication::Require`], an empty Certificate message ends the connection.
    ///
    /// Requests are possible if neither the policy of the handshake nor the one in use has
    /// [`ClientAuthentication::None`] here. Connections on which they are possible keep the state of their
    /// transcript hash.
    ///
    /// The client presents the type of certificate that the handshake has negotiated for it, or X.509 if the
    /// handshake requested none.
    pub post_handshake_authentication: ClientAuthentication,
}
