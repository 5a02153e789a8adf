//! The key schedule of TLS 1.3 (RFC 9846 section 7).
//!
//! The secrets are moving types: [`EarlySecret`] → [`HandshakeSecret`] → [`MainSecret`]. Each step consumes
//! the secret before it, and each type gives only the secrets that exist at its stage:
//!
//! | type | gives |
//! |---|---|
//! | [`PskSecret`] | the binder, [`EarlyTrafficSecret`], [`EarlyExporterSecret`], and [`EarlySecret`] |
//! | [`EarlySecret`] | [`HandshakeSecret`] |
//! | [`HandshakeSecret`] | [`HandshakeTrafficSecret`] of both sides, and [`MainSecret`] |
//! | [`MainSecret`] | [`ApplicationTrafficSecret`] of both sides, [`ExporterSecret`], [`ResumptionSecret`] |
//! | a traffic secret | [`Tls13Keys`] for the record layer, and Finished where the stage has one |
//!
//! The transcript has stages too: [`ClientHelloTranscript`], then [`Transcript`], with [`RetryTranscript`]
//! between them if there is a HelloRetryRequest.
//!
//! ```
//! use cairn_crypto::SecretBytes;
//! use cairn_schedule::Side;
//! use cairn_schedule::tls13::{ClientHelloTranscript, EarlySecret, Kdf, suite};
//! use cairn_wire::CipherSuite;
//!
//! # fn main() -> Result<(), cairn_schedule::ScheduleError> {
//! # let [client_hello, server_hello, shared_secret] = [[1; 64], [2; 64], [3; 64]];
//! let provider = cairn_provider_aws_lc::provider();
//! let suite = suite(CipherSuite::TLS_AES_128_GCM_SHA256).unwrap();
//! let kdf = Kdf::new(&provider, suite.hash)?;
//!
//! let mut transcript = ClientHelloTranscript::new(client_hello.to_vec()).into_transcript(&kdf)?;
//! transcript.add(&server_hello)?;
//!
//! let secret = EarlySecret::without_psk(&kdf).into_handshake_secret(Some(&shared_secret))?;
//! let traffic = secret.traffic_secrets(&transcript.hash()?)?;
//! let server_writes = traffic.server.keys(suite)?;
//! assert_eq!(server_writes.key().len(), 16);
//!
//! // … EncryptedExtensions, Certificate, CertificateVerify …
//! let verify_data = traffic.of(Side::Server).verify_data(&transcript.hash()?)?;
//! assert_eq!(verify_data.as_bytes().len(), 32);
//! # Ok(()) }
//! ```
//!
//! Labels contain the word "master" where the text says "main": RFC 9846 section 7.1, "The key derivation
//! labels use the string "master" even though the values are referred to as "main" secrets."

mod constants;
mod early;
mod exporter;
mod handshake;
mod imported;
mod kdf;
mod keys;
mod label;
mod main_secret;
mod psk;
mod sides;
mod suites;
#[cfg(test)]
mod tests;
mod traffic;
mod transcript;
mod truncated;
mod verify_data;

pub use early::{EarlySecret, PskSecret};
pub use exporter::{EarlyExporterSecret, ExporterSecret};
pub use handshake::HandshakeSecret;
pub use imported::{ExternalPsk, ImportedPsk, TargetKdf};
pub use kdf::Kdf;
pub use keys::{IV_LEN, Tls13Keys};
pub use label::{MAX_CONTEXT_LEN, MAX_LABEL_LEN, expand_label};
pub use main_secret::{MainSecret, ResumptionSecret};
pub use psk::{Psk, PskKind};
pub use sides::Sides;
pub use suites::{SUITES, Tls13Suite, suite};
pub use traffic::{ApplicationTrafficSecret, EarlyTrafficSecret, HandshakeTrafficSecret, TrafficSecret};
pub use transcript::{ClientHelloTranscript, RetryTranscript, Transcript};
pub use truncated::TruncatedHello;
pub use verify_data::{Binder, VerifyData};
