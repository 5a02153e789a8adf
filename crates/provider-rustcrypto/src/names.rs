//! The values of [`cairn_crypto::Algorithm::implementation`].

/// The name of the RustCrypto implementations.
pub(crate) const NAME: &str = cairn_provider_parts::NAME;

/// The name of the dalek implementations.
pub(crate) const DALEK: &str = "dalek";
