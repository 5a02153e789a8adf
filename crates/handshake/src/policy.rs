//! What each end offers and accepts. Plain data: the connection's builders make them, and [`ClientPolicy::check`] and
//! [`ServerPolicy::check`] say what cannot work.

use crate::{Binding, Floor, expected::LONGEST_CLIENT_HELLO};
use alloc::vec::Vec;
use cairn_crypto::Provider;
use cairn_schedule::Suite;
use cairn_wire::{CertificateType, NamedGroup, SignatureScheme};

/// Whether a protection is only offered or also demanded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Requirement {
    /// Offered; used when the peer does it too.
    #[default]
    Offer,
    /// Offered; a peer that does not do it is refused.
    Require,
}

/// Whether a connection may have another handshake after its first (RFC 5246 section 7.4.1.1).
///
/// A renegotiation is always a full handshake, takes place only with peers that support RFC 5746, and cannot change an
/// identity that the peer has proved. A refused renegotiation leaves the connection as it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Renegotiation {
    /// Never: the peer's request is answered with `no_renegotiation`.
    #[default]
    Never,
    /// When this side asks for it: a client by its own hello, a server by HelloRequest.
    Requested,
    /// When either side asks for it. A server lets its clients make it work, then, though not more often than
    /// [`Limits::max_renegotiations`].
    Allowed,
}

/// Bounds on what a peer can make us hold or do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Longest handshake message but Certificate, in bytes of body. Default 131,396: the longest ClientHello that RFC 5246
    /// section 7.4.1.2 has room for. Most messages have room for less, and are refused at that; and nothing is held of a
    /// message that the state does not take ([`crate::Machine::check_header`]).
    pub max_message: u32,
    /// Longest Certificate message, in bytes of body. Default 102,400.
    pub max_certificate_message: u32,
    /// Requests for a handshake that nothing comes of, with no application data of the peer between them: HelloRequests
    /// during a handshake, and requests that are refused after it. One more ends the connection. Default 4: RFC 5246
    /// section 7.4.1.1 asks servers not to repeat them.
    ///
    /// With data between them there may be any number of requests. The first 64 of a connection are answered with
    /// `no_renegotiation`, later ones are ignored. With a peer that has no secure renegotiation (RFC 5746) the 65th ends
    /// the connection.
    pub max_hello_requests: u8,
    /// Handshakes after the first on one connection, whoever asks for them. Default 8; more are refused as if there
    /// were none.
    pub max_renegotiations: u8,
    /// How long a renegotiation may last, in seconds, from the request for it to its end; the waits for answers of the
    /// application count. Default 60. Then a client that has not begun the handshake that it was asked for counts as having
    /// refused it, and one that is under way ends the connection with `handshake_failure`. See [`crate::Input::Time`].
    pub max_renegotiation_time: u32,
    /// The shortest prime, in bits, that a client takes for Diffie-Hellman over a finite field, where the server may
    /// name any. Default 2048: what is shorter is within reach (RFC 7457 section 2.12).
    pub min_finite_field: u16,
    /// The longest, in bits. Default 8192, that of the largest group of RFC 7919: the work grows with its cube.
    pub max_finite_field: u16,
    /// The longest prime, in bits, of the groups of RFC 7919 that a server takes up where its policy names none and
    /// its floor does not ask for more. Default 3072. A hello of 140 bytes is enough to ask for a key exchange, and with 8192 bits it costs 25 to 50 ms.
    pub max_server_finite_field: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_message: LONGEST_CLIENT_HELLO,
            max_certificate_message: 102_400,
            max_hello_requests: 4,
            max_renegotiations: 8,
            max_renegotiation_time: 60,
            min_finite_field: 2048,
            max_finite_field: 8192,
            max_server_finite_field: 3072,
        }
    }
}

