//! The data kept of a ClientHello of TLS 1.3.

use crate::certificate_compression::CertificateCompression;
use crate::error::HandshakeErrorKind;
use crate::input::KnownPsk;
use crate::policy::ServerPolicy;
use crate::record_sizes::RecordSizeLimits;
use crate::resumption::NotResumed;
use crate::security::strength;
use crate::server::tls13_offer::Tls13Offer;
use crate::tls13::certificate::Statements;
use alloc::sync::Arc;
use alloc::vec::Vec;
use cairn_schedule::tls13::{Binder, Kdf, PskSecret, RetryTranscript, Tls13Suite, Transcript};
use cairn_wire::{ClientTicketRequest, NamedGroup, PskKeyExchangeMode, Random, SessionId};

/// The parts of a ClientHello that a TLS 1.3 handshake needs. The hello satisfies the policy.
pub(crate) struct Hello {
    /// The hello as received.
    pub(super) message: Vec<u8>,
    /// The parameters that HelloRetryRequest has fixed, if this is the second hello.
    pub(super) retry: Option<Retry>,
    pub(super) random: Random,
    pub(super) session_id: SessionId,
    pub(super) suite: &'static Tls13Suite,
    pub(super) kdf: Kdf,
    /// The client's share of the key exchange. `None` if the PSK is used without one.
    pub(super) share: Option<Share>,
    /// The reason why a session of the client is not resumed.
    pub(super) not_resumed: Option<NotResumed>,
    pub(super) server_name: Option<Arc<[u8]>>,
    pub(super) alpn: Option<Arc<[u8]>>,
    pub(super) record_size_limits: Option<RecordSizeLimits>,
    /// Whether this hello offers early data.
    pub(super) early_data: bool,
    /// The statements about our certificate that the client requests.
    pub(super) requested: Statements,
    /// The compression of our certificate.
    pub(super) compression: Option<Arc<dyn CertificateCompression>>,
    pub(super) offer: Tls13Offer,
    /// Whether the client permits requests for a certificate after the handshake.
    pub(super) post_handshake_auth: bool,
    /// Whether the hello has all extensions that a handshake with a certificate needs.
    pub(super) certificate_handshake: Result<(), HandshakeErrorKind>,
    /// Whether the client can use tickets in a mode that the policy permits.
    pub(super) takes_tickets: bool,
    pub(super) ticket_request: Option<ClientTicketRequest>,
}

/// A key share of the client.
pub(crate) struct Share {
    pub(super) group: NamedGroup,
    pub(super) key_exchange: Vec<u8>,
}

/// A PSK of the client that this handshake may use.
pub(crate) struct SelectedPsk {
    /// The place of its identity in the client's list: selected_identity.
    pub(super) index: u16,
    pub(super) identity: Vec<u8>,
    pub(super) psk: KnownPsk,
    pub(super) secret: PskSecret,
    /// obfuscated_ticket_age.
    pub(super) obfuscated_age: u32,
    pub(super) mode: PskKeyExchangeMode,
    /// Whether certificates authenticate too (RFC 8773).
    pub(super) with_certificate: bool,
}

/// A PSK, and a suite of its hash.
pub(super) type Selected = (SelectedPsk, (&'static Tls13Suite, Kdf));

/// A [`SelectedPsk`] whose binder is that of the client.
pub(crate) struct BoundPsk {
    pub(super) psk: SelectedPsk,
    pub(super) binder: Binder,
    /// The transcript of the ClientHello; after HelloRetryRequest that of [`Retry`].
    pub(super) transcript: Option<Transcript>,
}

/// The PSKs of a ClientHello, one of which is being chosen.
pub(crate) struct Candidates {
    /// The hello as received.
    pub(super) message: Vec<u8>,
    /// The identities before this place were passed over.
    pub(super) from: u16,
    /// The number of identities that are looked at.
    pub(super) until: u16,
    pub(super) mode: PskKeyExchangeMode,
    /// Whether the client offers an external PSK together with certificates (RFC 8773).
    pub(super) with_certificate: bool,
    /// The external PSK that is selected, while the others are looked at.
    pub(super) selected: Option<Selected>,
    pub(super) retry: Option<Retry>,
    /// The first reason why a session is not resumed.
    pub(super) not_resumed: Option<NotResumed>,
}

/// The choices so far.
pub(super) struct Choices {
    /// The suite for the PSK.
    pub(super) suite: Option<(&'static Tls13Suite, Kdf)>,
    pub(super) psk: Option<SelectedPsk>,
    pub(super) retry: Option<Retry>,
    pub(super) not_resumed: Option<NotResumed>,
}

/// The parameters that HelloRetryRequest has fixed.
pub(crate) struct Retry {
    pub(super) suite: &'static Tls13Suite,
    pub(super) kdf: Kdf,
    pub(super) group: NamedGroup,
    /// Whether the first hello offered early data, which HelloRetryRequest rejects (RFC 9846 section 4.3.10).
    pub(super) early_data: bool,
    /// The transcript of the first hello and HelloRetryRequest.
    pub(super) transcript: RetryTranscript,
}

/// The first ClientHello, after HelloRetryRequest.
pub(crate) struct FirstHello {
    pub(super) message: Vec<u8>,
    pub(super) retry: Retry,
}

/// The groups that this server can use, most preferred first.
pub(super) fn usable_groups(policy: &ServerPolicy) -> impl Iterator<Item = NamedGroup> + '_ {
    policy.groups.iter().copied().filter(|group| {
        policy.provider.group(*group).is_some() && strength::of_group(*group) >= policy.floor.bits
    })
}
