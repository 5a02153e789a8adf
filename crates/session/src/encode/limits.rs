//! The version of the encoding, and its limits.

/// The version of the encoding that [`encode_session`](crate::encode_session) writes and
/// [`decode_session`](crate::decode_session) reads: the first byte. Older versions are refused: version 1
/// lacks the bindings of a session, version 2 counts seconds and has no parts for versions of TLS, and
/// version 3 does not tell a client's session from a server's, and version 5 knows no transport but TCP.
pub const ENCODING_VERSION: u8 = 6;

/// The maximum length of an encoded chain, in bytes of the body of a Certificate message (RFC 5246 section
/// 7.4.2). A session with a longer chain is rejected. The chain is not truncated, because the session would
/// lose the peer's proof of identity.
pub const MAX_CHAIN_LEN: usize = 16 * 1024;

/// The maximum length of a field with a length prefix of one byte.
pub(super) const MAX_8: usize = 255;
