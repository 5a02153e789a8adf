//! The report of an authentication of the client after the handshake (RFC 9846 section 4.7.2).

use crate::{certificate_chain::CertificateChain, security::Proof, time::UnixTime};
use alloc::sync::Arc;
use cairn_wire::CertificateCompressionAlgorithm;

/// The client's answer to a CertificateRequest after the handshake (RFC 9846 section 4.7.2).
///
/// On a client it only reports the messages that the client has sent. RFC 9846 appendix F.1.2: the client
/// "cannot be sure whether the server afterwards considers the client to be authenticated or not."
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PostHandshakeAuthentication {
    /// The number of the request on this connection, from 0. A client may answer requests in another order
    /// than they were sent.
    pub request: u32,
    /// The client's identity from now on. `None` if its Certificate message was empty: its identity, or that
    /// it has none, is then unchanged.
    pub identity: Option<ClientIdentity>,
}

/// The identity that a client has proved after the handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientIdentity {
    /// The client's chain.
    pub chain: Arc<CertificateChain>,
    /// The client's proof that it possesses the private key.
    pub proof: Proof,
    /// Whether the server has verified the chain. `false` on a client, which does not know that.
    pub verified: bool,
    /// As [`crate::Summary::not_after`], for this chain.
    pub not_after: Option<UnixTime>,
    /// The algorithm in which the client's Certificate message was compressed (RFC 8879).
    pub compression: Option<CertificateCompressionAlgorithm>,
}
