//! The cryptography providers that this build includes.

#[cfg(feature = "aws-lc")]
pub use cairn_provider_aws_lc::quick_provider as default_provider;
#[cfg(all(feature = "aws-lc", feature = "legacy"))]
pub use cairn_provider_aws_lc::with_legacy_signatures;
#[cfg(feature = "rustcrypto")]
pub use cairn_provider_rustcrypto::provider as rustcrypto_provider;
#[cfg(all(feature = "rustcrypto", not(feature = "aws-lc")))]
pub use cairn_provider_rustcrypto::provider as default_provider;
#[cfg(all(feature = "rustcrypto", feature = "legacy", not(feature = "aws-lc")))]
pub use cairn_provider_rustcrypto::with_legacy_signatures;
