//! Channel bindings, which tie an authentication inside the connection to the connection (RFC 5056).

use super::Reader;
use alloc::vec::Vec;
use cairn_handshake::{Misuse, SummarySide};
use cairn_x509::{EndPointError, tls_server_end_point};
use core::fmt;

/// A channel binding: bytes that both sides of a connection know, and that an attacker cannot reproduce on
/// another connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChannelBinding {
    /// `tls-unique`: the first Finished message of the latest handshake, 12 bytes (RFC 5929 section 3). A
    /// renegotiation changes it.
    TlsUnique,
    /// `tls-server-end-point`: a hash of the server's certificate (RFC 5929 section 4). It identifies the
    /// server, not the connection.
    TlsServerEndPoint,
    /// `tls-exporter`: 32 bytes of exported keying material (RFC 9266).
    TlsExporter,
}

impl ChannelBinding {
    /// The name in the IANA registry of channel bindings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TlsUnique => "tls-unique",
            Self::TlsServerEndPoint => "tls-server-end-point",
            Self::TlsExporter => "tls-exporter",
        }
    }
}

impl fmt::Display for ChannelBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The reason why a channel binding is not available.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChannelBindingError {
    /// The handshake is not complete, or does not use the extended master secret. In the latter case a man in
    /// the middle can give two connections the same master secret and the same Finished messages (the triple
    /// handshake attack, RFC 7627 section 1), so `tls-unique` and `tls-exporter` would not be unique.
    Handshake(Misuse),
    /// The summary, which has the certificate, was removed: see [`Reader::take_summary`].
    SummaryTaken,
    /// The server sent no certificate, or a server does not know the binding of its own: the signature has no
    /// hash function (Ed25519), or the session's credential did not have it.
    NoCertificate,
    /// The binding is not defined for the server's certificate.
    Certificate(EndPointError),
}

impl fmt::Display for ChannelBindingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handshake(misuse) => misuse.fmt(f),
            Self::SummaryTaken => f.write_str("the server's certificate was removed from the connection"),
            Self::NoCertificate => f.write_str(
                "the server has no certificate, or its signature has no hash function, so that \
                 tls-server-end-point is not defined (RFC 5929 section 4.1)",
            ),
            Self::Certificate(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ChannelBindingError {}

impl Reader {
    /// A channel binding of this connection, equal on both sides.
    ///
    /// ```
    /// # use cairn_tls::{ChannelBinding, ChannelBindingError, Reader};
    /// # fn bind(reader: &Reader) -> Result<(), ChannelBindingError> {
    /// let binding = reader.channel_binding(ChannelBinding::TlsExporter)?;
    /// // To GSS-API, SCRAM-SHA-256-PLUS, …
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ChannelBindingError`].
    pub fn channel_binding(&self, binding: ChannelBinding) -> Result<Vec<u8>, ChannelBindingError> {
        let machine = &self.machine;
        match binding {
            ChannelBinding::TlsUnique => machine.tls_unique().map(|bytes| bytes.to_vec()),
            ChannelBinding::TlsExporter => machine.tls_exporter().map(|bytes| bytes.to_vec()),
            ChannelBinding::TlsServerEndPoint => return self.tls_server_end_point(),
        }
        .map_err(ChannelBindingError::Handshake)
    }

    fn tls_server_end_point(&self) -> Result<Vec<u8>, ChannelBindingError> {
        if !self.machine.is_established() {
            return Err(ChannelBindingError::Handshake(Misuse::NotComplete));
        }
        let summary = self.summary().ok_or(ChannelBindingError::SummaryTaken)?;
        match &summary.side {
            SummarySide::Server { tls_server_end_point: hash } => {
                hash.as_deref().map(<[u8]>::to_vec).ok_or(ChannelBindingError::NoCertificate)
            }
            SummarySide::Client { .. } => {
                let chain = summary.peer_chain.as_ref().ok_or(ChannelBindingError::NoCertificate)?;
                let end_entity = chain.end_entity().ok_or(ChannelBindingError::NoCertificate)?;
                let hash = tls_server_end_point(end_entity, self.config.provider());
                hash.map(|hash| hash.as_bytes().to_vec()).map_err(ChannelBindingError::Certificate)
            }
        }
    }
}
