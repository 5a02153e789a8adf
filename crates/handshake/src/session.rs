//! A session: what a later handshake can resume, and all that must be checked before it may.

use crate::{BINDING_LEN, CertificateChain, Origin, UnixTime};
use alloc::{sync::Arc, vec::Vec};
use cairn_schedule::{MasterSecret, Suite};
use cairn_wire::SessionId;

/// A resumable session (RFC 5246 section 7.3 and appendix F.1.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The session's ID, chosen by the server; where the server gave a ticket, a client's own name for it, which the
    /// server gives back when it takes the ticket (RFC 5077 section 3.4). Empty inside a server's ticket.
    pub session_id: SessionId,
    /// The suite; a resumption uses the same (RFC 5246 section 7.4.1.3).
    pub suite: &'static Suite,
    /// The master secret.
    pub master_secret: MasterSecret,
    /// Whether the master secret is the extended one; a resumption must agree (RFC 7627 section 5.3).
    pub extended_master_secret: bool,
    /// Whether encrypt-then-MAC was in use (RFC 7366 section 3.1).
    pub encrypt_then_mac: bool,
    /// The host name of server_name; a server resumes under the same one only (RFC 6066 section 3).
    pub server_name: Option<Arc<[u8]>>,
    /// The application protocol of the original handshake; each resumption negotiates its own (RFC 7301 section 3.1).
    pub alpn: Option<Arc<[u8]>>,
    /// max_fragment_length in bytes, if it was negotiated (RFC 6066 section 4).
    pub max_fragment_length: Option<u16>,
    /// The chain with which the peer proved itself in the original handshake.
    pub peer_chain: Option<Arc<CertificateChain>>,
    /// Which pre-shared key the peers proved to have in the original handshake (RFC 4279).
    pub psk_identity: Option<Vec<u8>>,
    /// What the keys and the proofs of the original handshake rest on.
    pub origin: Origin,
    /// The channel binding `tls-server-end-point` of the server's own certificate, where a server knows it: see
    /// [`crate::Credential::end_point`]. A client has the certificate.
    pub end_point: Option<Arc<[u8]>>,
    /// When the original handshake was: resumption does not make a session younger (RFC 5246 appendix F.1.4).
    pub authenticated_at: UnixTime,
    /// When the first certificate of the peer's verified chain expires, or whatever else the verdict over the peer rests on:
    /// the last second in which it holds. `None` where nothing of the kind is known, as with a pre-shared key.
    pub not_after: Option<UnixTime>,
    /// The context of the policy that it was made under: [`crate::Binding::context`].
    pub context: [u8; BINDING_LEN],
    /// What judged the peer: [`crate::Binding::psks`] where a pre-shared key took part, else
    /// [`crate::Binding::verification`].
    pub judge: [u8; BINDING_LEN],
    /// For a client, whom the session is with. A server has none.
    pub endpoint: Option<Endpoint>,
    /// A client's ticket for it, if the server gave one (RFC 5077).
    pub ticket: Option<Ticket>,
}

/// Whom a client connects to: a session is offered to the same endpoint only.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// The host: its name in lower case, or its address as text. At most 255 bytes.
    pub host: Arc<[u8]>,
    /// The port; 0 where it is not known.
    pub port: u16,
}

/// A client's ticket: the session as its server sealed it (RFC 5077 section 3.3).
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket {
    /// What to send; opaque to the client.
    pub ticket: Vec<u8>,
    /// When to stop sending it, by the server's hint.
    pub expires: Option<UnixTime>,
}

impl core::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Ticket([{} bytes])", self.ticket.len())
    }
}

impl Session {
    /// Whether it must not be resumed any more: it is older than `lifetime` seconds, or from the future, or a certificate of
    /// its peer has expired.
    #[must_use]
    pub const fn is_expired(&self, now: UnixTime, lifetime: u32) -> bool {
        self.is_out_of_age(now, lifetime) || self.has_expired_certificate(now)
    }

    /// Whether a certificate of the peer has expired. The last second of its validity counts as valid (RFC 5280 section
    /// 4.1.2.5).
    pub(crate) const fn has_expired_certificate(&self, now: UnixTime) -> bool {
        match self.not_after {
            Some(not_after) => now.0 > not_after.0,
            None => false,
        }
    }

    /// Whether it is older than `lifetime` seconds, or from the future.
    pub(crate) const fn is_out_of_age(&self, now: UnixTime, lifetime: u32) -> bool {
        match now.0.checked_sub(self.authenticated_at.0) {
            #[allow(clippy::as_conversions, reason = "widening; From is not const")]
            Some(age) => age >= lifetime as u64,
            None => true,
        }
    }
}
