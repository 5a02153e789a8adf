//! Hello extensions.
//!
//! [`Extensions`] is the extension block of a hello. Its elements are [`ClientExtension`]s or
//! [`ServerExtension`]s, because the content of an extension depends on its sender.

mod block;
mod certificate_type;
mod client;
mod named_group;
mod protocol_name;
mod raw;
mod renegotiation_info;
mod sct;
mod server;
mod server_name;
mod signature_algorithms;
mod status_request;
mod supported_versions;

pub use block::{Extension, Extensions, ExtensionsIter};
pub use client::ClientExtension;
pub use protocol_name::ProtocolName;
pub use raw::{RawExtension, RawExtensions};
pub use sct::SerializedSct;
pub use server::ServerExtension;
pub use server_name::ServerName;
pub use status_request::{CertificateStatusRequest, OcspStatusRequest, ResponderId};

#[cfg(test)]
mod tests;
