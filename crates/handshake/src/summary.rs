//! What was negotiated.

use crate::{
    CertificateChain, NotResumed, Origin, RecordSizeLimits, Security, Stapled, UnixTime,
    security::{Basis, integrity},
};
use alloc::{sync::Arc, vec::Vec};
use cairn_schedule::{Side, Suite};
use cairn_wire::{NamedGroup, ProtocolVersion, SessionId, SignatureScheme};

/// What a complete handshake has negotiated.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Which end says so.
    pub side: Side,
    /// The version.
    pub version: ProtocolVersion,
    /// The suite.
    pub suite: &'static Suite,
    /// The group of the key exchange; `None` on a resumed session, where the key exchange has none, and where the server
    /// made up its own field.
    pub group: Option<NamedGroup>,
    /// The scheme that the server signed with; `None` on a resumed session, and where the key exchange has no signature.
    pub server_signature_scheme: Option<SignatureScheme>,
    /// The scheme that the client signed with, if it proved itself in this handshake.
    pub client_signature_scheme: Option<SignatureScheme>,
    /// The application protocol (RFC 7301).
    pub alpn: Option<Arc<[u8]>>,
    /// The host name of server_name that the client sent (RFC 6066 section 3).
    pub server_name: Option<Arc<[u8]>>,
    /// Whether a session was resumed.
    pub resumed: bool,
    /// The session's ID; empty when the server does not mean to resume it.
    pub session_id: SessionId,
    /// When the peers proved themselves: now, or in the resumed session's first handshake.
    pub authenticated_at: UnixTime,
    /// Whether the master secret is the extended one (RFC 7627).
    pub extended_master_secret: bool,
    /// Whether the MAC of a CBC suite is over the ciphertext (RFC 7366).
    pub encrypt_then_mac: bool,
    /// The most plaintext that a record of either side holds, in bytes, if they agreed on less than 2^14 (RFC 6066 section
    /// 4).
    pub max_fragment_length: Option<u16>,
    /// The most plaintext in a record under keys, each way, if both sides said so (RFC 8449).
    pub record_size_limits: Option<RecordSizeLimits>,
    /// Whether both sides do secure renegotiation (RFC 5746).
    pub secure_renegotiation: bool,
    /// The peer's chain, from this handshake or from the resumed session's; `None` for a client that sent none.
    pub peer_chain: Option<Arc<CertificateChain>>,
    /// What the server sent along with its chain in this handshake; for a client. Nothing on a resumed session.
    pub stapled: Stapled,
    /// Which pre-shared key both sides proved to have (RFC 4279).
    pub psk_identity: Option<Vec<u8>>,
    /// The channel binding `tls-server-end-point` (RFC 5929 section 4) of a server's own certificate, where it was known
    /// in this handshake or in the resumed session's first. A client has the certificate, in `peer_chain`.
    pub end_point: Option<Arc<[u8]>>,
    /// The last second in which the verdict over the peer's chain holds, where that is known: the earliest `notAfter` of the
    /// verified path, of this handshake or of the resumed session's first. The session is not resumed later; a connection
    /// that is up goes on, unless the application ends it.
    pub not_after: Option<UnixTime>,
    /// Why no session was resumed, where one was found, or a client named one; `None` where there was none.
    pub not_resumed: Option<NotResumed>,
    /// What keys and proofs rest on: of this handshake, or of the resumed session's first.
    pub origin: Origin,
}

impl Summary {
    /// The peer's own certificate in DER, the first of [`Summary::peer_chain`]; `None` where the peer showed none, or a raw
    /// public key. On a resumed session it is that of the session's first handshake.
    ///
    /// `cairn_x509::CertificateFacts::from_der` reads it: subject, names, dates, key.
    #[must_use]
    pub fn peer_certificate(&self) -> Option<&[u8]> {
        self.peer_chain.as_ref()?.end_entity()
    }

    /// How good the connection is.
    #[must_use]
    pub fn security(&self) -> Security {
        let Self { side, suite, ref origin, .. } = *self;
        let basis = Basis { side, suite, origin, chain: self.peer_chain.is_some() };
        let (integrity, tag_bits) = integrity(suite.protection, self.encrypt_then_mac);
        Security {
            peer: basis.peer(),
            forward_secrecy: suite.is_forward_secret(),
            strength: basis.strength(),
            resumed_since: self.resumed.then_some(self.authenticated_at),
            extended_master_secret: self.extended_master_secret,
            integrity,
            tag_bits,
            sha1_signature: origin.has_sha1_signature(),
        }
    }
}
