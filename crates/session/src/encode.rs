//! The encoding of a session, for external stores and for tickets.
//!
//! In the presentation language (RFC 5246 section 4), where a length of 0 means that a value is absent:
//!
//! ```text
//! struct {
//!     uint8 version = 6;
//!     uint8 flags;                        // 1: not_after follows, 2: the session is a client's,
//!                                         // 4: endpoint, 8: psk_identity and 16: peer_chain follow,
//!                                         // 32: peer_chain is a raw public key
//!     uint64 authenticated_at;            // milliseconds since 1970-01-01 00:00 UTC
//!     uint64 not_after;                   // milliseconds as above: end of validity of the peer's proof
//!     opaque context[16];
//!     opaque verified_with[16];
//!     KeyExchangeEvidence evidence;
//!     opaque server_name<0..2^8-1>;       // no host name is longer than 255 bytes (RFC 1035 section 2.3.4)
//!     opaque application_protocol<0..2^8-1>;
//!     select (flag 2) {
//!         case 0: opaque tls_server_end_point<0..64>;
//!         case 2: Endpoint endpoint;
//!     };
//!     opaque psk_identity<0..2^8-1>;      // a session with a longer one is not encoded
//!     CipherSuite cipher_suite;           // each suite belongs to one version of TLS
//!     select (version of cipher_suite) {
//!         case tls12: Tls12;
//!         case tls13: Tls13;
//!     };
//!     Certificate peer_chain;             // as in the message (RFC 5246, RFC 7250); at most 16 KiB
//! } Session;
//!
//! struct {
//!     opaque host<0..2^8-1>;
//!     uint16 port;                        // 0: unknown
//! } Endpoint;
//!
//! struct {
//!     uint8 flags;                        // 1: server_proof, 2: client_proof and 4: psk_bits follow,
//!                                         // 8: peer_verified; the key of a delegated credential gave
//!                                         // 16: server_proof, 32: client_proof
//!     NamedGroup group;                   // 0: none
//!     uint16 key_exchange_bits;
//!     Proof server_proof;
//!     Proof client_proof;
//!     uint16 psk_bits;
//! } KeyExchangeEvidence;
//!
//! struct {
//!     uint16 key_bits;
//!     SignatureScheme scheme;             // 0: none
//! } Proof;
//!
//! struct {
//!     uint8 flags;                        // 1: extended master secret, 2: encrypt-then-MAC
//!     opaque master_secret[48];
//!     uint8 max_fragment_length;          // the code of RFC 6066 section 4; 0: none
//!     uint8 reference;                    // how a client refers to the session
//!     select (reference) {
//!         case 0: SessionID session_id;
//!         case 1: Ticket ticket;          // of a client
//!         case 2: Ticket ticket;          // of a client, with the time when it expires
//!         case 3: struct {};              // the session is in a server's ticket
//!     };
//! } Tls12;
//!
//! struct {
//!     opaque psk<1..2^8-1>;               // as long as the hash of the suite
//!     uint64 issued_at;                   // milliseconds as above
//!     uint64 expires;                     // milliseconds as above
//!     uint32 ticket_age_add;
//!     uint32 max_early_data_size;
//!     uint8 reference;                    // how a client refers to the session
//!     select (reference) {
//!         case 0: opaque ticket<1..2^16-1>;  // of a client
//!         case 1: SessionID key;          // in a server's store
//!         case 3: struct {};              // the session is in a server's ticket
//!     };
//!     uint32 quic_version;                // 0: the transport was TCP
//!     select (quic_version) {
//!         case 0: struct {};
//!         default: opaque settings<0..2^16-1>;  // for early data; of a server at most 255 bytes
//!     };
//! } Tls13;
//!
//! struct {
//!     SessionID session_id;               // chosen by the client
//!     uint64 expires;                     // in case 2: milliseconds as above
//!     opaque ticket<0..2^16-1>;
//! } Ticket;
//! ```
//!
//! Each session has exactly one encoding, and decoding followed by encoding gives the same bytes. The
//! encoding is not authenticated: seal it before storing it where others can write.

mod evidence;
mod field;
pub(crate) mod limits;
mod tls12;
mod tls13;

