//! The parts of TLS 1.3 that both roles use.

pub(crate) mod certificate;
pub(crate) mod compressed_certificate;
pub(crate) mod connection;
pub(crate) mod finished;
pub(crate) mod negotiated;
pub(crate) mod post_handshake;
pub(crate) mod secrets;
pub(crate) mod tickets;
pub(crate) mod verify;
pub(crate) mod write_keys;
