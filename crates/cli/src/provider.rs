//! The cryptography that this program was built with.

use crate::failure::Failure;
use cairn_tls::Provider;

/// The provider of every connection here.
#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
#[expect(clippy::unnecessary_wraps, reason = "without either feature there is none")]
pub(crate) fn provider() -> Result<Provider, Failure> {
    Ok(cairn_tls::default_provider())
}

/// There is none.
#[cfg(not(any(feature = "aws-lc", feature = "rustcrypto")))]
pub(crate) fn provider() -> Result<Provider, Failure> {
    use crate::failure::Code;
    Err(Failure::new(
        Code::Local,
        "this program was built without cryptography (features aws-lc, rustcrypto)",
    ))
}
