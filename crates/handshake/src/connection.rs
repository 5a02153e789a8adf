//! The state of a connection that outlives a handshake.

use crate::{
    error::{HandshakeErrorKind, Misuse},
    flight::Out,
    time::UnixTime,
    tls12::{established::Tls12Established, renegotiation::Renegotiations},
};
use cairn_schedule::Epoch;
use cairn_wire::SessionId;

/// The state of a connection that outlives a handshake. Every idle connection holds one.
#[derive(Default)]
pub(crate) struct ConnectionState {
    /// The result of the last complete handshake.
    pub(crate) established: Option<LastHandshake>,
    /// The session that this connection created or resumed.
    pub(crate) session_in_use: SessionId,
    /// The renegotiations of a TLS 1.2 connection.
    pub(crate) renegotiations: Renegotiations,
    /// The latest time that the caller provided.
    pub(crate) now: UnixTime,
}

/// The result of the last complete handshake, by version.
pub(crate) enum LastHandshake {
    /// Of TLS 1.2.
    Tls12(Tls12Established),
}

impl ConnectionState {
    /// Whether the first handshake is complete.
    pub(crate) const fn is_complete(&self) -> bool {
        self.established.is_some()
    }

    /// The result of the last complete handshake, if it was one of TLS 1.2: what a renegotiation must agree
    /// with.
    pub(crate) const fn tls12(&self) -> Option<&Tls12Established> {
        match &self.established {
            Some(LastHandshake::Tls12(last)) => Some(last),
            None => None,
        }
    }

    /// Checks that another renegotiation is possible.
    pub(crate) const fn check_renegotiation(&self, limit: u8) -> Result<(), Misuse> {
        self.renegotiations.check(self.tls12(), limit)
    }

    /// Refuses a renegotiation that the peer requests: see [`Renegotiations::refuse`].
    pub(crate) fn refuse_renegotiation(
        &mut self,
        limit: u8,
        out: &mut Out<'_>,
    ) -> Result<(), HandshakeErrorKind> {
        let Self { established, renegotiations, .. } = self;
        let secure = match established {
            Some(LastHandshake::Tls12(last)) => last.is_secure(),
            None => false,
        };
        renegotiations.refuse(secure, limit, out)
    }

    /// The epoch of the keys of the next TLS 1.2 handshake.
    pub(crate) fn next_epoch(&self) -> Result<Epoch, HandshakeErrorKind> {
        let current = self.tls12().map_or(Epoch::Initial, Tls12Established::epoch);
        current.next_application().ok_or(HandshakeErrorKind::TooManyHandshakes)
    }
}
