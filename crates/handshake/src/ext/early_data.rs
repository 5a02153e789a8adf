//! early_data (RFC 9846 section 4.3.10): the client sends application data in its first flight.

use super::ClientExtensions;
use crate::error::HandshakeErrorKind;

/// Whether the client has sent early data, or will.
pub(crate) fn is_offered(extensions: &ClientExtensions<'_>) -> Result<bool, HandshakeErrorKind> {
    match extensions.early_data {
        Some(extension) => Ok(extension.get().map(|_| true)?),
        None => Ok(false),
    }
}