/// What a client offers and accepts.
#[derive(Clone, Debug)]
pub struct ClientPolicy {
    /// The cryptography.
    pub provider: Provider,
    /// The suites to offer, most preferred first.
    pub suites: Vec<&'static Suite>,
    /// The groups to offer, most preferred first. Where a suite with a finite field is offered and no group of RFC 7919
    /// is here, ffdhe2048, ffdhe3072 and ffdhe4096 are offered too. Curves are offered with suites that use them (RFC 8422
    /// section 4), and so are fields, of the sizes that the limits allow (RFC 7919 section 3).
    pub groups: Vec<NamedGroup>,
    /// The signature schemes to accept, most preferred first.
    pub signature_schemes: Vec<SignatureScheme>,
    /// The signature schemes to say that we accept in certificates, most preferred first, where they are not the same;
    /// none to not offer signature_algorithms_cert (RFC 8446 section 4.2.3). The machine checks no chain: whoever answers
    /// [`crate::VerifyPeer`] goes by it.
    pub certificate_signature_schemes: Vec<SignatureScheme>,
    /// The application protocols to offer, most preferred first; none to not offer the extension (RFC 7301).
    pub alpn_protocols: Vec<Vec<u8>>,
    /// extended_master_secret (RFC 7627).
    pub extended_master_secret: Requirement,
    /// Whether to offer encrypt_then_mac (RFC 7366), where there is a suite that it is for.
    pub encrypt_then_mac: bool,
    /// max_fragment_length to ask for, in bytes: 512, 1024, 2048 or 4096 (RFC 6066 section 4). Where the server agrees, no
    /// record of either side holds more plaintext.
    pub max_fragment_length: Option<u16>,
    /// record_size_limit: the most plaintext that a record to us under keys may hold, in bytes, from 64 to 16,384 (RFC 8449);
    /// `None` to not offer it. Offer it even if records of any size are accepted, so that the server can state its own
    /// limit (section 4). Servers that support both extensions use this one.
    pub record_size_limit: Option<u16>,
    /// renegotiation_info (RFC 5746).
    pub secure_renegotiation: Requirement,
    /// Whether to ask for an OCSP response with the server's certificate: status_request (RFC 6066 section 8). The answer
    /// to [`crate::Question::VerifyPeer`] must judge the response, or that there is none.
    pub status_request: bool,
    /// What to take from servers, most preferred first: certificates (X.509), raw public keys, or both (RFC 7250). X.509
    /// alone is what everybody knows, and needs no extension.
    pub server_certificate_types: Vec<CertificateType>,
    /// What to show servers that ask, most preferred first; as above.
    pub client_certificate_types: Vec<CertificateType>,
    /// Whether to ask for signed certificate timestamps (RFC 6962 section 3.3.1). The answer to
    /// [`crate::Question::VerifyPeer`] must check them.
    pub signed_certificate_timestamps: bool,
    /// Whether there may be another handshake after the first.
    pub renegotiation: Renegotiation,
    /// Whether to ask for sessions to resume, and to say which to save. Only sessions with the extended master secret
    /// are resumed (RFC 7627 section 5.3).
    pub resumption: bool,
    /// Whether to offer session_ticket (RFC 5077), where there is resumption at all.
    pub tickets: bool,
    /// How old a session may be that is offered, in seconds (RFC 5246 appendix F.1.4: at most 24 hours).
    pub session_lifetime: u32,
    /// What sessions are bound to: those of another binding are not offered.
    pub binding: Binding,
    /// Whether to offer sessions with a server whose chain nobody verified ([`crate::Answer::PeerNotChecked`]).
    pub resumes_unverified_peers: bool,
    /// Whether to bring a ClientHello of 256 to 511 bytes to 512 with padding (RFC 7685): there are servers that never
    /// answer one of such a length.
    pub padding: bool,
    /// Whether to send values that mean nothing among those that do (GREASE, RFC 8701), so that servers stay used to what
    /// they do not know.
    pub grease: bool,
    /// The least that is taken.
    pub floor: Floor,
    /// Whether to give secrets to a key log.
    pub key_log: bool,
    /// Bounds.
    pub limits: Limits,
}