pub use limits::{ENCODING_VERSION, MAX_CHAIN_LEN};

use crate::error::SessionError;
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::SecretBytes;
use cairn_handshake::{
    CertificateChain, Digest, Endpoint, Session, SessionSide, SessionState, Tls12Reference, Tls12Session,
    Tls13Reference, Tls13Session, UnixTime,
};
use cairn_schedule::suite;
use cairn_wire::{Certificate, CipherSuite, Decode, Encode, EncodeError, Reader, Writer};
use core::{num::NonZeroU16, ops::RangeInclusive};
use field::{flag, optional};
use limits::MAX_8;

const NOT_AFTER: u8 = 1;
const CLIENT: u8 = 2;
const ENDPOINT: u8 = 4;
const PSK_IDENTITY: u8 = 8;
const PEER_CHAIN: u8 = 16;
const RAW_PUBLIC_KEY: u8 = 32;
const ALL_FLAGS: u8 = NOT_AFTER | CLIENT | ENDPOINT | PSK_IDENTITY | PEER_CHAIN | RAW_PUBLIC_KEY;

/// Length of a session whose variable fields are all empty, without the parts of its side and its version.
const FIXED_LEN: usize = 1 + 1 + 8 + 2 * Digest::LEN + evidence::FIXED_LEN + 1 + 1 + 2;

/// Length of the expiry time.
const NOT_AFTER_LEN: usize = 8;

/// Length of an endpoint, without its host.
const ENDPOINT_LEN: usize = 1 + 2;

/// The maximum length of a certificate hash.
const MAX_TLS_SERVER_END_POINT: usize = 64;

/// The length of the content of a ticket.
pub(crate) const LEN_IN_TICKET: RangeInclusive<usize> = FIXED_LEN + tls12::FIXED_LEN + 1
    ..=FIXED_LEN
        + tls13::MAX_LEN_IN_TICKET
        + 1
        + NOT_AFTER_LEN
        + evidence::MAX_MORE
        + 2 * MAX_8
        + 1
        + MAX_8
        + MAX_TLS_SERVER_END_POINT
        + MAX_CHAIN_LEN;

/// Encodes a session. The bytes contain the master secret, which is sufficient to decrypt every connection of
/// the session.
///
/// # Errors
/// [`SessionError::Encode`] if the server name, application protocol, host or PSK identity is longer than 255
/// bytes, if the hash of the server's certificate is longer than 64 or the ticket longer than 65,535, or if a
/// name, protocol or hash is present but empty; [`SessionError::ChainTooLong`];
/// [`SessionError::ProtectionOfAnotherSuite`].
pub fn encode_session(session: &Session) -> Result<SecretBytes, SessionError> {
    encode(session, Reference::OfSession)
}

/// The client's reference to the session in the encoding.
#[derive(Clone, Copy)]
enum Reference {
    /// As the session says.
    OfSession,
    /// By a ticket that contains the session.
    InTicket,
}

/// Encodes a server's session for a ticket, without its ID. The client chooses one when it presents the
/// ticket: "the server MUST NOT rely upon the Session ID having a particular value when validating the
/// ticket" (RFC 5077 section 3.4).
pub(crate) fn encode_in_ticket(session: &Session) -> Result<SecretBytes, SessionError> {
    match session.side {
        SessionSide::Client { .. } => Err(SessionError::ClientSession),
        SessionSide::Server { .. } => encode(session, Reference::InTicket),
    }
}

