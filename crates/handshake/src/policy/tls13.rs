//! The parts of the policies for TLS 1.3 alone.

use crate::certificate_compression::CertificateCompression;
use alloc::{sync::Arc, vec::Vec};
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
    /// The algorithms for the compression of certificates, most preferred first (RFC 8879): those in which
    /// the server may compress its certificate, and those for our own if the server accepts one of them. If
    /// there are none, compress_certificate is not sent, and no certificate is compressed.
    pub certificate_compression: Vec<Arc<dyn CertificateCompression>>,
}

/// The part of a server's policy for TLS 1.3.
#[derive(Clone, Debug, Default)]
pub struct Tls13ServerPolicy {
    /// The cipher suites to accept, most preferred first. If there are none, TLS 1.3 is not negotiated.
    pub suites: Vec<&'static Tls13Suite>,
    /// The algorithms for the compression of certificates, most preferred first (RFC 8879): those for our
    /// certificate if the client accepts one of them, and those in which the client may compress its own. If
    /// there are none, compress_certificate is neither used nor sent.
    pub certificate_compression: Vec<Arc<dyn CertificateCompression>>,
}
