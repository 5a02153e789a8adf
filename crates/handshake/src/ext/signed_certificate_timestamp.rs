//! signed_certificate_timestamp (RFC 6962 section 3.3.1): evidence that the server's certificate was
//! submitted to public logs.
//!
//! The client requests it and the server responds with its timestamps, in full handshakes only.
//! [`crate::Question::VerifyPeer`] decides which logs count and whether the timestamps are valid.

use super::{ClientExtensions, ServerExtensions};
use alloc::vec::Vec;
use cairn_wire::{ClientExtension, List, SerializedSct, ServerExtension};

/// The client's offer.
pub(crate) const fn offer() -> ClientExtension<'static> {
    ClientExtension::SignedCertificateTimestamp
}

/// Whether the client requests timestamps.
pub(crate) fn requested(extensions: &ClientExtensions<'_>) -> bool {
    extensions.signed_certificate_timestamp
}

/// The server's response.
pub(crate) fn response<'a>(timestamps: &'a [SerializedSct<'a>]) -> Option<ServerExtension<'a>> {
    (!timestamps.is_empty())
        .then(|| ServerExtension::SignedCertificateTimestamp(List::from_items(timestamps)))
}

/// The timestamps that the server sent.
pub(crate) fn received(extensions: &ServerExtensions<'_>) -> Vec<Vec<u8>> {
    extensions
        .signed_certificate_timestamp
        .map(|timestamps| timestamps.iter().map(|timestamp| timestamp.0.to_vec()).collect())
        .unwrap_or_default()
}
