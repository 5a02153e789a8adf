//! The policies: what each side offers and accepts. They are plain data. The builders of the connection
//! create them, and [`ClientPolicy::check`] and [`ServerPolicy::check`] report what cannot work.
//!
//! A policy has a common part, and one part for each version, with what only that version has. TLS 1.2 is the
//! only version, so its part is always present, and there is no policy without a version.

use crate::{Binding, Floor, expected::LONGEST_CLIENT_HELLO};
use alloc::vec::Vec;
use cairn_crypto::Provider;
use cairn_schedule::Tls12Suite;
use cairn_wire::{CertificateType, NamedGroup, SignatureScheme};
use core::ops::RangeInclusive;

/// Whether the peer must support a protection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Requirement {
    /// Used if the peer supports it.
    #[default]
    Offer,
    /// Required: a peer without it is refused.
    Require,
}

/// Whether a connection permits renegotiation (RFC 5246 section 7.4.1.1).
///
/// A renegotiation is always a full handshake, requires RFC 5746, and cannot change an authenticated identity
/// of the peer. If a renegotiation is refused, the connection continues unchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Renegotiation {
    /// Never: the peer's request is refused with `no_renegotiation`.
    #[default]
    Never,
    /// If this side requests it: a client with ClientHello, a server with HelloRequest.
    Requested,
    /// If either side requests it. Clients can then cause work for a server, up to
    /// [`RenegotiationLimits::max_renegotiations`].
    Allowed,
}

/// Limits on the memory that a peer can cause this side to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The maximum length of a handshake message other than Certificate, in bytes of body. Default 131,396,
    /// the longest ClientHello (RFC 5246 section 7.4.1.2). Most types have a lower limit of their own.
    /// Nothing is buffered of a message that the state does not accept ([`crate::Machine::check_header`]).
    pub max_message: u32,
    /// The maximum length of a Certificate message, in bytes of body. Default 102,400.
    pub max_certificate_message: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_message: LONGEST_CLIENT_HELLO, max_certificate_message: 102_400 }
    }
}

/// Limits on the work and the time that a peer can cause with renegotiations (RFC 5246 section 7.4.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RenegotiationLimits {
    /// The maximum number of requests for a renegotiation that lead to no handshake, without application data
    /// of the peer in between: HelloRequests during a handshake, and requests that are refused after it. One
    /// more ends the connection. Default 4: RFC 5246 section 7.4.1.1 tells servers not to repeat them.
    ///
    /// With data in between, the number of requests is not limited. The first 64 of a connection are answered
    /// with `no_renegotiation` and later ones ignored. If the peer does not support secure renegotiation (RFC
    /// 5746), the 65th ends the connection.
    pub max_hello_requests: u8,
    /// The maximum number of renegotiations on one connection, requested by either side. Default 8. More are
    /// refused, as if the policy did not permit renegotiation.
    pub max_renegotiations: u8,
    /// The maximum duration of a renegotiation in seconds, from its request to its end, the time for answers
    /// of the application included. Default 60. After that, a client that has not started the requested
    /// handshake counts as having refused it, and a handshake in progress ends the connection with
    /// `handshake_failure`. See [`crate::Input::Time`].
    pub max_duration: u32,
}

