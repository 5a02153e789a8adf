//! Captures of networks: the connections in them, and their TLS.

mod flows;
mod packets;
#[cfg(test)]
mod testing;
mod tls;
