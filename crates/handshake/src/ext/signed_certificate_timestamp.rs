//! signed_certificate_timestamp (RFC 6962 section 3.3.1): the server shows that its certificate is in public logs.
//!
//! The client asks for it, and the server answers with what it has. Which logs count, and whether the timestamps are good,
//! is for [`crate::Question::VerifyPeer`]. A resumed session has settled that before: there the server does not answer.

use super::{ClientExtensions, ServerExtensions};
use alloc::vec::Vec;
use cairn_wire::{ClientExtension, List, SerializedSct, ServerExtension};

/// What a client offers.
pub(crate) const fn offer() -> ClientExtension<'static> {
    ClientExtension::SignedCertificateTimestamp
}

/// Whether the client asks.
pub(crate) fn requested(extensions: &ClientExtensions<'_>) -> bool {
    extensions.signed_certificate_timestamp
}

/// What a server answers.
pub(crate) fn answer<'a>(timestamps: &'a [SerializedSct<'a>]) -> Option<ServerExtension<'a>> {
    (!timestamps.is_empty())
        .then(|| ServerExtension::SignedCertificateTimestamp(List::from_items(timestamps)))
}

/// What the server sent.
pub(crate) fn received(extensions: &ServerExtensions<'_>) -> Vec<Vec<u8>> {
    extensions
        .signed_certificate_timestamp
        .map(|timestamps| timestamps.iter().map(|timestamp| timestamp.0.to_vec()).collect())
        .unwrap_or_default()
}
