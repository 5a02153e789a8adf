//! The cryptography provider of this build.

use crate::failure::Failure;
use cairn_tls::{Policy, Provider};

/// The provider of every connection.
#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
#[expect(clippy::unnecessary_wraps, reason = "without either feature there is none")]
pub(crate) fn provider() -> Result<Provider, Failure> {
    Ok(cairn_tls::default_provider())
}

/// This build has no provider.
#[cfg(not(any(feature = "aws-lc", feature = "rustcrypto")))]
pub(crate) fn provider() -> Result<Provider, Failure> {
    use crate::failure::Code;
    Err(Failure::new(
        Code::Local,
        "this program was built without cryptography (features aws-lc, rustcrypto)",
    ))
}

/// The provider for this policy. With [`Policy::Legacy`] it also signs and verifies with SHA-1 and SHA-224,
/// if the program is built with the feature `legacy`.
pub(crate) fn provider_for(policy: Option<Policy>) -> Result<Provider, Failure> {
    let provider = provider()?;
    #[cfg(all(feature = "legacy", any(feature = "aws-lc", feature = "rustcrypto")))]
    if policy == Some(Policy::Legacy) {
        return Ok(cairn_tls::with_legacy_signatures(provider));
    }
    #[cfg(not(all(feature = "legacy", any(feature = "aws-lc", feature = "rustcrypto"))))]
    let _ = policy;
    Ok(provider)
}

/// A provider of this build.
pub(crate) struct Named {
    /// The cargo feature that adds it.
    pub(crate) name: &'static str,
    /// The provider.
    pub(crate) provider: Provider,
}

/// All providers of this build, as in [`provider_for`]; the one that connections use is the first.
pub(crate) fn providers_for(policy: Option<Policy>) -> Result<Vec<Named>, Failure> {
    let name = if cfg!(feature = "aws-lc") { "aws-lc" } else { "rustcrypto" };
    let first = Named { name, provider: provider_for(policy)? };
    #[cfg(all(feature = "aws-lc", feature = "rustcrypto"))]
    {
        let other = Named { name: "rustcrypto", provider: cairn_tls::rustcrypto_provider() };
        Ok(Vec::from([first, other]))
    }
    #[cfg(not(all(feature = "aws-lc", feature = "rustcrypto")))]
    Ok(Vec::from([first]))
}
