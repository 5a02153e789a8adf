//! The value of [`cairn_crypto::Algorithm::implementation`].

/// The name of the AWS-LC implementations.
pub(crate) const NAME: &str = "AWS-LC";
