//! Authentication of the client after the handshake (RFC 9846 section 4.7.2): the part of the handshake that
//! both roles keep.

use crate::{error::HandshakeErrorKind, security::evidence::KeyExchangeEvidence};
use cairn_schedule::tls13::{Tls13Suite, Transcript};
use cairn_wire::CertificateType;

/// The part of the handshake that later authentications of the client need. A connection that permits none
/// does not have it.
pub(crate) struct MainHandshake {
    /// The messages from ClientHello to the client's Finished.
    transcript: Transcript,
    pub(crate) suite: &'static Tls13Suite,
    pub(crate) evidence: KeyExchangeEvidence,
    /// The type of the client's certificate. `None` in a server that requested none in the handshake, and in
    /// a client that has none of the type.
    pub(crate) client_certificate_type: Option<CertificateType>,
}

impl MainHandshake {
    pub(crate) const fn new(
        transcript: Transcript,
        suite: &'static Tls13Suite,
        evidence: KeyExchangeEvidence,
        client_certificate_type: Option<CertificateType>,
    ) -> Self {
        Self { transcript, suite, evidence, client_certificate_type }
    }

    /// The transcript that an authentication continues. RFC 9846 section 4.1: "subsequent post-handshake
    /// authentications do not include each other, just the messages through the end of the main handshake."
    pub(crate) fn transcript(&self) -> Result<Transcript, HandshakeErrorKind> {
        Ok(self.transcript.fork()?)
    }
}
