//! Delegated credentials: keys that sign in place of the key of an end-entity certificate, for at most seven
//! days (RFC 9345).
//!
//! The holder of a certificate with the DelegationUsage extension issues them itself, without its authority:
//! [`Delegation::issue`] signs one with the key of the certificate, which can stay offline. [`verify`] checks
//! one that a peer presents with its chain, after the chain has been verified.
//!
//! ```
//! use cairn_crypto::KeySpec;
//! use cairn_wire::{Decode, DelegatedCredential};
//! use cairn_x509::{
//!     delegated_credential::{Delegation, Holder, verify},
//!     issue::Template,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let provider = cairn_provider_aws_lc::provider();
//! let (from, now, until) = (1_700_000_000, 1_750_000_000, 1_800_000_000);
//! let server = Template::server("example.test").dns("example.test").valid(from, until).delegation_usage();
//! let server = server.self_signed(&provider, KeySpec::EcP256)?;
//!
//! let pkcs8 = provider.keys.generate(KeySpec::Ed25519, &mut provider.rng())?;
//! let key = provider.keys.load(cairn_crypto::PrivateKeyDer::Pkcs8(pkcs8.expose()))?;
//! let delegation = Delegation::for_key(Holder::Server, &*key, now + 86_400)?;
//! let issued = delegation.issue(server.certificate(), &**server.signing_key(), &provider, now)?;
//!
//! let credential = DelegatedCredential::decode_exact(&issued)?;
//! let delegated = verify(&credential, server.certificate(), Holder::Server, &provider, now)?;
//! assert_eq!(&delegated.public_key, key.public_key());
//! # Ok(())
//! # }
//! ```

pub(crate) mod error;
mod issue;
mod verify;

pub use error::DelegationError;
pub use issue::{DelegateError, Delegation};
pub use verify::{DelegatedKey, Holder, MAX_VALIDITY, verify};

#[cfg(test)]
mod tests;
