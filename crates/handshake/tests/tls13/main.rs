//! Handshakes of TLS 1.3 between our own client and server (RFC 9846).

mod flows;
mod pair;
mod refusals;
