//! The parts of the policies for TLS 1.3 alone.

use super::ClientAuthentication;
use crate::certificate_compression::CertificateCompression;
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::HashAlgorithm;
use cairn_schedule::{
    RecordPadding,
    tls13::{Psk, Tls13Suite},
};
use cairn_wire::{ClientTicketRequest, NamedGroup, PskKeyExchangeMode, SignatureScheme};

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
    /// The padding of the application data that we send.
    pub record_padding: RecordPadding,
    /// The algorithms for the compression of certificates, most preferred first (RFC 8879): those in which
    /// the server may compress its certificate, and those for our own if the server accepts one of them. If
    /// there are none, compress_certificate is not sent, and no certificate is compressed.
    pub certificate_compression: Vec<Arc<dyn CertificateCompression>>,
    /// The schemes in which the server may sign with a delegated credential, most preferred first (RFC
    /// 9345): keys that the holder of a certificate issues for at most seven days. The answer to
    /// [`crate::Question::VerifyPeer`] must verify them. If there are none, delegated_credential is not
    /// sent, and a credential ends the handshake. Schemes for RSA keys with the identifier rsaEncryption
    /// are not allowed.
    pub delegated_credential_schemes: Vec<SignatureScheme>,
    /// Whether to offer post_handshake_auth: the server may then request a certificate at any time after the
    /// handshake (RFC 9846 section 4.3.6). The connection keeps the state of its transcript hash for that.
    pub post_handshake_auth: bool,
    /// The modes in which PSKs are used, for resumption and with external PSKs.
    pub psk_modes: PskModes,
    /// The external PSKs to offer, most preferred first (RFC 9846 section 4.3.11). The server authenticates
    /// with the selected one instead of a certificate, unless `external_psk_use` says otherwise.
    pub external_psks: Vec<OfferedPsk>,
    /// Whether certificates authenticate too in handshakes with external PSKs. With
    /// [`ExternalPskUse::WithCertificate`] a handshake without both fails, and the policy must have external
    /// PSKs and neither TLS 1.2, resumption nor early data.
    pub external_psk_use: ExternalPskUse,
    /// The numbers of tickets to request (RFC 9149); `None` to leave the number to the server.
    pub ticket_request: Option<ClientTicketRequest>,
    /// Whether to offer early data with tickets that permit it (RFC 9846 section 2.3). Early data is not
    /// forward secret, and an attacker can replay it: see [`crate::Item::ApplicationData`].
    pub early_data: bool,
}

/// The use of external PSKs in a handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ExternalPskUse {
    /// The PSK authenticates both sides, in place of certificates (RFC 9846 section 4.3.11).
    #[default]
    Alone,
    /// Only together with certificates, which authenticate (RFC 8773). The secrets depend on the PSK and on
    /// the key exchange, so that recorded traffic stays secret if a quantum computer breaks the latter.
    WithCertificate,
}

/// The modes in which a client uses PSKs (RFC 9846 section 4.3.9).
///
/// A connection without a key exchange has no forward secrecy: its keys follow from the PSK.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PskModes {
    /// `psk_dhe_ke`: with a key exchange.
    #[default]
    KeyExchange,
    /// Both modes, as the server chooses.
    Either,
    /// `psk_ke`: without a key exchange, for devices to which it costs too much. A ClientHello with a PSK
    /// then has no key share. If the server declines the PSK, it answers with HelloRetryRequest.
    PskAlone,
}

impl PskModes {
    /// The modes of psk_key_exchange_modes, most preferred first.
    pub(crate) const fn list(self) -> &'static [PskKeyExchangeMode] {
        match self {
            Self::KeyExchange => &[PskKeyExchangeMode::PSK_DHE_KE],
            Self::Either => &[PskKeyExchangeMode::PSK_DHE_KE, PskKeyExchangeMode::PSK_KE],
            Self::PskAlone => &[PskKeyExchangeMode::PSK_KE],
        }
    }
}

/// An external PSK that a client offers (RFC 9846 section 4.3.11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedPsk {
    /// The identity, 1 to 65,535 bytes. It is sent unencrypted.
    pub identity: Vec<u8>,
    /// The key with its hash: plain or imported (RFC 9258). A key must not be used with several hashes, nor
    /// in TLS 1.2 too.
    pub psk: Psk,
}

