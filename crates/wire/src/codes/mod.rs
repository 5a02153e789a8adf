//! Code points: one type for each TLS registry.
//!
//! A code point is a number with named constants rather than an `enum`. It can have any value, so unknown,
//! reserved and GREASE (RFC 8701) values are preserved. `Display` and `Debug` print the registered name or,
//! for other values, the number in hexadecimal.

mod cipher_suite;
mod extension_type;
mod key_exchange;
mod named_group;
mod protocol;
mod registry;
mod signature_scheme;
mod small;

pub use cipher_suite::CipherSuite;
pub use extension_type::ExtensionType;
pub use key_exchange::{KeyAgreement, KeyExchangeAlgorithm, KeyExchangeParts};
pub use named_group::NamedGroup;
pub use protocol::{AlertDescription, AlertLevel, ContentType, HandshakeType, ProtocolVersion};
pub(crate) use registry::CodePoint;
pub use signature_scheme::SignatureScheme;
pub use small::{
    CertificateCompressionAlgorithm, CertificateStatusType, CertificateType, ClientCertificateType,
    CompressionMethod, EcCurveType, EcPointFormat, MaxFragmentLengthCode, NameType, PskKeyExchangeMode,
};

#[cfg(test)]
mod tests;