impl Default for RenegotiationLimits {
    fn default() -> Self {
        Self { max_hello_requests: 4, max_renegotiations: 8, max_duration: 60 }
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
    /// signature_algorithms_cert is not sent (RFC 8446 section 4.2.3). The machine does not verify chains;
    /// [`crate::VerifyPeer`] must respect the list.
    pub certificate_signature_schemes: Vec<SignatureScheme>,
    /// The application protocols to offer, most preferred first. If empty, the extension is not sent (RFC
    /// 7301).
    pub alpn_protocols: Vec<Vec<u8>>,
    /// record_size_limit: the maximum plaintext of protected records that we receive, in bytes, from 64 to
    /// 16,384 (RFC 8449); `None` to omit the extension. Send it even if records of any size are accepted, so
    /// that the server can state its own limit (section 4). Servers that support both extensions use this
    /// one.
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
    /// Whether to offer sessions for resumption and to report sessions to save. Only sessions with the
    /// extended master secret are resumed (RFC 7627 section 5.3).
    pub resumption: bool,
    /// The maximum age of an offered session in seconds (RFC 5246 appendix F.1.4: at most 24 hours).
    pub session_lifetime: u32,
    /// What sessions are bound to. Sessions with another binding are not offered.
    pub binding: Binding,
    /// Whether to offer sessions with a server whose chain was not verified
    /// ([`crate::Answer::PeerNotChecked`]).
    pub resumes_unverified_peers: bool,
    /// Whether to pad a ClientHello of 256 to 511 bytes to 512 bytes (RFC 7685), because some servers do not
    /// respond to hellos of such lengths.
    pub padding: bool,
    /// Whether to send GREASE values (RFC 8701), so that servers keep tolerating unknown values.
    pub grease: bool,
    /// The minimum security to accept.
    pub floor: Floor,
    /// Whether to write secrets to the key log.
    pub key_log: bool,
    /// Limits on memory.
    pub limits: Limits,
    /// The part for TLS 1.2.
    pub tls12: Tls12ClientPolicy,
}

/// The part of a client's policy for TLS 1.2.
#[derive(Clone, Debug)]
pub struct Tls12ClientPolicy {
    /// The cipher suites to offer, most preferred first.
    pub suites: Vec<&'static Tls12Suite>,
    /// The lengths in bits of the Diffie-Hellman primes to accept, because the server may choose any prime.
    /// Default 2048 to 8192: shorter primes can be attacked (RFC 7457 section 2.12), 8192 is the largest group
    /// of RFC 7919, and the cost grows with the cube of the length.
    pub finite_field_bits: RangeInclusive<u16>,
    /// extended_master_secret (RFC 7627).
    pub extended_master_secret: Requirement,
    /// Whether to offer encrypt_then_mac (RFC 7366). It is sent with block cipher suites only.
    pub encrypt_then_mac: bool,
    /// The max_fragment_length to request in bytes: 512, 1024, 2048 or 4096 (RFC 6066 section 4). If the
    /// server accepts it, it limits the plaintext of records in both directions.
    pub max_fragment_length: Option<u16>,
    /// renegotiation_info (RFC 5746).
    pub secure_renegotiation: Requirement,
    /// Whether renegotiation is permitted.
    pub renegotiation: Renegotiation,
    /// Limits on renegotiations, and on requests for them.
    pub renegotiation_limits: RenegotiationLimits,
    /// Whether to send session_ticket (RFC 5077), if `resumption` is set.
    pub tickets: bool,
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
    /// 16,384 (RFC 8449). It is sent to clients that send theirs; `None` to ignore the extension. It
    /// overrides max_fragment_length (section 5).
    pub record_size_limit: Option<u16>,
    /// Whether to issue session IDs and to look up sessions. Only sessions with the extended master secret
    /// get an ID and are resumed (RFC 7627 section 5.3).
    pub resumption: bool,
    /// The maximum age of a resumed session in seconds (RFC 5246 appendix F.1.4: at most 24 hours).
    pub session_lifetime: u32,
    /// What sessions are bound to. Sessions with another binding are not resumed.
    pub binding: Binding,
    /// Whether to resume sessions with a client whose chain was not verified
    /// ([`crate::Answer::PeerNotChecked`]).
    pub resumes_unverified_peers: bool,
    /// The minimum security to accept.
    pub floor: Floor,
    /// Whether to write secrets to the key log.
    pub key_log: bool,
    /// Limits on memory.
    pub limits: Limits,
    /// The part for TLS 1.2.
    pub tls12: Tls12ServerPolicy,
}

/// The part of a server's policy for TLS 1.2.
#[derive(Clone, Debug)]
pub struct Tls12ServerPolicy {
    /// The cipher suites to accept, most preferred first.
    pub suites: Vec<&'static Tls12Suite>,
    /// The PSK identity hint (RFC 4279 section 2).
    pub psk_identity_hint: Option<Vec<u8>>,
    /// The maximum length in bits of the groups of RFC 7919 that are used if the policy lists none and its
    /// floor does not require more. Default 3072. A ClientHello of 140 bytes can request a key exchange, and
    /// with 8192 bits it costs 25 to 50 ms.
    pub max_finite_field: u16,
    /// extended_master_secret (RFC 7627).
    pub extended_master_secret: Requirement,
    /// Whether to accept encrypt_then_mac (RFC 7366) if the client offers it.
    pub encrypt_then_mac: bool,
    /// Whether to accept max_fragment_length (RFC 6066 section 4) if the client requests it.
    pub max_fragment_length: bool,
    /// renegotiation_info or its SCSV (RFC 5746).
    pub secure_renegotiation: Requirement,
    /// Whether renegotiation is permitted.
    pub renegotiation: Renegotiation,
    /// Limits on renegotiations, and on requests for them.
    pub renegotiation_limits: RenegotiationLimits,
    /// Whether to issue and accept tickets (RFC 5077), if `resumption` is set. A client that requests a
    /// ticket gets one instead of a session ID.
    pub tickets: bool,
}

impl ClientAuthentication {
    pub(crate) fn authorities(&self) -> Option<&[Vec<u8>]> {
        match self {
            Self::None => None,
            Self::Request { authorities } | Self::Require { authorities } => Some(authorities),
        }
    }
}