/// Whether a server asks clients for certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// It does not.
    #[default]
    None,
    /// It asks, and goes on without.
    Request {
        /// Distinguished names in DER of the authorities it likes (RFC 5246 section 7.4.4); may be empty.
        authorities: Vec<Vec<u8>>,
    },
    /// It asks, and refuses a client without.
    Require {
        /// As for [`ClientAuthentication::Request`].
        authorities: Vec<Vec<u8>>,
    },
}

/// Whose order of suites counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SuiteOrder {
    /// The server's, but a client that puts ChaCha20-Poly1305 before every AES suite is followed in that: it says
    /// that it has no AES hardware.
    #[default]
    Server,
    /// The client's.
    Client,
}

/// What a server accepts.
#[derive(Clone, Debug)]
pub struct ServerPolicy {
    /// The cryptography.
    pub provider: Provider,
    /// Whether to ask, with the first ClientHello of a connection, for the policy to go on with:
    /// [`crate::Question::ChooseConfiguration`]. Nothing is judged under this policy before.
    pub ask_for_configuration: bool,
    /// The suites to accept, most preferred first.
    pub suites: Vec<&'static Suite>,
    /// Whose order of suites counts.
    pub suite_order: SuiteOrder,
    /// The groups to accept, most preferred first. Where no group of RFC 7919 is here, those up to
    /// [`Limits::max_server_finite_field`] are accepted, the smallest first.
    pub groups: Vec<NamedGroup>,
    /// The signature schemes to accept of clients, most preferred first.
    pub signature_schemes: Vec<SignatureScheme>,
    /// The application protocols to accept, most preferred first; none to ignore the extension (RFC 7301).
    pub alpn_protocols: Vec<Vec<u8>>,
    /// Whether clients are asked for certificates. Where one is required, no suite is chosen that cannot ask for it:
    /// those that are anonymous and those with pre-shared keys.
    pub client_authentication: ClientAuthentication,
    /// What to take from clients that are asked, most preferred first: certificates (X.509), raw public keys, or both (RFC
    /// 7250). What the server itself shows is in its credentials.
    pub client_certificate_types: Vec<CertificateType>,
    /// A hint which pre-shared key clients shall use (RFC 4279 section 2).
    pub psk_identity_hint: Option<Vec<u8>>,
    /// extended_master_secret (RFC 7627).
    pub extended_master_secret: Requirement,
    /// Whether to take up encrypt_then_mac (RFC 7366) where the client offers it.
    pub encrypt_then_mac: bool,
    /// Whether to take up max_fragment_length (RFC 6066 section 4) where the client asks for it.
    pub max_fragment_length: bool,
    /// record_size_limit: the most plaintext that a record to us under keys may hold, in bytes, from 64 to 16,384 (RFC
    /// 8449), said to clients that say theirs; `None` to ignore the extension. Where it is in use max_fragment_length is
    /// not (section 5).
    pub record_size_limit: Option<u16>,
    /// renegotiation_info or its SCSV (RFC 5746).
    pub secure_renegotiation: Requirement,
    /// Whether there may be another handshake after the first.
    pub renegotiation: Renegotiation,
    /// Whether to give out session IDs and look for sessions. Only sessions with the extended master secret are given
    /// an ID and resumed (RFC 7627 section 5.3).
    pub resumption: bool,
    /// Whether to give out tickets and take them (RFC 5077), where there is resumption at all: to clients that ask for
    /// one, instead of an ID.
    pub tickets: bool,
    /// How old a session may be that is resumed, in seconds (RFC 5246 appendix F.1.4: at most 24 hours).
    pub session_lifetime: u32,
    /// What sessions are bound to: those of another binding are not resumed.
    pub binding: Binding,
    /// Whether to resume sessions with a client whose chain nobody verified ([`crate::Answer::PeerNotChecked`]).
    pub resumes_unverified_peers: bool,
    /// The least that is taken.
    pub floor: Floor,
    /// Whether to give secrets to a key log.
    pub key_log: bool,
    /// Bounds.
    pub limits: Limits,
}

impl ClientAuthentication {
    pub(crate) fn authorities(&self) -> Option<&[Vec<u8>]> {
        match self {
            Self::None => None,
            Self::Request { authorities } | Self::Require { authorities } => Some(authorities),
        }
    }
}
