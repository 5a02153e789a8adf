//! The output of a connection.

use crate::error::ProtectionError;
use crate::keys::{DirectionKeys, Keys, one_rtt::OneRttKeys, update::OneRttSecrets};
use crate::level::Level;
use crate::version::Version;
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_crypto::Provider;
use cairn_handshake::{NotResumed, Session};
use cairn_schedule::tls13::TrafficSecret;
use cairn_wire::SessionId;
use core::fmt;

/// The output of a connection, in order: [`Connection::poll_event`](super::Connection::poll_event).
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// Send these bytes in CRYPTO frames of this level, after those of earlier events of the level.
    Crypto {
        /// The level.
        level: Level,
        /// The bytes, which continue the CRYPTO stream of the level.
        bytes: Vec<u8>,
    },
    /// The keys of 0-RTT packets. A client protects its early data with them until it has the keys of 1-RTT
    /// packets, and a server opens it.
    EarlyDataKeys(Box<EarlyDataKeys>),
    /// The keys of Handshake packets.
    HandshakeKeys(Box<Keys>),
    /// The secrets of 1-RTT packets. A server gets them with its Finished, and can send before the handshake
    /// is complete. Neither side may open 1-RTT packets before [`Event::Complete`] (RFC 9001 section 5.7).
    OneRtt(Box<OneRtt>),
    /// The transport parameters of the peer. They are authentic once the handshake is complete (RFC 9001
    /// section 8.2).
    TransportParameters(Arc<[u8]>),
    /// The server does not accept our early data: send it again, if it still makes sense, and forget the
    /// state that it has created (RFC 9001 section 4.6.2).
    EarlyDataRejected,
    /// A session is available and not resumed, for this reason.
    NotResumed(NotResumed),
    /// The handshake is complete (RFC 9001 section 4.1.1). In a server it is confirmed too: send
    /// HANDSHAKE_DONE (section 4.1.2).
    Complete,
    /// Store this session, because the configuration has the caller store sessions.
    SaveSession(Arc<Session>),
    /// Remove this session, because the configuration has the caller store sessions.
    ForgetSession(SessionId),
}

/// The keys of 0-RTT packets.
#[derive(Debug)]
#[non_exhaustive]
pub struct EarlyDataKeys {
    /// The keys. They protect what the client sends.
    pub keys: DirectionKeys,
    /// In a client, the settings of the connection that issued the ticket. They apply to the early data.
    pub remembered: Option<Remembered>,
}

/// The settings of an earlier connection, which apply to early data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Remembered {
    /// The transport parameters of the server. Those that RFC 9000 section 7.4.1 lists apply.
    pub transport_parameters: Arc<[u8]>,
    /// The application protocol.
    pub alpn: Option<Arc<[u8]>>,
}

/// The first traffic secrets of 1-RTT packets.
pub struct OneRtt {
    pub(super) provider: Arc<Provider>,
    pub(super) version: Version,
    pub(super) local: TrafficSecret,
    pub(super) remote: TrafficSecret,
}

impl OneRtt {
    /// The keys with all rules of key updates and usage limits (RFC 9001 section 6).
    ///
    /// # Errors
    /// [`ProtectionError`] if the provider fails or lacks an algorithm.
    pub fn keys(&self) -> Result<OneRttKeys, ProtectionError> {
        OneRttKeys::new(&self.provider, self.version, &self.local, &self.remote)
    }

    /// The first keys, and the secrets of later ones, for a transport that keeps account of key updates
    /// itself.
    ///
    /// # Errors
    /// As [`OneRtt::keys`].
    pub fn secrets(&self) -> Result<(Keys, OneRttSecrets), ProtectionError> {
        OneRttSecrets::new(&self.provider, self.version, &self.local, &self.remote)
    }
}

impl fmt::Debug for OneRtt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OneRtt({}, {})", self.version, self.local.suite().id)
    }
}
