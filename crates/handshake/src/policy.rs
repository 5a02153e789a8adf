//! The policies, which determine what each side offers and accepts. They are plain data.
//!
//! [`ClientPolicy::modern`], [`ServerPolicy::modern`] and the other presets create them, and
//! [`ClientPolicy::check`] and [`ServerPolicy::check`] report what cannot work.
//!
//! A policy has a common part, and a part for each version with the settings of that version only. A version
//! is spoken if its part has cipher suites, so there is no version that is enabled and cannot be negotiated.

mod check;
mod error;
mod lists;
mod preset;
mod suites;
mod tls12;
mod tls13;
mod tls13_suites;

pub use self::{
    error::PolicyError,
    preset::{Policy, is_legacy_scheme},
    suites::{check_suite, has_group_for},
    tls12::{Renegotiation, RenegotiationLimits, Requirement, Tls12ClientPolicy, Tls12ServerPolicy},
    tls13::{
        EarlyDataPolicy, ExternalPskUse, OfferedPsk, PskModes, TicketCounts, Tls13ClientPolicy,
        Tls13ServerPolicy,
    },
};

use crate::{binding::Binding, client_hello_len::LONGEST_CLIENT_HELLO, security::Floor};
use alloc::vec::Vec;
use cairn_crypto::Provider;
use cairn_wire::{CertificateType, NamedGroup, SignatureScheme};

/// Limits on the memory and the work that a peer can cause this side to spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The maximum length of a handshake message other than Certificate, in bytes of body. Default 131,396,
    /// the longest ClientHello (RFC 5246 section 7.4.1.2). Most types have a lower limit of their own.
    /// Nothing is buffered of a message that the state does not accept ([`crate::Machine::check_header`]).
    pub max_message: u32,
    /// The maximum length of a Certificate message, in bytes of body. Default 102,400. It holds for the
    /// message before and after decompression too (RFC 8879 section 5), so that a compressed one needs twice
    /// as much.
    pub max_certificate_message: u32,
    /// The maximum number of KeyUpdate messages of the peer without application data in between (RFC 9846
    /// section 4.7.3). Default 32.
    pub max_key_updates: u8,
    /// The maximum early data that a server skips if it does not accept it (RFC 9846 section 4.3.10), in
    /// bytes. Padding and tags count, because they cannot be told from the data without the keys. The default
    /// is 32,768: servers commonly permit 16,384 bytes of data, and this leaves room for the rest. A server
    /// that permits more early data ([`EarlyDataPolicy::max_bytes`]) skips as much, and an eighth for the
    /// rest.
    pub max_skipped_early_data: u32,
    /// The maximum number of CertificateRequest messages after the handshake of TLS 1.3 (RFC 9846 section
    /// 4.7.2): on a server, those that are not answered yet. On a client, those of the server without
    /// application data in between; the client answers each before it takes the next. Default 16.
    pub max_certificate_requests: u8,
    /// The maximum number of PSK identities of a ClientHello that are looked at (RFC 9846 section 4.3.11).
    /// Others are ignored. Default 8.
    pub max_psk_identities: u8,
    /// The maximum number of tickets of one TLS 1.3 connection that a client stores. Others are ignored.
    /// Default 8.
    pub max_tickets: u8,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_message: LONGEST_CLIENT_HELLO,
            max_certificate_message: 102_400,
            max_key_updates: 32,
            max_skipped_early_data: 32_768,
            max_certificate_requests: 16,
            max_psk_identities: 8,
            max_tickets: 8,
        }
    }
}

