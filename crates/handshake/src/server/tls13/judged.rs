//! What is kept of a ClientHello of TLS 1.3.

use crate::record_sizes::RecordSizeLimits;
use crate::server::tls13_offer::Tls13Offer;
use crate::tls13::certificate::Statements;
use alloc::sync::Arc;
use alloc::vec::Vec;
use cairn_schedule::tls13::{Kdf, RetryTranscript, Tls13Suite};
use cairn_wire::{NamedGroup, Random, SessionId};

/// The parts of a ClientHello that a TLS 1.3 handshake needs. The hello satisfies the policy.
pub(crate) struct Hello {
    /// The hello as received.
    pub(super) message: Vec<u8>,
    /// The transcript of the first hello and HelloRetryRequest, if this is the second.
    pub(super) retried: Option<RetryTranscript>,
    pub(super) random: Random,
    pub(super) session_id: SessionId,
    pub(super) suite: &'static Tls13Suite,
    pub(super) kdf: Kdf,
    pub(super) group: NamedGroup,
    /// The client's share for the group.
    pub(super) share: Vec<u8>,
    pub(super) server_name: Option<Arc<[u8]>>,
    pub(super) alpn: Option<Arc<[u8]>>,
    pub(super) record_size_limits: Option<RecordSizeLimits>,
    /// The statements about our certificate that the client requests.
    pub(super) requested: Statements,
    pub(super) offer: Tls13Offer,
    /// Whether the client permits requests for a certificate after the handshake.
    pub(super) post_handshake_auth: bool,
}

/// The first ClientHello, after HelloRetryRequest.
pub(crate) struct FirstHello {
    pub(super) message: Vec<u8>,
    pub(super) suite: &'static Tls13Suite,
    pub(super) kdf: Kdf,
    pub(super) group: NamedGroup,
    pub(super) transcript: RetryTranscript,
}
