//! Signing keys in PKCS #11 tokens: HSMs, smart cards, and other devices with a PKCS #11 module.
//!
//! [`Pkcs11Key`] is a private key in a token, with the certificate that it belongs to. It implements
//! [`SigningKey`](cairn_crypto::SigningKey), so every connection of `cairn-tls` can sign with it. The key
//! never leaves the token.
//!
//! # A server
//!
//! ```no_run
//! use cairn_pkcs11::{KeyOptions, Pkcs11Key, Uri};
//! use cairn_tls::{ServerConfig, Stream, default_provider, x509::pem};
//! use std::{io::Write, net::TcpListener, sync::Arc};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let chain = pem::certificates(&std::fs::read("cert.pem")?)?;
//!     let chain: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
//!     let uri: Uri = "pkcs11:token=web;object=server\
//!         ?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=/run/secrets/pin".parse()?;
//!     let options = KeyOptions::default().on_failure(|error| eprintln!("no signature: {error}"));
//!     let certificate = chain.first().ok_or("no certificate")?;
//!     let key = Pkcs11Key::open(&uri, certificate, &default_provider(), options)?;
//!
//!     let config = ServerConfig::builder().credential(&chain, Arc::new(key))?.build()?;
//!     let (tcp, _) = TcpListener::bind("127.0.0.1:8443")?.accept()?;
//!     let mut tls = Stream::server(&config, tcp)?;
//!     tls.write_all(b"signed in a token\n")?;
//!     tls.close()?;
//!     Ok(())
//! }
//! ```
//!
//! Without a URI, the steps are [`Module::load`], [`Module::token`] and [`Token::key`].
//!
//! # Async connections
//!
//! The thread of a [`SigningKey`](cairn_crypto::SigningKey) waits for the token. With the feature `tokio`,
//! `Signer` signs on tokio's threads for blocking calls, and only the connection that needs the signature
//! waits:
//!
//! ```no_run
//! # #[cfg(feature = "tokio")]
//! # mod example {
//! use cairn_pkcs11::{Pkcs11Key, Signer};
//! use cairn_tokio::{TlsAcceptor, tls::{ConfigError, ServerConfig}};
//!
//! fn acceptor(key: Pkcs11Key, chain: &[&[u8]]) -> Result<TlsAcceptor, ConfigError> {
//!     let signer = Signer::new(key);
//!     let config = ServerConfig::builder().credential_value(signer.credential(chain)?)?.build()?;
//!     Ok(TlsAcceptor::new(config).answerer(signer))
//! }
//! # }
//! ```
//!
//! # Signature schemes
//!
//! | key | schemes | mechanism |
//! |---|---|---|
//! | RSA | RSASSA-PSS with SHA-256, SHA-384, SHA-512 | `CKM_RSA_PKCS_PSS` |
//! | RSA | RSASSA-PKCS1-v1_5 with SHA-256, SHA-384, SHA-512 | `CKM_RSA_PKCS` |
//! | EC on P-256, P-384, P-521 | ECDSA with SHA-256, SHA-384, SHA-512 | `CKM_ECDSA` |
//! | Ed25519 | Ed25519 | `CKM_EDDSA` |
//!
//! A key has those schemes whose mechanism the token lists for signatures, and that CKA_ALLOWED_MECHANISMS
//! of the key permits. The provider computes the hashes, except for keys that require the PIN for each
//! signature: see the next section.
//!
//! # PINs
//!
//! After the token has refused a PIN, the [`Token`] does not try it again, because wrong PINs lock tokens.
//! It also leaves the last attempt that a token permits to a person. The PIN is kept in memory for later
//! logins, zeroized when it is dropped, and never printed.
//!
//! A key of a smart card can require the PIN for each signature (`CKA_ALWAYS_AUTHENTICATE`). It gets the PIN
//! after C_SignInit, also for the signature that is checked when the key is opened, and signs one message at
//! a time. With a keypad, a person enters the PIN each time. Such a key needs mechanisms that also hash:
//! `CKM_SHA256_RSA_PKCS_PSS`, `CKM_SHA256_RSA_PKCS` or `CKM_ECDSA_SHA256`, or those with SHA-384 or SHA-512.
//! Without one, as for Ed25519, opening it is an error ([`Error::PinForEachSignature`]).
//!
//! # Lost sessions
//!
//! If the token was removed, reset or logged out, a signature opens a new session of the same token, logs
//! in, and checks the key again. It does so once. If the session is lost again, the signature fails.
//!
//! # Processes
//!
//! A module is initialized once for the process and stays so. After `fork`, PKCS #11 requires that the
//! child loads it anew, so open keys after it.
//!
//! A module that is called while the process exits can crash it. So wait for the threads that sign before
//! `main` returns, for example with tokio's `Runtime::shutdown_timeout`.
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `tokio` | `Signer`, for connections of `cairn-tokio` |
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

mod error;
mod filter;
mod find;
mod key;
mod module;
mod pin;
mod pool;
mod scheme;
#[cfg(feature = "tokio")]
mod signer;
mod token;
mod uri;

#[cfg(feature = "tokio")]
pub use self::signer::Signer;
pub use self::{
    error::{CallError, Error, PinError},
    filter::{KeyFilter, TokenFilter},
    key::{KeyOptions, Pkcs11Key},
    module::Module,
    pin::Pin,
    token::Token,
    uri::{Uri, UriError},
};

/// Tests the examples in `README.md`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
