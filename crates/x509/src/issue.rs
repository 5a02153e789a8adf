//! Issues certificates for demos and tests.
//!
//! A [`Template`] describes a certificate. Signing it yields an [`Identity`]: the certificate with its
//! private key and its chain. The certificates comply with RFC 5280, but issued certificates are not recorded
//! and cannot be revoked. Do not run a real certification authority with it.
//!
//! ```
//! use cairn_crypto::KeySpec;
//! use cairn_x509::issue::Template;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let provider = cairn_provider_aws_lc::provider();
//! let local = Template::server("localhost").dns("localhost").ip([127, 0, 0, 1].into());
//! let local = local.valid(1_700_000_000, 1_800_000_000).self_signed(&provider, KeySpec::EcP256)?;
//! assert!(local.certificate_pem().starts_with("-----BEGIN CERTIFICATE-----"));
//! assert!(local.key().to_pem().starts_with("-----BEGIN PRIVATE KEY-----"));
//! # Ok(())
//! # }
//! ```

mod certificate;
mod error;
mod identity;
mod names;
mod ocsp;
mod request;
mod sign;
mod subject;
mod subtree;
mod template;

pub use error::IssueError;
pub use identity::Identity;
pub use ocsp::OcspTemplate;
pub use request::CertificateRequest;
pub use subtree::Subtree;
pub use template::Template;

#[cfg(test)]
mod tests;
