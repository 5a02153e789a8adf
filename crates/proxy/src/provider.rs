//! The cryptography that is compiled.

use cairn_tokio::tls::Provider;

/// The default provider.
///
/// # Errors
/// A message, if no cryptography is compiled.
#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
#[expect(clippy::unnecessary_wraps, reason = "without cryptography there is none")]
pub(crate) fn provider() -> Result<Provider, String> {
    Ok(cairn_tokio::tls::default_provider())
}

/// Reports that there is no provider.
#[cfg(not(any(feature = "aws-lc", feature = "rustcrypto")))]
pub(crate) fn provider() -> Result<Provider, String> {
    Err("this program is built without cryptography: it needs the feature aws-lc or rustcrypto".into())
}