/// Which sessions are resumed, and how they are stored. A client offers no others, and a server resumes no
/// others.
///
/// The default is for a client: sessions of the last 24 hours with a verified peer, and tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResumptionPolicy {
    /// The maximum age of a resumed session in seconds (RFC 5246 appendix F.1.4: at most 24 hours).
    pub lifetime: u32,
    /// The binding of sessions. Sessions with another binding are not resumed.
    pub binding: Binding,
    /// Whether to resume sessions with a peer whose chain was not verified
    /// ([`crate::Answer::PeerNotChecked`]).
    pub unverified_peers: bool,
    /// Whether to use tickets (RFC 5077). A client sends session_ticket. A server issues and accepts tickets:
    /// a client that requests a ticket gets one instead of a session ID.
    pub tickets: bool,
}

impl ResumptionPolicy {
    /// The maximum lifetime: 24 hours, in seconds (RFC 5246 appendix F.1.4).
    pub(crate) const MAX_LIFETIME: u32 = 86_400;
}

impl Default for ResumptionPolicy {
    fn default() -> Self {
        Self {
            lifetime: Self::MAX_LIFETIME,
            binding: Binding::default(),
            unverified_peers: false,
            tickets: true,
        }
    }
}

/// The policy of a client.
#[derive(Clone, Debug)]
pub struct ClientPolicy {
    /// The cryptography provider.
    pub provider: Provider,
    /// The groups to offer, most preferred first. Curves are offered with ECDHE suites (RFC 8422 section 4),
    /// and groups of RFC 7919 with DHE suites, within the limits (RFC 7919 section 3). If a DHE suite is
    /// offered and the list has no group of RFC 7919, ffdhe2048, ffdhe3072 and ffdhe4096 are added.
    pub groups: Vec<NamedGroup>,
    /// The signature schemes to accept, most preferred first.
    pub signature_schemes: Vec<SignatureScheme>,
    /// The signature schemes to accept in certificates, most preferred first, if they differ. If empty,
    /// signature_algorithms_cert is not sent (RFC 9846 section 4.3.3). The machine does not verify chains;
    /// [`crate::VerifyPeer`] must respect the list.
    pub certificate_signature_schemes: Vec<SignatureScheme>,
    /// The application protocols to offer, most preferred first. If empty, the extension is not sent (RFC
    /// 7301).
    pub alpn_protocols: Vec<Vec<u8>>,
    /// record_size_limit: the maximum plaintext of protected records that we receive, in bytes, from 64 to
    /// 16,384 (RFC 8449); `None` to omit the extension. In TLS 1.3 it includes the content type of a byte and
    /// padding; 16,384 means records of any size there too, and 16,385 is sent. Send it even if records of
    /// any size are accepted, so that the server can state its own limit (section 4). Servers that support
    /// both extensions use this one.
    pub record_size_limit: Option<u16>,
    /// Whether to request an OCSP response for the server's certificate with status_request (RFC 6066 section
    /// 8). The answer to [`crate::Question::VerifyPeer`] must judge the response, or its absence.
    pub status_request: bool,
    /// The certificate types to accept from servers, most preferred first: X.509, raw public keys, or both
    /// (RFC 7250). With X.509 only, the extension is not sent.
    pub server_certificate_types: Vec<CertificateType>,
    /// The certificate types to present to servers that request one, most preferred first.
    pub client_certificate_types: Vec<CertificateType>,
    /// Whether to request signed certificate timestamps (RFC 6962 section 3.3.1). The answer to
    /// [`crate::Question::VerifyPeer`] must check them.
    pub signed_certificate_timestamps: bool,
    /// Which sessions to offer for resumption and to report to save; `None` for full handshakes only. Only
    /// sessions with the extended master secret are resumed (RFC 7627 section 5.3).
    pub resumption: Option<ResumptionPolicy>,
    /// Whether to pad a ClientHello of 256 to 511 bytes to 512 bytes (RFC 7685), because some servers do not
    /// respond to hellos of such lengths.
    pub padding: bool,
    /// Whether to send GREASE values (RFC 8701), so that servers keep tolerating unknown values.
    pub grease: bool,
    /// Whether the extensions of ClientHello are in random order, anew for each connection, so that servers
    /// keep tolerating every order. Some old servers fail if the last extension is empty.
    pub permute_extensions: bool,
    /// The minimum security to accept.
    pub floor: Floor,
    /// Whether to write secrets to the key log.
    pub key_log: bool,
    /// Limits on memory.
    pub limits: Limits,
    /// The part for TLS 1.2.
    pub tls12: Tls12ClientPolicy,
    /// The part for TLS 1.3.
    pub tls13: Tls13ClientPolicy,
}