fn encode(session: &Session, reference: Reference) -> Result<SecretBytes, SessionError> {
    let state = match (&session.state, reference) {
        (SessionState::Tls12(tls12), Reference::OfSession) => State::Tls12(tls12, &tls12.reference),
        (SessionState::Tls12(tls12), Reference::InTicket) => State::Tls12(tls12, &Tls12Reference::InTicket),
        (SessionState::Tls13(tls13), Reference::OfSession) => State::Tls13(tls13, &tls13.reference),
        (SessionState::Tls13(tls13), Reference::InTicket) => State::Tls13(tls13, &Tls13Reference::InTicket),
    };
    state.check()?;
    let chain = session.peer_chain.as_deref();
    let chain_len = chain.map_or(0, CertificateChain::tls12_len);
    if chain_len > MAX_CHAIN_LEN {
        return Err(SessionError::ChainTooLong { length: chain_len });
    }
    let (side_flags, side_len) = match &session.side {
        SessionSide::Client { endpoint: None } => (CLIENT, 0),
        SessionSide::Client { endpoint: Some(endpoint) } => {
            (CLIENT | ENDPOINT, ENDPOINT_LEN + endpoint.host.len())
        }
        SessionSide::Server { tls_server_end_point } => {
            (0, 1 + tls_server_end_point.as_ref().map_or(0, |hash| hash.len()))
        }
    };
    let is_raw = chain.is_some_and(|chain| chain.as_raw_public_key().is_some());
    // Allocate the entire length at once: a growing buffer would leave copies of the secret behind.
    let length = FIXED_LEN
        + session.not_after.map_or(0, |_| NOT_AFTER_LEN)
        + evidence::more_len(&session.evidence)
        + session.server_name.as_ref().map_or(0, |name| name.len())
        + session.alpn.as_ref().map_or(0, |protocol| protocol.len())
        + side_len
        + session.psk_identity.as_ref().map_or(0, |identity| identity.len() + 1)
        + state.len()
        + chain_len;
    SecretBytes::try_with(length, |out| {
        let mut w = Writer::slice(out);
        w.u8(ENCODING_VERSION)?;
        w.u8(flag(session.not_after.is_some(), NOT_AFTER)
            | side_flags
            | flag(session.psk_identity.is_some(), PSK_IDENTITY)
            | flag(chain.is_some(), PEER_CHAIN)
            | flag(is_raw, RAW_PUBLIC_KEY))?;
        w.u64(session.authenticated_at.as_millis())?;
        if let Some(not_after) = session.not_after {
            w.u64(not_after.as_millis())?;
        }
        w.bytes(&session.context.0)?;
        w.bytes(&session.verified_with.0)?;
        evidence::encode(&session.evidence, &mut w)?;
        optional(&mut w, session.server_name.as_deref(), MAX_8, "server_name")?;
        optional(&mut w, session.alpn.as_deref(), MAX_8, "application_protocol")?;
        match &session.side {
            SessionSide::Client { endpoint: None } => {}
            SessionSide::Client { endpoint: Some(Endpoint { host, port }) } => {
                w.vec8(0, MAX_8, "host", |w| w.bytes(host))?;
                w.u16(port.map_or(0, NonZeroU16::get))?;
            }
            SessionSide::Server { tls_server_end_point: hash } => {
                optional(&mut w, hash.as_deref(), MAX_TLS_SERVER_END_POINT, "tls_server_end_point")?;
            }
        }
        if let Some(identity) = &session.psk_identity {
            w.vec8(0, MAX_8, "psk_identity", |w| w.bytes(identity))?;
        }
        session.suite().id().encode(&mut w)?;
        state.encode(&mut w)?;
        chain.map_or(Ok(()), |chain| chain.encode_tls12(&mut w))?;
        Ok(())
    })
}

/// The part of a session for its version, with the reference in the encoding.
enum State<'a> {
    Tls12(&'a Tls12Session, &'a Tls12Reference),
    Tls13(&'a Tls13Session, &'a Tls13Reference),
}

impl State<'_> {
    fn check(&self) -> Result<(), SessionError> {
        match self {
            Self::Tls12(session, _) => tls12::check(session),
            Self::Tls13(session, _) => tls13::check(session),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Tls12(_, reference) => tls12::FIXED_LEN + tls12::reference_len(reference),
            Self::Tls13(session, reference) => tls13::len(session, reference),
        }
    }

    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        match self {
            Self::Tls12(session, reference) => tls12::encode(session, reference, w),
            Self::Tls13(session, reference) => tls13::encode(session, reference, w),
        }
    }
}

