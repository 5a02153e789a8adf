//! Extensions.
//!
//! [`Extensions`] is the extension block of a message. Its elements have one type for each message, because
//! the content of an extension depends on the message: [`ClientExtension`] for ClientHello and
//! [`ServerExtension`] for the ServerHello of TLS 1.2; for TLS 1.3 [`Tls13ServerExtension`],
//! [`HelloRetryExtension`], [`EncryptedExtension`], [`CertificateEntryExtension`],
//! [`CertificateRequestExtension`] and [`NewSessionTicketExtension`]. [`ExtensionMessage`] has the table of
//! the extensions that each message of TLS 1.3 may have.

mod block;
mod certificate_selection;
mod certificate_type;
mod client;
mod compress_certificate;
mod cookie;
mod deferred;
mod delegated_credential;
mod empty;
mod key_share;
mod named_group;
mod placement;
mod pre_shared_key;
mod protocol_name;
mod raw;
mod renegotiation_info;
mod sct;
mod server;
mod server_name;
mod signature_algorithms;
mod status_request;
mod supported_versions;
mod ticket_request;
mod tls13;

pub use block::{Extension, Extensions, ExtensionsIter};
pub use certificate_selection::{CertificateAuthorities, OidFilter, OidFilters};
pub use client::ClientExtension;
pub use compress_certificate::CertificateCompressionAlgorithms;
pub use cookie::Cookie;
pub use deferred::Deferred;
pub use delegated_credential::{DelegatedCredential, SignatureSchemeList};
pub use empty::Empty;
pub use key_share::{KeyShareClientHello, KeyShareEntry};
pub use placement::{ExtensionFault, ExtensionMessage, Judgement};
pub use pre_shared_key::{OfferedPsks, PskBinderEntry, PskIdentity, PskKeyExchangeModes};
pub use protocol_name::ProtocolName;
pub use raw::{RawExtension, RawExtensions};
pub use sct::SerializedSct;
pub use server::ServerExtension;
pub use server_name::ServerName;
pub use status_request::{CertificateStatusRequest, OcspStatusRequest, ResponderId};
pub use ticket_request::ClientTicketRequest;
pub use tls13::{
    CertificateEntryExtension, CertificateRequestExtension, EncryptedExtension, HelloRetryExtension,
    NewSessionTicketExtension, Tls13ServerExtension,
};

#[cfg(test)]
mod tests;
