//! The dialect of QUIC (RFC 9001): CRYPTO frames in place of records carry the same handshake of TLS 1.3.
//!
//! It differs in few places, and each of them looks here:
//!
//! - ClientHello offers TLS 1.3 only, has an empty legacy_session_id, and no extension about records;
//! - both sides send quic_transport_parameters, and negotiate an application protocol;
//! - there is no ChangeCipherSpec, no EndOfEarlyData and no KeyUpdate, so a client has the keys for its
//!   Finished while it still sends early data;
//! - a ticket permits any amount of early data or none, and no certificate is requested after the handshake;
//! - a session is not resumed over TCP or another version of QUIC, nor the reverse.

use crate::{
    error::HandshakeErrorKind,
    flight::Event,
    out::Out,
    session::{QuicSession, Session, Tls13Session},
};
use alloc::sync::Arc;
use cairn_wire::ExtensionType;
use core::num::NonZeroU32;

/// The parameters of a side that connects over QUIC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuicParameters {
    /// The version of QUIC, which is not 0: 1 (RFC 9000), or 0x6b3343cf for version 2 (RFC 9369).
    pub version: NonZeroU32,
    /// The transport parameters of this side, as quic_transport_parameters has them (RFC 9000 section 18).
    pub transport_parameters: Arc<[u8]>,
    /// In a server, the settings on which early data depends, or a digest of them; at most 255 bytes. A
    /// session stores them, and early data is accepted only while they are the same (RFC 9000 section
    /// 7.4.1). A client ignores them.
    pub early_data_context: Arc<[u8]>,
}

/// The max_early_data_size of tickets. RFC 9001 section 4.6.1: "Servers MUST NOT send the early_data
/// extension with a max_early_data_size field set to any value other than 0xffffffff."
pub(crate) const MAX_EARLY_DATA: u32 = u32::MAX;

/// The part of a connection that only QUIC has.
pub(crate) struct Quic {
    pub(crate) ours: QuicParameters,
    /// The transport parameters of the peer, once they have come.
    pub(crate) theirs: Option<Arc<[u8]>>,
}

impl Quic {
    pub(crate) const fn new(ours: QuicParameters) -> Self {
        Self { ours, theirs: None }
    }

    /// Takes the transport parameters of the peer. RFC 9001 section 8.2: "endpoints that receive ClientHello
    /// or EncryptedExtensions messages without the quic_transport_parameters extension MUST close the
    /// connection with an error of type 0x016d (equivalent to a fatal TLS missing_extension alert".
    pub(crate) fn take_parameters(
        &mut self,
        theirs: Option<&[u8]>,
        out: &mut Out<'_>,
    ) -> Result<(), HandshakeErrorKind> {
        const MISSING: HandshakeErrorKind =
            HandshakeErrorKind::MissingExtension(ExtensionType::QUIC_TRANSPORT_PARAMETERS);
        let theirs: Arc<[u8]> = theirs.ok_or(MISSING)?.into();
        out.event(Event::TransportParameters(Arc::clone(&theirs)));
        self.theirs = Some(theirs);
        Ok(())
    }

    /// The part of a client's session: with the parameters of the server.
    pub(crate) fn client_session(&self) -> QuicSession {
        QuicSession { version: self.ours.version, settings: self.theirs.clone().unwrap_or_default() }
    }

    /// The part of a server's session: with the settings of its own.
    pub(crate) fn server_session(&self) -> QuicSession {
        QuicSession { version: self.ours.version, settings: Arc::clone(&self.ours.early_data_context) }
    }

    /// Whether the settings on which early data depends are those of the session.
    pub(crate) fn accepts_early_data_of(&self, session: &Tls13Session) -> bool {
        session.quic.as_ref().is_some_and(|quic| quic.settings == self.ours.early_data_context)
    }
}

/// Checks the application protocol of a handshake. RFC 9001 section 8.1: "endpoints MUST immediately close a
/// connection [...] with a no_application_protocol TLS alert [...] if an application protocol is not
/// negotiated." Also "a client MUST treat the selection of an incompatible application protocol by a server
/// as a connection error of type 0x0178."
pub(crate) fn check_protocol(
    negotiated: Result<Option<Arc<[u8]>>, HandshakeErrorKind>,
) -> Result<Arc<[u8]>, HandshakeErrorKind> {
    match negotiated {
        Ok(Some(protocol)) => Ok(protocol),
        Ok(None) | Err(HandshakeErrorKind::ApplicationProtocolNotOffered) => {
            Err(HandshakeErrorKind::NoApplicationProtocol)
        }
        Err(kind) => Err(kind),
    }
}

/// Whether a session belongs to the transport of this connection: TCP, or this version of QUIC.
pub(crate) fn is_of_transport(session: &Session, quic: Option<&Quic>) -> bool {
    let theirs = session.tls13().and_then(|tls13| tls13.quic.as_ref()).map(|quic| quic.version);
    theirs == quic.map(|quic| quic.ours.version)
}
