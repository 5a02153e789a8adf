//! key_share (RFC 9846 section 4.3.8).

use super::ClientExtensions;
use crate::error::HandshakeErrorKind;
use cairn_wire::{ExtensionType, KeyShareEntry, List};

/// The client's shares. RFC 9846 section 9.2: "If containing a "supported_groups" extension, it MUST also
/// contain a "key_share" extension, and vice versa."
pub(crate) fn offered<'a>(
    extensions: &ClientExtensions<'a>,
) -> Result<List<'a, KeyShareEntry<'a>>, HandshakeErrorKind> {
    let missing = HandshakeErrorKind::MissingExtension(ExtensionType::KEY_SHARE);
    Ok(extensions.key_share.ok_or(missing)?.get()?.client_shares)
}
