//! Certificates for TLS: reading them, judging a peer's chain, and making some for demos and tests.
//!
//! | module | what it answers |
//! |---|---|
//! | [`pem`] | which certificates and which key a file holds |
//! | [`name`] | whom we mean to talk to |
//! | [`facts`] | what a certificate says, for choosing suites and for people to read |
//! | [`trust`] | whom we trust |
//! | [`verify`] | whether a peer's chain leads there, for this name and this time |
//! | [`ocsp`] | whether a certificate was revoked, by what its server stapled |
//! | [`crl`] | the same, by lists from files |
//! | [`raw_key`] | keys in place of certificates |
//! | [`credential`] | whether a private key belongs to a certificate |
//! | [`end_point`] | the channel binding `tls-server-end-point` of a server's certificate |
//! | [`issue`] | new certificates |
//!
//! Signatures are made and checked by a [`cairn_crypto::Provider`]; time comes in as an argument, in seconds since
//! 1970; nothing is global. Paths are built and checked as RFC 5280 section 6 has it.
//!
//! # Example
//!
//! A certification authority, a server certificate from it, and a client that checks it:
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
pub mod credential;
pub mod crl;
mod der_out;
mod dn;
pub mod end_point;
mod error;
pub mod facts;
mod general_name;
mod hostname;
pub mod issue;
pub mod name;
pub mod ocsp;
mod oid;
mod path;
pub mod pem;
mod place;
pub mod raw_key;
mod read;
mod terms;
#[cfg(test)]
mod testing;
mod time;
mod tlv;
pub mod trust;
pub mod verify;

pub use credential::check_key;
pub use crl::{CrlError, CrlPolicy, Crls, StaleCrl, UnknownStatus};
pub use end_point::{EndPointError, tls_server_end_point};
pub use error::CertificateError;
pub use facts::{CertificateFacts, KeyUsage, certifies, issuer_name};
pub use name::ServerName;
pub use ocsp::{OcspError, Stapling};
pub use pem::PrivateKey;
pub use place::{ChainError, Field, Oid, Position};
pub use trust::Roots;
pub use verify::{ChainVerifier, VerifiedPeer};
