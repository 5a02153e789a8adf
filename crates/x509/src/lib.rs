//! Certificates for TLS: parsing, chain verification, and issuing for demos and tests.
//!
//! | module | contents |
//! |---|---|
//! | [`pem`] | certificates and private keys in files |
//! | [`name`] | the name of the server to connect to |
//! | [`facts`] | the contents of a certificate, for choosing suites and for display |
//! | [`trust`] | trusted roots |
//! | [`verify`] | verification of a peer's chain for a name, a purpose and a time |
//! | [`ocsp`] | revocation status by stapled OCSP responses |
//! | [`crl`] | revocation status by CRLs from files |
//! | [`delegated_credential`] | keys that sign in place of a certificate's key for a few days |
//! | [`raw_key`] | raw public keys in place of certificates |
//! | [`credential`] | check that a private key belongs to a certificate |
//! | [`end_point`] | the channel binding `tls-server-end-point` of a server's certificate |
//! | [`issue`] | issuing certificates for demos and tests |
//!
//! A [`cairn_crypto::Provider`] makes and checks signatures. Time is an argument, in seconds since 1970.
//! There is no global state. Paths are built and validated according to RFC 5280 section 6.
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `std` (default) | reading files; keys of authorities are loaded once |
//! | `issue` (default) | [`issue`] |
//! | `platform-roots` | `Roots::add_platform`: the roots of the operating system |
//!
//! # Example
//!
//! A certification authority, a server certificate that it issued, and a client that verifies the
//! certificate:
//!
//! ```
//! use cairn_crypto::KeySpec;
//! use cairn_x509::{issue::Template, name::ServerName, trust::Roots, verify::ChainVerifier};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let provider = cairn_provider_aws_lc::provider();
//! let (from, now, until) = (1_700_000_000, 1_750_000_000, 1_800_000_000);
//!
//! let ca = Template::authority("Example CA").valid(from, until).self_signed(&provider, KeySpec::EcP256)?;
//! let server = Template::server("example.test").dns("example.test").valid(from, until);
//! let server = server.issue(&provider, KeySpec::EcP256, &ca)?;
//!
//! let mut roots = Roots::new();
//! roots.add_pem(ca.certificate_pem().as_bytes())?;
//! let verifier = ChainVerifier::new(&provider, roots);
//! let chain: Vec<&[u8]> = server.chain().collect();
//! let peer = verifier.verify_server(&chain, &ServerName::parse("example.test")?, now)?;
//! assert!(peer.key_usage.digital_signature);
//! assert!(verifier.verify_server(&chain, &ServerName::parse("example.org")?, now).is_err());
//! # Ok(())
//! # }
//! ```
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod algorithms;
mod authority_keys;
mod certificate;
pub mod credential;
pub mod crl;
pub mod delegated_credential;
mod dn;
pub mod end_point;
mod error;
pub mod facts;
mod general_name;
mod hostname;
#[cfg(any(feature = "issue", test))]
pub mod issue;
pub mod name;
pub mod ocsp;
mod oid;
mod path;
pub mod pem;
mod place;
pub mod raw_key;
mod read;
mod strength;
#[cfg(test)]
mod testing;
mod time;
mod tlv;
pub mod trust;
mod usage;
mod verifiers;
pub mod verify;

pub use credential::check_key;
pub use crl::{CrlError, CrlPolicy, Crls, StaleCrl, UnknownStatus};
pub use delegated_credential::{DelegatedKey, Delegation, DelegationError, Holder};
pub use end_point::{EndPointError, tls_server_end_point};
pub use error::CertificateError;
pub use facts::{CertificateFacts, KeyUsage, certifies, issuer_name};
pub use name::ServerName;
pub use ocsp::{OcspError, Stapling};
pub use pem::PrivateKey;
pub use place::{ChainError, Field, Oid, Position};
pub use trust::Roots;
pub use verify::{ChainVerifier, VerifiedPeer};

/// Tests the examples in `README.md`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
