//! The parts of the policies for TLS 1.2 alone.

use crate::ext::max_fragment_length::MaxFragmentLength;
use alloc::vec::Vec;
use cairn_schedule::Tls12Suite;
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

/// The part of a client's policy for TLS 1.2.
#[derive(Clone, Debug)]
pub struct Tls12ClientPolicy {
    /// The cipher suites to offer, most preferred first.
    pub suites: Vec<&'static Tls12Suite>,
    /// The lengths in bits of the Diffie-Hellman primes to accept, because the server may choose any prime.
    /// Default 2048 to 8192: shorter primes can be attacked (RFC 7457 section 2.12), 8192 is the largest
    /// group of RFC 7919, and the cost grows with the cube of the length.
    pub finite_field_bits: RangeInclusive<u16>,
    /// extended_master_secret (RFC 7627).
    pub extended_master_secret: Requirement,
    /// Whether to offer encrypt_then_mac (RFC 7366). It is sent with block cipher suites only.
    pub encrypt_then_mac: bool,
    /// The max_fragment_length to request (RFC 6066 section 4). If the server accepts it, it limits the
    /// plaintext of records in both directions.
    pub max_fragment_length: Option<MaxFragmentLength>,
    /// renegotiation_info (RFC 5746).
    pub secure_renegotiation: Requirement,
    /// Whether renegotiation is permitted.
    pub renegotiation: Renegotiation,
    /// Limits on renegotiations, and on requests for them.
    pub renegotiation_limits: RenegotiationLimits,
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
}
