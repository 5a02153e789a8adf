//! The longest ClientHello.

/// The maximum length of a vector with a two-byte length prefix, prefix included.
pub(crate) const VECTOR_16: u32 = 2 + 0xffff;

/// The maximum length of a ClientHello body in bytes (RFC 5246 section 7.4.1.2): version, random, session ID,
/// 32,767 suites, 255 compression methods and 65,535 bytes of extensions.
pub(crate) const LONGEST_CLIENT_HELLO: u32 = 2 + 32 + 33 + (VECTOR_16 - 1) + 256 + VECTOR_16;