/// The part of a server's policy for TLS 1.3.
#[derive(Clone, Debug, Default)]
pub struct Tls13ServerPolicy {
    /// The cipher suites to accept, most preferred first. If there are none, TLS 1.3 is not negotiated.
    pub suites: Vec<&'static Tls13Suite>,
    /// The padding of the application data that we send.
    pub record_padding: RecordPadding,
    /// The algorithms for the compression of certificates, most preferred first (RFC 8879): those for our
    /// certificate if the client accepts one of them, and those in which the client may compress its own. If
    /// there are none, compress_certificate is neither used nor sent.
    pub certificate_compression: Vec<Arc<dyn CertificateCompression>>,
    /// The schemes in which a client may sign with a delegated credential, most preferred first (RFC 9345):
    /// keys that the holder of a certificate issues for at most seven days. The answer to
    /// [`crate::Question::VerifyPeer`] must verify them. If there are none, delegated_credential is not
    /// sent, and a credential ends the handshake. Schemes for RSA keys with the identifier rsaEncryption
    /// are not allowed.
    pub delegated_credential_schemes: Vec<SignatureScheme>,
    /// The authentication, after the handshake, of clients that offer post_handshake_auth, when the caller
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
    /// Whether to accept resumption and external PSKs without a key exchange, `psk_ke` (RFC 9846 section
    /// 4.3.9), from clients that do not offer `psk_dhe_ke`. Such a connection has no forward secrecy.
    pub psk_ke: bool,
    /// Whether [`crate::Question::ChoosePsk`] may have external PSKs as an answer, and is asked although no
    /// session can be resumed.
    pub external_psks: bool,
    /// Whether certificates authenticate too in handshakes with external PSKs. With
    /// [`ExternalPskUse::WithCertificate`], a client that does not offer that gets a handshake without its
    /// PSK. No tickets are issued in a handshake with both.
    pub external_psk_use: ExternalPskUse,
    /// The hash of the PSKs of a server that has no certificate. The server then answers an unknown identity
    /// as it answers a wrong binder. Otherwise a client could test which identities exist (RFC 9846 appendix
    /// F.6). With PSKs of several hashes, set the one that most clients use: HelloRetryRequest reveals the
    /// hash of the chosen suite. For a server with a certificate this must be `None`, because it continues
    /// with a full handshake if it knows no identity.
    pub only_psks: Option<HashAlgorithm>,
    /// The number of tickets that a client gets.
    pub tickets: TicketCounts,
    /// The early data to accept; `None` to accept none.
    pub early_data: Option<EarlyDataPolicy>,
    /// Whether the caller may send 0.5-RTT data: application data after our Finished and before the client's
    /// (RFC 9846 section 2), so that the client gets it a round trip earlier. It goes to a client that has
    /// proved nothing: the ClientHello may be a replay, and an active attacker may be at the other end. The
    /// gate for it is [`Gate::HalfRtt`](cairn_schedule::Gate::HalfRtt), and stays closed in a handshake that
    /// requests a client certificate, because the answer may depend on who the client is.
    pub half_rtt_data: bool,
}

/// The early data that a server accepts (RFC 9846 sections 2.3 and 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlyDataPolicy {
    /// max_early_data_size: the maximum early data of a connection in bytes, which the tickets state.
    pub max_bytes: u32,
    /// The maximum difference in milliseconds between the age of a ticket as the client states it and as the
    /// server knows it. With a greater one the ClientHello is not fresh, and its early data is not accepted
    /// (RFC 9846 section 8.3). Default 10,000, for clients on the Internet.
    pub window: u32,
}

impl EarlyDataPolicy {
    /// Accepts this number of bytes, from a ClientHello that is at most 10 seconds old.
    #[must_use]
    pub const fn new(max_bytes: u32) -> Self {
        Self { max_bytes, window: 10_000 }
    }
}

/// The number of tickets that a server sends after a TLS 1.3 handshake, if sessions can be resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketCounts {
    /// After a full handshake, unless the client requests a number. Default 2.
    pub full: u8,
    /// After a resumption, unless the client requests a number. Default 1, which replaces the ticket that was
    /// used.
    pub resumed: u8,
    /// The maximum number that a client can request with ticket_request (RFC 9149). Default 4.
    pub max_requested: u8,
}

impl Default for TicketCounts {
    fn default() -> Self {
        Self { full: 2, resumed: 1, max_requested: 4 }
    }
}

impl TicketCounts {
    /// The number of tickets for this client. RFC 9149 section 3: "the number of NewSessionTicket messages
    /// sent will typically be the minimum of the server's self-imposed limit and the number requested."
    pub(crate) fn of(self, requested: Option<ClientTicketRequest>, is_resumed: bool) -> u8 {
        match (requested, is_resumed) {
            (None, false) => self.full,
            (None, true) => self.resumed,
            (Some(requested), false) => requested.new_session_count.min(self.max_requested),
            (Some(requested), true) => requested.resumption_count.min(self.max_requested),
        }
    }
}
