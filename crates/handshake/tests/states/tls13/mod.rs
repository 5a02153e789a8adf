//! TLS 1.3, with the figures of RFC 9846.

pub mod explore;
pub mod model;
pub mod run;
pub mod sides;
