//! Channel bindings: what an authentication inside of the connection is tied to the connection by (RFC 5056).

use super::Reader;
use alloc::vec::Vec;
use cairn_handshake::Misuse;
use cairn_schedule::Side;
use cairn_x509::{EndPointError, tls_server_end_point};
use core::fmt;

/// A channel binding: bytes that both ends of a connection have, and nobody in between can bring about on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChannelBinding {
    /// `tls-unique`: the first Finished of the latest handshake, 12 bytes (RFC 5929 section 3). It is another after a
    /// renegotiation.
    TlsUnique,
    /// `tls-server-end-point`: the hash of the server's certificate (RFC 5929 section 4). It tells servers apart, not
    /// connections.
    TlsServerEndPoint,
    /// `tls-exporter`: keying material of the connection, 32 bytes (RFC 9266).
    TlsExporter,
}

impl ChannelBinding {
    /// Its name in the registry of channel bindings.
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

/// Why a connection does not have a channel binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChannelBindingError {
    /// The handshake is not complete, or it has no extended master secret: then a server in between can give two
    /// connections, one to each side, the same master secret and the same Finished (the triple handshake, RFC 7627
    /// section 1), so that `tls-unique` and `tls-exporter` bind nothing.
    Handshake(Misuse),
    /// What was negotiated has been taken out, and the certificate with it: see [`Reader::take_summary`].
    SummaryTaken,
    /// The server showed no certificate, or the server does not know the binding of its own: its signature has no hash
    /// (Ed25519), or the session was made where the credential did not say it.
    NoCertificate,
    /// The server's certificate has no such binding.
    Certificate(EndPointError),
}

impl fmt::Display for ChannelBindingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handshake(misuse) => misuse.fmt(f),
            Self::SummaryTaken => f.write_str("the server's certificate was taken out of the connection"),
            Self::NoCertificate => f.write_str(
                "the server showed no certificate, or one whose signature has no hash, for which tls-server-end-point is not defined (RFC 5929 section 4.1)",
            ),
            Self::Certificate(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ChannelBindingError {}

impl Reader {
    /// A channel binding of this connection. Both ends have the same.
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
            ChannelBinding::TlsServerEndPoint => return self.server_end_point(),
        }
        .map_err(ChannelBindingError::Handshake)
    }

    fn server_end_point(&self) -> Result<Vec<u8>, ChannelBindingError> {
        if !self.machine.is_established() {
            return Err(ChannelBindingError::Handshake(Misuse::NotComplete));
        }
        let summary = self.summary().ok_or(ChannelBindingError::SummaryTaken)?;
        match summary.side {
            Side::Server => {
                summary.end_point.as_deref().map(<[u8]>::to_vec).ok_or(ChannelBindingError::NoCertificate)
            }
            Side::Client => {
                let chain = summary.peer_chain.as_ref().ok_or(ChannelBindingError::NoCertificate)?;
                let end_entity = chain.end_entity().ok_or(ChannelBindingError::NoCertificate)?;
                let hash = tls_server_end_point(end_entity, self.role.provider());
                hash.map(|hash| hash.as_bytes().to_vec()).map_err(ChannelBindingError::Certificate)
            }
        }
    }
}