/// Whether a server requests client certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// No CertificateRequest is sent.
    #[default]
    None,
    /// A certificate is requested but not required.
    Request {
        /// The acceptable certificate authorities, distinguished names in DER (RFC 5246 section 7.4.4); may
        /// be empty.
        authorities: Vec<Vec<u8>>,
    },
    /// A certificate is required.
    Require {
        /// As in [`ClientAuthentication::Request`].
        authorities: Vec<Vec<u8>>,
    },
}

/// Which side's order of cipher suites is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SuiteOrder {
    /// The server's order. Exception: if the client lists ChaCha20-Poly1305 before every AES suite, which
    /// indicates that it has no AES hardware, ChaCha20-Poly1305 is preferred.
    #[default]
    Server,
    /// The client's order.
    Client,
}

/// The policy of a server.
#[derive(Clone, Debug)]
pub struct ServerPolicy {
    /// The cryptography provider.
    pub provider: Provider,
    /// Whether to ask [`crate::Question::ChooseConfiguration`] for the policy of each connection, after its
    /// first ClientHello. The hello is not checked against this policy before.
    pub ask_for_configuration: bool,
    /// Which side's order of cipher suites is used.
    pub suite_order: SuiteOrder,
    /// The groups to accept, most preferred first. If the list has no group of RFC 7919, those up to
    /// [`Tls12ServerPolicy::max_finite_field`] are accepted, smallest first.
    pub groups: Vec<NamedGroup>,
    /// The signature schemes to accept from clients, most preferred first.
    pub signature_schemes: Vec<SignatureScheme>,
    /// The application protocols to accept, most preferred first. If empty, the extension is ignored (RFC
    /// 7301).
    pub alpn_protocols: Vec<Vec<u8>>,
    /// Whether to request client certificates. If client authentication is required, only suites that permit
    /// CertificateRequest are chosen: no anonymous suites and no PSK suites.
    pub client_authentication: ClientAuthentication,
    /// The certificate types to accept from clients, most preferred first: X.509, raw public keys, or both
    /// (RFC 7250). The server's own type follows from its credentials.
    pub client_certificate_types: Vec<CertificateType>,
    /// record_size_limit: the maximum plaintext of protected records that we receive, in bytes, from 64 to
    /// 16,384 (RFC 8449), as [`ClientPolicy::record_size_limit`]. It is sent to clients that send theirs;
    /// `None` to ignore the extension. It overrides max_fragment_length (section 5).
    pub record_size_limit: Option<u16>,
    /// Which sessions to issue, to look up and to resume; `None` for full handshakes only: no session gets an
    /// ID or a ticket. Only sessions with the extended master secret are resumed (RFC 7627 section 5.3).
    pub resumption: Option<ResumptionPolicy>,
    /// The minimum security to accept.
    pub floor: Floor,
    /// Whether to write secrets to the key log.
    pub key_log: bool,
    /// Limits on memory.
    pub limits: Limits,
    /// The part for TLS 1.2.
    pub tls12: Tls12ServerPolicy,
    /// The part for TLS 1.3.
    pub tls13: Tls13ServerPolicy,
}

impl ClientAuthentication {
    /// The authorities, if a certificate is requested.
    pub(crate) fn authorities(&self) -> Option<&[Vec<u8>]> {
        match self {
            Self::None => None,
            Self::Request { authorities } | Self::Require { authorities } => Some(authorities),
        }
    }
}
