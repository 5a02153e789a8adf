//! The parts of TLS 1.2 that both roles use: the negotiated parameters, the handshake after the master
//! secret is known, and the checks of a renegotiation against the handshake before it (RFC 5246 section 7.3,
//! RFC 5746).

pub(crate) mod connection;
pub(crate) mod established;
pub(crate) mod negotiated;
pub(crate) mod renegotiation;
pub(crate) mod secrets;
pub(crate) mod secured;