/// Decodes a session from the output of [`encode_session`].
///
/// Any input leads to a session or an error, and allocates at most as much memory as the input occupies.
///
/// # Errors
/// [`SessionError::UnknownVersion`], [`SessionError::UnknownFlags`], [`SessionError::UnknownSuite`],
/// [`SessionError::MaxFragmentLengthCode`], [`SessionError::UnknownReference`], and [`SessionError::Decode`]
/// for all other invalid input.
pub fn decode_session(bytes: &[u8]) -> Result<Session, SessionError> {
    let mut r = Reader::new(bytes);
    let version = r.u8("version")?;
    if version != ENCODING_VERSION {
        return Err(SessionError::UnknownVersion(version));
    }
    let flags = r.u8("flags")?;
    // A raw public key takes the place of a chain, and only a client has an endpoint.
    if flags & !ALL_FLAGS != 0
        || flags & (PEER_CHAIN | RAW_PUBLIC_KEY) == RAW_PUBLIC_KEY
        || flags & (CLIENT | ENDPOINT) == ENDPOINT
    {
        return Err(SessionError::UnknownFlags(flags));
    }
    let authenticated_at = UnixTime::from_millis(r.u64("authenticated_at")?);
    let not_after = match flags & NOT_AFTER {
        0 => None,
        _ => Some(UnixTime::from_millis(r.u64("not_after")?)),
    };
    let context = Digest(r.array("context")?);
    let verified_with = Digest(r.array("verified_with")?);
    let evidence = evidence::decode(&mut r)?;
    let server_name = r.vec8(0, MAX_8, "server_name")?.rest();
    let alpn = r.vec8(0, MAX_8, "application_protocol")?.rest();
    let side = match flags & (CLIENT | ENDPOINT) {
        0 => {
            let hash = r.vec8(0, MAX_TLS_SERVER_END_POINT, "tls_server_end_point")?.rest();
            SessionSide::Server { tls_server_end_point: (!hash.is_empty()).then(|| hash.into()) }
        }
        CLIENT => SessionSide::Client { endpoint: None },
        _ => {
            let host = r.vec8(0, MAX_8, "host")?.rest().into();
            let port = NonZeroU16::new(r.u16("port")?);
            SessionSide::Client { endpoint: Some(Endpoint { host, port }) }
        }
    };
    let psk_identity = match flags & PSK_IDENTITY {
        0 => None,
        _ => Some(r.vec8(0, MAX_8, "psk_identity")?.rest().to_vec()),
    };
    let id = CipherSuite::decode(&mut r)?;
    let state = match (suite(id), cairn_schedule::tls13::suite(id)) {
        (Some(suite), _) => SessionState::Tls12(tls12::decode(suite, &mut r)?),
        (None, Some(suite)) => SessionState::Tls13(tls13::decode(suite, &mut r)?),
        (None, None) => return Err(SessionError::UnknownSuite(id)),
    };
    let peer_chain = match flags & (PEER_CHAIN | RAW_PUBLIC_KEY) {
        0 => None,
        PEER_CHAIN => Some(Arc::new(chain(&mut r)?)),
        _ => Some(Arc::new(raw_public_key(&mut r)?)),
    };
    r.finish("session")?;
    Ok(Session {
        server_name: (!server_name.is_empty()).then(|| server_name.into()),
        alpn: (!alpn.is_empty()).then(|| alpn.into()),
        peer_chain,
        psk_identity,
        evidence,
        authenticated_at,
        not_after,
        context,
        verified_with,
        side,
        state,
    })
}

fn chain(r: &mut Reader<'_>) -> Result<CertificateChain, SessionError> {
    let length = r.remaining();
    if length > MAX_CHAIN_LEN {
        return Err(SessionError::ChainTooLong { length });
    }
    let certificates: Vec<&[u8]> = Certificate::decode(r)?.certificate_list.iter().map(|c| c.0).collect();
    Ok(CertificateChain::new(&certificates)?)
}

/// A raw public key takes the place of a chain (RFC 7250 section 3).
fn raw_public_key(r: &mut Reader<'_>) -> Result<CertificateChain, SessionError> {
    let length = r.remaining();
    if length > MAX_CHAIN_LEN {
        return Err(SessionError::ChainTooLong { length });
    }
    let spki = r.vec24(1, MAX_CHAIN_LEN, "ASN.1_subjectPublicKeyInfo")?.rest();
    Ok(CertificateChain::raw_public_key(spki)?)
}

#[cfg(test)]
mod tests;
