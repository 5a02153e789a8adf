//! The limits on the plaintext of records, and when they take effect.

/// The maximum plaintext of a record without negotiation, in bytes: 2^14 (RFC 5246 section 6.2.1).
pub(crate) const MAX_PLAINTEXT: u16 = 1 << 14;

/// The value of record_size_limit to announce for a limit of the policy, with TLS 1.3 or without.
///
/// RFC 8449 section 4: "An endpoint that supports all record sizes can include any limit up to the
/// protocol-defined limit for maximum record size. For TLS 1.2 and earlier, that limit is 2^14 octets. TLS
/// 1.3 uses a limit of 2^14+1 octets." There the value includes the content type. A client that offers both
/// versions announces the greater one, which a server of TLS 1.2 must accept.
pub(crate) fn announced(limit: Option<u16>, tls13: bool) -> Option<u16> {
    limit.map(|limit| if tls13 && limit == MAX_PLAINTEXT { MAX_PLAINTEXT.saturating_add(1) } else { limit })
}

/// The limits of both sides from record_size_limit (RFC 8449).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecordSizeLimits {
    /// The maximum plaintext of records that we receive with the keys of this handshake, in bytes, as we have
    /// stated it. In TLS 1.3 it includes the content type and padding.
    pub ours: u16,
    /// The same of records that we send, as stated by the peer: at least 64, and possibly more than the
    /// version permits.
    pub theirs: u16,
}
