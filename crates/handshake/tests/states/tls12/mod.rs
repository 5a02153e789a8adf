//! TLS 1.2, with the figures of RFC 5246.

pub mod explore;
pub mod model;
pub mod run;
pub mod sides;
