//! tls_cert_with_extern_psk (RFC 8773): a certificate and an external PSK in one handshake.

use super::{ClientExtensions, early_data, pre_shared_key};
use crate::error::HandshakeErrorKind;
use crate::policy::ExternalPskUse;
use cairn_wire::{ClientHello, ExtensionType, PskKeyExchangeMode};

/// Whether the client offers to use an external PSK together with certificates, and with what the extension
/// must come with. It is ignored unless the policy uses external PSKs in this way.
pub(crate) fn is_offered(
    hello: &ClientHello<'_>,
    extensions: &ClientExtensions<'_>,
    policy: ExternalPskUse,
) -> Result<bool, HandshakeErrorKind> {
    let content = extensions.tls_cert_with_extern_psk.filter(|_| policy == ExternalPskUse::WithCertificate);
    let Some(content) = content else { return Ok(false) };
    content.get()?;
    // RFC 8773 section 4: "If the client includes both the "tls_cert_with_extern_psk" extension and the
    // "early_data" extension, then the server MUST terminate the connection with an "illegal_parameter"
    // alert."
    if early_data::is_offered(extensions)? {
        return Err(HandshakeErrorKind::EarlyDataWithCertificate);
    }
    // "The "tls_cert_with_extern_psk" extension MUST be accompanied by the "key_share",
    // "psk_key_exchange_modes", and "pre_shared_key" extensions."
    if pre_shared_key::offered(hello, extensions)?.is_none() {
        return Err(HandshakeErrorKind::MissingExtension(ExtensionType::PRE_SHARED_KEY));
    }
    if extensions.key_share.is_none() {
        return Err(HandshakeErrorKind::MissingExtension(ExtensionType::KEY_SHARE));
    }
    // Section 5.1: "clients MUST include psk_dhe_ke mode."
    let modes = pre_shared_key::modes(extensions)?;
    if modes.is_none_or(|modes| !modes.contains(&PskKeyExchangeMode::PSK_DHE_KE)) {
        return Err(HandshakeErrorKind::PskModesWithoutKeyExchange);
    }
    Ok(true)
}
