//! delegated_credential (RFC 9345 section 4.1): the schemes in which a side accepts CertificateVerify under a
//! delegated credential.

use super::{ClientExtensions, signature_algorithms};
use crate::error::HandshakeErrorKind;

/// The registered schemes that the client lists. Empty if it does not send the extension: "if the extension
/// is not present, the server MUST NOT send a delegated credential" (RFC 9345 section 4.1.1).
pub(crate) fn listed(
    extensions: &ClientExtensions<'_>,
) -> Result<signature_algorithms::Schemes, HandshakeErrorKind> {
    let Some(listed) = extensions.delegated_credential else {
        return Ok(signature_algorithms::Schemes::new());
    };
    let schemes: super::Codes<_> = listed.get()?.supported_signature_algorithm.iter().collect();
    Ok(signature_algorithms::registered(&schemes))
}
